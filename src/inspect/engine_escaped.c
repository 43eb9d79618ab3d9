/* SPDX-License-Identifier: Apache-2.0 */
/* JSON within a string of JSON that is too long to be decoded as a whole: its strings are found where they lie, and only they
 * are decoded. Windows of it would be judged as text that is cut anywhere. */
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"
#include "inspect/engine.h"

#define ODD 1 /* stands for what JSON has in its strings only */

/* The byte that TEXT stands for at *REF_AT; moves behind it. What is beyond ASCII is any byte above. */
static unsigned char take(struct gb_span text, size_t *ref_at)
{
	const unsigned char c = text.p[*ref_at];
	unsigned char decoded[4];
	struct gb_span escape;

	if (c != '\\') {
		++*ref_at;
		return c;
	}
	escape = gb_span_sub(text, *ref_at, *ref_at + 1 < text.n && text.p[*ref_at + 1] == 'u' ? 6 : 2);
	*ref_at += escape.n;
	return gb_decode_json(escape, decoded) == 1 && decoded[0] != '\0' ? decoded[0] : ODD;
}

/* The string that begins at FROM, behind its quote. Result: where the quote that ends it lies, or SIZE_MAX; *ret_next: what
 * is behind that. */
static size_t end_of_string(struct gb_span text, size_t from, size_t *ret_next)
{
	size_t at = from;

	while ((at = gb_bytes_find(text, '\\', at)) != SIZE_MAX) {
		const size_t start = at;
		const unsigned char c = take(text, &at);

		*ret_next = at;
		if (c == '"')
			return start;
		if (c == '\\' && at < text.n)
			(void)take(text, &at);
	}
	return SIZE_MAX;
}

static bool is_scalar(struct gb_span word)
{
	if (gb_span_equal(word, GB_SPAN("true")) || gb_span_equal(word, GB_SPAN("false")) ||
	        gb_span_equal(word, GB_SPAN("null")))
		return true;
	for (size_t i = 0; i < word.n; i++)
		if (!gb_ascii_is_digit(word.p[i]) &&
		        (word.p[i] == '\0' || gb_bytes_find(GB_SPAN("+-.eE"), word.p[i], 0) == SIZE_MAX))
			return false;
	return word.n != 0 && (gb_ascii_is_digit(word.p[0]) || word.p[0] == '-');
}

static struct gb_span word_at(struct gb_span text, size_t at)
{
	size_t end = at;

	while (end < text.n && (gb_ascii_is_alpha(text.p[end]) || gb_ascii_is_digit(text.p[end]) ||
	                               text.p[end] == '+' || text.p[end] == '-' || text.p[end] == '.'))
		end++;
	return gb_span_sub(text, at, end - at);
}

bool gb_engine_is_escaped_json(struct gb_span text)
{
	size_t depth = 0, at = 0, next;
	bool has_ended = false;

	while (at < text.n) {
		const struct gb_span word = word_at(text, at);

		if (word.n != 0 && (depth == 0 || !is_scalar(word)))
			return false;
		at += word.n;
		if (word.n != 0)
			continue;
		switch (take(text, &at)) {
		case '{':
		case '[':
			if (has_ended)
				return false;
			depth++;
			break;
		case '}':
		case ']':
			if (depth == 0)
				return false;
			has_ended = --depth == 0;
			break;
		case '"':
			if (depth == 0 || end_of_string(text, at, &next) == SIZE_MAX)
				return false;
			at = next;
			break;
		case ',':
		case ':':
			if (depth == 0)
				return false;
			break;
		case ' ':
		case '\t':
		case '\n':
		case '\r': break;
		default: return false;
		}
	}
	return has_ended;
}

/* RAW is escaped twice: once as a string of the document, and with that once more. */
static void push_string(struct gb_inspect_scratch *scratch, struct gb_span raw, enum gb_origin origin)
{
	const struct gb_engine_job *job = &scratch->jobs[scratch->job_count - 1];
	const size_t jobs = scratch->job_count, used = scratch->arena_used;
	struct gb_walk_string string = {.raw = raw, .origin = origin};

	if (raw.n > ARENA_BYTES - used) {
		(void)gb_engine_push_decoded(scratch, DECODE_JSON, raw, origin, job->decodings);
		return;
	}
	if (gb_bytes_find(raw, '\\', 0) != SIZE_MAX) {
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

static bool is_key(struct gb_span text, size_t behind)
{
	while (behind < text.n) {
		const unsigned char c = take(text, &behind);

		if (!gb_ascii_is_space(c))
			return c == ':';
	}
	return false;
}

void gb_engine_step_escaped(struct gb_inspect_scratch *scratch)
{
	struct gb_engine_job *job = &scratch->jobs[scratch->job_count - 1];
	const size_t jobs = scratch->job_count;
	const struct gb_span text = job->text;

	while (scratch->job_count == jobs) {
		size_t at = gb_bytes_find(text, '\\', job->at), next = text.n, end;

		/* Between strings only quotes and blanks are escaped. */
		while (at < text.n && take(text, &at) != '"')
			at = gb_bytes_find(text, '\\', at);
		end = at < text.n ? end_of_string(text, at, &next) : SIZE_MAX;
		if (end == SIZE_MAX || !gb_engine_spend(scratch, next - job->at)) {
			gb_engine_pop(scratch);
			return;
		}
		job->at = next;
		if (end > at)
			push_string(scratch, gb_span_sub(text, at, end - at),
			        is_key(text, next) ? GB_ORIGIN_KEY : job->origin);
	}
}
