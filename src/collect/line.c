/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/line.h"

#include "base/base64.h"
#include "base/day.h"
#include "collect/hash.h"
#include "collect/scan.h"

#include <errno.h>
#include <string.h>

#define DAY_MS        86400000
#define TIME_FIRST_MS 1577836800000 /* 2020-01-01: there was no such line before */
#define WORD_MAX      64u
#define NAME_MAX      256u

/* What one line has of members that mean something here. */
enum member {
	M_KIND,
	M_SEQ,
	M_TIME,
	M_SANDBOX,
	M_REQUEST,
	M_SOURCE_IP,
	M_ID,
	M_TYPE,
	M_CLASS,
	M_CONTROL,
	M_ACTION,
	M_SEVERITY,
	M_REASON,
	M_FUNCTION,
	M_FUNCTION_VERSION,
	M_CODE,
	M_RUNTIME,
	M_VERSION,
	M_MODE,
	M_KEY,
	M_FIRST,
	M_LAST,
	M_HASHES,
	M_SIGNATURE,
	M_GAMBESON,
	_M_MAX,
};

static const struct gb_span names[_M_MAX] = {
        [M_KIND] = {(const unsigned char *)"kind", 4},
        [M_SEQ] = {(const unsigned char *)"seq", 3},
        [M_TIME] = {(const unsigned char *)"time", 4},
        [M_SANDBOX] = {(const unsigned char *)"sandbox", 7},
        [M_REQUEST] = {(const unsigned char *)"request", 7},
        [M_SOURCE_IP] = {(const unsigned char *)"source_ip", 9},
        [M_ID] = {(const unsigned char *)"id", 2},
        [M_TYPE] = {(const unsigned char *)"type", 4},
        [M_CLASS] = {(const unsigned char *)"class", 5},
        [M_CONTROL] = {(const unsigned char *)"control", 7},
        [M_ACTION] = {(const unsigned char *)"action", 6},
        [M_SEVERITY] = {(const unsigned char *)"severity", 8},
        [M_REASON] = {(const unsigned char *)"reason", 6},
        [M_FUNCTION] = {(const unsigned char *)"function", 8},
        [M_FUNCTION_VERSION] = {(const unsigned char *)"function_version", 16},
        [M_CODE] = {(const unsigned char *)"code", 4},
        [M_RUNTIME] = {(const unsigned char *)"runtime", 7},
        [M_VERSION] = {(const unsigned char *)"version", 7},
        [M_MODE] = {(const unsigned char *)"mode", 4},
        [M_KEY] = {(const unsigned char *)"key", 3},
        [M_FIRST] = {(const unsigned char *)"first", 5},
        [M_LAST] = {(const unsigned char *)"last", 4},
        [M_HASHES] = {(const unsigned char *)"hashes", 6},
        [M_SIGNATURE] = {(const unsigned char *)"signature", 9},
        [M_GAMBESON] = {(const unsigned char *)"gambeson", 8},
};

static const struct {
	struct gb_span name;
	enum collect_kind kind;
} kinds[] = {
        {{(const unsigned char *)"start", 5}, COLLECT_START},
        {{(const unsigned char *)"finding", 7}, COLLECT_FINDING},
        {{(const unsigned char *)"notice", 6}, COLLECT_NOTICE},
        {{(const unsigned char *)"observations", 12}, COLLECT_OBSERVATIONS},
        {{(const unsigned char *)"progress", 8}, COLLECT_PROGRESS},
        {{(const unsigned char *)"seal", 4}, COLLECT_SEAL},
};

struct reading {
	struct scan_value members[_M_MAX];
	struct gb_arena *arena;
	const char *why;
	bool is_out_of_memory;
};

static bool take_members(struct reading *reading, const struct scan_value *object)
{
	struct scan scan = scan_into(object);

	for (;;) {
		struct scan_value value = scan_next(&scan);

		if (value.type == SCAN_NONE)
			return true;
		/* Two members of one name: two readers would not agree on it. Ours are never written with escapes. */
		if (gb_span_find_byte(value.key, '\\', 0) != SIZE_MAX) {
			reading->why = "a member's name has escapes";
			return false;
		}
		for (unsigned m = 0; m < _M_MAX; m++) {
			if (value.key.n != names[m].n || memcmp(value.key.p, names[m].p, names[m].n) != 0)
				continue;
			if (reading->members[m].type != SCAN_NONE) {
				reading->why = "a member stands in it twice";
				return false;
			}
			reading->members[m] = value;
			break;
		}
	}
}

/* Empty where it is missing. */
static bool take_text(struct reading *reading, enum member m, size_t maximum, struct gb_span *ret)
{
	const struct scan_value *value = &reading->members[m];

	*ret = GB_SPAN_EMPTY;
	if (value->type == SCAN_NONE)
		return true;
	if (value->type != SCAN_STRING) {
		reading->why = "a member has the wrong type";
		return false;
	}
	if (!scan_text(value, reading->arena, ret)) {
		reading->is_out_of_memory = true;
		return false;
	}
	if (ret->n <= maximum)
		return true;
	reading->why = "a member is too long";
	return false;
}

static bool take_number(struct reading *reading, enum member m, int64_t *ret)
{
	if (scan_number(&reading->members[m], ret))
		return true;
	reading->why = "a number is missing or none";
	return false;
}

static unsigned two(const unsigned char *p)
{
	return (p[0] - '0') * 10u + p[1] - '0';
}

/* 2026-11-21T14:56:30.585Z and nothing else. */
static bool parse_time(struct gb_span s, int64_t *ret_ms)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	unsigned hour, minute, second;
	uint32_t day;

	if (s.n != sizeof(form) - 1)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (form[i] == 'd' ? !gb_ascii_is_digit(s.p[i]) : s.p[i] != (unsigned char)form[i])
			return false;
	hour = two(s.p + 11);
	minute = two(s.p + 14);
	second = two(s.p + 17);
	if (!gb_day_parse(gb_span_sub(s, 0, 10), &day) || hour > 23 || minute > 59 || second > 59)
		return false;
	*ret_ms = (int64_t)day * DAY_MS + ((int64_t)hour * 3600 + minute * 60 + second) * 1000 + (s.p[20] - '0') * 100 +
	          (int64_t)two(s.p + 21);
	return true;
}

/* 16 lower-case hexadecimal digits. */
static bool parse_sandbox(struct gb_span s, uint64_t *ret)
{
	uint64_t value = 0;

	if (s.n != GB_EVENT_SANDBOX_CHARS)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (gb_ascii_is_digit(s.p[i]))
			value = value << 4 | (s.p[i] - '0');
		else if (s.p[i] >= 'a' && s.p[i] <= 'f')
			value = value << 4 | (s.p[i] - 'a' + 10u);
		else
			return false;
	}
	*ret = value;
	return true;
}

static bool take_common(struct reading *reading, int64_t now_ms, struct collect_line *line)
{
	struct gb_span time, sandbox;

	if (!take_text(reading, M_KIND, WORD_MAX, &line->kind_name) || !take_number(reading, M_SEQ, &line->seq) ||
	        !take_text(reading, M_TIME, WORD_MAX, &time) || !take_text(reading, M_SANDBOX, WORD_MAX, &sandbox) ||
	        !take_text(reading, M_REQUEST, NAME_MAX, &line->request) ||
	        !take_text(reading, M_SOURCE_IP, NAME_MAX, &line->source_ip))
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (gb_span_equal(line->kind_name, kinds[i].name))
			line->kind = kinds[i].kind;
	if (line->kind_name.n == 0)
		reading->why = "it has no kind";
	else if (!parse_time(time, &line->time))
		reading->why = "it has no time";
	else if (line->time < TIME_FIRST_MS || line->time > now_ms + DAY_MS)
		reading->why = "its time is not of this world";
	else if (sandbox.n != 0 && (!parse_sandbox(sandbox, &line->sandbox) || line->sandbox == 0))
		reading->why = "its sandbox is none";
	return reading->why == NULL;
}

/* Bytes of base64; the buffer is in the arena. */
static bool take_bytes(struct reading *reading, enum member m, struct gb_span *ret)
{
	struct gb_span text;
	unsigned char *bytes;
	ssize_t n;

	if (!take_text(reading, m, COLLECT_LINE_MAX, &text))
		return false;
	bytes = gb_arena_take(reading->arena, GB_BASE64_BYTES(text.n));
	if (bytes == NULL) {
		reading->is_out_of_memory = true;
		return false;
	}
	n = gb_base64_decode(text, bytes);
	if (n < 0) {
		reading->why = "a member is no base64";
		return false;
	}
	*ret = gb_span_of(bytes, (size_t)n);
	return true;
}

static bool take_start(struct reading *reading, struct collect_line *line)
{
	struct gb_span key;

	if (!take_text(reading, M_FUNCTION, NAME_MAX, &line->function) ||
	        !take_text(reading, M_FUNCTION_VERSION, NAME_MAX, &line->function_version) ||
	        !take_text(reading, M_CODE, NAME_MAX, &line->code) ||
	        !take_text(reading, M_RUNTIME, COLLECT_LINE_MAX, &line->runtime) ||
	        !take_text(reading, M_VERSION, NAME_MAX, &line->version) ||
	        !take_text(reading, M_MODE, WORD_MAX, &line->mode))
		return false;
	line->runtime = gb_span_sub(line->runtime, 0, NAME_MAX);
	if (reading->members[M_KEY].type == SCAN_NONE)
		return true;
	if (!take_bytes(reading, M_KEY, &key))
		return false;
	if (key.n != sizeof(line->key)) {
		reading->why = "its key is none";
		return false;
	}
	memcpy(line->key, key.p, key.n);
	line->has_key = true;
	return true;
}

static bool take_seal(struct reading *reading, struct collect_line *line)
{
	unsigned char message[GB_EVENT_SEAL_MESSAGE_MAX];
	int64_t first, last;
	struct gb_span signature;

	if (!take_number(reading, M_FIRST, &first) || !take_number(reading, M_LAST, &last) ||
	        !take_bytes(reading, M_HASHES, &line->seal.hashes) || !take_bytes(reading, M_SIGNATURE, &signature))
		return false;
	line->seal.first = (uint64_t)first;
	line->seal.last = (uint64_t)last;
	if (signature.n != sizeof(line->seal.signature) || line->sandbox == 0 || last >= line->seq ||
	        gb_event_seal_message(GB_SPAN("0123456789abcdef"), &line->seal, message).n == 0) {
		reading->why = "a seal that vouches for nothing";
		return false;
	}
	memcpy(line->seal.signature, signature.p, signature.n);
	return true;
}

static bool take_finding(struct reading *reading, struct collect_line *line)
{
	return take_text(reading, M_TYPE, WORD_MAX, &line->type) &&
	       take_text(reading, M_CLASS, WORD_MAX, &line->class) &&
	       take_text(reading, M_CONTROL, WORD_MAX, &line->control) &&
	       take_text(reading, M_ACTION, WORD_MAX, &line->action) &&
	       take_text(reading, M_SEVERITY, WORD_MAX, &line->severity) &&
	       take_text(reading, M_REASON, WORD_MAX, &line->reason);
}

static int64_t time_of_id(const unsigned char id[GB_EVENT_ID_BYTES])
{
	int64_t time = 0;

	for (size_t i = 0; i < 6; i++)
		time = time << 8 | id[i];
	return time;
}

/* Its own id, when it has a good one; else one that the same line always gets. */
static bool find_id(struct reading *reading, struct collect_line *line)
{
	unsigned char digest[GB_SHA256_BYTES];
	struct gb_span id;

	if (!take_text(reading, M_ID, WORD_MAX, &id))
		return false;
	collect_sha256(line->text, digest);
	memcpy(line->hash, digest, sizeof(line->hash));
	if (id.n != 0 && gb_event_id_parse(id, line->id) && time_of_id(line->id) == line->time)
		return true;
	for (size_t i = 0; i < 6; i++)
		line->id[i] = (unsigned char)(line->time >> (40 - 8 * i));
	memcpy(line->id + 6, digest + GB_EVENT_LINE_HASH_BYTES, 10);
	return true;
}

int collect_line_read(struct gb_span text, int64_t now_ms, struct gb_arena *arena, struct collect_line *ret_line,
        const char **ret_why)
{
	struct reading reading = {.arena = arena};
	char sandbox[GB_EVENT_SANDBOX_CHARS];
	struct collect_line line = {0};
	struct scan_value object;
	uint64_t claimed;
	size_t used;
	bool is_good;

	object = scan_one(text, &used);
	if (object.type != SCAN_OBJECT || used > COLLECT_LINE_MAX ||
	        gb_span_trim(gb_span_sub(text, used, SIZE_MAX)).n != 0) {
		*ret_why = used > COLLECT_LINE_MAX ? "it is too long" : "it is no JSON";
		return -EBADMSG;
	}
	line.text = object.text;
	is_good = take_members(&reading, &object) && take_common(&reading, now_ms, &line) && find_id(&reading, &line);
	if (is_good && line.kind == COLLECT_START)
		is_good = take_start(&reading, &line);
	else if (is_good && line.kind == COLLECT_SEAL)
		is_good = take_seal(&reading, &line);
	else if (is_good && (line.kind == COLLECT_FINDING || line.kind == COLLECT_NOTICE))
		is_good = take_finding(&reading, &line);
	if (!is_good) {
		*ret_why = reading.why;
		return reading.is_out_of_memory ? -ENOMEM : -EBADMSG;
	}
	*ret_line = line;
	if (!line.has_key)
		return 0;
	gb_event_sandbox_of(line.key, sandbox);
	return parse_sandbox(gb_span_of(sandbox, sizeof(sandbox)), &claimed) && claimed == line.sandbox ? 0
	                                                                                                : -EKEYREJECTED;
}
