/* SPDX-License-Identifier: Apache-2.0 */
/* beside_libinjection: what libinjection says of payloads, and how long each takes (payloads.h). Debian has it inside of
 * libmodsecurity, which exports it but has no header for it. */
#include "payloads.h"

int libinjection_sqli(const char *s, size_t n, char fingerprint[]);
int libinjection_xss(const char *s, size_t n);

static bool judge(void *context, const char *p, size_t n)
{
	char fingerprint[16];

	(void)context;
	return libinjection_sqli(p, n, fingerprint) != 0 || libinjection_xss(p, n) != 0;
}

int main(void)
{
	payloads_judge_all(judge, NULL);
	return 0;
}
