/* SPDX-License-Identifier: Apache-2.0 */
/* Structures taken apart into texts: JSON, forms, multipart, windows of what is too long to decode whole, the printable
 * runs of binary data. */
#include "base/text.h"
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"
#include "inspect/detect/detect.h"
#include "inspect/engine.h"

#define RUN_BYTES_MIN 8u /* shorter ones are mostly chance */

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
        struct gb_inspect_scratch *scratch, const struct gb_engine_job *walk_job, const struct gb_walk_string *string)
{
	enum gb_origin origin = string->origin;
	unsigned decodings = walk_job->decodings;
	struct gb_engine_job *job;

	if (string->signs != 0 && walk_job == &scratch->jobs[0])
		note_member(scratch, string);
	if (string->raw.n == 0)
		return;
	if (gb_engine_is_tame(&scratch->path, string)) {
		struct gb_engine_job tame = {
		        .text = string->raw, .origin = origin, .decodings = decodings, .layer = "json"};

		gb_engine_tell(scratch, &tame);
		scratch->report->steps += string->raw.n;
		return;
	}
	if (string->has_escapes) {
		gb_engine_push_decoded(scratch, DECODE_JSON, string->raw, origin, decodings);
		return;
	}
	job = gb_engine_push_text(scratch, string->raw, origin, decodings, origin == GB_ORIGIN_OBJECT_KEY);
	if (job != NULL) {
		job->mask = string->mask;
		job->layer = "json";
	}
}

void gb_engine_step_walk(struct gb_inspect_scratch *scratch)
{
	struct gb_engine_job *job = &scratch->jobs[scratch->job_count - 1];
	struct gb_walk_string string;
	size_t before = job->walk.at;
	enum gb_walk_result result = gb_walk_next(&job->walk, &scratch->path, &string);

	if (!gb_engine_spend(scratch, job->walk.at - before)) {
		gb_engine_pop(scratch);
		return;
	}
	if (result == GB_WALK_KEY || result == GB_WALK_STRING) {
		take_string(scratch, job, &string);
		return;
	}
	if (job->walk.is_deep)
		gb_engine_limit(scratch, GB_LIMIT_DEPTH);
	if (scratch->job_count > 1) {
		gb_engine_pop(scratch);
		if (result == GB_WALK_BROKEN)
			scratch->jobs[scratch->job_count - 1].is_plain = true;
		return;
	}
	job->is_started = true;
	job->is_plain = result == GB_WALK_BROKEN;
}

static void push_field(struct gb_inspect_scratch *scratch, struct gb_span text, enum gb_origin origin,
        unsigned decodings, bool is_form)
{
	struct gb_engine_job *job = gb_engine_push_text(scratch, text, origin, decodings, is_form);

	if (job != NULL)
		job->layer = is_form ? "form" : "multipart";
}

void gb_engine_step_fields(struct gb_inspect_scratch *scratch)
{
	struct gb_engine_job *job = &scratch->jobs[scratch->job_count - 1];
	const bool is_form = job->kind == JOB_FORM;
	struct gb_decode_field field;
	bool more;

	scratch->path.n = job->path_n;
	more = is_form ? gb_decode_form_next(job->text, &job->at, &field)
	               : gb_decode_multipart_next(job->text, &job->at, &field);
	if (!more || !gb_engine_spend(scratch, field.value.n + field.name.n)) {
		gb_engine_pop(scratch);
		return;
	}
	gb_walk_path_add_name(&scratch->path, field.name);
	if (field.file_name.n != 0 && !gb_decode_is_text(field.value))
		gb_engine_push(scratch, JOB_RUNS, field.value, job->origin, job->decodings + 1);
	else if (field.value.n != 0)
		push_field(scratch, field.value, job->origin, job->decodings + 1, is_form);
	if (field.name.n != 0)
		push_field(scratch, field.name, GB_ORIGIN_KEY, job->decodings + 1, is_form);
	if (field.file_name.n != 0)
		push_field(scratch, field.file_name, job->origin, job->decodings + 1, false);
}

/* Windows overlap, so that nothing shorter than the overlap can hide on a border. */
void gb_engine_step_windows(struct gb_inspect_scratch *scratch)
{
	struct gb_engine_job *job = &scratch->jobs[scratch->job_count - 1];
	struct gb_span slice = gb_span_sub(job->text, job->at, WINDOW_BYTES);
	bool is_last = job->at + slice.n >= job->text.n;

	if (job->at >= job->text.n) {
		gb_engine_pop(scratch);
		return;
	}
	job->at = is_last ? job->text.n : job->at + slice.n - WINDOW_OVERLAP;
	/* Whole groups of four digits keep base64 in step. */
	if (!is_last)
		job->at -= job->at % 4;
	gb_engine_push_decoded(scratch, job->decoder, slice, job->origin, job->decodings);
}

/* Binary data holds text where an application's format puts some: each run of printable bytes is judged by itself. */
void gb_engine_step_runs(struct gb_inspect_scratch *scratch)
{
	const uint32_t unprintable = GB_BYTE_CONTROL | GB_BYTE_HIGH;
	struct gb_engine_job *job = &scratch->jobs[scratch->job_count - 1];
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
	if (!gb_engine_spend(scratch, end - job->at) || end - start < RUN_BYTES_MIN) {
		gb_engine_pop(scratch);
		return;
	}
	job->at = end;
	job = gb_engine_push_text(scratch, gb_span_sub(text, start, end - start), job->origin, job->decodings, false);
	if (job != NULL)
		job->layer = "binary";
}

/* A body that the event says is base64 is decoded whatever comes out. What the ordinary way has seen is not looked at
 * twice: base64 that shows itself as such and gives text. */
void gb_engine_push_body(struct gb_inspect_scratch *scratch)
{
	struct gb_span body = scratch->body, bytes;
	struct gb_engine_job *job;
	uint32_t mask;

	scratch->path.n = 0;
	gb_walk_path_add_name(&scratch->path, GB_SPAN("body"));
	if (!gb_engine_push_decoded(scratch, DECODE_BODY, body, GB_ORIGIN_BODY, 1))
		return;
	job = &scratch->jobs[scratch->job_count - 1];
	if (job->kind != JOB_TEXT)
		return;
	bytes = job->text;
	mask = gb_bytes_mask(bytes);
	if (gb_decode_is_text(bytes) && body.n >= BASE64_MIN)
		gb_engine_pop(scratch);
	else if ((mask & GB_BYTE_CONTROL) != 0 && !gb_decode_is_multipart(bytes))
		job->kind = JOB_RUNS;
}
