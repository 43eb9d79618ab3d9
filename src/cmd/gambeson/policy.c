/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson policy: policies written, compiled, signed, shown. */
#include "cmd/gambeson/commands.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "cmd/gambeson/policy_commands.h"
#include "cmd/gambeson/policy_file.h"
#include "cmd/gambeson/policy_keys.h"
#include "cmd/gambeson/policy_set.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct settings {
	const char *output, *key;
	uint64_t serial;
	struct gb_policy_target target;
	bool yaml;
};

/* A blob with its signature block, into FILE. */
static int write_signed(const struct gb_command *self, const struct settings *settings, unsigned char **file, size_t n)
{
	unsigned char *grown = realloc(*file, n + sizeof(struct gb_blob_signature));
	int status, r;

	if (grown == NULL)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	*file = grown;
	status = gb_policy_keys_sign(self, settings->key, *file, n);
	if (status != GB_EXIT_OK)
		return status;
	r = gb_fd_write_file(settings->output, gb_span_of(*file, n + sizeof(struct gb_blob_signature)), 0644);
	return r < 0 ? gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be written: %s", settings->output, strerror(-r))
	             : GB_EXIT_OK;
}

static int run_compile(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	GB_CLEANUP(gb_policyc_resolution_done) struct gb_policyc_resolution resolution = {0};
	GB_CLEANUP(gb_freep) unsigned char *file = NULL;
	const struct settings *settings = settings_memory;
	struct gb_diag diag = {0};
	size_t n = 0;
	int r, status;

	if (settings->output == NULL)
		return gb_complain(self, GB_EXIT_USAGE, "where to? add '-o policy.gbp'");
	if (sodium_init() < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "libsodium does not start");
	status = gb_policy_resolve(self, operands, &settings->target, &resolution);
	if (status != GB_EXIT_OK)
		return status;
	r = gb_policyc_compile(resolution.document, settings->serial, &file, &n, &diag);
	if (r == -EINVAL || r == -EFBIG)
		return gb_complain(self, GB_EXIT_FINDINGS, "%s: %s", operands->items[0], diag.message);
	if (r < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s: %s", operands->items[0], strerror(-r));
	status = write_signed(self, settings, &file, n);
	if (status == GB_EXIT_OK)
		gb_policy_print_resolution(&resolution, stderr);
	return status;
}

static void show(const struct settings *settings, const struct gb_policyc_document *document)
{
	if (settings->yaml)
		gb_policyc_print(document, stdout);
	else
		gb_policyc_print_table(document, stdout);
}

static int show_compiled(
        const struct gb_command *self, const struct settings *settings, const char *path, bool *ret_is_compiled)
{
	GB_CLEANUP(gb_policyc_document_freep) struct gb_policyc_document *document = NULL;
	GB_CLEANUP(gb_freep) char *data = NULL;
	size_t n = 0;
	int status;

	*ret_is_compiled = false;
	/* Standard input is read once, and is documents. */
	if (gb_policy_is_folder(path) || strcmp(path, "-") == 0)
		return GB_EXIT_OK;
	status = gb_policy_file_read(self, path, &data, &n);
	*ret_is_compiled = status != GB_EXIT_OK || gb_policy_file_is_compiled(gb_span_of(data, n));
	if (status != GB_EXIT_OK || !*ret_is_compiled)
		return status;
	status = gb_policy_file_unpack(self, path, gb_span_of(data, n), &document);
	if (status == GB_EXIT_OK)
		show(settings, document);
	return status;
}

static int run_show(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	GB_CLEANUP(gb_policyc_resolution_done) struct gb_policyc_resolution resolution = {0};
	const struct settings *settings = settings_memory;
	bool is_compiled = false;
	int status = show_compiled(self, settings, operands->items[0], &is_compiled);

	if (is_compiled)
		return status;
	status = gb_policy_resolve(self, operands, &settings->target, &resolution);
	if (status != GB_EXIT_OK)
		return status;
	gb_policy_print_resolution(&resolution, settings->yaml ? stderr : stdout);
	show(settings, resolution.document);
	return GB_EXIT_OK;
}

static const struct gb_option compile_options[] = {
        GB_TEXT(struct settings, output, "output", "FILE", "where to write the compiled policy", .letter = 'o'),
        GB_TEXT(struct settings, key, "key", "SECRET", "sign with this secret key"),
        GB_NUMBER(struct settings, serial, "serial", "N", "number of this publication; must grow", .minimum = 0,
                .maximum = UINT64_MAX, .fallback = 1),
        GB_POLICY_TARGET_OPTIONS(struct settings, target),
        {.name = NULL},
};

static const struct gb_option show_options[] = {
        GB_FLAG(struct settings, yaml, "yaml", "print the document instead of a table"),
        GB_POLICY_TARGET_OPTIONS(struct settings, target),
        {.name = NULL},
};

#define EXIT_NOTE                                                                                                      \
	"Exit status 1 when the policy is invalid, 2 for a wrong command line, 3 when a file cannot be read or "       \
	"written.\n"

static const struct gb_command compile_command = {
        .name = "policy compile",
        .summary = "compile policy documents into what an agent loads, for one function",
        .operands = "FILE|FOLDER...",
        .notes = EXIT_NOTE,
        .operands_min = 1,
        .operands_max = GB_OPERANDS_ANY,
        .options = compile_options,
        .settings_bytes = sizeof(struct settings),
        .run = run_compile,
};

static const struct gb_command show_command = {
        .name = "policy show",
        .summary = "show what a policy, compiled or not, allows",
        .operands = "FILE|FOLDER...",
        .notes = EXIT_NOTE,
        .operands_min = 1,
        .operands_max = GB_OPERANDS_ANY,
        .options = show_options,
        .settings_bytes = sizeof(struct settings),
        .run = run_show,
};

static const struct gb_command *const children[] = {&gb_policy_validate_command, &compile_command, &show_command,
        &gb_policy_explain_command, &gb_policy_test_command, &gb_policy_diff_command, &gb_policy_sign_command,
        &gb_policy_verify_command, &gb_policy_keygen_command, &gb_policy_pull_command, &gb_policy_push_command,
        &gb_policy_group_key_command, &gb_policy_schema_command, NULL};

const struct gb_command gb_cmd_policy = {
        .name = "policy",
        .summary = "write, compile, sign and show policies",
        .children = children,
};
