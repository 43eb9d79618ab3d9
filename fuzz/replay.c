/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The main of a fuzz target outside libFuzzer: runs it once over each file of a corpus directory, which is an error when
 * there is none. Each input lies in a heap block of exactly its size, so that a read past it is caught.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int replay_file(int directory_fd, const char *name)
{
	int fd = openat(directory_fd, name, O_RDONLY | O_CLOEXEC);
	struct stat status;
	unsigned char *data = NULL;
	size_t n, have = 0;
	ssize_t got = 0;
	int result = -1;

	if (fd < 0 || fstat(fd, &status) < 0)
		goto out;
	n = (size_t)status.st_size;
	data = malloc(n ? n : 1);
	if (!data)
		goto out;
	while (have < n && (got = read(fd, data + have, n - have)) > 0)
		have += (size_t)got;
	if (have != n)
		goto out;
	result = LLVMFuzzerTestOneInput(data, n);
out:
	free(data);
	if (fd >= 0)
		close(fd);
	return result;
}

int main(int argc, char **argv)
{
	DIR *corpus = argc == 2 ? opendir(argv[1]) : NULL;
	const struct dirent *entry;
	unsigned count = 0, failed = 0;

	if (!corpus) {
		fprintf(stderr, "%s: needs a corpus directory\n", argv[0]);
		return 2;
	}
	while ((entry = readdir(corpus))) {
		if (entry->d_name[0] == '.')
			continue;
		count++;
		if (replay_file(dirfd(corpus), entry->d_name) == 0)
			continue;
		fprintf(stderr, "%s/%s: failed\n", argv[1], entry->d_name);
		failed++;
	}
	closedir(corpus);
	printf("%u inputs, %u failed\n", count, failed);
	return count == 0 || failed ? 1 : 0;
}
