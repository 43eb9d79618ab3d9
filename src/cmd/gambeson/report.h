/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/gambeson/report: an invocation and what Gambeson said about it, for a person or as JSON.
 */
#ifndef GB_CMD_REPORT_H
#define GB_CMD_REPORT_H

#include "base/span.h"
#include "local/local.h"

struct gb_report_style {
	bool is_json;
	bool is_quiet;
	bool is_coloured; /* what goes to standard error */
};

/* Print INVOCATION, which was of the event called EVENT_NAME. For a person: the answer on standard output, all else on
 * standard error. JSON: one object a line on standard output. */
void gb_report_invocation(
        const struct gb_report_style *style, const struct gb_local_invocation *invocation, const char *event_name);

#endif
