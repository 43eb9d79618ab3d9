/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of the three kinds, from their trees. */
#include "policyc/layer.h"

#include "base/arena.h"
#include "policyc/reader.h"
#include "policyc/secret.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define OF_DOCUMENT(member) .offset = offsetof(struct gb_policyc_document, member)

static const char *const kind_words[_GB_POLICYC_LAYER_MAX] = {
        [GB_POLICYC_ACCOUNT] = "AccountPolicy",
        [GB_POLICYC_GROUP] = "Group",
        [GB_POLICYC_FUNCTION] = "FunctionPolicy",
};

const char *gb_policyc_layer_word(enum gb_policyc_layer_kind kind)
{
	return kind_words[kind];
}

static int read_api_version(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const char *const words[] = {"gambeson/v1"};
	size_t index;

	(void)target;
	return gb_policyc_read_word(reader, node, "apiVersion", words, 1, &index);
}

static int read_kind(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	size_t index = 0;
	int r = gb_policyc_read_word(reader, node, "kind", kind_words, _GB_POLICYC_LAYER_MAX, &index);

	(void)target;
	reader->layer->kind = (enum gb_policyc_layer_kind)index;
	return r;
}

/* A section means its control, unless `controls` says otherwise: a policy that says what is allowed means it; one that
 * does not has no allowlist to hold against anybody. */
static void finish_controls(struct gb_policyc_reader *reader)
{
	for (int control = 0; control < _GB_CONTROL_MAX; control++)
		if (((reader->sections & ~reader->control_modes) >> control & 1u) != 0)
			reader->document->control_modes[control] = GB_BLOB_MODE_POSTURE;
}

static int read_policy(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	const struct gb_policyc_field *fields =
	        reader->layer->kind == GB_POLICYC_FUNCTION ? gb_policyc_function_spec_fields : gb_policyc_spec_fields;
	int r = gb_policyc_read_map(reader, node, fields, target);

	reader->layer->spec = node;
	finish_controls(reader);
	return r;
}

static int read_key(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)target;
	if (gb_policyc_need_text(reader, node) < 0)
		return -EINVAL;
	if (!gb_policyc_is_group_key(node->text))
		return gb_policyc_complain(reader, node,
		        "a group's key is 8 to 64 letters, digits, '-' and '_'; 'gambeson policy group-key' makes one");
	return gb_policyc_read_string(reader, node, &reader->layer->key);
}

static int read_hash(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, const char **ret_hash)
{
	if (gb_policyc_need_text(reader, node) < 0)
		return -EINVAL;
	if (!gb_policyc_is_secret_hash(node->text))
		return gb_policyc_complain(reader, node,
		        "an Argon2id hash ('$argon2id$v=19$m=…') is expected here, never the secret itself; 'gambeson "
		        "policy group-key' makes one");
	return gb_policyc_read_string(reader, node, ret_hash);
}

static int read_secret_hash(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)target;
	return read_hash(reader, node, &reader->layer->secret_hash);
}

static int read_previous_hash(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)target;
	return read_hash(reader, node, &reader->layer->previous_hash);
}

static int read_previous_expires(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	(void)target;
	return gb_policyc_read_expires(reader, node, &reader->layer->previous_expires);
}

/* A secret that is being replaced has an end, or nobody ever takes it out. */
static int read_previous(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {
	        {"secretHash", .read = read_previous_hash},
	        {"expires", .read = read_previous_expires},
	        {.name = NULL},
	};
	int r = gb_policyc_read_map(reader, node, fields, target);

	if (r == 0 && (reader->layer->previous_hash == NULL || reader->layer->previous_expires == 0))
		return gb_policyc_complain(reader, node, "'previous' has a secretHash and the date that it expires");
	return r;
}

static int read_spec(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field group_fields[] = {
	        {"match", .fields = gb_policyc_match_fields, OF_DOCUMENT(match)},
	        {"key", .read = read_key},
	        {"secretHash", .read = read_secret_hash},
	        {"previous", .read = read_previous},
	        {"policy", .read = read_policy},
	        {.name = NULL},
	};
	int r;

	if (reader->layer->kind != GB_POLICYC_GROUP)
		return read_policy(reader, node, target);
	r = gb_policyc_read_map(reader, node, group_fields, target);
	if (r == 0 && (reader->layer->key == NULL) != (reader->layer->secret_hash == NULL))
		return gb_policyc_complain(reader, node, "'key' and 'secretHash' go together");
	if (r == 0 && reader->layer->previous_hash != NULL && reader->layer->secret_hash == NULL)
		return gb_policyc_complain(reader, node, "'previous' goes with a 'secretHash' that replaces it");
	return r;
}

static const struct gb_policyc_node *field_of(const struct gb_policyc_node *map, struct gb_span name)
{
	for (const struct gb_policyc_node *key = map->first; key != NULL; key = key->next->next)
		if (key->kind == GB_POLICYC_SCALAR && gb_span_equal(key->text, name))
			return key->next;
	return NULL;
}

static int check_head(struct gb_policyc_reader *reader, const struct gb_policyc_node *root)
{
	const struct gb_policyc_layer *layer = reader->layer;

	if (field_of(root, GB_SPAN("apiVersion")) == NULL)
		return gb_policyc_complain(
		        reader, root, "field 'apiVersion' is missing; write 'apiVersion: gambeson/v1'");
	if (field_of(root, GB_SPAN("kind")) == NULL)
		return gb_policyc_complain(reader, root, "field 'kind' is missing; write 'kind: FunctionPolicy'");
	if (layer->kind == GB_POLICYC_GROUP && reader->document->name[0] == '\0')
		return gb_policyc_complain(reader, root, "a Group has a name: 'metadata: {name: …}'");
	return 0;
}

static int read_root(struct gb_policyc_reader *reader, const struct gb_policyc_node *root)
{
	static const struct gb_policyc_field metadata_fields[] = {
	        {"name", .read = gb_policyc_read_name, OF_DOCUMENT(name)},
	        {.name = NULL},
	};
	static const struct gb_policyc_field fields[] = {
	        {"apiVersion", .read = read_api_version},
	        {"kind", .read = read_kind},
	        {"metadata", .fields = metadata_fields},
	        {"spec", .read = read_spec},
	        {.name = NULL},
	};
	const struct gb_policyc_node *kind;
	int r = 0;

	if (root == NULL || root->kind != GB_POLICYC_MAP)
		return gb_diag_set(reader->diag, -EINVAL, root == NULL ? 1 : root->line, 1,
		        "this is no policy: it must begin with 'apiVersion: gambeson/v1' and 'kind: FunctionPolicy'");
	/* What fields there are hangs on the kind, wherever that stands. */
	kind = field_of(root, GB_SPAN("kind"));
	if (kind != NULL)
		r = read_kind(reader, kind, NULL);
	if (r == 0)
		r = gb_policyc_read_map(reader, root, fields, reader->document);
	return r < 0 ? r : check_head(reader, root);
}

int gb_policyc_layer_read(
        const struct gb_policyc_node *root, const char *file, struct gb_policyc_layer *ret_layer, struct gb_diag *diag)
{
	struct gb_policyc_layer layer = {.kind = GB_POLICYC_FUNCTION, .document = gb_policyc_document_new()};
	struct gb_policyc_reader reader = {.document = layer.document, .layer = &layer, .diag = diag};
	int r;

	if (layer.document == NULL)
		return -ENOMEM;
	layer.origin = (struct gb_policyc_origin){file, root == NULL ? 1 : root->line};
	layer.document->at = layer.origin;
	r = read_root(&reader, root);
	layer.has_match = !gb_policyc_scope_is_empty(&layer.document->match);
	if (r == 0)
		r = gb_policyc_check_contradictions(layer.document, diag);
	if (r < 0) {
		gb_policyc_document_free(layer.document);
		return r;
	}
	*ret_layer = layer;
	return 0;
}

int gb_policyc_layer_apply(const struct gb_policyc_layer *layer, struct gb_policyc_document *document,
        bool *ret_has_allow, struct gb_diag *diag)
{
	struct gb_policyc_layer copy = *layer;
	struct gb_policyc_reader reader = {.document = document, .layer = &copy, .diag = diag};
	int r = 0;

	document->at.file = gb_policyc_copy(document, gb_span_cstr(layer->origin.file));
	if (document->at.file == NULL)
		return -ENOMEM;
	if (layer->spec != NULL)
		r = read_policy(&reader, layer->spec, document);
	document->match = (struct gb_policyc_scope){0};
	document->at = (struct gb_policyc_origin){0};
	*ret_has_allow = (reader.sections >> GB_CONTROL_ALLOWLIST & 1u) != 0;
	return r;
}

int gb_policyc_parse(struct gb_span text, struct gb_policyc_document **ret_document, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_policyc_node *root = NULL;
	struct gb_policyc_layer layer = {0};
	int r = -ENOMEM;

	if (diag != NULL)
		*diag = (struct gb_diag){0};
	if (arena != NULL)
		r = gb_policyc_tree_parse(arena, text, 1, &root, diag);
	if (r == 0)
		r = gb_policyc_layer_read(root, NULL, &layer, diag);
	if (r == 0 && layer.kind != GB_POLICYC_FUNCTION) {
		r = gb_diag_set(diag, -EINVAL, root->line, root->column,
		        "this is of kind %s; a FunctionPolicy is expected here", kind_words[layer.kind]);
		gb_policyc_document_free(layer.document);
	}
	gb_arena_free(arena);
	if (r == 0)
		*ret_document = layer.document;
	return r;
}
