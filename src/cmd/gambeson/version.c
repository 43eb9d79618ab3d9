/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson version: what this binary is and which formats it speaks. */
#include "cmd/gambeson/commands.h"

#include "wire/blob.h"
#include "wire/segment.h"

#include <stdio.h>

struct settings {
	bool json;
};

static const struct gb_option options[] = {
        GB_FLAG(struct settings, json, "json", "print one JSON object"),
        {.name = NULL},
};

static int run(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	const struct settings *settings = settings_memory;

	(void)self;
	(void)operands;
	if (settings->json)
		printf("{\"version\":\"%s\",\"policy_format\":%u,\"segment_format\":%u,\"log_format\":1}\n", GB_VERSION,
		        GB_BLOB_VERSION, GB_SEGMENT_VERSION);
	else
		printf("gambeson %s\n", GB_VERSION);
	return GB_EXIT_OK;
}

const struct gb_command gb_cmd_version = {
        .name = "version",
        .summary = "print the version",
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};
