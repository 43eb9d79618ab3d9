/* SPDX-License-Identifier: Apache-2.0 */
/* control/account: users as the API takes and shows them. */
#ifndef GB_CONTROL_ACCOUNT_H
#define GB_CONTROL_ACCOUNT_H

#include "control/control.h"
#include "store/users.h"

#define GB_ACCOUNT_NAME_MAX  64u
#define GB_ACCOUNT_EMAIL_MAX 254u

/* The member `name`: letters, digits and . _ - @ +, in lower case in the call's arena. 0; -EINVAL: answered. */
__attribute__((warn_unused_result)) int gb_account_name(
        struct gb_call *call, const json_t *body, struct gb_span *ret_name);

/* The hash of the new password that stands in MEMBER, in the call's arena. 0; negative: answered. */
__attribute__((warn_unused_result)) int gb_account_password(
        struct gb_call *call, const json_t *body, const char *member, struct gb_span name, struct gb_span *ret_hash);

/* Whether PASSWORD is USER's (NULL: nobody's, which takes as long). 1, 0; negative: answered. */
__attribute__((warn_unused_result)) int gb_account_check(
        struct gb_call *call, const struct gb_user *user, struct gb_span password);

/* USER as the API shows him, without his secrets. */
json_t *gb_account_json(const struct gb_user *user);

/* Answer with who is signed in now: {"user": …, "csrf_token": …}. */
int gb_account_answer(struct gb_call *call, unsigned status, const struct gb_user *user, struct gb_span csrf);

#endif
