/* SPDX-License-Identifier: Apache-2.0 */
/* Streams end with the right to read them: whoever signed out, was disabled or had his token revoked hears no more. */
#include "control/auth.h"
#include "control/state.h"
#include "store/tokens.h"

#include <errno.h>
#include <string.h>

#define LOOK_MS 2000

struct guarded {
	struct gb_web_source source;
	enum gb_actor_kind kind;
	unsigned char hash[GB_CREDENTIAL_HASH_BYTES];
	unsigned char rights[GB_SHA256_BYTES]; /* of the user when it began */
	int64_t next_look_ms;
};

/* Role and scope: when they change, what the stream shows is not what he may see. */
static void rights_of(const struct gb_user *user, unsigned char ret_rights[GB_SHA256_BYTES])
{
	unsigned char parts[2][GB_SHA256_BYTES];

	gb_sha256(user->role, parts[0]);
	gb_sha256(user->scope, parts[1]);
	gb_sha256(gb_span_of(parts, sizeof(parts)), ret_rights);
}

static int session_holds(
        const struct guarded *guarded, struct gb_store *store, struct gb_arena *arena, int64_t *ret_user)
{
	struct gb_session session;
	int r = gb_session_get(store, gb_span_of(guarded->hash, sizeof(guarded->hash)), arena, &session, NULL);

	*ret_user = r == 1 ? session.user : 0;
	return r == 1 && gb_clock_ms() >= session.expires ? 0 : r;
}

static int token_holds(const struct guarded *guarded, struct gb_store *store, struct gb_arena *arena, int64_t *ret_user)
{
	struct gb_token token;
	int r = gb_token_get(store, gb_span_of(guarded->hash, sizeof(guarded->hash)), 0, arena, &token, NULL);

	*ret_user = r == 1 ? token.user : 0;
	return r == 1 && (token.is_revoked || (token.expires != 0 && gb_clock_ms() >= token.expires)) ? 0 : r;
}

/* 1: it holds, 0: it has ended. */
static int holds(const struct guarded *guarded, struct gb_store *store)
{
	struct gb_arena *arena = gb_arena_new();
	unsigned char rights[GB_SHA256_BYTES];
	struct gb_user user;
	int64_t id = 0;
	int r = -ENOMEM;

	if (arena != NULL)
		r = guarded->kind == GB_ACTOR_TOKEN ? token_holds(guarded, store, arena, &id)
		                                    : session_holds(guarded, store, arena, &id);
	if (r == 1)
		r = gb_user_by_id(store, id, arena, &user, NULL);
	if (r == 1) {
		rights_of(&user, rights);
		r = !user.is_disabled && memcmp(rights, guarded->rights, sizeof(rights)) == 0;
	}
	gb_arena_free(arena);
	return r;
}

static int produce(void *context, void *worker, struct gb_web_stream *stream)
{
	struct guarded *guarded = context;
	int64_t now = gb_clock_ms();
	int r = 1;

	if (now >= guarded->next_look_ms)
		r = holds(guarded, worker);
	if (r <= 0)
		return r < 0 ? r : GB_WEB_END;
	if (now >= guarded->next_look_ms)
		guarded->next_look_ms = now + LOOK_MS;
	return guarded->source.produce(guarded->source.context, worker, stream);
}

static void done(void *context)
{
	struct guarded *guarded = context;

	if (guarded->source.done != NULL)
		guarded->source.done(guarded->source.context);
	free(guarded);
}

int gb_stream_guard(const struct gb_call *call, struct gb_web_source *source)
{
	struct guarded *guarded;

	if (call->actor == NULL || call->actor->credential.n != sizeof(guarded->hash))
		return 0;
	guarded = calloc(1, sizeof(*guarded));
	if (guarded == NULL)
		return -ENOMEM;
	*guarded =
	        (struct guarded){.source = *source, .kind = call->actor->kind, .next_look_ms = gb_clock_ms() + LOOK_MS};
	rights_of(&call->caller->user, guarded->rights);
	memcpy(guarded->hash, call->actor->credential.p, sizeof(guarded->hash));
	*source = (struct gb_web_source){produce, done, guarded, source->later_ms};
	return 0;
}
