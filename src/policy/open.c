/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy.h"

#include "policy/guards.h"
#include "policy/set.h"

#include <errno.h>

_Static_assert(_GB_ACTIVITY_KIND_MAX <= 32, "kinds fit their bits");
_Static_assert(_GB_CONTROL_MAX <= sizeof(((struct gb_blob_header *)0)->control_modes), "every control has its mode");

/* What has been seen so far: arguments, chunks and tree nodes lie in the order in which they are referred to, each
 * belongs to one owner, and none is left over. So checking is linear, and so is the work of a hostile blob. */
struct check {
	struct gb_span blob;
	const struct gb_blob_header *header;
	uint32_t arguments_seen;
	uint32_t chunks_seen;
};

static bool part_is_inside(const struct check *check, struct gb_blob_part part, size_t element_bytes)
{
	uint64_t bytes = (uint64_t)part.count * element_bytes;

	if (part.count == 0)
		return true;
	if (element_bytes > 1 && part.offset % 4 != 0)
		return false;
	return part.offset >= sizeof(struct gb_blob_header) && part.offset <= check->blob.n &&
	       bytes <= check->blob.n - part.offset;
}

static bool text_is_inside(const struct check *check, struct gb_blob_text text)
{
	uint32_t cap = check->header->text.count;

	return text.offset <= cap && text.n <= cap - text.offset;
}

static bool tag_is_known(const struct check *check, uint32_t tag)
{
	return tag <= check->header->tags.count;
}

static bool patterns_are_good(const struct check *check, struct gb_blob_part part)
{
	const struct gb_blob_pattern *patterns = (const void *)(check->blob.p + part.offset);

	if (!part_is_inside(check, part, sizeof(*patterns)))
		return false;
	for (size_t i = 0; i < part.count; i++)
		if (!text_is_inside(check, patterns[i].text) || patterns[i].literal_n > patterns[i].text.n ||
		        !tag_is_known(check, patterns[i].tag))
			return false;
	return true;
}

static bool node_is_good(const struct check *check, const struct gb_blob_node *node, bool is_root)
{
	const unsigned char *text = check->blob.p + check->header->text.offset;

	if (!text_is_inside(check, (struct gb_blob_text){node->label, node->label_n}))
		return false;
	return is_root ? node->label_n == 0 : node->label_n != 0 && text[node->label] == node->first;
}

/* Children of node i stand behind those of the nodes before it: every node but the root has one parent, before it. */
static bool set_is_good(const struct check *check, const struct gb_blob_set *set)
{
	const struct gb_blob_node *nodes = (const void *)(check->blob.p + set->nodes.offset);
	size_t children = 1, patterns = 0;

	if (!part_is_inside(check, set->nodes, sizeof(*nodes)) || !patterns_are_good(check, set->patterns))
		return false;
	for (size_t i = 0; i < set->nodes.count; i++) {
		const struct gb_blob_node *node = &nodes[i];

		if (!node_is_good(check, node, i == 0))
			return false;
		if (node->child_count != 0 && (node->first_child != children || node->first_child <= i))
			return false;
		children += node->child_count;
		patterns += node->pattern_count;
		if (children > set->nodes.count ||
		        (size_t)node->first_pattern + node->pattern_count > set->patterns.count)
			return false;
		for (size_t c = 1; c < node->child_count; c++)
			if (nodes[node->first_child + c - 1].first >= nodes[node->first_child + c].first)
				return false;
	}
	if (set->nodes.count == 0)
		return set->patterns.count == 0;
	return children == set->nodes.count && patterns == set->patterns.count;
}

/* A pattern hangs at the node that its literal head spells: gb_policy_set_holds() compares only what is behind it. */
static bool heads_are_good(const struct check *check, const struct gb_blob_set *set)
{
	const struct gb_blob_pattern *patterns = (const void *)(check->blob.p + set->patterns.offset);
	const unsigned char *text = check->blob.p + check->header->text.offset;

	for (size_t i = 0; i < set->patterns.count; i++) {
		struct gb_span pattern = gb_span_of(text + patterns[i].text.offset, patterns[i].text.n);
		size_t star = gb_span_find_byte(pattern, '*', 0);

		if (patterns[i].literal_n != (star == SIZE_MAX ? pattern.n : star))
			return false;
	}
	return true;
}

static bool argument_is_good(struct check *check, const struct gb_blob_argument *argument, bool is_last)
{
	const struct gb_blob_chunk *chunks = (const void *)(check->blob.p + check->header->chunks.offset);

	if (argument->kind >= _GB_BLOB_ARGUMENT_MAX || (argument->kind == GB_BLOB_ARGUMENT_REST && !is_last))
		return false;
	if (argument->first_chunk != check->chunks_seen ||
	        argument->chunk_count > check->header->chunks.count - check->chunks_seen)
		return false;
	if (argument->chunk_count != 0 && argument->kind >= GB_BLOB_ARGUMENT_ANY)
		return false;
	for (size_t i = 0; i < argument->chunk_count; i++) {
		const struct gb_blob_chunk *chunk = &chunks[argument->first_chunk + i];

		if (chunk->kind >= _GB_BLOB_CHUNK_MAX || !text_is_inside(check, chunk->text))
			return false;
	}
	check->chunks_seen += argument->chunk_count;
	return true;
}

static bool processes_are_good(struct check *check, struct gb_blob_part part)
{
	const struct gb_blob_process *processes = (const void *)(check->blob.p + part.offset);
	const struct gb_blob_argument *arguments = (const void *)(check->blob.p + check->header->arguments.offset);

	if (!part_is_inside(check, part, sizeof(*processes)))
		return false;
	for (size_t i = 0; i < part.count; i++) {
		const struct gb_blob_process *process = &processes[i];

		if (!text_is_inside(check, process->executable) || !text_is_inside(check, process->name) ||
		        !tag_is_known(check, process->tag))
			return false;
		if (process->first_argument != check->arguments_seen ||
		        process->argument_count > check->header->arguments.count - check->arguments_seen)
			return false;
		for (size_t a = 0; a < process->argument_count; a++)
			if (!argument_is_good(
			            check, &arguments[process->first_argument + a], a + 1 == process->argument_count))
				return false;
		check->arguments_seen += process->argument_count;
	}
	return true;
}

static bool addresses_are_good(const struct check *check, struct gb_blob_part part)
{
	const struct gb_blob_address *addresses = (const void *)(check->blob.p + part.offset);

	if (!part_is_inside(check, part, sizeof(*addresses)))
		return false;
	for (size_t i = 0; i < part.count; i++)
		if ((addresses[i].prefix_n > 128 && addresses[i].prefix_n != GB_BLOB_FAMILY_PREFIX_N) ||
		        !tag_is_known(check, addresses[i].tag))
			return false;
	return true;
}

/* Only that the tables lie inside: what they say is checked when it is used. */
static bool automata_are_good(const struct check *check)
{
	const struct gb_blob_header *header = check->header;
	const struct gb_blob_automaton *automata = (const void *)(check->blob.p + header->automata.offset);
	uint64_t cap = header->tables.count;

	if (!part_is_inside(check, header->automata, sizeof(*automata)) || !part_is_inside(check, header->tables, 1))
		return false;
	for (size_t i = 0; i < header->automata.count; i++) {
		const struct gb_blob_automaton *automaton = &automata[i];
		uint64_t next_bytes = (uint64_t)automaton->state_count * automaton->class_count * sizeof(uint16_t);

		if (automaton->state_count < 2 || automaton->class_count < 1 || automaton->next % 2 != 0 ||
		        automaton->classes + 256ull > cap || automaton->next + next_bytes > cap ||
		        (uint64_t)automaton->accepts + automaton->state_count > cap)
			return false;
	}
	return true;
}

static bool expressions_are_good(const struct check *check, struct gb_blob_part part)
{
	const struct gb_blob_expression *expressions = (const void *)(check->blob.p + part.offset);

	if (!part_is_inside(check, part, sizeof(*expressions)))
		return false;
	for (size_t i = 0; i < part.count; i++)
		if (expressions[i].place >= _GB_BLOB_PLACE_MAX || expressions[i].is_regex > 1 ||
		        expressions[i].automaton >= check->header->automata.count ||
		        !text_is_inside(check, expressions[i].text) || !tag_is_known(check, expressions[i].tag) ||
		        (i > 0 && expressions[i].place < expressions[i - 1].place))
			return false;
	return true;
}

static bool kind_tags_are_good(const struct check *check, const struct gb_blob_list *list)
{
	const struct gb_blob_kind *kinds = (const void *)(check->blob.p + list->kind_tags.offset);

	if (!part_is_inside(check, list->kind_tags, sizeof(*kinds)))
		return false;
	for (size_t i = 0; i < list->kind_tags.count; i++)
		if (kinds[i].kind >= _GB_ACTIVITY_KIND_MAX || (list->kinds >> kinds[i].kind & 1u) == 0 ||
		        !tag_is_known(check, kinds[i].tag) || (i > 0 && kinds[i].kind <= kinds[i - 1].kind))
			return false;
	return true;
}

static bool tags_are_good(const struct check *check)
{
	const struct gb_blob_tag *tags = (const void *)(check->blob.p + check->header->tags.offset);

	if (!part_is_inside(check, check->header->tags, sizeof(*tags)))
		return false;
	for (size_t i = 0; i < check->header->tags.count; i++)
		if (!text_is_inside(check, tags[i].name) || !text_is_inside(check, tags[i].reason))
			return false;
	return true;
}

static bool list_is_good(struct check *check, const struct gb_blob_list *list)
{
	if (!kind_tags_are_good(check, list) || list->more.count != 0)
		return false;
	if (list->kinds >> _GB_ACTIVITY_KIND_MAX != 0 || (list->kinds & 1u) != 0 || list->reserved != 0)
		return false;
	for (size_t i = 0; i < _GB_BLOB_SET_MAX; i++)
		if (!set_is_good(check, &list->sets[i]) || !heads_are_good(check, &list->sets[i]))
			return false;
	return processes_are_good(check, list->processes) && addresses_are_good(check, list->addresses) &&
	       patterns_are_good(check, list->hosts) && expressions_are_good(check, list->expressions);
}

static bool settings_are_good(const struct gb_blob_header *header)
{
	if (header->posture >= _GB_MODE_MAX || header->stance >= _GB_STANCE_MAX || header->observe > 1 ||
	        header->flow_on_limit >= _GB_MODE_MAX || header->review > 1)
		return false;
	for (size_t i = 0; i < sizeof(header->reserved_bytes); i++)
		if (header->reserved_bytes[i] != 0)
			return false;
	for (size_t i = 0; i < sizeof(header->control_modes); i++)
		if (header->control_modes[i] >= _GB_MODE_MAX && header->control_modes[i] != GB_BLOB_MODE_POSTURE)
			return false;
	return true;
}

static bool is_good(struct check *check)
{
	const struct gb_blob_header *header = check->header;

	if (!settings_are_good(header) || !part_is_inside(check, header->text, 1) || !tags_are_good(check) ||
	        !part_is_inside(check, header->arguments, sizeof(struct gb_blob_argument)) ||
	        !part_is_inside(check, header->chunks, sizeof(struct gb_blob_chunk)) || !automata_are_good(check) ||
	        !text_is_inside(check, header->name) || !text_is_inside(check, header->block_body))
		return false;
	for (size_t i = 0; i < _GB_BLOB_LIST_MAX; i++)
		if (!list_is_good(check, &header->lists[i]))
			return false;
	return check->arguments_seen == header->arguments.count && check->chunks_seen == header->chunks.count;
}

int gb_policy_open(struct gb_span blob, struct gb_policy *ret_policy)
{
	struct check check = {.header = (const void *)blob.p};

	if (blob.n < sizeof(*check.header) || blob.n > GB_BLOB_BYTES_MAX)
		return -EBADMSG;
	if ((uintptr_t)blob.p % _Alignof(struct gb_blob_header) != 0)
		return -EINVAL;
	if (__builtin_memcmp(check.header->magic, GB_BLOB_MAGIC, sizeof(check.header->magic)) != 0)
		return -EBADMSG;
	if (check.header->version > GB_BLOB_VERSION)
		return -EPROTONOSUPPORT;
	if (check.header->version != GB_BLOB_VERSION)
		return -EBADMSG;
	if ((blob.n != check.header->total_bytes && blob.n != check.header->shared_bytes) ||
	        check.header->shared_bytes < sizeof(*check.header) || check.header->shared_bytes > blob.n ||
	        check.header->shared_bytes > GB_BLOB_SHARED_BYTES_MAX || check.header->shared_bytes % 8 != 0)
		return -EBADMSG;
	check.blob = gb_span_sub(blob, 0, check.header->shared_bytes);
	if (!is_good(&check) || !gb_policy_guards_are_good(check.blob))
		return -EBADMSG;
	*ret_policy = (struct gb_policy){.header = check.header, .blob = blob};
	return 0;
}

static const struct gb_blob_tag *tag_of(const struct gb_policy *policy, uint32_t tag)
{
	const struct gb_blob_tag *tags = part_elements(policy, policy->header->tags);

	return tag == 0 || tag > policy->header->tags.count ? NULL : &tags[tag - 1];
}

struct gb_span gb_policy_tag(const struct gb_policy *policy, uint32_t tag)
{
	const struct gb_blob_tag *found = tag_of(policy, tag);

	return found == NULL ? GB_SPAN_EMPTY : blob_text(policy, found->name);
}

struct gb_span gb_policy_tag_reason(const struct gb_policy *policy, uint32_t tag)
{
	const struct gb_blob_tag *found = tag_of(policy, tag);

	return found == NULL ? GB_SPAN_EMPTY : blob_text(policy, found->reason);
}
