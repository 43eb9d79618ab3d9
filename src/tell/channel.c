/* SPDX-License-Identifier: Apache-2.0 */
#include "tell/channel.h"

#include "tell/texts.h"

#include <errno.h>
#include <string.h>

#define TEXT_MAX 2048u
#define LIST_MAX 200u

enum field_type {
	FIELD_TEXT,
	FIELD_URL,     /* http or https, no user in it */
	FIELD_SERVER,  /* host:port */
	FIELD_ADDRESS, /* of mail */
	FIELD_ADDRESSES,
	FIELD_CONTENT, /* name of a format that is a content */
	FIELD_FORMAT,  /* the same, or asff or otlp */
	FIELD_NUMBER,
	FIELD_CHOICE,
};

struct field {
	const char *name;
	enum field_type type;
	bool is_required, is_secret;
	size_t least, most;  /* bytes of a text; of a number its bounds */
	const char *choices; /* each with its NUL */
};

#define AWS_FIELDS                                                                                                     \
	{.name = "access_key", .type = FIELD_TEXT, .most = 128},                                                       \
	        {.name = "secret_key", .type = FIELD_TEXT, .is_secret = true, .most = 256},                            \
	        {.name = "session_token", .type = FIELD_TEXT, .is_secret = true, .most = TEXT_MAX},                    \
	{                                                                                                              \
		.name = "endpoint", .type = FIELD_URL                                                                  \
	}

#define FIELDS_MAX 12u

static const struct kind {
	const char *name;
	enum gb_tell_format format;
	struct field fields[FIELDS_MAX];
} kinds[_GB_TELL_KIND_MAX] = {
        [GB_TELL_WEBHOOK] = {"webhook", GB_TELL_JSON,
                {{.name = "url", .type = FIELD_URL, .is_required = true}, {.name = "format", .type = FIELD_FORMAT},
                        {.name = "secret", .type = FIELD_TEXT, .is_secret = true, .least = 16, .most = 256},
                        {.name = "authorization", .type = FIELD_TEXT, .is_secret = true, .most = TEXT_MAX},
                        {.name = "account", .type = FIELD_TEXT, .most = 12},
                        {.name = "region", .type = FIELD_TEXT, .most = 32}}},
        [GB_TELL_TO_SLACK] = {"slack", GB_TELL_SLACK,
                {{.name = "url", .type = FIELD_URL, .is_required = true, .is_secret = true}}},
        [GB_TELL_TO_TEAMS] = {"teams", GB_TELL_TEAMS,
                {{.name = "url", .type = FIELD_URL, .is_required = true, .is_secret = true}}},
        [GB_TELL_TO_PAGERDUTY] = {"pagerduty", GB_TELL_PAGERDUTY,
                {{.name = "routing_key",
                         .type = FIELD_TEXT,
                         .is_required = true,
                         .is_secret = true,
                         .least = 32,
                         .most = 32},
                        {.name = "url", .type = FIELD_URL}}},
        [GB_TELL_TO_SNS] = {"sns", GB_TELL_SNS,
                {{.name = "topic", .type = FIELD_TEXT, .is_required = true, .least = 20, .most = 300},
                        {.name = "content", .type = FIELD_CONTENT}, AWS_FIELDS}},
        [GB_TELL_TO_SECURITY_HUB] = {"securityhub", GB_TELL_ASFF,
                {{.name = "account", .type = FIELD_TEXT, .is_required = true, .least = 12, .most = 12},
                        {.name = "region", .type = FIELD_TEXT, .is_required = true, .least = 4, .most = 32},
                        AWS_FIELDS}},
        [GB_TELL_TO_MAIL] = {"email", GB_TELL_MAIL,
                {{.name = "server", .type = FIELD_SERVER, .is_required = true},
                        {.name = "tls", .type = FIELD_CHOICE, .choices = "starttls\0tls\0none\0"},
                        {.name = "user", .type = FIELD_TEXT, .most = 256},
                        {.name = "password", .type = FIELD_TEXT, .is_secret = true, .most = 256},
                        {.name = "from", .type = FIELD_ADDRESS, .is_required = true},
                        {.name = "to", .type = FIELD_ADDRESSES, .is_required = true}}},
        [GB_TELL_TO_SYSLOG] = {"syslog", GB_TELL_SYSLOG,
                {{.name = "server", .type = FIELD_SERVER, .is_required = true},
                        {.name = "transport", .type = FIELD_CHOICE, .choices = "tls\0tcp\0udp\0"},
                        {.name = "content", .type = FIELD_CONTENT},
                        {.name = "facility", .type = FIELD_NUMBER, .most = 23}}},
};

enum gb_tell_kind gb_tell_kind_of(struct gb_span name)
{
	int i = 0;

	while (i < _GB_TELL_KIND_MAX && !gb_span_equal(name, gb_span_cstr(kinds[i].name)))
		i++;
	return (enum gb_tell_kind)i;
}

/* Nothing that could end a line of a protocol. */
static bool is_plain(struct gb_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f)
			return false;
	return s.n > 0;
}

static bool is_url(struct gb_span s)
{
	size_t from = gb_span_starts(s, GB_SPAN("https://")) ? 8 : gb_span_starts(s, GB_SPAN("http://")) ? 7 : 0;
	struct gb_span rest = gb_span_sub(s, from, SIZE_MAX);
	size_t host = 0;

	while (host < rest.n && rest.p[host] != '/' && rest.p[host] != '?' && rest.p[host] != '#')
		host++;
	return from > 0 && host > 0 && s.n <= TEXT_MAX && is_plain(s) &&
	       gb_span_find_byte(gb_span_sub(rest, 0, host), '@', 0) == SIZE_MAX;
}

static bool is_server(struct gb_span s)
{
	size_t colon = gb_span_find_last_byte(s, ':');
	uint64_t port;

	for (size_t i = 0; i < s.n; i++)
		if (!gb_ascii_is_alpha(s.p[i]) && !gb_ascii_is_digit(s.p[i]) && memchr(".-:[]", s.p[i], 5) == NULL)
			return false;
	return colon != SIZE_MAX && colon > 0 && s.n <= 256 &&
	       gb_span_to_u64(gb_span_sub(s, colon + 1, SIZE_MAX), &port) && port > 0 && port <= 65535;
}

static const char *complaint_of_addresses(const json_t *value)
{
	if (!json_is_array(value) || json_array_size(value) == 0 || json_array_size(value) > GB_TELL_TO_MAX)
		return "must be a list of 1 to 20 addresses";
	for (size_t i = 0; i < json_array_size(value); i++)
		if (!gb_tell_address_check(gb_tell_text(json_array_get(value, i))))
			return "has what is no plain mail address";
	return NULL;
}

/* What is wrong with VALUE, or NULL. */
static const char *complaint_of(const struct field *field, const json_t *value)
{
	struct gb_span text = gb_tell_text(value);
	enum gb_tell_format format;

	if (field->type == FIELD_ADDRESSES)
		return complaint_of_addresses(value);
	if (field->type == FIELD_NUMBER)
		return json_is_integer(value) && json_integer_value(value) >= (json_int_t)field->least &&
		                       json_integer_value(value) <= (json_int_t)field->most
		               ? NULL
		               : "is out of range";
	if (!json_is_string(value) || strlen(json_string_value(value)) != text.n)
		return "must be a text";
	switch (field->type) {
	case FIELD_URL: return is_url(text) ? NULL : "must be an http or https URL without user and blanks";
	case FIELD_SERVER: return is_server(text) ? NULL : "must be HOST:PORT";
	case FIELD_ADDRESS: return gb_tell_address_check(text) ? NULL : "is no plain mail address";
	case FIELD_CHOICE: return gb_span_is_one_of(text, field->choices) ? NULL : "is none of its words";
	case FIELD_CONTENT:
	case FIELD_FORMAT:
		format = gb_tell_format_of(text);
		if (format == _GB_TELL_FORMAT_MAX)
			return "is no format";
		return gb_tell_format_is_content(format) ||
		                       (field->type == FIELD_FORMAT && gb_tell_format_is_batched(format))
		               ? NULL
		               : "is no format for this";
	case FIELD_TEXT:
	case FIELD_ADDRESSES:
	case FIELD_NUMBER: break;
	}
	if (text.n < (field->least ? field->least : 1) || text.n > field->most)
		return "is too short or too long";
	/* Only Authorization has blanks: "Bearer …". */
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < ' ' || text.p[i] >= 0x7f)
			return "must be printable ASCII";
	return NULL;
}

static const struct field *field_of(enum gb_tell_kind kind, const char *name)
{
	for (size_t i = 0; i < FIELDS_MAX && kinds[kind].fields[i].name; i++)
		if (strcmp(kinds[kind].fields[i].name, name) == 0)
			return &kinds[kind].fields[i];
	return NULL;
}

static bool is_hidden(const json_t *value)
{
	return gb_span_equal(gb_tell_text(value), GB_SPAN(GB_TELL_HIDDEN));
}

/* Whether messages would go elsewhere than before. */
static bool is_moved(const json_t *given, const json_t *open_before)
{
	static const char *const names[] = {"url", "server", "endpoint"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!gb_span_equal(gb_tell_member(given, names[i]), gb_tell_member(open_before, names[i])))
			return true;
	return false;
}

static int check_names(enum gb_tell_kind kind, const json_t *given, struct gb_diag *diag)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)given, name, value) if (!field_of(kind, name)) return gb_diag_set(
	        diag, -EINVAL, 0, 0, "config.%.40s is not known of %s", name, kinds[kind].name);
	return 0;
}

/* Part NUMBER of an ARN, from 0. */
static struct gb_span arn_part(struct gb_span arn, size_t number)
{
	size_t from = 0, end;

	while (number-- > 0 && (end = gb_span_find_byte(arn, ':', from)) != SIZE_MAX)
		from = end + 1;
	end = gb_span_find_byte(arn, ':', from);
	return gb_span_sub(arn, from, end == SIZE_MAX ? SIZE_MAX : end - from);
}

static bool has(const json_t *object, const char *name)
{
	return json_object_get(object, name) != NULL;
}

/* What no member has for itself. */
static const char *complaint_of_all(const json_t *open, const json_t *secret)
{
	struct gb_span topic = gb_tell_member(open, "topic"), region = gb_tell_member(open, "region");
	struct gb_span account = gb_tell_member(open, "account");
	uint64_t number;

	if (topic.n > 0) {
		if (!gb_span_equal(arn_part(topic, 0), GB_SPAN("arn")) ||
		        !gb_span_equal(arn_part(topic, 2), GB_SPAN("sns")))
			return "config.topic is no ARN of a topic";
		region = arn_part(topic, 3);
		account = arn_part(topic, 4);
	}
	/* It becomes part of a host's name. */
	for (size_t i = 0; i < region.n; i++)
		if (!gb_ascii_is_alpha(region.p[i]) && !gb_ascii_is_digit(region.p[i]) && region.p[i] != '-')
			return "the region has what no region has";
	if (account.n > 0 && (account.n != 12 || !gb_span_to_u64(account, &number)))
		return "an account has 12 digits";
	if (has(open, "access_key") != has(secret, "secret_key"))
		return "config.access_key and config.secret_key belong together";
	if (has(open, "user") != has(secret, "password"))
		return "config.user and config.password belong together";
	if (has(secret, "password") && gb_span_equal(gb_tell_member(open, "tls"), GB_SPAN("none")))
		return "config.password would be sent in the open: use starttls or tls";
	if (gb_span_equal(gb_tell_member(open, "format"), GB_SPAN("asff")) && (account.n == 0 || region.n == 0))
		return "config.account and config.region are missing";
	return NULL;
}

int gb_tell_config_check(enum gb_tell_kind kind, const json_t *given, const json_t *open_before,
        const json_t *secret_before, json_t **ret_open, json_t **ret_secret, struct gb_diag *diag)
{
	json_t *open = json_object(), *secret = json_object();
	int r = json_is_object(given) ? check_names(kind, given, diag)
	                              : gb_diag_set(diag, -EINVAL, 0, 0, "config must be an object");

	for (const struct field *field = kinds[kind].fields;
	        r == 0 && field < kinds[kind].fields + FIELDS_MAX && field->name; field++) {
		json_t *value = json_object_get(given, field->name);
		const char *complaint;

		if (field->is_secret && (!value || is_hidden(value))) {
			value = json_object_get(secret_before, field->name);
			if (value && is_moved(given, open_before))
				r = gb_diag_set(diag, -EINVAL, 0, 0,
				        "config.%s: give it again, for it would be sent elsewhere", field->name);
		}
		if (!value || json_is_null(value)) {
			if (field->is_required)
				r = gb_diag_set(diag, -EINVAL, 0, 0, "config.%s is missing", field->name);
			continue;
		}
		complaint = complaint_of(field, value);
		if (complaint)
			r = gb_diag_set(diag, -EINVAL, 0, 0, "config.%s %s", field->name, complaint);
		else if (json_object_set(field->is_secret ? secret : open, field->name, value) < 0)
			r = -ENOMEM;
	}
	if (r == 0 && complaint_of_all(open, secret))
		r = gb_diag_set(diag, -EINVAL, 0, 0, "%s", complaint_of_all(open, secret));
	if (r < 0) {
		json_decref(open);
		json_decref(secret);
		return r;
	}
	*ret_open = open;
	*ret_secret = secret;
	return 0;
}

json_t *gb_tell_config_shown(const json_t *open, const json_t *secret)
{
	json_t *shown = json_copy((json_t *)(uintptr_t)open);
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)secret, name, value)
	{
		if (json_object_set_new(shown, name, json_string(GB_TELL_HIDDEN)) < 0) {
			json_decref(shown);
			return NULL;
		}
	}
	return shown;
}

int gb_tell_channel_open(const struct gb_channel *stored, const struct gb_seal_key *key,
        struct gb_tell_channel *ret_channel, struct gb_diag *diag)
{
	struct gb_tell_channel channel = {.id = stored->id, .kind = gb_tell_kind_of(stored->kind)};
	struct gb_arena *arena = gb_arena_new();
	struct gb_span secrets = GB_SPAN("{}");
	json_t *secret = NULL;
	int r = !arena ? -ENOMEM : stored->secrets.n > 0 ? gb_unseal(key, stored->secrets, arena, &secrets) : 0;

	if (r == 0) {
		channel.config = json_loadb((const char *)stored->config.p, stored->config.n, 0, NULL);
		secret = json_loadb((const char *)secrets.p, secrets.n, 0, NULL);
		if (channel.kind == _GB_TELL_KIND_MAX || !json_is_object(channel.config) ||
		        json_object_update(channel.config, secret) < 0)
			r = -EINVAL;
	}
	json_decref(secret);
	gb_arena_free(arena);
	if (r < 0) {
		json_decref(channel.config);
		return gb_diag_set(diag, r, 0, 0,
		        r == -EBADMSG ? "the channel's secrets were sealed with another key: enter them again"
		                      : "the channel's configuration cannot be read");
	}
	channel.format = gb_tell_format_of(gb_tell_config_text(&channel, "format"));
	if (channel.format == _GB_TELL_FORMAT_MAX)
		channel.format = kinds[channel.kind].format;
	*ret_channel = channel;
	return 0;
}

void gb_tell_channel_done(struct gb_tell_channel *channel)
{
	json_decref(channel->config);
	channel->config = NULL;
}

struct gb_span gb_tell_config_text(const struct gb_tell_channel *channel, const char *name)
{
	return gb_tell_member(channel->config, name);
}

const char *gb_tell_config_cstr(const struct gb_tell_channel *channel, const char *name)
{
	return json_string_value(json_object_get(channel->config, name));
}

void gb_tell_channel_target(const struct gb_tell_channel *channel, struct gb_tell_target *target)
{
	const json_t *to = json_object_get(channel->config, "to");
	const json_t *facility = json_object_get(channel->config, "facility");
	enum gb_tell_format content = gb_tell_format_of(gb_tell_config_text(channel, "content"));

	target->account = gb_tell_config_text(channel, "account");
	target->region = gb_tell_config_text(channel, "region");
	target->routing_key = gb_tell_config_text(channel, "routing_key");
	target->topic = gb_tell_config_text(channel, "topic");
	if (channel->kind == GB_TELL_TO_SNS)
		target->region = arn_part(target->topic, 3);
	target->from = gb_tell_config_text(channel, "from");
	target->facility = json_is_integer(facility) ? (unsigned)json_integer_value(facility) : 13;
	target->content = content == _GB_TELL_FORMAT_MAX ? GB_TELL_TEXT : content;
	target->to_count = 0;
	for (size_t i = 0; i < json_array_size(to) && i < GB_TELL_TO_MAX; i++)
		target->to[target->to_count++] = gb_tell_text(json_array_get(to, i));
}
