/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/reader: from tree to document: maps with known fields, lists, and words of a closed set, with complaints that
 * name the place. All return 0 or a negative errno with the reader's diag filled. Private to policyc.
 */
#ifndef GB_POLICYC_READER_H
#define GB_POLICYC_READER_H

#include "policyc/policyc.h"
#include "policyc/tree.h"

struct gb_policyc_layer;

struct gb_policyc_reader {
	struct gb_policyc_document *document;
	struct gb_policyc_layer *layer; /* what is being read; its kind first */
	struct gb_diag *diag;
	uint32_t control_modes, sections; /* bit per enum gb_control: `controls` names it, its section is there */
	bool is_addition;                 /* its entries come from many hands: names may stand twice */
};

/* A key of a map, and one of: what reads its value; what reads each item of the list that it is; the fields of the map
 * that it is. */
struct gb_policyc_field {
	const char *name; /* NULL ends a table */
	int (*read)(struct gb_policyc_reader *reader, const struct gb_policyc_node *value, void *target);
	int (*read_item)(struct gb_policyc_reader *reader, const struct gb_policyc_node *item, void *target);
	const struct gb_policyc_field *fields;
	size_t offset; /* in the map's own target: what they read into */
};

/* Errors of the add functions know no place: NODE is it. Result: R. */
int gb_policyc_placed(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, int r);
int gb_policyc_complain(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, const char *what);
/* NODE's text is none of the COUNT KNOWN words for a NOUN. */
int gb_policyc_unknown(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, const char *noun,
        const char *const *known, size_t count);
int gb_policyc_read_map(struct gb_policyc_reader *reader, const struct gb_policyc_node *map,
        const struct gb_policyc_field *fields, void *target);
int gb_policyc_read_list(struct gb_policyc_reader *reader, const struct gb_policyc_node *list, void *target,
        int (*read)(struct gb_policyc_reader *reader, const struct gb_policyc_node *item, void *target));
int gb_policyc_need_text(struct gb_policyc_reader *reader, const struct gb_policyc_node *node);
/* TARGET: const char *. */
int gb_policyc_read_string(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);
/* The same, of what may stand in log lines and on terminals. */
int gb_policyc_read_name(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);
/* TARGET: enum gb_mode. */
int gb_policyc_read_mode(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);

/* NODE itself, which must be text, or may be anything, for later; TARGET: const struct gb_policyc_node *. */
int gb_policyc_keep_text(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);
int gb_policyc_keep(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);

/* NODE's text → its index in WORDS. */
int gb_policyc_read_word(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, const char *noun,
        const char *const *words, size_t count, size_t *ret_index);

/* The map's key KEY stands in MAP before it, too: an error. */
int gb_policyc_check_twice(
        struct gb_policyc_reader *reader, const struct gb_policyc_node *map, const struct gb_policyc_node *key);

/* Items of `rules:` and `exclusions:`, into the reader's document. */
int gb_policyc_read_rule(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);
int gb_policyc_read_exclusion(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);
/* Items of `awsApis:` and `http:`; TARGET: struct gb_policyc_entry. */
int gb_policyc_read_api(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);
int gb_policyc_read_request(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);
/* TARGET: const char *; text for people. */
int gb_policyc_read_remark(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);
/* TARGET: int64_t, as gb_policyc_entry's. */
int gb_policyc_read_expires(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);
/* What the firewall lets through where; TARGET: struct gb_policyc_exception. */
int gb_policyc_read_exception(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);

/* { regex: TEXT }, into a struct gb_policyc_patterns. */
extern const struct gb_policyc_field gb_policyc_regex_fields[];
/* What the allowlist may name, into a struct gb_policyc_entry; and a struct gb_policyc_scope. */
extern const struct gb_policyc_field gb_policyc_allow_fields[];
extern const struct gb_policyc_field gb_policyc_scope_fields[];

/* What FunctionPolicies are for, and groups: a struct gb_policyc_scope without groups. */
extern const struct gb_policyc_field gb_policyc_match_fields[];
/* What a document says, into it: of a function; of an account or a group. */
extern const struct gb_policyc_field gb_policyc_function_spec_fields[];
extern const struct gb_policyc_field *const gb_policyc_spec_fields;

/* The name of a list's file, as seen from where we are: NODE's text, in the folder of the document that names it. NULL
 * when memory is short. */
const char *gb_policyc_file_beside(struct gb_policyc_reader *reader, const struct gb_policyc_node *node);

/* `firewall:` of a document, and `sources:` in it; into a struct gb_policyc_firewall. */
extern const struct gb_policyc_field gb_policyc_firewall_fields[];
extern const struct gb_policyc_field gb_policyc_source_fields[];

/* Bytes of the character at the beginning of TEXT, which is not empty, when it is one that a terminal obeys, hides, or turns the
 * direction of the rest by: C0, DEL, C1 (c2 80-9f), U+00AD, U+200B-U+200F, U+2028-U+202E, U+2060-U+206F, the byte order mark. Else 0. */
size_t gb_policyc_hidden_bytes(struct gb_span text);

#endif
