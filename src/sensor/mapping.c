/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/mapping: which file lies at an address whose memory is made executable, from /proc/self/maps. Just-in-time
 * compilers do that often and always in the same places: those are remembered, until something of a file is mapped.
 */
#include "sensor/sensor.h"

#include <fcntl.h>
#include <sys/syscall.h>

#define PLACES 4u

struct place {
	uintptr_t from, to;
	uint32_t mappings; /* of files, when it was looked at */
};

static struct place anonymous[PLACES];
static uint32_t next_place;
static uint32_t file_mappings; /* and one more: a place that was never written has 0 */

void gb_sensor_note_file_mapping(void)
{
	(void)__atomic_add_fetch(&file_mappings, 1, __ATOMIC_RELAXED);
}

static bool is_known_anonymous(uintptr_t from, uintptr_t to)
{
	uint32_t now = __atomic_load_n(&file_mappings, __ATOMIC_RELAXED) + 1;

	for (unsigned i = 0; i < PLACES; i++) {
		struct place place = anonymous[i];

		/* A place that is being written by another thread has a wrong count or is one that was right before. */
		if (__atomic_load_n(&anonymous[i].mappings, __ATOMIC_ACQUIRE) == now && place.mappings == now &&
		        from >= place.from && to <= place.to)
			return true;
	}
	return false;
}

static void remember(uintptr_t from, uintptr_t to, uint32_t mappings)
{
	struct place *place = &anonymous[__atomic_fetch_add(&next_place, 1, __ATOMIC_RELAXED) % PLACES];

	__atomic_store_n(&place->mappings, 0, __ATOMIC_RELEASE);
	place->from = from;
	place->to = to;
	__atomic_store_n(&place->mappings, mappings, __ATOMIC_RELEASE);
}

static uintptr_t read_hex(struct gb_span *line)
{
	uintptr_t value = 0;
	size_t i = 0;

	for (; i < line->n; i++) {
		unsigned char c = line->p[i];

		if (gb_ascii_is_digit(c))
			value = value << 4 | (uintptr_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uintptr_t)(c - 'a' + 10);
		else
			break;
	}
	*line = gb_span_sub(*line, i + 1, line->n);
	return value;
}

struct search {
	uintptr_t from, to;         /* asked for */
	uintptr_t run_from, run_to; /* mappings of no file, without a gap, up to the line before */
	struct gb_sensor_mapped file;
};

/* One line. True: the search is over. */
static bool take_line(struct search *search, struct gb_span line)
{
	uintptr_t from = read_hex(&line), to = read_hex(&line);
	size_t slash = gb_span_find_byte(line, '/', 0);
	bool is_of_file = slash != SIZE_MAX;

	if (is_of_file || from != search->run_to) {
		if (search->run_from <= search->from && search->run_to >= search->to && search->run_to != 0)
			return true;
		search->run_from = from;
	}
	search->run_to = is_of_file ? 0 : to;
	if (!is_of_file || from >= search->to || to <= search->from)
		return false;
	search->file.path = gb_span_sub(line, slash, line.n);
	search->file.from = from;
	search->file.is_private = line.n > 5 && line.p[3] == 'p';
	line = gb_span_sub(line, 5, line.n);
	search->file.offset = read_hex(&line);
	return true;
}

struct gb_sensor_mapped gb_sensor_mapped_file(uintptr_t from, size_t n, struct gb_sensor_scratch *scratch)
{
	struct search search = {.from = from, .to = from + n};
	uint32_t mappings = __atomic_load_n(&file_mappings, __ATOMIC_RELAXED) + 1;
	size_t have = 0;
	long fd, some;

	if (is_known_anonymous(search.from, search.to))
		return search.file;
	fd = gb_call4(SYS_openat, AT_FDCWD, (long)"/proc/self/maps", O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return search.file;
	for (bool is_over = false; !is_over;) {
		struct gb_span rest;
		size_t end;

		some = gb_call3(
		        SYS_read, fd, (long)(scratch->canonical + have), (long)(sizeof(scratch->canonical) - have));
		if (some <= 0)
			break;
		have += (size_t)some;
		rest = gb_span_of(scratch->canonical, have);
		while (!is_over && (end = gb_span_find_byte(rest, '\n', 0)) != SIZE_MAX) {
			is_over = take_line(&search, gb_span_sub(rest, 0, end));
			rest = gb_span_sub(rest, end + 1, rest.n);
		}
		if (is_over)
			break;
		have = rest.n;
		__builtin_memmove(scratch->canonical, rest.p, rest.n);
	}
	(void)gb_call3(SYS_close, fd, 0, 0);
	if (search.file.path.n == 0 && search.run_from <= search.from && search.run_to >= search.to)
		remember(search.run_from, search.run_to, mappings);
	return search.file;
}
