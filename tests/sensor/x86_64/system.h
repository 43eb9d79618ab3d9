/* SPDX-License-Identifier: Apache-2.0 */
/* system: where things are on a machine of this kind. */
#ifndef GB_TESTS_X86_64_SYSTEM_H
#define GB_TESTS_X86_64_SYSTEM_H

#define LOADER    "/lib64/ld-linux-x86-64.so.2"
#define LIBRARIES "/lib/x86_64-linux-gnu"

#endif
