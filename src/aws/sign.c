/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/sign.h"

#include "aws/date.h"
#include "base/text.h"

#include <errno.h>
#include <string.h>

#define BLOCK_BYTES     64u
#define MESSAGE_MAX     2048u
#define CANONICAL_BYTES 16384u
#define ALGORITHM       "AWS4-HMAC-SHA256"

int gb_aws_hmac(struct gb_span key, struct gb_span message, unsigned char ret_mac[GB_SHA256_BYTES])
{
	unsigned char block[BLOCK_BYTES] = {0}, room[BLOCK_BYTES + MESSAGE_MAX];

	if (message.n > MESSAGE_MAX)
		return -EMSGSIZE;
	if (key.n > BLOCK_BYTES)
		gb_sha256(key, block);
	else if (key.n != 0)
		memcpy(block, key.p, key.n);
	for (size_t i = 0; i < BLOCK_BYTES; i++)
		room[i] = block[i] ^ 0x36;
	if (message.n != 0)
		memcpy(room + BLOCK_BYTES, message.p, message.n);
	gb_sha256(gb_span_of(room, BLOCK_BYTES + message.n), ret_mac);
	for (size_t i = 0; i < BLOCK_BYTES; i++)
		room[i] = block[i] ^ 0x5c;
	memcpy(room + BLOCK_BYTES, ret_mac, GB_SHA256_BYTES);
	gb_sha256(gb_span_of(room, BLOCK_BYTES + GB_SHA256_BYTES), ret_mac);
	explicit_bzero(block, sizeof(block));
	explicit_bzero(room, sizeof(room));
	return 0;
}

static bool is_plain(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '-' || c == '_' || c == '.' || c == '~';
}

static void encode(struct gb_text *text, struct gb_span s, bool keeps_slash)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		if (is_plain(s.p[i]) || (keeps_slash && s.p[i] == '/')) {
			gb_text_add_byte(text, s.p[i]);
			continue;
		}
		gb_text_add_byte(text, '%');
		gb_text_add_byte(text, (unsigned char)digits[s.p[i] >> 4]);
		gb_text_add_byte(text, (unsigned char)digits[s.p[i] & 15]);
	}
}

static int compare(struct gb_span a, struct gb_span b)
{
	int r = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return r != 0 ? r : (a.n > b.n) - (a.n < b.n);
}

/* What stands in the canonical request, in its order; there are few. */
static void sort(struct gb_span *items, size_t count)
{
	for (size_t i = 1; i < count; i++)
		for (size_t at = i; at > 0 && compare(items[at - 1], items[at]) > 0; at--) {
			struct gb_span other = items[at];

			items[at] = items[at - 1];
			items[at - 1] = other;
		}
}

static void add_target(const struct gb_aws_request *request, struct gb_text *target)
{
	encode(target, request->path, true);
	for (size_t i = 0; i < request->query_count; i++) {
		gb_text_add_byte(target, i == 0 ? '?' : '&');
		encode(target, request->query[i].name, false);
		gb_text_add_byte(target, '=');
		encode(target, request->query[i].value, false);
	}
}

/* Sorted by name, then value: as `name=value` they would not be, since names may go on with bytes smaller than '='. */
static void add_query(const struct gb_aws_request *request, struct gb_text *text)
{
	char room[GB_AWS_TARGET_BYTES];
	struct gb_text all = gb_text_on(room, sizeof(room));
	struct gb_span items[GB_AWS_PAIRS_MAX];

	for (size_t i = 0; i < request->query_count; i++) {
		size_t begin = all.n;

		encode(&all, request->query[i].name, false);
		gb_text_add_byte(&all, '\0');
		encode(&all, request->query[i].value, false);
		items[i] = gb_span_of(all.p + begin, all.n - begin);
	}
	if (all.truncated) {
		text->truncated = true;
		return;
	}
	sort(items, request->query_count);
	for (size_t i = 0; i < request->query_count; i++) {
		size_t nul = gb_span_find_byte(items[i], '\0', 0);

		if (i > 0)
			gb_text_add_byte(text, '&');
		gb_text_add(text, gb_span_sub(items[i], 0, nul));
		gb_text_add_byte(text, '=');
		gb_text_add(text, gb_span_sub(items[i], nul + 1, SIZE_MAX));
	}
}

/* Without white space around it, and one space for each run of them. */
static void add_value(struct gb_text *text, struct gb_span value)
{
	bool was_space = false;

	value = gb_span_trim(value);
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] != ' ' || !was_space)
			gb_text_add_byte(text, value.p[i]);
		was_space = value.p[i] == ' ';
	}
}

static int add_head(const struct gb_aws_request *request, const struct gb_aws_key *key,
        const struct gb_aws_signature *signature, struct gb_text *text, struct gb_text *names)
{
	struct gb_aws_pair all[GB_AWS_PAIRS_MAX + 4];
	struct gb_span order[GB_AWS_PAIRS_MAX + 4];
	size_t count = request->field_count;

	if (count > 0)
		memcpy(all, request->fields, count * sizeof(all[0]));
	all[count++] = (struct gb_aws_pair){GB_SPAN("host"), request->host};
	all[count++] = (struct gb_aws_pair){GB_SPAN("x-amz-date"), gb_span_cstr(signature->date)};
	if (request->is_s3)
		all[count++] = (struct gb_aws_pair){GB_SPAN("x-amz-content-sha256"), gb_span_cstr(signature->payload)};
	if (key->token.n != 0)
		all[count++] = (struct gb_aws_pair){GB_SPAN("x-amz-security-token"), key->token};
	for (size_t i = 0; i < count; i++)
		order[i] = all[i].name;
	sort(order, count);
	for (size_t i = 0; i < count; i++) {
		size_t at = 0;

		while (all[at].name.p != order[i].p || all[at].name.n != order[i].n)
			at++;
		for (size_t j = 0; j < all[at].value.n; j++)
			if (all[at].value.p[j] < ' ' && all[at].value.p[j] != '\t')
				return -EINVAL;
		gb_text_add(text, order[i]);
		gb_text_add_byte(text, ':');
		add_value(text, all[at].value);
		gb_text_add_byte(text, '\n');
		if (i > 0)
			gb_text_add_byte(names, ';');
		gb_text_add(names, order[i]);
	}
	return 0;
}

/* The canonical request's hash; NAMES becomes the list of signed fields. */
static int hash_request(const struct gb_aws_request *request, const struct gb_aws_key *key,
        const struct gb_aws_signature *signature, struct gb_span payload, struct gb_text *names,
        unsigned char ret_digest[GB_SHA256_BYTES])
{
	char room[CANONICAL_BYTES], once_room[GB_AWS_TARGET_BYTES];
	struct gb_text text = gb_text_on(room, sizeof(room)), once = gb_text_on(once_room, sizeof(once_room));
	int r;

	gb_text_add(&text, request->method);
	gb_text_add_byte(&text, '\n');
	encode(&once, request->path, true);
	if (request->is_s3)
		gb_text_add(&text, gb_text_span(&once));
	else
		encode(&text, gb_text_span(&once), true);
	gb_text_add_byte(&text, '\n');
	add_query(request, &text);
	gb_text_add_byte(&text, '\n');
	r = add_head(request, key, signature, &text, names);
	gb_text_add_byte(&text, '\n');
	gb_text_add(&text, gb_text_span(names));
	gb_text_add_byte(&text, '\n');
	gb_text_add(&text, payload);
	if (r < 0)
		return r;
	if (text.truncated || once.truncated || names->truncated)
		return -EMSGSIZE;
	gb_sha256(gb_text_span(&text), ret_digest);
	return 0;
}

static int sign_text(const struct gb_aws_request *request, const struct gb_aws_key *key, struct gb_span day,
        struct gb_span text, unsigned char ret_mac[GB_SHA256_BYTES])
{
	const struct gb_span steps[] = {day, request->region, request->service, GB_SPAN("aws4_request"), text};
	unsigned char first[4 + 256] = "AWS4";
	struct gb_span with = gb_span_of(first, 4 + key->secret.n);
	int r = 0;

	if (key->secret.n > sizeof(first) - 4)
		return -EMSGSIZE;
	if (key->secret.n != 0)
		memcpy(first + 4, key->secret.p, key->secret.n);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && r == 0; i++) {
		unsigned char mac[GB_SHA256_BYTES];

		r = gb_aws_hmac(with, steps[i], mac);
		memcpy(ret_mac, mac, sizeof(mac));
		with = gb_span_of(ret_mac, sizeof(mac));
	}
	explicit_bzero(first, sizeof(first));
	return r;
}

int gb_aws_sign(const struct gb_aws_request *request, const struct gb_aws_key *key, int64_t time,
        struct gb_aws_signature *ret_signature)
{
	struct gb_aws_signature *signature = ret_signature;
	char names_room[512], scope_room[192], text_room[512];
	unsigned char digest[GB_SHA256_BYTES], mac[GB_SHA256_BYTES];
	struct gb_text target = gb_text_on(signature->target, sizeof(signature->target));
	struct gb_text hash = gb_text_on(signature->payload, sizeof(signature->payload));
	struct gb_text names = gb_text_on(names_room, sizeof(names_room));
	struct gb_text scope = gb_text_on(scope_room, sizeof(scope_room));
	struct gb_text text = gb_text_on(text_room, sizeof(text_room));
	struct gb_text all = gb_text_on(signature->authorization, sizeof(signature->authorization));
	int r;

	if (request->query_count > GB_AWS_PAIRS_MAX || request->field_count > GB_AWS_PAIRS_MAX)
		return -EMSGSIZE;
	if (!gb_aws_date_print(time, signature->date))
		return -EINVAL;
	add_target(request, &target);
	gb_sha256(request->payload, digest);
	gb_text_add_hex(&hash, gb_span_of(digest, sizeof(digest)));
	(void)gb_text_cstr(&hash);
	r = hash_request(request, key, signature, gb_text_span(&hash), &names, digest);
	if (r < 0)
		return r;
	gb_text_add(&scope, gb_span_of(signature->date, 8));
	gb_text_add_byte(&scope, '/');
	gb_text_add(&scope, request->region);
	gb_text_add_byte(&scope, '/');
	gb_text_add(&scope, request->service);
	gb_text_add_cstr(&scope, "/aws4_request");
	gb_text_add_cstr(&text, ALGORITHM "\n");
	gb_text_add_cstr(&text, signature->date);
	gb_text_add_byte(&text, '\n');
	gb_text_add(&text, gb_text_span(&scope));
	gb_text_add_byte(&text, '\n');
	gb_text_add_hex(&text, gb_span_of(digest, sizeof(digest)));
	r = sign_text(request, key, gb_span_of(signature->date, 8), gb_text_span(&text), mac);
	if (r < 0)
		return r;
	gb_text_add_cstr(&all, ALGORITHM " Credential=");
	gb_text_add(&all, key->id);
	gb_text_add_byte(&all, '/');
	gb_text_add(&all, gb_text_span(&scope));
	gb_text_add_cstr(&all, ", SignedHeaders=");
	gb_text_add(&all, gb_text_span(&names));
	gb_text_add_cstr(&all, ", Signature=");
	gb_text_add_hex(&all, gb_span_of(mac, sizeof(mac)));
	gb_text_add_byte(&target, '\0');
	gb_text_add_byte(&all, '\0');
	if (target.truncated || scope.truncated || text.truncated || all.truncated)
		return -EMSGSIZE;
	if (!request->is_s3)
		signature->payload[0] = '\0';
	return 0;
}
