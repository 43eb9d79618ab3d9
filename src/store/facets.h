/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store/facets: the numbers of the combinations of the things of few values that events have. Private to src/store.
 */
#ifndef GB_STORE_FACETS_H
#define GB_STORE_FACETS_H

#include "store/driver.h"
#include "store/events.h"

struct gb_facet {
	int64_t id;
	struct gb_event_facets words; /* of memory that lives as long as the store's facets */
};

/* The number of FACETS, given now if it has none. Inside of the caller's transaction. */
int gb_facet_number(
        struct gb_store *store, const struct gb_event_facets *facets, int64_t *ret_id, struct gb_diag *diag);

/* All there are, read anew when somebody else may have added some: by id. *ret_facets lives until the store's next call. */
int gb_facets_list(struct gb_store *store, const struct gb_facet **ret_facets, size_t *ret_count, struct gb_diag *diag);

/* One by its number; NULL when there is none. After gb_facets_list(). */
const struct gb_facet *gb_facet_get(const struct gb_store *store, int64_t id);

#endif
