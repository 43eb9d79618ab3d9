/* SPDX-License-Identifier: Apache-2.0 */
/* What detectors found: weighed, kept once a class and place, the heavier rather than the lighter. */
#include "base/text.h"
#include "inspect/bytes.h"
#include "inspect/cited.h"
#include "inspect/engine.h"

#define CITED_PASSES 10u /* over the text around a hit */
#define ROUNDS_MAX   16u /* hits in one text that the caller may drop; every one costs a look at the rest */

static struct gb_span path_of(const struct gb_inspect_scratch *scratch)
{
	return gb_span_of(scratch->path.p, scratch->path.n);
}

static bool is_heaviest(const struct gb_inspect_scratch *scratch, unsigned weight)
{
	return scratch->options->weigh == NULL || weight >= GB_INSPECT_WEIGHT_MAX;
}

/* Whether PATH is PLACE or a part of it. */
static bool is_within(struct gb_span path, struct gb_span place)
{
	return gb_span_starts(path, place) &&
	       (path.n == place.n || place.n == 0 || path.p[place.n] == '.' || path.p[place.n] == '[');
}

bool gb_engine_is_known(const struct gb_inspect_scratch *scratch, enum gb_attack_class attack_class)
{
	const struct gb_inspect_report *report = scratch->report;
	bool is_full = report->finding_count == GB_INSPECT_FINDINGS_MAX;

	for (size_t i = 0; i < report->finding_count; i++) {
		const struct gb_inspect_finding *finding = &report->findings[i];

		if (!is_heaviest(scratch, finding->weight))
			is_full = false;
		else if (finding->attack_class == attack_class &&
		         (is_within(path_of(scratch), finding->path) || is_within(finding->path, path_of(scratch))))
			return true;
	}
	return is_full;
}

/* Where a finding of WEIGHT may lie: a new place, or that of the lightest if that is lighter; else SIZE_MAX. */
static size_t place_for(struct gb_inspect_report *report, unsigned weight)
{
	size_t lightest = 0;

	if (report->finding_count < GB_INSPECT_FINDINGS_MAX)
		return report->finding_count++;
	for (size_t i = 1; i < report->finding_count; i++)
		if (report->findings[i].weight < report->findings[lightest].weight)
			lightest = i;
	return report->findings[lightest].weight < weight ? lightest : SIZE_MAX;
}

static bool is_said(const struct gb_inspect_scratch *scratch, const struct gb_inspect_finding *finding)
{
	for (size_t i = 0; i < scratch->report->finding_count; i++) {
		const struct gb_inspect_finding *other = &scratch->report->findings[i];

		if (other->attack_class == finding->attack_class && other->weight >= finding->weight &&
		        gb_span_starts(finding->path, other->path))
			return true;
	}
	return false;
}

/* Of what was found in one text the structure that begins first holds the others: `{{ … system('id') … }}` is a template, and
 * the command in it what the template does. Where two begin together the order of the table holds. */
static void sort_last(struct gb_inspect_scratch *scratch)
{
	struct gb_inspect_finding *findings = scratch->report->findings, finding;
	size_t at = scratch->report->finding_count - 1, start = scratch->starts[at];
	unsigned slot = scratch->slots[at];

	finding = findings[at];
	for (; at > scratch->job_findings && scratch->starts[at - 1] > start; at--) {
		findings[at] = findings[at - 1];
		scratch->starts[at] = scratch->starts[at - 1];
		scratch->slots[at] = scratch->slots[at - 1];
	}
	findings[at] = finding;
	scratch->starts[at] = start;
	scratch->slots[at] = slot;
}

/* FINDING, with what it must keep when the arena is used again: the path, and the value around the bytes that convict. */
static struct gb_inspect_finding copy_to(struct gb_engine_kept *bytes, const struct gb_inspect_finding *finding)
{
	struct gb_inspect_finding kept = *finding;
	size_t path_n = finding->path.n < KEPT_PATH_MAX ? finding->path.n : KEPT_PATH_MAX;
	size_t from = 0, n = finding->value.n;

	if (n > KEPT_VALUE_MAX) {
		from = finding->from > KEPT_VALUE_MAX / 4 ? finding->from - KEPT_VALUE_MAX / 4 : 0;
		n = n - from < KEPT_VALUE_MAX ? n - from : KEPT_VALUE_MAX;
	}
	memcpy(bytes->path, finding->path.p, path_n);
	memcpy(bytes->value, finding->value.p + from, n);
	kept.path = gb_span_of(bytes->path, path_n);
	kept.value = gb_span_of(bytes->value, n);
	kept.from = finding->from - from;
	if (kept.length > n - kept.from)
		kept.length = n - kept.from;
	return kept;
}

static void keep(struct gb_inspect_scratch *scratch, const struct gb_inspect_finding *finding)
{
	size_t place, count = scratch->report->finding_count;

	if (is_said(scratch, finding))
		return;
	place = place_for(scratch->report, finding->weight);
	if (place == SIZE_MAX)
		return;
	if (place == count)
		scratch->slots[place] = (unsigned)place;
	scratch->starts[place] = finding->from;
	scratch->report->findings[place] = copy_to(&scratch->kept[scratch->slots[place]], finding);
	if (place == count)
		sort_last(scratch);
}

/* What is said once of a class and place, and not where a finding says it. */
static void keep_cited(struct gb_inspect_scratch *scratch, const struct gb_inspect_finding *finding)
{
	struct gb_inspect_report *report = scratch->report;
	struct gb_inspect_finding *kept;

	for (size_t i = 0; i < report->cited_count; i++)
		if (report->cited[i].attack_class == finding->attack_class &&
		        gb_span_equal(report->cited[i].path, gb_span_sub(finding->path, 0, KEPT_PATH_MAX)))
			return;
	if (report->cited_count == GB_INSPECT_CITED_MAX || is_said(scratch, finding))
		return;
	kept = &report->cited[report->cited_count];
	*kept = copy_to(&scratch->cited[report->cited_count++], finding);
	kept->confidence = GB_CONFIDENCE_LOW;
}

static unsigned weigh(const struct gb_inspect_scratch *scratch, const struct gb_inspect_finding *finding)
{
	const struct gb_inspect_options *options = scratch->options;

	return options->weigh == NULL ? 1 : options->weigh(options->context, finding);
}

/* What reading around a hit costs at most in a text of N bytes. */
static size_t cited_steps(size_t n)
{
	return n < GB_CITED_STEPS / CITED_PASSES ? n * CITED_PASSES : GB_CITED_STEPS;
}

/* Operators that say from when to when, or from how much to how much. */
static bool is_bound(const struct gb_inspect_scratch *scratch, const struct gb_inspect_finding *finding)
{
	if (finding->origin != GB_ORIGIN_KEY || finding->attack_class != GB_CLASS_NOSQL_INJECTION)
		return false;
	for (size_t i = scratch->job_count; i-- > 0;)
		if (scratch->jobs[i].kind == JOB_WALK)
			return gb_cited_is_range(scratch->jobs[i].text, scratch->jobs[i].walk.at);
	return false;
}

/* A member of a record of a log, which is a text of its own; not of what a client sent by HTTP, whose members it chose. */
static bool is_in_record(const struct gb_inspect_scratch *scratch, const struct gb_inspect_finding *finding)
{
	if ((finding->origin != GB_ORIGIN_VALUE && finding->origin != GB_ORIGIN_MESSAGE) ||
	        finding->attack_class == GB_CLASS_NAMING_LOOKUP)
		return false;
	for (size_t i = scratch->job_count; i-- > 1;)
		if (scratch->jobs[i].kind == JOB_WALK)
			return gb_cited_is_record(scratch->jobs[i].text);
	return false;
}

static enum gb_mention read_mention(
        const struct gb_inspect_scratch *scratch, const struct gb_inspect_finding *finding, size_t *ret_end)
{
	enum gb_mention mention = gb_cited_read(finding, ret_end);

	if (mention == GB_MENTION_NONE && is_bound(scratch, finding))
		return GB_MENTION_VOID;
	if (mention == GB_MENTION_NONE && is_in_record(scratch, finding))
		mention = GB_MENTION_CITED;
	if (mention == GB_MENTION_CITED && (scratch->options->mentions_found >> finding->attack_class & 1u) != 0)
		return GB_MENTION_NONE;
	return mention;
}

/* A detector gives its first hit. When that one is dropped for its reason, another may stand behind it. */
void gb_engine_take_hit(struct gb_inspect_scratch *scratch, const struct gb_engine_job *job,
        const struct gb_detector *detector, const struct gb_detect_input *input, struct gb_detect_hit hit)
{
	struct gb_inspect_finding finding = {
	        .attack_class = detector->attack_class,
	        .origin = job->origin,
	        .path = path_of(scratch),
	        .value = job->text,
	};
	struct gb_detect_work work = {0};
	struct gb_detect_input rest = *input;
	size_t start = 0, cited_end = 0;
	uint64_t before;
	bool is_found;
	enum gb_mention mention;

	rest.work = &work;
	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		finding.from = start + hit.from;
		finding.length = hit.length;
		finding.reason = hit.reason;
		finding.confidence = gb_inspect_reason_confidence(gb_span_cstr(hit.reason));
		finding.weight = weigh(scratch, &finding);
		mention = input->is_strict || finding.weight == 0 ? GB_MENTION_NONE
		                                                  : read_mention(scratch, &finding, &cited_end);
		if (finding.weight != 0 && mention == GB_MENTION_NONE) {
			keep(scratch, &finding);
			return;
		}
		if (mention == GB_MENTION_CITED &&
		        (scratch->options->mentions_untold >> detector->attack_class & 1u) == 0)
			keep_cited(scratch, &finding);
		finding.reason = NULL;
		if (mention == GB_MENTION_NONE && weigh(scratch, &finding) == 0)
			return;
		start = finding.from + (hit.length == 0 ? 1 : hit.length);
		if (start < cited_end)
			start = cited_end;
		rest.text = gb_span_sub(job->text, start, SIZE_MAX);
		rest.mask = gb_bytes_mask(rest.text);
		rest.pairs = input->is_strict ? UINT32_MAX : gb_bytes_pairs(rest.text);
		hit = (struct gb_detect_hit){0};
		/* What was read around the hit, and what is left is read once more. */
		if (!gb_engine_spend(scratch, rest.text.n + cited_steps(job->text.n)))
			return;
		before = work.left = scratch->steps_max - scratch->report->steps;
		is_found = (rest.mask & detector->any_of) != 0 && detector->find(&rest, &hit);
		scratch->report->steps += before - work.left;
		if (!is_found && work.is_spent)
			break;
		if (!is_found)
			return;
	}
	gb_engine_limit(scratch, GB_LIMIT_STEPS);
}
