/* SPDX-License-Identifier: Apache-2.0 */
/* `awsApis:` and `http:` of a document. */
#include "policyc/reader.h"

#include <stddef.h>

static int read_resource(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	int r = gb_policyc_need_text(reader, node);

	return r < 0 ? r : gb_policyc_add_resource(reader->document, target, node->text, reader->diag);
}

int gb_policyc_read_api(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	struct {
		const struct gb_policyc_node *action, *resources;
	} nodes = {0};
	static const struct gb_policyc_field fields[] = {
	        {"action", .read = gb_policyc_keep_text, .offset = 0},
	        {"resources", .read = gb_policyc_keep, .offset = sizeof(void *)},
	        {.name = NULL},
	};
	struct gb_policyc_api *api = NULL;
	int r = 0;

	if (node->kind == GB_POLICYC_SCALAR)
		nodes.action = node;
	else
		r = gb_policyc_read_map(reader, node, fields, &nodes);
	if (r < 0)
		return r;
	if (nodes.action == NULL)
		return gb_policyc_complain(reader, node, "field 'action' is missing");
	r = gb_policyc_add_api(reader->document, target, nodes.action->text, &api, reader->diag);
	if (r < 0 || nodes.resources == NULL)
		return gb_policyc_placed(reader, nodes.action, r);
	/* Of no resource is not of any. */
	if (nodes.resources->kind == GB_POLICYC_LIST && nodes.resources->first == NULL)
		return gb_policyc_complain(
		        reader, nodes.resources, "an empty list matches nothing; leave it out for any");
	return gb_policyc_read_list(reader, nodes.resources, api, read_resource);
}

struct request_nodes {
	const struct gb_policyc_node *method, *host, *path;
};

/* { regex: TEXT } in place of a text. */
static int request_regex(
        struct gb_policyc_reader *reader, const struct gb_policyc_node *node, struct gb_policyc_pattern *ret_pattern)
{
	struct gb_policyc_patterns one = {0};
	int r;

	if (node == NULL || node->kind == GB_POLICYC_SCALAR)
		return 0;
	r = gb_policyc_read_map(reader, node, gb_policyc_regex_fields, &one);
	if (r == 0 && one.count == 0)
		r = gb_policyc_complain(reader, node, "text is expected here, or { regex: TEXT }");
	if (r == 0)
		*ret_pattern = one.items[0];
	return r;
}

static struct gb_span request_text(const struct gb_policyc_node *node)
{
	return node == NULL || node->kind != GB_POLICYC_SCALAR ? GB_SPAN_EMPTY : node->text;
}

int gb_policyc_read_request(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target)
{
	static const struct gb_policyc_field fields[] = {
	        {"method", .read = gb_policyc_keep_text, .offset = offsetof(struct request_nodes, method)},
	        {"host", .read = gb_policyc_keep, .offset = offsetof(struct request_nodes, host)},
	        {"path", .read = gb_policyc_keep, .offset = offsetof(struct request_nodes, path)},
	        {.name = NULL},
	};
	struct request_nodes nodes = {0};
	struct gb_policyc_http *request = NULL;
	int r = gb_policyc_read_map(reader, node, fields, &nodes);

	if (r < 0)
		return r;
	if (nodes.method == NULL && nodes.host == NULL && nodes.path == NULL)
		return gb_policyc_complain(reader, node, "a request names a method, a host or a path");
	r = gb_policyc_add_request(reader->document, target, request_text(nodes.method), request_text(nodes.host),
	        request_text(nodes.path), &request, reader->diag);
	if (r == 0)
		r = request_regex(reader, nodes.host, &request->host);
	if (r == 0)
		r = request_regex(reader, nodes.path, &request->path);
	return r;
}
