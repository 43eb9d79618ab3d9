/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/finding: reading Gambeson's log lines (docs/formats/event.md) with a person's eyes. */
#ifndef GB_CMD_FINDING_H
#define GB_CMD_FINDING_H

#include "base/span.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* The object in a LINE of the log, or NULL when it is not one. The caller's to json_decref(). */
json_t *gb_finding_parse(struct gb_span line);

/* Print a parsed line as a person wants to see it: the sentence, the input with the convicting bytes marked, the sink.
 * Unknown kinds and absent members are passed over. */
void gb_finding_print(FILE *out, bool is_coloured, const json_t *event);

#endif
