/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stress SECONDS DIRECTORY: eight threads that open, rename and delete files, start programs, fork, connect and send,
 * and signal each other, all with names that come only once, so that each makes one observation. Prints how many of each
 * kind it made ("file_write 123"), then what it held after a first round and at the end ("maps 44 44"). Status 1: something went
 * wrong that does not without the sensor.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS       8u
#define FIRST_ROUND_S 1

extern char **environ;

enum kind { FILE_WRITE, FILE_DELETE, FILE_RENAME, PROCESS_START, NET_CONNECT, NET_SEND, KINDS };
static const char *const kind_names[KINDS] = {
        "file_write", "file_delete", "file_rename", "process_start", "net_connect", "net_send"};
static uint64_t made[KINDS], next_name, failures;
static bool is_over;
static const char *directory;

static void count(enum kind kind)
{
	(void)__atomic_add_fetch(&made[kind], 1, __ATOMIC_RELAXED);
}

static void expect(bool is_so, const char *what)
{
	if (is_so || __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED) > 10)
		return;
	(void)!write(2, what, strlen(what));
	(void)!write(2, "\n", 1);
}

/* A name that comes only once; in signal handlers too. Result: its number. */
static uint64_t name_file(char *path, size_t cap)
{
	uint64_t number = __atomic_add_fetch(&next_name, 1, __ATOMIC_RELAXED), rest = number;
	size_t n = strlen(directory);
	char digits[20];
	unsigned count_of_digits = 0;

	do
		digits[count_of_digits++] = (char)('0' + rest % 10);
	while ((rest /= 10) != 0);
	if (n + count_of_digits + 2 > cap)
		abort();
	memcpy(path, directory, n);
	path[n++] = '/';
	while (count_of_digits != 0)
		path[n++] = digits[--count_of_digits];
	path[n] = '\0';
	return number;
}

static void create(const char *path)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	expect(fd >= 0, "open");
	count(FILE_WRITE);
	expect(write(fd, path, 1) == 1, "write");
	expect(close(fd) == 0, "close");
}

static void delete_file(const char *path)
{
	expect(unlink(path) == 0, "unlink");
	count(FILE_DELETE);
}

static void files(void)
{
	char path[128], other[128];

	(void)name_file(path, sizeof(path));
	(void)name_file(other, sizeof(other));
	create(path);
	expect(rename(path, other) == 0, "rename");
	count(FILE_RENAME);
	delete_file(other);
	expect(open("/nowhere/at/all", O_RDONLY) < 0 && errno == ENOENT, "what is not there");
	expect(open((const char *)8, O_RDONLY) < 0 && errno == EFAULT, "what cannot be read");
}

static void spawn(void)
{
	char name[128], program[] = "true", number[24];
	char *arguments[] = {program, number, NULL};
	pid_t child;
	int status = -1;

	(void)snprintf(number, sizeof(number), "%llu", (unsigned long long)name_file(name, sizeof(name)));
	expect(posix_spawn(&child, "/bin/true", NULL, NULL, arguments, environ) == 0, "posix_spawn");
	count(PROCESS_START);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	expect(status == 0, "/bin/true");
	expect(posix_spawn(&child, "/bin/not-there", NULL, NULL, arguments, environ) == ENOENT, "no such program");
}

static void fork_and_create(void)
{
	char path[128];
	pid_t child;
	int status = -1;

	(void)name_file(path, sizeof(path));
	child = fork();
	if (child == 0) {
		int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

		_exit(fd >= 0 && unlink(path) == 0 ? 0 : 1);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	expect(status == 0, "child");
	count(FILE_WRITE);
	count(FILE_DELETE);
}

static void network(void)
{
	char name[128];
	uint64_t number = name_file(name, sizeof(name));
	struct sockaddr_in address = {.sin_family = AF_INET,
	        .sin_port = htons((uint16_t)(1 + (number >> 22) % 50)),
	        .sin_addr.s_addr = htonl(0x7f400000u | (uint32_t)(number & 0x3fffffu))};
	int stream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
	    datagram = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	expect(connect(stream, (struct sockaddr *)&address, sizeof(address)) < 0 && errno == ECONNREFUSED, "connect");
	count(NET_CONNECT);
	expect(sendto(datagram, "x", 1, 0, (struct sockaddr *)&address, sizeof(address)) == 1, "sendto");
	count(NET_SEND);
	(void)close(stream);
	(void)close(datagram);
}

static void memory(void)
{
	char *at = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	expect(at != MAP_FAILED, "mmap");
	at[4096] = 1;
	expect(mprotect(at, 65536, PROT_READ) == 0 && at[4096] == 1, "mprotect");
	expect(munmap(at, 65536) == 0, "munmap");
	(void)syscall(SYS_close_range, 3000u, ~0u, 0);
}

static void on_signal(int number)
{
	int saved = errno;
	char path[128];

	(void)number;
	(void)name_file(path, sizeof(path));
	create(path);
	delete_file(path);
	errno = saved;
}

static void *work(void *argument)
{
	static void (*const operations[])(void) = {files, network, spawn, files, fork_and_create, memory, network};
	unsigned thread = *(const unsigned *)argument;

	for (unsigned i = thread; !__atomic_load_n(&is_over, __ATOMIC_RELAXED); i++) {
		operations[i % (sizeof(operations) / sizeof(operations[0]))]();
		if (i % 16 == 0)
			(void)kill(getpid(), SIGUSR1);
	}
	return NULL;
}

static void run_round(long seconds)
{
	static unsigned numbers[THREADS];
	struct itimerval timer = {{0, 3000}, {0, 3000}}, off = {{0, 0}, {0, 0}};
	struct timespec end;
	pthread_t threads[THREADS];

	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	__atomic_store_n(&is_over, false, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < THREADS; i++) {
		numbers[i] = i;
		if (pthread_create(&threads[i], NULL, work, &numbers[i]) != 0)
			abort();
	}
	(void)setitimer(ITIMER_REAL, &timer, NULL);
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) != 0)
		continue;
	(void)setitimer(ITIMER_REAL, &off, NULL);
	__atomic_store_n(&is_over, true, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < THREADS; i++)
		(void)pthread_join(threads[i], NULL);
}

struct held {
	unsigned maps, descriptors, pages;
};

static struct held measure(void)
{
	struct held held = {0, 0, 0};
	FILE *file = fopen("/proc/self/maps", "re");
	DIR *list = opendir("/proc/self/fd");
	int c;

	if (file == NULL || list == NULL)
		abort();
	while ((c = fgetc(file)) != EOF)
		held.maps += c == '\n';
	(void)fclose(file);
	while (readdir(list) != NULL)
		held.descriptors++;
	(void)closedir(list);
	file = fopen("/proc/self/statm", "re");
	if (file == NULL || fscanf(file, "%*u %u", &held.pages) != 1)
		abort();
	(void)fclose(file);
	return held;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	struct held before, after;

	/* Programs that are started read no files of a locale: all reports are of what is counted. */
	if (argc != 3 || setenv("LC_ALL", "C", 1) < 0)
		return 2;
	directory = argv[2];
	(void)sigaddset(&action.sa_mask, SIGALRM);
	(void)sigaddset(&action.sa_mask, SIGUSR1);
	if (sigaction(SIGALRM, &action, NULL) < 0 || sigaction(SIGUSR1, &action, NULL) < 0)
		return 2;
	run_round(FIRST_ROUND_S);
	before = measure();
	run_round(strtol(argv[1], NULL, 10));
	after = measure();
	for (int kind = 0; kind < KINDS; kind++)
		printf("%s %llu\n", kind_names[kind], (unsigned long long)made[kind]);
	printf("maps %u %u\n# descriptors %u %u\n# pages %u %u\n", before.maps, after.maps, before.descriptors,
	        after.descriptors, before.pages, after.pages);
	return failures == 0 ? 0 : 1;
}
