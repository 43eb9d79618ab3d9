/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/line_diff: what differs between two texts, line by line, as people read it. */
#ifndef GB_CMD_LINE_DIFF_H
#define GB_CMD_LINE_DIFF_H

#include "base/span.h"

#include <stdio.h>

/* Lines of FROM that are not in TO with '-', those of TO that are not in FROM with '+', three lines around each with ' ', and
 * '@@ -LINE +LINE @@' before each group. Control characters are written as text. Texts whose middle is very large are shown
 * as replaced. Result: lines that differ; -ENOMEM. */
__attribute__((warn_unused_result)) int gb_line_diff(
        FILE *out, bool is_coloured, struct gb_span from, struct gb_span to);

#endif
