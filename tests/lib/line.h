/* SPDX-License-Identifier: Apache-2.0 */
/* What an agent would write into its lines, for tests and benchmarks: the contents are the same everywhere. */
#ifndef GB_TESTS_LINE_H
#define GB_TESTS_LINE_H

#include "wire/event.h"

static inline struct gb_event_head line_head(uint64_t seq, uint64_t time_ms, const char *sandbox)
{
	return (struct gb_event_head){.seq = seq,
	        .time_ms = time_ms,
	        .request = GB_SPAN("6f1de2a0-1111-4222-8333-444455556666"),
	        .sandbox = gb_span_of(sandbox, GB_EVENT_SANDBOX_CHARS)};
}

static inline struct gb_event_start line_start(const char *function, struct gb_span key)
{
	return (struct gb_event_start){.version = "0.1.0",
	        .mode = "detect",
	        .stance = "open",
	        .observe = true,
	        .policy_state = "none",
	        .has_firewall = true,
	        .runtime = GB_SPAN("/var/lang/bin/node"),
	        .function = gb_span_cstr(function),
	        .function_version = GB_SPAN("$LATEST"),
	        .code = GB_SPAN("c0ffee"),
	        .key = key};
}

/* An attack in VALUE, which is convicted as a whole. The id is the caller's to set. */
static inline struct gb_event_finding line_finding(struct gb_span value)
{
	return (struct gb_event_finding){.type = "SQL Injection Attack",
	        .attack_class = "sqli",
	        .control = "firewall",
	        .action = "blocked",
	        .mode = "block",
	        .severity = "high",
	        .reason = "sql_tautology",
	        .confidence = "high",
	        .message = GB_SPAN("`queryStringParameters.q` is always true in SQL"),
	        .input = {.is_present = true,
	                .path = GB_SPAN("queryStringParameters.q"),
	                .origin = "query",
	                .value = value,
	                .from = 0,
	                .length = value.n},
	        .attack = "T1190",
	        .cwe = 89,
	        .source_ip = GB_SPAN("203.0.113.9")};
}

#endif
