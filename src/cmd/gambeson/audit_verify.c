/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson audit verify: the chain of the audit log, read from the database itself. */
#include "cmd/gambeson/commands.h"

#include "store/audit.h"
#include "store/store.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

struct settings {
	bool json;
	const char *data, *store, *anchor;
};

static const struct gb_option options[] = {
        GB_FLAG(struct settings, json, "json", "print JSON"),
        GB_TEXT(struct settings, data, "data", "FOLDER", "the folder of the server (default: ./gambeson-data)"),
        GB_TEXT(struct settings, store, "store", "URL", "the database, where the server was given one"),
        GB_TEXT(struct settings, anchor, "anchor", "SEQ:HASH",
                "an entry noted elsewhere, which must be there as it was"),
        {.name = NULL},
};

static bool read_anchor(const char *text, int64_t *ret_seq, unsigned char ret_hash[GB_AUDIT_HASH_BYTES])
{
	struct gb_span all = gb_span_cstr(text);
	size_t colon = gb_span_find_byte(all, ':', 0), n;
	uint64_t seq;

	*ret_seq = 0;
	if (text == NULL)
		return true;
	if (colon == SIZE_MAX || !gb_span_to_u64(gb_span_sub(all, 0, colon), &seq) || seq == 0 || seq > INT64_MAX)
		return false;
	*ret_seq = (int64_t)seq;
	return sodium_hex2bin(ret_hash, GB_AUDIT_HASH_BYTES, text + colon + 1, all.n - colon - 1, NULL, &n, NULL) ==
	               0 &&
	       n == GB_AUDIT_HASH_BYTES;
}

static void print(const struct gb_audit_finding *finding, bool is_json)
{
	char hex[2 * GB_AUDIT_HASH_BYTES + 1];
	struct gb_text text = gb_text_on(hex, sizeof(hex));
	json_t *json;

	gb_text_add_hex(&text, gb_span_of(finding->head, sizeof(finding->head)));
	if (is_json) {
		json = json_pack("{s:b,s:I,s:o,s:b,s:s}", "is_whole", finding->broken_at == 0, "entries",
		        (json_int_t)finding->entries, "broken_at",
		        finding->broken_at != 0 ? json_integer(finding->broken_at) : json_null(), "is_anchor_met",
		        finding->is_anchor_met, "head", gb_text_cstr(&text));
		json_dumpf(json, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(json);
	} else if (finding->broken_at != 0) {
		printf("broken at entry %lld: it, or what was there, has been changed, put in or taken out\n",
		        (long long)finding->broken_at);
	} else {
		printf("%lld entries, whole; the last is %lld:%s\n", (long long)finding->entries,
		        (long long)finding->entries, gb_text_cstr(&text));
	}
	if (!is_json && !finding->is_anchor_met)
		puts("the anchor is not met: the log was made anew, or cut off before it");
}

static int run(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct settings *settings = context;
	GB_CLEANUP(gb_store_closep) struct gb_store *store = NULL;
	unsigned char anchor[GB_AUDIT_HASH_BYTES] = {0};
	struct gb_audit_finding finding;
	struct gb_diag diag = {0};
	char url[4200];
	int64_t seq;
	int r;

	(void)operands;
	if (!read_anchor(settings->anchor, &seq, anchor))
		return gb_complain(
		        self, GB_EXIT_USAGE, "--anchor is SEQ:HASH, as this command and the server's log print it");
	if (settings->store != NULL) {
		snprintf(url, sizeof(url), "%s", settings->store);
	} else {
		snprintf(url, sizeof(url), "sqlite:%s/gambeson.db",
		        settings->data != NULL ? settings->data : "gambeson-data");
		/* Opening would make it. */
		if (access(url + strlen("sqlite:"), R_OK) < 0)
			return gb_complain(
			        self, GB_EXIT_SYSTEM, "there is no %s: %s", url + strlen("sqlite:"), strerror(errno));
	}
	r = gb_store_open(url, &store, &diag);
	if (r == 0)
		r = gb_audit_verify(store, seq, anchor, &finding, &diag);
	if (r < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s", diag.message);
	print(&finding, settings->json);
	return finding.broken_at == 0 && finding.is_anchor_met ? GB_EXIT_OK : GB_EXIT_FINDINGS;
}

const struct gb_command gb_cmd_audit_verify = {
        .name = "audit verify",
        .summary = "check that nothing in a server's audit log was changed or left out",
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
        .notes = "Reads the database, with the server running or not. Status 1: something is wrong.\n",
};
