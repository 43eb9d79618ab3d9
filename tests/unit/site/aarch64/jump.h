/* SPDX-License-Identifier: Apache-2.0 */
/* jump: what stands at a patched site of this machine. */
#ifndef GB_TESTS_AARCH64_JUMP_H
#define GB_TESTS_AARCH64_JUMP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LIBRARY_PATHS "/lib/aarch64-linux-gnu/libc.so.6", "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-aarch64.so.1"

/* Where the branch CODE, which runs at ADDRESS, leads. False: it is none. */
static bool jump_target(const unsigned char *code, int64_t address, int64_t *ret_target)
{
	uint32_t instruction;

	memcpy(&instruction, code, sizeof(instruction));
	if (instruction >> 26 != 5)
		return false;
	*ret_target = address + (int64_t)((uint64_t)instruction << 38) / (1ll << 36);
	return true;
}

#endif
