/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/policyc.h"

#include "policyc/arena.h"
#include "policyc/guards.h"
#include "policyc/moment.h"
#include "policyc/reader.h"
#include "policyc/tree.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

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

static const struct gb_policyc_field spec_fields[] = {
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

static const struct gb_policyc_field metadata_fields[] = {
        {"name", .read = gb_policyc_read_name, OF_DOCUMENT(name)},
        {.name = NULL},
};

static int read_fixed(
        struct gb_policyc_reader *reader, const struct gb_policyc_node *node, const char *noun, const char *word)
{
	if (gb_span_equal(node->text, gb_span_cstr(word)))
		return 0;
	return gb_policyc_need_text(reader, node) < 0 ? -EINVAL : gb_policyc_unknown(reader, node, noun, &word, 1);
}

static int read_api_version(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)target;
	return read_fixed(reader, node, "apiVersion", "gambeson/v1");
}

static int read_document_kind(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)target;
	return read_fixed(reader, node, "kind", "FunctionPolicy");
}

static bool has_field(const struct gb_policyc_node *map, struct gb_span name)
{
	for (const struct gb_policyc_node *key = map->first; key != NULL; key = key->next->next)
		if (gb_span_equal(key->text, name))
			return true;
	return false;
}

static int read_root(struct gb_policyc_reader *reader, const struct gb_policyc_node *root)
{
	static const struct gb_policyc_field fields[] = {
	        {"apiVersion", .read = read_api_version},
	        {"kind", .read = read_document_kind},
	        {"metadata", .fields = metadata_fields},
	        {"spec", .fields = spec_fields},
	        {.name = NULL},
	};
	int r;

	if (root == NULL || root->kind != GB_POLICYC_MAP)
		return gb_diag_set(reader->diag, -EINVAL, 1, 1,
		        "this is no policy: it must begin with 'apiVersion: gambeson/v1' and 'kind: FunctionPolicy'");
	r = gb_policyc_read_map(reader, root, fields, reader->document);
	if (r < 0)
		return r;
	if (!has_field(root, GB_SPAN("apiVersion")))
		return gb_policyc_complain(
		        reader, root, "field 'apiVersion' is missing; write 'apiVersion: gambeson/v1'");
	if (!has_field(root, GB_SPAN("kind")))
		return gb_policyc_complain(reader, root, "field 'kind' is missing; write 'kind: FunctionPolicy'");
	/* A section means its control, unless `controls` says otherwise: a policy that says what is allowed means it; one
	 * that does not has no allowlist to hold against anybody. */
	for (int control = 0; control < _GB_CONTROL_MAX; control++)
		if (((reader->sections & ~reader->control_modes) >> control & 1u) != 0)
			reader->document->control_modes[control] = GB_BLOB_MODE_POSTURE;
	return 0;
}

int gb_policyc_parse(struct gb_span text, struct gb_policyc_document **ret_document, struct gb_diag *diag)
{
	struct gb_policyc_reader reader = {.document = gb_policyc_document_new(), .diag = diag};
	struct gb_policyc_arena *arena = gb_policyc_arena_new();
	struct gb_policyc_node *root = NULL;
	int r = -ENOMEM;

	if (diag != NULL)
		*diag = (struct gb_diag){0};
	if (reader.document != NULL && arena != NULL)
		r = gb_policyc_tree_parse(arena, text, &root, diag);
	if (r == 0)
		r = read_root(&reader, root);
	gb_policyc_arena_free(arena);
	if (r < 0) {
		gb_policyc_document_free(reader.document);
		return r;
	}
	*ret_document = reader.document;
	return 0;
}
