/* SPDX-License-Identifier: Apache-2.0 */
/*
 * publish/items: what a function was seen to do and what its policy lists, one by one: the rows of an allowlist as people read and
 * change it (openapi/rules.yaml, FunctionActivity).
 */
#ifndef GB_PUBLISH_ITEMS_H
#define GB_PUBLISH_ITEMS_H

#include "publish/publish.h"

#include <jansson.h>

struct gb_publish_items_asked {
	struct gb_span kind;       /* process, file, library, host, address, api, http, other; empty: all */
	struct gb_span version;    /* code or number; empty: the latest */
	struct gb_span against;    /* compare with that version: what was seen only; empty: no */
	struct gb_span text;       /* in value or object, in any case; empty: any */
	struct gb_span verdict;    /* allow, deny, unlisted; empty: any */
	struct gb_span difference; /* added, removed, same; empty: any */
	struct gb_span folder;     /* begins and ends with a slash: what lies in it itself; empty: all */
	size_t offset, limit;
};

struct gb_publish_items {
	json_t *list, *kinds; /* kinds: how many there are of each, whatever was asked for */
	json_t *folders;      /* below the one that was asked for: where, and how many are in them */
	size_t total;
	json_t *version, *against; /* names, or null */
};

/* What was seen of FUNCTION first, then what documents and rules list. *ret is the caller's. -ENOENT with DIAG: there is no such version; -EINVAL
 * with DIAG: its policy cannot be made, or its profile cannot be read. */
__attribute__((warn_unused_result)) int gb_publish_items(struct gb_store *store, const struct gb_function *function,
        const struct gb_publish_items_asked *asked, struct gb_publish_items *ret_items, struct gb_diag *diag);

/* Private to items.c, items_page.c and listed_items.c. */
struct gb_items {
	const struct gb_publish_items_asked *asked;
	json_t *list, *kinds, *folders;
	size_t total;
	int failed;
};
/* Whether one of KIND may be asked for and lie in the page; counts it. */
bool gb_items_takes(struct gb_items *items, const char *kind);
/* ITEM, which is taken, is put into the page if it is asked for. */
void gb_items_add(struct gb_items *items, json_t *item);
/* The folders that were counted. */
json_t *gb_items_folders(struct gb_items *items);
/* What stands in DOCUMENT: its allow but for what was learned, its rules and exclusions. */
void gb_items_add_listed(struct gb_items *items, const struct gb_policyc_document *document);

#endif
