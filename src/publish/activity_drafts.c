/* SPDX-License-Identifier: Apache-2.0 */
/* Exclusions for an activity, from exactly that to more than it. */
#include "publish/exceptions.h"

#include "activity/address.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

#define NEVER  "this is never learned, however often it is seen: it undoes what keeps functions apart"
#define FOLDER "functions do not make up the names there: it takes in every file, whoever put it there"
#define KIND   "every activity of this kind passes, whatever it is about"
#define CUT    "the log holds the beginning of it only: it takes in whatever begins so"

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text == NULL ? "" : text;
}

/* What matches PATH and no other: a star of its own can be said in a regular expression only. */
static json_t *literal_path(const char *path)
{
	char room[2200];
	struct gb_text text = gb_text_on(room, sizeof(room));

	if (strchr(path, '*') == NULL)
		return json_string(path);
	for (const char *c = path; *c != '\0'; c++) {
		if (strchr("\\^$.|?*+()[]{}/-", *c) != NULL && *c != '/')
			gb_text_add_byte(&text, '\\');
		gb_text_add_byte(&text, (unsigned char)*c);
	}
	return text.truncated ? NULL : json_pack("{s:s%}", "regex", text.p, text.n);
}

static json_t *files(const char *list, json_t *pattern)
{
	return pattern == NULL ? NULL : json_pack("{s:{s:[o]}}", "files", list, pattern);
}

/* A text of an argument's shape that stands for itself. */
static json_t *literal_argument(const char *argument)
{
	char room[8200];
	struct gb_text text = gb_text_on(room, sizeof(room));

	for (const char *c = argument; *c != '\0'; c++) {
		if (*c == '<' || *c == '*' || *c == '\\')
			gb_text_add_byte(&text, '\\');
		gb_text_add_byte(&text, (unsigned char)*c);
	}
	return text.truncated ? NULL : json_stringn(text.p, text.n);
}

static json_t *process(const json_t *activity, bool has_arguments)
{
	const json_t *arguments = json_object_get(activity, "arguments");
	bool is_cut = json_is_true(json_object_get(activity, "cut"));
	const char *path = text_of(activity, "subject"), *name = json_string_value(json_array_get(arguments, 0));
	const char *slash = strrchr(path, '/'), *own = name == NULL ? NULL : strrchr(name, '/');
	json_t *one = json_pack("{s:s}", "executable", path), *list = json_array();
	/* The last that is shown may be a part. */
	size_t count = json_array_size(arguments), shown = is_cut && count > 1 ? count - 1 : count;

	own = own == NULL ? name : own + 1;
	if (own != NULL && own[0] != '\0' && slash != NULL && strcmp(slash + 1, own) != 0)
		(void)json_object_set_new(one, "name", json_string(own));
	for (size_t i = 1; i < shown; i++)
		(void)json_array_append_new(list, literal_argument(json_string_value(json_array_get(arguments, i))));
	if (is_cut)
		(void)json_array_append_new(list, json_string("**"));
	if (has_arguments && count != 0)
		(void)json_object_set(one, "arguments", list);
	json_decref(list);
	return json_pack("{s:[o]}", "processes", one);
}

static const char *list_of(enum gb_activity_kind kind)
{
	if (kind == GB_ACTIVITY_FILE_READ)
		return "read";
	if (kind == GB_ACTIVITY_FILE_WRITE || kind == GB_ACTIVITY_FILE_DELETE || kind == GB_ACTIVITY_FILE_MODE)
		return "write";
	return kind == GB_ACTIVITY_LIBRARY_MAP ? "map" : NULL;
}

static bool is_connection(enum gb_activity_kind kind)
{
	return kind == GB_ACTIVITY_NET_CONNECT || kind == GB_ACTIVITY_NET_SEND;
}

static bool is_address(const char *text)
{
	struct gb_address address;

	return gb_address_of_text(gb_span_cstr(text), &address);
}

static json_t *request(const char *subject, const char *object)
{
	const char *host = strchr(subject, ' ');
	json_t *one;

	if (host == NULL)
		return NULL;
	one = json_pack("{s:s%, s:s}", "method", subject, (size_t)(host - subject), "host", host + 1);
	if (object[0] != '\0')
		(void)json_object_set_new(one, "path", literal_path(object));
	return json_pack("{s:[o]}", "http", one);
}

static json_t *address(const char *subject)
{
	char room[300];

	(void)snprintf(room, sizeof(room), "unix:%.280s", subject);
	return json_pack("{s:[s]}", "addresses", subject[0] == '/' || subject[0] == '@' ? room : subject);
}

static json_t *api(const char *action, const char *resource)
{
	return resource[0] == '\0'
	               ? json_pack("{s:[{s:s}]}", "awsApis", "action", action)
	               : json_pack("{s:[{s:s, s:[s]}]}", "awsApis", "action", action, "resources", resource);
}

json_t *gb_publish_entry_of(const json_t *activity)
{
	const char *word = text_of(activity, "kind"), *subject = text_of(activity, "subject"),
	           *object = text_of(activity, "object");
	enum gb_activity_kind kind = gb_activity_kind_of_name(gb_span_cstr(word));
	bool is_cut = json_is_true(json_object_get(activity, "cut"));

	if (kind == GB_ACTIVITY_NONE || (is_cut && kind != GB_ACTIVITY_PROCESS_START))
		return NULL;
	if (list_of(kind) != NULL)
		return files(list_of(kind), literal_path(subject));
	if (kind == GB_ACTIVITY_FILE_RENAME)
		return json_pack("{s:{s:[o, o]}}", "files", "write", literal_path(subject), literal_path(object));
	if (kind == GB_ACTIVITY_FILE_LINK)
		return json_pack(
		        "{s:{s:[o], s:[o]}}", "files", "read", literal_path(subject), "write", literal_path(object));
	/* Elsewhere a star of its own would be a pattern. */
	if (strchr(subject, '*') != NULL)
		return NULL;
	if (kind == GB_ACTIVITY_PROCESS_START)
		return process(activity, true);
	if (strchr(object, '*') != NULL && kind != GB_ACTIVITY_HTTP_REQUEST)
		return NULL;
	/* What is none, whatever its name, no entry matches. */
	if (is_connection(kind) && !is_address(subject))
		return NULL;
	if (is_connection(kind))
		return object[0] != '\0' ? json_pack("{s:[s]}", "hosts", object) : address(subject);
	if (kind == GB_ACTIVITY_NAME_LOOKUP)
		return json_pack("{s:[s]}", "hosts", subject);
	if (kind == GB_ACTIVITY_AWS_API)
		return api(subject, object);
	if (kind == GB_ACTIVITY_HTTP_REQUEST)
		return request(subject, object);
	return json_pack("{s:[s]}", "kinds", word);
}

static void drafts_of_file(struct gb_drafts *drafts, const char *list, const char *path)
{
	static const char *const verbs[] = {"read", "write", "map"};
	const char *verb = verbs[strcmp(list, "read") == 0    ? 0
	                         : strcmp(list, "write") == 0 ? 1
	                                                      : 2],
	           *slash = strrchr(path, '/');
	struct gb_span pattern = GB_SPAN_EMPTY, folder = gb_span_of(path, slash == NULL ? 0 : (size_t)(slash - path));
	struct gb_title all = gb_title_of(path), place;
	char room[1100];
	const char *warning;

	if (gb_learn_path_pattern(drafts->arena, drafts->boundaries, gb_span_cstr(path), &pattern) == 0 &&
	        !gb_span_equal(pattern, gb_span_cstr(path)) && strchr(path, '*') == NULL)
		gb_drafts_add(drafts, files(list, json_stringn((const char *)pattern.p, pattern.n)), NULL,
		        "Let it %s %s with any name in the place of those that are made up", verb, all.text);
	if (folder.n == 0 || folder.n > 1000 || strchr(path, '*') != NULL)
		return;
	(void)snprintf(room, sizeof(room), "%.*s/", (int)folder.n, path);
	place = gb_title_of(room);
	warning = gb_boundaries_vary(drafts->boundaries, gb_span_cstr(room)) == SIZE_MAX ? FOLDER : NULL;
	gb_drafts_add(drafts, files(list, json_pack("{s:s%}", "in", path, folder.n)), warning,
	        "Let it %s every file that lies directly in %s", verb, place.text);
	(void)snprintf(room, sizeof(room), "%.*s/*", (int)folder.n, path);
	gb_drafts_add(
	        drafts, files(list, json_string(room)), warning, "Let it %s every file below %s", verb, place.text);
}

static void drafts_of_address(struct gb_drafts *drafts, const char *subject, const char *object)
{
	const char *colon = strrchr(subject, ':'), *port = colon == NULL ? "" : colon + 1;
	struct gb_title host = gb_title_of(object), address = gb_title_of(subject);
	struct gb_address parsed;
	char block[200];
	bool is_own;

	if (!gb_address_of_text(gb_span_cstr(subject), &parsed) || parsed.family != GB_ADDRESS_IP || colon == NULL)
		return;
	if (object[0] != '\0')
		gb_drafts_add(drafts, json_pack("{s:[s]}", "addresses", subject),
		        "the name may have another address tomorrow", "Let it connect to %s, where %s was",
		        address.text, host.text);
	(void)snprintf(block, sizeof(block), "%.*s:*", (int)(colon - subject), subject);
	gb_drafts_add(drafts, json_pack("{s:[s]}", "addresses", block), "other services of that machine are taken in",
	        "Let it connect to %.*s at every port", (int)(colon - subject < 100 ? colon - subject : 100), subject);
	is_own = gb_boundaries_network(drafts->boundaries, parsed.ip);
	if (subject[0] != '[') {
		(void)snprintf(
		        block, sizeof(block), "%u.%u.%u.0/24:%.8s", parsed.ip[12], parsed.ip[13], parsed.ip[14], port);
		gb_drafts_add(drafts, json_pack("{s:[s]}", "addresses", block),
		        is_own ? NULL : "the addresses beside it may belong to anybody", "Let it connect to %s", block);
	}
}

static void drafts_of_host(struct gb_drafts *drafts, const char *name)
{
	const char *dot = strchr(name, '.');
	struct gb_title parent;
	char pattern[300];

	if (strchr(name, '*') != NULL || dot == NULL || dot[1] == '\0' || strlen(dot) > 250)
		return;
	(void)snprintf(pattern, sizeof(pattern), "*%s", dot);
	parent = gb_title_of(dot + 1);
	gb_drafts_add(drafts, json_pack("{s:[s]}", "hosts", pattern),
	        gb_boundaries_host(drafts->boundaries, gb_span_cstr(dot + 1))
	                ? "anybody can have a name below that one, an attacker too"
	                : NULL,
	        "Let it connect to every name below %s", parent.text);
}

static void drafts_of_process(struct gb_drafts *drafts, const json_t *activity)
{
	static const char *const interpreters[] = {"sh", "bash", "dash", "ash", "busybox", "env", "node", "perl", "php",
	        "ruby", "python", "xargs", "find", "awk", "timeout", "nohup"};
	const char *path = text_of(activity, "subject"), *slash = strrchr(path, '/');
	struct gb_title all = gb_title_of(path);
	const char *warning = "whatever its arguments are";

	if (strchr(path, '*') != NULL)
		return;
	for (size_t i = 0; slash != NULL && i < sizeof(interpreters) / sizeof(interpreters[0]); i++)
		if (strncmp(slash + 1, interpreters[i], strlen(interpreters[i])) == 0)
			warning = "it runs whatever it is told to: with this every command passes";
	gb_drafts_add(drafts, process(activity, false), warning, "Let it start %s with any arguments", all.text);
}

/* Exactly it. */
static void draft_itself(struct gb_drafts *drafts, const json_t *activity, enum gb_activity_kind kind)
{
	const char *subject = text_of(activity, "subject"), *object = text_of(activity, "object");
	bool is_by_object = object[0] != '\0' && kind != GB_ACTIVITY_AWS_API;
	struct gb_title name = gb_title_of(is_by_object ? object : subject), program = gb_title_of(subject);
	const char *warning = json_is_true(json_object_get(activity, "cut")) ? CUT : NULL;
	json_t *entry = gb_publish_entry_of(activity);
	bool is_kind = json_object_get(entry, "kinds") != NULL;

	if (gb_boundaries_never_of(drafts->boundaries, kind, gb_span_cstr(subject), gb_span_cstr(object)))
		warning = NEVER;
	else if (is_kind)
		warning = KIND;
	if (is_kind)
		gb_drafts_add(
		        drafts, entry, warning, "Let it do whatever is of the kind %s", text_of(activity, "kind"));
	else if (kind != GB_ACTIVITY_PROCESS_START)
		gb_drafts_add(drafts, entry, warning, "Let exactly this pass: %s", name.text);
	else if (json_array_size(json_object_get(activity, "arguments")) != 0)
		gb_drafts_add(drafts, entry, warning, "Let %s start with these arguments", program.text);
	else
		json_decref(entry);
}

void gb_drafts_of_activity(struct gb_drafts *drafts, const json_t *activity)
{
	const char *subject = text_of(activity, "subject"), *object = text_of(activity, "object");
	enum gb_activity_kind kind = gb_activity_kind_of_name(gb_span_cstr(text_of(activity, "kind")));
	struct gb_title name = gb_title_of(subject);

	draft_itself(drafts, activity, kind);
	if (list_of(kind) != NULL && !json_is_true(json_object_get(activity, "cut")))
		drafts_of_file(drafts, list_of(kind), subject);
	else if (kind == GB_ACTIVITY_PROCESS_START)
		drafts_of_process(drafts, activity);
	else if (is_connection(kind))
		drafts_of_address(drafts, subject, object);
	if (kind == GB_ACTIVITY_NAME_LOOKUP || (is_connection(kind) && object[0] != '\0' && is_address(subject)))
		drafts_of_host(drafts, kind == GB_ACTIVITY_NAME_LOOKUP ? subject : object);
	if (kind == GB_ACTIVITY_AWS_API && object[0] != '\0' && strchr(subject, '*') == NULL)
		gb_drafts_add(drafts, json_pack("{s:[{s:s}]}", "awsApis", "action", subject),
		        "every resource is taken in, also of other accounts", "Let it call %s on everything",
		        name.text);
}
