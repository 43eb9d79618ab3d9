/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/environment: what a child finds in its environment. LD_PRELOAD names whatever the parent wants and then the
 * sensor: of several, the linker starts the last one first. GAMBESON_SENSOR is ours whatever the parent wants.
 */
#include "sensor/exec.h"

#include <errno.h>

#define PAGE_MASK     (~(uintptr_t)4095)
#define VARIABLES_MAX (1u << 20)

static const char preload_name[] = "LD_PRELOAD=";
static const char variable_name[] = GB_SENSOR_VARIABLE "=";
static const char program_name[] = GB_PROGRAM_VARIABLE "=";

enum entry { ENTRY_OTHER = 0, ENTRY_UNREADABLE, ENTRY_PRELOAD, ENTRY_SENSOR };

/* Strings of an environment lie close together: remembering the page spares most of the trials. */
struct reader {
	uintptr_t page;
};

static bool can_read(struct reader *reader, uintptr_t address)
{
	if ((address & PAGE_MASK) == reader->page)
		return true;
	if (!gb_sensor_is_readable(address, 1))
		return false;
	reader->page = address & PAGE_MASK;
	return true;
}

static enum entry compare_name(struct reader *reader, uintptr_t string, const char *name, enum entry meant)
{
	for (unsigned i = 0; name[i] != '\0'; i++) {
		if (!can_read(reader, string + i))
			return ENTRY_UNREADABLE;
		if (*(const volatile char *)(string + i) != name[i])
			return ENTRY_OTHER;
	}
	return meant;
}

static enum entry name_entry(struct reader *reader, uintptr_t string)
{
	enum entry entry;

	if (!can_read(reader, string))
		return ENTRY_UNREADABLE;
	switch (*(const volatile char *)string) {
	case 'L': return compare_name(reader, string, preload_name, ENTRY_PRELOAD);
	case 'G':
		entry = compare_name(reader, string, variable_name, ENTRY_SENSOR);
		return entry != ENTRY_OTHER ? entry : compare_name(reader, string, program_name, ENTRY_SENSOR);
	default: return ENTRY_OTHER;
	}
}

int gb_exec_measure_environment(long envp, size_t *ret_count, size_t *ret_preload_bytes)
{
	struct reader pointers = {1}, strings = {1};
	size_t count = 0, preload_bytes = 0;

	for (uintptr_t at = (uintptr_t)envp; envp != 0; at += sizeof(long), count++) {
		uintptr_t string;
		long n;

		if (!can_read(&pointers, at) || !can_read(&pointers, at + 7))
			return -EFAULT;
		string = *(const volatile uintptr_t *)at;
		if (string == 0)
			break;
		if (count == VARIABLES_MAX)
			return -E2BIG;
		if (name_entry(&strings, string) != ENTRY_PRELOAD)
			continue;
		n = gb_sensor_string_length((long)string, GB_EXEC_STRING_MAX);
		preload_bytes += n < 0 ? 0 : (size_t)n + 1;
	}
	*ret_count = count;
	*ret_preload_bytes = preload_bytes;
	return 0;
}

static struct gb_span own_path(void)
{
	return gb_span_of(
	        gb_sensor.preload + sizeof(preload_name) - 1, gb_sensor.preload_n - (sizeof(preload_name) - 1));
}

/* The libraries of LIST (separated by blanks or colons) but the sensor itself. */
static void add_others(struct gb_text *text, struct gb_span list)
{
	size_t from = 0;

	while (from < list.n) {
		size_t to = from;
		struct gb_span path;

		while (to < list.n && list.p[to] != ':' && list.p[to] != ' ')
			to++;
		path = gb_span_sub(list, from, to - from);
		from = to + 1;
		if (path.n == 0 || gb_span_equal(path, own_path()))
			continue;
		gb_text_add(text, path);
		gb_text_add_byte(text, ':');
	}
}

/* Our LD_PRELOAD, with what the parent's entry at STRING (0: it has none) names before us. */
static long make_preload(struct gb_exec *exec, uintptr_t string)
{
	struct gb_text *room = &exec->strings;
	struct gb_text text;
	char *copy;
	long n = 0;

	if (string == 0)
		return (long)gb_sensor.preload;
	copy = room->p + room->n;
	if (room->cap - room->n > exec->preload_bytes)
		n = gb_sensor_copy_string(copy, exec->preload_bytes, (long)string);
	if (n < (long)sizeof(preload_name))
		return (long)gb_sensor.preload;
	text = gb_text_on(copy + n + 1, room->cap - room->n - (size_t)n - 1);
	gb_text_add(&text, GB_SPAN(preload_name));
	add_others(&text, gb_span_of(copy + sizeof(preload_name) - 1, (size_t)n - (sizeof(preload_name) - 1)));
	gb_text_add(&text, own_path());
	(void)gb_text_cstr(&text);
	room->n += (size_t)n + 1 + text.n + 1;
	return (long)text.p;
}

void gb_exec_build_environment(struct gb_exec *exec)
{
	const volatile uintptr_t *theirs = (const volatile uintptr_t *)exec->envp;
	struct reader strings = {1};
	uintptr_t preload = 0;
	size_t used = 0;

	for (size_t i = 0; i < exec->variable_count; i++) {
		uintptr_t string = theirs[i];
		enum entry entry = string == 0 ? ENTRY_OTHER : name_entry(&strings, string);

		if (string == 0)
			break;
		if (entry == ENTRY_PRELOAD)
			preload =
			        string; /* of several the last counts, as for most readers it would not: none is lost */
		else if (entry == ENTRY_UNREADABLE)
			exec->environment[used++] = GB_SENSOR_BAD_POINTER;
		else if (entry == ENTRY_OTHER)
			exec->environment[used++] = (long)string;
	}
	exec->environment[used++] = make_preload(exec, preload);
	exec->environment[used++] = (long)gb_sensor.variable;
	exec->environment[used] = 0;
	exec->environment_count = used;
}
