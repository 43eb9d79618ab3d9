/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/inspect: what the parts of `gambeson inspect` share: where events come from, what is printed of one. */
#ifndef GB_CMD_INSPECT_H
#define GB_CMD_INSPECT_H

#include "cmd/gambeson/commands.h"
#include "firewall/firewall.h"

#include <stdio.h>

struct gb_inspection_settings {
	bool json;
	bool batch;
	bool explain;
	bool value;
	bool jsonl;
	bool strict;
	const char *classes;
	const char *shape;
	const char *policy;
};

struct gb_inspection_subject;

/* One run of the command. */
struct gb_inspection {
	const struct gb_command *command;
	const struct gb_inspection_settings *settings;
	struct gb_inspect_options options;
	struct gb_firewall firewall; /* without a policy nothing is weighed: what is found is told */
	struct gb_policy policy;
	struct gb_inspect_scratch *scratch;
	/* What the command does with each event. */
	void (*on_event)(struct gb_inspection *session, const struct gb_inspection_subject *subject);
	size_t event_count, attack_count, unread_count;
	size_t alarm_count;                 /* an attack, a listed client, or blocked for what was not looked at */
	size_t action_counts[_GB_MODE_MAX]; /* with a policy: events by what is done about them */
};

/* One event: the file it is from ("stdin" for standard input) and, when the file holds one a line, the line. */
struct gb_inspection_subject {
	const char *file;
	uint64_t line; /* from 1; 0 when the file is one event */
	struct gb_span text;
};

/* inspect_input.c. Every event of PATH: a file, a folder with all below it, or "-". What cannot be read is complained about
 * and passed over. Result: enum gb_exit. */
int gb_inspection_input(struct gb_inspection *session, const char *path);

/* inspect_batch.c. One base64 payload a line in, one line out for each, in order. Result: enum gb_exit. */
int gb_inspection_batch(struct gb_inspection *session, const char *path);

/* inspect_policy.c. Take the policy in PATH; it lies in *ret_memory, which the caller frees after SESSION's last use.
 * Result: enum gb_exit. */
int gb_inspection_take_policy(struct gb_inspection *session, const char *path, unsigned char **ret_memory);
/* The same of a compiled policy that lies in BLOB, N bytes, and is called NAME in complaints, as of MOMENT (seconds since
 * 1970). */
int gb_inspection_open_policy(
        struct gb_inspection *session, const char *name, const unsigned char *blob, size_t n, int64_t moment);
/* What a policy has done about an event, its worst: GB_MODE_OFF let it pass. */
enum gb_mode gb_inspection_action(const struct gb_firewall_verdict *verdict);
/* "pass", "detect" or "block". */
const char *gb_inspection_action_name(enum gb_mode mode);

/* inspect_text.c, inspect_json.c. */
void gb_inspection_print_text(const struct gb_inspection *session, const struct gb_inspection_subject *subject,
        const struct gb_firewall_verdict *verdict);
void gb_inspection_print_summary(const struct gb_inspection *session);
void gb_inspection_print_json(const struct gb_inspection *session, const struct gb_inspection_subject *subject,
        const struct gb_firewall_verdict *verdict);
/* The subject's name as a person may see it: "folder/events.jsonl:12", control characters made visible. */
void gb_inspection_print_name(FILE *out, const struct gb_inspection_subject *subject);

/* inspect_explain.c. Judge the event, and print while it is judged which layers were undone and who read the result.
 * Texts of *ret_verdict are gone when it returns. */
void gb_inspection_explain(struct gb_inspection *session, const struct gb_inspection_subject *subject,
        struct gb_firewall_verdict *ret_verdict);

/* Judge without printing: an event, or one value when the settings say so. Without a policy only the report is filled. */
void gb_inspection_run(const struct gb_inspection *session, const struct gb_inspect_options *options,
        struct gb_span text, struct gb_firewall_verdict *ret_verdict);

#endif
