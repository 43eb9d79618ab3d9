/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/guards.h"

#include "base/cleanup.h"
#include "base/day.h"
#include "base/fd.h"
#include "base/text.h"
#include "base/arena.h"
#include "policyc/pattern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MARK_BYTES_MIN      6u
#define HASH_DIGITS         64u
#define TEXT_BYTES_MAX      256u
#define LIST_FILE_BYTES_MAX (16u * 1024u * 1024u)

const struct gb_policyc_guard gb_policyc_guards[_GB_BLOB_GUARD_MAX] = {
        [GB_BLOB_TRUSTED] = {"drift", "trusted", GB_CONTROL_DRIFT},
        [GB_BLOB_FORBIDDEN_NAMES] = {"forbidden", "names", GB_CONTROL_FORBIDDEN},
        [GB_BLOB_FORBIDDEN_PATHS] = {"forbidden", "paths", GB_CONTROL_FORBIDDEN},
        [GB_BLOB_FORBIDDEN_HASHES] = {"forbidden", "sha256", GB_CONTROL_FORBIDDEN},
        [GB_BLOB_FORBIDDEN_MARKS] = {"forbidden", "marks", GB_CONTROL_FORBIDDEN},
        [GB_BLOB_DECOY_VARIABLES] = {"decoys", "variables", GB_CONTROL_DECOY},
        [GB_BLOB_DECOY_FILES] = {"decoys", "files", GB_CONTROL_DECOY},
        [GB_BLOB_DECOY_HOSTS] = {"decoys", "hosts", GB_CONTROL_DECOY},
        [GB_BLOB_KEPT_FILES] = {"hygiene", "keep", GB_CONTROL_HYGIENE},
};

const char *const gb_policyc_budget_keys[_GB_USAGE_MAX] = {
        [GB_USAGE_PROCESSES] = "processes",
        [GB_USAGE_CONNECTIONS] = "connections",
        [GB_USAGE_CHILDREN] = "children",
        [GB_USAGE_TMP] = "tmpMegabytes",
        [GB_USAGE_CPU] = "cpuSeconds",
};

/* Where a function's code, its layers, the runtime and the base image are. */
static const char *const trusted_by_default[] = {"/bin/**", "/lambda-entrypoint.sh", "/lib/**", "/lib64/**", "/opt/**",
        "/sbin/**", "/usr/**", "/var/lang/**", "/var/runtime/**", "/var/task/**"};

/* 0 to 15, or 16: no such digit. */
static unsigned hex_value(unsigned char c)
{
	if (gb_ascii_is_digit(c))
		return c - (unsigned)'0';
	return c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10 : 16;
}

void gb_policyc_hash_bytes(const char *digits, unsigned char ret_bytes[32])
{
	for (size_t i = 0; i < HASH_DIGITS / 2; i++)
		ret_bytes[i] = (unsigned char)(hex_value((unsigned char)digits[2 * i]) << 4 |
		                               hex_value((unsigned char)digits[2 * i + 1]));
}

static const char *hash_fault(struct gb_span text)
{
	for (size_t i = 0; i < text.n; i++)
		if (hex_value(text.p[i]) > 15)
			return "is 64 digits, 0 to 9 and a to f";
	return text.n == HASH_DIGITS ? NULL : "is 64 digits, 0 to 9 and a to f";
}

static const char *name_fault(struct gb_span text)
{
	size_t stars = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '/')
			return "is the name of a file, without a path; 'paths' is for those";
		stars += text.p[i] == '*' ? 1 : 0;
	}
	return stars > GB_POLICYC_STARS_MAX || stars == text.n ? "needs letters, and has at most 8 wildcards" : NULL;
}

static const char *variable_fault(struct gb_span text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!gb_ascii_is_alpha(text.p[i]) && text.p[i] != '_' && (i == 0 || !gb_ascii_is_digit(text.p[i])))
			return "is the name of a variable: letters, digits and '_'";
	return NULL;
}

/* Paths and hosts have their own checks. */
static const char *fault_of(enum gb_blob_guard guard, struct gb_span text)
{
	if (text.n == 0 || text.n > TEXT_BYTES_MAX || gb_span_find_byte(text, '\0', 0) != SIZE_MAX)
		return "has 1 to 256 bytes, none of them zero";
	switch (guard) {
	case GB_BLOB_FORBIDDEN_NAMES: return name_fault(text);
	case GB_BLOB_FORBIDDEN_HASHES: return hash_fault(text);
	case GB_BLOB_FORBIDDEN_MARKS:
		return text.n < MARK_BYTES_MIN ? "has 6 bytes or more: short ones stand in honest programs too" : NULL;
	case GB_BLOB_DECOY_VARIABLES: return variable_fault(text);
	case GB_BLOB_DECOY_FILES:
		if (!gb_span_starts(text, GB_SPAN("/tmp/")) || gb_span_find_byte(text, '*', 0) != SIZE_MAX)
			return "is a file below /tmp, the only place where one can be made";
		return NULL;
	case GB_BLOB_KEPT_FILES: return gb_span_starts(text, GB_SPAN("/tmp/")) ? NULL : "is a path below /tmp";
	case GB_BLOB_TRUSTED:
	case GB_BLOB_FORBIDDEN_PATHS:
	case GB_BLOB_DECOY_HOSTS:
	case _GB_BLOB_GUARD_MAX: break;
	}
	return NULL;
}

int gb_policyc_add_guard(
        struct gb_policyc_document *document, enum gb_blob_guard guard, struct gb_span text, struct gb_diag *diag)
{
	struct gb_policyc_strings *list = &document->guards.texts[guard];
	const char *fault = fault_of(guard, text), *noun = "";

	if (fault != NULL)
		return gb_diag_set(diag, -EINVAL, 0, 0, "'%.*s' in %s.%s: %s", (int)(text.n < 80 ? text.n : 80),
		        (const char *)text.p, gb_policyc_guards[guard].section, gb_policyc_guards[guard].key, fault);
	if (guard == GB_BLOB_DECOY_HOSTS) {
		noun = "host";
		fault = gb_policyc_host_fault(text);
	} else if (guard == GB_BLOB_TRUSTED || guard == GB_BLOB_FORBIDDEN_PATHS || guard == GB_BLOB_DECOY_FILES ||
	           guard == GB_BLOB_KEPT_FILES) {
		noun = "path";
		fault = gb_policyc_path_fault(text);
	}
	if (fault != NULL)
		return gb_diag_set(diag, -EINVAL, 0, 0, "%s '%.*s': %s", noun, (int)(text.n < 100 ? text.n : 100),
		        (const char *)text.p, fault);
	return gb_policyc_strings_add(document, list, text);
}

static int string_compare(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool has_commands(const struct gb_policyc_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		if (entries->items[i].commands.count != 0)
			return true;
	return false;
}

/* Drift is not alone in asking what came with the function. */
static bool needs_trusted(const struct gb_policyc_document *document)
{
	return document->control_modes[GB_CONTROL_DRIFT] != GB_MODE_OFF ||
	       document->control_modes[GB_CONTROL_FORBIDDEN] != GB_MODE_OFF || document->review_unlisted ||
	       document->allow.commands.count != 0 || has_commands(&document->rules) ||
	       has_commands(&document->exclusions);
}

void gb_policyc_forget_default_trusted(struct gb_policyc_document *document)
{
	struct gb_policyc_strings *list = &document->guards.texts[GB_BLOB_TRUSTED];
	size_t count = sizeof(trusted_by_default) / sizeof(trusted_by_default[0]);

	if (list->count != count)
		return;
	for (size_t i = 0; i < count; i++)
		if (strcmp(list->items[i], trusted_by_default[i]) != 0)
			return;
	list->count = 0;
}

int gb_policyc_guard_sorted(struct gb_arena *arena, const struct gb_policyc_document *document,
        enum gb_blob_guard guard, struct gb_policyc_strings *ret_sorted)
{
	const struct gb_policyc_strings *list = &document->guards.texts[guard];
	const char *const *items = list->items;
	size_t count = list->count, kept = 0;
	const char **sorted;

	if (guard == GB_BLOB_TRUSTED && count == 0 && needs_trusted(document)) {
		items = trusted_by_default;
		count = sizeof(trusted_by_default) / sizeof(trusted_by_default[0]);
	}
	*ret_sorted = (struct gb_policyc_strings){0};
	if (count == 0)
		return 0;
	sorted = gb_arena_take(arena, count * sizeof(*sorted));
	if (sorted == NULL)
		return -ENOMEM;
	memcpy(sorted, items, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), string_compare);
	for (size_t i = 1; i < count; i++)
		if (strcmp(sorted[i], sorted[kept]) != 0)
			sorted[++kept] = sorted[i];
	*ret_sorted = (struct gb_policyc_strings){.items = sorted, .count = kept + 1};
	return 0;
}

/* "# date: 2026-11-20". The oldest list counts. */
static void take_date(struct gb_policyc_document *document, struct gb_span comment)
{
	struct gb_span text = gb_span_trim(comment);
	uint32_t day = 0, *have = &document->guards.forbidden_day;

	if (gb_span_starts(text, GB_SPAN("date:")) &&
	        gb_day_parse(gb_span_trim(gb_span_sub(text, 5, SIZE_MAX)), &day) && (*have == 0 || day < *have))
		*have = day;
}

/* A line of a list: a word that says what it is, a blank, and the text. */
static int take_line(struct gb_policyc_document *document, struct gb_span line, struct gb_diag *diag)
{
	static const struct {
		struct gb_span word;
		enum gb_blob_guard guard;
	} words[] = {{GB_SPAN("name "), GB_BLOB_FORBIDDEN_NAMES}, {GB_SPAN("path "), GB_BLOB_FORBIDDEN_PATHS},
	        {GB_SPAN("sha256 "), GB_BLOB_FORBIDDEN_HASHES}, {GB_SPAN("mark "), GB_BLOB_FORBIDDEN_MARKS}};

	line = gb_span_trim(line);
	if (line.n == 0)
		return 0;
	if (line.p[0] == '#') {
		take_date(document, gb_span_sub(line, 1, SIZE_MAX));
		return 0;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (gb_span_starts(line, words[i].word))
			return gb_policyc_add_guard(document, words[i].guard,
			        gb_span_trim(gb_span_sub(line, words[i].word.n, SIZE_MAX)), diag);
	return gb_diag_set(diag, -EINVAL, 0, 0, "a line begins with 'name', 'path', 'sha256' or 'mark'");
}

int gb_policyc_add_forbidden_text(
        struct gb_policyc_document *document, const char *name, struct gb_span text, struct gb_diag *diag)
{
	for (size_t number = 1; text.n != 0; number++) {
		size_t end = gb_span_find_byte(text, '\n', 0);
		struct gb_diag fault = {0};
		int r = take_line(document, gb_span_sub(text, 0, end), &fault);

		if (r < 0)
			return gb_diag_set(diag, r, 0, 0, "%.80s:%zu: %.140s", name, number, fault.message);
		text = end == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(text, end + 1, SIZE_MAX);
	}
	return 0;
}

int gb_policyc_load_forbidden(struct gb_policyc_document *document, const char *directory, struct gb_diag *diag)
{
	struct gb_policyc_strings *files = &document->guards.files;

	for (size_t i = 0; i < files->count; i++) {
		GB_CLEANUP(gb_freep) char *data = NULL;
		char path[4096];
		struct gb_text text = gb_text_on(path, sizeof(path));
		size_t n = 0;
		int r;

		if (files->items[i][0] != '/')
			gb_text_add_cstr(&text, directory);
		gb_text_add_cstr(&text, files->items[i]);
		r = text.truncated ? -ENAMETOOLONG
		                   : gb_fd_read_file(gb_text_cstr(&text), LIST_FILE_BYTES_MAX, &data, &n);
		if (r < 0)
			return gb_diag_set(
			        diag, r, 0, 0, "list %.120s cannot be read: %s", files->items[i], strerror(-r));
		r = gb_policyc_add_forbidden_text(document, files->items[i], gb_span_of(data, n), diag);
		if (r < 0)
			return r;
	}
	files->count = 0;
	return 0;
}
