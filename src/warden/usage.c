/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden/usage: what an invocation uses up that only its parent can measure: processes alive, /tmp, processor time. Looked
 * at a few times a second while an event is in hand and the policy has such a budget.
 */
#include "warden/state.h"

#include "base/format.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOOK_NS       (100ull * 1000000u)
#define STAT_BYTES    1024u
#define LISTING_BYTES 8192u
#define BYTES_A_MIB   (1024u * 1024u)
#define FIELD_PARENT  2u /* of /proc/PID/stat, behind the name, counted from 1 */
#define FIELD_TIMES   12u
#define TIMES         4u

static uint32_t budget_of(const struct gb_warden *warden, enum gb_usage kind)
{
	const struct gb_policy *policy = gb_warden_policy(warden);

	if (policy == NULL || warden_policy_mode(warden, GB_CONTROL_BUDGET) == GB_MODE_OFF)
		return 0;
	return policy->header->guards.budgets[kind];
}

/* MiB in use. */
static uint64_t measure_tmp(void)
{
	struct statfs about;

	if (statfs("/tmp", &about) < 0)
		return 0;
	return (uint64_t)(about.f_blocks - about.f_bfree) * (uint64_t)about.f_bsize / BYTES_A_MIB;
}

/* The decimal digits that S begins with. */
static uint64_t number_of(const char *s)
{
	uint64_t value = 0;

	for (; *s >= '0' && *s <= '9'; s++)
		value = value * 10 + (uint64_t)(*s - '0');
	return value;
}

bool warden_process_read(pid_t pid, struct warden_process *ret_process)
{
	char path[32], text[STAT_BYTES], *at;
	int fd;
	ssize_t n;

	(void)gb_format(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	at = strrchr(text, ')'); /* the name may hold anything */
	*ret_process = (struct warden_process){.pid = pid};
	for (unsigned field = 1; at != NULL && field < FIELD_TIMES + TIMES; field++) {
		uint64_t value;

		at = strchr(at + 1, ' ');
		if (at == NULL)
			return false;
		value = number_of(at + 1);
		if (field == FIELD_PARENT)
			ret_process->parent = (pid_t)value;
		else if (field >= FIELD_TIMES)
			ret_process->ticks += value;
	}
	return at != NULL;
}

/* All processes that can be seen, in /proc's order, which is that of their numbers. */
static size_t list_processes(struct warden_process *processes, size_t cap)
{
	_Alignas(8) char listing[LISTING_BYTES];
	int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t count = 0;
	long n;

	while (fd >= 0 && (n = syscall(SYS_getdents64, fd, listing, sizeof(listing))) > 0)
		for (long at = 0; at < n && count < cap;) {
			const struct dirent64 *entry = (const void *)(listing + at);
			pid_t pid = (pid_t)number_of(entry->d_name);

			at += entry->d_reclen;
			if (pid > 0 && warden_process_read(pid, &processes[count]))
				count++;
		}
	if (fd >= 0)
		(void)close(fd);
	return count;
}

/* Keep the runtime and what descends from it. A child is not always behind its parent: pass until nothing changes. */
static size_t keep_family(const struct gb_warden *warden, struct warden_process *processes, size_t count)
{
	bool is_changed = true;
	size_t kept = 0;

	for (unsigned pass = 0; is_changed && pass < 16; pass++) {
		is_changed = false;
		for (size_t i = 0; i < count; i++) {
			if (processes[i].is_family)
				continue;
			processes[i].is_family = processes[i].pid == warden->runtime || processes[i].parent == getpid();
			for (size_t k = 0; k < count && !processes[i].is_family; k++)
				processes[i].is_family =
				        processes[k].is_family && processes[k].pid == processes[i].parent;
			is_changed |= processes[i].is_family;
		}
	}
	for (size_t i = 0; i < count; i++)
		if (processes[i].is_family)
			processes[kept++] = processes[i];
	return kept;
}

static void report(struct gb_warden *warden, enum gb_activity_kind kind, enum gb_reason reason, struct gb_span subject)
{
	struct gb_ring_record record = {.kind = (uint16_t)kind,
	        .decision = GB_REPORT,
	        .control = GB_CONTROL_BUDGET,
	        .reason = (uint16_t)reason,
	        .input_slot = -1,
	        .pid = (uint32_t)warden->runtime,
	        .subject_n = (uint16_t)subject.n};

	memcpy(record.text, subject.p, subject.n);
	warden_report_finding(warden, &record);
}

/* Set or clear what the sensors refuse by; told once an invocation. */
static void exceed(struct gb_warden *warden, enum gb_usage kind, uint64_t used, const char *unit)
{
	static const struct {
		enum gb_activity_kind kind;
		enum gb_reason reason;
	} facts[_GB_USAGE_MAX] = {[GB_USAGE_CHILDREN] = {GB_ACTIVITY_PROCESS_START, GB_R_BUDGET_CHILDREN},
	        [GB_USAGE_TMP] = {GB_ACTIVITY_FILE_WRITE, GB_R_BUDGET_TMP},
	        [GB_USAGE_CPU] = {GB_ACTIVITY_PROCESS_START, GB_R_BUDGET_CPU}};
	struct gb_segment *segment = warden->options.segment;
	uint32_t budget = budget_of(warden, kind), bit = 1u << kind;
	char buffer[64];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));

	if (budget == 0 || used <= budget) {
		segment->exceeded &= ~bit;
		return;
	}
	segment->exceeded |= bit;
	if ((warden->usage.told & bit) != 0)
		return;
	warden->usage.told |= bit;
	gb_text_add_u64(&text, used);
	gb_text_add_cstr(&text, unit);
	report(warden, facts[kind].kind, facts[kind].reason, gb_text_span(&text));
}

/* The youngest go first: those that a fork bomb has just made. */
static void end_surplus(const struct gb_warden *warden, const struct warden_process *family, size_t count)
{
	uint32_t budget = budget_of(warden, GB_USAGE_CHILDREN);

	if (budget == 0 || warden_policy_mode(warden, GB_CONTROL_BUDGET) != GB_MODE_BLOCK)
		return;
	for (size_t i = count; i > 0 && count - 1 > budget; i--)
		if (family[i - 1].pid != warden->runtime) {
			(void)kill(family[i - 1].pid, SIGKILL);
			count--;
		}
}

static void look(struct gb_warden *warden)
{
	struct warden_process *family = warden->usage.family;
	uint64_t ticks = 0, tmp;
	size_t count = 0;

	if (budget_of(warden, GB_USAGE_CHILDREN) != 0 || budget_of(warden, GB_USAGE_CPU) != 0)
		count = keep_family(warden, family, list_processes(family, WARDEN_PROCESSES_MAX));
	for (size_t i = 0; i < count; i++)
		ticks += family[i].ticks;
	tmp = budget_of(warden, GB_USAGE_TMP) == 0 ? 0 : measure_tmp();
	if (!warden->usage.has_begun) {
		warden->usage.ticks_before = ticks;
		warden->usage.tmp_before = tmp;
		warden->usage.has_begun = true;
	}
	exceed(warden, GB_USAGE_CHILDREN, count == 0 ? 0 : count - 1, " processes");
	exceed(warden, GB_USAGE_CPU,
	        ticks < warden->usage.ticks_before
	                ? 0
	                : (ticks - warden->usage.ticks_before) / (uint64_t)getauxval(AT_CLKTCK),
	        " seconds of processor time");
	exceed(warden, GB_USAGE_TMP, tmp < warden->usage.tmp_before ? 0 : tmp - warden->usage.tmp_before,
	        " MiB in /tmp");
	end_surplus(warden, family, count);
}

static void on_due(void *context)
{
	struct gb_warden *warden = context;

	if (!warden_invocation_is_any(warden))
		return;
	look(warden);
	gb_loop_timer_set(&warden->loop, &warden->usage.timer, LOOK_NS);
}

void warden_usage_begin(struct gb_warden *warden)
{
	struct gb_ring *ring = warden->options.ring;

	for (unsigned kind = 0; kind < _GB_USAGE_MAX; kind++)
		__atomic_store_n(&ring->usage[kind], 0, __ATOMIC_RELAXED);
	warden->options.segment->exceeded = 0;
	warden->usage.told = 0;
	warden->usage.has_begun = false;
	if (budget_of(warden, GB_USAGE_CHILDREN) == 0 && budget_of(warden, GB_USAGE_CPU) == 0 &&
	        budget_of(warden, GB_USAGE_TMP) == 0)
		return;
	look(warden);
	warden->usage.timer.on_due = on_due;
	warden->usage.timer.context = warden;
	gb_loop_timer_set(&warden->loop, &warden->usage.timer, LOOK_NS);
}
