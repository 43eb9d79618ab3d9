/* SPDX-License-Identifier: Apache-2.0 */
#include "cage.h"

#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>

#define NAMESPACES                                                                                                     \
	(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

/* What came after the 5.10 kernel of Lambda: epoll_pwait2 is 441; the upper end is beyond today's newest call. */
enum { CALL_AFTER_5_10 = 441, CALL_NEWEST = 480 };

static const int refused[] = {
        SCMP_SYS(seccomp),
        SCMP_SYS(ptrace),
        SCMP_SYS(process_vm_readv),
        SCMP_SYS(process_vm_writev),
        SCMP_SYS(pidfd_getfd),
        SCMP_SYS(setns),
        SCMP_SYS(kexec_load),
        SCMP_SYS(kexec_file_load),
        SCMP_SYS(bpf),
        SCMP_SYS(perf_event_open),
        SCMP_SYS(mount),
        SCMP_SYS(umount2),
        SCMP_SYS(pivot_root),
        SCMP_SYS(chroot),
        SCMP_SYS(keyctl),
        SCMP_SYS(add_key),
        SCMP_SYS(request_key),
        SCMP_SYS(init_module),
        SCMP_SYS(finit_module),
        SCMP_SYS(open_by_handle_at),
        SCMP_SYS(fanotify_init),
        SCMP_SYS(kcmp),
};

/* clone3's flags are in memory, where a filter cannot look; libcs fall back to clone on ENOSYS. */
static const int absent[] = {
        SCMP_SYS(io_uring_setup),
        SCMP_SYS(io_uring_enter),
        SCMP_SYS(io_uring_register),
        SCMP_SYS(clone3),
};

static const int refused_prctl[] = {
        PR_SET_NO_NEW_PRIVS,
        PR_SET_SECCOMP,
        PR_SET_NAME,
        PR_SET_PDEATHSIG,
        PR_SET_PTRACER,
};

static void check(int result, const char *what)
{
	if (result < 0) {
		errno = -result;
		cage_die(what);
	}
}

static void refuse_prctl(scmp_filter_ctx filter, int option)
{
	struct scmp_arg_cmp is_option = {
	        .arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = UINT32_MAX, .datum_b = (uint32_t)option};

	check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(prctl), 1, is_option), "prctl rule");
}

/* One rule a bit: a rule compares a masked argument with one value only. */
static void refuse_namespaces(scmp_filter_ctx filter, int call)
{
	for (uint32_t bit = 1; bit; bit <<= 1) {
		if (bit & (uint32_t)NAMESPACES)
			check(seccomp_rule_add(
			              filter, SCMP_ACT_ERRNO(EPERM), call, 1, SCMP_A0(SCMP_CMP_MASKED_EQ, bit, bit)),
			        "namespace rule");
	}
}

void cage_filter_install(const struct cage *cage)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (!filter)
		cage_die("seccomp_init");
	check(seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0), "no_new_privs");
	check(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "int 0x80");
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0), "refused call");
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), absent[i], 0), "absent call");
	for (size_t i = 0; i < sizeof(refused_prctl) / sizeof(refused_prctl[0]); i++)
		refuse_prctl(filter, refused_prctl[i]);
	if (cage->is_prctl_strict)
		refuse_prctl(filter, PR_SET_DUMPABLE);
	refuse_namespaces(filter, SCMP_SYS(unshare));
	refuse_namespaces(filter, SCMP_SYS(clone));
	for (int call = CALL_AFTER_5_10; !cage->is_kernel_current && call <= CALL_NEWEST; call++)
		check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), call, 0), "call after kernel 5.10");
	check(seccomp_load(filter), "seccomp_load");
	seccomp_release(filter);
}
