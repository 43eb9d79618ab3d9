/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The work on one event: a stack of jobs, each a text to judge or a structure to take apart. A text is judged as it
 * lies, then the first encoding that it shows is undone into the arena, and the result is the next job. Memory is the
 * scratch, whatever the event's size; what does not fit into the arena is decoded in overlapping windows.
 */
#include "inspect/engine.h"

/* A step is a byte looked at, or about a nanosecond of closer looks. Ordinary events need two or three steps a byte,
 * source code and pages of markup in one string up to a hundred. */
#define STEPS_PER_BYTE 12u
#define STEPS_MIN      (1u << 27)

size_t gb_inspect_scratch_bytes(void)
{
	return sizeof(struct gb_inspect_scratch);
}

struct gb_span gb_inspect_string_path(const struct gb_inspect_string *string)
{
	return gb_engine_path(string->scratch);
}

static void run_jobs(struct gb_inspect_scratch *scratch)
{
	while (scratch->job_count != 0) {
		switch (scratch->jobs[scratch->job_count - 1].kind) {
		case JOB_TEXT: gb_engine_step_text(scratch); break;
		case JOB_WALK:
			gb_engine_step_walk(scratch);
			if (scratch->job_count == 1 && scratch->jobs[0].kind == JOB_WALK && scratch->jobs[0].is_started)
				return;
			break;
		case JOB_FORM:
		case JOB_COOKIES:
		case JOB_TOKEN:
		case JOB_MARKUP:
		case JOB_MESSAGE:
		case JOB_MULTIPART: gb_engine_step_fields(scratch); break;
		case JOB_WINDOWS: gb_engine_step_windows(scratch); break;
		case JOB_ESCAPED:
		case JOB_DOCUMENT: gb_engine_step_document(scratch); break;
		case JOB_RUNS: gb_engine_step_runs(scratch); break;
		case JOB_BYTES: gb_engine_step_bytes(scratch); break;
		}
	}
}

static const struct gb_inspect_options all_classes;

static void begin(struct gb_inspect_scratch *scratch, const struct gb_inspect_options *options, struct gb_span text,
        struct gb_inspect_report *ret_report)
{
	scratch->options = options != NULL ? options : &all_classes;
	scratch->report = ret_report;
	scratch->steps_max = (uint64_t)text.n * STEPS_PER_BYTE + STEPS_MIN;
	scratch->event = text;
	scratch->signs = 0;
	scratch->addresses = (struct gb_shape_addresses){0};
	scratch->body = GB_SPAN_EMPTY;
	scratch->arena_used = 0;
	scratch->job_count = 0;
	scratch->path.n = 0;
	*ret_report = (struct gb_inspect_report){.shape = GB_SHAPE_OTHER};
}

/* What the walk has seen of the event as a whole. */
static void report_shape(struct gb_inspect_scratch *scratch)
{
	struct gb_inspect_report *report = scratch->report;

	if (scratch->job_count == 1)
		report->shape = gb_shape_of(scratch->jobs[0].walk.signs | scratch->signs);
	if (scratch->options->forced_shape != GB_SHAPE_OTHER)
		report->shape = scratch->options->forced_shape;
	report->forwarded_for = scratch->addresses.forwarded;
	report->source_ip = gb_shape_source(report->shape, &scratch->addresses, &report->source_trust);
}

void gb_inspect_event(const struct gb_inspect_options *options, struct gb_span event,
        struct gb_inspect_scratch *scratch, struct gb_inspect_report *ret_report)
{
	bool is_broken;

	begin(scratch, options, event, ret_report);
	gb_engine_push_walk(scratch, event, GB_NODE_ROOT, GB_ORIGIN_VALUE, 0);
	run_jobs(scratch);
	is_broken = scratch->job_count == 1 && scratch->jobs[0].is_plain;
	if (scratch->job_count == 1 && !is_broken && scratch->jobs[0].walk.is_base64 && scratch->body.n != 0) {
		gb_engine_push_body(scratch);
		run_jobs(scratch);
	}
	report_shape(scratch);
	if (!is_broken)
		return;
	/* Not JSON, or no longer: the bytes as they are. */
	scratch->job_count = 0;
	scratch->path.n = 0;
	scratch->arena_used = 0;
	if (ret_report->shape == GB_SHAPE_OTHER)
		ret_report->shape = GB_SHAPE_NOT_JSON;
	gb_engine_push(scratch, JOB_TEXT, event, GB_ORIGIN_BODY, 0)->is_plain = true;
	gb_engine_tell(scratch, &scratch->jobs[0]);
	scratch->jobs[0].is_started = true;
	run_jobs(scratch);
}

void gb_inspect_value(const struct gb_inspect_options *options, struct gb_span value,
        struct gb_inspect_scratch *scratch, struct gb_inspect_report *ret_report)
{
	begin(scratch, options, value, ret_report);
	gb_engine_push_text(scratch, value, GB_ORIGIN_VALUE, 0, false);
	run_jobs(scratch);
}
