/* SPDX-License-Identifier: Apache-2.0 */
#include "web/state.h"

#include "base/ip.h"

#include <string.h>

struct headers {
	struct gb_web_header *items;
	size_t count;
	bool is_bad;
};

/* A name is a token (RFC 9110 §5.6.2): one with a blank before its colon is another name here, and the same one to others. */
static bool is_token(const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)name[i];

		if (!gb_ascii_is_alpha(c) && !gb_ascii_is_digit(c) &&
		        (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
			return false;
	}
	return n > 0;
}

static enum MHD_Result take_header(
        void *context, enum MHD_ValueKind kind, const char *name, size_t name_n, const char *value, size_t value_n)
{
	struct headers *headers = context;

	(void)kind;
	if (headers->count == GB_WEB_HEADERS_MAX) {
		headers->is_bad = true;
		return MHD_NO;
	}
	headers->is_bad = headers->is_bad || !is_token(name, name_n);
	for (size_t i = 0; i < value_n; i++)
		headers->is_bad = headers->is_bad || ((unsigned char)value[i] < ' ' && value[i] != '\t');
	headers->items[headers->count++] = (struct gb_web_header){gb_span_of(name, name_n), gb_span_of(value, value_n)};
	return MHD_YES;
}

/* Two readers could each take another one of them. */
static bool is_doubled(const struct gb_web_request *request)
{
	static const char *const single[] = {"host", "content-length", "transfer-encoding", "authorization",
	        "content-type", "content-encoding", "origin", "x-csrf-token"};

	for (size_t k = 0; k < sizeof(single) / sizeof(single[0]); k++) {
		unsigned count = 0;

		for (size_t i = 0; i < request->header_count; i++)
			count += gb_span_equal_nocase(request->headers[i].name, gb_span_cstr(single[k]));
		if (count > 1)
			return true;
	}
	return false;
}

/* One address of X-Forwarded-For: perhaps with brackets or a port behind IPv4. */
static bool read_address(struct gb_span text, unsigned char ret_address[16])
{
	size_t colon = gb_span_find_byte(text, ':', 0);

	text = gb_span_trim(text);
	if (text.n > 2 && text.p[0] == '[')
		text = gb_span_sub(text, 1, gb_span_find_byte(text, ']', 0) - 1);
	if (colon != SIZE_MAX && gb_span_find_byte(text, ':', 0) == gb_span_find_last_byte(text, ':'))
		text = gb_span_sub(text, 0, gb_span_find_byte(text, ':', 0));
	return gb_ip_parse(text, gb_span_find_byte(text, ':', 0) != SIZE_MAX, ret_address);
}

/* From the right: each proxy appends whom it heard. The first who is no proxy of ours is the client; what stands left of
 * him he may have written himself. */
static void believe_proxy(struct gb_web_exchange *exchange)
{
	struct gb_web_request *request = &exchange->request;
	struct gb_span scheme = gb_span_trim(gb_web_request_header(request, "x-forwarded-proto"));

	for (size_t i = request->header_count; i-- > 0;) {
		struct gb_span rest = request->headers[i].value;

		if (!gb_span_equal_nocase(request->headers[i].name, GB_SPAN("x-forwarded-for")))
			continue;
		while (rest.n > 0) {
			size_t comma = gb_span_find_last_byte(rest, ',');
			struct gb_span one = comma == SIZE_MAX ? rest : gb_span_sub(rest, comma + 1, SIZE_MAX);

			if (!read_address(one, request->address) ||
			        !gb_web_is_proxy(exchange->server->settings, request->address))
				goto out;
			rest = gb_span_sub(rest, 0, comma == SIZE_MAX ? 0 : comma);
		}
	}
out:
	if (gb_span_equal_nocase(scheme, GB_SPAN("https")))
		request->is_secure = true;
}

/* Target and query; the escapes of the query are checked when it is read. */
static bool read_target(struct gb_web_exchange *exchange)
{
	struct gb_span target = gb_span_cstr(exchange->target);
	size_t mark = gb_span_find_byte(target, '?', 0);

	exchange->request.path = gb_span_sub(target, 0, mark);
	if (mark != SIZE_MAX)
		exchange->request.query = gb_span_sub(target, mark + 1, SIZE_MAX);
	for (size_t i = 0; i < exchange->request.query.n; i++)
		if (exchange->request.query.p[i] <= ' ' || exchange->request.query.p[i] >= 0x7f)
			return false;
	return gb_web_path_check(exchange->request.path);
}

static unsigned read_length(
        const struct gb_web_request *request, uint64_t *ret_length, bool *ret_has_body, const char **ret_why)
{
	struct gb_span length = gb_web_request_header(request, "content-length");
	struct gb_span coding = gb_web_request_header(request, "transfer-encoding");

	*ret_length = 0;
	*ret_has_body = length.n > 0 || coding.n > 0;
	*ret_why = "a length and a transfer coding";
	if (length.n > 0 && coding.n > 0)
		return 400;
	*ret_why = "this transfer coding is not known here";
	if (coding.n > 0 && !gb_span_equal_nocase(coding, GB_SPAN("chunked")))
		return 501;
	*ret_why = "Content-Length is no number";
	if (length.n > 0 && !gb_span_to_u64(length, ret_length))
		return 400;
	*ret_has_body = coding.n > 0 || *ret_length > 0;
	return 0;
}

unsigned gb_web_request_read(struct gb_web_exchange *exchange, const char *method, const char *version,
        uint64_t *ret_length, bool *ret_has_body, const char **ret_why)
{
	struct gb_web_request *request = &exchange->request;
	struct headers headers = {.items = gb_arena_take(exchange->arena, GB_WEB_HEADERS_MAX * sizeof(*headers.items))};

	*ret_has_body = true;
	*ret_why = "memory is short";
	if (headers.items == NULL)
		return 503;
	MHD_get_connection_values_n(exchange->mhd, MHD_HEADER_KIND, take_header, &headers);
	request->method = gb_span_cstr(method);
	request->headers = headers.items;
	request->header_count = headers.count;
	memcpy(request->address, exchange->connection->address, sizeof(request->address));
	request->is_secure = exchange->server->settings->tls_certificate != NULL;
	if (exchange->connection->is_proxy)
		believe_proxy(exchange);
	*ret_why = "a header is malformed, or there are more than 64";
	if (headers.is_bad)
		return 400;
	*ret_why = "a header that may be there only once is there twice";
	if (is_doubled(request))
		return 400;
	*ret_why = "only HTTP/1.1 and 1.0 are spoken here";
	if (strcmp(version, "HTTP/1.1") != 0 && strcmp(version, "HTTP/1.0") != 0)
		return 505;
	*ret_why = "the target is longer than 8,192 bytes";
	if (strlen(exchange->target) > GB_WEB_TARGET_MAX)
		return 414;
	*ret_why = "the target is no plain path: it begins with '/' and has no empty, '.' or '..' part, no escaped '/' "
	           "and no control byte";
	if (!read_target(exchange))
		return 400;
	return read_length(request, ret_length, ret_has_body, ret_why);
}
