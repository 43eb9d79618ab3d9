/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/key.h"

#include "aws/date.h"
#include "base/text.h"

#include <errno.h>

/* A text of JSON at *AT, its opening quote; *AT is then behind the closing one. Credentials have no other escapes than "\/". */
static bool take_text(struct gb_span json, size_t *at, struct gb_text *text, struct gb_span *ret_text)
{
	size_t begin = text->n, i = *at + 1;

	for (; i < json.n && json.p[i] != '"'; i++) {
		if (json.p[i] == '\\' && ++i < json.n && json.p[i] != '/')
			return false;
		if (i < json.n && json.p[i] < ' ')
			return false;
		if (i < json.n)
			gb_text_add_byte(text, json.p[i]);
	}
	*ret_text = gb_span_of(text->p + begin, text->n - begin);
	*at = i + 1;
	return i < json.n && !text->truncated;
}

static size_t skip_space(struct gb_span json, size_t at)
{
	while (at < json.n && gb_ascii_is_space(json.p[at]))
		at++;
	return at;
}

static bool take_member(struct gb_span json, size_t *at, struct gb_text *text, struct gb_aws_key *key, int64_t *expires)
{
	struct gb_span name, value = GB_SPAN_EMPTY;

	if (*at >= json.n || json.p[*at] != '"' || !take_text(json, at, text, &name))
		return false;
	*at = skip_space(json, *at);
	if (*at >= json.n || json.p[*at] != ':')
		return false;
	*at = skip_space(json, *at + 1);
	if (*at < json.n && json.p[*at] == '"') {
		if (!take_text(json, at, text, &value))
			return false;
	} else {
		/* null, a number: nothing that is looked for. */
		while (*at < json.n && json.p[*at] != ',' && json.p[*at] != '}')
			(*at)++;
	}
	if (gb_span_equal(name, GB_SPAN("AccessKeyId")))
		key->id = value;
	else if (gb_span_equal(name, GB_SPAN("SecretAccessKey")))
		key->secret = value;
	else if (gb_span_equal(name, GB_SPAN("Token")))
		key->token = value;
	else if (gb_span_equal(name, GB_SPAN("Expiration")) && !gb_aws_date_of_iso(value, expires))
		*expires = 0;
	return true;
}

int gb_aws_key_parse(struct gb_span json, char room[GB_AWS_KEY_BYTES], struct gb_aws_key *ret_key, int64_t *ret_expires)
{
	struct gb_text text = gb_text_on(room, GB_AWS_KEY_BYTES);
	size_t at = skip_space(json, 0);

	*ret_key = (struct gb_aws_key){.id = GB_SPAN_EMPTY};
	*ret_expires = 0;
	if (at >= json.n || json.p[at] != '{')
		return -EINVAL;
	do {
		at = skip_space(json, at + 1);
		if (!take_member(json, &at, &text, ret_key, ret_expires))
			return -EINVAL;
		at = skip_space(json, at);
	} while (at < json.n && json.p[at] == ',');
	return at < json.n && json.p[at] == '}' && ret_key->id.n != 0 && ret_key->secret.n != 0 ? 0 : -EINVAL;
}
