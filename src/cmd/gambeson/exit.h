/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd/gambeson/exit: the exit statuses of `gambeson`, the same for every command. man/gambeson.1 documents them.
 */
#ifndef GB_CMD_EXIT_H
#define GB_CMD_EXIT_H

enum gb_exit {
	GB_EXIT_OK = 0,
	GB_EXIT_FINDINGS =
	        1,          /* an attack was found, the function failed, two things differ: the command itself worked */
	GB_EXIT_USAGE = 2,  /* the command line or a document named on it is wrong; one line says what to write */
	GB_EXIT_SYSTEM = 3, /* something could not be read, written or started */
};

#endif
