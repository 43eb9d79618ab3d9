/* SPDX-License-Identifier: Apache-2.0 */
/* roundabout TECHNIQUE: calls that take a name and open nothing, by names that lead elsewhere on their way: a link in
 * between, made where the function may write, or one that the kernel keeps. */
#include "canary.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define UP "/tmp/room/up" /* a link to /tmp */

static void link_up(void)
{
	(void)!symlink("/tmp", UP);
}

static void made_folder(void)
{
	(void)!mkdir(UP "/refused/marker", 0700);
}

static void made_folder_below_link(void)
{
	(void)!symlink("/tmp/room/../", "/tmp/room/dots");
	(void)!mkdirat(open("/tmp/room", O_PATH), "dots/refused/marker", 0700);
}

static void made_folder_by_cwd(void)
{
	(void)!chdir("/tmp");
	(void)!mkdir("/proc/self/cwd/refused/marker", 0700);
}

static void made_folder_by_root(void)
{
	(void)!mkdir("/proc/self/root/tmp/refused/marker", 0700);
}

static void made_folder_by_descriptor(void)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "/dev/fd/%d/refused/marker", open("/tmp", O_PATH));
	(void)!mkdir(name, 0700);
}

static void created(void)
{
	close(open(UP "/refused/marker", O_WRONLY | O_CREAT, 0600));
}

static void created_by_creat(void)
{
	close(creat(UP "/refused/marker", 0600));
}

static void created_by_openat2(void)
{
	uint64_t how[3] = {O_WRONLY | O_CREAT, 0600, 0x10 /* RESOLVE_IN_ROOT */};

	close((int)syscall(437, open("/tmp", O_PATH), "/room/up/../refused/marker", how, sizeof(how)));
	(void)!symlink("/refused", "/tmp/room/from-root");
	close((int)syscall(437, open("/tmp", O_PATH), "/room/from-root/marker", how, sizeof(how)));
}

/* The last link leads to where nothing is. */
static void created_by_last_link(void)
{
	(void)!symlink(UP "/refused/marker", "/tmp/room/soft");
	(void)!symlink("soft", "/tmp/room/softer");
	close(open("/tmp/room/softer", O_WRONLY | O_CREAT, 0600));
}

static volatile int is_over;

static void *swap_links(void *unused)
{
	while (!is_over) {
		(void)!unlink("/tmp/room/way");
		(void)!symlink("/tmp/room/mine", "/tmp/room/way");
		(void)!unlink("/tmp/room/way");
		(void)!symlink(UP, "/tmp/room/way");
	}
	return unused;
}

static void swapped(void (*tried)(void))
{
	pthread_t thread;

	(void)!mkdir("/tmp/room/mine", 0700);
	(void)!mkdir("/tmp/room/mine/refused", 0700);
	pthread_create(&thread, NULL, swap_links, NULL);
	for (int i = 0; i < 2000; i++)
		tried();
	is_over = 1;
	pthread_join(thread, NULL);
}

static void create_swapped(void)
{
	close(open("/tmp/room/way/refused/marker", O_WRONLY | O_CREAT, 0600));
	(void)!unlink("/tmp/room/mine/refused/marker");
}

static void make_swapped(void)
{
	(void)!mkdir("/tmp/room/way/refused/marker", 0700);
	(void)!rmdir("/tmp/room/mine/refused/marker");
}

static void truncate_swapped(void)
{
	close(open("/tmp/room/way/refused/kept", O_WRONLY | O_TRUNC));
}

static void created_in_a_race(void)
{
	swapped(create_swapped);
}

static void made_in_a_race(void)
{
	swapped(make_swapped);
}

static void cut_in_a_race(void)
{
	(void)!mkdir("/tmp/room/mine", 0700);
	(void)!mkdir("/tmp/room/mine/refused", 0700);
	close(open("/tmp/room/mine/refused/kept", O_WRONLY | O_CREAT, 0600));
	swapped(truncate_swapped);
}

static void special_file(void)
{
	(void)!mknod(UP "/refused/marker", S_IFREG | 0600, 0);
}

static void symbolic_link(void)
{
	(void)!symlink("x", UP "/refused/marker");
}

static void moved_into_place(void)
{
	close(open("/tmp/room/marker", O_WRONLY | O_CREAT, 0600));
	(void)!rename("/tmp/room/marker", UP "/refused/marker");
}

static void linked_into_place(void)
{
	close(open("/tmp/room/marker", O_WRONLY | O_CREAT, 0600));
	(void)!link("/tmp/room/marker", UP "/refused/marker");
}

static void deleted(void)
{
	(void)!unlink(UP "/refused/kept");
}

static void moved_away(void)
{
	(void)!rename(UP "/refused/kept", "/tmp/room/kept");
}

static void cut(void)
{
	(void)!truncate(UP "/refused/kept", 0);
}

static void cut_by_last_link(void)
{
	(void)!symlink(UP "/refused/kept", "/tmp/room/kept");
	(void)!truncate("/tmp/room/kept", 0);
}

static void mode_changed(void)
{
	(void)!chmod(UP "/refused/kept", 0777);
}

static void times_changed(void)
{
	(void)!utimensat(AT_FDCWD, UP "/refused/kept", NULL, 0);
}

static void socket_bound(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = UP "/refused/marker"};

	(void)!bind(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&a, sizeof(a));
}

static void hard_link_read(void)
{
	(void)!link(UP "/vault/secret", "/tmp/room/plain");
	show_file("/tmp/room/plain");
}

static void hard_link_by_cwd_read(void)
{
	(void)!chdir("/tmp");
	(void)!link("/proc/self/cwd/vault/secret", "/tmp/room/plain");
	show_file("/tmp/room/plain");
}

static void hard_link_followed_read(void)
{
	(void)!symlink(UP "/vault/secret", "/tmp/room/soft");
	(void)!linkat(AT_FDCWD, "/tmp/room/soft", AT_FDCWD, "/tmp/room/plain", AT_SYMLINK_FOLLOW);
	show_file("/tmp/room/plain");
}

static void moved_read(void)
{
	(void)!rename(UP "/vault/secret", "/tmp/room/plain");
	show_file("/tmp/room/plain");
}

static void folder_moved_read(void)
{
	(void)!rename(UP "/vault", "/tmp/room/vault");
	show_file("/tmp/room/vault/secret");
}

/* The kernel follows the link; whoever reads the names sees a folder that was swapped. */
static void swapped_read(void)
{
	(void)!mkdir("/tmp/room/mine", 0700);
	close(open("/tmp/room/mine/secret", O_WRONLY | O_CREAT, 0600));
	(void)!syscall(SYS_renameat2, AT_FDCWD, "/tmp/room/mine", AT_FDCWD, UP "/vault", 2);
	show_file("/tmp/room/mine/secret");
}

static const struct technique techniques[] = {
        {"mkdir", made_folder},
        {"mkdirat", made_folder_below_link},
        {"mkdir-cwd", made_folder_by_cwd},
        {"mkdir-root", made_folder_by_root},
        {"mkdir-fd", made_folder_by_descriptor},
        {"open", created},
        {"creat", created_by_creat},
        {"openat2", created_by_openat2},
        {"open-last", created_by_last_link},
        {"race-open", created_in_a_race},
        {"race-mkdir", made_in_a_race},
        {"race-truncate", cut_in_a_race},
        {"mknod", special_file},
        {"symlink", symbolic_link},
        {"rename-into", moved_into_place},
        {"link-into", linked_into_place},
        {"unlink", deleted},
        {"rename-away", moved_away},
        {"truncate", cut},
        {"truncate-last", cut_by_last_link},
        {"chmod", mode_changed},
        {"utimens", times_changed},
        {"bind-file", socket_bound},
        {"link", hard_link_read},
        {"link-cwd", hard_link_by_cwd_read},
        {"link-follow", hard_link_followed_read},
        {"rename", moved_read},
        {"rename-folder", folder_moved_read},
        {"exchange", swapped_read},
};

int main(int argc, char **argv)
{
	link_up();
	return run_technique(techniques, sizeof(techniques) / sizeof(techniques[0]), argc, argv);
}
