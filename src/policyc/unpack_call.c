/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/unpack.h"

#include "base/text.h"

#include <errno.h>

#define TEXT_BYTES_MAX 8192u

/* The bytes of *rest up to a line feed, which is stepped over. */
static struct gb_span take_part(struct gb_span *rest)
{
	size_t end = gb_span_find_byte(*rest, '\n', 0);
	struct gb_span part = gb_span_sub(*rest, 0, end);

	*rest = end == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(*rest, end + 1, SIZE_MAX);
	return part;
}

/* Three stars were one, as IAM writes it. */
static struct gb_span unstar(struct gb_span part, char *buffer)
{
	struct gb_text text = gb_text_on(buffer, TEXT_BYTES_MAX);

	for (size_t i = 0; i < part.n; i++) {
		bool is_star = gb_span_starts(gb_span_sub(part, i, SIZE_MAX), GB_SPAN("***"));

		gb_text_add_byte(&text, part.p[i]);
		i += is_star ? 2 : 0;
	}
	return gb_text_span(&text);
}

static int api_unpack(const struct gb_policyc_unpacker *unpacker, struct gb_policyc_entry *entry, struct gb_span action,
        struct gb_span arn)
{
	char buffer[TEXT_BYTES_MAX];
	struct gb_policyc_api *api = NULL;
	struct gb_span resource;
	int r = gb_policyc_add_api(unpacker->document, entry, unstar(action, buffer), &api, NULL);

	resource = unstar(arn, buffer);
	if (r < 0 || gb_span_equal(resource, GB_SPAN("*")))
		return r;
	return gb_policyc_add_resource(unpacker->document, api, resource, NULL);
}

/* Any, when it is three stars. */
static struct gb_span part_or_any(struct gb_span part)
{
	return gb_span_equal(part, GB_SPAN("***")) ? GB_SPAN_EMPTY : part;
}

int gb_policyc_unpack_calls(
        const struct gb_policyc_unpacker *unpacker, const struct gb_blob_list *list, struct gb_policyc_entries *entries)
{
	for (size_t set = GB_BLOB_APIS; set <= GB_BLOB_REQUESTS; set++) {
		const struct gb_blob_pattern *patterns = gb_policyc_unpack_elements(unpacker, list->sets[set].patterns);

		for (size_t i = 0; i < list->sets[set].patterns.count; i++) {
			struct gb_span rest = gb_policyc_unpack_text_of(unpacker, patterns[i].text);
			struct gb_span first = take_part(&rest), second = take_part(&rest);
			struct gb_policyc_http *request;
			struct gb_policyc_entry *entry;
			int r = gb_policyc_unpack_entry_of(unpacker, entries, patterns[i].tag, &entry);

			if (r == 0 && set == GB_BLOB_APIS)
				r = api_unpack(unpacker, entry, first, second);
			else if (r == 0)
				r = gb_policyc_add_request(unpacker->document, entry, part_or_any(first),
				        part_or_any(second), part_or_any(rest), &request, NULL);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

/* A letter says what the rest is: r a regular expression, t text; nothing: any. */
static int set_part(
        const struct gb_policyc_unpacker *unpacker, struct gb_span part, struct gb_policyc_pattern *ret_pattern)
{
	struct gb_policyc_patterns one = {0};
	int r;

	if (part.n == 0)
		return 0;
	if (part.p[0] != 'r') {
		ret_pattern->text = gb_policyc_copy(unpacker->document, gb_span_sub(part, 1, SIZE_MAX));
		return ret_pattern->text == NULL ? -ENOMEM : 0;
	}
	r = gb_policyc_add_regex(unpacker->document, &one, gb_span_sub(part, 1, SIZE_MAX), NULL);
	if (r == 0)
		*ret_pattern = one.items[0];
	return r;
}

static int request_unpack(
        const struct gb_policyc_unpacker *unpacker, struct gb_policyc_entry *entry, struct gb_span text)
{
	struct gb_span rest = text, method = take_part(&rest), host = take_part(&rest);
	struct gb_policyc_http *request = NULL;
	int r = gb_policyc_add_request(unpacker->document, entry, method, GB_SPAN_EMPTY, GB_SPAN_EMPTY, &request, NULL);

	if (r == 0)
		r = set_part(unpacker, host, &request->host);
	return r < 0 ? r : set_part(unpacker, rest, &request->path);
}

static int expression_unpack(const struct gb_policyc_unpacker *unpacker, struct gb_policyc_entry *entry,
        const struct gb_blob_expression *expression)
{
	struct gb_span text = gb_policyc_unpack_text_of(unpacker, expression->text);
	struct gb_policyc_patterns *list;

	switch (expression->place) {
	case GB_BLOB_FILES_READ:
	case GB_BLOB_FILES_WRITE:
	case GB_BLOB_FILES_LIBRARY: list = gb_policyc_unpack_paths_of(entry, expression->place); break;
	case GB_BLOB_REQUESTS: return request_unpack(unpacker, entry, text);
	case GB_BLOB_PLACE_HOSTS: list = &entry->hosts; break;
	case GB_BLOB_PLACE_COMMANDS:
		if (expression->is_regex == 0)
			return gb_policyc_add_command(unpacker->document, &entry->commands, text, NULL);
		list = &entry->commands;
		break;
	default: return -EINVAL;
	}
	return gb_policyc_add_regex(unpacker->document, list, text, NULL);
}

int gb_policyc_unpack_expressions(
        const struct gb_policyc_unpacker *unpacker, const struct gb_blob_list *list, struct gb_policyc_entries *entries)
{
	const struct gb_blob_expression *expressions = gb_policyc_unpack_elements(unpacker, list->expressions);

	for (size_t i = 0; i < list->expressions.count; i++) {
		struct gb_policyc_entry *entry;
		int r;

		/* A command stands once for each time in which it holds. */
		if (expressions[i].place == GB_BLOB_PLACE_PROGRAMS || expressions[i].from != 0)
			continue;
		r = gb_policyc_unpack_entry_of(unpacker, entries, expressions[i].tag, &entry);
		if (r == 0)
			r = expression_unpack(unpacker, entry, &expressions[i]);
		if (r < 0)
			return r;
	}
	return 0;
}
