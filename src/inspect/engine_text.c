/* SPDX-License-Identifier: Apache-2.0 */
/* One text: judged as it lies, then the first encoding that it shows is undone and the result is the next job. */
#include "base/text.h"
#include "inspect/bytes.h"
#include "inspect/chance.h"
#include "inspect/decode/decode.h"
#include "inspect/detect/detect.h"
#include "inspect/engine.h"

static const char *const layers[] = {
        [DECODE_JSON] = "json",
        [DECODE_BASE64] = "base64",
        [DECODE_PERCENT] = "percent",
        [DECODE_PERCENT_PLUS] = "percent",
        [DECODE_FOLD] = "spelling",
        [DECODE_ENTITIES] = "entities",
        [DECODE_ESCAPES] = "escapes",
        [DECODE_UTF16] = "utf16",
        [DECODE_HEX] = "hexadecimal",
        [DECODE_NUMBERS] = "numbers",
        [DECODE_BODY] = "base64",
};

static size_t run_decoder(enum gb_engine_decoder decoder, struct gb_span in, unsigned char *out)
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
	case DECODE_UTF16: return gb_decode_utf16(in, out);
	case DECODE_HEX: return gb_decode_hex(in, out);
	case DECODE_NUMBERS: return gb_decode_numbers(in, out);
	case DECODE_BODY: n = gb_decode_json(in, out); return gb_decode_base64_bytes(gb_span_of(out, n), out);
	case DECODE_NOTHING:
	default: return SIZE_MAX;
	}
	return n == in.n && memcmp(in.p, out, n) == 0 ? SIZE_MAX : n;
}

/* Decoders of digits, which identifiers and sums are made of too. */
static bool is_digits(enum gb_engine_decoder decoder)
{
	return decoder == DECODE_BASE64 || decoder == DECODE_HEX;
}

/* Decoders that are tried on texts that may be something else. */
static bool is_guess(enum gb_engine_decoder decoder)
{
	return is_digits(decoder) || decoder == DECODE_UTF16;
}

bool gb_engine_push_decoded(struct gb_inspect_scratch *scratch, enum gb_engine_decoder decoder, struct gb_span text,
        enum gb_origin origin, unsigned decodings)
{
	struct gb_engine_job *job;
	unsigned char *out, begin[64];
	size_t n;

	if (text.n > ARENA_BYTES - scratch->arena_used) {
		if (is_guess(decoder) && run_decoder(decoder, gb_span_sub(text, 0, 64), begin) == SIZE_MAX)
			return false;
		if (ARENA_BYTES - scratch->arena_used < 2 * WINDOW_BYTES) {
			gb_engine_limit(scratch, GB_LIMIT_MEMORY);
			return false;
		}
		if (decoder == DECODE_JSON && gb_engine_spend(scratch, text.n) && gb_engine_is_escaped_json(text))
			return gb_engine_push(scratch, JOB_ESCAPED, text, origin, decodings + 1) != NULL;
		job = gb_engine_push(scratch, JOB_WINDOWS, text, origin, decodings);
		if (job == NULL)
			return false;
		job->decoder = decoder;
		job->document = (struct gb_engine_document){0};
		return true;
	}
	if (!gb_engine_spend(scratch, text.n))
		return false;
	out = scratch->arena + scratch->arena_used;
	n = run_decoder(decoder, text, out);
	if (n == SIZE_MAX || (is_digits(decoder) && !gb_chance_is_text(gb_span_of(out, n), n, GB_CHANCE_BITS)))
		return false;
	job = gb_engine_push(scratch, JOB_TEXT, gb_span_of(out, n), origin, decodings);
	if (job == NULL)
		return false;
	job->decoder = decoder;
	if ((size_t)decoder < sizeof(layers) / sizeof(layers[0]))
		job->layer = layers[decoder];
	scratch->arena_used += n;
	return true;
}

#define HEX_MIN 12u /* digits */

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

/* Digits, and what may stand between them. */
static bool has_hex_form(struct gb_span text, uint32_t mask)
{
	const uint32_t allowed = GB_BYTE_ALNUM | GB_BYTE_SPACE | GB_BYTE_NEWLINE | GB_BYTE_OTHER | GB_BYTE_COLON |
	                         GB_BYTE_SEMICOLON | GB_BYTE_BACKSLASH;

	return text.n >= HEX_MIN && (mask & GB_BYTE_ALNUM) != 0 && (mask & ~allowed) == 0 &&
	       (gb_hex_value(text.p[0]) >= 0 || text.p[1] == 'x');
}

/* Push what TEXT is if it is base64, of text or of compressed text. */
static bool push_base64(struct gb_inspect_scratch *scratch, const struct gb_engine_job *job, uint32_t mask)
{
	struct gb_span text = gb_span_trim(job->text);

	if (job->decodings >= DECODINGS_MAX || !has_base64_form(job->text, mask))
		return false;
	return gb_engine_push_decoded(scratch, DECODE_BASE64, text, job->origin, job->decodings + 1) ||
	       gb_engine_push_compressed(scratch, text, job->origin, job->decodings + 1);
}

/* A key or sum in base64: its + is no blank, its / no path's. */
static bool is_key(struct gb_span text, uint32_t mask)
{
	return (mask & (GB_BYTE_PLUS | GB_BYTE_SLASH)) != 0 &&
	       (mask & ~(GB_BYTE_ALNUM | GB_BYTE_PLUS | GB_BYTE_SLASH | GB_BYTE_EQUAL)) == 0 && gb_chance_is_key(text);
}

/* Text of which each + may stand for a blank: it has no blanks of its own. */
static bool may_have_plus(const struct gb_engine_job *job, uint32_t mask)
{
	return (mask & GB_BYTE_PLUS) != 0 && (job->has_plus || (mask & GB_BYTE_SPACE) == 0) && !is_key(job->text, mask);
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
static void undo_encoding(struct gb_inspect_scratch *scratch, const struct gb_engine_job *job, uint32_t mask)
{
	const unsigned next = job->decodings + 1;
	struct gb_span text = job->text;

	if (text.n < 3)
		return;
	if (next > DECODINGS_MAX) {
		if ((mask & GB_BYTE_PERCENT) != 0)
			gb_engine_limit(scratch, GB_LIMIT_LAYERS);
		return;
	}
	if (has_hex_form(text, mask) && gb_engine_push_decoded(scratch, DECODE_HEX, text, job->origin, next))
		return;
	if (push_base64(scratch, job, mask))
		return;
	/* Before each + is taken for a blank. */
	if ((mask & GB_BYTE_PLUS) != 0 && gb_decode_has_plus_forms(text) &&
	        gb_engine_push_decoded(scratch, DECODE_ESCAPES, text, job->origin, next))
		return;
	if (may_have_plus(job, mask) && gb_engine_push_decoded(scratch, DECODE_PERCENT_PLUS, text, job->origin, next))
		return;
	if ((mask & GB_BYTE_PERCENT) != 0 && gb_engine_push_decoded(scratch, DECODE_PERCENT, text, job->origin, next))
		return;
	if ((mask & GB_BYTE_AMPERSAND) != 0 &&
	        gb_engine_push_decoded(scratch, DECODE_ENTITIES, text, job->origin, next))
		return;
	if (((mask & GB_BYTE_BACKSLASH) != 0 ||
	            ((mask & (GB_BYTE_SLASH | GB_BYTE_DOT)) != 0 && has_hexadecimal(text))) &&
	        gb_engine_push_decoded(scratch, DECODE_ESCAPES, text, job->origin, next))
		return;
	/* Last: other letters stand for themselves until nothing else is left to undo. */
	if ((mask & (GB_BYTE_HIGH | GB_BYTE_NEWLINE)) != 0 && gb_bytes_have_spellings(text))
		gb_engine_push_decoded(scratch, DECODE_FOLD, text, job->origin, next);
}

static void decode_text(struct gb_inspect_scratch *scratch, const struct gb_engine_job *job, uint32_t mask)
{
	const size_t jobs = scratch->job_count;

	undo_encoding(scratch, job, mask);
	if (scratch->job_count > jobs) {
		scratch->jobs[scratch->job_count - 1].is_document = job->is_document;
		scratch->jobs[scratch->job_count - 1].role = job->role == GB_ROLE_TOKEN ? job->role : GB_ROLE_NONE;
	}
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

#define SCRIPT_BYTES_MAX 128u
#define ODD_BYTES        (GB_BYTE_SEMICOLON | GB_BYTE_PIPE | GB_BYTE_BACKTICK | GB_BYTE_DOLLAR)

/* What is left to do with a text whose parts were pushed. */
enum rest {
	REST_ALL, /* there are none */
	REST_NOTHING,
	REST_JUDGE,  /* as it lies */
	REST_DECODE, /* the same, and its encodings */
};

/* Forms, queries and cookies: most are judged by their fields alone; `CMD=$'id';$CMD` only looks like one. */
static enum rest push_pairs(struct gb_inspect_scratch *scratch, struct gb_engine_job *job, uint32_t mask)
{
	bool is_form = (mask & GB_BYTE_EQUAL) != 0 && (mask & GB_BYTE_SPACE) == 0 && gb_decode_is_form(job->text);
	bool is_cookies = job->role == GB_ROLE_COOKIES;
	uint32_t odd = is_cookies ? ODD_BYTES & ~GB_BYTE_SEMICOLON : ODD_BYTES;

	if (!is_form && !is_cookies && job->role != GB_ROLE_QUERY)
		return REST_ALL;
	if (gb_engine_push(scratch, is_cookies ? JOB_COOKIES : JOB_FORM, job->text, job->origin, job->decodings) ==
	        NULL)
		return REST_ALL;
	if (!is_form && !(is_cookies && gb_decode_is_cookies(job->text)))
		return REST_DECODE;
	/* window.location=1: script that looks like one field. A client writes quotes of a field as %22 and %27. */
	if (is_form && !is_cookies &&
	        ((mask & (GB_BYTE_SINGLE | GB_BYTE_DOUBLE)) != 0 ||
	                ((mask & (GB_BYTE_DOT | GB_BYTE_PAREN)) != 0 && (mask & GB_BYTE_AMPERSAND) == 0 &&
	                        job->text.n < SCRIPT_BYTES_MAX)))
		return REST_JUDGE;
	return (mask & odd) != 0 ? REST_JUDGE : REST_NOTHING;
}

/* An address with a query: its fields, and what stands before them. Decoded as a whole it would be what nobody makes of
 * it: a field's value behind a path. */
static bool push_address(struct gb_inspect_scratch *scratch, struct gb_engine_job *job, struct gb_span query)
{
	const uint32_t encoded = GB_BYTE_PERCENT | GB_BYTE_AMPERSAND | GB_BYTE_BACKSLASH | GB_BYTE_HIGH | GB_BYTE_PLUS;
	struct gb_span path = gb_span_sub(job->text, 0, (size_t)(query.p - job->text.p) - 1);
	enum gb_origin origin = job->origin == GB_ORIGIN_PATH ? GB_ORIGIN_QUERY : job->origin;

	if (gb_engine_push(scratch, JOB_FORM, query, origin, job->decodings) == NULL)
		return false;
	if ((gb_bytes_mask(path) & encoded) != 0)
		gb_engine_push_text(scratch, path, job->origin, job->decodings, false);
	return true;
}

/* Parts of TEXT, as jobs of their own: they are judged before the whole is. */
static enum rest push_parts(struct gb_inspect_scratch *scratch, struct gb_engine_job *job, uint32_t mask)
{
	enum rest rest = push_pairs(scratch, job, mask);

	if (rest != REST_ALL)
		return rest;
	if (!job->is_document && (mask & GB_BYTE_ANGLE) != 0 && (mask & GB_BYTE_SLASH) != 0 &&
	        gb_decode_is_markup(job->text)) {
		struct gb_engine_job *markup =
		        gb_engine_push(scratch, JOB_MARKUP, job->text, job->origin, job->decodings);

		if (markup == NULL)
			return REST_ALL;
		markup->markup = (struct gb_decode_markup){0};
		job->is_document = true;
		return REST_DECODE;
	}
	if ((mask & GB_BYTE_NEWLINE) != 0 && gb_decode_is_multipart(job->text))
		return gb_engine_push(scratch, JOB_MULTIPART, job->text, job->origin, job->decodings) != NULL
		               ? REST_NOTHING
		               : REST_ALL;
	if ((mask & GB_BYTE_GLOB) != 0 && (mask & GB_BYTE_EQUAL) != 0 && (mask & GB_BYTE_SLASH) != 0 &&
	        (mask & GB_BYTE_SPACE) == 0) {
		struct gb_span query = gb_decode_query_of(job->text);

		if (query.n != 0 && push_address(scratch, job, query))
			return REST_JUDGE;
	}
	if (((mask & (GB_BYTE_DOT | GB_BYTE_COLON)) != 0 || job->role == GB_ROLE_TOKEN) &&
	        gb_decode_is_token(job->text) &&
	        gb_engine_push(scratch, JOB_TOKEN, job->text, job->origin, job->decodings) != NULL)
		return REST_DECODE;
	return REST_ALL;
}

static void judge(struct gb_inspect_scratch *scratch, struct gb_engine_job *job, uint32_t mask, bool is_decoded)
{
	if (gb_engine_is_settled(scratch))
		return;
	gb_engine_detect(scratch, job, mask);
	if (is_decoded && ((mask & ~GB_BYTE_PLAIN) != 0 || (mask & GB_BYTE_ALNUM) != 0))
		decode_text(scratch, job, mask);
}

/* Where one finding is enough what was encoded is asked first: it is there that attacks stand as they are meant. */
static bool is_decoded_first(struct gb_inspect_scratch *scratch, const struct gb_engine_job *job)
{
	const size_t jobs = scratch->job_count;

	if (!scratch->options->is_brief || (job->mask & GB_BYTE_PERCENT) == 0)
		return false;
	decode_text(scratch, job, job->mask);
	return scratch->job_count > jobs;
}

/* A text is taken apart if it has parts, then judged whole and decoded. */
void gb_engine_step_text(struct gb_inspect_scratch *scratch)
{
	struct gb_engine_job *job = &scratch->jobs[scratch->job_count - 1];
	enum rest rest;

	if (job->is_started && !job->is_plain) {
		gb_engine_pop(scratch);
		return;
	}
	if (!job->is_started) {
		job->is_started = true;
		gb_engine_tell(scratch, job);
		if (looks_like_json(job->text) &&
		        gb_engine_push_walk(scratch, job->text, GB_NODE_MESSAGE, job->origin, job->decodings + 1))
			return;
	}
	job->is_plain = false;
	if (job->is_taken_apart) {
		judge(scratch, job, job->mask, job->is_decoded_whole);
		return;
	}
	if (!gb_engine_spend(scratch, job->text.n)) {
		gb_engine_pop(scratch);
		return;
	}
	if (job->mask == 0)
		job->mask = gb_bytes_mask(job->text);
	if (job->care == CARE_NOTHING)
		job->care = job->role != GB_ROLE_NONE ? CARE_ALL
		                                      : gb_engine_care(scratch, job->text, job->mask, job->origin);
	if (job->care == CARE_ALL && job->role == GB_ROLE_NONE && is_key(job->text, job->mask))
		job->care = CARE_DECODING | 1u << GB_CLASS_DESERIALIZATION;
	if (job->care != CARE_ALL) {
		judge(scratch, job, job->mask, (job->care & CARE_DECODING) != 0);
		return;
	}
	/* Nobody reads the bytes of UTF-16 as they lie. */
	if (((job->mask & GB_BYTE_CONTROL) != 0 || (job->text.n != 0 && job->text.p[0] >= 0xfe)) &&
	        job->decodings < DECODINGS_MAX &&
	        gb_engine_push_decoded(scratch, DECODE_UTF16, job->text, job->origin, job->decodings + 1))
		return;
	/* Padding makes base64 look like a form with one field. */
	if ((job->mask & GB_BYTE_EQUAL) != 0 && push_base64(scratch, job, job->mask))
		return;
	rest = push_parts(scratch, job, job->mask);
	if (rest == REST_ALL && !is_decoded_first(scratch, job)) {
		judge(scratch, job, job->mask, true);
		return;
	}
	/* The parts are on top; this one comes again when they are done. */
	job->is_taken_apart = true;
	job->is_decoded_whole = rest == REST_DECODE;
	job->is_plain = rest != REST_NOTHING;
}
