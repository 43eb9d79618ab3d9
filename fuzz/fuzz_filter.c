/* SPDX-License-Identifier: Apache-2.0 */
/* Filters of LDAP and expressions of XPath: whatever is found ends within the text, wherever it is looked for. */
#include "inspect/lex/filter.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct gb_span text = gb_span_of(data, size);

	for (size_t from = 0; from < size && from < 512; from++) {
		if (gb_lex_ldap_break_out(text, from) > size - from || gb_lex_ldap_operator(text, from) > size - from ||
		        gb_lex_xpath_break_out(text, from) > size - from ||
		        gb_lex_xpath_function(text, from) > size - from ||
		        gb_lex_ldap_presence(gb_span_sub(text, from, SIZE_MAX)) > size - from)
			abort();
		if (gb_lex_ldap_break_out(text, from) != 0 && data[from] != ')')
			abort();
	}
	return 0;
}
