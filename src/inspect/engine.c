/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The work on one event: a stack of jobs, each a text to judge or a structure to take apart. A text is judged as it
 * lies, then the first encoding that it shows is undone into the arena, and the result is the next job. Memory is the
 * scratch, whatever the event's size; what does not fit into the arena is decoded in overlapping windows.
 */
#include "inspect/engine.h"

#include "base/text.h"

#define STEPS_PER_BYTE 64u /* ordinary events need about 2 */
#define STEPS_MIN      (1u << 20)

size_t gb_inspect_scratch_bytes(void)
{
	return sizeof(struct gb_inspect_scratch);
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
		case JOB_MULTIPART: gb_engine_step_fields(scratch); break;
		case JOB_WINDOWS: gb_engine_step_windows(scratch); break;
		case JOB_RUNS: gb_engine_step_runs(scratch); break;
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
	gb_engine_push_walk(scratch, event, GB_NODE_ROOT, GB_ORIGIN_VALUE, 0);
	run_jobs(scratch);
	is_broken = scratch->job_count == 1 && scratch->jobs[0].is_plain;
	if (scratch->job_count == 1 && !is_broken && (scratch->jobs[0].walk.signs & GB_SIGN_BODY_BASE64) != 0 &&
	        scratch->body.n != 0) {
		gb_engine_push_body(scratch);
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
