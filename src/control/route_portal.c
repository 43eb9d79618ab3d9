/* SPDX-License-Identifier: Apache-2.0 */
/* The portal's files. Its screens have addresses of their own, which all are the one page: scripts show the right one. */
#include "control/control.h"
#include "control/portal.h"

#include <errno.h>

/* Everything from here and nothing inline; no frames, no plug-ins, no forms to elsewhere. */
#define POLICY                                                                                                         \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "             \
	"connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "       \
	"require-trusted-types-for 'script'; trusted-types 'none'"

static const struct gb_asset *find_asset(struct gb_span path)
{
	for (const struct gb_asset *asset = gb_assets; asset->path != NULL; asset++)
		if (gb_span_equal(gb_span_cstr(asset->path), path))
			return asset;
	return NULL;
}

static bool takes_gzip(const struct gb_call *call)
{
	return gb_span_find(gb_web_request_header(call->request, "accept-encoding"), GB_SPAN("gzip"), 0) != SIZE_MAX;
}

static int answer_asset(struct gb_call *call, const struct gb_asset *asset)
{
	bool is_packed = takes_gzip(call) && asset->packed_n < asset->plain_n;
	struct gb_span bytes =
	        is_packed ? gb_span_of(asset->packed, asset->packed_n) : gb_span_of(asset->plain, asset->plain_n);

	if (gb_call_header(call, "Content-Security-Policy", GB_SPAN(POLICY)) < 0 ||
	        gb_call_header(call, "Cache-Control",
	                asset->is_forever ? GB_SPAN("public, max-age=31536000, immutable") : GB_SPAN("no-cache")) < 0 ||
	        gb_call_header(call, "ETag", gb_span_cstr(asset->etag)) < 0 ||
	        gb_call_header(call, "Vary", GB_SPAN("Accept-Encoding")) < 0 ||
	        (is_packed && gb_call_header(call, "Content-Encoding", GB_SPAN("gzip")) < 0))
		return -ENOMEM;
	if (gb_span_equal(gb_web_request_header(call->request, "if-none-match"), gb_span_cstr(asset->etag)))
		return gb_call_empty(call, 304);
	return gb_call_bytes(call, 200, asset->type, bytes);
}

static int get_page(struct gb_call *call)
{
	const struct gb_asset *asset = find_asset(call->request->path);

	if (asset == NULL && gb_span_find_byte(call->request->path, '.', 0) == SIZE_MAX &&
	        !gb_span_starts(call->request->path, GB_SPAN("/v1")))
		asset = find_asset(GB_SPAN("/index.html"));
	if (asset == NULL)
		return gb_call_problem(call, 404, "not-found", "there is no such path");
	return answer_asset(call, asset);
}

const struct gb_route gb_routes_portal[] = {
        {.method = "GET", .path = "/", .handle = get_page, .operation_id = "", .is_public = true},
        {.method = "GET", .path = "/{screen}", .handle = get_page, .operation_id = "", .is_public = true},
        {.method = "GET", .path = "/{screen}/{id}", .handle = get_page, .operation_id = "", .is_public = true},
        {.method = "GET", .path = "/{screen}/{id}/{tab}", .handle = get_page, .operation_id = "", .is_public = true},
        {0},
};
