/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson policy: policies written, compiled, signed, shown. */
#include "cmd/gambeson/commands.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "cmd/gambeson/policy_file.h"
#include "cmd/gambeson/policy_keys.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct settings {
	const char *output, *key;
	uint64_t serial;
	bool yaml;
};

static int run_validate(const struct gb_command *self, void *settings, const struct gb_strings *operands)
{
	GB_CLEANUP(gb_policyc_document_freep) struct gb_policyc_document *document = NULL;
	GB_CLEANUP(gb_freep) unsigned char *blob = NULL;
	GB_CLEANUP(gb_freep) char *data = NULL;
	struct gb_diag diag = {0};
	size_t n = 0, blob_n = 0;
	int status = gb_policy_file_read(self, operands->items[0], &data, &n);

	(void)settings;
	if (status == GB_EXIT_OK)
		status = gb_policy_file_document(self, operands->items[0], gb_span_of(data, n), &document);
	if (status != GB_EXIT_OK)
		return status;
	if (gb_policyc_compile(document, 0, &blob, &blob_n, &diag) < 0)
		return gb_complain(self, GB_EXIT_FINDINGS, "%s: %s", operands->items[0], diag.message);
	printf("%s: good; %zu bytes compiled\n", operands->items[0], blob_n);
	return GB_EXIT_OK;
}

static int run_compile(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	GB_CLEANUP(gb_policyc_document_freep) struct gb_policyc_document *document = NULL;
	GB_CLEANUP(gb_freep) unsigned char *file = NULL;
	GB_CLEANUP(gb_freep) char *data = NULL;
	const struct settings *settings = settings_memory;
	const char *path = operands->items[0];
	unsigned char *grown;
	struct gb_diag diag = {0};
	size_t n = 0, blob_n = 0;
	int r, status;

	if (settings->output == NULL)
		return gb_complain(self, GB_EXIT_USAGE, "where to? add '-o policy.gbp'");
	if (sodium_init() < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "libsodium does not start");
	status = gb_policy_file_read(self, path, &data, &n);
	if (status == GB_EXIT_OK)
		status = gb_policy_file_document(self, path, gb_span_of(data, n), &document);
	if (status != GB_EXIT_OK)
		return status;
	r = gb_policyc_compile(document, settings->serial, &file, &blob_n, &diag);
	if (r < 0)
		return gb_complain(self, r == -EFBIG ? GB_EXIT_FINDINGS : GB_EXIT_SYSTEM, "%s: %s", path,
		        r == -EFBIG ? diag.message : strerror(-r));
	grown = realloc(file, blob_n + sizeof(struct gb_blob_signature));
	if (grown == NULL)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	file = grown;
	status = gb_policy_keys_sign(self, settings->key, file, blob_n);
	if (status != GB_EXIT_OK)
		return status;
	r = gb_fd_write_file(settings->output, gb_span_of(file, blob_n + sizeof(struct gb_blob_signature)), 0644);
	if (r < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be written: %s", settings->output, strerror(-r));
	return GB_EXIT_OK;
}

static int run_show(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	GB_CLEANUP(gb_policyc_document_freep) struct gb_policyc_document *document = NULL;
	GB_CLEANUP(gb_freep) char *data = NULL;
	const struct settings *settings = settings_memory;
	const char *path = operands->items[0];
	size_t n = 0;
	int status = gb_policy_file_read(self, path, &data, &n);

	if (status != GB_EXIT_OK)
		return status;
	if (gb_policy_file_is_compiled(gb_span_of(data, n)))
		status = gb_policy_file_unpack(self, path, gb_span_of(data, n), &document);
	else
		status = gb_policy_file_document(self, path, gb_span_of(data, n), &document);
	if (status != GB_EXIT_OK)
		return status;
	if (settings->yaml)
		gb_policyc_print(document, stdout);
	else
		gb_policyc_print_table(document, stdout);
	return GB_EXIT_OK;
}

static const struct gb_option compile_options[] = {
        GB_TEXT(struct settings, output, "output", "FILE", "where to write the compiled policy", .letter = 'o'),
        GB_TEXT(struct settings, key, "key", "SECRET", "sign with this secret key"),
        GB_NUMBER(struct settings, serial, "serial", "N", "number of this publication; must grow", .minimum = 0,
                .maximum = UINT64_MAX, .fallback = 1),
        {.name = NULL},
};

static const struct gb_option show_options[] = {
        GB_FLAG(struct settings, yaml, "yaml", "print the document instead of a table"),
        {.name = NULL},
};

static const struct gb_option no_options[] = {{.name = NULL}};

#define EXIT_NOTE                                                                                                      \
	"Exit status 1 when the policy is invalid, 2 for a wrong command line, 3 when a file cannot be read or "       \
	"written.\n"

static const struct gb_command validate_command = {
        .name = "policy validate",
        .summary = "check a policy document",
        .operands = "FILE",
        .notes = EXIT_NOTE,
        .operands_min = 1,
        .operands_max = 1,
        .options = no_options,
        .settings_bytes = sizeof(struct settings),
        .run = run_validate,
};

static const struct gb_command compile_command = {
        .name = "policy compile",
        .summary = "make of a policy document what an agent loads",
        .operands = "FILE",
        .notes = EXIT_NOTE,
        .operands_min = 1,
        .operands_max = 1,
        .options = compile_options,
        .settings_bytes = sizeof(struct settings),
        .run = run_compile,
};

static const struct gb_command show_command = {
        .name = "policy show",
        .summary = "show what a policy, compiled or not, allows",
        .operands = "FILE",
        .notes = EXIT_NOTE,
        .operands_min = 1,
        .operands_max = 1,
        .options = show_options,
        .settings_bytes = sizeof(struct settings),
        .run = run_show,
};

static const struct gb_command *const children[] = {&validate_command, &compile_command, &show_command,
        &gb_policy_sign_command, &gb_policy_verify_command, &gb_policy_keygen_command, NULL};

const struct gb_command gb_cmd_policy = {
        .name = "policy",
        .summary = "write, compile, sign and show policies",
        .children = children,
};
