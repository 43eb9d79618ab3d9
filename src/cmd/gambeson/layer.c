/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson layer build: everything that a function needs, as one Lambda layer. docs/LAMBDA.md says how to use it. */
#include "cmd/gambeson/commands.h"
#include "cmd/gambeson/function.h"
#include "cmd/gambeson/zip.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "policy/policy.h"
#include "wire/pins.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PART_BYTES_MAX (32u * 1024u * 1024u)

/* For the runtimes without one of their own (provided.*): Lambda takes /opt/bootstrap when the function's package has
 * no `bootstrap`; AWS_LAMBDA_EXEC_WRAPPER is not honoured there. */
#define BOOTSTRAP                                                                                                      \
	"#!/bin/sh\n"                                                                                                  \
	"# Starts the function's own runtime under gambeson-agent. Its file is called bootstrap.real, so that "        \
	"Lambda\n"                                                                                                     \
	"# comes here first.\n"                                                                                        \
	"real=${LAMBDA_TASK_ROOT:-/var/task}/bootstrap.real\n"                                                         \
	"if [ ! -x \"$real\" ]; then\n"                                                                                \
	"\techo \"gambeson: no executable $real: rename the function's bootstrap to bootstrap.real\" >&2\n"            \
	"\texit 1\n"                                                                                                   \
	"fi\n"                                                                                                         \
	"exec \"${0%/*}/gambeson/gambeson-agent\" \"$real\" \"$@\"\n"

struct settings {
	const char *output, *policy, *key, *agent, *sensor;
	bool json;
};

static const struct gb_option options[] = {
        GB_TEXT(struct settings, output, "output", "FILE", "the zip to write (default: gambeson-layer.zip)",
                .letter = 'o'),
        GB_TEXT(struct settings, policy, "policy", "BLOB", "compiled policy to put in"),
        GB_TEXT(struct settings, key, "key", "FILE", "public key to pin: only policies signed by it are taken"),
        GB_TEXT(struct settings, agent, "agent", "PATH",
                "gambeson-agent (default: beside this program, or in ../lib/gambeson)"),
        GB_TEXT(struct settings, sensor, "sensor", "PATH",
                "libgambeson.so (default: beside this program, or in ../lib/gambeson)"),
        GB_FLAG(struct settings, json, "json", "print one JSON object"),
        {.name = NULL},
};

#define FILES_MAX 5u

struct layer {
	struct gb_zip_file files[FILES_MAX];
	char *held[FILES_MAX];
	size_t count;
};

static void layer_done(struct layer *layer)
{
	for (size_t i = 0; i < layer->count; i++)
		free(layer->held[i]);
}

static int add(struct layer *layer, const char *name, mode_t mode, const char *path, size_t limit, struct gb_diag *diag)
{
	char *data;
	size_t n;
	int r = gb_fd_read_file(path, limit, &data, &n);

	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "cannot read '%s': %s", path, strerror(-r));
	layer->held[layer->count] = data;
	layer->files[layer->count++] = (struct gb_zip_file){.name = name, .mode = mode, .data = gb_span_of(data, n)};
	return 0;
}

static int read_pins(const char *path, struct gb_span file, struct gb_pins *ret_pins, struct gb_diag *diag)
{
	struct gb_diag what = {0};
	int r = gb_pins_parse(file, ret_pins, &what);

	return r < 0 ? gb_diag_set(diag, r, 0, 0, "--key: '%.120s': %.100s", path, what.message) : 0;
}

/* A policy that the agent would refuse must not be put into a layer. */
static int check_policy(const char *path, struct gb_span file, const struct gb_pins *pins, struct gb_diag *diag)
{
	struct gb_policy policy;
	struct gb_span blob;
	int r;

	if (pins != NULL)
		r = gb_pins_verify(pins, file, (uint32_t)(time(NULL) / 86400), &blob);
	else
		r = gb_blob_verify(file, NULL, &blob);
	if (r == 0)
		r = gb_policy_open(blob, &policy);
	return r < 0 ? gb_diag_set(
	                       diag, -EINVAL, 0, 0, "--policy: '%.120s' is refused: %s", path, gb_blob_error_text(r))
	             : 0;
}

static int add_policy(struct layer *layer, const struct settings *settings, struct gb_diag *diag)
{
	struct gb_pins pins;
	int r = 0;

	if (settings->key != NULL) {
		r = add(layer, "gambeson/policy.pub", 0644, settings->key, GB_PINS_BYTES_MAX, diag);
		if (r == 0)
			r = read_pins(settings->key, layer->files[layer->count - 1].data, &pins, diag);
	}
	if (r == 0 && settings->policy != NULL) {
		r = add(layer, "gambeson/policy.gbp", 0644, settings->policy, GB_BLOB_FILE_BYTES_MAX, diag);
		if (r == 0)
			r = check_policy(settings->policy, layer->files[layer->count - 1].data,
			        settings->key != NULL ? &pins : NULL, diag);
	}
	return r;
}

static int collect(struct layer *layer, const struct settings *settings, struct gb_diag *diag)
{
	struct gb_parts parts;
	int r = gb_parts_find(&parts, settings->agent, settings->sensor, diag);

	if (r == 0) {
		layer->files[layer->count++] =
		        (struct gb_zip_file){.name = "bootstrap", .mode = 0755, .data = GB_SPAN(BOOTSTRAP)};
		r = add(layer, "gambeson/gambeson-agent", 0755, parts.agent, PART_BYTES_MAX, diag);
	}
	if (r == 0)
		r = add(layer, "gambeson/libgambeson.so", 0755, parts.sensor, PART_BYTES_MAX, diag);
	return r == 0 ? add_policy(layer, settings, diag) : r;
}

static void print_result(const struct settings *settings, const struct layer *layer, const char *output, size_t n)
{
	if (!settings->json) {
		printf("%s: %zu bytes\n", output, n);
		for (size_t i = 0; i < layer->count; i++)
			printf("  %-26s%9zu bytes\n", layer->files[i].name, layer->files[i].data.n);
		return;
	}
	printf("{\"bytes\":%zu,\"files\":{", n);
	for (size_t i = 0; i < layer->count; i++)
		printf("%s\"%s\":%zu", i == 0 ? "" : ",", layer->files[i].name, layer->files[i].data.n);
	printf("}}\n");
}

static int build(const struct settings *settings, struct layer *layer, struct gb_diag *diag)
{
	const char *output = settings->output != NULL ? settings->output : "gambeson-layer.zip";
	GB_CLEANUP(gb_freep) unsigned char *zip = NULL;
	size_t zip_n = 0;
	int r = collect(layer, settings, diag);

	if (r == 0)
		r = gb_zip_build(layer->files, layer->count, &zip, &zip_n, diag);
	if (r < 0)
		return r;
	r = gb_fd_write_file(output, gb_span_of(zip, zip_n), 0644);
	if (r < 0) {
		(void)gb_diag_set(diag, r, 0, 0, "cannot write '%s': %s", output, strerror(-r));
		return -EIO;
	}
	print_result(settings, layer, output, zip_n);
	return 0;
}

static int run(const struct gb_command *self, void *settings, const struct gb_strings *operands)
{
	struct layer layer = {0};
	struct gb_diag diag = {0};
	int r = build(settings, &layer, &diag);

	(void)operands;
	layer_done(&layer);
	if (r == -EINVAL || r == -ENOENT || r == -EFBIG)
		return gb_complain(self, GB_EXIT_USAGE, "%s", diag.message);
	if (r < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s", diag.message[0] != '\0' ? diag.message : strerror(-r));
	return GB_EXIT_OK;
}

static const struct gb_command build_command = {
        .name = "layer build",
        .summary = "put agent, sensor and policy into a Lambda layer",
        .notes = "The same parts give the same bytes. docs/LAMBDA.md says how to attach the layer.\n",
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};

static const struct gb_command *const children[] = {&build_command, NULL};

const struct gb_command gb_cmd_layer = {
        .name = "layer",
        .summary = "build the Lambda layer",
        .children = children,
};
