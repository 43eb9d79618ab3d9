/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/s3.h"

#include "base/arena.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PATH_BYTES    4096u
#define LIST_MAX      (4u * 1024u * 1024u)
#define ERROR_MAX     65536u
#define TOKEN_MAX     1024u
#define KEY_BYTES_MAX 1024u

static int make_path(const struct gb_location *where, const char *path, char room[PATH_BYTES])
{
	int n = snprintf(room, PATH_BYTES, "%s%s%s%s", where->is_path_style ? "/" : "",
	        where->is_path_style ? where->bucket : "", where->path, path);

	return n < 0 || n >= (int)PATH_BYTES ? -EINVAL : 0;
}

static struct gb_aws_request request_of(const struct gb_location *where, const char *method, const char *path)
{
	return (struct gb_aws_request){.method = gb_span_cstr(method),
	        .host = gb_span_cstr(where->host),
	        .path = gb_span_cstr(path),
	        .region = gb_span_cstr(where->region),
	        .service = GB_SPAN("s3"),
	        .is_s3 = true};
}

/* What stands between <NAME> and </NAME> from *AT on. */
static bool take_element(struct gb_span xml, const char *name, size_t *at, struct gb_span *ret_text)
{
	char open[32], close[32];
	size_t begin, end;

	(void)snprintf(open, sizeof(open), "<%s>", name);
	(void)snprintf(close, sizeof(close), "</%s>", name);
	begin = gb_span_find(xml, gb_span_cstr(open), *at);
	end = begin == SIZE_MAX ? SIZE_MAX : gb_span_find(xml, gb_span_cstr(close), begin);
	if (end == SIZE_MAX)
		return false;
	begin += strlen(open);
	*ret_text = gb_span_sub(xml, begin, end - begin);
	*at = end;
	return true;
}

static int fail(const struct gb_web_fetched *fetched, const char *what, struct gb_diag *diag)
{
	struct gb_span code = GB_SPAN_EMPTY;
	size_t at = 0;
	int r = fetched->status == 404                             ? -ENOENT
	        : fetched->status == 403                           ? -EACCES
	        : fetched->status == 412 || fetched->status == 409 ? -ESTALE
	                                                           : -EIO;

	(void)take_element(fetched->body, "Code", &at, &code);
	for (size_t i = 0; i < code.n; i++)
		if (!gb_ascii_is_alpha(code.p[i]))
			code.n = 0;
	return gb_diag_set(diag, r, 0, 0, "S3 answers %u%s%.*s to the %s", fetched->status, code.n != 0 ? " " : "",
	        (int)(code.n < 60 ? code.n : 60), (const char *)code.p, what);
}

static void take_etag(const struct gb_web_fetched *fetched, char ret_etag[GB_S3_ETAG_BYTES])
{
	struct gb_span etag = gb_web_fetched_header(fetched, "etag");

	memset(ret_etag, 0, GB_S3_ETAG_BYTES);
	if (etag.n < GB_S3_ETAG_BYTES && etag.n != 0)
		memcpy(ret_etag, etag.p, etag.n);
}

/* A request about the object PATH below WHERE; its path is in WHOLE. */
static int begin(const struct gb_location *where, const char *method, const char *path, char whole[PATH_BYTES],
        struct gb_aws_request *ret_request, struct gb_diag *diag)
{
	int r = make_path(where, path, whole);

	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "the key is too long");
	*ret_request = request_of(where, method, whole);
	return 0;
}

int gb_s3_get(struct gb_aws *aws, const struct gb_location *where, const char *path, const char *etag, size_t limit,
        struct gb_arena *arena, struct gb_s3_object *ret_object, struct gb_diag *diag)
{
	const struct gb_aws_pair condition = {GB_SPAN("if-none-match"), gb_span_cstr(etag)};
	struct gb_web_fetched fetched;
	struct gb_aws_request request;
	char whole[PATH_BYTES];
	int r = begin(where, "GET", path, whole, &request, diag);

	if (r < 0)
		return r;
	request.fields = &condition;
	request.field_count = etag != NULL && etag[0] != '\0';
	r = gb_aws_call(aws, &request, where->is_tls, limit < ERROR_MAX ? ERROR_MAX : limit, arena, &fetched, diag);
	if (r < 0)
		return r == -EMSGSIZE ? -EFBIG : r;
	if (fetched.status == 304)
		return 1;
	if (fetched.status != 200)
		return fail(&fetched, "get", diag);
	if (fetched.body.n > limit)
		return gb_diag_set(diag, -EFBIG, 0, 0, "the object is larger than %zu bytes", limit);
	ret_object->body = fetched.body;
	take_etag(&fetched, ret_object->etag);
	return 0;
}

int gb_s3_put(struct gb_aws *aws, const struct gb_location *where, const char *path, struct gb_span body,
        enum gb_s3_condition condition, const char *etag, struct gb_arena *arena, char ret_etag[GB_S3_ETAG_BYTES],
        struct gb_diag *diag)
{
	const struct gb_aws_pair field = {condition == GB_S3_IF_ABSENT ? GB_SPAN("if-none-match") : GB_SPAN("if-match"),
	        condition == GB_S3_IF_ABSENT ? GB_SPAN("*") : gb_span_cstr(etag)};
	struct gb_web_fetched fetched;
	struct gb_aws_request request;
	char whole[PATH_BYTES];
	int r = begin(where, "PUT", path, whole, &request, diag);

	if (r < 0)
		return r;
	request.payload = body;
	request.fields = &field;
	request.field_count = condition != GB_S3_ANYWAY;
	r = gb_aws_call(aws, &request, where->is_tls, ERROR_MAX, arena, &fetched, diag);
	if (r < 0)
		return r;
	if (fetched.status != 200)
		return fail(&fetched, "put", diag);
	take_etag(&fetched, ret_etag);
	return 0;
}

int gb_s3_delete(struct gb_aws *aws, const struct gb_location *where, const char *path, struct gb_arena *arena,
        struct gb_diag *diag)
{
	struct gb_web_fetched fetched;
	struct gb_aws_request request;
	char whole[PATH_BYTES];
	int r = begin(where, "DELETE", path, whole, &request, diag);

	if (r < 0)
		return r;
	r = gb_aws_call(aws, &request, where->is_tls, ERROR_MAX, arena, &fetched, diag);
	if (r < 0 || fetched.status == 204 || fetched.status == 200 || fetched.status == 404)
		return r;
	return fail(&fetched, "delete", diag);
}

/* The five entities of XML; keys have no others as the list is asked for as it is. */
static struct gb_span unescape(struct gb_span text, unsigned char room[KEY_BYTES_MAX])
{
	static const struct {
		struct gb_span from;
		unsigned char to;
	} entities[] = {{{(const unsigned char *)"&amp;", 5}, '&'}, {{(const unsigned char *)"&lt;", 4}, '<'},
	        {{(const unsigned char *)"&gt;", 4}, '>'}, {{(const unsigned char *)"&quot;", 6}, '"'},
	        {{(const unsigned char *)"&apos;", 6}, '\''}, {{(const unsigned char *)"&#39;", 5}, '\''},
	        {{(const unsigned char *)"&#34;", 5}, '"'}};
	size_t n = 0;

	for (size_t at = 0; at < text.n && n < KEY_BYTES_MAX;) {
		size_t i = 0;

		while (i < sizeof(entities) / sizeof(entities[0]) &&
		        !gb_span_starts(gb_span_sub(text, at, SIZE_MAX), entities[i].from))
			i++;
		if (i < sizeof(entities) / sizeof(entities[0])) {
			room[n++] = entities[i].to;
			at += entities[i].from.n;
		} else {
			room[n++] = text.p[at++];
		}
	}
	return gb_span_of(room, n);
}

static int tell(const struct gb_location *where, struct gb_span xml, int (*on_key)(void *context, struct gb_span key),
        void *context)
{
	/* Keys have no slash at their beginning. */
	size_t own = where->path[0] == '\0' ? 0 : strlen(where->path) - 1;
	struct gb_span text;
	size_t at = 0;
	int r = 0;

	while (r == 0 && take_element(xml, "Key", &at, &text)) {
		unsigned char room[KEY_BYTES_MAX];
		struct gb_span key = unescape(text, room);

		if (key.n > own)
			r = on_key(context, gb_span_sub(key, own, SIZE_MAX));
	}
	return r;
}

int gb_s3_list(struct gb_aws *aws, const struct gb_location *where, const char *prefix,
        int (*on_key)(void *context, struct gb_span key), void *context, struct gb_diag *diag)
{
	char whole[PATH_BYTES], start[PATH_BYTES], token[TOKEN_MAX] = "";
	struct gb_aws_pair query[] = {{GB_SPAN("list-type"), GB_SPAN("2")}, {GB_SPAN("prefix"), GB_SPAN_EMPTY},
	        {GB_SPAN("continuation-token"), GB_SPAN_EMPTY}};
	int n = snprintf(start, sizeof(start), "%s%s", where->path, prefix), r = 0;

	if (n < 0 || n >= (int)sizeof(start) ||
	        snprintf(whole, sizeof(whole), "/%s", where->is_path_style ? where->bucket : "") < 0)
		return gb_diag_set(diag, -EINVAL, 0, 0, "the prefix is too long");
	query[1].value = gb_span_cstr(start[0] == '/' ? start + 1 : start);
	do {
		struct gb_arena *arena = gb_arena_new();
		struct gb_aws_request request = request_of(where, "GET", whole);
		struct gb_web_fetched fetched;
		struct gb_span text = GB_SPAN_EMPTY;
		unsigned char room[KEY_BYTES_MAX];
		size_t at = 0;

		request.query = query;
		query[2].value = gb_span_cstr(token);
		request.query_count = token[0] == '\0' ? 2 : 3;
		r = arena == NULL ? -ENOMEM
		                  : gb_aws_call(aws, &request, where->is_tls, LIST_MAX, arena, &fetched, diag);
		if (r == 0)
			r = fetched.status == 200 ? tell(where, fetched.body, on_key, context)
			                          : fail(&fetched, "list", diag);
		if (r == 0 && take_element(fetched.body, "NextContinuationToken", &at, &text))
			text = unescape(text, room);
		if (text.n < sizeof(token)) {
			memset(token, 0, sizeof(token));
			if (text.n != 0)
				memcpy(token, text.p, text.n);
		} else {
			r = -EIO;
		}
		gb_arena_free(arena);
	} while (r == 0 && token[0] != '\0');
	return r < 0 ? r : 0;
}
