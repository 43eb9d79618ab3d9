/* SPDX-License-Identifier: Apache-2.0 */
/* Users, sessions, tokens, settings, begun sign-ins, and the audit log, on both databases. */
#include "fixture.h"

#include "base/arena.h"
#include "store/audit.h"
#include "store/sessions.h"
#include "store/settings.h"
#include "store/sign_ins.h"
#include "store/tokens.h"
#include "store/users.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int64_t add_user(struct fixture *f, const char *name, const char *role, const char *subject)
{
	const struct gb_user user = {
	        .name = gb_span_cstr(name),
	        .role = gb_span_cstr(role),
	        .password = subject[0] == '\0' ? GB_SPAN("hash") : GB_SPAN_EMPTY,
	        .issuer = subject[0] == '\0' ? GB_SPAN_EMPTY : GB_SPAN("https://id"),
	        .subject = gb_span_cstr(subject),
	        .created = 5,
	};
	int64_t id = 0;

	assert_ok(f, gb_user_add(f->store, &user, &id, &f->diag));
	assert_true(id > 0);
	return id;
}

static int count_user(void *context, const struct gb_user *user)
{
	int64_t *last = context;

	assert_true(user->id > *last);
	*last = user->id;
	return 0;
}

static void users(void **state)
{
	struct fixture *f = *state;
	struct gb_arena *arena = gb_arena_new();
	int64_t anna = add_user(f, "anna", "admin", ""), bert = add_user(f, "bert", "viewer", "s-1"), last = 0, count;
	struct gb_user user;

	assert_int_equal(gb_user_add(f->store, &(struct gb_user){.name = GB_SPAN("anna"), .role = GB_SPAN("admin")},
	                         &count, &f->diag),
	        -EEXIST);
	assert_int_equal(gb_user_add(f->store,
	                         &(struct gb_user){.name = GB_SPAN("other"),
	                                 .role = GB_SPAN("admin"),
	                                 .issuer = GB_SPAN("https://id"),
	                                 .subject = GB_SPAN("s-1")},
	                         &count, &f->diag),
	        -EEXIST);
	assert_int_equal(gb_user_by_name(f->store, GB_SPAN("anna"), arena, &user, &f->diag), 1);
	assert_int_equal(user.id, anna);
	assert_true(gb_span_equal(user.password, GB_SPAN("hash")));
	assert_int_equal(
	        gb_user_by_subject(f->store, GB_SPAN("https://id"), GB_SPAN("s-1"), arena, &user, &f->diag), 1);
	assert_int_equal(user.id, bert);
	assert_int_equal(user.password.n, 0);
	/* Those without a subject are not found by an empty one. */
	assert_int_equal(gb_user_by_subject(f->store, GB_SPAN_EMPTY, GB_SPAN_EMPTY, arena, &user, &f->diag), 0);
	assert_int_equal(gb_user_by_name(f->store, GB_SPAN("' OR 1=1 --"), arena, &user, &f->diag), 0);
	assert_int_equal(gb_user_by_id(f->store, bert, arena, &user, &f->diag), 1);
	user.role = GB_SPAN("admin");
	user.scope = GB_SPAN("{\"accounts\":[\"1\"]}");
	user.is_disabled = true;
	assert_int_equal(gb_user_change(f->store, &user, &f->diag), 1);
	assert_ok(f, gb_users_count(f->store, "admin", &count, &f->diag));
	assert_int_equal(count, 1);
	assert_ok(f, gb_users_count(f->store, NULL, &count, &f->diag));
	assert_int_equal(count, 2);
	assert_int_equal(gb_users_list(f->store, 0, 10, count_user, &last, &f->diag), 2);
	last = anna;
	assert_int_equal(gb_users_list(f->store, anna, 10, count_user, &last, &f->diag), 1);
	assert_int_equal(gb_user_delete(f->store, bert, &f->diag), 1);
	assert_int_equal(gb_user_delete(f->store, bert, &f->diag), 0);
	gb_arena_free(arena);
}

static int count_session(void *context, const struct gb_session *session)
{
	(void)session;
	++*(int *)context;
	return 0;
}

static void sessions(void **state)
{
	struct fixture *f = *state;
	struct gb_arena *arena = gb_arena_new();
	unsigned char hash[32];
	struct gb_session session = {.hash = gb_span_of(hash, 32),
	        .user = 7,
	        .csrf = GB_SPAN("c\0srf"),
	        .created = 10,
	        .last_used = 10,
	        .expires = 100,
	        .address = GB_SPAN("192.0.2.1"),
	        .agent = GB_SPAN("a\xff")};
	struct gb_session found;
	int count = 0;

	for (unsigned char i = 0; i < 4; i++) {
		memset(hash, i, 32);
		session.last_used = 10 + i;
		assert_ok(f, gb_session_add(f->store, &session, &f->diag));
	}
	assert_int_equal(gb_session_add(f->store, &session, &f->diag), -EEXIST);
	memset(hash, 1, 32);
	assert_int_equal(gb_session_get(f->store, session.hash, arena, &found, &f->diag), 1);
	assert_true(gb_span_equal(found.csrf, session.csrf) && found.last_used == 11 && found.expires == 100);
	assert_ok(f, gb_session_used(f->store, session.hash, 50, &f->diag));
	/* 0 and 2 rested too long, 3 is not asked for; 1 was used. */
	assert_int_equal(gb_sessions_expire(f->store, 60, 13, &f->diag), 2);
	assert_int_equal(gb_sessions_list(f->store, 7, 10, count_session, &count, &f->diag), 2);
	assert_int_equal(gb_sessions_list(f->store, 8, 10, count_session, &count, &f->diag), 0);
	assert_int_equal(gb_sessions_delete(f->store, 7, session.hash, &f->diag), 1);
	assert_int_equal(gb_sessions_expire(f->store, 100, 0, &f->diag), 1);
	assert_int_equal(gb_session_get(f->store, session.hash, arena, &found, &f->diag), 0);
	gb_arena_free(arena);
}

static int count_token(void *context, const struct gb_token *token)
{
	*(int64_t *)context = token->id;
	return 0;
}

static void tokens(void **state)
{
	struct fixture *f = *state;
	struct gb_arena *arena = gb_arena_new();
	unsigned char hash[32] = {1};
	const struct gb_token token = {.name = GB_SPAN("ci"),
	        .hash = gb_span_of(hash, 32),
	        .user = 3,
	        .role = GB_SPAN("viewer"),
	        .scopes = GB_SPAN("events:read"),
	        .created = 1,
	        .expires = 99};
	struct gb_token found;
	int64_t id, last = 0;

	assert_ok(f, gb_token_add(f->store, &token, &id, &f->diag));
	assert_int_equal(gb_token_get(f->store, token.hash, 0, arena, &found, &f->diag), 1);
	assert_true(found.id == id && found.expires == 99 && !found.is_revoked &&
	            gb_span_equal(found.scopes, token.scopes));
	assert_int_equal(gb_token_get(f->store, GB_SPAN_EMPTY, id, arena, &found, &f->diag), 1);
	assert_ok(f, gb_token_used(f->store, id, 42, &f->diag));
	assert_int_equal(gb_tokens_list(f->store, 3, 0, 10, count_token, &last, &f->diag), 1);
	assert_int_equal(gb_tokens_list(f->store, 4, 0, 10, count_token, &last, &f->diag), 0);
	assert_int_equal(gb_token_revoke(f->store, id, &f->diag), 1);
	assert_int_equal(gb_token_revoke(f->store, id, &f->diag), 0);
	assert_int_equal(gb_token_get(f->store, GB_SPAN_EMPTY, id, arena, &found, &f->diag), 1);
	assert_true(found.is_revoked && found.last_used == 42);
	gb_arena_free(arena);
}

static void sign_ins(void **state)
{
	struct fixture *f = *state;
	struct gb_arena *arena = gb_arena_new();
	const struct gb_sign_in sign_in = {GB_SPAN("state"), GB_SPAN("browser"), GB_SPAN("n"), GB_SPAN("v"), 100};
	struct gb_sign_in found;

	assert_ok(f, gb_sign_in_add(f->store, &sign_in, &f->diag));
	assert_int_equal(gb_sign_in_take(f->store, sign_in.state, GB_SPAN("another"), arena, &found, &f->diag), 0);
	assert_int_equal(gb_sign_in_take(f->store, sign_in.state, sign_in.browser, arena, &found, &f->diag), 1);
	assert_true(gb_span_equal(found.nonce, GB_SPAN("n")) && gb_span_equal(found.verifier, GB_SPAN("v")) &&
	            found.expires == 100);
	assert_int_equal(gb_sign_in_take(f->store, sign_in.state, sign_in.browser, arena, &found, &f->diag), 0);
	assert_ok(f, gb_sign_in_add(f->store, &sign_in, &f->diag));
	assert_int_equal(gb_sign_ins_expire(f->store, 99, &f->diag), 0);
	assert_int_equal(gb_sign_ins_expire(f->store, 100, &f->diag), 1);
	gb_arena_free(arena);
}

static void settings(void **state)
{
	struct fixture *f = *state;
	struct gb_arena *arena = gb_arena_new();
	struct gb_span value;

	assert_int_equal(gb_setting_get(f->store, "k", arena, &value, &f->diag), 0);
	assert_ok(f, gb_setting_put(f->store, "k", GB_SPAN("1"), &f->diag));
	assert_ok(f, gb_setting_put(f->store, "k", GB_SPAN("2"), &f->diag));
	assert_int_equal(gb_setting_get(f->store, "k", arena, &value, &f->diag), 1);
	assert_true(gb_span_equal(value, GB_SPAN("2")));
	assert_int_equal(gb_setting_delete(f->store, "k", &f->diag), 1);
	assert_int_equal(gb_setting_delete(f->store, "k", &f->diag), 0);
	gb_arena_free(arena);
}

static int add_entry(struct gb_store *store, const char *action, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_audit_entry entry = {.time = 1,
	        .actor = GB_SPAN("user:a"),
	        .action = gb_span_cstr(action),
	        .target = GB_SPAN("\xc3\xa9"),
	        .detail = GB_SPAN("{}")};
	int r = gb_store_begin(store, diag);

	if (r >= 0)
		r = gb_audit_add(store, &entry, arena, diag);
	if (r >= 0)
		r = gb_store_commit(store, diag);
	else
		gb_store_rollback(store);
	gb_arena_free(arena);
	return r;
}

struct writer {
	struct gb_store *store;
	int result;
};

static void *write_entries(void *context)
{
	struct writer *writer = context;
	struct gb_diag diag = {0};

	for (int i = 0; i < 50 && writer->result >= 0; i++)
		writer->result = add_entry(writer->store, "concurrent", &diag);
	return NULL;
}

static void audit_chain(void **state)
{
	struct fixture *f = *state;
	struct gb_audit_finding finding;
	struct writer writers[4];
	pthread_t threads[4];

	assert_ok(f, gb_audit_verify(f->store, 0, NULL, &finding, &f->diag));
	assert_true(finding.broken_at == 0 && finding.entries == 0);
	for (int i = 0; i < 4; i++) {
		writers[i] = (struct writer){fixture_open(f), 0};
		pthread_create(&threads[i], NULL, write_entries, &writers[i]);
	}
	/* The chain is whole at any moment, also while others add to it. */
	for (int i = 0; i < 20; i++) {
		assert_ok(f, gb_audit_verify(f->store, 0, NULL, &finding, &f->diag));
		assert_int_equal(finding.broken_at, 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_true(writers[i].result >= 0);
		gb_store_close(writers[i].store);
	}
	assert_ok(f, gb_audit_verify(f->store, 200, finding.head, &finding, &f->diag));
	assert_true(finding.broken_at == 0 && finding.entries == 200);
	assert_ok(f,
	        gb_sql_run(f->store, "UPDATE audit SET target = 'x' WHERE seq = 120", NULL, 0, NULL, NULL, &f->diag));
	assert_ok(f, gb_audit_verify(f->store, 0, NULL, &finding, &f->diag));
	assert_int_equal(finding.broken_at, 120);
}

/* What is rolled back leaves neither an entry nor a gap. */
static void audit_stands_or_falls_with_the_change(void **state)
{
	struct fixture *f = *state;
	struct gb_arena *arena = gb_arena_new();
	struct gb_audit_entry entry = {.time = 1, .actor = GB_SPAN("a"), .action = GB_SPAN("b")};
	struct gb_audit_finding finding;

	assert_ok(f, add_entry(f->store, "first", &f->diag));
	assert_ok(f, gb_store_begin(f->store, &f->diag));
	assert_ok(f, gb_audit_add(f->store, &entry, arena, &f->diag));
	assert_int_equal(entry.seq, 2);
	gb_store_rollback(f->store);
	assert_ok(f, add_entry(f->store, "second", &f->diag));
	assert_ok(f, gb_audit_verify(f->store, 0, NULL, &finding, &f->diag));
	assert_true(finding.broken_at == 0 && finding.entries == 2);
	entry.target = GB_SPAN("\xff");
	assert_ok(f, gb_store_begin(f->store, &f->diag));
	assert_int_equal(gb_audit_add(f->store, &entry, arena, &f->diag), -EINVAL);
	gb_store_rollback(f->store);
	gb_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        ON_BOTH(users),
	        ON_BOTH(sessions),
	        ON_BOTH(tokens),
	        ON_BOTH(sign_ins),
	        ON_BOTH(settings),
	        ON_BOTH(audit_chain),
	        ON_BOTH(audit_stands_or_falls_with_the_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
