/* SPDX-License-Identifier: Apache-2.0 */
#include "warden/lineage.h"

#include "base/fd.h"
#include "base/format.h"
#include "warden/state.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES 32u /* of a name in /proc */

/* As much of S as there is room for behind *USED bytes of TO. */
static uint16_t put(unsigned char *to, size_t *used, size_t cap, struct gb_span s, bool *is_cut)
{
	*is_cut = *is_cut || s.n > cap - *used;
	s = gb_span_sub(s, 0, cap - *used);
	if (s.n != 0)
		memcpy(to + *used, s.p, s.n);
	*used += s.n;
	return (uint16_t)s.n;
}

void warden_lineage_note(struct gb_warden *warden, const struct gb_ring_record *record)
{
	struct warden_lineage *lineage = &warden->lineage;
	struct warden_started *start;
	size_t used = 0;

	if (record->kind != GB_ACTIVITY_PROCESS_START || record->decision == GB_DENY || record->pid == 0)
		return;
	start = &lineage->starts[lineage->count++ % LINEAGE_STARTS_MAX];
	start->pid = record->pid;
	start->parent = record->parent;
	start->is_cut = record->is_cut != 0;
	start->path_n = put(start->text, &used, LINEAGE_TEXT_BYTES, gb_ring_subject(record), &start->is_cut);
	start->arguments_n = put(start->text, &used, LINEAGE_TEXT_BYTES, gb_ring_arguments(record), &start->is_cut);
}

/* The latest program of PID. */
static const struct warden_started *started(const struct warden_lineage *lineage, uint32_t pid)
{
	for (uint32_t back = 1; back <= LINEAGE_STARTS_MAX && back <= lineage->count; back++) {
		const struct warden_started *start = &lineage->starts[(lineage->count - back) % LINEAGE_STARTS_MAX];

		if (start->pid == pid)
			return start;
	}
	return NULL;
}

static size_t read_arguments(uint32_t pid, unsigned char *to, size_t cap)
{
	char name[PATH_BYTES];
	ssize_t n;
	int fd;

	(void)gb_format(name, sizeof(name), "/proc/%u/cmdline", pid);
	fd = gb_fd_open(name, O_RDONLY, 0);
	if (fd < 0)
		return 0;
	n = gb_fd_read_upto(fd, to, cap);
	gb_fd_closep(&fd);
	return n < 0 ? 0 : (size_t)n;
}

/* What PID is now. *ret_parent is set on success only. */
static bool ask(uint32_t pid, unsigned char *text, struct gb_event_process *ret_process, uint32_t *ret_parent)
{
	struct warden_process process;
	char name[PATH_BYTES];
	ssize_t path_n;
	size_t n;

	if (pid > INT32_MAX || !warden_process_read((pid_t)pid, &process))
		return false;
	(void)gb_format(name, sizeof(name), "/proc/%u/exe", pid);
	path_n = readlink(name, (char *)text, LINEAGE_TEXT_BYTES);
	n = read_arguments(pid, text + LINEAGE_TEXT_BYTES, LINEAGE_TEXT_BYTES);
	ret_process->path = gb_span_of(text, path_n < 0 ? 0 : (size_t)path_n);
	ret_process->arguments = gb_span_of(text + LINEAGE_TEXT_BYTES, n);
	ret_process->is_cut = path_n == (ssize_t)LINEAGE_TEXT_BYTES || n == LINEAGE_TEXT_BYTES;
	*ret_parent = (uint32_t)process.parent;
	return path_n > 0 || n != 0; /* neither: it has ended and waits to be collected */
}

static void recall(const struct warden_started *start, struct gb_event_process *ret_process)
{
	ret_process->path = gb_span_of(start->text, start->path_n);
	ret_process->arguments = gb_span_of(start->text + start->path_n, start->arguments_n);
	ret_process->is_cut = start->is_cut;
}

/* The one above PID, which RECORD may be of; 0: nobody knows. */
static uint32_t look_up(const struct gb_warden *warden, const struct gb_ring_record *record, uint32_t pid,
        unsigned char *text, struct gb_event_process *ret_process)
{
	const struct warden_started *start = started(&warden->lineage, pid);
	uint32_t above = 0;
	/* The program that started another in its own place is gone: /proc knows only the other. */
	bool is_replaced = record->kind == GB_ACTIVITY_PROCESS_START && pid == record->pid;

	*ret_process = (struct gb_event_process){.pid = pid};
	if ((is_replaced || !ask(pid, text, ret_process, &above)) && start != NULL) {
		recall(start, ret_process);
		above = start->parent;
	}
	/* Who has lost his parent since is another's child now. */
	return pid == record->pid && record->parent != 0 ? record->parent : above;
}

size_t warden_lineage_find(
        const struct gb_warden *warden, const struct gb_ring_record *record, struct warden_ancestry *ret_ancestry)
{
	const struct warden_started *start = started(&warden->lineage, record->pid);
	uint32_t pid = record->pid, self = (uint32_t)getpid();
	size_t count = 0;

	/* Started by another, unless in its own place. */
	if (record->kind == GB_ACTIVITY_PROCESS_START &&
	        (start == NULL || record->parent == 0 || start->parent != record->parent))
		pid = record->parent;
	while (pid > 1 && pid != self && count < GB_EVENT_PROCESSES_MAX) {
		uint32_t above =
		        look_up(warden, record, pid, ret_ancestry->texts[count], &ret_ancestry->processes[count]);

		count++;
		if (pid == (uint32_t)warden->runtime)
			break;
		pid = above;
	}
	return count;
}
