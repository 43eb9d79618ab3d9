/* SPDX-License-Identifier: Apache-2.0 */
/* jump: what stands at a patched site of this machine. */
#ifndef GB_TESTS_X86_64_JUMP_H
#define GB_TESTS_X86_64_JUMP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LIBRARY_PATHS "/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-musl/libc.so"

/* Where the jump CODE, which runs at ADDRESS, leads. False: it is none. */
static bool jump_target(const unsigned char *code, int64_t address, int64_t *ret_target)
{
	int32_t displacement;

	if (code[0] != 0xe9)
		return false;
	memcpy(&displacement, code + 1, sizeof(displacement));
	*ret_target = address + 5 + displacement;
	return true;
}

#endif
