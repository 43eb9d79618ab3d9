/* SPDX-License-Identifier: Apache-2.0 */
/* system: where things are on a machine of this kind. */
#ifndef GB_TESTS_AARCH64_SYSTEM_H
#define GB_TESTS_AARCH64_SYSTEM_H

#define LOADER    "/lib/ld-linux-aarch64.so.1"
#define LIBRARIES "/lib/aarch64-linux-gnu"

#endif
