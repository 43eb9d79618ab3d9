/* SPDX-License-Identifier: Apache-2.0 */
/* Commands, regular expressions, calls of cloud APIs, HTTP requests: added to a document after a check. */
#include "policyc/policyc.h"

#include "base/text.h"
#include "base/arena.h"
#include "policyc/pattern.h"
#include "policyc/regex.h"
#include "policyc/template.h"

#include <errno.h>

#define METHOD_BYTES_MAX 20u

static int complain(struct gb_diag *diag, const char *noun, struct gb_span text, const char *what)
{
	return gb_diag_set(diag, -EINVAL, 0, 0, "%s '%.*s': %s", noun, (int)(text.n < 100 ? text.n : 100),
	        (const char *)text.p, what);
}

int gb_policyc_add_regex(struct gb_policyc_document *document, struct gb_policyc_patterns *list, struct gb_span regex,
        struct gb_diag *diag)
{
	struct gb_arena *arena;
	struct gb_regex_automaton automaton;
	struct gb_regex_node *node;
	int r;

	if (regex.n == 0)
		return complain(diag, "regex", regex, "is empty");
	if (regex.n > GB_POLICYC_PATTERN_BYTES_MAX)
		return complain(diag, "regex", regex, "is longer than 1024 bytes");
	if (document->regex_count++ >= GB_POLICYC_REGEXES_MAX)
		return complain(diag, "regex", regex, "is one of more than 1000; several make one by '|'");
	arena = gb_arena_new();
	if (arena == NULL)
		return -ENOMEM;
	r = gb_regex_parse(arena, regex, &node, diag);
	if (r == 0)
		r = gb_regex_compile(arena, node, &automaton, diag);
	gb_arena_free(arena);
	if (r < 0)
		return r;
	return gb_policyc_patterns_add(document, list, regex, GB_POLICYC_REGEX);
}

int gb_policyc_add_command(struct gb_policyc_document *document, struct gb_policyc_patterns *list,
        struct gb_span command, struct gb_diag *diag)
{
	struct gb_policyc_template template;
	int r;

	if (gb_span_trim(command).n == 0)
		return complain(diag, "command", command, "is empty");
	if (command.n > GB_POLICYC_PATTERN_BYTES_MAX)
		return complain(diag, "command", command, "is longer than 1024 bytes");
	r = gb_policyc_template_parse(command, true, &template, diag);
	return r < 0 ? r : gb_policyc_patterns_add(document, list, command, GB_POLICYC_GLOB);
}

static bool is_word_byte(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '-' || c == '*';
}

static const char *action_fault(struct gb_span action)
{
	size_t colon = gb_span_find_byte(action, ':', 0);

	if (colon == SIZE_MAX || colon == 0 || colon + 1 == action.n || action.n > 128)
		return "must be 'service:Action', as in IAM: s3:GetObject, dynamodb:*";
	for (size_t i = 0; i < action.n; i++) {
		unsigned char c = action.p[i];

		if (i != colon && !is_word_byte(c))
			return "may have letters, digits, '-' and '*' beside one ':'";
		if (i < colon && c >= 'A' && c <= 'Z')
			return "has its service in lower case";
	}
	return NULL;
}

/* `*` or arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, the first five closed by colons. */
static const char *arn_fault(struct gb_span arn)
{
	size_t colons = 0, stars = 0;

	if (gb_span_equal(arn, GB_SPAN("*")))
		return NULL;
	if (!gb_span_starts(arn, GB_SPAN("arn:")))
		return "must be an ARN or '*': arn:aws:s3:::bucket/*";
	if (arn.n > GB_POLICYC_PATTERN_BYTES_MAX)
		return "is longer than 1024 bytes";
	for (size_t i = 0; i < arn.n; i++) {
		if (arn.p[i] <= ' ' || arn.p[i] == 0x7f)
			return "has a blank or control character";
		colons += arn.p[i] == ':';
		stars += arn.p[i] == '*' && arn.p[i - 1] != '*';
	}
	if (colons < 5)
		return "has fewer than six parts: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE";
	return stars > GB_POLICYC_STARS_MAX ? "has more than 8 wildcards" : NULL;
}

int gb_policyc_add_api(struct gb_policyc_document *document, struct gb_policyc_entry *entry, struct gb_span action,
        struct gb_policyc_api **ret_api, struct gb_diag *diag)
{
	const char *fault = action_fault(action);
	struct gb_policyc_api api = {.origin = document->at};

	if (fault != NULL)
		return complain(diag, "action", action, fault);
	api.action = gb_policyc_copy(document, action);
	if (api.action == NULL || gb_arena_grow(document->arena, &entry->apis, entry->api_count, &entry->api_cap,
	                                  sizeof(*entry->apis)) < 0)
		return -ENOMEM;
	entry->apis[entry->api_count] = api;
	*ret_api = &entry->apis[entry->api_count++];
	return 0;
}

int gb_policyc_add_resource(
        struct gb_policyc_document *document, struct gb_policyc_api *api, struct gb_span arn, struct gb_diag *diag)
{
	const char *fault = arn_fault(arn);

	if (fault != NULL)
		return complain(diag, "resource", arn, fault);
	return gb_policyc_patterns_add(document, &api->resources, arn, GB_POLICYC_GLOB);
}

static const char *method_fault(struct gb_span method)
{
	if (method.n > METHOD_BYTES_MAX)
		return "is longer than 20 bytes";
	for (size_t i = 0; i < method.n; i++)
		if ((method.p[i] < 'A' || method.p[i] > 'Z') && method.p[i] != '-')
			return "has capital letters only: GET, POST; leave it out for any";
	return NULL;
}

static const char *request_path_fault(struct gb_span path)
{
	size_t stars = 0;

	if (path.p[0] != '/')
		return "must begin with '/'";
	if (path.n > GB_POLICYC_PATTERN_BYTES_MAX)
		return "is longer than 1024 bytes";
	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] <= ' ' || path.p[i] == 0x7f || path.p[i] == '?' || path.p[i] == '#')
			return "has a blank, a control character, '?' or '#'; the query is no part of it";
		if (path.p[i] != '*')
			continue;
		if (i >= 2 && path.p[i - 1] == '*' && path.p[i - 2] == '*')
			return "has three stars in a row; '*' is within a segment, '**' across segments";
		stars += path.p[i - 1] != '*';
	}
	return stars > GB_POLICYC_STARS_MAX ? "has more than 8 wildcards" : NULL;
}

int gb_policyc_add_request(struct gb_policyc_document *document, struct gb_policyc_entry *entry, struct gb_span method,
        struct gb_span host, struct gb_span path, struct gb_policyc_http **ret_request, struct gb_diag *diag)
{
	struct gb_policyc_http request = {.origin = document->at};
	const char *fault = method_fault(method);

	if (fault != NULL)
		return complain(diag, "method", method, fault);
	fault = host.n == 0 ? NULL : gb_policyc_host_fault(host);
	if (fault != NULL)
		return complain(diag, "host", host, fault);
	fault = path.n == 0 ? NULL : request_path_fault(path);
	if (fault != NULL)
		return complain(diag, "path", path, fault);
	request.method = method.n == 0 ? NULL : gb_policyc_copy(document, method);
	request.host.text = host.n == 0 ? NULL : gb_policyc_copy(document, host);
	request.path.text = path.n == 0 ? NULL : gb_policyc_copy(document, path);
	if ((method.n != 0 && request.method == NULL) || (host.n != 0 && request.host.text == NULL) ||
	        (path.n != 0 && request.path.text == NULL) ||
	        gb_arena_grow(document->arena, &entry->requests, entry->request_count, &entry->request_cap,
	                sizeof(*entry->requests)) < 0)
		return -ENOMEM;
	entry->requests[entry->request_count] = request;
	*ret_request = &entry->requests[entry->request_count++];
	return 0;
}
