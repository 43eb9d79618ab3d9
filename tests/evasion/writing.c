/* SPDX-License-Identifier: Apache-2.0 */
/* writing TECHNIQUE: ways to the folder that nobody may write. */
#include "canary.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static void write_marker(int fd)
{
	(void)!write(fd, "x", 1);
}

static void plain_write(void)
{
	write_marker(open(MARKER, O_WRONLY | O_CREAT, 0600));
}

static void created(void)
{
	write_marker(creat(MARKER, 0600));
}

static void nameless_then_linked(void)
{
	int fd = open("/tmp/room", O_TMPFILE | O_RDWR, 0600);
	char name[64];

	write_marker(fd);
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	(void)!linkat(AT_FDCWD, name, AT_FDCWD, MARKER, AT_SYMLINK_FOLLOW);
}

static void renamed_into_place(void)
{
	write_marker(open("/tmp/room/marker", O_WRONLY | O_CREAT, 0600));
	(void)!rename("/tmp/room/marker", MARKER);
}

static void folder_moved_into_place(void)
{
	(void)!mkdir("/tmp/room/other", 0700);
	write_marker(open("/tmp/room/other/marker", O_WRONLY | O_CREAT, 0600));
	(void)!rename("/tmp/refused", "/tmp/room/old");
	(void)!rename("/tmp/room/other", "/tmp/refused");
}

static void linked_into_place(void)
{
	write_marker(open("/tmp/room/marker", O_WRONLY | O_CREAT, 0600));
	(void)!link("/tmp/room/marker", MARKER);
}

static void special_file(void)
{
	(void)!mknod(MARKER, S_IFREG | 0600, 0);
	(void)!mkfifo(MARKER, 0600);
}

static void symbolic_marker(void)
{
	(void)!symlink("/dev/null", MARKER);
}

static void made_folder(void)
{
	(void)!mkdir(MARKER, 0700);
}

static void bound_socket_file(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = MARKER};

	(void)!bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&address, sizeof(address));
}

static void truncated(void)
{
	(void)!truncate("/tmp/refused/kept", 0);
}

static void mode_changed(void)
{
	(void)!chmod("/tmp/refused/kept", 0777);
}

static void mode_changed_by_descriptor(void)
{
	(void)!fchmod(open("/tmp/refused/kept", O_RDONLY), 0777);
}

static void cut_behind_a_link(void)
{
	(void)!symlink("/tmp/refused/kept", "/tmp/room/link");
	close(open("/tmp/room/link", O_WRONLY | O_TRUNC));
	close(open("/proc/self/root/tmp/refused/kept", O_WRONLY | O_TRUNC));
}

/* The owner sets it to what it is: the time of the change is another. */
static void owner_changed(void)
{
	(void)!chown("/tmp/refused/kept", getuid(), getgid());
	(void)!fchown(open("/tmp/refused/kept", O_RDONLY), getuid(), getgid());
}

/* Nobody hears of it while the log is full. */
static void log_filled(void)
{
	char line[4096];
	int flags = fcntl(1, F_GETFL);

	memset(line, ' ', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	fcntl(1, F_SETFL, flags | O_NONBLOCK);
	for (int i = 0; i < 64 && write(1, line, sizeof(line)) > 0; i++)
		continue;
	write_marker(open(MARKER, O_WRONLY | O_CREAT, 0600));
	fcntl(1, F_SETFL, flags);
}

static void times_changed(void)
{
	const struct timespec times[2] = {{1, 0}, {1, 0}};

	(void)!utimensat(AT_FDCWD, "/tmp/refused/kept", times, 0);
}

static void deleted(void)
{
	(void)!unlink("/tmp/refused/kept");
}

static void opened_again_for_writing(void)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", open("/tmp/refused/kept", O_RDONLY));
	write_marker(open(name, O_WRONLY | O_TRUNC));
}

static void mapped_for_writing(void)
{
	char *data = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, open("/tmp/refused/kept", O_RDWR), 0);

	if (data != MAP_FAILED)
		data[0] = 'x';
}

static const struct technique techniques[] = {
        {"write", plain_write},
        {"creat", created},
        {"o-tmpfile", nameless_then_linked},
        {"rename-into", renamed_into_place},
        {"folder-into", folder_moved_into_place},
        {"link-into", linked_into_place},
        {"mknod", special_file},
        {"symlink-into", symbolic_marker},
        {"mkdir", made_folder},
        {"bind-file", bound_socket_file},
        {"truncate", truncated},
        {"chmod", mode_changed},
        {"fchmod", mode_changed_by_descriptor},
        {"trunc-link", cut_behind_a_link},
        {"chown", owner_changed},
        {"full-log", log_filled},
        {"utimens", times_changed},
        {"unlink", deleted},
        {"reopen-write", opened_again_for_writing},
        {"mmap-write", mapped_for_writing},
};

int main(int argc, char **argv)
{
	return run_technique(techniques, sizeof(techniques) / sizeof(techniques[0]), argc, argv);
}
