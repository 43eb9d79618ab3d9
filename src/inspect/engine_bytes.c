/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of which only the place tells that they are to be decoded: bodies, records of streams, uploaded files, what is
 * compressed. They end as text, or as the printable runs of binary data. */
#include "inspect/bytes.h"
#include "inspect/chance.h"
#include "inspect/engine.h"

#define PLAIN_DEFLATE_MAX 65536u /* without a coat every byte sequence may be it: only short ones are tried */
#define COMPRESSED_MIN    24u    /* characters of base64 */
#define BOMB_RATIO        100u
#define BOMB_BYTES        (4u << 20)

/* The kind of the first block: codes, fixed or not. Whatever stores bytes as they are has no reason to be deflate. */
static bool may_be_deflate(unsigned char first)
{
	return (first >> 1 & 3) == 1 || (first >> 1 & 3) == 2;
}

static void check_expansion(struct gb_inspect_scratch *scratch, struct gb_span in, const struct gb_inflated *inflated)
{
	if (inflated->total >= BOMB_BYTES && inflated->total / BOMB_RATIO >= in.n)
		gb_engine_limit(scratch, GB_LIMIT_EXPANSION);
	else if (inflated->n < inflated->total)
		gb_engine_limit(scratch, GB_LIMIT_MEMORY);
}

/* Push what BYTES are when inflated. Some room is left for decoding that. */
static bool push_inflated(struct gb_inspect_scratch *scratch, struct gb_span bytes, enum gb_deflate_coat coat,
        enum gb_origin origin, unsigned decodings)
{
	size_t room = ARENA_BYTES - scratch->arena_used;
	unsigned char *out = scratch->arena + scratch->arena_used;
	struct gb_inflated inflated;
	struct gb_engine_job *job;
	bool is_whole;

	if (!gb_engine_spend(scratch, bytes.n))
		return false;
	room = room > 2 * WINDOW_BYTES ? room - room / 3 : room / 2;
	is_whole = gb_decode_inflate(bytes, coat, out, room, &inflated);
	/* Data cut short is what a lenient reader has up to there; without a coat it is chance. */
	if (inflated.n == 0 ||
	        (coat == GB_DEFLATE_NONE && (!is_whole || !gb_decode_is_text(gb_span_of(out, inflated.n)))))
		return false;
	check_expansion(scratch, bytes, &inflated);
	if (!gb_engine_spend(scratch, inflated.n))
		return false;
	job = gb_engine_push(scratch, JOB_BYTES, gb_span_of(out, inflated.n), origin, decodings);
	if (job == NULL)
		return false;
	job->layer = "deflate";
	scratch->arena_used += inflated.n;
	return true;
}

/* First bytes of objects: Java's, Python's, .NET's, Ruby's. */
static bool may_be_object(struct gb_span bytes)
{
	return bytes.n > 8 && (bytes.p[0] == 0xac || bytes.p[0] == 0x80 || bytes.p[0] == 0xff ||
	                              (bytes.p[0] == 0 && bytes.p[1] == 1) || (bytes.p[0] == 4 && bytes.p[1] == 8));
}

/* Of bytes beyond ASCII that are no UTF-8, as older encodings have them, keys and sums have some without any control too. */
static bool is_plain_text(struct gb_span bytes, bool is_text)
{
	const uint32_t mask = gb_bytes_mask(bytes);

	if (!is_text && (mask & GB_BYTE_CONTROL) != 0)
		return false;
	return (is_text && (mask & GB_BYTE_HIGH) == 0) || gb_chance_is_text(bytes, bytes.n, GB_CHANCE_BITS);
}

void gb_engine_step_bytes(struct gb_inspect_scratch *scratch)
{
	struct gb_engine_job *job = &scratch->jobs[scratch->job_count - 1];
	struct gb_span bytes = job->text;
	enum gb_deflate_coat coat;
	bool is_text, is_utf8;

	if (job->is_started || job->decodings > DECODINGS_MAX || bytes.n == 0) {
		gb_engine_pop(scratch);
		return;
	}
	coat = gb_decode_deflate_coat(bytes);
	is_text = gb_decode_is_text(bytes);
	is_utf8 = gb_decode_is_utf8(bytes);
	job->is_started = true;
	if ((coat != GB_DEFLATE_NONE || (!is_text && bytes.n <= PLAIN_DEFLATE_MAX && may_be_deflate(bytes.p[0]))) &&
	        push_inflated(scratch, bytes, coat, job->origin, job->decodings + 1))
		return;
	if (gb_engine_push_decoded(scratch, DECODE_UTF16, bytes, job->origin, job->decodings + 1))
		return;
	if (is_text && is_utf8 && job->is_known && gb_chance_is_text(bytes, bytes.n, GB_CHANCE_BITS)) {
		gb_engine_pop(scratch);
		return;
	}
	job->is_started = false;
	job->kind = is_plain_text(bytes, is_text) || gb_decode_is_multipart(bytes) ? JOB_TEXT
	            : gb_decode_is_protobuf(bytes)                                 ? JOB_MESSAGE
	                                                                           : JOB_RUNS;
	if (job->kind != JOB_TEXT && job->decodings != 0 && may_be_object(bytes))
		gb_engine_judge_object(scratch, job);
	/* An older encoding of other letters, or binary data without a single control. */
	if (job->kind == JOB_TEXT && !is_utf8)
		gb_engine_push(scratch, JOB_RUNS, bytes, job->origin, job->decodings);
}

void gb_engine_push_base64(
        struct gb_inspect_scratch *scratch, struct gb_span text, enum gb_origin origin, unsigned decodings)
{
	struct gb_engine_job *job;

	if (!gb_engine_push_decoded(scratch, DECODE_BODY, text, origin, decodings + 1))
		return;
	job = &scratch->jobs[scratch->job_count - 1];
	if (job->kind != JOB_TEXT)
		return;
	job->kind = JOB_BYTES;
	job->is_known = text.n >= BASE64_MIN;
}

bool gb_engine_push_compressed(
        struct gb_inspect_scratch *scratch, struct gb_span text, enum gb_origin origin, unsigned decodings)
{
	unsigned char *out = scratch->arena + scratch->arena_used;
	enum gb_deflate_coat coat;
	size_t n;

	/* First bytes first: most binary data is no such thing. */
	if (text.n < COMPRESSED_MIN || ARENA_BYTES - scratch->arena_used < COMPRESSED_MIN)
		return false;
	n = gb_decode_base64_bytes(gb_span_sub(text, 0, COMPRESSED_MIN), out);
	if (n == SIZE_MAX || n < 3)
		return false;
	coat = gb_decode_deflate_coat(gb_span_of(out, n));
	if (coat == GB_DEFLATE_NONE && (text.n > PLAIN_DEFLATE_MAX || !may_be_deflate(out[0])))
		return false;
	if (text.n > ARENA_BYTES - scratch->arena_used) {
		if (coat != GB_DEFLATE_NONE)
			gb_engine_limit(scratch, GB_LIMIT_MEMORY);
		return false;
	}
	n = gb_decode_base64_bytes(text, out);
	if (n == SIZE_MAX || !gb_engine_spend(scratch, text.n))
		return false;
	scratch->arena_used += n;
	if (push_inflated(scratch, gb_span_of(out, n), coat, origin, decodings)) {
		/* The bytes go with the job that came of them. */
		scratch->jobs[scratch->job_count - 1].arena_mark -= n;
		return true;
	}
	scratch->arena_used -= n;
	return false;
}

void gb_engine_push_body(struct gb_inspect_scratch *scratch)
{
	scratch->path.n = 0;
	gb_walk_path_add_name(&scratch->path, GB_SPAN("body"));
	/* The walk below is over: it asks for no path of its own any more. */
	scratch->jobs[0].walk.path_n = (uint16_t)scratch->path.n;
	gb_engine_push_base64(scratch, scratch->body, GB_ORIGIN_BODY, 0);
}
