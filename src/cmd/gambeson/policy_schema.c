/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson policy schema: docs/schema/policy.json, as it was built in. */
#include "cmd/gambeson/policy_commands.h"

#include <stdio.h>

/* By tools/make-text. */
extern const char gb_policy_schema_text[];
extern const size_t gb_policy_schema_text_bytes;

static int run(const struct gb_command *self, void *settings, const struct gb_strings *operands)
{
	(void)self;
	(void)settings;
	(void)operands;
	fwrite(gb_policy_schema_text, 1, gb_policy_schema_text_bytes, stdout);
	return GB_EXIT_OK;
}

static const struct gb_option options[] = {{.name = NULL}};

const struct gb_command gb_policy_schema_command = {
        .name = "policy schema",
        .summary = "print the JSON Schema of policy documents",
        .notes =
                "For editors and checks of your own (JSON Schema 2020-12). It says less than 'policy validate' does.\n",
        .options = options,
        .settings_bytes = 1,
        .run = run,
};
