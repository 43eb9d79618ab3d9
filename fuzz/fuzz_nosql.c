/* SPDX-License-Identifier: Apache-2.0 */
/* Constructs of document stores: whatever is found ends within the text, wherever it is looked for. */
#include "inspect/lex/nosql.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct gb_span text = gb_span_of(data, size);

	for (size_t from = 0; from < size && from < 512; from++) {
		const size_t found[] = {gb_lex_nosql_operator(text, from), gb_lex_nosql_pair(text, from),
		        gb_lex_nosql_break_out(text, from, true), gb_lex_nosql_break_out(text, from, false),
		        gb_lex_nosql_shell(text, from, true), gb_lex_nosql_shell(text, from, false),
		        gb_lex_nosql_expression(text, from), gb_lex_nosql_cypher(text, from)};

		for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++)
			if (found[i] > size - from)
				abort();
		/* An operator with its colon is an operator, and a call that changes something is a call. */
		if ((found[1] != 0 && (found[0] == 0 || found[1] <= found[0])) || (found[5] != 0 && found[4] == 0))
			abort();
	}
	return 0;
}
