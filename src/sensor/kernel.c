/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/kernel: calls that are judged by what they are: sockets of unusual families, changes of the sandbox, ways into
 * the kernel that make no further system calls.
 */
#include "sensor/sensor.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define SOCKET_KIND_MASK  0xf /* above are SOCK_CLOEXEC and SOCK_NONBLOCK */
#define SET_USER_DISPATCH 59u /* PR_SET_SYSCALL_USER_DISPATCH, since Linux 5.11 */
#define SECCOMP_FILTER    1u  /* SECCOMP_SET_MODE_FILTER; 0 is the strict mode */
#define NR_IO_URING       425

struct family {
	uint16_t number;
	char name[8];
};

static const struct family families[] = {{AF_INET, "inet"}, {AF_INET6, "inet6"}, {AF_NETLINK, "netlink"},
        {AF_PACKET, "packet"}, {AF_VSOCK, "vsock"}, {AF_ALG, "alg"}};

static void add_family(struct gb_text *text, int family)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (families[i].number == family) {
			gb_text_add_cstr(text, families[i].name);
			return;
		}
	gb_text_add_cstr(text, "family ");
	gb_text_add_u64(text, (uint64_t)(uint32_t)family);
}

/* What every resolver and every list of interfaces uses, and what connect and bind are judged for. */
static bool is_usual(int family, int kind, int protocol)
{
	switch (family) {
	case AF_UNIX: return true;
	case AF_INET: /* SCTP and DCCP connect by other calls, too */
	case AF_INET6: return (kind == SOCK_STREAM || kind == SOCK_DGRAM) && protocol != IPPROTO_SCTP;
	case AF_NETLINK: return protocol == 0; /* NETLINK_ROUTE */
	default: return false;
	}
}

long gb_sensor_handle_socket(struct gb_sensor_frame *frame)
{
	int family = (int)frame->arguments[0], kind = (int)frame->arguments[1] & SOCKET_KIND_MASK;
	int protocol = (int)frame->arguments[2], result;
	struct gb_activity activity = {.kind = GB_ACTIVITY_NET_SOCKET,
	        .address = {.family = GB_ADDRESS_OTHER, .family_number = (uint16_t)family}};
	char name[48];
	struct gb_text text = gb_text_on(name, sizeof(name));

	if (is_usual(family, kind, protocol) || !gb_sensor_is_judging(activity.kind))
		return gb_sensor_run(frame);
	if (kind == SOCK_RAW && (family == AF_INET || family == AF_INET6))
		gb_text_add_cstr(&text, "raw ");
	add_family(&text, family);
	if (family == AF_NETLINK || protocol == IPPROTO_SCTP) {
		gb_text_add_byte(&text, ' ');
		gb_text_add_u64(&text, (uint64_t)(uint32_t)protocol);
	}
	activity.subject = gb_text_span(&text);
	result = gb_sensor_judge(&activity, -EACCES);
	return result < 0 ? result : gb_sensor_run(frame);
}

struct call {
	int16_t number;
	int8_t path; /* argument with a path to report, or -1 */
	char name[18];
};

static const struct call calls[] = {
        {GB_NR_MODIFY_LDT, -1, "modify_ldt"},
        {SYS_pivot_root, 0, "pivot_root"},
        {SYS_chroot, 0, "chroot"},
        {SYS_mount, 1, "mount"},
        {SYS_umount2, 0, "umount"},
        {SYS_init_module, -1, "init_module"},
        {SYS_kexec_load, -1, "kexec_load"},
        {SYS_unshare, -1, "unshare"},
        {SYS_perf_event_open, -1, "perf_event_open"},
        {SYS_open_by_handle_at, -1, "open_by_handle_at"},
        {SYS_setns, -1, "setns"},
        {SYS_finit_module, -1, "finit_module"},
        {SYS_bpf, -1, "bpf"},
        {SYS_userfaultfd, -1, "userfaultfd"},
        {SYS_seccomp, -1, "seccomp"},
        {SYS_prctl, -1, "seccomp"},
        {NR_IO_URING, -1, "io_uring_setup"},
        {428, 1, "open_tree"},
        {429, 3, "move_mount"},
        {430, -1, "fsopen"},
        {432, -1, "fsmount"},
        {442, 1, "mount_setattr"},
};

static const struct call *call_of(long number)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (calls[i].number == number)
			return &calls[i];
	return NULL;
}

/* What the kernel says to a request for io_uring that cannot succeed; a kernel that has it finds the pointer bad. */
static long io_uring_answer(void)
{
	return gb_call3(NR_IO_URING, 0, 0, 0);
}

/* There is nothing to refuse: Lambda's kernel has no io_uring, and newer versions of Node ask for it at each start. */
static long tell_of_absent(const struct gb_activity *activity, long answer)
{
	const struct gb_verdict seen = {.decision = GB_OBSERVE, .input_slot = -1};

	if (gb_sensor_in_force().observes)
		(void)gb_sensor_report(activity, &seen, 0);
	return answer;
}

/* Filters of system calls are filters of the sensor's own, too: one that gives wrong answers makes it see wrong names. */
static bool asks_only(const struct gb_sensor_frame *frame)
{
	uint32_t operation = (uint32_t)frame->arguments[0];

	if (frame->number == SYS_prctl)
		return operation != PR_SET_SECCOMP && operation != SET_USER_DISPATCH;
	return frame->number == SYS_seccomp && operation > SECCOMP_FILTER;
}

/* The process would be asked before each of the sensor's own system calls. */
static long dispatch_to_user(const struct gb_sensor_frame *frame)
{
	const struct gb_activity activity = {
	        .kind = GB_ACTIVITY_KERNEL_ACCESS, .subject = GB_SPAN("PR_SET_SYSCALL_USER_DISPATCH")};
	int result = frame->arguments[1] == 0 ? 0 : gb_sensor_refuse(&activity, GB_R_TAMPER, -EPERM);

	return result < 0 ? result : gb_sensor_run(frame);
}

long gb_sensor_handle_kernel(struct gb_sensor_frame *frame, const struct gb_syscall *row)
{
	struct gb_activity activity = {.kind = (enum gb_activity_kind)row->kind};
	const struct call *call = call_of(frame->number);
	struct gb_sensor_scratch *scratch;
	int result;

	if (call == NULL || asks_only(frame))
		return gb_sensor_run(frame);
	if (frame->number == SYS_prctl && (uint32_t)frame->arguments[0] == SET_USER_DISPATCH)
		return dispatch_to_user(frame);
	if (!gb_sensor_is_judging(activity.kind))
		return gb_sensor_run(frame);
	activity.subject = gb_span_cstr(call->name);
	if (frame->number == NR_IO_URING) {
		long answer = io_uring_answer();

		if (answer == -ENOSYS || answer == -EPERM)
			return tell_of_absent(&activity, answer);
	}
	scratch = gb_sensor_scratch_claim();
	if (scratch == NULL)
		return -ENOMEM;
	if (call->path >= 0 && frame->arguments[call->path] != 0) {
		long n = gb_sensor_copy_string(scratch->raw, GB_SENSOR_PATH_MAX, frame->arguments[call->path]);

		frame->arguments[call->path] = n < 0 ? GB_SENSOR_BAD_POINTER : (long)scratch->raw;
		activity.object = gb_span_of(scratch->raw, n < 0 ? 0 : (size_t)n);
	}
	/* Who may use io_uring asks first, and does without where there is none. */
	result = gb_sensor_judge(&activity, frame->number == NR_IO_URING ? -ENOSYS : -EPERM);
	if (result == 0)
		result = (int)gb_sensor_run(frame);
	gb_sensor_scratch_release(scratch);
	return result;
}
