/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/items: the entries of a list, flattened over its entries, sorted, each once. Private to policyc.
 */
#ifndef GB_POLICYC_ITEMS_H
#define GB_POLICYC_ITEMS_H

#include "base/arena.h"
#include "policyc/policyc.h"

struct gb_policyc_item {
	struct gb_span key;                   /* what it is sorted by, and the same for the same entry */
	size_t literal_n;                     /* of a path pattern: length of its head before the first star */
	const struct gb_policyc_entry *entry; /* that it comes from: the one of its twins that holds longest */
	const struct gb_policyc_process *process;
	struct gb_blob_address address;
	/* Of expressions: */
	uint8_t place; /* enum gb_blob_set_name or gb_blob_place */
	const struct gb_policyc_pattern *pattern;
	const struct gb_policyc_http *request; /* of requests, in place of `pattern` */
};

struct gb_policyc_items {
	struct gb_policyc_item *items;
	size_t count, cap;
};

struct gb_policyc_flat {
	uint32_t kinds;
	const struct gb_policyc_entry *kind_entries[_GB_ACTIVITY_KIND_MAX]; /* of the kinds that are there */
	struct gb_policyc_items sets[_GB_BLOB_SET_MAX];
	struct gb_policyc_items processes, addresses, hosts;
	struct gb_policyc_items expressions; /* sorted by place */
};

/* -ENOMEM; -EINVAL for an entry that no add function would have taken. */
__attribute__((warn_unused_result)) int gb_policyc_flatten(
        struct gb_arena *arena, const struct gb_policyc_entry *entries, size_t count, struct gb_policyc_flat *ret_flat);

#endif
