/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/guards.h"
#include "policyc/moment.h"
#include "policyc/reader.h"

#include <errno.h>
#include <stddef.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const stance_words[] = {"open", "closed"};
static const char *const bool_words[] = {"true", "false"};

static int read_stance(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	if (node->kind == GB_POLICYC_SCALAR && gb_stance_of_name(node->text, target))
		return 0;
	return gb_policyc_need_text(reader, node) < 0
	               ? -EINVAL
	               : gb_policyc_unknown(reader, node, "stance", stance_words, COUNT(stance_words));
}

static int read_bool(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	bool *value = target;

	*value = gb_span_equal(node->text, GB_SPAN("true"));
	if (*value || gb_span_equal(node->text, GB_SPAN("false")))
		return 0;
	return gb_policyc_need_text(reader, node) < 0
	               ? -EINVAL
	               : gb_policyc_unknown(reader, node, "value", bool_words, COUNT(bool_words));
}

/* TARGET: the mode of a control, in the document. */
static int read_control(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	uint8_t *control_mode = target;
	enum gb_mode mode = GB_MODE_OFF;
	int r = gb_policyc_read_mode(reader, node, &mode);

	if (r < 0)
		return r;
	*control_mode = (uint8_t)mode;
	reader->control_modes |= 1u << (control_mode - reader->document->control_modes);
	return 0;
}

static int read_body(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_read_string(reader, node, target);

	if (r == 0 && node->text.n > 16384)
		return gb_policyc_complain(reader, node, "the body of a blocked answer has at most 16384 bytes");
	return r;
}

static int read_allow(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	reader->sections |= 1u << GB_CONTROL_ALLOWLIST;
	return gb_policyc_read_map(reader, node, gb_policyc_allow_fields, target);
}

/* "at once", "after learning", "at 2026-12-01". */
static int read_enforce(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_document *document = target;
	int r = gb_policyc_need_text(reader, node);

	if (r < 0)
		return r;
	if (gb_span_equal(node->text, GB_SPAN("at once")))
		document->enforce = GB_POLICYC_AT_ONCE;
	else if (gb_span_equal(node->text, GB_SPAN("after learning")))
		document->enforce = GB_POLICYC_AFTER_LEARNING;
	else if (gb_span_starts(node->text, GB_SPAN("at ")) &&
	         gb_policyc_moment_parse(
	                 gb_span_sub(node->text, 3, SIZE_MAX), GB_POLICYC_DAY_FIRST, &document->enforce_at))
		document->enforce = GB_POLICYC_AT_TIME;
	else
		return gb_policyc_complain(reader, node,
		        "'at once', 'after learning', or 'at' and a date is expected here: at 2026-12-01, at "
		        "2026-12-01T08:00:00Z");
	return 0;
}

static int read_unlisted(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const char *const words[] = {"alert", "review"};
	bool *is_review = target;
	size_t index = 0;
	int r = gb_policyc_read_word(reader, node, "word", words, COUNT(words), &index);

	*is_review = index == 1;
	return r;
}

#define OF_DOCUMENT(member) .offset = offsetof(struct gb_policyc_document, member)
#define CONTROL(key, control)                                                                                          \
	{                                                                                                              \
		(key), .read = read_control, OF_DOCUMENT(control_modes[control])                                       \
	}

static const struct gb_policyc_field control_fields[] = {
        CONTROL("firewall", GB_CONTROL_FIREWALL),
        CONTROL("flow", GB_CONTROL_FLOW),
        CONTROL("allowlist", GB_CONTROL_ALLOWLIST),
        CONTROL("rules", GB_CONTROL_RULE),
        CONTROL("drift", GB_CONTROL_DRIFT),
        CONTROL("forbidden", GB_CONTROL_FORBIDDEN),
        CONTROL("decoys", GB_CONTROL_DECOY),
        CONTROL("credentials", GB_CONTROL_CREDENTIAL),
        CONTROL("budgets", GB_CONTROL_BUDGET),
        CONTROL("hygiene", GB_CONTROL_HYGIENE),
        {.name = NULL},
};

static const struct gb_policyc_field flow_fields[] = {
        {"onLimit", .read = gb_policyc_read_mode, OF_DOCUMENT(flow_on_limit)},
        {.name = NULL},
};

static const struct gb_policyc_field block_fields[] = {
        {"body", .read = read_body, OF_DOCUMENT(block_body)},
        {.name = NULL},
};

const struct gb_policyc_field gb_policyc_function_spec_fields[] = {
        {"match", .fields = gb_policyc_match_fields, OF_DOCUMENT(match)},
        {"posture", .read = gb_policyc_read_mode, OF_DOCUMENT(posture)},
        {"stance", .read = read_stance, OF_DOCUMENT(stance)},
        {"enforce", .read = read_enforce},
        {"observe", .read = read_bool, OF_DOCUMENT(observe)},
        {"unlisted", .read = read_unlisted, OF_DOCUMENT(review_unlisted)},
        {"controls", .fields = control_fields},
        {"flow", .fields = flow_fields},
        {"block", .fields = block_fields},
        {"firewall", .fields = gb_policyc_firewall_fields, OF_DOCUMENT(firewall)},
        {"allow", .read = read_allow, OF_DOCUMENT(allow)},
        {"rules", .read_item = gb_policyc_read_rule},
        {"exclusions", .read_item = gb_policyc_read_exclusion},
        {"drift", .read = gb_policyc_read_drift},
        {"forbidden", .read = gb_policyc_read_forbidden},
        {"decoys", .read = gb_policyc_read_decoys},
        {"budgets", .read = gb_policyc_read_budgets},
        {"hygiene", .read = gb_policyc_read_hygiene},
        {.name = NULL},
};

/* All but the first, which is not for accounts and groups. */
const struct gb_policyc_field *const gb_policyc_spec_fields = gb_policyc_function_spec_fields + 1;
