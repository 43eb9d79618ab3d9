/* SPDX-License-Identifier: Apache-2.0 */
/* Every group of resources: one table in its own file, one line in each list here. */
#include "control/state.h"

extern const struct gb_route gb_routes_audit[];
extern const struct gb_route gb_routes_channels[];
extern const struct gb_route gb_routes_health[];
extern const struct gb_route gb_routes_session[];
extern const struct gb_route gb_routes_setup[];
extern const struct gb_route gb_routes_sign_in[];
extern const struct gb_route gb_routes_tokens[];
extern const struct gb_route gb_routes_users[];

const struct gb_route *const gb_routes[] = {
        gb_routes_audit,
        gb_routes_channels,
        gb_routes_health,
        gb_routes_session,
        gb_routes_setup,
        gb_routes_sign_in,
        gb_routes_tokens,
        gb_routes_users,
        NULL,
};
