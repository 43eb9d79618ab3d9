/* SPDX-License-Identifier: Apache-2.0 */
/*
 * firewall: the verdict on one event: what the inspection finds, weighed by the policy (modes, exceptions, limits, lists
 * of source addresses). Pure: no I/O, no allocation; any thread with its own scratch.
 */
#ifndef GB_FIREWALL_FIREWALL_H
#define GB_FIREWALL_FIREWALL_H

#include "base/text.h"
#include "inspect/inspect.h"
#include "policy/firewall.h"
#include "wire/input.h"

struct gb_firewall {
	const struct gb_policy *policy; /* taken by gb_policy_firewall_open(), or NULL: the defaults */
	enum gb_mode mode; /* of the control, capped by the posture; off: strings are told, nothing is judged */
};

#define GB_FIREWALL_ADDRESS_BYTES 64u

struct gb_firewall_verdict {
	bool is_blocked;
	struct gb_inspect_report report;             /* without what exceptions let through */
	enum gb_mode modes[GB_INSPECT_FINDINGS_MAX]; /* what is done about each finding */
	uint32_t tags[GB_INSPECT_FINDINGS_MAX];      /* of the exclusion by which it is no more than that; 0: none */
	/* When report.is_limited: the first of the budgets, and what is done about it. */
	enum gb_inspect_limit limit;
	enum gb_mode limit_mode;
	/* The client, as the policy's rules find it; empty: not known. */
	char client[GB_FIREWALL_ADDRESS_BYTES];
	size_t client_n;
	const struct gb_blob_source_list *source; /* the list that the client is on, or NULL */
	enum gb_mode source_mode;                 /* off when that list allows */
};

/* Judge EVENT. IS_WHOLE: nothing of it is missing. Of LISTENER (or NULL) on_string, on_detector, context and
 * forced_shape are used. Always fills *ret_verdict, whose spans point into EVENT, SCRATCH and the policy. */
void gb_firewall_judge(const struct gb_firewall *firewall, struct gb_span event, bool is_whole,
        const struct gb_inspect_options *listener, struct gb_inspect_scratch *scratch,
        struct gb_firewall_verdict *ret_verdict);

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80" → 16 bytes, IPv4 in its mapped form. */
bool gb_firewall_address_parse(struct gb_span text, unsigned char ret_ip[16]);

/* Text of the client address of a request by POLICY's rules; empty when there is none. PEER is the address that the
 * event's own fields tell. */
struct gb_span gb_firewall_client(const struct gb_policy *policy, enum gb_event_shape shape,
        const struct gb_inspect_head *head, struct gb_span peer);

/* What of a value a log line may show. */
struct gb_firewall_shown {
	struct gb_span value;
	size_t from, length;   /* the convicting bytes, or what stands for them */
	bool is_masked;        /* something is missing */
	bool is_wholly_masked; /* everything is */
};

#define GB_FIREWALL_SHOWN_BYTES 2304u

/* Mask the value of STRING as REDACTION says; at keys that name secrets nothing is shown. *ret_shown points into it or BUFFER. */
void gb_firewall_redact(enum gb_blob_redaction redaction, const struct gb_input_string *string, size_t from,
        size_t length, char buffer[GB_FIREWALL_SHOWN_BYTES], struct gb_firewall_shown *ret_shown);

/* Whether PATH leads through a name like password, token or cookie. */
bool gb_firewall_is_secret(struct gb_span path);

#endif
