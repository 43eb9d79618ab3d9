/* SPDX-License-Identifier: Apache-2.0 */
/* Structures taken apart into texts: JSON, forms, multipart, the printable runs of binary data. */
#include "base/text.h"
#include "inspect/bytes.h"
#include "inspect/chance.h"
#include "inspect/decode/decode.h"
#include "inspect/detect/detect.h"
#include "inspect/engine.h"

#define PLAIN_KEY_MAX 9u

static void note_member(struct gb_inspect_scratch *scratch, const struct gb_walk_string *string)
{
	struct gb_shape_addresses *addresses = &scratch->addresses;

	switch ((unsigned)string->role) {
	case GB_ROLE_ADDRESS: addresses->platform = string->raw; break;
	case GB_ROLE_ADDRESS_RECORD:
		if (addresses->record.n == 0)
			addresses->record = string->raw;
		break;
	case GB_ROLE_FORWARDED: addresses->forwarded = string->raw; break;
	case GB_ROLE_CLAIMED: addresses->claimed = string->raw; break;
	case GB_ROLE_BODY: scratch->body = string->raw; break;
	case GB_ROLE_DOMAIN:
		if (gb_span_find(string->raw, GB_SPAN(".lambda-url."), 0) != SIZE_MAX)
			scratch->signs |= GB_SIGN_FUNCTION_URL;
		break;
	default: break;
	}
}

static inline void tell_tame(
        struct gb_inspect_scratch *scratch, struct gb_span value, enum gb_origin origin, unsigned decodings)
{
	struct gb_inspect_string tame = {
	        .scratch = scratch,
	        .value = value,
	        .origin = origin,
	        .decodings = decodings,
	        .layer = decodings == 0 ? "" : "json",
	};

	if (scratch->options->on_string != NULL)
		scratch->options->on_string(scratch->options->context, &tame);
	scratch->report->steps += value.n;
}

void gb_engine_take_string(
        struct gb_inspect_scratch *scratch, const struct gb_engine_job *walk_job, const struct gb_walk_string *string)
{
	const struct gb_span raw = gb_span_of(string->raw.p, string->raw.n);
	const enum gb_origin origin = string->origin;
	const unsigned decodings = walk_job->decodings;
	uint32_t care = CARE_ALL;
	struct gb_engine_job *job;

	if (string->role != GB_ROLE_NONE && walk_job == &scratch->jobs[0])
		note_member(scratch, string);
	if (string->raw.n == 0)
		return;
	if (string->role == GB_ROLE_BASE64)
		gb_engine_push_base64(scratch, string->raw, origin, decodings);
	if (string->has_escapes) {
		if (gb_engine_push_decoded(scratch, DECODE_JSON, string->raw, origin, decodings))
			scratch->jobs[scratch->job_count - 1].role = string->role;
		return;
	}
	/* Most keys: prototype has 9 letters, and no shorter one means anything. */
	if (origin == GB_ORIGIN_KEY && string->mask == GB_BYTE_ALNUM && string->raw.n < PLAIN_KEY_MAX &&
	        !scratch->options->is_thorough)
		care = CARE_NOTHING;
	else if (string->role != GB_ROLE_TOKEN)
		care = gb_engine_care(scratch, string->raw, string->mask, origin);
	if (care == CARE_NOTHING) {
		tell_tame(scratch, raw, origin, decodings);
		return;
	}
	job = gb_engine_push_text(scratch, string->raw, origin, decodings, origin == GB_ORIGIN_OBJECT_KEY);
	if (job != NULL) {
		job->mask = string->mask;
		job->care = care;
		job->layer = "json";
		job->role = string->role;
	}
}

/* Keys and strings up to one that is more than told: it lies on top then. */
static enum gb_walk_result walk_on(struct gb_inspect_scratch *scratch, struct gb_engine_job *job, bool *ret_is_spent)
{
	const size_t jobs = scratch->job_count;
	struct gb_walk_string string;
	enum gb_walk_result result;

	*ret_is_spent = false;
	do {
		size_t before = job->walk.at;

		result = gb_walk_next(&job->walk, &string);
		if (!gb_engine_spend(scratch, job->walk.at - before)) {
			*ret_is_spent = true;
			return result;
		}
		if (job->walk.is_deep)
			gb_engine_limit(scratch, GB_LIMIT_DEPTH);
		if (result == GB_WALK_NUMBERS) {
			if (gb_engine_push_decoded(
			            scratch, DECODE_NUMBERS, string.raw, string.origin, job->decodings + 1) &&
			        scratch->jobs[scratch->job_count - 1].kind == JOB_TEXT)
				scratch->jobs[scratch->job_count - 1].kind = JOB_BYTES;
			return result;
		}
		if (result != GB_WALK_KEY && result != GB_WALK_STRING)
			return result;
		gb_engine_take_string(scratch, job, &string);
	} while (scratch->job_count == jobs);
	return result;
}

void gb_engine_step_walk(struct gb_inspect_scratch *scratch)
{
	struct gb_engine_job *job = &scratch->jobs[scratch->job_count - 1];
	bool is_spent;
	enum gb_walk_result result = walk_on(scratch, job, &is_spent);

	if (is_spent) {
		gb_engine_pop(scratch);
		return;
	}
	if (result == GB_WALK_KEY || result == GB_WALK_STRING || result == GB_WALK_NUMBERS)
		return;
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

static void push_field(struct gb_inspect_scratch *scratch, const struct gb_engine_job *parent, struct gb_span text,
        enum gb_origin origin)
{
	const char *const layers[] = {
	        [JOB_FORM] = "form",
	        [JOB_MULTIPART] = "multipart",
	        [JOB_COOKIES] = "cookies",
	        [JOB_TOKEN] = "token",
	        [JOB_MARKUP] = "markup",
	        [JOB_MESSAGE] = "binary",
	};
	struct gb_engine_job *job;

	if (text.n == 0)
		return;
	job = gb_engine_push_text(scratch, text, origin, parent->decodings + 1, parent->kind == JOB_FORM);
	if (job != NULL)
		job->layer = layers[parent->kind];
}

static bool next_field(struct gb_engine_job *job, struct gb_decode_field *ret_field)
{
	switch ((unsigned)job->kind) {
	case JOB_FORM: return gb_decode_form_next(job->text, &job->at, ret_field);
	case JOB_COOKIES: return gb_decode_cookie_next(job->text, &job->at, ret_field);
	case JOB_TOKEN: return gb_decode_token_next(job->text, &job->at, ret_field);
	case JOB_MESSAGE: return gb_decode_protobuf_next(job->text, &job->at, ret_field);
	case JOB_MARKUP: return gb_decode_markup_next(job->text, &job->markup, ret_field);
	default: return gb_decode_multipart_next(job->text, &job->at, ret_field);
	}
}

/* One field of a structure of names and values: what there is of it becomes texts of their own. */
void gb_engine_step_fields(struct gb_inspect_scratch *scratch)
{
	struct gb_engine_job *job = &scratch->jobs[scratch->job_count - 1];
	const bool is_form = job->kind == JOB_FORM, is_multipart = job->kind == JOB_MULTIPART;
	const bool is_message = job->kind == JOB_MESSAGE;
	struct gb_decode_field field;

	scratch->path.n = job->path_n;
	if (!next_field(job, &field) || !gb_engine_spend(scratch, field.value.n + field.name.n)) {
		gb_engine_pop(scratch);
		return;
	}
	if (field.owner.n != 0)
		gb_walk_path_add_name(&scratch->path, field.owner);
	if (field.name.n != 0 || is_form || is_multipart)
		gb_walk_path_add_name(&scratch->path, field.name);
	if (is_message && gb_decode_is_text(field.value) && !gb_chance_is_field(job->text, field.value))
		return;
	if (field.value.n != 0 && (is_multipart || is_message) && !gb_decode_is_text(field.value))
		gb_engine_push(scratch, JOB_BYTES, field.value, job->origin, job->decodings + 1);
	else if (job->kind != JOB_MARKUP || field.is_verbatim ||
	         !gb_engine_push_decoded(scratch, DECODE_ENTITIES, field.value, job->origin, job->decodings + 1))
		push_field(scratch, job, field.value, job->origin);
	if (job->kind != JOB_MARKUP && job->kind != JOB_TOKEN)
		push_field(scratch, job, field.name, GB_ORIGIN_KEY);
	push_field(scratch, job, field.file_name, job->origin);
	push_field(scratch, job, field.extended_name, job->origin);
}

static void push_run(struct gb_inspect_scratch *scratch, const struct gb_engine_job *data, struct gb_span run)
{
	struct gb_engine_job *job = gb_engine_push_text(scratch, run, data->origin, data->decodings, false);

	if (job != NULL)
		job->layer = "binary";
}

/* Binary data holds text where an application's format puts some: each run of printable bytes that is no chance is judged by
 * itself. */
void gb_engine_step_runs(struct gb_inspect_scratch *scratch)
{
	const uint32_t unprintable = GB_BYTE_CONTROL | GB_BYTE_HIGH;
	struct gb_engine_job *job = &scratch->jobs[scratch->job_count - 1];
	const size_t jobs = scratch->job_count;
	struct gb_span text = job->text;
	size_t start, end;

	while (scratch->job_count == jobs) {
		struct gb_span run, field;

		for (start = job->at; start < text.n && (gb_byte_classes[text.p[start]] & unprintable) != 0;)
			start++;
		for (end = start; end < text.n && (gb_byte_classes[text.p[end]] & unprintable) == 0;)
			end++;
		if (end == start || !gb_engine_spend(scratch, end - job->at)) {
			gb_engine_pop(scratch);
			return;
		}
		job->at = end;
		run = gb_span_sub(text, start, end - start);
		field = gb_chance_field(text, start, run.n);
		/* A field is judged without its length; which may be none, so that the run is judged as well. */
		if (field.n != run.n && gb_chance_is_text_run(text, run, false))
			push_run(scratch, job, run);
		if (gb_chance_is_text_run(text, field, true))
			push_run(scratch, job, field);
	}
}
