/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/report.h"

#include "base/cleanup.h"
#include "cmd/gambeson/finding.h"
#include "cmd/gambeson/screen.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Text as JSON. Bytes that are no UTF-8 become U+FFFD each; *ret_is_exact says whether there were none. */
static json_t *json_of_bytes(struct gb_span s, bool *ret_is_exact)
{
	json_t *exact = json_stringn(s.n == 0 ? "" : (const char *)s.p, s.n);
	GB_CLEANUP(gb_freep) char *cleaned = NULL;
	size_t n = 0;

	*ret_is_exact = exact != NULL;
	if (exact != NULL)
		return exact;
	cleaned = malloc(s.n * 3 + 1);
	if (cleaned == NULL)
		return json_null();
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < 0x80) {
			cleaned[n++] = (char)s.p[i];
		} else {
			memcpy(cleaned + n, "\xef\xbf\xbd", 3);
			n += 3;
		}
	}
	return json_stringn(cleaned, n);
}

static json_t *json_of_hex(struct gb_span s)
{
	static const char digit[] = "0123456789abcdef";
	GB_CLEANUP(gb_freep) char *hex = malloc(2 * s.n + 1);

	if (hex == NULL)
		return json_null();
	for (size_t i = 0; i < s.n; i++) {
		hex[2 * i] = digit[s.p[i] >> 4];
		hex[2 * i + 1] = digit[s.p[i] & 15];
	}
	return json_stringn(hex, 2 * s.n);
}

static json_t *json_of_error(const struct gb_local_invocation *invocation)
{
	if (invocation->status == GB_LOCAL_OK)
		return json_null();
	return json_pack("{s:s, s:s}", "type", invocation->error_type, "message", invocation->error_message);
}

static void add_log(json_t *object, struct gb_span log)
{
	json_t *own = json_array(), *gambeson = json_array();
	struct gb_span line;
	bool is_gambeson, is_exact;
	size_t at = 0;

	while (gb_local_log_next(log, &at, &line, &is_gambeson)) {
		json_t *event = is_gambeson ? gb_finding_parse(line) : NULL;

		if (event != NULL)
			json_array_append_new(gambeson, event);
		else
			json_array_append_new(own, json_of_bytes(line, &is_exact));
	}
	json_object_set_new(object, "log", own);
	json_object_set_new(object, "gambeson", gambeson);
}

static void print_json(const struct gb_local_invocation *invocation, const char *event_name)
{
	struct gb_span response = gb_local_bytes_span(&invocation->response);
	json_t *object = json_object();
	bool is_exact;

	json_object_set_new(object, "index", json_integer((json_int_t)invocation->index));
	json_object_set_new(object, "event", json_of_bytes(gb_span_cstr(event_name), &is_exact));
	json_object_set_new(object, "request", json_string(invocation->request_id));
	json_object_set_new(object, "status", json_string(gb_local_status_name(invocation->status)));
	json_object_set_new(object, "response", json_of_bytes(response, &is_exact));
	if (!is_exact)
		json_object_set_new(object, "response_hex", json_of_hex(response));
	json_object_set_new(object, "error", json_of_error(invocation));
	json_object_set_new(object, "duration_ms", json_real((double)invocation->duration_us / 1000.0));
	if (invocation->init_us != 0)
		json_object_set_new(object, "init_ms", json_real((double)invocation->init_us / 1000.0));
	add_log(object, gb_local_bytes_span(&invocation->log));
	(void)json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
	putchar('\n');
	fflush(stdout);
	json_decref(object);
}

static void print_heading(
        const struct gb_report_style *style, const struct gb_local_invocation *i, const char *event_name)
{
	enum gb_colour colour = i->status == GB_LOCAL_OK ? GB_COLOUR_GREEN : GB_COLOUR_RED;

	gb_screen_colour(stderr, style->is_coloured, GB_COLOUR_BOLD);
	(void)gb_screen_text(stderr, gb_span_cstr(event_name));
	gb_screen_colour(stderr, style->is_coloured, GB_COLOUR_NONE);
	fputs("  ", stderr);
	gb_screen_colour(stderr, style->is_coloured, colour);
	fputs(gb_local_status_name(i->status), stderr);
	gb_screen_colour(stderr, style->is_coloured, GB_COLOUR_NONE);
	if (i->error_type[0] != '\0')
		gb_screen_printf(stderr, " %s", i->error_type);
	fprintf(stderr, "  %.1f ms", (double)i->duration_us / 1000.0);
	if (i->init_us != 0)
		fprintf(stderr, " (start %.1f ms)", (double)i->init_us / 1000.0);
	if (i->request_id[0] != '\0')
		fprintf(stderr, "  request %s", i->request_id);
	fputc('\n', stderr);
	if (i->error_message[0] != '\0')
		gb_screen_printf(stderr, "  %s\n", i->error_message);
}

/* A line of a log: its tabs stay, no other control character does. */
static void print_log_line(struct gb_span line)
{
	size_t at = 0;

	while (at <= line.n) {
		size_t tab = gb_span_find_byte(line, '\t', at);

		(void)gb_screen_text(stderr, gb_span_sub(line, at, tab == SIZE_MAX ? SIZE_MAX : tab - at));
		if (tab == SIZE_MAX)
			break;
		fputc('\t', stderr);
		at = tab + 1;
	}
	fputc('\n', stderr);
}

static void print_own_log(const struct gb_report_style *style, struct gb_span log)
{
	struct gb_span line;
	bool is_gambeson;
	size_t at = 0;

	while (gb_local_log_next(log, &at, &line, &is_gambeson)) {
		if (is_gambeson)
			continue;
		gb_screen_colour(stderr, style->is_coloured, GB_COLOUR_DIM);
		fputs("  | ", stderr);
		gb_screen_colour(stderr, style->is_coloured, GB_COLOUR_NONE);
		print_log_line(line);
	}
}

/* The same string often stands in several places of an event: those findings are one to a person. */
static bool is_same_finding(const json_t *a, const json_t *b)
{
	static const char *const members[] = {"kind", "control", "reason", "action"};

	if (a == NULL || json_object_get(a, "activity") != NULL || json_object_get(b, "activity") != NULL)
		return false;
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (!json_equal(json_object_get(a, members[i]), json_object_get(b, members[i])))
			return false;
	a = json_object_get(json_object_get(a, "input"), "value");
	return a != NULL && json_equal(a, json_object_get(json_object_get(b, "input"), "value"));
}

static void print_same_place(const json_t *event)
{
	const json_t *path = json_object_get(json_object_get(event, "input"), "path");

	fputs("      the same in ", stderr);
	(void)gb_screen_text(stderr, gb_span_cstr(json_string_value(path)));
	fputc('\n', stderr);
}

static void print_gambeson(const struct gb_report_style *style, struct gb_span log)
{
	json_t *before = NULL;
	struct gb_span line;
	bool is_gambeson;
	size_t at = 0;

	while (gb_local_log_next(log, &at, &line, &is_gambeson)) {
		json_t *event = is_gambeson ? gb_finding_parse(line) : NULL;

		if (event != NULL && is_same_finding(before, event)) {
			print_same_place(event);
		} else if (event != NULL) {
			gb_finding_print(stderr, style->is_coloured, event);
		} else if (is_gambeson) {
			fputs("  | ", stderr);
			print_log_line(line);
		}
		if (event != NULL) {
			json_decref(before);
			before = event;
		}
	}
	json_decref(before);
}

/* Byte for byte, unless it goes to a terminal. */
static void print_response(struct gb_span response)
{
	if (isatty(STDOUT_FILENO) == 1)
		(void)gb_screen_text(stdout, response);
	else
		(void)fwrite(response.p, 1, response.n, stdout);
	putchar('\n');
	fflush(stdout);
}

void gb_report_invocation(
        const struct gb_report_style *style, const struct gb_local_invocation *invocation, const char *event_name)
{
	struct gb_span log = gb_local_bytes_span(&invocation->log);

	if (style->is_json) {
		print_json(invocation, event_name);
		return;
	}
	if (!style->is_quiet) {
		print_heading(style, invocation, event_name);
		print_own_log(style, log);
		print_gambeson(style, log);
	}
	if (invocation->response.n > 0 || invocation->status == GB_LOCAL_OK)
		print_response(gb_local_bytes_span(&invocation->response));
}
