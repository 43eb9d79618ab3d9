/* SPDX-License-Identifier: Apache-2.0 */
/* store/sessions: who is signed in, and API tokens. Secrets are stored as SHA-256 of 256 random bits only. */
#ifndef GB_STORE_SESSIONS_H
#define GB_STORE_SESSIONS_H

#include "base/arena.h"
#include "store/sql.h"

#define GB_CREDENTIAL_HASH_BYTES 32u

struct gb_session {
	struct gb_span hash; /* of the cookie */
	int64_t user;
	struct gb_span csrf; /* what requests of the portal show */
	int64_t created, last_used, expires;
	struct gb_span address, agent; /* of the sign-in, for its owner to tell them apart */
};

/* Keep a new one, under the hash of its secret. */
__attribute__((warn_unused_result)) int gb_session_add(
        struct gb_store *store, const struct gb_session *session, struct gb_diag *diag);

/* One, in ARENA. 1, or 0 when there is none; whether its time is over is the caller's question. */
__attribute__((warn_unused_result)) int gb_session_get(struct gb_store *store, struct gb_span hash,
        struct gb_arena *arena, struct gb_session *ret_session, struct gb_diag *diag);

/* It was used at NOW (ms since 1970). No error when there is none. */
__attribute__((warn_unused_result)) int gb_session_used(
        struct gb_store *store, struct gb_span hash, int64_t now, struct gb_diag *diag);

/* 1, or 0 when there was none. */
__attribute__((warn_unused_result)) int gb_session_delete(
        struct gb_store *store, struct gb_span hash, struct gb_diag *diag);

/* All of USER but the one with the hash BUT (empty: all). Result: how many. */
__attribute__((warn_unused_result)) int gb_sessions_delete(
        struct gb_store *store, int64_t user, struct gb_span but, struct gb_diag *diag);

/* Those that ended before NOW or rested since IDLE_BEFORE. Result: how many. */
__attribute__((warn_unused_result)) int gb_sessions_expire(
        struct gb_store *store, int64_t now, int64_t idle_before, struct gb_diag *diag);

/* Spans live until it returns; results as gb_sql_row's. */
typedef int gb_session_row(void *context, const struct gb_session *session);
/* Of USER (0: of everybody), newest first, at most LIMIT. */
__attribute__((warn_unused_result)) int gb_sessions_list(struct gb_store *store, int64_t user, size_t limit,
        gb_session_row *on_row, void *context, struct gb_diag *diag);

#endif
