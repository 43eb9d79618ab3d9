/* SPDX-License-Identifier: Apache-2.0 */
/* What the routes of channels share. */
#ifndef GB_CONTROL_CHANNEL_H
#define GB_CONTROL_CHANNEL_H

#include "control/state.h"
#include "store/channels.h"
#include "store/outbox.h"

/* The channel that the path names, for who sees all functions. 1 with *RET filled, its texts in the call's arena; 0: the
 * call is answered. */
int gb_call_channel(struct gb_call *call, struct gb_channel *ret_channel);

/* End the transaction: R is what became of it. 0: committed; negative: undone, and the call is answered. */
int gb_call_channel_finish(struct gb_call *call, int r, struct gb_diag *diag);

/* CHANNEL with its secrets left out; COUNTS of its messages, by state. NULL without memory. */
json_t *gb_channel_json(struct gb_call *call, const struct gb_channel *channel, const int64_t *counts);

/* The members of BODY into CHANNEL; what BODY does not have stays, but IS_NEW needs a name and a config. The texts are in the
 * call's arena, secrets sealed. 0; negative: the call is answered. */
int gb_channel_read(struct gb_call *call, const json_t *body, struct gb_channel *channel, bool is_new);

/* VALUE, which is taken, as text in the call's arena. Empty without memory. */
struct gb_span gb_call_json_text(struct gb_call *call, json_t *value);

#endif
