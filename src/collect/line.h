/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect/line: one line of a function's log (docs/formats/event.md), read strictly: it may have been written by an
 * attacker. Private to collect.
 */
#ifndef GB_COLLECT_LINE_H
#define GB_COLLECT_LINE_H

#include "store/events.h"
#include "wire/event.h"

#define COLLECT_LINE_MAX  (16u * 1024u)
#define COLLECT_LINE_HEAD GB_SPAN("{\"gambeson\":1,")

enum collect_kind {
	COLLECT_OTHER = 0, /* one of a newer agent */
	COLLECT_START,
	COLLECT_FINDING,
	COLLECT_NOTICE,
	COLLECT_OBSERVATIONS,
	COLLECT_PROGRESS,
	COLLECT_SEAL,
	_COLLECT_KIND_MAX,
};

struct collect_line {
	struct gb_span text; /* from `{` to `}` */
	enum collect_kind kind;
	int64_t seq, time;
	uint64_t sandbox; /* 0: older agents do not say */
	struct gb_span kind_name, request, source_ip;
	struct gb_span type, class, control, action, severity, reason; /* of findings and notices */
	unsigned char id[GB_EVENT_ID_BYTES];
	/* start */
	struct gb_span function, function_version, code, runtime, version, mode;
	bool has_key;
	unsigned char key[GB_ED25519_KEY_BYTES];
	/* seal */
	struct gb_event_seal seal;
	unsigned char hash[GB_EVENT_LINE_HASH_BYTES]; /* 0 where it is not wanted: without a sandbox */
};

/* Read TEXT, which begins with COLLECT_LINE_HEAD and goes to the end of what the log service gave. NOW_MS: a line may not
 * come from the day after tomorrow. Spans are in TEXT or ARENA. 0; -EBADMSG with *ret_why, a literal: it is none of ours;
 * -EKEYREJECTED: it claims a sandbox that its key does not belong to; -ENOMEM. */
__attribute__((warn_unused_result)) int collect_line_read(struct gb_span text, int64_t now_ms, struct gb_arena *arena,
        struct collect_line *ret_line, const char **ret_why);

#endif
