/* SPDX-License-Identifier: Apache-2.0 */
/* `firewall.sources:` of a document: lists of addresses, and whose address counts. */
#include "policyc/reader.h"

#include "policyc/arena.h"
#include "policyc/day.h"
#include "policyc/range.h"

#include <errno.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int read_range(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_need_text(reader, node);

	return r < 0 ? r : gb_policyc_add_range(reader->document, target, node->text, reader->diag);
}

static int read_trusted_hops(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_firewall *firewall = target;
	uint64_t hops = 0;
	int r = gb_policyc_need_text(reader, node);

	if (r < 0)
		return r;
	if (!gb_span_to_u64(node->text, &hops) || hops < 1 || hops > GB_BLOB_TRUSTED_HOPS_MAX)
		return gb_policyc_complain(
		        reader, node, "trustedHops is a number from 1 (the load balancer alone) to 16");
	firewall->trusted_hops = (uint32_t)hops;
	return 0;
}

static int read_trusted_proxies(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_firewall *firewall = target;

	return gb_policyc_read_list(reader, node, &firewall->trusted_proxies, read_range);
}

static int read_address_header(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_firewall *firewall = target;
	int r = gb_policyc_read_name(reader, node, &firewall->address_header);

	for (size_t i = 0; i < node->text.n && r == 0; i++) {
		unsigned char c = node->text.p[i];

		if ((c < 'a' || c > 'z') && !gb_ascii_is_digit(c) && c != '-')
			r = gb_policyc_complain(
			        reader, node, "a header's name is written in lower case here: letters, digits, '-'");
	}
	return r;
}

static int read_client_address(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {
	        {"trustedHops", read_trusted_hops},
	        {"trustedProxies", read_trusted_proxies},
	        {"header", read_address_header},
	};

	return gb_policyc_read_map(reader, node, fields, COUNT(fields), target);
}

static int read_source_mode(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_firewall *firewall = target;

	return gb_policyc_read_mode(reader, node, &firewall->source_mode);
}

static int read_list_name(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_source_list *list = target;

	return gb_policyc_read_name(reader, node, &list->name);
}

static int read_list_category(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_source_list *list = target;

	return gb_policyc_read_name(reader, node, &list->category);
}

static int read_list_file(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_source_list *list = target;
	int r = gb_policyc_read_string(reader, node, &list->file);

	return r == 0 && node->text.n == 0 ? gb_policyc_complain(reader, node, "the path of a list file is missing")
	                                   : r;
}

static int read_list_date(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_source_list *list = target;
	int r = gb_policyc_need_text(reader, node);

	if (r == 0 && !gb_policyc_day_parse(node->text, &list->day))
		return gb_policyc_complain(reader, node, "a date is written 2026-11-20");
	return r;
}

static int read_list_mode(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const char *const words[] = {"off", "detect", "block", "allow"};
	struct gb_policyc_source_list *list = target;
	size_t index = 0;
	int r = gb_policyc_read_word(reader, node, "mode", words, COUNT(words), &index);

	list->mode = (uint8_t)index;
	return r;
}

static int read_list_networks(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct gb_policyc_source_list *list = target;

	return gb_policyc_read_list(reader, node, &list->ranges, read_range);
}

static int read_source_list(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {
	        {"name", read_list_name},
	        {"category", read_list_category},
	        {"date", read_list_date},
	        {"mode", read_list_mode},
	        {"file", read_list_file},
	        {"networks", read_list_networks},
	};
	struct gb_policyc_firewall *firewall = target;
	struct gb_policyc_source_list list = {.category = "", .mode = (uint8_t)GB_BLOB_MODE_POSTURE};
	int r = gb_policyc_read_map(reader, node, fields, COUNT(fields), &list);

	if (r < 0)
		return r;
	if (list.name == NULL)
		return gb_policyc_complain(reader, node, "field 'name' is missing");
	for (size_t i = 0; i < firewall->source_list_count; i++)
		if (strcmp(firewall->source_lists[i].name, list.name) == 0)
			return gb_policyc_complain(reader, node, "a list of this name stands here already");
	if (firewall->source_list_count == GB_BLOB_SOURCE_LISTS_MAX)
		return gb_policyc_complain(reader, node, "more than 200 lists");
	if (gb_policyc_arena_grow(reader->document->arena, &firewall->source_lists, firewall->source_list_count,
	            &firewall->source_list_cap, sizeof(*firewall->source_lists)) < 0)
		return -ENOMEM;
	firewall->source_lists[firewall->source_list_count++] = list;
	return 0;
}

static int read_source_lists(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	return gb_policyc_read_list(reader, node, target, read_source_list);
}

int gb_policyc_read_sources(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {
	        {"mode", read_source_mode},
	        {"clientAddress", read_client_address},
	        {"lists", read_source_lists},
	};

	return gb_policyc_read_map(reader, node, fields, COUNT(fields), target);
}
