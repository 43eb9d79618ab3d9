/* SPDX-License-Identifier: Apache-2.0 */
/* A library whose constructor reads the secret through libc. */
#include "canary.h"

__attribute__((constructor)) static void read_secret(void)
{
	show_file(SECRET);
}

unsigned int la_version(unsigned int version);

unsigned int la_version(unsigned int version)
{
	return version;
}
