/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The work on one event: a stack of jobs, each a text to judge or a structure to take apart. A text is judged as it
 * lies, then the first encoding that it shows is undone into the arena, and the result is the next job. Memory is the
 * scratch, whatever the event's size; what does not fit into the arena is decoded in overlapping windows.
 */
#include "base/text.h"
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"
#include "inspect/detect/detect.h"
#include "inspect/inspect.h"
#include "inspect/walk.h"

#define ARENA_BYTES    (384u * 1024u)
#define JOBS_MAX       20u
#define DECODINGS_MAX  8u /* layers undone on one string */
#define WINDOW_BYTES   (24u * 1024u)
#define WINDOW_OVERLAP 1024u
#define STEPS_PER_BYTE 64u /* ordinary events need about 2 */
#define STEPS_MIN      (1u << 20)
#define BASE64_MIN     12u /* characters; shorter words of its alphabet are words */
#define RUN_BYTES_MIN  8u  /* shorter ones are mostly chance */
#define KEPT_PATH_MAX  256u
#define KEPT_VALUE_MAX 2048u

enum decoder {
	DECODE_NOTHING,
	DECODE_JSON,
	DECODE_BASE64,
	DECODE_PERCENT,
	DECODE_PERCENT_PLUS,
	DECODE_FOLD,
	DECODE_ENTITIES,
	DECODE_ESCAPES,
	DECODE_BODY, /* base64 of any bytes, which lies in JSON */
};

enum job_kind {
	JOB_TEXT,
	JOB_WALK,
	JOB_FORM,
	JOB_MULTIPART,
	JOB_WINDOWS,
	JOB_RUNS, /* of printable bytes in binary data */
};

struct job {
	enum job_kind kind;
	struct gb_span text;
	size_t at;
	size_t path_n;
	size_t arena_mark;
	enum gb_origin origin;
	unsigned decodings;
	enum decoder decoder; /* of windows */
	bool is_started;
	bool is_plain; /* not to be taken for JSON: it was found broken */
	bool has_plus; /* + is a blank here */
	bool is_raw;   /* as it lies in the event: escapes of JSON, if any, are not undone */
	uint32_t mask; /* of the text, or 0: not known yet */
	struct gb_walk walk;
};

struct kept_finding {
	char path[KEPT_PATH_MAX];
	unsigned char value[KEPT_VALUE_MAX];
};

struct gb_inspect_scratch {
	const struct gb_inspect_options *options;
	struct gb_inspect_report *report;
	uint64_t steps_max;
	struct gb_span event;
	struct gb_span forwarded_for;
	struct gb_span body; /* as it lies in the event */
	size_t arena_used;
	size_t job_count;
	struct gb_walk_path path;
	struct job jobs[JOBS_MAX];
	struct kept_finding kept[GB_INSPECT_FINDINGS_MAX];
	unsigned char arena[ARENA_BYTES];
};

size_t gb_inspect_scratch_bytes(void)
{
	return sizeof(struct gb_inspect_scratch);
}

static bool spend(struct gb_inspect_scratch *scratch, size_t bytes)
{
	scratch->report->steps += bytes;
	if (scratch->report->steps <= scratch->steps_max)
		return true;
	scratch->report->is_limited = true;
	return false;
}

static struct job *push(struct gb_inspect_scratch *scratch, enum job_kind kind, struct gb_span text,
        enum gb_origin origin, unsigned decodings)
{
	struct job *job;

	if (scratch->job_count == JOBS_MAX) {
		scratch->report->is_limited = true;
		return NULL;
	}
	job = &scratch->jobs[scratch->job_count++];
	job->kind = kind;
	job->text = text;
	job->at = 0;
	job->path_n = scratch->path.n;
	job->arena_mark = scratch->arena_used;
	job->origin = origin;
	job->decodings = decodings;
	job->decoder = DECODE_NOTHING;
	job->is_started = false;
	job->is_plain = false;
	job->has_plus = false;
	job->is_raw = false;
	job->mask = 0;
	return job;
}

static void pop(struct gb_inspect_scratch *scratch)
{
	struct job *job = &scratch->jobs[--scratch->job_count];

	scratch->path.n = job->path_n;
	scratch->arena_used = job->arena_mark;
}

/* Copies what a finding must keep when the arena is used again: the path, and the value around the bytes that convict. */
static void keep_finding(struct gb_inspect_scratch *scratch, const struct job *job, enum gb_attack_class attack_class,
        const struct gb_detect_hit *hit)
{
	struct gb_inspect_report *report = scratch->report;
	struct kept_finding *kept = &scratch->kept[report->finding_count];
	struct gb_inspect_finding *finding = &report->findings[report->finding_count];
	size_t path_n = scratch->path.n < KEPT_PATH_MAX ? scratch->path.n : KEPT_PATH_MAX;
	size_t from = 0, n = job->text.n;

	if (n > KEPT_VALUE_MAX) {
		from = hit->from > KEPT_VALUE_MAX / 4 ? hit->from - KEPT_VALUE_MAX / 4 : 0;
		n = job->text.n - from < KEPT_VALUE_MAX ? job->text.n - from : KEPT_VALUE_MAX;
	}
	memcpy(kept->path, scratch->path.p, path_n);
	memcpy(kept->value, job->text.p + from, n);
	*finding = (struct gb_inspect_finding){
	        .attack_class = attack_class,
	        .reason = hit->reason,
	        .origin = job->origin,
	        .path = gb_span_of(kept->path, path_n),
	        .value = gb_span_of(kept->value, n),
	        .from = hit->from - from,
	        .length = hit->length < n - (hit->from - from) ? hit->length : n - (hit->from - from),
	};
	report->finding_count++;
}

static bool is_known(const struct gb_inspect_scratch *scratch, enum gb_attack_class attack_class)
{
	struct gb_span path = gb_span_of(scratch->path.p, scratch->path.n);

	for (size_t i = 0; i < scratch->report->finding_count; i++) {
		const struct gb_inspect_finding *finding = &scratch->report->findings[i];

		if (finding->attack_class == attack_class && gb_span_starts(path, finding->path))
			return true;
	}
	return scratch->report->finding_count == GB_INSPECT_FINDINGS_MAX;
}

static void detect(struct gb_inspect_scratch *scratch, const struct job *job, uint32_t mask)
{
	struct gb_detect_input input = {.text = job->text,
	        .mask = mask,
	        .origin = job->origin,
	        .decodings = job->decodings,
	        .path = gb_span_of(scratch->path.p, scratch->path.n)};
	uint32_t classes = scratch->options->classes;

	for (size_t i = 0; i < gb_detector_count; i++) {
		const struct gb_detector *detector = &gb_detectors[i];
		struct gb_detect_hit hit = {0};

		if ((mask & detector->any_of) == 0 || (classes != 0 && (classes & 1u << detector->attack_class) == 0))
			continue;
		if (is_known(scratch, detector->attack_class))
			continue;
		scratch->report->steps += job->text.n;
		if (detector->find(&input, &hit))
			keep_finding(scratch, job, detector->attack_class, &hit);
	}
}

static size_t run_decoder(enum decoder decoder, struct gb_span in, unsigned char *out)
{
	bool changed = true;
	size_t n;

	switch (decoder) {
	case DECODE_JSON: return gb_decode_json(in, out);
	case DECODE_BASE64: return gb_decode_base64(in, out);
	case DECODE_PERCENT: n = gb_decode_percent(in, out); break;
	case DECODE_PERCENT_PLUS: n = gb_decode_percent_plus(in, out, &changed); return changed ? n : SIZE_MAX;
	case DECODE_FOLD: n = gb_decode_fold(in, out); break;
	case DECODE_ENTITIES: n = gb_decode_entities(in, out); break;
	case DECODE_ESCAPES: n = gb_decode_escapes(in, out); break;
	case DECODE_BODY: n = gb_decode_json(in, out); return gb_decode_base64_bytes(gb_span_of(out, n), out);
	case DECODE_NOTHING:
	default: return SIZE_MAX;
	}
	return n == in.n && memcmp(in.p, out, n) == 0 ? SIZE_MAX : n;
}

/* Push what DECODER makes of TEXT as a job of its own; false when nothing came of it. */
static bool push_decoded(struct gb_inspect_scratch *scratch, enum decoder decoder, struct gb_span text,
        enum gb_origin origin, unsigned decodings)
{
	struct job *job;
	unsigned char *out;
	size_t n;

	if (text.n > ARENA_BYTES - scratch->arena_used) {
		if (ARENA_BYTES - scratch->arena_used < 2 * WINDOW_BYTES) {
			scratch->report->is_limited = true;
			return false;
		}
		job = push(scratch, JOB_WINDOWS, text, origin, decodings);
		if (job != NULL)
			job->decoder = decoder;
		return job != NULL;
	}
	if (!spend(scratch, text.n))
		return false;
	out = scratch->arena + scratch->arena_used;
	n = run_decoder(decoder, text, out);
	if (n == SIZE_MAX)
		return false;
	job = push(scratch, JOB_TEXT, gb_span_of(out, n), origin, decodings);
	if (job == NULL)
		return false;
	scratch->arena_used += n;
	return true;
}

static bool has_base64_form(struct gb_span text, uint32_t mask)
{
	const uint32_t allowed =
	        GB_BYTE_ALNUM | GB_BYTE_PLUS | GB_BYTE_SLASH | GB_BYTE_EQUAL | GB_BYTE_OTHER | GB_BYTE_NEWLINE;
	struct gb_span trimmed;

	if ((mask & ~(allowed | GB_BYTE_SPACE)) != 0)
		return false;
	trimmed = gb_span_trim(text);
	if (trimmed.n != text.n)
		mask = gb_bytes_mask(trimmed);
	return trimmed.n >= BASE64_MIN && (mask & ~allowed) == 0;
}

/* Text of which each + may stand for a blank: it has no blanks of its own. */
static bool may_have_plus(const struct job *job, uint32_t mask)
{
	return (mask & GB_BYTE_PLUS) != 0 && (job->has_plus || (mask & GB_BYTE_SPACE) == 0);
}

/* Bytes that the folding decoder may know: leads of overlong forms and of U+00A0, U+2xxx, U+3xxx, U+Fxxx; CR. */
static bool has_other_spellings(struct gb_span text)
{
	for (size_t at = 0; at < text.n; at++) {
		unsigned char c = text.p[at];

		if (c == '\r' ||
		        (c >= 0xc0 && (c <= 0xc2 || c == 0xe0 || c == 0xe2 || c == 0xe3 || c == 0xef || c == 0xf0)))
			return true;
	}
	return false;
}

/* 0x: such numbers stand for bytes of a path in some attacks. */
static bool has_hexadecimal(struct gb_span text)
{
	for (size_t x = gb_bytes_find(text, 'x', 1); x != SIZE_MAX; x = gb_bytes_find(text, 'x', x + 1))
		if (text.p[x - 1] == '0')
			return true;
	return false;
}

/* Undo the outermost encoding that TEXT shows. One at a time: the result is looked at again. */
static void decode_text(struct gb_inspect_scratch *scratch, const struct job *job, uint32_t mask)
{
	const unsigned next = job->decodings + 1;
	struct gb_span text = job->text;

	if (text.n < 3)
		return;
	if (next > DECODINGS_MAX) {
		scratch->report->is_limited |= (mask & GB_BYTE_PERCENT) != 0;
		return;
	}
	if (has_base64_form(text, mask) && push_decoded(scratch, DECODE_BASE64, gb_span_trim(text), job->origin, next))
		return;
	if (may_have_plus(job, mask) && push_decoded(scratch, DECODE_PERCENT_PLUS, text, job->origin, next))
		return;
	if ((mask & GB_BYTE_PERCENT) != 0 && push_decoded(scratch, DECODE_PERCENT, text, job->origin, next))
		return;
	if ((mask & (GB_BYTE_HIGH | GB_BYTE_NEWLINE)) != 0 && has_other_spellings(text) &&
	        push_decoded(scratch, DECODE_FOLD, text, job->origin, next))
		return;
	if ((mask & GB_BYTE_AMPERSAND) != 0 && push_decoded(scratch, DECODE_ENTITIES, text, job->origin, next))
		return;
	if ((mask & GB_BYTE_BACKSLASH) != 0 || ((mask & (GB_BYTE_SLASH | GB_BYTE_DOT)) != 0 && has_hexadecimal(text)))
		push_decoded(scratch, DECODE_ESCAPES, text, job->origin, next);
}

#define BLANKS (GB_BYTE_SPACE | GB_BYTE_NEWLINE | GB_BYTE_CONTROL)

static bool looks_like_json(struct gb_span text)
{
	struct gb_span trimmed;

	if (text.n < 2 ||
	        (gb_byte_classes[text.p[0]] & ~(GB_BYTE_BRACE | GB_BYTE_BRACKET | GB_BYTE_DOUBLE | BLANKS)) != 0)
		return false;
	trimmed = gb_span_trim(text);
	if (trimmed.n < 2)
		return false;
	return (trimmed.p[0] == '{' && trimmed.p[trimmed.n - 1] == '}') ||
	       (trimmed.p[0] == '[' && trimmed.p[trimmed.n - 1] == ']') ||
	       (trimmed.p[0] == '"' && trimmed.p[trimmed.n - 1] == '"' && trimmed.n > 8);
}

static void tell_string(struct gb_inspect_scratch *scratch, const struct job *job)
{
	struct gb_inspect_string string = {
	        .path = gb_span_of(scratch->path.p, scratch->path.n),
	        .value = job->text,
	        .origin = job->origin,
	        .decodings = job->decodings,
	};

	if (scratch->options->on_string != NULL && !job->is_raw)
		scratch->options->on_string(scratch->options->context, &string);
}

static bool push_walk(struct gb_inspect_scratch *scratch, struct gb_span text, enum gb_walk_node node,
        enum gb_origin origin, unsigned decodings)
{
	struct job *job = push(scratch, JOB_WALK, text, origin, decodings);

	if (job == NULL)
		return false;
	gb_walk_start(&job->walk, text, node, origin);
	return true;
}

/* A text is taken apart if it has parts, else judged whole and decoded. */
static void step_text(struct gb_inspect_scratch *scratch)
{
	struct job *job = &scratch->jobs[scratch->job_count - 1];
	uint32_t mask;

	if (job->is_started && !job->is_plain) {
		pop(scratch);
		return;
	}
	if (!job->is_started) {
		job->is_started = true;
		tell_string(scratch, job);
		if (looks_like_json(job->text) &&
		        push_walk(scratch, job->text, GB_NODE_OTHER, job->origin, job->decodings + 1))
			return;
	}
	job->is_plain = false;
	if (!spend(scratch, job->text.n)) {
		pop(scratch);
		return;
	}
	mask = job->mask != 0 ? job->mask : gb_bytes_mask(job->text);
	/* Padding makes base64 look like a form with one field. */
	if ((mask & GB_BYTE_EQUAL) != 0 && job->decodings < DECODINGS_MAX && has_base64_form(job->text, mask) &&
	        push_decoded(scratch, DECODE_BASE64, gb_span_trim(job->text), job->origin, job->decodings + 1))
		return;
	if ((mask & GB_BYTE_EQUAL) != 0 && (mask & GB_BYTE_SPACE) == 0 && gb_decode_is_form(job->text)) {
		/* Most forms are judged by their fields alone; `CMD=$'id';$CMD` only looks like one. */
		if ((mask & (GB_BYTE_SEMICOLON | GB_BYTE_PIPE | GB_BYTE_BACKTICK | GB_BYTE_DOLLAR)) != 0)
			detect(scratch, job, mask);
		if (push(scratch, JOB_FORM, job->text, job->origin, job->decodings) != NULL)
			return;
	}
	if ((mask & GB_BYTE_NEWLINE) != 0 && gb_decode_is_multipart(job->text) &&
	        push(scratch, JOB_MULTIPART, job->text, job->origin, job->decodings) != NULL)
		return;
	detect(scratch, job, mask);
	if ((mask & ~GB_BYTE_PLAIN) != 0 || has_base64_form(job->text, mask) || (mask & GB_BYTE_ALNUM) != 0)
		decode_text(scratch, job, mask);
}

/* Push a value or key found in a structure as a text of its own. */
static struct job *push_text(struct gb_inspect_scratch *scratch, struct gb_span text, enum gb_origin origin,
        unsigned decodings, bool has_plus)
{
	struct job *job = push(scratch, JOB_TEXT, text, origin, decodings);

	if (job != NULL)
		job->has_plus = has_plus;
	return job;
}

/* {"$type": …, "@type": …}: the value names a class that a careless reader makes an object of. */
static bool is_type_of_object(const struct gb_walk_path *path)
{
	const char *end = path->p + path->n;

	return path->n >= 5 && end[-1] == 'e' && (end[-5] == '$' || end[-5] == '@') && memcmp(end - 4, "type", 4) == 0;
}

/* Strings of most events are names, words and numbers: told to the caller and done with, no job. No detector asks for
 * these bytes; what is left is base64, which has some length and no blanks, and dots in front of 0x2f. */
static bool is_tame(const struct gb_walk_path *path, const struct gb_walk_string *string)
{
	if (string->has_escapes || (string->mask & ~GB_BYTE_PLAIN) != 0)
		return false;
	if (string->raw.n == 9 && string->origin == GB_ORIGIN_KEY &&
	        (memcmp(string->raw.p, "__proto__", 9) == 0 || memcmp(string->raw.p, "prototype", 9) == 0))
		return false;
	/* A token as a client sends it. */
	if (string->raw.n > 24 && memcmp(string->raw.p + 6, " ey", 3) == 0)
		return false;
	if (is_type_of_object(path))
		return false;
	if ((string->mask & GB_BYTE_SPACE) != 0)
		return string->raw.n < 8 || !gb_detect_sql_is_hinted(string->raw);
	return string->raw.n < 12 || (string->origin == GB_ORIGIN_KEY && (string->mask & GB_BYTE_DOT) == 0);
}

static void note_member(struct gb_inspect_scratch *scratch, const struct gb_walk_string *string)
{
	if ((string->signs & GB_SIGN_ADDRESS) != 0 && scratch->report->source_ip.n == 0)
		scratch->report->source_ip = string->raw;
	if ((string->signs & GB_SIGN_FORWARDED_FOR) != 0)
		scratch->forwarded_for = string->raw;
	if ((string->signs & GB_SIGN_BODY) != 0)
		scratch->body = string->raw;
}

static void take_string(
        struct gb_inspect_scratch *scratch, const struct job *walk_job, const struct gb_walk_string *string)
{
	enum gb_origin origin = string->origin;
	unsigned decodings = walk_job->decodings;
	struct job *job;

	if (string->signs != 0 && walk_job == &scratch->jobs[0])
		note_member(scratch, string);
	if (string->raw.n == 0)
		return;
	if (is_tame(&scratch->path, string)) {
		struct job tame = {.text = string->raw, .origin = origin, .decodings = decodings};

		tell_string(scratch, &tame);
		scratch->report->steps += string->raw.n;
		return;
	}
	if (string->has_escapes) {
		push_decoded(scratch, DECODE_JSON, string->raw, origin, decodings);
		return;
	}
	job = push_text(scratch, string->raw, origin, decodings, origin == GB_ORIGIN_OBJECT_KEY);
	if (job != NULL)
		job->mask = string->mask;
}

static void step_walk(struct gb_inspect_scratch *scratch)
{
	struct job *job = &scratch->jobs[scratch->job_count - 1];
	struct gb_walk_string string;
	size_t before = job->walk.at;
	enum gb_walk_result result = gb_walk_next(&job->walk, &scratch->path, &string);

	if (!spend(scratch, job->walk.at - before)) {
		pop(scratch);
		return;
	}
	if (result == GB_WALK_KEY || result == GB_WALK_STRING) {
		take_string(scratch, job, &string);
		return;
	}
	scratch->report->is_limited |= job->walk.is_deep;
	if (scratch->job_count > 1) {
		pop(scratch);
		if (result == GB_WALK_BROKEN)
			scratch->jobs[scratch->job_count - 1].is_plain = true;
		return;
	}
	job->is_started = true;
	job->is_plain = result == GB_WALK_BROKEN;
}

static void step_fields(struct gb_inspect_scratch *scratch)
{
	struct job *job = &scratch->jobs[scratch->job_count - 1];
	const bool is_form = job->kind == JOB_FORM;
	struct gb_decode_field field;
	bool more;

	scratch->path.n = job->path_n;
	more = is_form ? gb_decode_form_next(job->text, &job->at, &field)
	               : gb_decode_multipart_next(job->text, &job->at, &field);
	if (!more || !spend(scratch, field.value.n + field.name.n)) {
		pop(scratch);
		return;
	}
	gb_walk_path_add_name(&scratch->path, field.name);
	if (field.file_name.n != 0 && !gb_decode_is_text(field.value))
		push(scratch, JOB_RUNS, field.value, job->origin, job->decodings + 1);
	else if (field.value.n != 0)
		push_text(scratch, field.value, job->origin, job->decodings + 1, is_form);
	if (field.name.n != 0)
		push_text(scratch, field.name, GB_ORIGIN_KEY, job->decodings + 1, is_form);
	if (field.file_name.n != 0)
		push_text(scratch, field.file_name, job->origin, job->decodings + 1, false);
}

/* Windows overlap, so that nothing shorter than the overlap can hide on a border. */
static void step_windows(struct gb_inspect_scratch *scratch)
{
	struct job *job = &scratch->jobs[scratch->job_count - 1];
	struct gb_span slice = gb_span_sub(job->text, job->at, WINDOW_BYTES);
	bool is_last = job->at + slice.n >= job->text.n;

	if (job->at >= job->text.n) {
		pop(scratch);
		return;
	}
	job->at = is_last ? job->text.n : job->at + slice.n - WINDOW_OVERLAP;
	/* Whole groups of four digits keep base64 in step. */
	if (!is_last)
		job->at -= job->at % 4;
	push_decoded(scratch, job->decoder, slice, job->origin, job->decodings);
}

/* Binary data holds text where an application's format puts some: each run of printable bytes is judged by itself. */
static void step_runs(struct gb_inspect_scratch *scratch)
{
	const uint32_t unprintable = GB_BYTE_CONTROL | GB_BYTE_HIGH;
	struct job *job = &scratch->jobs[scratch->job_count - 1];
	struct gb_span text = job->text;
	size_t start = job->at, end;

	for (;; start = end) {
		while (start < text.n && (gb_byte_classes[text.p[start]] & unprintable) != 0)
			start++;
		for (end = start; end < text.n && (gb_byte_classes[text.p[end]] & unprintable) == 0;)
			end++;
		if (end - start >= RUN_BYTES_MIN || end == text.n)
			break;
	}
	if (!spend(scratch, end - job->at) || end - start < RUN_BYTES_MIN) {
		pop(scratch);
		return;
	}
	job->at = end;
	push_text(scratch, gb_span_sub(text, start, end - start), job->origin, job->decodings, false);
}

/* A body that the event says is base64 is decoded whatever comes out. What the ordinary way has seen is not looked at
 * twice: base64 that shows itself as such and gives text. */
static void push_body(struct gb_inspect_scratch *scratch)
{
	struct gb_span body = scratch->body, bytes;
	struct job *job;
	uint32_t mask;

	scratch->path.n = 0;
	gb_walk_path_add_name(&scratch->path, GB_SPAN("body"));
	if (!push_decoded(scratch, DECODE_BODY, body, GB_ORIGIN_BODY, 1))
		return;
	job = &scratch->jobs[scratch->job_count - 1];
	if (job->kind != JOB_TEXT)
		return;
	bytes = job->text;
	mask = gb_bytes_mask(bytes);
	if (gb_decode_is_text(bytes) && body.n >= BASE64_MIN)
		pop(scratch);
	else if ((mask & GB_BYTE_CONTROL) != 0 && !gb_decode_is_multipart(bytes))
		job->kind = JOB_RUNS;
}

static void run_jobs(struct gb_inspect_scratch *scratch)
{
	while (scratch->job_count != 0) {
		switch (scratch->jobs[scratch->job_count - 1].kind) {
		case JOB_TEXT: step_text(scratch); break;
		case JOB_WALK:
			step_walk(scratch);
			if (scratch->job_count == 1 && scratch->jobs[0].kind == JOB_WALK && scratch->jobs[0].is_started)
				return;
			break;
		case JOB_FORM:
		case JOB_MULTIPART: step_fields(scratch); break;
		case JOB_WINDOWS: step_windows(scratch); break;
		case JOB_RUNS: step_runs(scratch); break;
		}
	}
}

static void begin(struct gb_inspect_scratch *scratch, const struct gb_inspect_options *options, struct gb_span text,
        struct gb_inspect_report *ret_report)
{
	scratch->options = options;
	scratch->report = ret_report;
	scratch->steps_max = (uint64_t)text.n * STEPS_PER_BYTE + STEPS_MIN;
	scratch->event = text;
	scratch->forwarded_for = GB_SPAN_EMPTY;
	scratch->body = GB_SPAN_EMPTY;
	scratch->arena_used = 0;
	scratch->job_count = 0;
	scratch->path.n = 0;
	*ret_report = (struct gb_inspect_report){.shape = GB_SHAPE_OTHER};
}

static enum gb_event_shape shape_of(unsigned signs)
{
	if ((signs & GB_SIGN_ELB) != 0)
		return GB_SHAPE_ALB;
	if ((signs & GB_SIGN_CONTEXT_HTTP) != 0)
		return GB_SHAPE_API_GATEWAY_V2;
	if ((signs & GB_SIGN_CONTEXT) != 0 && (signs & GB_SIGN_HTTP_METHOD) != 0)
		return GB_SHAPE_API_GATEWAY_V1;
	if ((signs & GB_SIGN_RECORD_S3) != 0)
		return GB_SHAPE_S3;
	if ((signs & GB_SIGN_RECORD_SNS) != 0)
		return GB_SHAPE_SNS;
	if ((signs & GB_SIGN_RECORD_BODY) != 0)
		return GB_SHAPE_SQS;
	if ((signs & GB_SIGN_DETAIL_TYPE) != 0)
		return GB_SHAPE_EVENTBRIDGE;
	return GB_SHAPE_OTHER;
}

/* A load balancer appends the address it saw itself; what stands before it is the client's word. */
static struct gb_span last_hop(struct gb_span forwarded_for)
{
	size_t comma = gb_span_find_last_byte(forwarded_for, ',');

	return gb_span_trim(comma == SIZE_MAX ? forwarded_for : gb_span_sub(forwarded_for, comma + 1, SIZE_MAX));
}

void gb_inspect_event(const struct gb_inspect_options *options, struct gb_span event,
        struct gb_inspect_scratch *scratch, struct gb_inspect_report *ret_report)
{
	bool is_broken;

	begin(scratch, options, event, ret_report);
	push_walk(scratch, event, GB_NODE_ROOT, GB_ORIGIN_VALUE, 0);
	run_jobs(scratch);
	is_broken = scratch->job_count == 1 && scratch->jobs[0].is_plain;
	if (scratch->job_count == 1 && !is_broken && (scratch->jobs[0].walk.signs & GB_SIGN_BODY_BASE64) != 0 &&
	        scratch->body.n != 0) {
		push_body(scratch);
		run_jobs(scratch);
	}
	if (scratch->job_count == 1)
		ret_report->shape = shape_of(scratch->jobs[0].walk.signs);
	if (ret_report->shape == GB_SHAPE_ALB && ret_report->source_ip.n == 0)
		ret_report->source_ip = last_hop(scratch->forwarded_for);
	if (!is_broken)
		return;
	/* Not JSON, or no longer: the bytes as they are. */
	scratch->job_count = 0;
	scratch->path.n = 0;
	scratch->arena_used = 0;
	if (ret_report->shape == GB_SHAPE_OTHER)
		ret_report->shape = GB_SHAPE_NOT_JSON;
	push(scratch, JOB_TEXT, event, GB_ORIGIN_BODY, 0)->is_plain = true;
	tell_string(scratch, &scratch->jobs[0]);
	scratch->jobs[0].is_started = true;
	run_jobs(scratch);
}

void gb_inspect_value(const struct gb_inspect_options *options, struct gb_span value,
        struct gb_inspect_scratch *scratch, struct gb_inspect_report *ret_report)
{
	begin(scratch, options, value, ret_report);
	push_text(scratch, value, GB_ORIGIN_VALUE, 0, false);
	run_jobs(scratch);
}
