/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a record of the report ring, and any bytes as the input slot that it points at: at most one line, whole,
 * of printable JSON. */
#include "warden/state.h"

#include "wire/input.h"
#include "wire/json.h"

#include <assert.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_line(const char *line, size_t n)
{
	assert(n <= GB_EVENT_LINE_MAX && line[n - 1] == '\n' && line[n - 2] == '}');
	for (size_t at = 0; at < n - 1;) {
		bool is_valid;
		size_t step = gb_json_character(gb_span_of(line + at, n - at), &is_valid);

		assert(is_valid && (unsigned char)line[at] >= 0x20);
		at += step;
	}
}

static struct gb_warden *open_warden(int *ret_log_fd)
{
	struct gb_warden_options options = {.segment_fd = -1, .ring_fd = -1};
	struct gb_warden *warden;
	int ends[2];

	options.segment =
	        mmap(NULL, sizeof(struct gb_segment), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	options.ring = mmap(NULL, sizeof(struct gb_ring), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	warden = gb_warden_new(&options);
	assert(warden != NULL && pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0);
	warden->output.fd = ends[1];
	*ret_log_fd = ends[0];
	return warden;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct gb_warden *warden;
	static int log_fd;
	struct gb_ring_record record;
	struct gb_input_slot *slot;
	char log[2 * GB_EVENT_LINE_MAX];
	ssize_t got;

	if (warden == NULL)
		warden = open_warden(&log_fd);
	memset(&record, 0, sizeof(record));
	memcpy(&record, data, n < sizeof(record) ? n : sizeof(record));
	/* What gb_ring_take() promises. */
	if ((size_t)record.subject_n + record.object_n + record.arguments_n > sizeof(record.text))
		return 0;
	slot = &warden->options.segment
	                ->input[record.input_slot >= 0 && record.input_slot < 16 ? record.input_slot : 0];
	slot->used = (uint32_t)(n > sizeof(record) ? n - sizeof(record) : 0);
	if (slot->used > sizeof(slot->bytes))
		slot->used = sizeof(slot->bytes);
	if (slot->used != 0)
		memcpy(slot->bytes, data + sizeof(record), slot->used);
	warden->findings_outside = 0;
	memset(warden->invocations, 0, sizeof(warden->invocations));
	warden_report_finding(warden, &record);
	got = read(log_fd, log, sizeof(log));
	assert(got > 2);
	check_line(log, (size_t)got);
	return 0;
}
