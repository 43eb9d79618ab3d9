/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/reader: from tree to document: maps with known fields, lists, and words of a closed set, with complaints that
 * name the place. All return 0 or a negative errno with the reader's diag filled. Private to policyc.
 */
#ifndef GB_POLICYC_READER_H
#define GB_POLICYC_READER_H

#include "policyc/policyc.h"
#include "policyc/tree.h"

struct gb_policyc_reader {
	struct gb_policyc_document *document;
	struct gb_diag *diag;
	bool has_allow, has_allowlist_mode;
	uint32_t guard_modes, guard_sections; /* bit per enum gb_control: `controls` names it, its section is there */
};

/* A key of a map and what reads its value into TARGET. */
struct gb_policyc_field {
	const char *name;
	int (*read)(struct gb_policyc_reader *reader, const struct gb_policyc_node *value, void *target);
};

/* Errors of the add functions know no place: NODE is it. Result: R. */
int gb_policyc_placed(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, int r);
int gb_policyc_complain(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, const char *what);
/* NODE's text is none of the COUNT KNOWN words for a NOUN. */
int gb_policyc_unknown(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, const char *noun,
        const char *const *known, size_t count);
int gb_policyc_read_map(struct gb_policyc_reader *reader, const struct gb_policyc_node *map,
        const struct gb_policyc_field *fields, size_t count, void *target);
int gb_policyc_read_list(struct gb_policyc_reader *reader, const struct gb_policyc_node *list, void *target,
        int (*read)(struct gb_policyc_reader *reader, const struct gb_policyc_node *item, void *target));
int gb_policyc_need_text(struct gb_policyc_reader *reader, const struct gb_policyc_node *node);
/* TARGET: const char *. */
int gb_policyc_read_string(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);
int gb_policyc_read_name(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);
/* TARGET: enum gb_mode. */
int gb_policyc_read_mode(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);

/* NODE's text → its index in WORDS. */
int gb_policyc_read_word(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, const char *noun,
        const char *const *words, size_t count, size_t *ret_index);

/* `sources:` in it, TARGET as below. read_sources.c. */
int gb_policyc_read_sources(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);
/* `firewall:` of a document, TARGET: struct gb_policyc_firewall. read_firewall.c. */
int gb_policyc_read_firewall(struct gb_policyc_reader *reader, const struct gb_policyc_node *node, void *target);

#endif
