/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/location.h"

#include "base/format.h"
#include "base/sha256.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

#define NAME_PLAIN_MAX 64u

static bool is_host_byte(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '-' || c == '.' || c == '_';
}

static bool is_of(struct gb_span s, const char *others, size_t least, size_t most)
{
	if (s.n < least || s.n > most)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!gb_ascii_is_alpha(s.p[i]) && !gb_ascii_is_digit(s.p[i]) &&
		        (s.p[i] == '\0' || strchr(others, s.p[i]) == NULL))
			return false;
	return true;
}

static void copy(char *to, size_t cap, struct gb_span s)
{
	struct gb_text text = gb_text_on(to, cap - 1);

	gb_text_add(&text, s);
	to[text.n] = '\0';
}

/* "host", "host:port", "[v6]:port"; PORT is set to the scheme's own before. */
static bool take_authority(struct gb_span text, struct gb_location *location)
{
	const uint16_t usual = location->is_tls ? 443 : 80;
	bool is_six = text.n > 0 && text.p[0] == '[';
	size_t end = is_six ? gb_span_find_byte(text, ']', 0) : gb_span_find_byte(text, ':', 0);
	struct gb_span name, rest = GB_SPAN_EMPTY;
	uint64_t port = usual;

	if (is_six && end == SIZE_MAX)
		return false;
	if (end == SIZE_MAX)
		end = text.n;
	name = is_six ? gb_span_sub(text, 1, end - 1) : gb_span_sub(text, 0, end);
	rest = gb_span_sub(text, end + (is_six ? 1 : 0), SIZE_MAX);
	if (name.n == 0 || name.n > GB_LOCATION_HOST_MAX)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!is_host_byte(name.p[i]) && !(is_six && name.p[i] == ':'))
			return false;
	if (rest.n != 0 && (rest.p[0] != ':' || !gb_span_to_u64(gb_span_sub(rest, 1, SIZE_MAX), &port) || port == 0 ||
	                           port > UINT16_MAX))
		return false;
	location->port = (uint16_t)port;
	copy(location->name, sizeof(location->name), name);
	if (port == usual)
		return gb_format(location->host, sizeof(location->host), is_six ? "[%s]" : "%s", location->name) > 0;
	return gb_format(location->host, sizeof(location->host), is_six ? "[%s]:%u" : "%s:%u", location->name,
	               (unsigned)port) > 0;
}

/* No control characters, no query, no empty parts and none of "." and "..", which nobody means; no slash at the end. */
static bool take_path(struct gb_span path, struct gb_location *location)
{
	while (path.n > 0 && path.p[path.n - 1] == '/')
		path.n--;
	if (path.n >= sizeof(location->path) || (path.n > 0 && path.p[0] != '/'))
		return false;
	for (size_t at = 0; at < path.n;) {
		size_t end = gb_span_find_byte(path, '/', at + 1);
		struct gb_span part = gb_span_sub(path, at + 1, (end == SIZE_MAX ? path.n : end) - at - 1);

		if (part.n == 0 || gb_span_equal(part, GB_SPAN(".")) || gb_span_equal(part, GB_SPAN("..")))
			return false;
		for (size_t i = 0; i < part.n; i++)
			if (part.p[i] <= ' ' || part.p[i] == 0x7f || strchr("?#%\\\"", part.p[i]) != NULL)
				return false;
		at = end == SIZE_MAX ? path.n : end;
	}
	copy(location->path, sizeof(location->path), path);
	return true;
}

static int take_web(struct gb_span text, struct gb_location *location, struct gb_diag *diag)
{
	size_t slash = gb_span_find_byte(text, '/', 0);

	location->kind = GB_LOCATION_HTTP;
	if (!take_authority(gb_span_sub(text, 0, slash), location))
		return gb_diag_set(diag, -EINVAL, 0, 0, "the host in it is none");
	if (!take_path(slash == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(text, slash, SIZE_MAX), location))
		return gb_diag_set(
		        diag, -EINVAL, 0, 0, "the path in it must be plain: no '?', '%%', spaces, empty or dot parts");
	return 0;
}

/* What stands behind '?'. */
struct s3_options {
	struct gb_span endpoint, region, style;
};

static int take_options(struct gb_span query, struct s3_options *options, struct gb_diag *diag)
{
	while (query.n > 0) {
		size_t end = gb_span_find_byte(query, '&', 0);
		struct gb_span pair = gb_span_sub(query, 0, end);
		size_t equals = gb_span_find_byte(pair, '=', 0);
		struct gb_span name = gb_span_sub(pair, 0, equals);
		struct gb_span value = equals == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(pair, equals + 1, SIZE_MAX);

		if (gb_span_equal(name, GB_SPAN("endpoint")))
			options->endpoint = value;
		else if (gb_span_equal(name, GB_SPAN("region")))
			options->region = value;
		else if (gb_span_equal(name, GB_SPAN("style")))
			options->style = value;
		else
			return gb_diag_set(diag, -EINVAL, 0, 0, "'%.*s' is not endpoint, region or style",
			        (int)(name.n < 40 ? name.n : 40), (const char *)name.p);
		query = end == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(query, end + 1, SIZE_MAX);
	}
	return 0;
}

static bool take_endpoint(struct gb_span endpoint, struct gb_location *location)
{
	char room[GB_LOCATION_HOST_MAX + 1];
	bool is_host_style = !location->is_path_style;
	int n;

	if (endpoint.n == 0) {
		n = gb_format(room, sizeof(room),
		        is_host_style ? "%s.s3.%s.amazonaws.com%s" : "%.0ss3.%s.amazonaws.com%s", location->bucket,
		        location->region, gb_span_starts(gb_span_cstr(location->region), GB_SPAN("cn-")) ? ".cn" : "");
		return n > 0 && take_authority(gb_span_of(room, (size_t)n), location);
	}
	location->is_tls = gb_span_starts(endpoint, GB_SPAN("https://"));
	if (!location->is_tls && !gb_span_starts(endpoint, GB_SPAN("http://")))
		return false;
	endpoint = gb_span_sub(endpoint, location->is_tls ? 8 : 7, SIZE_MAX);
	if (endpoint.n > 0 && endpoint.p[endpoint.n - 1] == '/')
		endpoint.n--;
	if (!is_host_style)
		return take_authority(endpoint, location);
	n = gb_format(room, sizeof(room), "%s.%.*s", location->bucket, (int)(endpoint.n < 250 ? endpoint.n : 250),
	        (const char *)endpoint.p);
	return n > 0 && take_authority(gb_span_of(room, (size_t)n), location);
}

static int take_s3(struct gb_span text, const char *default_region, struct gb_location *location, struct gb_diag *diag)
{
	size_t question = gb_span_find_byte(text, '?', 0);
	struct gb_span before = gb_span_sub(text, 0, question), bucket;
	struct s3_options options = {.region = gb_span_cstr(default_region)};
	size_t slash = gb_span_find_byte(before, '/', 0);
	int r = question == SIZE_MAX ? 0 : take_options(gb_span_sub(text, question + 1, SIZE_MAX), &options, diag);

	if (r < 0)
		return r;
	location->kind = GB_LOCATION_S3;
	bucket = gb_span_sub(before, 0, slash);
	if (!is_of(bucket, ".-", 3, sizeof(location->bucket) - 1))
		return gb_diag_set(diag, -EINVAL, 0, 0, "the bucket must be 3 to 63 letters, digits, '.' and '-'");
	if (!is_of(options.region, "-", 1, sizeof(location->region) - 1))
		return gb_diag_set(diag, -EINVAL, 0, 0, "S3 wants a region: add ?region=…");
	copy(location->bucket, sizeof(location->bucket), bucket);
	copy(location->region, sizeof(location->region), options.region);
	/* A bucket with dots has no certificate of its own. */
	location->is_path_style = options.endpoint.n != 0 || gb_span_find_byte(bucket, '.', 0) != SIZE_MAX;
	if (options.style.n != 0) {
		location->is_path_style = gb_span_equal(options.style, GB_SPAN("path"));
		if (!location->is_path_style && !gb_span_equal(options.style, GB_SPAN("host")))
			return gb_diag_set(diag, -EINVAL, 0, 0, "style is path or host");
	}
	if (!take_endpoint(options.endpoint, location))
		return gb_diag_set(
		        diag, -EINVAL, 0, 0, "the endpoint must be http://HOST[:PORT] or https://HOST[:PORT]");
	if (!take_path(slash == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(before, slash, SIZE_MAX), location))
		return gb_diag_set(
		        diag, -EINVAL, 0, 0, "the prefix must be plain: no '?', '%%', spaces, empty or dot parts");
	return 0;
}

int gb_location_parse(struct gb_span text, const char *default_region, bool wants_tls, struct gb_location *ret_location,
        struct gb_diag *diag)
{
	*ret_location = (struct gb_location){.kind = GB_LOCATION_FOLDER};
	if (text.n > GB_LOCATION_BYTES_MAX || gb_span_find_byte(text, '\0', 0) != SIZE_MAX)
		return gb_diag_set(diag, -EINVAL, 0, 0, "longer than %u bytes", GB_LOCATION_BYTES_MAX);
	ret_location->is_tls = gb_span_starts(text, GB_SPAN("https://"));
	if (gb_span_starts(text, GB_SPAN("s3://"))) {
		ret_location->is_tls = wants_tls;
		return take_s3(gb_span_sub(text, 5, SIZE_MAX), default_region, ret_location, diag);
	}
	if (ret_location->is_tls || gb_span_starts(text, GB_SPAN("http://")))
		return take_web(gb_span_sub(text, ret_location->is_tls ? 8 : 7, SIZE_MAX), ret_location, diag);
	if (text.n < 2 || text.p[0] != '/')
		return gb_diag_set(
		        diag, -EINVAL, 0, 0, "it must be /FOLDER, http://HOST/PATH or s3://BUCKET/PREFIX?region=…");
	while (text.n > 1 && text.p[text.n - 1] == '/')
		text.n--;
	copy(ret_location->path, sizeof(ret_location->path), text);
	return ret_location->path[0] == '\0' ? gb_diag_set(diag, -EINVAL, 0, 0, "the folder's path is too long") : 0;
}

void gb_location_add_name(struct gb_span name, char ret_part[GB_LOCATION_NAME_MAX])
{
	struct gb_text text = gb_text_on(ret_part, GB_LOCATION_NAME_MAX);
	unsigned char digest[GB_SHA256_BYTES];

	if (is_of(name, "-_", 1, NAME_PLAIN_MAX)) {
		gb_text_add(&text, name);
	} else {
		gb_sha256(name, digest);
		gb_text_add_byte(&text, '=');
		gb_text_add_hex(&text, gb_span_of(digest, sizeof(digest)));
	}
	(void)gb_text_cstr(&text);
}
