/* SPDX-License-Identifier: Apache-2.0 */
/* Every group of resources: one table in its own file, one line in each list here. */
#include "control/state.h"

extern const struct gb_route gb_routes_activity[];
extern const struct gb_route gb_routes_audit[];
extern const struct gb_route gb_routes_retention[];
extern const struct gb_route gb_routes_channels[];
extern const struct gb_route gb_routes_channel_messages[];
extern const struct gb_route gb_routes_counts[];
extern const struct gb_route gb_routes_effective[];
extern const struct gb_route gb_routes_events[];
extern const struct gb_route gb_routes_exceptions[];
extern const struct gb_route gb_routes_export[];
extern const struct gb_route gb_routes_functions[];
extern const struct gb_route gb_routes_health[];
extern const struct gb_route gb_routes_incidents[];
extern const struct gb_route gb_routes_learning[];
extern const struct gb_route gb_routes_overview[];
extern const struct gb_route gb_routes_ingest[];
extern const struct gb_route gb_routes_policies[];
extern const struct gb_route gb_routes_policy_key[];
extern const struct gb_route gb_routes_policy_trial[];
extern const struct gb_route gb_routes_portal[];
extern const struct gb_route gb_routes_rule[];
extern const struct gb_route gb_routes_rules[];
extern const struct gb_route gb_routes_session[];
extern const struct gb_route gb_routes_setup[];
extern const struct gb_route gb_routes_sign_in[];
extern const struct gb_route gb_routes_state[];
extern const struct gb_route gb_routes_tokens[];
extern const struct gb_route gb_routes_users[];
extern const struct gb_route gb_routes_views[];

const struct gb_route *const gb_routes[] = {
        gb_routes_activity,
        gb_routes_audit,
        gb_routes_retention,
        gb_routes_channels,
        gb_routes_channel_messages,
        /* The first that fits is taken: /v1/events/counts before /v1/events/{id}. */
        gb_routes_counts,
        gb_routes_exceptions,
        gb_routes_export,
        gb_routes_events,
        gb_routes_effective,
        gb_routes_functions,
        gb_routes_health,
        gb_routes_incidents,
        gb_routes_learning,
        gb_routes_overview,
        gb_routes_ingest,
        gb_routes_policies,
        gb_routes_policy_key,
        gb_routes_policy_trial,
        gb_routes_rule,
        gb_routes_rules,
        gb_routes_session,
        gb_routes_setup,
        gb_routes_sign_in,
        gb_routes_state,
        gb_routes_tokens,
        gb_routes_users,
        gb_routes_views,
        /* Its addresses are any that the others have not. */
        gb_routes_portal,
        NULL,
};
