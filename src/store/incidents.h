/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/incidents: findings that belong together. All findings of one request do; so do those of one attacker (an address
 * in an account) that follow each other within GB_INCIDENT_QUIET_MS. What a person has closed is not opened again by
 * what comes later: that begins a new one.
 */
#ifndef GB_STORE_INCIDENTS_H
#define GB_STORE_INCIDENTS_H

#include "store/events.h"

#define GB_INCIDENT_QUIET_MS       (30 * 60 * 1000)
#define GB_INCIDENT_EVENTS_MAX     1000u /* that an incident names; more are only counted */
#define GB_INCIDENT_TECHNIQUES_MAX 32u

struct gb_incident {
	int64_t id;
	struct gb_span kind; /* "request", "attacker" */
	struct gb_span title, account, source_ip, request;
	int64_t function; /* of its first event */
	int64_t first, last;
	enum gb_event_severity severity; /* the greatest */
	int64_t events, blocked;
	struct gb_span techniques; /* JSON list of ATT&CK ids, in the order in which they were seen first */
	int64_t status;            /* as of events */
};

/* Spans live until it returns. Results as those of gb_sql_row. */
typedef int gb_incident_row(void *context, const struct gb_incident *incident);

/* What a finding says beside what the store has of it. */
struct gb_incident_finding {
	struct gb_span account, message;
	const struct gb_span *techniques;
	size_t technique_count;
};

/* Join EVENT to the incident that it belongs to, or open one: *ret_incident is its number, 0 when it names neither a request
 * nor an address. In the caller's transaction; to be told once of each event. */
__attribute__((warn_unused_result)) int gb_incident_join(struct gb_store *store, const struct gb_event *event,
        const struct gb_incident_finding *finding, int64_t *ret_incident, struct gb_diag *diag);

struct gb_incident_filter {
	int64_t from, before, function; /* by the time of their last event; 0: whatever */
	struct gb_span source_ip;
	enum gb_event_severity severity_min;
	int64_t status_plus_1;
	struct gb_event_cursor behind; /* time and id of the last one of the page before */
};

/* The latest first. An incident is in scope when the function of its first event is. Result: how many, or an error. */
__attribute__((warn_unused_result)) int gb_incidents_list(struct gb_store *store, const struct gb_scope *scope,
        const struct gb_incident_filter *filter, size_t limit, gb_incident_row *on_row, void *context,
        struct gb_diag *diag);

/* One. 1, or 0 when there is none in scope. */
__attribute__((warn_unused_result)) int gb_incident_get(struct gb_store *store, const struct gb_scope *scope,
        int64_t id, gb_incident_row *on_row, void *context, struct gb_diag *diag);

/* Its events in the order of time, as far as they are in scope and not gone, at most LIMIT. */
__attribute__((warn_unused_result)) int gb_incident_events(struct gb_store *store, const struct gb_scope *scope,
        int64_t id, size_t limit, gb_event_row *on_event, void *context, struct gb_diag *diag);

/* The incident of an event: 1 and *ret_id, or 0. */
__attribute__((warn_unused_result)) int gb_incident_of_event(
        struct gb_store *store, const unsigned char id[GB_EVENT_ID_BYTES], int64_t *ret_id, struct gb_diag *diag);

/* 1, or 0 when there is none in scope. */
__attribute__((warn_unused_result)) int gb_incident_set_status(
        struct gb_store *store, const struct gb_scope *scope, int64_t id, int64_t status, struct gb_diag *diag);

/* Forget those whose last event is before BEFORE. Result: how many (bounded; call again when it is 1000), or an error. */
__attribute__((warn_unused_result)) int gb_incidents_retain(
        struct gb_store *store, int64_t before, struct gb_diag *diag);

#endif
