/* SPDX-License-Identifier: Apache-2.0 */
/* `firewall.sources:` of a document: lists of addresses, and whose address counts. */
#include "policyc/reader.h"

#include "base/arena.h"
#include "base/day.h"
#include "policyc/range.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define COUNT(table)        (sizeof(table) / sizeof((table)[0]))
#define OF_FIREWALL(member) .offset = offsetof(struct gb_policyc_firewall, member)
#define OF_LIST(member)     .offset = offsetof(struct gb_policyc_source_list, member)

static int read_range(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_need_text(reader, node);

	return r < 0 ? r : gb_policyc_add_range(reader->document, target, node->text, reader->diag);
}

static int read_trusted_hops(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	uint32_t *trusted_hops = target;
	uint64_t hops = 0;
	int r = gb_policyc_need_text(reader, node);

	if (r < 0)
		return r;
	if (!gb_span_to_u64(node->text, &hops) || hops < 1 || hops > GB_BLOB_TRUSTED_HOPS_MAX)
		return gb_policyc_complain(
		        reader, node, "trustedHops is a number from 1 (the load balancer alone) to 16");
	*trusted_hops = (uint32_t)hops;
	return 0;
}

static int read_address_header(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_read_name(reader, node, target);

	for (size_t i = 0; i < node->text.n && r == 0; i++) {
		unsigned char c = node->text.p[i];

		if ((c < 'a' || c > 'z') && !gb_ascii_is_digit(c) && c != '-')
			r = gb_policyc_complain(
			        reader, node, "a header's name is written in lower case here: letters, digits, '-'");
	}
	return r;
}

static int read_list_file(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	const char **file = target;
	int r = gb_policyc_need_text(reader, node);

	if (r < 0)
		return r;
	if (node->text.n == 0)
		return gb_policyc_complain(reader, node, "the path of a list file is missing");
	*file = gb_policyc_file_beside(reader, node);
	return *file == NULL ? -ENOMEM : 0;
}

static int read_list_date(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_need_text(reader, node);

	if (r == 0 && !gb_day_parse(node->text, target))
		return gb_policyc_complain(reader, node, "a date is written 2026-11-20");
	return r;
}

static int read_list_mode(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const char *const words[] = {"off", "detect", "block", "allow"};
	uint8_t *mode = target;
	size_t index = 0;
	int r = gb_policyc_read_word(reader, node, "mode", words, COUNT(words), &index);

	*mode = (uint8_t)index;
	return r;
}

static int read_source_list(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {
	        {"name", .read = gb_policyc_read_name, OF_LIST(name)},
	        {"category", .read = gb_policyc_read_name, OF_LIST(category)},
	        {"date", .read = read_list_date, OF_LIST(day)},
	        {"mode", .read = read_list_mode, OF_LIST(mode)},
	        {"file", .read = read_list_file, OF_LIST(file)},
	        {"networks", .read_item = read_range, OF_LIST(ranges)},
	        {.name = NULL},
	};
	struct gb_policyc_firewall *firewall = target;
	struct gb_policyc_source_list list = {.category = "", .mode = (uint8_t)GB_BLOB_MODE_POSTURE};
	int r = gb_policyc_read_map(reader, node, fields, &list);

	if (r < 0)
		return r;
	if (list.name == NULL)
		return gb_policyc_complain(reader, node, "field 'name' is missing");
	for (size_t i = 0; i < firewall->source_list_count; i++)
		if (strcmp(firewall->source_lists[i].name, list.name) == 0)
			return gb_policyc_complain(reader, node, "a list of this name stands here already");
	if (firewall->source_list_count == GB_BLOB_SOURCE_LISTS_MAX)
		return gb_policyc_complain(reader, node, "more than 200 lists");
	if (gb_arena_grow(reader->document->arena, &firewall->source_lists, firewall->source_list_count,
	            &firewall->source_list_cap, sizeof(*firewall->source_lists)) < 0)
		return -ENOMEM;
	firewall->source_lists[firewall->source_list_count++] = list;
	return 0;
}

static const struct gb_policyc_field client_address_fields[] = {
        {"trustedHops", .read = read_trusted_hops, OF_FIREWALL(trusted_hops)},
        {"trustedProxies", .read_item = read_range, OF_FIREWALL(trusted_proxies)},
        {"header", .read = read_address_header, OF_FIREWALL(address_header)},
        {.name = NULL},
};

const struct gb_policyc_field gb_policyc_source_fields[] = {
        {"mode", .read = gb_policyc_read_mode, OF_FIREWALL(source_mode)},
        {"clientAddress", .fields = client_address_fields},
        {"lists", .read_item = read_source_list},
        {.name = NULL},
};
