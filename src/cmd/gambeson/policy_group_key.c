/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson policy group-key: keys and secrets of groups, made and replaced. */
#include "cmd/gambeson/policy_commands.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/text.h"
#include "cmd/gambeson/policy_set.h"
#include "policyc/moment.h"
#include "policyc/secret.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define OVERLAP_SECONDS (14 * 86400)

struct settings {
	const char *output, *group, *until;
	bool rotate;
};

/* Whoever lost a secret that functions have makes a new one; nobody overwrites it by mistake. */
static int write_secret(const struct gb_command *self, const char *path, const char *secret)
{
	char line[GB_POLICYC_SECRET_CHARS + 1];
	struct stat about;
	int n = snprintf(line, sizeof(line), "%s\n", secret), r;

	if (lstat(path, &about) == 0)
		return gb_complain(self, GB_EXIT_USAGE, "%s exists; move it away first", path);
	r = gb_fd_write_file(path, gb_span_of(line, (size_t)n), 0600);
	sodium_memzero(line, sizeof(line));
	return r < 0 ? gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be written: %s", path, strerror(-r)) : GB_EXIT_OK;
}

static int previous_end(const struct gb_command *self, const char *until, int64_t now, int64_t *ret_end)
{
	/* Rounded up to a day, for people. */
	*ret_end = (now + OVERLAP_SECONDS) / 86400 * 86400 + 86400;
	if (until == NULL || gb_policyc_moment_parse(gb_span_cstr(until), GB_POLICYC_DAY_LAST, ret_end))
		return GB_EXIT_OK;
	return gb_complain(self, GB_EXIT_USAGE, "--until: '%s' is no date, like 2026-12-01", until);
}

static int find_group(const struct gb_command *self, const struct gb_policyc_set *set, const char *name, int64_t now,
        struct gb_policyc_group_facts *ret_facts)
{
	struct gb_diag diag = {0};

	if (gb_policyc_set_group(set, name, ret_facts, &diag) < 0)
		return gb_complain(self, GB_EXIT_USAGE, "%s%s", diag.message, name == NULL ? ": add --group NAME" : "");
	if (ret_facts->key == NULL)
		return gb_complain(self, GB_EXIT_USAGE, "group '%s' has no key yet; leave --rotate out to make one",
		        ret_facts->name);
	if (ret_facts->previous_expires > now)
		fprintf(stderr, "note: the secret before this one, still good for a while, goes out: two are taken at "
		                "a time\n");
	return GB_EXIT_OK;
}

static int run(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	GB_CLEANUP(gb_policyc_set_freep) struct gb_policyc_set *set = NULL;
	const struct settings *settings = settings_memory;
	char key[GB_POLICYC_KEY_CHARS], secret[GB_POLICYC_SECRET_CHARS], hash[GB_POLICYC_HASH_CHARS], buffer[40];
	struct gb_policyc_group_facts facts = {0};
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));
	int64_t now = (int64_t)time(NULL), end = 0;
	int status = GB_EXIT_OK;

	if (settings->output == NULL)
		return gb_complain(self, GB_EXIT_USAGE, "where to with the secret? add '-o FILE'");
	if (settings->rotate != (operands->count != 0))
		return gb_complain(self, GB_EXIT_USAGE,
		        settings->rotate ? "--rotate needs the group's document: FILE" : "a FILE goes with --rotate");
	if (settings->rotate) {
		status = gb_policy_set_load(self, operands, &set);
		if (status == GB_EXIT_OK)
			status = find_group(self, set, settings->group, now, &facts);
		if (status == GB_EXIT_OK)
			status = previous_end(self, settings->until, now, &end);
	} else if (gb_policyc_key_new(key) < 0) {
		status = gb_complain(self, GB_EXIT_SYSTEM, "libsodium does not start");
	}
	if (status == GB_EXIT_OK && gb_policyc_secret_new(secret, hash) < 0)
		status = gb_complain(self, GB_EXIT_SYSTEM, "a secret needs 64 MB of memory to be hashed");
	if (status == GB_EXIT_OK)
		status = write_secret(self, settings->output, secret);
	sodium_memzero(secret, sizeof(secret));
	if (status != GB_EXIT_OK)
		return status;
	printf("  key: %s\n  secretHash: \"%s\"\n", settings->rotate ? facts.key : key, hash);
	if (settings->rotate) {
		gb_policyc_moment_print(end, GB_POLICYC_DAY_LAST, &text);
		printf("  previous:\n    secretHash: \"%s\"\n    expires: %s\n", facts.secret_hash,
		        gb_text_cstr(&text));
	}
	return GB_EXIT_OK;
}

static const struct gb_option options[] = {
        GB_TEXT(struct settings, output, "output", "FILE", "where to write the secret, for nobody else to read",
                .letter = 'o'),
        GB_FLAG(struct settings, rotate, "rotate",
                "replace the secret of the group in FILE; both are good for a while"),
        GB_TEXT(struct settings, group, "group", "NAME", "which group, when FILE has several"),
        GB_TEXT(struct settings, until, "until", "DATE", "how long the old secret is good (default: 14 days)"),
        {.name = NULL},
};

const struct gb_command gb_policy_group_key_command = {
        .name = "policy group-key",
        .summary = "make or replace the key and secret that bind functions to a group",
        .operands = "[FILE]",
        .notes = "Prints what goes into the group's document, below 'spec:'. The secret is written to a file and "
                 "stands\n"
                 "nowhere else; the document has its Argon2id hash.\n",
        .operands_max = 1,
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};
