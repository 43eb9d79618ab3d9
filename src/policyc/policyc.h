/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc: policy documents. Text (YAML, and JSON as the part of YAML that it is) → checked document → blob, and back:
 * a blob or a learned profile → document → text. Hosted code; never linked into what runs in a function.
 *
 * A document owns everything that it points to (one arena, freed with it). Strings are NUL-terminated, without NULs
 * inside. The same document, in whatever order its lists stand, gives the same blob, byte for byte.
 */
#ifndef GB_POLICYC_POLICYC_H
#define GB_POLICYC_POLICYC_H

#include "activity/verdict.h"
#include "base/diag.h"
#include "base/span.h"
#include "policy/policy.h"

#include <stdio.h>

#define GB_POLICYC_DOCUMENT_BYTES_MAX (1024u * 1024u)
#define GB_POLICYC_DEPTH_MAX          16u
#define GB_POLICYC_NODES_MAX          100000u
#define GB_POLICYC_PATTERN_BYTES_MAX  1024u
#define GB_POLICYC_STARS_MAX          8u
#define GB_POLICYC_NAME_BYTES_MAX     128u
#define GB_POLICYC_REGEXES_MAX        1000u /* of a document: each may take a millisecond to read */

struct gb_policyc_strings {
	const char **items;
	size_t count, cap;
};

/* Where something stands in documents. */
struct gb_policyc_origin {
	const char *file; /* as it was given; NULL: made by a program, or out of a blob */
	uint32_t line;    /* 0: not known */
};

enum gb_policyc_pattern_kind {
	GB_POLICYC_GLOB = 0, /* the list's own form: exact, with wildcards, a block; of commands text with places */
	GB_POLICYC_REGEX,    /* anchored at both ends; compiled by policyc/regex.h */
};

struct gb_policyc_pattern {
	const char *text;
	enum gb_policyc_pattern_kind kind;
	struct gb_policyc_origin origin;
};

struct gb_policyc_patterns {
	struct gb_policyc_pattern *items;
	size_t count, cap;
};

struct gb_policyc_argument {
	const char *text; /* as in the document: "--out=<path>", "*", "**" */
	bool is_shell;    /* { shell: TEXT } */
};

struct gb_policyc_process {
	const char *executable;
	const char *name; /* NULL: any */
	struct gb_policyc_argument *arguments;
	size_t argument_count, argument_cap;
	struct gb_policyc_origin origin;
};

/* A call of a cloud service's API. `*` in it is any text, as in IAM. */
struct gb_policyc_api {
	const char *action;                   /* "service:Action" */
	struct gb_policyc_patterns resources; /* ARNs; none: any */
	struct gb_policyc_origin origin;
};

/* An HTTP request that the function makes. */
struct gb_policyc_http {
	const char *method;             /* capital letters; NULL: any */
	struct gb_policyc_pattern host; /* as in `hosts`; text NULL: any */
	struct gb_policyc_pattern path; /* as in `files`, without the query; text NULL: any */
	struct gb_policyc_origin origin;
};

struct gb_policyc_tag {
	const char *key, *value; /* value: `*` is any text */
};

struct gb_policyc_tags {
	struct gb_policyc_tag *items;
	size_t count, cap;
};

/* Which functions. Of each list that is not empty one is enough, and every list must have one; tags must all hold. In
 * patterns `*` is any text. Functions are names, or ARNs where they begin "arn:". */
struct gb_policyc_scope {
	struct gb_policyc_strings accounts, regions, groups, functions, runtimes, versions, aliases;
	struct gb_policyc_tags tags;
};

/* What the firewall lets through where. */
struct gb_policyc_entry;
struct gb_policyc_exception {
	uint32_t classes; /* bit per class; 0: all */
	enum gb_mode mode;
	struct gb_policyc_strings paths, reasons;
	struct gb_policyc_strings routes;     /* "METHOD /path" */
	const struct gb_policyc_entry *entry; /* while it is compiled: the exclusion that it belongs to; else NULL */
};

/* One rule, one exclusion, or the allowlist. Entries have been checked when they were added. */
struct gb_policyc_entry {
	const char *name, *reason, *author; /* NULL: none */
	int64_t expires;                    /* the first second, since 1970, at which it holds no longer; 0: never */
	struct gb_policyc_scope scope;
	struct gb_policyc_origin origin;
	uint32_t kinds; /* bit per enum gb_activity_kind */
	struct gb_policyc_patterns read, write, map;
	struct gb_policyc_patterns any; /* read and write */
	struct gb_policyc_patterns commands;
	struct gb_policyc_patterns addresses;
	struct gb_policyc_patterns hosts;
	struct gb_policyc_process *processes;
	size_t process_count, process_cap;
	struct gb_policyc_api *apis;
	size_t api_count, api_cap;
	struct gb_policyc_http *requests;
	size_t request_count, request_cap;
	struct gb_policyc_exception *inputs; /* of exclusions */
	size_t input_count, input_cap;
};

struct gb_policyc_entries {
	struct gb_policyc_entry *items;
	size_t count, cap;
};

/* Addresses from FIRST to LAST, IPv4 in its mapped form. */
struct gb_policyc_range {
	unsigned char first[16], last[16];
};

struct gb_policyc_ranges {
	struct gb_policyc_range *items;
	size_t count, cap;
};

/* A list of source addresses. */
struct gb_policyc_source_list {
	const char *name, *category; /* category may be "" */
	const char *file;            /* to be read by gb_policyc_load_sources(), or NULL */
	uint32_t day;                /* since 1970-01-01; 0: not known */
	uint8_t mode;                /* enum gb_blob_source_mode or GB_BLOB_MODE_POSTURE */
	struct gb_policyc_ranges ranges;
};

struct gb_policyc_firewall {
	bool is_strict;
	enum gb_mode on_limit;
	enum gb_blob_redaction redaction;
	uint8_t class_modes[GB_BLOB_CLASSES_MAX]; /* enum gb_mode or GB_BLOB_MODE_POSTURE */
	uint8_t mentions[GB_BLOB_CLASSES_MAX];    /* enum gb_blob_mention */
	struct gb_policyc_exception *exceptions;
	size_t exception_count, exception_cap;
	enum gb_mode source_mode;
	uint32_t trusted_hops;
	const char *address_header; /* lower case, or "" */
	struct gb_policyc_ranges trusted_proxies;
	struct gb_policyc_source_list *source_lists;
	size_t source_list_count, source_list_cap;
};

/* Texts as in the document (hashes as digits); what they are, by enum gb_blob_guard. */
struct gb_policyc_guards_of_document {
	struct gb_policyc_strings texts[_GB_BLOB_GUARD_MAX];
	struct gb_policyc_strings files; /* of forbidden programs, to be read by gb_policyc_load_forbidden() */
	uint32_t budgets[_GB_USAGE_MAX]; /* 0: none */
	uint32_t forbidden_day;          /* of the oldest list, since 1970-01-01; 0: not known */
};

/* From when on the posture holds; until then it is at most detect, and what is not on the allowlist is observed. */
enum gb_policyc_enforce {
	GB_POLICYC_AT_ONCE = 0,
	GB_POLICYC_AFTER_LEARNING,
	GB_POLICYC_AT_TIME,
};

struct gb_policyc_document {
	struct gb_arena *arena;
	const char *name;
	struct gb_policyc_origin at;   /* what is added stands here */
	struct gb_policyc_scope match; /* which functions it is for; empty: the one of its name */
	enum gb_policyc_enforce enforce;
	int64_t enforce_at;   /* of GB_POLICYC_AT_TIME, seconds since 1970 */
	bool review_unlisted; /* what is off the allowlist and of little risk is for review: no alert, never blocked */
	size_t regex_count;
	bool is_resolved; /* scopes and learning have been applied, and what has expired is out */
	enum gb_mode posture;
	enum gb_stance stance;
	bool observe;
	enum gb_mode flow_on_limit;
	uint8_t control_modes[_GB_CONTROL_MAX]; /* enum gb_mode or GB_BLOB_MODE_POSTURE */
	const char *block_body;                 /* NULL: the built-in one */
	struct gb_policyc_entry allow;
	struct gb_policyc_entries rules, exclusions;
	struct gb_policyc_firewall firewall;
	struct gb_policyc_guards_of_document guards;
};

/* An empty document: detect, stance open, nothing allowed, allowlist off. NULL when memory is short. */
struct gb_policyc_document *gb_policyc_document_new(void);
void gb_policyc_document_free(struct gb_policyc_document *document);
/* For GB_CLEANUP. */
void gb_policyc_document_freep(struct gb_policyc_document **document);

/* Read and check TEXT. Errors (DIAG has line, column, the offending text and, where one is near, what was probably
 * meant): -EINVAL, -EFBIG over a limit, -ENOMEM. *ret_document is the caller's to free. */
__attribute__((warn_unused_result)) int gb_policyc_parse(
        struct gb_span text, struct gb_policyc_document **ret_document, struct gb_diag *diag);

/* Read the files that source lists name, relative to DIRECTORY, into their ranges. -EINVAL or another errno with DIAG,
 * whose message begins "FILE:LINE: " where a line is to blame. A document with unread files does not compile. */
__attribute__((warn_unused_result)) int gb_policyc_load_sources(
        struct gb_policyc_document *document, const char *directory, struct gb_diag *diag);

/* Add the addresses of TEXT, the content of a list file, to LIST: one address, block (1.2.3.0/24) or range
 * (1.2.3.4-1.2.3.9) a line, behind it at most a comment (# or ;). A comment "# date: 2026-11-20" dates the list. NAME
 * is the file's, for DIAG. */
__attribute__((warn_unused_result)) int gb_policyc_add_source_text(struct gb_policyc_document *document,
        struct gb_policyc_source_list *list, const char *name, struct gb_span text, struct gb_diag *diag);

/* The same for the lists of forbidden programs: DIRECTORY is empty or ends with a slash. A list has lines `name NAME`,
 * `path PATTERN`, `sha256 DIGITS`, `mark BYTES`, and comments behind '#', of which "# date: 2026-11-20" dates it. */
__attribute__((warn_unused_result)) int gb_policyc_load_forbidden(
        struct gb_policyc_document *document, const char *directory, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_policyc_add_forbidden_text(
        struct gb_policyc_document *document, const char *name, struct gb_span text, struct gb_diag *diag);

/* The document of a blob, for people to read. */
__attribute__((warn_unused_result)) int gb_policyc_of_blob(
        const struct gb_policy *policy, struct gb_policyc_document **ret_document);

/* As YAML that gb_policyc_parse() reads back to a document with the same blob. */
void gb_policyc_print(const struct gb_policyc_document *document, FILE *out);

/* For people: a table of what is allowed. */
void gb_policyc_print_table(const struct gb_policyc_document *document, FILE *out);

/* The blob, with no signature block. -EFBIG when it does not fit GB_BLOB_BYTES_MAX. *ret_blob is malloc'ed. */
__attribute__((warn_unused_result)) int gb_policyc_compile(const struct gb_policyc_document *document, uint64_t serial,
        unsigned char **ret_blob, size_t *ret_n, struct gb_diag *diag);

/* Add to a document, checking as the parser does. Texts are copied. Compiling takes what stands there twice once.
 * -EINVAL with DIAG (no line), -ENOMEM. */
__attribute__((warn_unused_result)) int gb_policyc_add_path(struct gb_policyc_document *document,
        struct gb_policyc_patterns *list, struct gb_span pattern, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_policyc_add_address(struct gb_policyc_document *document,
        struct gb_policyc_patterns *list, struct gb_span address, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_policyc_add_host(struct gb_policyc_document *document,
        struct gb_policyc_patterns *list, struct gb_span host, struct gb_diag *diag);
/* A regular expression, for any list that takes one: read, write, any, map, hosts, commands. */
__attribute__((warn_unused_result)) int gb_policyc_add_regex(struct gb_policyc_document *document,
        struct gb_policyc_patterns *list, struct gb_span regex, struct gb_diag *diag);
/* A whole command line, with places (docs/POLICY.md). */
__attribute__((warn_unused_result)) int gb_policyc_add_command(struct gb_policyc_document *document,
        struct gb_policyc_patterns *list, struct gb_span command, struct gb_diag *diag);
/* "service:Action"; its resources are added to *ret_api, which is valid until the next call for the same entry. */
__attribute__((warn_unused_result)) int gb_policyc_add_api(struct gb_policyc_document *document,
        struct gb_policyc_entry *entry, struct gb_span action, struct gb_policyc_api **ret_api, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_policyc_add_resource(
        struct gb_policyc_document *document, struct gb_policyc_api *api, struct gb_span arn, struct gb_diag *diag);
/* Any part may be empty: any. HOST and PATH as for the other lists. */
__attribute__((warn_unused_result)) int gb_policyc_add_request(struct gb_policyc_document *document,
        struct gb_policyc_entry *entry, struct gb_span method, struct gb_span host, struct gb_span path,
        struct gb_policyc_http **ret_request, struct gb_diag *diag);
/* *ret_process is valid until the next call for the same group. */
__attribute__((warn_unused_result)) int gb_policyc_add_process(struct gb_policyc_document *document,
        struct gb_policyc_entry *entry, struct gb_span executable, struct gb_span name,
        struct gb_policyc_process **ret_process, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_policyc_add_argument(struct gb_policyc_document *document,
        struct gb_policyc_process *process, struct gb_span text, bool is_shell, struct gb_diag *diag);
__attribute__((warn_unused_result)) int gb_policyc_add_entry(struct gb_policyc_document *document,
        struct gb_policyc_entries *entries, struct gb_span name, struct gb_policyc_entry **ret_entry);

/* Nothing is named that it could match. */
bool gb_policyc_entry_is_empty(const struct gb_policyc_entry *entry);
/* It is for all functions. */
bool gb_policyc_scope_is_empty(const struct gb_policyc_scope *scope);

/* A copy of S in the document, or NULL. */
const char *gb_policyc_copy(struct gb_policyc_document *document, struct gb_span s);

#endif
