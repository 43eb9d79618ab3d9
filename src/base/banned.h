/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions that have no safe use turn into compile errors. Forced into every hosted file by `-include`; it takes the
 * libc headers first, so that their own declarations are not hit. Not for the freestanding sensor.
 */
#ifndef GB_BASE_BANNED_H
#define GB_BASE_BANNED_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#include <alloca.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef strcpy
#undef strcat
#undef strncpy
#undef sprintf
#undef strtok
#undef alloca
#pragma GCC poison strcpy strcat strncpy sprintf vsprintf strtok atoi atol atof system popen alloca gmtime localtime   \
        gets

#ifdef GB_IS_AGENT
/* What brings kilobytes of the C library into the static agent: see base/format.h, base/ip.h. */
#include <sys/resource.h>
#pragma GCC poison printf fprintf dprintf snprintf vsnprintf vfprintf vprintf fopen fputs puts getaddrinfo strtol      \
        strtoul strtoll strtoull qsort setrlimit
#endif

#endif
