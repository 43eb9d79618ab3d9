/* SPDX-License-Identifier: Apache-2.0 */
/* control/scope: which functions a user or token sees, as the API has it: {"accounts": ["…"], "tags": ["key=value"]}. */
#ifndef GB_CONTROL_SCOPE_H
#define GB_CONTROL_SCOPE_H

#include "control/control.h"
#include "store/scope.h"

#define GB_SCOPE_ITEMS_MAX 64u /* of each list */
#define GB_SCOPE_TEXT_MAX  256u

/* VALUE (NULL, JSON null or with both lists empty: everything) as it is stored, in ARENA. 0; -EINVAL: not of that form. */
__attribute__((warn_unused_result)) int gb_scope_text_of(
        const json_t *value, struct gb_arena *arena, struct gb_span *ret_text);

/* Stored text as a scope in ARENA; *ret_scope is NULL for everything. What cannot be read sees nothing. 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int gb_scope_of_text(
        struct gb_span text, struct gb_arena *arena, const struct gb_scope **ret_scope);

/* Stored text as the API shows it; JSON null for everything. */
json_t *gb_scope_json(struct gb_span text);

/* Whether INNER sees nothing that OUTER does not (NULL: everything). */
bool gb_scope_is_within(const struct gb_scope *inner, const struct gb_scope *outer);

#endif
