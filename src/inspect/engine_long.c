/* SPDX-License-Identifier: Apache-2.0 */
/* Strings that are too long to be decoded as a whole. JSON in them is taken apart into its strings: where it lies, when it
 * is escaped once more, or as it comes out of base64. Everything else is decoded in windows, and each judged as text. */
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"
#include "inspect/engine.h"

#define ODD 1 /* stands for what JSON has in its strings only */

/* JSON, in which a quote is \" when it is escaped. */
struct document {
	struct gb_span text;
	bool is_escaped;
};

/* The byte that stands at *REF_AT; moves behind it. What is beyond ASCII is any byte above. */
static unsigned char take(const struct document *document, size_t *ref_at)
{
	const struct gb_span text = document->text;
	const unsigned char c = text.p[*ref_at];
	unsigned char decoded[4];
	struct gb_span escape;

	if (c != '\\' || !document->is_escaped) {
		++*ref_at;
		return c;
	}
	escape = gb_span_sub(text, *ref_at, *ref_at + 1 < text.n && text.p[*ref_at + 1] == 'u' ? 6 : 2);
	*ref_at += escape.n;
	return gb_decode_json(escape, decoded) == 1 && decoded[0] != '\0' ? decoded[0] : ODD;
}

/* The next place where a quote or a backslash may stand. */
static size_t next_sign(const struct document *document, size_t at)
{
	const struct gb_span text = document->text;

	while (at < text.n && text.p[at] != '\\' && (text.p[at] != '"' || document->is_escaped))
		at++;
	return at;
}

/* The string that begins at FROM, behind its quote. Result: where the quote that ends it lies, or SIZE_MAX; *ret_next: what
 * is behind that. */
static size_t end_of_string(const struct document *document, size_t from, size_t *ret_next)
{
	const size_t n = document->text.n;
	size_t at = from;

	while ((at = next_sign(document, at)) < n) {
		const size_t start = at;
		const unsigned char c = take(document, &at);

		*ret_next = at;
		if (c == '"')
			return start;
		if (c == '\\' && at < n)
			(void)take(document, &at);
	}
	return SIZE_MAX;
}

static bool is_scalar(struct gb_span word)
{
	if (gb_span_equal(word, GB_SPAN("true")) || gb_span_equal(word, GB_SPAN("false")) ||
	        gb_span_equal(word, GB_SPAN("null")))
		return true;
	for (size_t i = 0; i < word.n; i++)
		if (!gb_ascii_is_digit(word.p[i]) && gb_bytes_find(GB_SPAN("+-.eE"), word.p[i], 0) == SIZE_MAX)
			return false;
	return gb_ascii_is_digit(word.p[0]) || word.p[0] == '-';
}

static struct gb_span word_at(struct gb_span text, size_t at)
{
	size_t end = at;

	while (end < text.n && (gb_ascii_is_alpha(text.p[end]) || gb_ascii_is_digit(text.p[end]) ||
	                               text.p[end] == '+' || text.p[end] == '-' || text.p[end] == '.'))
		end++;
	return gb_span_sub(text, at, end - at);
}

/* C stands between strings. */
static bool take_mark(struct gb_engine_document *state, unsigned char c)
{
	switch (c) {
	case '{':
	case '[': state->depth++; return !state->has_ended;
	case '}':
	case ']':
		if (state->depth == 0)
			return false;
		state->has_ended = --state->depth == 0;
		return true;
	case ',':
	case ':': return state->depth != 0;
	default: return gb_ascii_is_space(c);
	}
}

/* Reads on, from between two strings. False: it is no JSON. *ret_whole: how much it was, up to what may go on behind the
 * text's end. */
static bool read_on(const struct document *document, struct gb_engine_document *state, size_t *ret_whole)
{
	const struct gb_span text = document->text;
	size_t at = 0, next;

	for (*ret_whole = 0; at < text.n; *ret_whole = at) {
		const struct gb_span word = word_at(text, at);
		unsigned char c;

		if (word.n != 0 && at + word.n == text.n)
			return true;
		if (word.n != 0 && (state->depth == 0 || !is_scalar(word)))
			return false;
		at += word.n;
		if (word.n != 0)
			continue;
		c = take(document, &at);
		if (c == '"' && state->depth != 0) {
			if (end_of_string(document, at, &next) == SIZE_MAX)
				return true;
			at = next;
		} else if (!take_mark(state, c)) {
			return false;
		}
	}
	return true;
}

bool gb_engine_is_escaped_json(struct gb_span text)
{
	const struct document document = {.text = text, .is_escaped = true};
	struct gb_engine_document state = {0};
	size_t whole;

	return read_on(&document, &state, &whole) && whole == text.n && state.has_ended;
}

static void push_string(
        struct gb_inspect_scratch *scratch, const struct document *document, struct gb_span raw, enum gb_origin origin)
{
	const struct gb_engine_job *job = &scratch->jobs[scratch->job_count - 1];
	const size_t jobs = scratch->job_count, used = scratch->arena_used;
	struct gb_walk_string string = {.raw = raw, .origin = origin};

	string.has_escapes = gb_bytes_find(raw, '\\', 0) != SIZE_MAX;
	if (document->is_escaped && raw.n > ARENA_BYTES - used) {
		(void)gb_engine_push_decoded(scratch, DECODE_JSON, raw, origin, job->decodings);
		return;
	}
	/* It is escaped twice: as a string of the document, and with that once more. */
	if (document->is_escaped && string.has_escapes) {
		string.raw = gb_span_of(scratch->arena + used, gb_decode_json(raw, scratch->arena + used));
		string.has_escapes = gb_bytes_find(string.raw, '\\', 0) != SIZE_MAX;
		scratch->arena_used += string.raw.n;
	}
	string.mask = gb_bytes_mask(string.raw);
	gb_engine_take_string(scratch, job, &string);
	/* The bytes go with the job that came of them. */
	if (scratch->job_count > jobs)
		scratch->jobs[jobs].arena_mark = used;
	else
		scratch->arena_used = used;
}

static bool is_key(const struct document *document, size_t behind)
{
	while (behind < document->text.n) {
		const unsigned char c = take(document, &behind);

		if (!gb_ascii_is_space(c))
			return c == ':';
	}
	return false;
}

void gb_engine_step_document(struct gb_inspect_scratch *scratch)
{
	struct gb_engine_job *job = &scratch->jobs[scratch->job_count - 1];
	const struct document document = {.text = job->text, .is_escaped = job->kind == JOB_ESCAPED};
	const size_t jobs = scratch->job_count;

	while (scratch->job_count == jobs) {
		size_t at = job->at, next = job->text.n, end = SIZE_MAX;
		bool is_string = false;

		while (!is_string && (at = next_sign(&document, at)) < job->text.n)
			is_string = take(&document, &at) == '"';
		if (is_string)
			end = end_of_string(&document, at, &next);
		if (end == SIZE_MAX || !gb_engine_spend(scratch, next - job->at)) {
			gb_engine_pop(scratch);
			return;
		}
		job->at = next;
		if (end > at)
			push_string(scratch, &document, gb_span_sub(job->text, at, end - at),
			        is_key(&document, next) ? GB_ORIGIN_KEY : job->origin);
	}
}

/* The next window of base64, behind what was not whole of those before. False: it is no JSON, or none any more. */
static bool step_encoded(struct gb_inspect_scratch *scratch, struct gb_engine_job *job)
{
	unsigned char *begin = scratch->arena + job->arena_mark;
	const struct gb_span slice = gb_span_sub(job->text, job->at, WINDOW_BYTES);
	struct document document = {.is_escaped = false};
	size_t n, whole;

	if (job->document.rest_n + slice.n > ARENA_BYTES - job->arena_mark || !gb_engine_spend(scratch, slice.n))
		return false;
	__builtin_memmove(begin, begin + job->document.rest_from, job->document.rest_n);
	n = gb_decode_base64_bytes(slice, begin + job->document.rest_n);
	if (n == SIZE_MAX)
		return false;
	document.text = gb_span_of(begin, job->document.rest_n + n);
	if (!read_on(&document, &job->document, &whole))
		return false;
	if (job->at + slice.n >= job->text.n && (whole != document.text.n || !job->document.has_ended))
		return false;
	job->document.rest_from = whole;
	job->document.rest_n = document.text.n - whole;
	job->at += slice.n;
	scratch->arena_used = job->arena_mark + document.text.n;
	document.text.n = whole;
	return gb_engine_push(scratch, JOB_DOCUMENT, document.text, job->origin, job->decodings + 1) != NULL;
}

/* Windows overlap, so that nothing shorter than the overlap can hide on a border. */
void gb_engine_step_windows(struct gb_inspect_scratch *scratch)
{
	struct gb_engine_job *job = &scratch->jobs[scratch->job_count - 1];
	struct gb_span slice;
	size_t again;
	bool is_last;

	if (job->at >= job->text.n) {
		gb_engine_pop(scratch);
		return;
	}
	if ((job->decoder == DECODE_BASE64 || job->decoder == DECODE_BODY) && !job->is_plain) {
		if (step_encoded(scratch, job))
			return;
		/* What of the windows before was not whole comes again. */
		again = job->document.rest_n + job->document.rest_n / 2 + WINDOW_OVERLAP;
		job->at = job->document.rest_n == 0 ? job->at : again > job->at ? 0 : job->at - again;
		job->at -= job->at % 4;
		job->is_plain = true;
		scratch->arena_used = job->arena_mark;
	}
	slice = gb_span_sub(job->text, job->at, WINDOW_BYTES);
	is_last = job->at + slice.n >= job->text.n;
	job->at = is_last ? job->text.n : job->at + slice.n - WINDOW_OVERLAP;
	/* Whole groups of four digits keep base64 in step. */
	if (!is_last)
		job->at -= job->at % 4;
	gb_engine_push_decoded(scratch, job->decoder, slice, job->origin, job->decodings);
}
