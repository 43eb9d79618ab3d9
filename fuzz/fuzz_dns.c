/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of name servers: any bytes. Names have bounds and letters of names only; what is read is inside. */
#include "activity/dns.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(int is_true)
{
	if (!is_true)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct gb_span message = gb_dns_without_length(gb_span_of(data, n), n);
	unsigned char addresses[4][16];
	char buffer[GB_DNS_NAME_BYTES_MAX + 1];
	struct gb_text name = gb_text_on(buffer, sizeof(buffer));
	enum gb_dns_message found = gb_dns_read(message, &name);

	check(gb_dns_addresses(message, addresses, 4) <= 4);
	check(!name.truncated);
	if (found == GB_DNS_NONE)
		return 0;
	check(name.n > 0);
	for (size_t i = 0; i < name.n; i++)
		check(name.p[i] == '.' || name.p[i] == '-' || name.p[i] == '_' || name.p[i] == '?' ||
		        gb_ascii_is_digit((unsigned char)name.p[i]) || (name.p[i] >= 'a' && name.p[i] <= 'z'));
	return 0;
}
