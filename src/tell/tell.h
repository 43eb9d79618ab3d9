/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell: what Gambeson says to other systems and to people: one notice (an event, or some events that are alike) written
 * in each format that they read. Pure: no I/O, no clock, no state; any thread with an arena of its own.
 *
 * All that a notice holds is hostile: it was taken from attacks. Formats for machines keep texts as they are, in the
 * format's own escapes; formats for people show them on one line with controls and invisible characters spelt out
 * (gb_tell_show), where nothing of them is markup, a mention, a link or a header. No text makes a message larger than
 * its receiver takes: texts are cut, with "…" at the end, until it fits.
 */
#ifndef GB_TELL_TELL_H
#define GB_TELL_TELL_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/span.h"

#include <jansson.h>

#define GB_TELL_LINE_MAX    (2u * 1024u * 1024u) /* bytes of an event */
#define GB_TELL_ATTACKS_MAX 8u                   /* ATT&CK techniques that are kept */
#define GB_TELL_BATCH_MAX   100u                 /* notices in one message, where a format takes several */
#define GB_TELL_TO_MAX      20u                  /* receivers of one mail */

enum gb_tell_severity {
	GB_TELL_INFO = 0,
	GB_TELL_LOW,
	GB_TELL_MEDIUM,
	GB_TELL_HIGH,
	GB_TELL_CRITICAL,
	_GB_TELL_SEVERITY_MAX,
};
const char *gb_tell_severity_name(enum gb_tell_severity severity); /* "info", "low", … "critical" */
/* GB_TELL_INFO for a name that is none; *ret_is_known (NULL is fine) tells. */
enum gb_tell_severity gb_tell_severity_of(struct gb_span name, bool *ret_is_known);

/* What the store knows of the function; any part may be empty. */
struct gb_tell_function {
	struct gb_span account, region, name, version, runtime, group;
};

struct gb_tell_notice {
	json_t *line; /* the event itself, owned: gb_tell_notice_done() */
	int64_t time_ms;
	enum gb_tell_severity severity;
	struct gb_span id, kind, type, class_name, control, action, mode, reason, confidence, message, request, sandbox,
	        source_ip;
	struct gb_span input_path, input_origin, input_value; /* of the firewall's findings */
	struct gb_span activity, subject, object;             /* of the sensor's */
	int64_t pid;                                          /* 0: not known */
	int64_t cwe;                                          /* 0: none */
	struct gb_span attacks[GB_TELL_ATTACKS_MAX];
	size_t attack_count;
	struct gb_tell_function function;
	/* Some that are alike in one notice: how many, and when the first and the last of them were. 1 and time_ms else. */
	uint64_t count;
	int64_t first_ms, last_ms;
};

/* Read an event's line (docs/formats/event.md). The spans of *RET borrow from its `line` and from what FUNCTION points to.
 * 0; -EINVAL: no JSON object; -EMSGSIZE: too long; -ENOMEM. */
__attribute__((warn_unused_result)) int gb_tell_notice_read(
        struct gb_span line, const struct gb_tell_function *function, struct gb_tell_notice *ret, struct gb_diag *diag);
void gb_tell_notice_done(struct gb_tell_notice *notice);

enum gb_tell_format {
	GB_TELL_JSON = 0,  /* our own: the event in an envelope */
	GB_TELL_OCSF,      /* OCSF 1.7.0 Detection Finding, class 2004 */
	GB_TELL_ECS,       /* Elastic Common Schema 9.4 */
	GB_TELL_CEF,       /* Common Event Format 0 */
	GB_TELL_ASFF,      /* body of Security Hub's BatchImportFindings */
	GB_TELL_OTLP,      /* OTLP/HTTP logs, JSON */
	GB_TELL_SYSLOG,    /* RFC 5424 */
	GB_TELL_SLACK,     /* message of blocks for an incoming webhook */
	GB_TELL_TEAMS,     /* message with an Adaptive Card for a webhook */
	GB_TELL_PAGERDUTY, /* Events API v2: trigger or resolve */
	GB_TELL_SNS,       /* form of SNS's Publish */
	GB_TELL_MAIL,      /* MIME message: text and HTML */
	GB_TELL_TEXT,      /* plain text for people */
	_GB_TELL_FORMAT_MAX,
};
enum gb_tell_format gb_tell_format_of(struct gb_span name); /* _GB_TELL_FORMAT_MAX when there is none */
const char *gb_tell_format_content_type(enum gb_tell_format format);
size_t gb_tell_format_size_max(enum gb_tell_format format); /* bytes of a message; of ASFF, of one finding */
bool gb_tell_format_is_batched(enum gb_tell_format format); /* takes several notices in one message */
bool gb_tell_format_is_content(enum gb_tell_format format); /* may be the content of SNS, syslog and webhooks */

/* To whom: what of a channel's settings its messages need. */
struct gb_tell_target {
	struct gb_span portal;          /* "https://gambeson.example.com": messages link there; empty: no links */
	struct gb_span host;            /* our own name, for syslog and mail */
	struct gb_span account, region; /* where Security Hub is; ASFF's fallback for functions of no known account */
	struct gb_span routing_key;     /* PagerDuty's */
	struct gb_span topic;           /* ARN of SNS's */
	struct gb_span from, to[GB_TELL_TO_MAX]; /* addresses of mail, checked by gb_tell_address_check() */
	size_t to_count;
	unsigned facility;           /* syslog's: 0–23 */
	enum gb_tell_format content; /* what syslog and SNS carry: JSON, OCSF, ECS, CEF or TEXT */
	struct gb_span key; /* of this message: the same whenever it is sent again; 1–64 letters, digits, '-' */
	int64_t now_ms;     /* for the Date of mail about events without a time */
	bool is_resolved;   /* PagerDuty: what KEY opened is over */
};

/* NOTICES (1 to GB_TELL_BATCH_MAX; more than one only where the format is batched) as one message, in ARENA. 0;
 * -EINVAL: what FORMAT needs is missing in TARGET; -EMSGSIZE: does not fit, take fewer; -ENOMEM. */
__attribute__((warn_unused_result)) int gb_tell_write(enum gb_tell_format format, const struct gb_tell_notice *notices,
        size_t count, const struct gb_tell_target *target, struct gb_arena *arena, struct gb_span *ret_message,
        struct gb_diag *diag);

/* TEXT on one line for people, at most MAXIMUM bytes of UTF-8: controls, line ends, what has no width and what turns the
 * direction of text become visible (\n, \x1b, \u{202e}), bytes that are not UTF-8 too. NULL span only without memory. */
struct gb_span gb_tell_show(struct gb_arena *arena, struct gb_span text, size_t maximum);

/* TEXT as it is, at most MAXIMUM bytes of valid UTF-8. */
struct gb_span gb_tell_cut(struct gb_arena *arena, struct gb_span text, size_t maximum);

/* A mailbox as we take it: local@domain in ASCII, dot-atoms of RFC 5321, at most 254 bytes; nothing that could begin a
 * header, a second receiver or an option. */
bool gb_tell_address_check(struct gb_span address);

/* "arn:aws:lambda:…" into ARENA; empty when account, region or name is not known or odd. */
struct gb_span gb_tell_function_arn(struct gb_arena *arena, const struct gb_tell_function *function);

#endif
