/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/remote_follow.h"

#include "base/cleanup.h"
#include "cmd/gambeson/screen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ID_BYTES      26u
#define RECENT_MAX    512u /* as many as a list has */
#define LINE_MAX_     (1024u * 1024u)
#define WAIT_FIRST_MS 500u
#define WAIT_MAX_MS   30000u

struct following {
	struct gb_remote *remote;
	const char *(*query)(struct gb_remote *remote, void *context, const char *path);
	void *context;
	char recent[RECENT_MAX][ID_BYTES + 1]; /* what was listed: the stream may tell it again */
	size_t recent_count;
	char *line; /* what has come of one */
	size_t n;
	char told[24], last[24]; /* numbers: of the event that is being told, of the last one; "": none */
	bool is_begun;           /* the stream; what comes from now on is told */
	bool was_begun;          /* ever */
	int status;
};

static void print_event(const json_t *event, bool is_json)
{
	static const char *const members[] = {"time", "severity", "action", "function_name", "message"};

	if (is_json) {
		gb_remote_print_line(event);
		return;
	}
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const char *text = json_string_value(json_object_get(event, members[i]));

		if (text != NULL && text[0] != '\0') {
			(void)gb_screen_text(stdout, gb_span_cstr(text));
			(void)fputs("  ", stdout);
		}
	}
	(void)putchar('\n');
}

static bool is_recent(const struct following *following, const json_t *event)
{
	const char *id = json_string_value(json_object_get(event, "id"));

	for (size_t i = 0; id != NULL && i < following->recent_count && i < RECENT_MAX; i++)
		if (strcmp(following->recent[i], id) == 0)
			return true;
	return id == NULL;
}

static void remember(struct following *following, const json_t *event)
{
	(void)snprintf(following->recent[following->recent_count++ % RECENT_MAX], ID_BYTES + 1, "%s",
	        json_string_value(json_object_get(event, "id")));
}

/* What is there, once the stream has begun: so nothing falls between the two. */
static int list(struct following *following)
{
	struct gb_remote *remote = following->remote;
	json_t *answer = NULL;
	const json_t *events;
	const char *path = following->query(remote, following->context, "/v1/events");
	int status = gb_remote_ask(remote, "GET", path, NULL, &answer);

	events = json_object_get(answer, "events");
	for (size_t i = json_array_size(events); status == GB_EXIT_OK && i > 0; i--) {
		const json_t *event = json_array_get(events, i - 1);

		if (is_recent(following, event))
			continue;
		remember(following, event);
		print_event(event, remote->is_json);
	}
	json_decref(answer);
	return status;
}

/* One line of the stream: a comment, `id: N`, or `data: {…}`. */
static int take_line(struct following *following, struct gb_span line)
{
	json_t *event;
	uint64_t number;

	if (!following->is_begun && gb_span_starts(line, GB_SPAN(":"))) {
		following->is_begun = following->was_begun = true;
		following->status = following->last[0] == '\0' ? list(following) : GB_EXIT_OK;
		return following->status;
	}
	/* It goes back to the server in a header: nothing but a number does. */
	if (gb_span_starts(line, GB_SPAN("id: ")) && gb_span_to_u64(gb_span_sub(line, 4, SIZE_MAX), &number))
		(void)snprintf(
		        following->told, sizeof(following->told), "%.*s", (int)(line.n - 4), (const char *)line.p + 4);
	if (!gb_span_starts(line, GB_SPAN("data: ")))
		return 0;
	event = json_loadb((const char *)line.p + 6, line.n - 6, 0, NULL);
	if (!is_recent(following, event))
		print_event(event, following->remote->is_json);
	json_decref(event);
	memcpy(following->last, following->told, sizeof(following->last));
	return 0;
}

static int on_body(void *context, struct gb_span piece)
{
	struct following *following = context;
	int r = 0;

	while (r == 0 && piece.n > 0) {
		size_t feed = gb_span_find_byte(piece, '\n', 0), n = feed == SIZE_MAX ? piece.n : feed;
		char *grown = following->n + n > LINE_MAX_ ? NULL : realloc(following->line, following->n + n + 1);

		if (grown == NULL) {
			following->status = gb_complain(following->remote->command, GB_EXIT_SYSTEM,
			        "%s tells an event without an end", following->remote->server);
			return -1;
		}
		following->line = grown;
		memcpy(grown + following->n, piece.p, n);
		following->n += n;
		if (feed == SIZE_MAX)
			break;
		r = take_line(following, gb_span_of(grown, following->n));
		following->n = 0;
		piece = gb_span_sub(piece, feed + 1, SIZE_MAX);
	}
	return r != 0 || fflush(stdout) != 0 ? -1 : 0;
}

/* One connection, to its end. */
static int listen_once(struct following *following, int *ret_error, struct gb_diag *diag)
{
	struct gb_remote *remote = following->remote;
	const char *made = following->query(remote, following->context, "/v1/events/stream");
	GB_CLEANUP(gb_freep) char *path = made == NULL ? NULL : strdup(made); /* listing gives its memory back */
	int status;

	following->is_begun = false;
	following->n = 0;
	status = gb_remote_stream(
	        remote, path, following->last[0] != '\0' ? following->last : NULL, on_body, following, ret_error, diag);
	return status == GB_EXIT_OK ? following->status : status;
}

int gb_remote_follow(struct gb_remote *remote,
        const char *(*query)(struct gb_remote *remote, void *context, const char *path), void *context)
{
	struct following *following = calloc(1, sizeof(*following));
	int status = GB_EXIT_OK;

	if (following == NULL)
		return gb_complain(remote->command, GB_EXIT_SYSTEM, "out of memory");
	*following = (struct following){.remote = remote, .query = query, .context = context};
	for (unsigned ms = WAIT_FIRST_MS; status == GB_EXIT_OK && ferror(stdout) == 0;
	        ms = ms * 2 < WAIT_MAX_MS ? ms * 2 : WAIT_MAX_MS) {
		struct gb_diag diag = {0};
		int error = 0;

		status = listen_once(following, &error, &diag);
		if (status != GB_EXIT_OK)
			break;
		if (error == -EINVAL || error == -ENOMEM || (error < 0 && !following->was_begun))
			status = gb_complain(
			        remote->command, GB_EXIT_SYSTEM, "%s%s", diag.message, gb_remote_hint(remote, error));
		else if (error < 0)
			(void)gb_complain(remote->command, GB_EXIT_SYSTEM, "%s; trying again", diag.message);
		if (following->is_begun)
			ms = WAIT_FIRST_MS;
		(void)nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}, NULL);
	}
	free(following->line);
	free(following);
	return status;
}
