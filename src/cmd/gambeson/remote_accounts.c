/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson users, gambeson tokens, gambeson audit list */
#include "cmd/gambeson/remote.h"

#include "base/cleanup.h"

#include <stdlib.h>
#include <string.h>

static const char *const roles[] = {"viewer", "analyst", "operator", "admin", NULL};

struct list_settings {
	struct gb_remote_settings remote;
};

static const struct gb_option list_options[] = {GB_REMOTE_OPTIONS(struct list_settings), {.name = NULL}};

static int list(const struct gb_command *self, void *context, const char *path, const struct gb_remote_column *columns)
{
	const struct list_settings *settings = context;
	struct gb_remote remote;
	json_t *answer = NULL;
	int status = gb_remote_open(&remote, self, &settings->remote);

	if (status == GB_EXIT_OK)
		status = gb_remote_ask(&remote, "GET", path, NULL, &answer);
	if (status == GB_EXIT_OK && remote.is_json)
		gb_remote_print(answer, "items");
	else if (status == GB_EXIT_OK)
		gb_remote_table(json_object_get(answer, "items"), columns);
	json_decref(answer);
	gb_remote_close(&remote);
	return status;
}

static int list_users(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	static const struct gb_remote_column columns[] = {{"ID", "id", GB_FIT_WHOLE}, {"NAME", "name", GB_FIT_CUT},
	        {"ROLE", "role", GB_FIT_WHOLE}, {"ACCOUNTS", "scope.accounts", GB_FIT_ANY},
	        {"TAGS", "scope.tags", GB_FIT_ANY}, {"SHUT OUT", "is_disabled", GB_FIT_SPARE},
	        {"LAST SIGN-IN", "last_sign_in", GB_FIT_SPARE}, {NULL, NULL, GB_FIT_WHOLE}};

	(void)operands;
	return list(self, context, "/v1/users?limit=500", columns);
}

static int list_tokens(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	static const struct gb_remote_column columns[] = {{"ID", "id", GB_FIT_WHOLE}, {"NAME", "name", GB_FIT_CUT},
	        {"ROLE", "role", GB_FIT_WHOLE}, {"FOR", "scopes", GB_FIT_ANY}, {"ENDS", "expires", GB_FIT_SPARE},
	        {"LAST USED", "last_used", GB_FIT_SPARE}, {"REVOKED", "is_revoked", GB_FIT_WHOLE},
	        {NULL, NULL, GB_FIT_WHOLE}};

	(void)operands;
	return list(self, context, "/v1/tokens?limit=500", columns);
}

static int list_audit(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	static const struct gb_remote_column columns[] = {{"NUMBER", "seq", GB_FIT_WHOLE},
	        {"TIME", "time", GB_FIT_WHOLE}, {"WHO", "actor", GB_FIT_CUT}, {"WHAT", "action", GB_FIT_WHOLE},
	        {"OF", "target", GB_FIT_CUT}, {NULL, NULL, GB_FIT_WHOLE}};

	(void)operands;
	return list(self, context, "/v1/audit?limit=1000", columns);
}

struct add_settings {
	struct gb_remote_settings remote;
	const char *role, *email;
	struct gb_strings accounts, tags;
};

static const struct gb_option add_options[] = {
        GB_REMOTE_OPTIONS(struct add_settings),
        GB_CHOICE(struct add_settings, role, "role", "ROLE", "viewer (default), analyst, operator or admin",
                .choices = roles),
        GB_TEXT(struct add_settings, email, "email", "ADDRESS", "of the user"),
        GB_LIST(struct add_settings, accounts, "account", "ID", "sees this account only"),
        GB_LIST(struct add_settings, tags, "tag", "KEY=VALUE", "sees functions with this tag only"),
        {.name = NULL},
};

static json_t *list_json(const struct gb_strings *texts)
{
	json_t *array = json_array();

	for (size_t i = 0; i < texts->count; i++)
		(void)json_array_append_new(array, json_string(texts->items[i]));
	return array;
}

static int add_user(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct add_settings *settings = context;
	char password[512];
	struct gb_remote remote;
	json_t *body;
	int status = gb_remote_open(&remote, self, &settings->remote);

	if (status == GB_EXIT_OK && fgets(password, sizeof(password), stdin) == NULL)
		status = gb_complain(self, GB_EXIT_USAGE, "no password: it is read from standard input");
	if (status == GB_EXIT_OK) {
		password[strcspn(password, "\r\n")] = '\0';
		body = json_pack("{s:s, s:s, s:s}", "name", operands->items[0], "password", password, "role",
		        settings->role != NULL ? settings->role : "viewer");
		if (settings->email != NULL)
			(void)json_object_set_new(body, "email", json_string(settings->email));
		if (settings->accounts.count + settings->tags.count != 0)
			(void)json_object_set_new(body, "scope",
			        json_pack("{s:o, s:o}", "accounts", list_json(&settings->accounts), "tags",
			                list_json(&settings->tags)));
		status = gb_remote_ask(&remote, "POST", "/v1/users", body, NULL);
	}
	explicit_bzero(password, sizeof(password));
	gb_remote_close(&remote);
	return status;
}

static int delete_users(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	return gb_remote_delete_all(self, &((const struct list_settings *)context)->remote, operands, "/v1/users");
}

static int revoke_tokens(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	return gb_remote_delete_all(self, &((const struct list_settings *)context)->remote, operands, "/v1/tokens");
}

#define LISTING(word, text, function)                                                                                  \
	{                                                                                                              \
		.name = (word), .summary = (text), .options = list_options,                                            \
		.settings_bytes = sizeof(struct list_settings), .run = (function)                                      \
	}
#define DELETING(word, text, function)                                                                                 \
	{                                                                                                              \
		.name = (word), .summary = (text), .operands = "ID...", .operands_min = 1,                             \
		.operands_max = GB_OPERANDS_ANY, .options = list_options,                                              \
		.settings_bytes = sizeof(struct list_settings), .run = (function)                                      \
	}

static const struct gb_command users_list = LISTING("users list", "list users of a server", list_users);
static const struct gb_command users_delete =
        DELETING("users delete", "delete users with their sessions and tokens", delete_users);
static const struct gb_command users_add = {
        .name = "users add",
        .summary = "make a user; the password is read from standard input",
        .operands = "NAME",
        .operands_min = 1,
        .operands_max = 1,
        .options = add_options,
        .settings_bytes = sizeof(struct add_settings),
        .run = add_user,
};
static const struct gb_command tokens_list = LISTING("tokens list", "list API tokens", list_tokens);
static const struct gb_command tokens_revoke = DELETING("tokens revoke", "end API tokens at once", revoke_tokens);

static const struct gb_command *const user_commands[] = {&users_list, &users_add, &users_delete, NULL};
static const struct gb_command *const token_commands[] = {&tokens_list, &tokens_revoke, NULL};

const struct gb_command gb_cmd_users = {
        .name = "users", .summary = "list, add and delete users of a server", .children = user_commands};
const struct gb_command gb_cmd_tokens = {
        .name = "tokens", .summary = "list and revoke API tokens of a server", .children = token_commands};
const struct gb_command gb_cmd_audit_list =
        LISTING("audit list", "show what was changed by whom, the latest first", list_audit);
