/* SPDX-License-Identifier: Apache-2.0 */
/* One text before the detectors: which read it, how much they may do, and when one finding is enough. */
#include "inspect/bytes.h"
#include "inspect/detect/detect.h"
#include "inspect/engine.h"

#define CLASS(name) (1u << GB_CLASS_##name)
#define DOCUMENT_CLASSES                                                                                               \
	(CLASS(XML_ENTITY) | CLASS(XSS) | CLASS(DESERIALIZATION) | CLASS(CODE_INJECTION) | CLASS(TEMPLATE) |           \
	        CLASS(NAMING_LOOKUP))

/* Of binary data this much is looked at for an object's beginning. */
#define OBJECT_BYTES 4096u

/* Of one detector on one text; what is left of the event's budget sets another bound. */
#define WORK_PER_BYTE 64u
#define WORK_MIN      (1u << 19)

static bool find(struct gb_inspect_scratch *scratch, const struct gb_detector *detector, struct gb_detect_input *input,
        struct gb_detect_hit *ret_hit)
{
	const uint64_t most = (uint64_t)input->text.n * WORK_PER_BYTE + WORK_MIN;
	const uint64_t rest =
	        scratch->steps_max > scratch->report->steps ? scratch->steps_max - scratch->report->steps : 0;
	struct gb_detect_work work = {.left = most < rest ? most : rest};
	const uint64_t before = work.left;
	bool is_hit;

	input->work = &work;
	is_hit = detector->find(input, ret_hit);
	input->work = NULL;
	scratch->report->steps += before - work.left;
	if (work.is_spent && !is_hit)
		gb_engine_limit(scratch, GB_LIMIT_STEPS);
	return is_hit;
}

bool gb_engine_is_settled(const struct gb_inspect_scratch *scratch)
{
	if (!scratch->options->is_brief)
		return false;
	for (int c = GB_CLASS_NONE + 1; scratch->report->finding_count != 0 && c < _GB_CLASS_MAX; c++)
		if (gb_engine_is_known(scratch, (enum gb_attack_class)c))
			return true;
	return false;
}

/* Lets DETECTOR read INPUT, JOB's text, if it is among CLASSES (0: all are). False when no more is to be read. */
static bool run(struct gb_inspect_scratch *scratch, const struct gb_engine_job *job, const struct gb_detector *detector,
        struct gb_detect_input *input, uint32_t classes)
{
	const size_t count = scratch->report->finding_count;
	struct gb_detect_hit hit = {0};
	bool is_hit;

	if ((input->mask & detector->any_of) == 0 || (classes != 0 && (classes & 1u << detector->attack_class) == 0))
		return true;
	if (count != 0 && gb_engine_is_known(scratch, detector->attack_class))
		return true;
	if (!gb_engine_spend(scratch, job->text.n))
		return false;
	is_hit = find(scratch, detector, input, &hit);
	if (scratch->options->on_detector != NULL)
		scratch->options->on_detector(
		        scratch->options->context, detector->attack_class, is_hit ? hit.reason : NULL);
	if (is_hit)
		gb_engine_take_hit(scratch, job, detector, input, hit);
	return !is_hit || !gb_engine_is_settled(scratch);
}

void gb_engine_detect(struct gb_inspect_scratch *scratch, const struct gb_engine_job *job, uint32_t mask)
{
	struct gb_detect_input input = {.text = job->text,
	        .mask = mask,
	        .pairs = scratch->options->is_strict ? UINT32_MAX : gb_bytes_pairs(job->text),
	        .origin = job->origin,
	        .decodings = job->decodings,
	        .is_strict = scratch->options->is_strict,
	        .path = gb_span_of(scratch->path.p, scratch->path.n)};
	uint32_t classes = scratch->options->classes;
	const struct gb_detector *likely = NULL;

	if ((job->care & ~CARE_DECODING) == 0)
		return;
	if (job->care != CARE_ALL)
		classes = (classes == 0 ? UINT32_MAX : classes) & job->care;
	/* A document is not what is put into a command or a query: its texts are, and are judged by themselves. */
	if (job->is_document)
		classes = (classes == 0 ? UINT32_MAX : classes) & DOCUMENT_CLASSES;

	scratch->job_findings = scratch->report->finding_count;
	if (scratch->options->is_brief)
		likely = gb_detector_likely(&input);
	if (likely != NULL && !run(scratch, job, likely, &input, classes))
		return;
	for (size_t i = 0; i < gb_detector_count; i++)
		if (&gb_detectors[i] != likely && !run(scratch, job, &gb_detectors[i], &input, classes))
			return;
}

void gb_engine_judge_object(struct gb_inspect_scratch *scratch, const struct gb_engine_job *bytes)
{
	struct gb_engine_job job = *bytes;

	job.text = gb_span_sub(bytes->text, 0, OBJECT_BYTES);
	job.care = 1u << GB_CLASS_DESERIALIZATION;
	job.is_document = false;
	gb_engine_detect(scratch, &job, gb_bytes_mask(job.text));
}
