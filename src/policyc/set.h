/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/set: a policy set, all documents of an account together: at most one AccountPolicy, Groups, FunctionPolicies.
 * Out of it, for one function and one moment, comes the one document that holds for it: function over group over
 * account, field by field; lists add up; what has expired, or is for other functions, stays out, and the result says so.
 * Pure but for reading list files: the same set, function and moment give the same document.
 */
#ifndef GB_POLICYC_SET_H
#define GB_POLICYC_SET_H

#include "policyc/policyc.h"

#define GB_POLICYC_SET_DOCUMENTS_MAX 10000u
#define GB_POLICYC_SET_BYTES_MAX     (64u * 1024u * 1024u)

struct gb_policyc_set;

/* A function as policies see it. NULL: not told; what a policy asks for and is not told is an error, not a guess. */
struct gb_policyc_function {
	const char *name;
	const char *arn; /* without qualifier; tells name, account and region where they are NULL */
	const char *account, *region;
	const char *version, *alias; /* version: a number or "$LATEST" */
	const char *runtime;         /* "nodejs20.x" */
	const struct gb_policyc_tag *tags;
	size_t tag_count;
	bool has_tags;            /* they have been told, all of them */
	const char *group_key;    /* binds it to the group of this key … */
	const char *group_secret; /* … whose secret this must be */
	const char *
	        group; /* it was put into this one, whatever matches; there may be no document for it. NULL: as they match */
	const char *key;             /* what additions that are for it alone name it by. NULL: there are none */
	const enum gb_mode *posture; /* that it is to have whatever the documents say. NULL: theirs */
	/* Its allowlist is laid over that of the function's own policy, and is then in force; to outlive what it is resolved to. NULL: none. */
	const struct gb_policyc_document *learned;
	bool is_learning; /* LEARNED is not all of it: `enforce: after learning` is not over */
};

enum gb_policyc_left_out_reason {
	GB_POLICYC_OUT_OF_SCOPE = 0,
	GB_POLICYC_EXPIRED,
};

/* A rule or exclusion of the function's policies that does not hold for it. */
struct gb_policyc_left_out {
	const char *noun; /* "rule", "exclusion" */
	const char *name; /* NULL: none */
	struct gb_policyc_origin origin;
	enum gb_policyc_left_out_reason reason;
	const char *text; /* for people: "expired on 2026-11-01", "its scope names region eu-west-1" */
};

/* Whom an addition is for. */
enum gb_policyc_addition_scope {
	GB_POLICYC_FOR_ACCOUNT = 0, /* NAME is its number; empty: for all functions */
	GB_POLICYC_FOR_GROUP,       /* NAME is that of the group */
	GB_POLICYC_FOR_FUNCTION,    /* NAME is the function's key */
};

/* A rule or exclusion beside the documents. It holds as if a document of its scope had it. */
struct gb_policyc_addition {
	const char *file; /* stands for a file's name in messages, and for the entry's name when that has none */
	bool is_exclusion;
	enum gb_policyc_addition_scope scope;
	const char *name;
	struct gb_span reason, author;
	int64_t expires;      /* seconds since 1970; 0: never */
	struct gb_span entry; /* one item of `rules:` or `exclusions:`, without reason, author, expires and scope */
};

/* All of it lives as long as the document does. */
struct gb_policyc_resolution {
	struct gb_policyc_document *document;              /* resolved: a FunctionPolicy by form, no scopes in it */
	struct gb_policyc_origin account, group, function; /* the documents it comes from; file NULL: none */
	const char *group_name;                            /* NULL: none */
	const char *group_why;                             /* "its name stands in the group's match", … */
	bool is_after_learning;                            /* `enforce: after learning` stands there */
	const char *enforce_why;                           /* why the posture is held down; NULL: it is not */
	bool has_own_posture;                              /* that of the function, not of a document */
	size_t addition_count;                             /* additions that hold for it */
	const char *conflict; /* an exclusion that a rule undoes, wholly or in part; NULL: none */
	const struct gb_policyc_left_out *left_out;
	size_t left_out_count;
	int64_t next_change; /* the next moment at which an agent takes something of it in or out; 0: none */
};

/* What is worth saying about a set that is good. */
struct gb_policyc_note {
	struct gb_policyc_origin origin;
	const char *text;
};

struct gb_policyc_notes {
	const struct gb_policyc_note *items; /* the set's */
	size_t count;
};

/* An empty set; NULL when memory is short. */
struct gb_policyc_set *gb_policyc_set_new(void);
/* With all that it has handed out. NULL is fine. */
void gb_policyc_set_free(struct gb_policyc_set *set);
/* For GB_CLEANUP. */
void gb_policyc_set_freep(struct gb_policyc_set **set);

/* Add every document of TEXT, which stands in FILE: each is checked by itself and against those that are there. On
 * -EINVAL, -EFBIG (DIAG: place in TEXT) or -ENOMEM the set is as it was. TEXT is copied. Names of list files are
 * relative to FILE's folder. */
__attribute__((warn_unused_result)) int gb_policyc_set_add(
        struct gb_policyc_set *set, const char *file, struct gb_span text, struct gb_diag *diag);

/* Add ADDITION, checked by itself as those in documents are. -EINVAL with DIAG: place in its entry. -ENOMEM. Texts are copied. */
__attribute__((warn_unused_result)) int gb_policyc_set_add_entry(
        struct gb_policyc_set *set, const struct gb_policyc_addition *addition, struct gb_diag *diag);

/* What stands in `rules` (or `exclusions`) of document INDEX, one by one: the entry as JSON, with all that it has there, and its line.
 * ENTRY is what was made of it. Results of ON_ENTRY below 0 end it. -ENOMEM. */
typedef int gb_policyc_entry_row(
        void *context, const struct gb_policyc_entry *entry, struct gb_span json, uint32_t line);
__attribute__((warn_unused_result)) int gb_policyc_set_entries(const struct gb_policyc_set *set, size_t index,
        bool is_exclusion, gb_policyc_entry_row *on_entry, void *context);

/* How many documents are in it; their indices are below that, in the order in which they were added. */
size_t gb_policyc_set_count(const struct gb_policyc_set *set);

/* Document INDEX by itself, not resolved; the set's. */
struct gb_policyc_document *gb_policyc_set_document(struct gb_policyc_set *set, size_t index);
/* Where it stands. */
struct gb_policyc_origin gb_policyc_set_origin(const struct gb_policyc_set *set, size_t index);

/* The same by kind. */
struct gb_policyc_set_counts {
	size_t accounts, groups, functions;
};
struct gb_policyc_set_counts gb_policyc_set_counts(const struct gb_policyc_set *set);

/* What is worth a word: what has expired by NOW (seconds since 1970, UTC), and, of COUNT FUNCTIONS when there are any,
 * what none of them matches. -ENOMEM. */
__attribute__((warn_unused_result)) int gb_policyc_set_notes(struct gb_policyc_set *set, int64_t now,
        const struct gb_policyc_function *functions, size_t count, struct gb_policyc_notes *ret_notes);

/* What `policy group-key` asks of a group; strings are the set's. */
struct gb_policyc_group_facts {
	const char *name;
	const char *key, *secret_hash; /* NULL: none */
	int64_t previous_expires;      /* 0: no secret is being replaced */
};

/* The group NAME, or the only one when NAME is NULL. -ENOENT with DIAG. */
__attribute__((warn_unused_result)) int gb_policyc_set_group(const struct gb_policyc_set *set, const char *name,
        struct gb_policyc_group_facts *ret_facts, struct gb_diag *diag);

/* Whether SECRET is, at NOW, that of the group with KEY: 1 with the set's *ret_name, 0 when it is not or there is none. It takes as
 * long, and as much memory, as its hash says. */
__attribute__((warn_unused_result)) int gb_policyc_set_group_check(
        const struct gb_policyc_set *set, struct gb_span key, const char *secret, int64_t now, const char **ret_name);

/* A list of functions. Strings and tags are its own. */
struct gb_policyc_function_list {
	struct gb_arena *arena;
	struct gb_policyc_function *items;
	size_t count, cap;
};

/* Read TEXT: a list of maps with name, arn, account, region, version, alias, runtime, tags; or what `aws lambda
 * list-functions` prints. -EINVAL, -EFBIG with DIAG; -ENOMEM. Free by gb_policyc_function_list_done(). */
__attribute__((warn_unused_result)) int gb_policyc_function_list_read(
        struct gb_span text, struct gb_policyc_function_list *ret_list, struct gb_diag *diag);
void gb_policyc_function_list_done(struct gb_policyc_function_list *list);

/* The document that holds for FUNCTION at NOW; neither name nor ARN told: for the one of the only FunctionPolicy. -EINVAL with DIAG, whose message names the files: two groups match as
 * well, a name stands twice, a secret is wrong, something asked for was not told. -ENOENT with DIAG: no document is
 * for this function. List files are not read; see gb_policyc_load_sources() with directory "". Free by
 * gb_policyc_resolution_done(). */
__attribute__((warn_unused_result)) int gb_policyc_resolve(const struct gb_policyc_set *set,
        const struct gb_policyc_function *function, int64_t now, struct gb_policyc_resolution *ret_resolution,
        struct gb_diag *diag);
void gb_policyc_resolution_done(struct gb_policyc_resolution *resolution);

/* The same of a set that is TEXT alone, for the function that its only FunctionPolicy names. */
__attribute__((warn_unused_result)) int gb_policyc_resolve_text(const char *file, struct gb_span text, int64_t now,
        struct gb_policyc_resolution *ret_resolution, struct gb_diag *diag);

#endif
