/* SPDX-License-Identifier: Apache-2.0 */
/* Forged tokens: a JSON Web Token that asks not to be verified, or to be verified with what its sender chooses. */
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"
#include "inspect/detect/detect.h"

#define HEADER_MAX 680u /* digits of base64url of a header that is looked at */

static bool is_digit(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '-' || c == '_';
}

static size_t run_length(struct gb_span s, size_t at)
{
	size_t start = at;

	while (at < s.n && is_digit(s.p[at]))
		at++;
	return at - start;
}

/* The string that is the value of member NAME (with its quotes) in a flat object. */
static struct gb_span member(struct gb_span json, struct gb_span name)
{
	size_t at = gb_bytes_find_text(json, name, 0), end;

	if (at == SIZE_MAX)
		return GB_SPAN_EMPTY;
	at += name.n;
	while (at < json.n && (gb_ascii_is_space(json.p[at]) || json.p[at] == ':'))
		at++;
	if (at >= json.n || json.p[at] != '"')
		return GB_SPAN_EMPTY;
	end = gb_bytes_find(json, '"', at + 1);
	return end == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(json, at + 1, end - at - 1);
}

/* A key's identifier that goes on as a path, a query or a command. */
static bool is_hostile_identifier(struct gb_span kid)
{
	if (gb_bytes_find_text(kid, GB_SPAN("../"), 0) != SIZE_MAX || gb_span_starts(kid, GB_SPAN("/dev/")) ||
	        gb_span_starts(kid, GB_SPAN("/etc/")) || gb_span_starts(kid, GB_SPAN("/proc/")))
		return true;
	if (gb_bytes_find_text(kid, GB_SPAN("$("), 0) != SIZE_MAX ||
	        gb_bytes_find_text(kid, GB_SPAN("..\\"), 0) != SIZE_MAX ||
	        gb_bytes_find_text(kid, GB_SPAN("%2e"), 0) != SIZE_MAX || gb_span_ends(kid, GB_SPAN("\\")) ||
	        gb_bytes_find_text(kid, GB_SPAN("://"), 0) != SIZE_MAX)
		return true;
	if (gb_bytes_find_text(kid, GB_SPAN("\\u00"), 0) != SIZE_MAX ||
	        gb_bytes_find_text(kid, GB_SPAN("%00"), 0) != SIZE_MAX ||
	        gb_bytes_find_text(kid, GB_SPAN(" -- "), 0) != SIZE_MAX || gb_bytes_find(kid, '\n', 0) != SIZE_MAX)
		return true;
	return gb_bytes_find(kid, '\'', 0) != SIZE_MAX || gb_bytes_find(kid, '|', 0) != SIZE_MAX ||
	       gb_bytes_find(kid, ';', 0) != SIZE_MAX || gb_bytes_find(kid, '`', 0) != SIZE_MAX;
}

/* An address whose reader and checker may see different hosts in it, or that leads to one by a detour. */
static bool is_crooked(struct gb_span url)
{
	static const char *const signs[] = {"@", "#", "\\", "/../", "redirect", "127.0.0.1", "localhost", "169.254."};

	if (gb_span_starts(url, GB_SPAN("http:")) || gb_span_starts(url, GB_SPAN("//")) ||
	        gb_span_starts(url, GB_SPAN("file:")) || gb_span_starts(url, GB_SPAN("data:")))
		return true;
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (gb_bytes_find_text(url, gb_span_cstr(signs[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

/* "crit":[]: empty, or a name that RFC 7515 has anyway, as §4.1.11 forbids. */
static bool is_crit_wrong(struct gb_span header)
{
	static const struct gb_span names[] = {{(const unsigned char *)"\"alg\"", 5},
	        {(const unsigned char *)"\"kid\"", 5}, {(const unsigned char *)"\"typ\"", 5},
	        {(const unsigned char *)"\"jwk\"", 5}, {(const unsigned char *)"\"jku\"", 5},
	        {(const unsigned char *)"\"x5u\"", 5}};
	size_t at = gb_bytes_find_text(header, GB_SPAN("\"crit\""), 0), close;
	struct gb_span list;

	if (at == SIZE_MAX)
		return false;
	close = gb_bytes_find(header, ']', at);
	list = gb_span_sub(header, at + 6, close == SIZE_MAX ? SIZE_MAX : close - at - 6);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (gb_bytes_find_text(list, names[i], 0) != SIZE_MAX)
			return true;
	return gb_bytes_find(list, '"', 0) == SIZE_MAX;
}

static const char *judge_header(struct gb_span header, bool is_unsigned)
{
	struct gb_span algorithm = member(header, GB_SPAN("\"alg\""));
	struct gb_span jku = member(header, GB_SPAN("\"jku\"")), x5u = member(header, GB_SPAN("\"x5u\""));

	if (header.n == 0 || header.p[0] != '{' ||
	        (gb_bytes_find_text(header, GB_SPAN("\"alg\""), 0) == SIZE_MAX &&
	                !gb_span_equal_nocase(member(header, GB_SPAN("\"typ\"")), GB_SPAN("jwt"))))
		return NULL;
	if (gb_span_equal_nocase(gb_span_trim(algorithm), GB_SPAN("none")) || algorithm.n == 0)
		return "token_unsigned_algorithm";
	if (is_unsigned)
		return "token_no_signature";
	if (is_hostile_identifier(member(header, GB_SPAN("\"kid\""))))
		return "token_key_identifier";
	/* A key that the token brings along; proofs of possession do so by their own type. */
	if (gb_bytes_find_text(header, GB_SPAN("\"jwk\""), 0) != SIZE_MAX &&
	        gb_bytes_find_text(header, GB_SPAN("dpop"), 0) == SIZE_MAX)
		return "token_own_key";
	if (is_crooked(jku) || is_crooked(x5u))
		return "token_key_url";
	if (is_crit_wrong(header))
		return "token_critical";
	return NULL;
}

bool gb_detect_forged_token(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	struct gb_span text = input->text;

	if ((input->pairs & GB_PAIR_TOKEN) == 0)
		return false;
	for (size_t at = gb_bytes_find_text(text, GB_SPAN("ey"), 0); at != SIZE_MAX;
	        at = gb_bytes_find_text(text, GB_SPAN("ey"), at + 2)) {
		unsigned char bytes[HEADER_MAX];
		size_t header_n, body_n, end, n;
		const char *reason;

		if (at > 0 && (is_digit(text.p[at - 1]) || text.p[at - 1] == '.'))
			continue;
		header_n = run_length(gb_span_sub(text, at, HEADER_MAX), 0);
		if (header_n < 12 || header_n == HEADER_MAX || at + header_n >= text.n || text.p[at + header_n] != '.')
			continue;
		body_n = run_length(text, at + header_n + 1);
		end = at + header_n + 1 + body_n;
		if (body_n < 2)
			continue;
		n = gb_decode_base64_bytes(gb_span_sub(text, at, header_n), bytes);
		if (n == SIZE_MAX)
			continue;
		reason = judge_header(gb_span_of(bytes, n), end + 1 == text.n && text.p[end] == '.');
		if (reason != NULL) {
			*ret_hit = (struct gb_detect_hit){.reason = reason, .from = at, .length = header_n};
			return true;
		}
		at = end - 2;
	}
	return false;
}
