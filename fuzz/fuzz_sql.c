/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of SQL: each lies behind the last, none is empty but the end, and a text has an end. */
#include "inspect/lex/sql.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct gb_span text = gb_span_of(data, size);
	size_t at = 0, last = 0;

	for (size_t count = 0;; count++) {
		const struct gb_sql_token token = gb_lex_sql_next(text, &at);

		if (token.kind == GB_SQL_TOKEN_END)
			return 0;
		if (count > size || token.length == 0 || token.from < last || token.from + token.length > size ||
		        at != token.from + token.length)
			abort();
		if (token.kind != GB_SQL_TOKEN_WORD && token.word != GB_SQL_UNKNOWN)
			abort();
		last = at;
	}
}
