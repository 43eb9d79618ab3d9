/* SPDX-License-Identifier: Apache-2.0 */
/* tests/lib/s3: tests/lib/s3_server.py as a child process. Errors are fatal to the test program and printed. */
#ifndef GB_TESTS_S3_H
#define GB_TESTS_S3_H

#include <stdio.h>
#include <sys/types.h>

struct gb_s3_server {
	pid_t pid;
	unsigned port;
	FILE *orders, *answers;
};

/* Sets AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of this process to what it takes. */
void gb_s3_server_start(struct gb_s3_server *server);
/* One of its orders: "fault status=503". */
void gb_s3_server_order(struct gb_s3_server *server, const char *order);
void gb_s3_server_stop(struct gb_s3_server *server);

#endif
