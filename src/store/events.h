/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/events: everything that was told of functions, newest first. An event is a line and what people filter by. What
 * the line says beside that (reason, subject, message …) is in the line only: parse `body` to show it.
 */
#ifndef GB_STORE_EVENTS_H
#define GB_STORE_EVENTS_H

#include "store/scope.h"

#define GB_EVENT_ID_BYTES  16u           /* a ULID as bytes, big end first */
#define GB_EVENT_BODY_MAX  (64u * 1024u) /* -EINVAL above */
#define GB_EVENT_BATCH_MAX 65536u        /* events of one gb_events_insert() */

enum gb_event_severity {
	GB_SEVERITY_NONE = 0,
	GB_SEVERITY_LOW,
	GB_SEVERITY_MEDIUM,
	GB_SEVERITY_HIGH,
	GB_SEVERITY_CRITICAL
};

/* The six things of few values by which events are counted. Their combinations are numbered in the table event_facets, at
 * most GB_FACETS_MAX; what a liar makes up beyond that is stored under the type "Other Event". Words over 64 bytes are cut. */
#define GB_FACETS_MAX 8192u
struct gb_event_facets {
	struct gb_span kind;    /* of the line: finding, notice, start … */
	struct gb_span type;    /* "SQL Injection Attack" … */
	struct gb_span class;   /* sqli … */
	struct gb_span control; /* firewall … */
	struct gb_span action;  /* blocked, observed */
	enum gb_event_severity severity;
};

struct gb_event {
	int64_t n; /* feed number; ignored when inserting */
	int64_t time;
	unsigned char id[GB_EVENT_ID_BYTES];
	int64_t function, version; /* of gb_functions_seen(); version 0: unknown */
	struct gb_event_facets facets;
	uint64_t sandbox;                  /* its 16 hexadecimal digits; 0: unknown */
	int64_t seq;                       /* -1: none */
	struct gb_span request, source_ip; /* empty: none; at most 128 and 64 bytes are kept */
	int64_t status;                    /* what people made of it: 0 new; others are the API's */
	struct gb_span body;               /* the line, without its line feed */
};

struct gb_events_inserted {
	size_t inserted;   /* new */
	size_t duplicates; /* stored already by an earlier batch, or twice in this one */
};

/* Store a batch, and count it for overview and time series in the same transaction: one of its own, or the one that the
 * caller has begun. An event whose (time, id) is there already is left out, counted nowhere twice: so a batch that was not
 * answered may be sent again. Durable when it, or the caller's commit, has returned 0. Time outside of 1970–2500: -EINVAL. */
__attribute__((warn_unused_result)) int gb_events_insert(struct gb_store *store, const struct gb_event *events,
        size_t count, struct gb_events_inserted *ret_inserted, struct gb_diag *diag);

/* Spans of EVENT live until it returns. 0: go on; positive: enough; negative: error. */
typedef int gb_event_row(void *context, const struct gb_event *event);

/* Lists mean any of these; an empty list, an empty span and 0 mean: whatever. All must hold. */
struct gb_span_list {
	const struct gb_span *items;
	size_t count;
};

struct gb_event_filter {
	int64_t from, before; /* from <= time < before */
	const int64_t *functions;
	size_t function_count;
	struct gb_span_list accounts, regions, names, groups; /* of the function */
	struct gb_span_list kinds, types, classes, controls, actions;
	enum gb_event_severity severity_min;
	struct gb_span request, source_ip; /* exactly */
	struct gb_span text;               /* anywhere in the body, ASCII letters of either case */
	int64_t status_plus_1;             /* status + 1; 0: whatever */
};

/* Where a page ends: after the event with this time and feed number. Zero: the newest. */
struct gb_event_cursor {
	int64_t time, n;
};

struct gb_event_page {
	struct gb_event_cursor next; /* give it to the next call */
	size_t count;                /* events handed out */
	bool is_end;                 /* nothing is behind NEXT */
};

/* Events newest first, by (time, n), behind CURSOR, at most LIMIT (≤ 1000). Work is bounded: where few of many match (text,
 * status, odd combinations) a page may have fewer events, or none, without being the end. */
__attribute__((warn_unused_result)) int gb_events_query(struct gb_store *store, const struct gb_scope *scope,
        const struct gb_event_filter *filter, struct gb_event_cursor cursor, size_t limit, gb_event_row *on_event,
        void *context, struct gb_event_page *ret_page, struct gb_diag *diag);

/* Whether TEXT, which is not empty, is anywhere in the event's body, ASCII letters of either case. */
bool gb_event_has_text(const struct gb_event *event, struct gb_span text);

/* One by its id. The time in the ULID is that of the event, up to a minute. 1, or 0 when there is none in scope. */
__attribute__((warn_unused_result)) int gb_event_get(struct gb_store *store, const struct gb_scope *scope,
        const unsigned char id[GB_EVENT_ID_BYTES], gb_event_row *on_event, void *context, struct gb_diag *diag);

/* What people made of it. 1, or 0 when there is none in scope. */
__attribute__((warn_unused_result)) int gb_event_set_status(struct gb_store *store, const struct gb_scope *scope,
        const unsigned char id[GB_EVENT_ID_BYTES], int64_t status, struct gb_diag *diag);

/* The feed: events with n > AFTER in the order in which they were committed, at most LIMIT (≤ 1000); none is ever
 * passed over, whoever writes at the same time. Numbers have gaps. Result: how many. */
__attribute__((warn_unused_result)) int gb_events_after(struct gb_store *store, const struct gb_scope *scope,
        int64_t after, size_t limit, gb_event_row *on_event, void *context, int64_t *ret_last, struct gb_diag *diag);

/* The feed number that was given last: where somebody begins who wants what is new. */
__attribute__((warn_unused_result)) int gb_events_last(struct gb_store *store, int64_t *ret_n, struct gb_diag *diag);

enum gb_event_group {
	GB_GROUP_NONE = 0,
	GB_GROUP_KIND,
	GB_GROUP_TYPE,
	GB_GROUP_CLASS,
	GB_GROUP_CONTROL,
	GB_GROUP_ACTION,
	GB_GROUP_SEVERITY, /* label "low" … "critical" */
	GB_GROUP_FUNCTION,
	GB_GROUP_ACCOUNT,
	GB_GROUP_REGION,
	/* Not from the counts: of the newest 50,000 events that have an address, about; where few match, of those among the newest 100,000 to
	 * 500,000 of all, as far as one gets in some 80 ms. Filtered by request, address, text or status, or by steps: of as many as can be
	 * read in some 150 ms. */
	GB_GROUP_SOURCE_IP,
	_GB_GROUP_MAX
};

struct gb_event_count {
	int64_t moment;   /* beginning of the step; 0 without steps */
	int64_t function; /* with GB_GROUP_FUNCTION */
	struct gb_span label;
	int64_t n;
};

typedef int gb_event_count_row(void *context, const struct gb_event_count *count);

/* Counts by group, and by steps of STEP_MS (a multiple of an hour; 0: none). From the counts kept by hour: FROM and
 * BEFORE of the filter are taken down and up to whole hours. Filters by request, source_ip, text and status are refused (-ENOTSUP)
 * but for GB_GROUP_SOURCE_IP; more than 200,000 counts are -E2BIG. Ordered by moment, then greatest first; at most LIMIT labels, the rest is added up under the
 * label "" of n (LIMIT 0: 100). */
__attribute__((warn_unused_result)) int gb_events_count(struct gb_store *store, const struct gb_scope *scope,
        const struct gb_event_filter *filter, enum gb_event_group group, int64_t step_ms, size_t limit,
        gb_event_count_row *on_count, void *context, struct gb_diag *diag);

/* ULID text (26 digits of Crockford's alphabet, either case) to bytes and back. */
bool gb_event_id_parse(struct gb_span text, unsigned char ret_id[GB_EVENT_ID_BYTES]);
void gb_event_id_print(const unsigned char id[GB_EVENT_ID_BYTES], char ret_text[26]);
struct gb_span gb_severity_name(enum gb_event_severity severity); /* "" for none */
enum gb_event_severity gb_severity_of(struct gb_span name);       /* NONE for what is none */

#endif
