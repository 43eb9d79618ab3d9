/* SPDX-License-Identifier: Apache-2.0 */
/* What stands at rules and exclusions beside what they match: reason, author, expiry, and which functions they are for. */
#include "policyc/reader.h"

#include "base/text.h"
#include "base/arena.h"
#include "policyc/moment.h"
#include "policyc/pattern.h"

#include <errno.h>
#include <stddef.h>

#define REMARK_BYTES_MAX 1024u
#define WORD_BYTES_MAX   256u
#define TAGS_MAX         50u /* as many as a function may have */

int gb_policyc_read_remark(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_read_string(reader, node, target);

	if (r < 0)
		return r;
	if (node->text.n == 0 || node->text.n > REMARK_BYTES_MAX)
		return gb_policyc_complain(reader, node, "a text of 1 to 1024 bytes is expected here");
	return 0;
}

int gb_policyc_read_expires(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_need_text(reader, node);

	if (r < 0 || gb_policyc_moment_parse(node->text, GB_POLICYC_DAY_LAST, target))
		return r;
	return gb_policyc_complain(reader, node,
	        "a date (2026-12-01: to its end, UTC) or a moment (2026-12-01T18:00:00Z) is expected here");
}

static bool is_word_byte(unsigned char c)
{
	return c > ' ' && c != 0x7f;
}

static const char *word_fault(struct gb_span text)
{
	size_t stars = 0;

	if (text.n == 0 || text.n > WORD_BYTES_MAX)
		return "a text of 1 to 256 bytes is expected here";
	for (size_t i = 0; i < text.n; i++) {
		if (!is_word_byte(text.p[i]))
			return "a blank or control character has no place here";
		stars += text.p[i] == '*' && (i == 0 || text.p[i - 1] != '*');
	}
	return stars > GB_POLICYC_STARS_MAX ? "more than 8 wildcards" : NULL;
}

static int add_word(struct gb_policyc_reader *reader, const struct gb_policyc_node *node,
        struct gb_policyc_strings *list, const char *fault)
{
	return fault != NULL ? gb_policyc_complain(reader, node, fault)
	                     : gb_policyc_strings_add(reader->document, list, node->text);
}

static int read_word_item(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_need_text(reader, node);

	return r < 0 ? r : add_word(reader, node, target, word_fault(node->text));
}

/* Names of groups have what names have. */
static int read_group_item(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	const char *name;
	int r = gb_policyc_read_name(reader, node, &name);

	return r < 0 ? r : gb_policyc_strings_add(reader->document, target, node->text);
}

static int read_account_item(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	const char *fault = word_fault(node->text);
	bool has_star = false;
	int r = gb_policyc_need_text(reader, node);

	for (size_t i = 0; i < node->text.n; i++) {
		has_star |= node->text.p[i] == '*';
		if (node->text.p[i] != '*' && !gb_ascii_is_digit(node->text.p[i]))
			fault = "an account is 12 digits, or digits and '*'";
	}
	if (!has_star && node->text.n != 12)
		fault = "an account is 12 digits, or digits and '*'";
	return r < 0 ? r : add_word(reader, node, target, fault);
}

static int read_function_item(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	const char *fault = word_fault(node->text);
	bool is_arn = gb_span_starts(node->text, GB_SPAN("arn:"));
	size_t colons = 0;
	int r = gb_policyc_need_text(reader, node);

	for (size_t i = 0; i < node->text.n; i++)
		colons += node->text.p[i] == ':';
	if (fault == NULL && is_arn && colons != 6)
		fault = "a function's ARN has seven parts: arn:aws:lambda:REGION:ACCOUNT:function:NAME";
	if (fault == NULL && !is_arn && colons != 0)
		fault = "a function is a name or an ARN, with '*' for any text; versions and aliases have lists of "
		        "their own";
	return r < 0 ? r : add_word(reader, node, target, fault);
}

static int read_tags(struct gb_policyc_reader *reader, const struct gb_policyc_node *map, void *target)
{
	struct gb_policyc_tags *tags = target;
	struct gb_policyc_document *document = reader->document;

	if (map->kind != GB_POLICYC_MAP || map->first == NULL)
		return gb_policyc_complain(reader, map, "tags with their values ('env: prod') are expected here");
	for (const struct gb_policyc_node *key = map->first; key != NULL; key = key->next->next) {
		struct gb_policyc_tag tag = {0};
		int r = gb_policyc_need_text(reader, key);

		if (r == 0)
			r = gb_policyc_check_twice(reader, map, key);
		if (r == 0 && tags->count == TAGS_MAX)
			r = gb_policyc_complain(reader, key, "more than 50 tags");
		if (r == 0 && (key->text.n == 0 || key->text.n > 128))
			r = gb_policyc_complain(reader, key, "a tag's key has 1 to 128 bytes");
		if (r == 0)
			r = gb_policyc_need_text(reader, key->next);
		if (r == 0 && key->next->text.n > WORD_BYTES_MAX)
			r = gb_policyc_complain(reader, key->next, "a tag's value has at most 256 bytes");
		if (r < 0)
			return r;
		tag.key = gb_policyc_copy(document, key->text);
		tag.value = gb_policyc_copy(document, key->next->text);
		if (tag.key == NULL || tag.value == NULL ||
		        gb_arena_grow(document->arena, &tags->items, tags->count, &tags->cap, sizeof(*tags->items)) < 0)
			return -ENOMEM;
		tags->items[tags->count++] = tag;
	}
	return 0;
}

/* An empty list would match nothing, where it looks like everything. */
static int read_some(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target,
        int (*read)(struct gb_policyc_reader *reader, const struct gb_policyc_node *item, void *target))
{
	if (node->kind != GB_POLICYC_LIST || node->first == NULL)
		return gb_policyc_complain(
		        reader, node, "a list with something in it is expected here; leave it out for any");
	return gb_policyc_read_list(reader, node, target, read);
}

static int read_accounts(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	return read_some(reader, node, target, read_account_item);
}

static int read_words(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	return read_some(reader, node, target, read_word_item);
}

static int read_groups(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	return read_some(reader, node, target, read_group_item);
}

static int read_functions(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	return read_some(reader, node, target, read_function_item);
}

#define OF_SCOPE(member) .offset = offsetof(struct gb_policyc_scope, member)

#define FUNCTIONS                                                                                                      \
	{"accounts", .read = read_accounts, OF_SCOPE(accounts)}, {"regions", .read = read_words, OF_SCOPE(regions)},   \
	        {"functions", .read = read_functions, OF_SCOPE(functions)},                                            \
	        {"tags", .read = read_tags, OF_SCOPE(tags)}, {"runtimes", .read = read_words, OF_SCOPE(runtimes)},     \
	        {"versions", .read = read_words, OF_SCOPE(versions)},                                                  \
	{                                                                                                              \
		"aliases", .read = read_words, OF_SCOPE(aliases)                                                       \
	}

const struct gb_policyc_field gb_policyc_scope_fields[] = {
        {"groups", .read = read_groups, OF_SCOPE(groups)}, FUNCTIONS, {.name = NULL}};
const struct gb_policyc_field gb_policyc_match_fields[] = {FUNCTIONS, {.name = NULL}};
