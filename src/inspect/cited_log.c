/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a log says of an attack: a line with a time, addresses, a level, a process and fields before it, or a record of
 * such members in JSON. What a line holds beside the attack is counted, not what it says.
 */
#include "inspect/bytes.h"
#include "inspect/cited.h"
#include "inspect/cited_mention.h"

#define LABEL_MAX   64u
#define MARKS_MIN   3u
#define FIELDS_MAX  3u
#define ADDRESS_MAX 2u
#define RECORD_MAX  8192u
#define KINDS_MIN   3u

static bool is_digits(struct gb_span text, size_t at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (at + i >= text.n || !gb_ascii_is_digit(text.p[at + i]))
			return false;
	return true;
}

/* 10:00:00 */
static bool is_clock(struct gb_span head, size_t at)
{
	return is_digits(head, at, 2) && at + 7 < head.n && head.p[at + 2] == ':' && is_digits(head, at + 3, 2) &&
	       head.p[at + 5] == ':' && is_digits(head, at + 6, 2);
}

/* 192.0.2.1 from AT on: where it ends, else AT. */
static size_t address_end(struct gb_span head, size_t at)
{
	size_t end = at;

	for (unsigned part = 0; part < 4; part++) {
		size_t start = end;

		while (end < head.n && end - start < 3 && gb_ascii_is_digit(head.p[end]))
			end++;
		if (end == start || (part < 3 && (end >= head.n || head.p[end] != '.')))
			return at;
		end += part < 3;
	}
	return end;
}

/* name=… behind a blank or a bar. */
static bool is_field_name(struct gb_span head, size_t start, size_t end)
{
	size_t before = start;

	if (end >= head.n || head.p[end] != '=' || !gb_ascii_is_alpha(head.p[start]))
		return false;
	while (before > 0 && head.p[before - 1] == ' ')
		before--;
	return start > 0 && gb_cited_is_of(GB_SPAN(" |"), head.p[start - 1]) &&
	       (before == 0 || !gb_cited_is_of(GB_SPAN(";<&?"), head.p[before - 1]));
}

static bool is_level(struct gb_span word)
{
	static const char *const levels[] = {"emerg", "emergency", "alert", "crit", "critical", "err", "error", "fatal",
	        "warn", "warning", "notice", "info", "debug", "trace", "severe", "audit"};

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (gb_span_equal_nocase(word, gb_span_cstr(levels[i])))
			return true;
	return false;
}

/* waf[123], or [error] and [1:2019:3]. */
static bool is_bracket(struct gb_span head, size_t at)
{
	size_t close = gb_bytes_find(gb_span_sub(head, 0, at + LABEL_MAX), ']', at);

	return head.p[at] == '[' && close != SIZE_MAX && close > at + 1 &&
	       (gb_ascii_is_digit(head.p[at + 1]) || is_level(gb_span_sub(head, at + 1, close - at - 1)));
}

struct marks {
	unsigned clocks, addresses, fields, levels, brackets;
};

static unsigned sum_of(const struct marks *marks)
{
	return 2u * (marks->clocks != 0) + (marks->addresses < ADDRESS_MAX ? marks->addresses : ADDRESS_MAX) +
	       (marks->fields < FIELDS_MAX ? marks->fields : FIELDS_MAX) + (marks->levels != 0) +
	       (marks->brackets != 0);
}

bool gb_cited_is_logged(const struct gb_cited_mention *mention)
{
	const size_t from = mention->from;
	struct marks marks = {0};
	struct gb_span head;
	const size_t start = gb_cited_line_start(mention->text, from);

	/* Templates and programs have members and blanks before what convicts them. */
	if (mention->attack_class == GB_CLASS_TEMPLATE || mention->attack_class == GB_CLASS_CODE_INJECTION)
		return false;
	head = gb_span_sub(mention->text, start, from - start);
	/* <134>: syslog's priority. */
	if (head.n > 2 && head.p[0] == '<' && gb_ascii_is_digit(head.p[1]))
		head = gb_span_sub(head, 1, SIZE_MAX);
	if (gb_bytes_find(head, '<', 0) != SIZE_MAX)
		return false;
	for (size_t at = 0, end; at < head.n; at = end) {
		end = at + 1;
		if (head.p[at] == '[') {
			marks.brackets += is_bracket(head, at);
			continue;
		}
		if (!gb_byte_is_name[head.p[at]])
			continue;
		if (is_clock(head, at)) {
			marks.clocks++;
			end = at + 8;
			continue;
		}
		if (gb_ascii_is_digit(head.p[at])) {
			size_t address = address_end(head, at);

			marks.addresses += address > at;
			end = address > at ? address : end;
			continue;
		}
		/* 2024-05-01T10:00:00 */
		if (head.p[at] == 'T' && is_clock(head, end))
			continue;
		while (end < head.n && (gb_byte_is_name[head.p[end]] || head.p[end] == '-'))
			end++;
		marks.fields += is_field_name(head, at, end);
		marks.levels += is_level(gb_span_sub(head, at, end - at));
	}
	/* A value behind the time alone is that of a form's field. */
	return sum_of(&marks) >= MARKS_MIN;
}

enum record_kind {
	RECORD_TIME = 1u << 0,
	RECORD_LEVEL = 1u << 1,
	RECORD_RULE = 1u << 2,
	RECORD_OUTCOME = 1u << 3,
	RECORD_CLIENT = 1u << 4,
	RECORD_SAID = 1u << 5,
	RECORD_VERSION = 1u << 6, /* of a package's manifest */
	RECORD_NEEDS = 1u << 7,
	RECORD_AUTHOR = 1u << 8,
};
#define RECORD_MANIFEST (unsigned)(RECORD_VERSION | RECORD_NEEDS | RECORD_AUTHOR)

static const struct {
	const char *name;
	unsigned kind;
} members[] = {{"timestamp", RECORD_TIME}, {"@timestamp", RECORD_TIME}, {"ts", RECORD_TIME}, {"time", RECORD_TIME},
        {"datetime", RECORD_TIME}, {"eventtime", RECORD_TIME}, {"event_time", RECORD_TIME}, {"level", RECORD_LEVEL},
        {"severity", RECORD_LEVEL}, {"loglevel", RECORD_LEVEL}, {"lvl", RECORD_LEVEL}, {"rule", RECORD_RULE},
        {"ruleid", RECORD_RULE}, {"rule_id", RECORD_RULE}, {"alert", RECORD_RULE}, {"signature", RECORD_RULE},
        {"pattern", RECORD_RULE}, {"patterns", RECORD_RULE}, {"violated-directive", RECORD_RULE | RECORD_LEVEL},
        {"effectivedirective", RECORD_RULE | RECORD_LEVEL}, {"blocked-uri", RECORD_OUTCOME},
        {"blockedurl", RECORD_OUTCOME}, {"action", RECORD_OUTCOME}, {"verdict", RECORD_OUTCOME},
        {"disposition", RECORD_OUTCOME}, {"blocked", RECORD_OUTCOME}, {"outcome", RECORD_OUTCOME},
        {"status", RECORD_OUTCOME}, {"client", RECORD_CLIENT}, {"clientip", RECORD_CLIENT},
        {"client_ip", RECORD_CLIENT}, {"src", RECORD_CLIENT}, {"src_ip", RECORD_CLIENT}, {"srcip", RECORD_CLIENT},
        {"remote_addr", RECORD_CLIENT}, {"remote_ip", RECORD_CLIENT}, {"source_ip", RECORD_CLIENT},
        {"country", RECORD_CLIENT}, {"msg", RECORD_SAID}, {"logger", RECORD_SAID}, {"message", RECORD_SAID},
        {"log", RECORD_SAID}, {"requestid", RECORD_SAID}, {"request_id", RECORD_SAID}, {"version", RECORD_VERSION},
        {"devdependencies", RECORD_NEEDS}, {"dependencies", RECORD_NEEDS}, {"engines", RECORD_NEEDS},
        {"exports", RECORD_NEEDS}, {"license", RECORD_AUTHOR}, {"repository", RECORD_AUTHOR}};

static unsigned kind_of(struct gb_span name)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (gb_span_equal_nocase(name, gb_span_cstr(members[i].name)))
			return members[i].kind;
	return 0;
}

bool gb_cited_is_record(struct gb_span json)
{
	unsigned kinds = 0, count = 0;

	json = gb_span_sub(json, 0, RECORD_MAX);
	for (size_t at = gb_bytes_find(json, '"', 0); at != SIZE_MAX;) {
		size_t end = at + 1;

		while (end < json.n && json.p[end] != '"')
			end += 1 + (json.p[end] == '\\');
		if (end >= json.n)
			break;
		if (end + 1 < json.n && (json.p[end + 1] == ':' ||
		                                (json.p[end + 1] == ' ' && end + 2 < json.n && json.p[end + 2] == ':')))
			kinds |= kind_of(gb_span_sub(json, at + 1, end - at - 1));
		at = gb_bytes_find(json, '"', end + 1);
	}
	if ((kinds & RECORD_MANIFEST) == RECORD_MANIFEST)
		return true;
	for (unsigned bits = kinds & ~RECORD_MANIFEST; bits != 0; bits &= bits - 1)
		count++;
	return count >= KINDS_MIN && (kinds & (RECORD_TIME | RECORD_RULE)) != 0;
}
