/* SPDX-License-Identifier: Apache-2.0 */
/* Paths and constructs of cmd: what is found lies within the text, in order, and names lie within their path. */
#include "inspect/lex/lex.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_within(struct gb_span outer, struct gb_span inner)
{
	if (inner.n != 0 && (inner.p < outer.p || inner.p + inner.n > outer.p + outer.n))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct gb_span text = gb_span_of(data, n);
	struct gb_lex_path path;
	size_t at = 0, end = 0;

	while (gb_lex_path_next(text, &at, &path)) {
		if (path.length == 0 || path.offset < end || path.offset + path.length > n || at > n ||
		        path.longest_ups > path.ups || path.ups > path.segments)
			abort();
		check_within(gb_span_sub(text, path.offset, path.length), path.first_name);
		check_within(gb_span_sub(text, path.offset, path.length), path.last_name);
		end = path.offset + path.length;
	}
	for (size_t from = 0; from < n && from < 64; from++)
		if (gb_lex_cmd_construct(text, from) > n - from)
			abort();
	return 0;
}
