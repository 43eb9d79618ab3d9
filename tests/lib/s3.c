/* SPDX-License-Identifier: Apache-2.0 */
#include "s3.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	_exit(1);
}

void gb_s3_server_start(struct gb_s3_server *server)
{
	const char *path = getenv("GAMBESON_S3_SERVER");
	int in[2], out[2];
	char line[32];

	if (path == NULL || pipe(in) < 0 || pipe(out) < 0)
		die("GAMBESON_S3_SERVER");
	server->pid = fork();
	if (server->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)dup2(in[0], 0);
		(void)dup2(out[1], 1);
		(void)close(in[1]);
		(void)close(out[0]);
		(void)execl("/usr/bin/python3", "python3", path, (char *)NULL);
		die("python3");
	}
	(void)close(in[0]);
	(void)close(out[1]);
	server->orders = fdopen(in[1], "w");
	server->answers = fdopen(out[0], "r");
	if (server->pid < 0 || server->orders == NULL || server->answers == NULL ||
	        fgets(line, sizeof(line), server->answers) == NULL)
		die("the object store does not start");
	server->port = (unsigned)strtoul(line, NULL, 10);
	(void)setenv("AWS_ACCESS_KEY_ID", "AKIDTEST", 1);
	(void)setenv("AWS_SECRET_ACCESS_KEY", "secret/of+the=test", 1);
	(void)unsetenv("AWS_SESSION_TOKEN");
	(void)unsetenv("AWS_PROFILE");
}

void gb_s3_server_order(struct gb_s3_server *server, const char *order)
{
	char line[64];

	(void)fprintf(server->orders, "%s\n", order);
	(void)fflush(server->orders);
	if (fgets(line, sizeof(line), server->answers) == NULL || strcmp(line, "ok\n") != 0)
		die(order);
}

void gb_s3_server_stop(struct gb_s3_server *server)
{
	(void)fclose(server->orders);
	(void)fclose(server->answers);
	(void)waitpid(server->pid, NULL, 0);
}
