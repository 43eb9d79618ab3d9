/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/credentials.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX  (256u * 1024u)
#define TOKEN_BYTES_MAX 4096u
#define ANSWER_MAX      16384u
#define EARLY_S         300
#define REFETCH_S       3600 /* of what has no end: a file may have been changed */
#define ENDPOINT_MS     2000u
#define METADATA        "http://169.254.169.254"
#define ROLES           "/latest/meta-data/iam/security-credentials/"

/* Into ROOM, as what comes may go. */
static int keep(struct gb_credentials *credentials, const struct gb_aws_key *key, int64_t until)
{
	struct gb_text text = gb_text_on(credentials->room, sizeof(credentials->room));
	const struct gb_span from[] = {key->id, key->secret, key->token};
	struct gb_span *const to[] = {&credentials->key.id, &credentials->key.secret, &credentials->key.token};

	for (size_t i = 0; i < 3; i++) {
		size_t begin = text.n;

		gb_text_add(&text, from[i]);
		*to[i] = gb_span_of(text.p + begin, text.n - begin);
	}
	credentials->until = until;
	return text.truncated ? -EMSGSIZE : 0;
}

static bool of_environment(struct gb_aws_key *key)
{
	*key = (struct gb_aws_key){.id = gb_span_cstr(getenv("AWS_ACCESS_KEY_ID")),
	        .secret = gb_span_cstr(getenv("AWS_SECRET_ACCESS_KEY")),
	        .token = gb_span_cstr(getenv("AWS_SESSION_TOKEN"))};
	return key->id.n != 0 && key->secret.n != 0;
}

bool gb_credentials_of_file(struct gb_span text, struct gb_span profile, struct gb_aws_key *ret_key)
{
	bool is_here = false;

	*ret_key = (struct gb_aws_key){.id = GB_SPAN_EMPTY};
	while (text.n > 0) {
		size_t end = gb_span_find_byte(text, '\n', 0), equals;
		struct gb_span line = gb_span_trim(gb_span_sub(text, 0, end)), name, value;

		text = end == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(text, end + 1, SIZE_MAX);
		if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';')
			continue;
		if (line.p[0] == '[') {
			is_here = line.p[line.n - 1] == ']' &&
			          gb_span_equal(gb_span_trim(gb_span_sub(line, 1, line.n - 2)), profile);
			continue;
		}
		equals = gb_span_find_byte(line, '=', 0);
		if (!is_here || equals == SIZE_MAX)
			continue;
		name = gb_span_trim(gb_span_sub(line, 0, equals));
		value = gb_span_trim(gb_span_sub(line, equals + 1, SIZE_MAX));
		if (gb_span_equal(name, GB_SPAN("aws_access_key_id")))
			ret_key->id = value;
		else if (gb_span_equal(name, GB_SPAN("aws_secret_access_key")))
			ret_key->secret = value;
		else if (gb_span_equal(name, GB_SPAN("aws_session_token")))
			ret_key->token = value;
	}
	return ret_key->id.n != 0 && ret_key->secret.n != 0;
}

static int of_profile(struct gb_credentials *credentials, int64_t now)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	const char *path = getenv("AWS_SHARED_CREDENTIALS_FILE"), *home = getenv("HOME");
	const char *profile = getenv("AWS_PROFILE");
	struct gb_aws_key key;
	char room[4096];
	size_t n = 0;
	int r = -ENOENT;

	if (path == NULL && home != NULL &&
	        snprintf(room, sizeof(room), "%s/.aws/credentials", home) < (int)sizeof(room))
		path = room;
	if (path == NULL || gb_fd_read_file(path, FILE_BYTES_MAX, &data, &n) < 0)
		return -ENOENT;
	if (gb_credentials_of_file(gb_span_of(data, n), gb_span_cstr(profile != NULL ? profile : "default"), &key))
		r = keep(credentials, &key, now + REFETCH_S);
	explicit_bzero(data, n);
	return r;
}

static int ask(struct gb_web_client *client, const char *method, const char *url, const struct gb_web_header *header,
        struct gb_arena *arena, struct gb_span *ret_body, struct gb_diag *diag)
{
	const struct gb_web_fetch fetch = {.method = method,
	        .url = url,
	        .headers = header,
	        .header_count = header->value.n != 0,
	        .reach = GB_WEB_REACH_ANY,
	        .connect_ms = ENDPOINT_MS,
	        .total_ms = ENDPOINT_MS,
	        .answer_max = ANSWER_MAX};
	struct gb_web_fetched fetched = {0};
	int r = gb_web_client_fetch(client, &fetch, arena, &fetched, diag);

	*ret_body = fetched.body;
	return r < 0 ? r : fetched.status == 200 ? 0 : -EACCES;
}

/* What is broken leaves the last key alone, which may hold for some time yet. */
static int take(struct gb_credentials *credentials, struct gb_span json)
{
	char room[GB_AWS_KEY_BYTES];
	struct gb_aws_key key;
	int64_t expires;
	int r = gb_aws_key_parse(json, room, &key, &expires);

	if (r == 0)
		r = keep(credentials, &key, expires);
	explicit_bzero(room, sizeof(room));
	return r;
}

/* Keys and the token that they are asked with go unencrypted to this machine and to the platform only. */
static bool may_ask(const char *url)
{
	static const char names[] = "localhost\0::1\000169.254.170.2\000169.254.170.23\000fd00:ec2::23\0";
	struct gb_span name = gb_span_cstr(url), byte;
	unsigned char first = 0;

	if (gb_span_starts(name, GB_SPAN("https://")))
		return true;
	if (!gb_span_starts(name, GB_SPAN("http://")))
		return false;
	name = gb_span_sub(name, 7, SIZE_MAX);
	if (name.n > 0 && name.p[0] == '[') {
		size_t end = gb_span_find_byte(name, ']', 0);
		struct gb_span rest = end == SIZE_MAX ? name : gb_span_sub(name, end + 1, 1);

		return (rest.n == 0 || rest.p[0] == ':' || rest.p[0] == '/') &&
		       gb_span_find_byte(name, '@', 0) == SIZE_MAX &&
		       gb_span_is_one_of(gb_span_sub(name, 1, end - 1), names);
	}
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == ':' || name.p[i] == '/' || name.p[i] == '?')
			name.n = i;
	if (gb_span_is_one_of(name, names))
		return true;
	/* 127.0.0.0/8, written as such. */
	for (byte = name; first < 4; first++) {
		struct gb_span part = gb_span_sub(byte, 0, gb_span_find_byte(byte, '.', 0));
		uint64_t value;

		if (!gb_span_to_u64(part, &value) || value > 255 || (first == 0 && value != 127))
			return false;
		byte = gb_span_sub(byte, part.n + 1, SIZE_MAX);
		if ((first == 3) != (byte.n == 0))
			return false;
	}
	return true;
}

static int of_container(
        struct gb_credentials *credentials, struct gb_web_client *client, struct gb_arena *arena, struct gb_diag *diag)
{
	GB_CLEANUP(gb_freep) char *file = NULL;
	const char *full = getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	const char *relative = getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *token = getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN");
	const char *path = getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	struct gb_web_header header = {GB_SPAN("authorization"), GB_SPAN_EMPTY};
	struct gb_span body;
	char url[2048];
	size_t n;
	int r;

	if (relative == NULL && full == NULL)
		return -ENOENT;
	if (snprintf(url, sizeof(url), "%s%s", relative != NULL ? "http://169.254.170.2" : "",
	            relative != NULL ? relative : full) >= (int)sizeof(url))
		return -EINVAL;
	if (!may_ask(url))
		return gb_diag_set(diag, -EINVAL, 0, 0,
		        "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or of this machine or the platform");
	if (path != NULL && gb_fd_read_file(path, TOKEN_BYTES_MAX, &file, &n) == 0)
		token = file;
	header.value = gb_span_trim(gb_span_cstr(token));
	r = ask(client, "GET", url, &header, arena, &body, diag);
	return r < 0 ? r : take(credentials, body);
}

/* METHOD of the metadata service's PATH and PATH_END, in which nothing must be escaped. */
static int ask_instance(struct gb_web_client *client, const char *method, const char *path, struct gb_span path_end,
        const struct gb_web_header *header, struct gb_arena *arena, struct gb_span *ret_body, struct gb_diag *diag)
{
	const char *endpoint = getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	struct gb_span begin = gb_span_cstr(endpoint != NULL && endpoint[0] != '\0' ? endpoint : METADATA);
	char room[512];
	struct gb_text url = gb_text_on(room, sizeof(room) - 1);

	if (begin.p[begin.n - 1] == '/')
		begin.n--;
	gb_text_add(&url, begin);
	gb_text_add_cstr(&url, path);
	gb_text_add(&url, path_end);
	return url.truncated ? -EINVAL : ask(client, method, gb_text_cstr(&url), header, arena, ret_body, diag);
}

static int of_instance(
        struct gb_credentials *credentials, struct gb_web_client *client, struct gb_arena *arena, struct gb_diag *diag)
{
	const char *disabled = getenv("AWS_EC2_METADATA_DISABLED");
	struct gb_web_header header = {GB_SPAN("x-aws-ec2-metadata-token-ttl-seconds"), GB_SPAN("300")};
	struct gb_span body, role;
	int r;

	if (disabled != NULL && strcasecmp(disabled, "true") == 0)
		return -ENOENT;
	/* Version 1, without a token, is what others can be made to ask for. */
	r = ask_instance(client, "PUT", "/latest/api/token", GB_SPAN_EMPTY, &header, arena, &body, diag);
	if (r < 0)
		return r;
	header = (struct gb_web_header){GB_SPAN("x-aws-ec2-metadata-token"), gb_span_trim(body)};
	r = ask_instance(client, "GET", ROLES, GB_SPAN_EMPTY, &header, arena, &body, diag);
	if (r < 0)
		return r;
	role = gb_span_trim(gb_span_sub(body, 0, gb_span_find_byte(body, '\n', 0)));
	for (size_t i = 0; i < role.n; i++)
		if (!gb_ascii_is_alpha(role.p[i]) && !gb_ascii_is_digit(role.p[i]) &&
		        gb_span_find_byte(GB_SPAN("+=,.@-_"), role.p[i], 0) == SIZE_MAX)
			return -EBADMSG;
	if (role.n == 0 || role.n > 128)
		return -EBADMSG;
	r = ask_instance(client, "GET", ROLES, role, &header, arena, &body, diag);
	return r < 0 ? r : take(credentials, body);
}

int gb_credentials_find(struct gb_credentials *credentials, struct gb_web_client *client, int64_t now,
        struct gb_aws_key *ret_key, struct gb_diag *diag)
{
	struct gb_diag inner = {0};
	struct gb_arena *arena;
	int r;

	/* A profile that is named goes before the environment's keys. */
	if (getenv("AWS_PROFILE") == NULL && of_environment(ret_key))
		return 0;
	if (credentials->key.id.n != 0 && (credentials->until == 0 || now < credentials->until - EARLY_S)) {
		*ret_key = credentials->key;
		return 0;
	}
	arena = gb_arena_new();
	if (arena == NULL)
		return -ENOMEM;
	r = of_profile(credentials, now);
	if (r < 0)
		r = of_container(credentials, client, arena, &inner);
	if (r == -ENOENT)
		r = of_instance(credentials, client, arena, &inner);
	gb_arena_free(arena);
	if (r < 0 && credentials->key.id.n != 0 && now < credentials->until)
		r = 0; /* it is fetched early, and holds */
	if (r < 0)
		return gb_diag_set(diag, -ENOENT, 0, 0,
		        "there are no AWS credentials: not in the environment, ~/.aws/credentials, the container's or "
		        "the "
		        "instance's endpoint%s%.80s",
		        inner.message[0] != '\0' ? ": " : "", inner.message);
	*ret_key = credentials->key;
	return 0;
}
