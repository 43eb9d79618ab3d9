/* SPDX-License-Identifier: Apache-2.0 */
/* Every group of resources: one table in its own file, one line in each list here. */
#include "control/state.h"

extern const struct gb_route gb_routes_health[];

const struct gb_route *const gb_routes[] = {
        gb_routes_health,
        NULL,
};
