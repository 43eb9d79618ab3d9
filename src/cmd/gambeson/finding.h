/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/finding: reading Gambeson's log lines (docs/formats/event.md) with a person's eyes. */
#ifndef GB_CMD_FINDING_H
#define GB_CMD_FINDING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Print a parsed line; unknown kinds and absent members are passed over. */
void gb_finding_print(FILE *out, bool is_coloured, const json_t *event);

#endif
