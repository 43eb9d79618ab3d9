/* SPDX-License-Identifier: Apache-2.0 */
#include "store/users.h"

#include "store/copy.h"

#define COLUMNS                                                                                                        \
	"name, email, COALESCE(password, ''), role, scope, issuer, subject, id, is_disabled, created, last_login"
#define TEXTS 7u

static struct gb_user user_of(const struct gb_sql_value *columns)
{
	return (struct gb_user){
	        .name = columns[0].bytes,
	        .email = columns[1].bytes,
	        .password = columns[2].bytes,
	        .role = columns[3].bytes,
	        .scope = columns[4].bytes,
	        .issuer = columns[5].bytes,
	        .subject = columns[6].bytes,
	        .id = columns[7].integer,
	        .is_disabled = columns[8].integer != 0,
	        .created = columns[9].integer,
	        .last_login = columns[10].integer,
	};
}

struct one {
	struct gb_arena *arena;
	struct gb_user *user;
};

static int keep(void *context, const struct gb_sql_value *columns, size_t count)
{
	struct one *one = context;
	struct gb_user user = user_of(columns);
	struct gb_span *texts[TEXTS] = {
	        &user.name, &user.email, &user.password, &user.role, &user.scope, &user.issuer, &user.subject};
	int r = gb_store_copy(one->arena, columns, texts, TEXTS);

	(void)count;
	if (r < 0)
		return r;
	*one->user = user;
	return 1;
}

int gb_user_add(struct gb_store *store, const struct gb_user *user, int64_t *ret_id, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_text(user->name),
	        gb_sql_text(user->email),
	        user->password.n > 0 ? gb_sql_text(user->password) : gb_sql_null(),
	        gb_sql_text(user->role),
	        gb_sql_text(user->scope),
	        gb_sql_text(user->issuer),
	        gb_sql_text(user->subject),
	        gb_sql_integer(user->is_disabled),
	        gb_sql_integer(user->created),
	};

	return gb_sql_integer_of(store,
	        "INSERT INTO users (name, email, password, role, scope, issuer, subject, is_disabled, created) "
	        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
	        values, 9, ret_id, diag);
}

int gb_user_change(struct gb_store *store, const struct gb_user *user, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {
	        gb_sql_integer(user->id),
	        gb_sql_text(user->email),
	        user->password.n > 0 ? gb_sql_text(user->password) : gb_sql_null(),
	        gb_sql_text(user->role),
	        gb_sql_text(user->scope),
	        gb_sql_text(user->issuer),
	        gb_sql_text(user->subject),
	        gb_sql_integer(user->is_disabled),
	        gb_sql_integer(user->last_login),
	};

	return gb_sql_run(store,
	        "UPDATE users SET email = $2, password = $3, role = $4, scope = $5, issuer = $6, subject = $7, "
	        "is_disabled = $8, last_login = $9 WHERE id = $1",
	        values, 9, NULL, NULL, diag);
}

int gb_user_delete(struct gb_store *store, int64_t id, struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_integer(id);
	int r = gb_sql_run(store, "DELETE FROM sessions WHERE user_id = $1", &value, 1, NULL, NULL, diag);

	if (r >= 0)
		r = gb_sql_run(store, "DELETE FROM tokens WHERE user_id = $1", &value, 1, NULL, NULL, diag);
	return r < 0 ? r : gb_sql_run(store, "DELETE FROM users WHERE id = $1", &value, 1, NULL, NULL, diag);
}

int gb_user_by_id(
        struct gb_store *store, int64_t id, struct gb_arena *arena, struct gb_user *ret_user, struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_integer(id);
	struct one one = {arena, ret_user};

	return gb_sql_run(store, "SELECT " COLUMNS " FROM users WHERE id = $1", &value, 1, keep, &one, diag);
}

int gb_user_by_name(struct gb_store *store, struct gb_span name, struct gb_arena *arena, struct gb_user *ret_user,
        struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_text(name);
	struct one one = {arena, ret_user};

	return gb_sql_run(store, "SELECT " COLUMNS " FROM users WHERE name = $1", &value, 1, keep, &one, diag);
}

int gb_user_by_subject(struct gb_store *store, struct gb_span issuer, struct gb_span subject, struct gb_arena *arena,
        struct gb_user *ret_user, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_text(issuer), gb_sql_text(subject)};
	struct one one = {arena, ret_user};

	return gb_sql_run(store, "SELECT " COLUMNS " FROM users WHERE issuer = $1 AND subject = $2 AND subject <> ''",
	        values, 2, keep, &one, diag);
}

struct each {
	gb_user_row *on_row;
	void *context;
};

static int hand_out(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct each *each = context;
	const struct gb_user user = user_of(columns);

	(void)count;
	return each->on_row(each->context, &user);
}

int gb_users_list(
        struct gb_store *store, int64_t after, size_t limit, gb_user_row *on_row, void *context, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(after), gb_sql_integer((int64_t)limit)};
	struct each each = {on_row, context};

	return gb_sql_run(store, "SELECT " COLUMNS " FROM users WHERE id > $1 ORDER BY id LIMIT $2", values, 2,
	        hand_out, &each, diag);
}

int gb_users_count(struct gb_store *store, const char *role, int64_t *ret_count, struct gb_diag *diag)
{
	const struct gb_sql_value value = gb_sql_cstr(role);
	int r;

	if (role == NULL)
		r = gb_sql_integer_of(store, "SELECT COUNT(*) FROM users", NULL, 0, ret_count, diag);
	else
		r = gb_sql_integer_of(store,
		        "SELECT COUNT(*) FROM users WHERE role = $1 AND is_disabled = 0 AND "
		        "(password IS NOT NULL OR subject <> '') AND COALESCE(scope, '') = ''",
		        &value, 1, ret_count, diag);
	return r < 0 ? r : 0;
}
