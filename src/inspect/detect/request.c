/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Server-side request forgery: a value that is a URL, or holds one as a parameter, and leads where only the function
 * itself can go. Addresses are judged by the network that they mean, not by how they are written.
 */
#include "inspect/bytes.h"
#include "inspect/detect/file_known.h"
#include "inspect/detect/request.h"
#include "inspect/lex/url.h"

#define SCHEME_MAX 12u
#define BARE_MAX   200u /* a host and a path without scheme */

enum scheme_kind {
	SCHEME_OTHER = 0,
	SCHEME_WEB,     /* http and its like: lenient readers need no slashes */
	SCHEME_FILE,    /* reads this machine's files */
	SCHEME_FETCH,   /* what libraries fetch beside the web; usual where it is configured */
	SCHEME_TOOL,    /* the same, of machines elsewhere only */
	SCHEME_SOCKET,  /* what listens on this machine alone */
	SCHEME_CRAFTED, /* bytes of the caller's choice to any port, or classes to load */
};

struct scheme {
	const char *name;
	enum scheme_kind kind;
	uint16_t ports[3]; /* usual ones; others are a trick */
};

static const struct scheme schemes[] = {
        {"http", SCHEME_WEB, {0}},
        {"https", SCHEME_WEB, {0}},
        {"ftp", SCHEME_WEB, {0}},
        {"ws", SCHEME_WEB, {0}},
        {"wss", SCHEME_WEB, {0}},
        {"file", SCHEME_FILE, {0}},
        {"netdoc", SCHEME_FILE, {0}},
        {"local_file", SCHEME_FILE, {0}},
        {"jar", SCHEME_CRAFTED, {0}},
        {"gopher", SCHEME_CRAFTED, {0}},
        {"gophers", SCHEME_CRAFTED, {0}},
        {"dict", SCHEME_CRAFTED, {0}},
        {"tftp", SCHEME_CRAFTED, {0}},
        {"rmi", SCHEME_CRAFTED, {0}},
        {"iiop", SCHEME_CRAFTED, {0}},
        {"corbaname", SCHEME_CRAFTED, {0}},
        {"ldap", SCHEME_FETCH, {389, 3268, 10389}},
        {"ldaps", SCHEME_FETCH, {636, 3269, 10636}},
        {"sftp", SCHEME_FETCH, {22, 2222, 2022}},
        {"scp", SCHEME_FETCH, {22, 2222, 2022}},
        {"imap", SCHEME_FETCH, {143, 993, 1143}},
        {"pop3", SCHEME_FETCH, {110, 995, 1110}},
        {"telnet", SCHEME_FETCH, {23, 2323, 992}},
        {"rtsp", SCHEME_FETCH, {554, 8554, 322}},
        {"smb", SCHEME_FETCH, {445, 139, 0}},
        {"git", SCHEME_TOOL, {9418, 0, 0}},
        {"svn", SCHEME_TOOL, {3690, 0, 0}},
        {"ssh", SCHEME_TOOL, {22, 2222, 2022}},
        {"s3", SCHEME_TOOL, {443, 9000, 0}},
        {"rtmp", SCHEME_TOOL, {1935, 0, 0}},
        {"finger", SCHEME_TOOL, {79, 0, 0}},
        {"unix", SCHEME_SOCKET, {0}},
        {"http+unix", SCHEME_SOCKET, {0}},
        {"npipe", SCHEME_SOCKET, {0}},
};

struct place {
	bool is_value;    /* the text begins here, or a parameter's value does */
	bool is_whole;    /* and the URL is all of it */
	bool is_enclosed; /* between quotes or parentheses of markup that fetches what they hold */
	bool is_closed;   /* no blanks in the text: not a sentence */
};

static bool is_word(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '_' || c == '+' || c == '-' || c == '.';
}

static const struct scheme *scheme_of(struct gb_span name)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (gb_span_equal_nocase(name, gb_span_cstr(schemes[i].name)))
			return &schemes[i];
	return NULL;
}

static struct place place_of(const struct gb_detect_input *input, const struct gb_lex_url *url)
{
	const unsigned char *p = input->text.p;
	size_t at = url->offset;
	struct place place = {.is_closed = (input->mask & (GB_BYTE_SPACE | GB_BYTE_NEWLINE)) == 0};

	if (at > 1 && (p[at - 1] == '"' || p[at - 1] == '\'') && (p[at - 2] == '=' || p[at - 2] == '('))
		at--;
	place.is_value = at == 0 || p[at - 1] == '=' || (at > 3 && p[at - 1] == '(' && p[at - 2] == 'l');
	place.is_whole = url->offset == 0 && url->length == input->text.n;
	if (gb_request_is_wrapped(input->text, url->offset)) {
		place.is_value = true;
		place.is_whole = url->offset + url->length == input->text.n;
	}
	place.is_enclosed =
	        url->offset > 4 && gb_request_is_fetched(input->text, url->offset, url->offset + url->length);
	place.is_value |= place.is_enclosed;
	return place;
}

static bool convict(struct gb_detect_hit *hit, const char *reason, const struct gb_lex_url *url)
{
	*hit = (struct gb_detect_hit){.reason = reason, .from = url->offset, .length = url->length};
	return true;
}

/* http://redis:6379: a name without a zone, as containers and clusters resolve them. */
static bool is_single_label(struct gb_span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!gb_ascii_is_alpha(name.p[i]) && !gb_ascii_is_digit(name.p[i]) && name.p[i] != '-' &&
		        name.p[i] != '_')
			return false;
	return name.n != 0;
}

/* Numbers or colons only: no name. */
static bool is_address(const struct gb_lex_url *url)
{
	return url->is_bracketed || gb_ascii_is_digit(url->host.p[url->host.n - 1]);
}

static bool judge_host(const struct gb_detect_input *input, const struct gb_lex_url *url, const struct place *place,
        struct gb_detect_hit *hit)
{
	struct gb_lex_host host;

	if (url->host.n == 0)
		return false;
	gb_lex_host_read(url->host, url->is_bracketed, &host);
	if (host.network == GB_NETWORK_METADATA)
		return convict(hit, "request_metadata_service", url);
	if (host.is_odd && (host.network > GB_NETWORK_PUBLIC || url->slashes == 2))
		return convict(hit, "request_disguised_address", url);
	if (host.is_embedded)
		return convict(hit, "request_rebinding_name", url);
	if (host.network == GB_NETWORK_LOOPBACK && (url->has_backslashes || url->slashes != 2) && url->scheme.n != 0)
		return convict(hit, "request_disguised_address", url);
	if (host.network >= GB_NETWORK_PRIVATE && place->is_value && gb_request_is_cut_by_control(input->text, url))
		return convict(hit, "request_disguised_address", url);
	if (place->is_enclosed && host.network >= GB_NETWORK_PRIVATE &&
	        (gb_request_is_service_port(url->port) || gb_request_is_management(url->rest)))
		return convict(hit, "request_internal_service", url);
	if (!place->is_whole || input->origin == GB_ORIGIN_HEADER)
		return false;
	if (host.network == GB_NETWORK_NAME && url->slashes == 2 && url->has_port && is_single_label(url->host) &&
	        gb_request_is_management(url->rest))
		return convict(hit, "request_internal_service", url);
	if (host.network == GB_NETWORK_NAME && url->slashes == 2 && url->scheme.n != 0 &&
	        gb_request_is_service_port(url->port) && is_single_label(url->host))
		return convict(hit, "request_internal_service", url);
	if (host.network < GB_NETWORK_PRIVATE)
		return false;
	if (gb_request_is_service_port(url->port) || gb_request_is_management(url->rest) ||
	        (host.network == GB_NETWORK_PRIVATE && !is_address(url) && gb_request_is_management_name(url->host)))
		return convict(hit, "request_internal_service", url);
	if (host.network == GB_NETWORK_LOOPBACK &&
	        (url->is_bracketed || (url->host.p[0] == 'L' && gb_span_equal_nocase(url->host, GB_SPAN("localhost")))))
		return convict(hit, "request_disguised_address", url);
	/* Developers have ports of their own; devices of a house are in its network, and asked for something. */
	if (host.network == GB_NETWORK_PRIVATE && is_address(url) && !url->has_port && url->slashes == 2 &&
	        (url->rest.n <= 1 || !gb_span_starts(url->host, GB_SPAN("192.168."))))
		return convict(hit, "request_internal_address", url);
	/* `http://localhost` alone is what applications on phones call themselves. */
	if (host.network == GB_NETWORK_LOOPBACK && (!url->has_port || url->port < 1024) &&
	        (url->rest.n != 0 || url->has_port || !gb_span_equal_nocase(url->host, GB_SPAN("localhost"))))
		return convict(hit, "request_loopback", url);
	/* Developers' own machines and networks. */
	return input->is_strict && convict(hit, "request_internal_address", url);
}

/* <img src="file:///etc/passwd">: mails that an office program wrote name pictures of its machine so. */
static bool is_system_file(struct gb_span text, const struct gb_lex_url *url, const struct place *place)
{
	const struct gb_span whole = gb_span_sub(text, url->offset, url->length);
	size_t at = url->scheme.n + 1 + url->slashes;

	if (!place->is_enclosed || at + 2 > whole.n)
		return false;
	/* /etc has its slash before it, c:/ has none. */
	at -= whole.p[at + 1] != ':';
	return gb_detect_is_known_file(gb_span_sub(whole, at, SIZE_MAX));
}

static bool judge_scheme(const struct gb_detect_input *input, const struct gb_lex_url *url, const struct scheme *scheme,
        const struct place *place, struct gb_detect_hit *hit)
{
	const uint16_t *ports = scheme->ports;

	switch (scheme->kind) {
	case SCHEME_FILE:
		return place->is_value && url->slashes > 0 &&
		       (place->is_closed || is_system_file(input->text, url, place)) &&
		       convict(hit, "request_file_scheme", url);
	case SCHEME_CRAFTED:
		if (scheme->name[0] == 'j' && url->host.n == 0)
			return false;
		return place->is_value && (url->slashes >= 2 || scheme->name[0] == 'j') &&
		       (url->host.n != 0 || url->rest.n != 0) && convict(hit, "request_crafted_scheme", url);
	case SCHEME_SOCKET:
		return place->is_closed && place->is_value &&
		       (gb_bytes_find_text(url->rest, GB_SPAN(".sock"), 0) != SIZE_MAX ||
		               gb_bytes_find_text(url->host, GB_SPAN(".sock"), 0) != SIZE_MAX ||
		               gb_bytes_find_text(url->rest, GB_SPAN("pipe/"), 0) != SIZE_MAX) &&
		       convict(hit, "request_crafted_scheme", url);
	case SCHEME_TOOL: {
		struct gb_lex_host host;

		gb_lex_host_read(url->host, url->is_bracketed, &host);
		if (place->is_whole && host.network == GB_NETWORK_LOOPBACK)
			return convict(hit, "request_crafted_scheme", url);
		return false;
	}
	case SCHEME_FETCH:
		if (!place->is_value || url->slashes < 2 || url->host.n == 0)
			return false;
		if (url->offset == 0 && (input->mask & GB_BYTE_NEWLINE) != 0 && url->has_port)
			return convict(hit, "request_crafted_scheme", url);
		return place->is_closed && url->port != 0 && url->port != ports[0] && url->port != ports[1] &&
		       url->port != ports[2] && convict(hit, "request_crafted_scheme", url);
	case SCHEME_WEB:
	case SCHEME_OTHER: break;
	}
	return false;
}

static bool judge(const struct gb_detect_input *input, size_t from, size_t scheme_n, struct gb_detect_hit *hit)
{
	const struct scheme *scheme = scheme_n != 0 ? scheme_of(gb_span_sub(input->text, from, scheme_n)) : NULL;
	struct gb_lex_url url;
	struct place place;

	if (scheme_n != 0 && scheme == NULL)
		return false;
	gb_lex_url_cut(input->text, from, scheme_n, &url);
	place = place_of(input, &url);
	if (!place.is_value && !place.is_closed)
		return false;
	if (scheme != NULL && judge_scheme(input, &url, scheme, &place, hit))
		return true;
	if (url.slashes == 0 && !place.is_value)
		return false;
	/* `//` alone begins paths and comments as well. */
	if (scheme == NULL && !place.is_closed)
		return false;
	if (judge_host(input, &url, &place, hit))
		return true;
	return scheme != NULL && scheme->kind == SCHEME_WEB && url.slashes >= 2 && place.is_closed &&
	       (gb_request_is_split(&url) ||
	               (url.userinfo.n != 0 && gb_request_is_misleading_userinfo(url.userinfo))) &&
	       convict(hit, "request_misleading_host", &url);
}

/* A host without a scheme, which is all of the value: only what means nothing else. */
static bool judge_bare(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text;
	struct gb_lex_url url;
	struct gb_lex_host host;
	size_t dots = 0;
	bool has_letters = false;

	if (text.n > BARE_MAX || input->origin == GB_ORIGIN_KEY || input->origin == GB_ORIGIN_HEADER ||
	        (input->mask & (GB_BYTE_SPACE | GB_BYTE_NEWLINE)) != 0)
		return false;
	gb_lex_url_cut(text, 0, 0, &url);
	if (url.slashes != 0 || url.userinfo.n != 0 || url.host.n < 7 || url.length != text.n)
		return false;
	gb_lex_host_read(url.host, url.is_bracketed, &host);
	for (size_t i = 0; i < url.host.n; i++) {
		dots += url.host.p[i] == '.';
		has_letters |= gb_ascii_lower(url.host.p[i]) == 'x';
	}
	if (host.network == GB_NETWORK_METADATA && (dots >= 2 || url.host.n > 14 || host.is_odd))
		return convict(hit, "request_metadata_service", &url);
	if (host.is_odd && host.network > GB_NETWORK_PUBLIC && dots >= 1 && has_letters)
		return convict(hit, "request_disguised_address", &url);
	return host.is_embedded && convict(hit, "request_rebinding_name", &url);
}

/* Separators that readers of URLs disagree about, in front of another host. */
static bool judge_confusion(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span head = gb_span_sub(input->text, 0, 10);
	size_t authority = gb_bytes_find_text(head, GB_SPAN("://"), 1), n = 0;

	if (authority != SIZE_MAX && scheme_of(gb_span_sub(head, 0, authority)) != NULL)
		n = gb_request_confused(input->text, authority + 3);
	*hit = (struct gb_detect_hit){.reason = "request_misleading_host", .from = 0, .length = n};
	return n != 0;
}

#define URL_STEPS 512u

static bool find(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text;

	if (judge_confusion(input, hit))
		return true;
	for (size_t colon = gb_bytes_find(text, ':', 0); colon != SIZE_MAX;
	        colon = gb_bytes_find(text, ':', colon + 1)) {
		unsigned char next = colon + 1 < text.n ? text.p[colon + 1] : ' ';
		size_t start = colon;

		while (start > 0 && colon - start <= SCHEME_MAX && is_word(text.p[start - 1]))
			start--;
		if (start == colon || colon - start > SCHEME_MAX)
			continue;
		/* Without slashes the authority is read up to the end each time: at the beginning only. */
		if (next != '/' && next != '\\' && start != 0)
			continue;
		if (!gb_detect_spend(input->work, URL_STEPS))
			return false;
		if (judge(input, start, colon - start, hit))
			return true;
	}
	if (text.n > 2 && (text.p[0] == '/' || text.p[0] == '\\') && (text.p[1] == '/' || text.p[1] == '\\'))
		return judge(input, 0, 0, hit);
	return judge_bare(input, hit);
}

bool gb_request_judge(const struct gb_detect_input *input, struct gb_span part, struct gb_detect_hit *hit)
{
	struct gb_detect_input inner = *input;

	inner.text = part;
	inner.mask = gb_bytes_mask(part);
	if (part.n == 0 || !find(&inner, hit))
		return false;
	hit->from += (size_t)(part.p - input->text.p);
	return true;
}

bool gb_detect_server_request(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	struct gb_detect_input inner = *input;

	inner.text = gb_span_trim(input->text);
	if (inner.text.n == 0)
		return false;
	if (inner.text.n != input->text.n)
		inner.mask = gb_bytes_mask(inner.text);
	/* A sentence without slashes has no URL; Host: 10.0.0.1 is none. */
	if ((inner.mask & GB_BYTE_SLASH) == 0 && (inner.mask & (GB_BYTE_SPACE | GB_BYTE_BACKSLASH)) == GB_BYTE_SPACE &&
	        (inner.mask & GB_BYTE_COLON) == 0)
		return false;
	if (!gb_request_judge_text(&inner, ret_hit) && !find(&inner, ret_hit))
		return false;
	ret_hit->from += (size_t)(inner.text.p - input->text.p);
	return true;
}
