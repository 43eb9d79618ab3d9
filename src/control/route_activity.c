/* SPDX-License-Identifier: Apache-2.0 */
/* What a function does, and what its policy lists of it. */
#include "control/rule_json.h"
#include "publish/items.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define TEXT_MAX   256u
#define FOLDER_MAX 4096u

/* Nothing is one of them, too. */
static bool is_word(struct gb_span word, const char *words)
{
	return word.n == 0 || gb_span_is_one_of(word, words);
}

static bool is_folder(struct gb_span folder)
{
	return folder.n == 0 ||
	       (folder.n <= FOLDER_MAX && gb_span_starts(folder, GB_SPAN("/")) && gb_span_ends(folder, GB_SPAN("/")));
}

/* 0; -EINVAL: the problem is answered. */
static int read_query(struct gb_call *call, struct gb_publish_items_asked *asked)
{
	struct gb_span cursor = gb_call_query(call, "cursor");
	uint64_t limit, offset = 0;

	if (gb_call_query_number(call, "limit", 1, 500, 50, &limit) < 0)
		return -EINVAL;
	*asked = (struct gb_publish_items_asked){.kind = gb_call_query(call, "kind"),
	        .version = gb_call_query(call, "version"),
	        .against = gb_call_query(call, "against"),
	        .text = gb_call_query(call, "text"),
	        .verdict = gb_call_query(call, "verdict"),
	        .difference = gb_call_query(call, "difference"),
	        .folder = gb_call_query(call, "folder"),
	        .limit = (size_t)limit};
	if (is_word(asked->kind, "process\0file\0library\0host\0address\0api\0http\0other\0") &&
	        is_word(asked->verdict, "allow\0deny\0unlisted\0") &&
	        is_word(asked->difference, "added\0removed\0same\0") && asked->text.n <= TEXT_MAX &&
	        is_folder(asked->folder) &&
	        (cursor.n == 0 || (gb_span_to_u64(cursor, &offset) && offset <= INT32_MAX))) {
		asked->offset = (size_t)offset;
		return 0;
	}
	(void)gb_call_problem(call, 400, "bad-value", "kind, verdict, difference, text, folder or cursor is none");
	return -EINVAL;
}

static int list_activity(struct gb_call *call)
{
	struct gb_publish_items_asked asked;
	struct gb_publish_items items;
	struct gb_function function;
	struct gb_diag diag = {0};
	char next[24];
	json_t *answer;
	size_t end;
	int r;

	if (read_query(call, &asked) < 0)
		return 0;
	r = gb_call_function(call, gb_call_parameter(call, "id"), &function);
	if (r <= 0)
		return r < 0 ? 0 : gb_call_problem(call, 404, "not-found", "there is no such function");
	r = gb_publish_items(call->store, &function, &asked, &items, &diag);
	if (r == -ENOENT)
		return gb_call_problem(call, 404, "not-found", "%s", diag.message);
	if (r == -EINVAL || r == -EFBIG)
		return gb_call_problem(call, 409, "conflict", "%s", diag.message);
	if (r < 0)
		return gb_call_failed(call, r, &diag);
	answer = json_pack("{s:o, s:I, s:o, s:o, s:o, s:o}", "items", items.list, "total", (json_int_t)items.total,
	        "kinds", items.kinds, "folders", items.folders, "version", items.version, "against", items.against);
	end = asked.offset + asked.limit;
	(void)snprintf(next, sizeof(next), "%zu", end);
	if (answer != NULL && end < items.total)
		(void)json_object_set_new(answer, "next", json_string(next));
	return gb_call_json(call, 200, answer);
}

const struct gb_route gb_routes_activity[] = {
        {.method = "GET",
                .path = "/v1/functions/{id}/activity",
                .handle = list_activity,
                .operation_id = "listActivity",
                .role = GB_ROLE_VIEWER,
                .scope = "functions:read"},
        {0},
};
