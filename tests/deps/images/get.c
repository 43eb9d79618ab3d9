/* SPDX-License-Identifier: Apache-2.0 */
/* curl OPTIONS… http://ADDRESS:PORT/PATH: what of curl the functions use, for an image of musl. Debian has no curl for it, and
 * its static wget looks names up with libraries that are not there. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char host[64] = "", path[4096] = "", request[8192], answer[65536];
	struct sockaddr_in address = {.sin_family = AF_INET};
	int port = 80, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t n = 0;
	ssize_t got;
	char *body;

	if (argc < 2 || sscanf(argv[argc - 1], "http://%63[^:/]:%d/%4095s", host, &port, path) < 2 ||
	        inet_pton(AF_INET, host, &address.sin_addr) != 1)
		return 3;
	address.sin_port = htons((unsigned short)port);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return 7;
	snprintf(request, sizeof(request), "GET /%s HTTP/1.0\r\nHost: %s\r\n\r\n", path, host);
	if (write(fd, request, strlen(request)) < 0)
		return 55;
	while (n < sizeof(answer) - 1 && (got = read(fd, answer + n, sizeof(answer) - 1 - n)) > 0)
		n += (size_t)got;
	answer[n] = '\0';
	body = strstr(answer, "\r\n\r\n");
	return body == NULL ? 52 : fputs(body + 4, stdout) < 0;
}
