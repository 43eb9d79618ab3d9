/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/engine: what the files of the engine share: the stack of jobs, and what may be done to it. Private to these
 * files: engine.c (an event from begin to end), engine_text.c (one text: judged, decoded), engine_detect.c (one text before
 * the detectors), engine_findings.c (what was found), engine_parts.c (structures: JSON, forms, multipart, binary data),
 * engine_long.c (JSON in long strings, windows), engine_bytes.c (bytes that may be compressed, UTF-16 or binary).
 */
#ifndef GB_INSPECT_ENGINE_H
#define GB_INSPECT_ENGINE_H

#include "inspect/detect/detect.h"
#include "inspect/decode/decode.h"
#include "inspect/inspect.h"
#include "inspect/walk.h"

#define ARENA_BYTES    (384u * 1024u)
#define JOBS_MAX       20u
#define DECODINGS_MAX  8u /* layers undone on one string */
#define WINDOW_BYTES   (24u * 1024u)
#define WINDOW_OVERLAP 1024u
#define BASE64_MIN     12u /* characters; shorter words of its alphabet are words */
#define KEPT_PATH_MAX  256u
#define KEPT_VALUE_MAX 2048u

/* What a text asks for: bits of the classes whose detectors may find something, and that it may be encoded. */
#define CARE_NOTHING  0u
#define CARE_DECODING (1u << GB_CLASS_NONE)
#define CARE_ALL      UINT32_MAX

enum gb_engine_decoder {
	DECODE_NOTHING,
	DECODE_JSON,
	DECODE_BASE64,
	DECODE_PERCENT,
	DECODE_PERCENT_PLUS,
	DECODE_FOLD,
	DECODE_ENTITIES,
	DECODE_ESCAPES,
	DECODE_UTF16,
	DECODE_HEX,
	DECODE_NUMBERS,
	DECODE_BODY, /* base64 of any bytes, which lies in JSON */
};

enum gb_engine_job_kind {
	JOB_TEXT,
	JOB_WALK,
	JOB_FORM,
	JOB_MULTIPART,
	JOB_COOKIES,
	JOB_TOKEN,
	JOB_MARKUP,
	JOB_MESSAGE, /* of Protocol Buffers */
	JOB_BYTES,   /* of any kind */
	JOB_WINDOWS,
	JOB_ESCAPED,  /* JSON, still escaped as a string of JSON */
	JOB_DOCUMENT, /* part of JSON, from between two strings to between two strings */
	JOB_RUNS,     /* of printable bytes in binary data */
};

/* JSON that is read in parts. */
struct gb_engine_document {
	size_t depth;
	bool has_ended;
	size_t rest_from, rest_n; /* in the arena, behind the job's mark: what is not read yet */
};

struct gb_engine_job {
	enum gb_engine_job_kind kind;
	struct gb_span text;
	size_t at;
	size_t path_n;
	size_t arena_mark;
	enum gb_origin origin;
	unsigned decodings;
	const char *layer;              /* undone last, or NULL */
	enum gb_engine_decoder decoder; /* of windows; of a text, what gave it */
	bool is_started;
	bool is_plain;       /* not to be taken for JSON: it was found broken */
	bool has_plus;       /* + is a blank here */
	bool is_raw;         /* as it lies in the event: escapes of JSON, if any, are not undone */
	bool is_document;    /* markup, the texts of which were judged by themselves */
	bool is_taken_apart; /* its parts were judged */
	bool is_decoded_whole;
	bool is_known; /* bytes: what is text in them was seen on another way */
	enum gb_shape_role role;
	uint32_t care; /* what the text asks for, or CARE_NOTHING: not known yet */
	uint32_t mask; /* of the text, or 0: not known yet */
	struct gb_decode_markup markup;
	struct gb_walk walk;
	struct gb_engine_document document; /* of windows */
};

struct gb_engine_kept {
	char path[KEPT_PATH_MAX];
	unsigned char value[KEPT_VALUE_MAX];
};

struct gb_inspect_scratch {
	const struct gb_inspect_options *options;
	struct gb_inspect_report *report;
	uint64_t steps_max;
	struct gb_span event;
	uint64_t signs; /* of the shape, found by values */
	/* What the roles of shape.h gave, as it lies in the event. */
	struct gb_shape_addresses addresses;
	struct gb_span body; /* as it lies in the event */
	size_t arena_used;
	size_t job_count;
	struct gb_walk_path path;
	struct gb_engine_job jobs[JOBS_MAX];
	struct gb_engine_kept kept[GB_INSPECT_FINDINGS_MAX];
	struct gb_engine_kept cited[GB_INSPECT_CITED_MAX];
	unsigned slots[GB_INSPECT_FINDINGS_MAX]; /* of kept, by finding */
	size_t starts[GB_INSPECT_FINDINGS_MAX];  /* where in the job's text the finding begins, by finding */
	size_t job_findings;                     /* findings of jobs before this one */
	char limit_path[KEPT_PATH_MAX];
	unsigned char arena[ARENA_BYTES];
};

/* Where the string at hand lies. While a walk goes on its path is put together only here. */
static inline struct gb_span gb_engine_path(struct gb_inspect_scratch *scratch)
{
	if (scratch->job_count != 0 && scratch->jobs[scratch->job_count - 1].kind == JOB_WALK)
		gb_walk_path_of(&scratch->jobs[scratch->job_count - 1].walk, &scratch->path);
	return gb_span_of(scratch->path.p, scratch->path.n);
}

/* Some budget is spent; the first place of it is kept. */
static inline void gb_engine_limit(struct gb_inspect_scratch *scratch, enum gb_inspect_limit limit)
{
	struct gb_inspect_report *report = scratch->report;
	struct gb_span path;

	report->is_limited = true;
	report->limits |= 1u << limit;
	if (report->limit_path.p != NULL)
		return;
	path = gb_span_sub(gb_engine_path(scratch), 0, KEPT_PATH_MAX);
	report->limit_path = gb_span_of(scratch->limit_path, path.n);
	__builtin_memcpy(scratch->limit_path, path.p, path.n);
}

/* Counts BYTES as looked at; false when the budget has no room for them: they are not. */
static inline bool gb_engine_spend(struct gb_inspect_scratch *scratch, size_t bytes)
{
	struct gb_inspect_report *report = scratch->report;

	if (report->steps + bytes > scratch->steps_max) {
		gb_engine_limit(scratch, GB_LIMIT_STEPS);
		return false;
	}
	report->steps += bytes;
	return true;
}

/* A new job on top, or NULL: too many. */
static inline struct gb_engine_job *gb_engine_push(struct gb_inspect_scratch *scratch, enum gb_engine_job_kind kind,
        struct gb_span text, enum gb_origin origin, unsigned decodings)
{
	struct gb_engine_job *job;

	if (scratch->job_count == JOBS_MAX) {
		gb_engine_limit(scratch, GB_LIMIT_NESTING);
		return NULL;
	}
	(void)gb_engine_path(scratch);
	job = &scratch->jobs[scratch->job_count++];
	job->kind = kind;
	job->text = text;
	job->at = 0;
	job->path_n = scratch->path.n;
	job->arena_mark = scratch->arena_used;
	job->origin = origin;
	job->decodings = decodings;
	job->layer = NULL;
	job->decoder = DECODE_NOTHING;
	job->is_started = false;
	job->is_plain = false;
	job->has_plus = false;
	job->is_raw = false;
	job->is_document = false;
	job->is_taken_apart = false;
	job->is_known = false;
	job->role = GB_ROLE_NONE;
	job->care = CARE_NOTHING;
	job->mask = 0;
	return job;
}

static inline void gb_engine_pop(struct gb_inspect_scratch *scratch)
{
	struct gb_engine_job *job = &scratch->jobs[--scratch->job_count];

	scratch->path.n = job->path_n;
	scratch->arena_used = job->arena_mark;
}

/* Tells the caller of the string that JOB is. */
static inline void gb_engine_tell(struct gb_inspect_scratch *scratch, const struct gb_engine_job *job)
{
	struct gb_inspect_string string = {
	        .scratch = scratch,
	        .value = job->text,
	        .origin = job->origin,
	        .decodings = job->decodings,
	        .layer = job->layer == NULL || job->decodings == 0 ? "" : job->layer,
	};

	if (scratch->options->on_string != NULL && !job->is_raw)
		scratch->options->on_string(scratch->options->context, &string);
}

static inline bool gb_engine_push_walk(struct gb_inspect_scratch *scratch, struct gb_span text, enum gb_walk_node node,
        enum gb_origin origin, unsigned decodings)
{
	struct gb_engine_job *job = gb_engine_push(scratch, JOB_WALK, text, origin, decodings);

	if (job == NULL)
		return false;
	gb_walk_start(&job->walk, text, node, origin, job->path_n);
	return true;
}

/* Push a value or key found in a structure as a text of its own. */
static inline struct gb_engine_job *gb_engine_push_text(struct gb_inspect_scratch *scratch, struct gb_span text,
        enum gb_origin origin, unsigned decodings, bool has_plus)
{
	struct gb_engine_job *job = gb_engine_push(scratch, JOB_TEXT, text, origin, decodings);

	if (job != NULL)
		job->has_plus = has_plus;
	return job;
}

/* Push what DECODER makes of TEXT as a job of its own; false when nothing came of it. engine_text.c. */
bool gb_engine_push_decoded(struct gb_inspect_scratch *scratch, enum gb_engine_decoder decoder, struct gb_span text,
        enum gb_origin origin, unsigned decodings);

/* Whether a further finding of the class at this place would say nothing new. engine_findings.c. */
bool gb_engine_is_known(const struct gb_inspect_scratch *scratch, enum gb_attack_class attack_class);
/* HIT of DETECTOR on INPUT, which is JOB's text: weigh it, keep it. engine_findings.c. */
void gb_engine_take_hit(struct gb_inspect_scratch *scratch, const struct gb_engine_job *job,
        const struct gb_detector *detector, const struct gb_detect_input *input, struct gb_detect_hit hit);

/* Lets the detectors that JOB's text, of bytes of MASK, asks for read it. engine_detect.c. */
void gb_engine_detect(struct gb_inspect_scratch *scratch, const struct gb_engine_job *job, uint32_t mask);
/* Whether what is known of the place is enough, and nothing more at it is to be read. */
bool gb_engine_is_settled(const struct gb_inspect_scratch *scratch);
/* Judges the beginning of BYTES, binary data that was unpacked, as a serialized object. */
void gb_engine_judge_object(struct gb_inspect_scratch *scratch, const struct gb_engine_job *bytes);

/* What TEXT at the scratch's path, of bytes of MASK, asks for. CARE_NOTHING: it is one of the many that nothing can hide
 * in. tame.c. */
uint32_t gb_engine_care(struct gb_inspect_scratch *scratch, struct gb_span text, uint32_t mask, enum gb_origin origin);

/* One step of the job on top, of the kind that the name says. */
void gb_engine_step_text(struct gb_inspect_scratch *scratch);
void gb_engine_step_walk(struct gb_inspect_scratch *scratch);
void gb_engine_step_fields(struct gb_inspect_scratch *scratch);
void gb_engine_step_windows(struct gb_inspect_scratch *scratch);
void gb_engine_step_document(struct gb_inspect_scratch *scratch);
void gb_engine_step_runs(struct gb_inspect_scratch *scratch);
void gb_engine_step_bytes(struct gb_inspect_scratch *scratch);

/* What STRING, a key or a value of the structure that JOB is, asks for: nothing, or a job. engine_parts.c. */
void gb_engine_take_string(
        struct gb_inspect_scratch *scratch, const struct gb_engine_job *job, const struct gb_walk_string *string);
/* Whether TEXT, as it lies between the quotes of a string of JSON, is all of a JSON object or array: nothing stands between
 * its strings that JSON has not there. engine_long.c. */
bool gb_engine_is_escaped_json(struct gb_span text);

/* engine_bytes.c. Push the event's body, which the event says is base64. */
void gb_engine_push_body(struct gb_inspect_scratch *scratch);
/* Push the bytes of TEXT, base64 in JSON, whatever they are. What the ordinary look at TEXT sees is not seen again. */
void gb_engine_push_base64(
        struct gb_inspect_scratch *scratch, struct gb_span text, enum gb_origin origin, unsigned decodings);
/* Push the bytes of TEXT, which is base64 by its form but does not give text, if they are compressed text. */
bool gb_engine_push_compressed(
        struct gb_inspect_scratch *scratch, struct gb_span text, enum gb_origin origin, unsigned decodings);

#endif
