/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control/event_counts: counts of events as the API shows them. Private to control.
 */
#ifndef GB_CONTROL_EVENT_COUNTS_H
#define GB_CONTROL_EVENT_COUNTS_H

#include "control/event_json.h"

#define GB_HOUR_MS 3600000
#define GB_DAY_MS  (24 * GB_HOUR_MS)

/* A list of the schema Count, the greatest first, at most LIMIT. 0 or an error of the store; *ret_list is the caller's. */
__attribute__((warn_unused_result)) int gb_events_count_json(struct gb_call *call, const struct gb_event_filter *filter,
        enum gb_event_group group, size_t limit, json_t **ret_list, struct gb_diag *diag);

/* A list of {time, counts} in the order of time; steps without events are left out. */
__attribute__((warn_unused_result)) int gb_events_series_json(struct gb_call *call,
        const struct gb_event_filter *filter, enum gb_event_group group, int64_t step_ms, json_t **ret_list,
        struct gb_diag *diag);

/* Raise `count` of the item of LIST that has the same members KEYS (NULL ends them) as ITEM, or add ITEM, with a count of 1, when
 * there is none and LIST has fewer than MAX. ITEM is taken. 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int gb_count_add(json_t *list, size_t max, json_t *item, const char *const *keys);

#endif
