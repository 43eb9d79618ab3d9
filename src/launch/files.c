/* SPDX-License-Identifier: Apache-2.0 */
#include "launch/launch.h"

#include "base/format.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool put_path(char *to, size_t cap, const char *folder, const char *name)
{
	if (gb_format(to, cap, "%s%s%s", folder, folder[0] == '\0' ? "" : "/", name) >= 0)
		return true;
	to[0] = '\0';
	return false;
}

/* The agent's own file: /proc tells it truly; without /proc what we were called by. */
static void find_agent(const char *argv0, char *path)
{
	ssize_t n = readlink("/proc/self/exe", path, GB_LAUNCH_PATH_MAX);
	char resolved[PATH_MAX];

	if (n > 0 && n < GB_LAUNCH_PATH_MAX) {
		path[n] = '\0';
		return;
	}
	path[0] = '\0';
	if (strchr(argv0, '/') != NULL && realpath(argv0, resolved) != NULL)
		(void)put_path(path, GB_LAUNCH_PATH_MAX, "", resolved);
}

static bool is_readable(const char *path)
{
	return access(path, R_OK) == 0;
}

/* A file of the layer's folder, which is where the agent lies; empty when it is not there. */
static void find_in_layer(const char *agent, const char *name, char *path)
{
	char folder[GB_LAUNCH_PATH_MAX];
	const char *slash = strrchr(agent, '/');

	path[0] = '\0';
	if (slash == NULL)
		return;
	memcpy(folder, agent, (size_t)(slash - agent));
	folder[slash - agent] = '\0';
	if (put_path(path, GB_LAUNCH_PATH_MAX, folder, name) && !is_readable(path))
		path[0] = '\0';
}

/* Absolute without following links: a policy may be published by moving a link. */
static void make_absolute(const char *given, char *path)
{
	char folder[PATH_MAX];

	if (given[0] == '/' || getcwd(folder, sizeof(folder)) == NULL)
		(void)put_path(path, GB_LAUNCH_PATH_MAX, "", given);
	else
		(void)put_path(path, GB_LAUNCH_PATH_MAX, folder, given);
}

int gb_launch_program_find(const char *name, char *path, size_t cap, struct gb_diag *diag)
{
	const char *at = getenv("PATH");
	char folder[PATH_MAX];

	if (name[0] == '\0')
		return gb_diag_set(diag, -ENOENT, 0, 0, "the runtime to start has an empty name");
	if (strchr(name, '/') != NULL) {
		if (!put_path(path, cap, "", name))
			return gb_diag_set(diag, -ENAMETOOLONG, 0, 0, "%.200s: the name is too long", name);
		if (access(path, F_OK) < 0)
			return gb_diag_set(diag, -errno, 0, 0, "%.180s: %s", name, strerror(errno));
		return 0;
	}
	if (at == NULL)
		at = "/usr/local/bin:/usr/bin:/bin";
	while (at != NULL) {
		const char *colon = strchrnul(at, ':');
		size_t n = (size_t)(colon - at);

		if (n < sizeof(folder)) {
			memcpy(folder, n == 0 ? "." : at, n == 0 ? 1 : n);
			folder[n == 0 ? 1 : n] = '\0';
			if (put_path(path, cap, folder, name) && access(path, X_OK) == 0)
				return 0;
		}
		at = *colon == ':' ? colon + 1 : NULL;
	}
	return gb_diag_set(diag, -ENOENT, 0, 0, "%.180s: not found in PATH; give its path", name);
}

int gb_launch_files_find(const struct gb_launch_settings *settings, const char *argv0, const char *runtime,
        struct gb_launch_files *ret_files, struct gb_diag *diag)
{
	*ret_files = (struct gb_launch_files){.is_policy_named = settings->policy_path != NULL};
	find_agent(argv0, ret_files->agent);
	if (settings->sensor_path != NULL) {
		make_absolute(settings->sensor_path, ret_files->sensor);
		if (!is_readable(ret_files->sensor))
			ret_files->sensor[0] = '\0';
	} else {
		find_in_layer(ret_files->agent, "libgambeson.so", ret_files->sensor);
	}
	if (settings->policy_path != NULL)
		make_absolute(settings->policy_path, ret_files->policy);
	else
		find_in_layer(ret_files->agent, "policy.gbp", ret_files->policy);
	if (settings->key_path != NULL)
		make_absolute(settings->key_path, ret_files->key);
	else
		find_in_layer(ret_files->agent, "policy.pub", ret_files->key);
	return gb_launch_program_find(runtime, ret_files->runtime, sizeof(ret_files->runtime), diag);
}
