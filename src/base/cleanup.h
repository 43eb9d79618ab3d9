/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base/cleanup: release at the end of a scope. `GB_CLEANUP(gb_fd_closep) int fd = -1;`. Never in a function that uses
 * goto: gcc 12 lets the jump pass over the variable, clang 14 refuses it.
 */
#ifndef GB_BASE_CLEANUP_H
#define GB_BASE_CLEANUP_H

#include <stdlib.h>

#define GB_CLEANUP(function) __attribute__((cleanup(function)))

/* For `char *` and other pointers from malloc. */
static inline void gb_freep(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}

/* Hand a resource over: yields the value and leaves the holder empty, so that its clean-up does nothing. */
#define GB_TAKE_PTR(p)                                                                                                 \
	({                                                                                                             \
		__typeof__(p) gb_taken = (p);                                                                          \
		(p) = NULL;                                                                                            \
		gb_taken;                                                                                              \
	})
#define GB_TAKE_FD(fd)                                                                                                 \
	({                                                                                                             \
		int gb_taken = (fd);                                                                                   \
		(fd) = -1;                                                                                             \
		gb_taken;                                                                                              \
	})

#endif
