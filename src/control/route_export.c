/* SPDX-License-Identifier: Apache-2.0 */
/* Events as they come: all of a filter as a file, and new ones as they are told. */
#include "control/csv.h"
#include "control/event_json.h"
#include "control/control.h"
#include "store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT_MAX      1000000u
#define EXPORT_PAGE     250u
#define FEED_PAGE       100u
#define FEED_MS         250u
#define FEED_COMMENT_MS 15000

/* What a stream goes by, with copies of all texts: the request may be gone before it. */
struct stream {
	struct gb_arena *arena; /* the stream's own */
	struct gb_event_query query;
	struct gb_scope scope;
	const struct gb_scope *seen; /* that, or NULL: everything */
	bool is_csv, is_begun, is_end;
	struct gb_event_cursor cursor;
	uint64_t told;
	int64_t after; /* feed number */
	int64_t quiet_since;
};

/* What one piece is made with. */
struct piece {
	struct stream *stream;
	struct gb_web_stream *out;
	struct gb_event_names names;
	struct gb_arena *arena;
};

static void stream_done(void *context)
{
	struct stream *stream = context;

	if (stream == NULL)
		return;
	gb_arena_free(stream->arena);
	free(stream);
}

static struct gb_span copy(struct gb_arena *arena, struct gb_span text, bool *is_short)
{
	unsigned char *bytes = gb_arena_take(arena, text.n + 1);

	if (bytes == NULL) {
		*is_short = true;
		return GB_SPAN_EMPTY;
	}
	if (text.n > 0)
		memcpy(bytes, text.p, text.n);
	return gb_span_of(bytes, text.n);
}

static const struct gb_span *copy_list(struct gb_arena *arena, const struct gb_span *list, size_t count, bool *is_short)
{
	struct gb_span *copies = gb_arena_take(arena, (count + 1) * sizeof(*copies));

	if (copies == NULL) {
		*is_short = true;
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		copies[i] = copy(arena, list[i], is_short);
	return copies;
}

/* QUERY points into itself and into the request: make it the stream's. */
static void own_query(struct stream *stream, const struct gb_event_query *query, bool *is_short)
{
	struct gb_event_query *own = &stream->query;
	struct {
		struct gb_span *text;
		struct gb_span_list *list;
	} lists[] = {{&own->account, &own->filter.accounts}, {&own->region, &own->filter.regions},
	        {&own->type, &own->filter.types}, {&own->class, &own->filter.classes},
	        {&own->control, &own->filter.controls}, {&own->action, &own->filter.actions}};

	*own = *query;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		*lists[i].text = copy(stream->arena, *lists[i].text, is_short);
		lists[i].list->items = lists[i].text;
	}
	own->filter.functions = &own->function;
	own->filter.request = copy(stream->arena, query->filter.request, is_short);
	own->filter.source_ip = copy(stream->arena, query->filter.source_ip, is_short);
	own->filter.text = copy(stream->arena, query->filter.text, is_short);
}

static struct stream *stream_new(const struct gb_call *call, const struct gb_event_query *query)
{
	struct stream *stream = calloc(1, sizeof(*stream));
	const struct gb_scope *scope = call->actor->scope;
	bool is_short = false;

	if (stream == NULL)
		return NULL;
	stream->arena = gb_arena_new();
	if (stream->arena == NULL) {
		free(stream);
		return NULL;
	}
	own_query(stream, query, &is_short);
	if (scope != NULL) {
		stream->seen = &stream->scope;
		stream->scope = *scope;
		stream->scope.accounts = copy_list(stream->arena, scope->accounts, scope->account_count, &is_short);
		stream->scope.tags = copy_list(stream->arena, scope->tags, scope->tag_count, &is_short);
	}
	if (!is_short)
		return stream;
	stream_done(stream);
	return NULL;
}

/* An event as text: added whole or not at all, for what is full in its midst would be said again from its beginning. */
struct whole {
	FILE *file;
	char *text;
	size_t n;
};

static int whole_begin(struct whole *whole)
{
	*whole = (struct whole){.n = 0};
	whole->file = open_memstream(&whole->text, &whole->n);
	return whole->file == NULL ? -ENOMEM : 0;
}

static int whole_end(struct whole *whole, struct gb_web_stream *out)
{
	bool is_short = ferror(whole->file) != 0;
	int r = fclose(whole->file) != 0 || is_short ? -ENOMEM
	                                             : gb_web_stream_add(out, gb_span_of(whole->text, whole->n));

	free(whole->text);
	return r;
}

static int add_json(struct piece *piece, const struct gb_event *event, const char *before, const char *behind)
{
	json_t *object = gb_event_json(&piece->names, event, false);
	struct whole whole;
	int r = object == NULL ? -ENOMEM : whole_begin(&whole);

	if (r == 0) {
		(void)fputs(before, whole.file);
		(void)json_dumpf(object, whole.file, JSON_COMPACT);
		(void)fputs(behind, whole.file);
		r = whole_end(&whole, piece->out);
	}
	json_decref(object);
	return r;
}

static const char *const csv_columns[] = {"time", "id", "account", "region", "function_name", "type", "class",
        "control", "action", "severity", "reason", "source_ip", "request", "subject", "message", "status"};

#define CSV_COLUMNS (sizeof(csv_columns) / sizeof(csv_columns[0]))

static int add_row(struct piece *piece, const struct gb_event *event)
{
	json_t *object = gb_event_json(&piece->names, event, false);
	struct whole whole;
	int r = object == NULL ? -ENOMEM : whole_begin(&whole);

	for (size_t i = 0; r == 0 && i < CSV_COLUMNS; i++) {
		const char *text = json_string_value(json_object_get(object, csv_columns[i]));

		gb_csv_add(whole.file, text != NULL ? text : "", i + 1 == CSV_COLUMNS);
	}
	if (r == 0)
		r = whole_end(&whole, piece->out);
	json_decref(object);
	return r;
}

static int add_exported(void *context, const struct gb_event *event)
{
	struct piece *piece = context;
	int r = piece->stream->is_csv ? add_row(piece, event) : add_json(piece, event, "", "\n");

	if (r == -EMSGSIZE)
		return 1; /* the piece is full */
	if (r == 0) {
		piece->stream->cursor = (struct gb_event_cursor){event->time, event->n};
		piece->stream->told++;
	}
	return r;
}

static int add_head(struct stream *stream, struct gb_web_stream *out)
{
	struct whole whole;
	int r = whole_begin(&whole);

	for (size_t i = 0; stream->is_csv && r == 0 && i < CSV_COLUMNS; i++)
		gb_csv_add(whole.file, csv_columns[i], i + 1 == CSV_COLUMNS);
	stream->is_begun = true;
	return r < 0 ? r : whole_end(&whole, out);
}

static int produce_export(void *context, void *worker, struct gb_web_stream *out)
{
	struct stream *stream = context;
	struct piece piece = {.stream = stream, .out = out, .arena = gb_arena_new()};
	struct gb_event_page page = {0};
	int r = piece.arena == NULL ? -ENOMEM : stream->is_begun ? 0 : add_head(stream, out);

	if (r == 0) {
		gb_event_names_begin(&piece.names, worker, piece.arena);
		r = gb_events_query(worker, stream->seen, &stream->query.filter, stream->cursor, EXPORT_PAGE,
		        add_exported, &piece, &page, NULL);
	}
	gb_arena_free(piece.arena);
	if (r < 0)
		return r;
	if (page.count == 0)
		stream->cursor = page.next; /* nothing matched so far back: go on behind it */
	return page.is_end || stream->told >= EXPORT_MAX ? GB_WEB_END : GB_WEB_MORE;
}

static int export_events(struct gb_call *call)
{
	struct gb_event_query query;
	struct gb_span format = gb_call_query(call, "format");
	struct stream *stream;
	bool is_csv = gb_span_equal(format, GB_SPAN("csv"));
	int r;

	if (format.n != 0 && !is_csv && !gb_span_equal(format, GB_SPAN("ndjson")))
		return gb_call_problem(call, 400, "bad-value", "format: want ndjson or csv");
	if (gb_event_query_read(call, &query) < 0)
		return 0;
	r = gb_call_header(call, "Content-Disposition",
	        is_csv ? GB_SPAN("attachment; filename=\"events.csv\"")
	               : GB_SPAN("attachment; filename=\"events.ndjson\""));
	stream = r < 0 ? NULL : stream_new(call, &query);
	if (stream == NULL)
		return gb_call_failed(call, -ENOMEM, NULL);
	stream->is_csv = is_csv;
	return gb_call_stream(call, 200, is_csv ? "text/csv; charset=utf-8" : "application/x-ndjson",
	        (struct gb_web_source){.produce = produce_export, .done = stream_done, .context = stream});
}

static int add_told(void *context, const struct gb_event *event)
{
	struct piece *piece = context;
	char head[64];
	int r = 0;

	if (gb_event_query_matches(&piece->stream->query, &piece->names, event)) {
		(void)snprintf(head, sizeof(head), "event: event\nid: %" PRId64 "\ndata: ", event->n);
		r = add_json(piece, event, head, "\n\n");
	}
	if (r == -EMSGSIZE)
		return 1;
	if (r == 0) {
		piece->stream->after = event->n;
		piece->stream->told++;
	}
	return r;
}

static int produce_feed(void *context, void *worker, struct gb_web_stream *out)
{
	struct stream *stream = context;
	struct piece piece = {.stream = stream, .out = out, .arena = gb_arena_new()};
	int64_t last = stream->after, now = gb_store_now_ms(worker);
	int r;

	if (piece.arena == NULL)
		return -ENOMEM;
	gb_event_names_begin(&piece.names, worker, piece.arena);
	stream->told = 0;
	r = gb_events_after(worker, stream->seen, stream->after, FEED_PAGE, add_told, &piece, &last, NULL);
	gb_arena_free(piece.arena);
	if (r < 0)
		return r == -ECONNRESET || r == -EAGAIN ? GB_WEB_LATER : r;
	if (stream->told != 0 || !stream->is_begun || now - stream->quiet_since >= FEED_COMMENT_MS) {
		stream->quiet_since = now;
		if (stream->told == 0)
			r = gb_web_stream_add(out, GB_SPAN(":\n\n"));
	}
	stream->is_begun = true;
	return r < 0 ? r : stream->told == FEED_PAGE ? GB_WEB_MORE : GB_WEB_LATER;
}

static int stream_events(struct gb_call *call)
{
	struct gb_event_query query;
	struct gb_diag diag = {0};
	struct gb_span seen = gb_web_request_header(call->request, "Last-Event-ID");
	struct stream *stream;
	uint64_t after = 0;
	int64_t last = 0;
	int r = 0;

	if (gb_event_query_read(call, &query) < 0)
		return 0;
	if (seen.n == 0 || !gb_span_to_u64(seen, &after) || after > INT64_MAX) {
		r = gb_events_last(call->store, &last, &diag);
		after = (uint64_t)last;
	}
	stream = r < 0 ? NULL : stream_new(call, &query);
	if (stream == NULL)
		return gb_call_failed(call, r < 0 ? r : -ENOMEM, &diag);
	stream->after = (int64_t)after;
	return gb_call_stream(call, 200, "text/event-stream",
	        (struct gb_web_source){
	                .produce = produce_feed, .done = stream_done, .context = stream, .later_ms = FEED_MS});
}

const struct gb_route gb_routes_export[] = {
        {.method = "GET",
                .path = "/v1/events/export",
                .handle = export_events,
                .operation_id = "exportEvents",
                .role = GB_ROLE_ANALYST,
                .scope = "events:read"},
        {.method = "GET",
                .path = "/v1/events/stream",
                .handle = stream_events,
                .operation_id = "streamEvents",
                .role = GB_ROLE_VIEWER,
                .scope = "events:read"},
        {0},
};
