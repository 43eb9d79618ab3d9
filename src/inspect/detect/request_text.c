/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that hold an address where something will fetch it, though they are more than one. */
#include "inspect/bytes.h"
#include "inspect/detect/request.h"
#include "inspect/lex/url.h"

#define LINES_MAX 64u

/* url:http://…, view-source:http://…: schemes that wrap an address. */
bool gb_request_is_wrapped(struct gb_span text, size_t from)
{
	static const char *const wrappers[] = {"url", "view-source", "feed", "pic", "cache", "blob", "jar", "wyciwyg",
	        "filesystem", "zip", "redirect", "forward"};

	for (size_t i = 0; from > 3 && i < sizeof(wrappers) / sizeof(wrappers[0]); i++)
		if (gb_span_equal_nocase(gb_span_sub(text, 0, from - 1), gb_span_cstr(wrappers[i])))
			return text.p[from - 1] == ':';
	return false;
}

/* src="…", xlink:href="…", @import '…', url(…), ![x](…): fetched by whoever renders it. */
bool gb_request_is_fetched(struct gb_span text, size_t from, size_t end)
{
	static const struct gb_span heads[] = {{(const unsigned char *)"src=", 4}, {(const unsigned char *)"data=", 5},
	        {(const unsigned char *)"xlink:href=", 11}, {(const unsigned char *)"location=", 9},
	        {(const unsigned char *)"Location=", 9}, {(const unsigned char *)"URI=", 4},
	        {(const unsigned char *)"<use href=", 10}, {(const unsigned char *)"attachment href=", 16},
	        {(const unsigned char *)"@import ", 8}, {(const unsigned char *)"url(", 4},
	        {(const unsigned char *)"over 0,0 0,0 ", 13}};
	struct gb_span before = gb_span_sub(text, 0, from);
	unsigned char close = end < text.n ? text.p[end] : ' ';

	if (gb_span_ends(before, GB_SPAN("](")))
		return from > 4 && gb_bytes_find_text(before, GB_SPAN("!["), 0) != SIZE_MAX;
	if (before.n != 0 && (before.p[before.n - 1] == '"' || before.p[before.n - 1] == '\'')) {
		if (close != before.p[before.n - 1])
			return false;
		before.n--;
	}
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (gb_span_ends(before, heads[i]))
			return true;
	return false;
}

/* Fields that name a host, and fields that hold an address: of a head, one line of it as a value. */
static const char *const host_fields[] = {
        "Host", "X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "X-HTTP-Host-Override", "X-Original-Host"};
static const char *const address_fields[] = {"X-Original-URL", "X-Rewrite-URL", "Destination", "Referer", "Location",
        "Origin", "Content-Location", "Refresh"};

static bool is_of(struct gb_span name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (gb_span_equal_nocase(name, gb_span_cstr(names[i])))
			return true;
	return false;
}

/* 127.0.0.1:8500 as a host's name: of this machine, or where clouds answer. Developers have ports of their own. */
static bool is_inner_host(struct gb_span value)
{
	struct gb_lex_url url;
	struct gb_lex_host host;

	gb_lex_url_cut(value, 0, 0, &url);
	if (url.host.n == 0 || url.length != value.n || url.slashes != 0)
		return false;
	gb_lex_host_read(url.host, url.is_bracketed, &host);
	if (host.network == GB_NETWORK_METADATA)
		return true;
	return host.network >= GB_NETWORK_PRIVATE &&
	       (!url.has_port || url.port < 1024 || gb_request_is_service_port(url.port));
}

static bool judge_field(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text, name, value;
	const size_t colon = gb_bytes_find(gb_span_sub(text, 0, 24), ':', 0);
	size_t at;

	if (colon == SIZE_MAX || colon < 4 || text.n > 300 || (input->mask & GB_BYTE_NEWLINE) != 0)
		return false;
	name = gb_span_sub(text, 0, colon);
	value = gb_span_trim(gb_span_sub(text, colon + 1, SIZE_MAX));
	/* A key of a configuration is in lower case. */
	if (name.p[0] < 'A' || name.p[0] > 'Z')
		return false;
	if (is_of(name, host_fields, sizeof(host_fields) / sizeof(host_fields[0])) && is_inner_host(value)) {
		*hit = (struct gb_detect_hit){
		        .reason = "request_inner_host", .from = (size_t)(value.p - text.p), .length = value.n};
		return true;
	}
	if (!is_of(name, address_fields, sizeof(address_fields) / sizeof(address_fields[0])))
		return false;
	at = gb_bytes_find_text(value, GB_SPAN("url="), 0);
	return gb_request_judge(input, at == SIZE_MAX ? value : gb_span_sub(value, at + 4, SIZE_MAX), hit);
}

/* GET http://10.0.0.1/ HTTP/1.1: what a proxy is asked. */
static bool judge_request_line(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "CONNECT", "PATCH"};
	struct gb_span text = input->text, target;
	size_t blank = gb_bytes_find(gb_span_sub(text, 0, 8), ' ', 0), end;

	if (blank == SIZE_MAX || !is_of(gb_span_sub(text, 0, blank), methods, sizeof(methods) / sizeof(methods[0])))
		return false;
	end = gb_bytes_find(text, ' ', blank + 1);
	if (end == SIZE_MAX || !gb_span_starts(gb_span_sub(text, end + 1, 5), GB_SPAN("HTTP/")))
		return false;
	target = gb_span_sub(text, blank + 1, end - blank - 1);
	if (target.n == 0 || target.p[0] == '/')
		return false;
	if ((text.p[0] | 0x20) == 'c' && is_inner_host(target)) {
		*hit = (struct gb_detect_hit){.reason = "request_inner_host", .from = blank + 1, .length = target.n};
		return true;
	}
	return gb_request_judge(input, target, hit);
}

/* A playlist names what is to be fetched a line at a time; concat: and file: in it read this machine. */
static bool judge_lines(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	static const struct gb_span schemes[] = {{(const unsigned char *)"concat:", 7},
	        {(const unsigned char *)"file:", 5}, {(const unsigned char *)"subfile,", 8},
	        {(const unsigned char *)"gopher:", 7}};
	struct gb_span text = input->text;
	size_t at = 0;

	for (unsigned lines = 0; at < text.n && lines < LINES_MAX; lines++) {
		const size_t end = gb_bytes_find(text, '\n', at);
		struct gb_span line = gb_span_trim(gb_span_sub(text, at, (end == SIZE_MAX ? text.n : end) - at));

		at = end == SIZE_MAX ? text.n : end + 1;
		if (line.n == 0)
			continue;
		for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
			if (gb_span_starts(line, schemes[i])) {
				*hit = (struct gb_detect_hit){.reason = "request_crafted_scheme",
				        .from = (size_t)(line.p - text.p),
				        .length = line.n};
				return true;
			}
		if (line.p[0] != '#' && gb_request_judge(input, line, hit))
			return true;
	}
	return false;
}

/* push graphic-context … fill 'url(https://…)': a drawing that fetches; a pipe in it is run. */
static bool judge_drawing(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text;

	for (size_t at = gb_bytes_find(text, '\'', 0); at != SIZE_MAX; at = gb_bytes_find(text, '\'', at + 1)) {
		const size_t end = gb_bytes_find(text, '\'', at + 1);
		struct gb_span value = gb_span_sub(text, at + 1, (end == SIZE_MAX ? text.n : end) - at - 1);

		if (gb_span_starts(value, GB_SPAN("url("))) {
			value = gb_span_sub(value, 4, value.n);
			value.n -= value.n != 0 && value.p[value.n - 1] == ')';
		}
		if (gb_bytes_find_text(value, GB_SPAN("\"|"), 0) != SIZE_MAX) {
			*hit = (struct gb_detect_hit){
			        .reason = "request_crafted_scheme", .from = at, .length = value.n};
			return true;
		}
		if (gb_request_judge(input, value, hit))
			return true;
		if (end == SIZE_MAX)
			return false;
		at = end;
	}
	return false;
}

/* jdbc:mysql://x/?autoDeserialize=true: parameters by which a driver runs, loads or reads what its server says. */
static bool judge_driver(struct gb_span text, struct gb_detect_hit *hit)
{
	static const char *const parameters[] = {"autoDeserialize", "allowLoadLocalInfile", "allowUrlInLocalInfile",
	        "socketFactory=", "sslfactory=", "INIT=", "queryInterceptors", "statementInterceptors",
	        "clientRerouteServerListJNDIName", "loggerFile=", "jaasApplicationName", "enableLoadLocalInfile"};

	if (!gb_span_starts(text, GB_SPAN("jdbc:")))
		return false;
	text = gb_span_sub(text, 0, 512);
	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
		const struct gb_span name = gb_span_cstr(parameters[i]);
		const size_t at = gb_bytes_find_text(text, name, 6);

		if (at != SIZE_MAX) {
			*hit = (struct gb_detect_hit){.reason = "request_driver", .from = at, .length = name.n};
			return true;
		}
	}
	return false;
}

bool gb_request_judge_text(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text;

	if ((input->mask & GB_BYTE_SPACE) != 0 &&
	        ((input->mask & GB_BYTE_COLON) != 0 && (judge_field(input, hit) || judge_request_line(input, hit))))
		return true;
	if (gb_span_starts(text, GB_SPAN("#EXTM3U")))
		return judge_lines(input, hit);
	if (gb_span_starts(text, GB_SPAN("push graphic-context")) || gb_span_starts(text, GB_SPAN("fill 'url(")))
		return judge_drawing(input, hit);
	return judge_driver(text, hit);
}
