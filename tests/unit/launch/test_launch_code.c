/* SPDX-License-Identifier: Apache-2.0 */
#include "launch/launch.h"

#include <setjmp.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char root[64];

static void put_file(const char *name, const char *content, long seconds)
{
	struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
	char path[256];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", root, name);
	for (char *slash = strchr(path + strlen(root) + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		(void)mkdir(path, 0755);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	assert_int_equal(futimens(fd, times), 0);
	(void)close(fd);
}

static const char *code(void)
{
	static char found[2][GB_LAUNCH_CODE_BYTES];
	static unsigned turn;
	const char *folders[] = {root, "/nowhere/at/all"};
	char layer[128];

	turn ^= 1u;
	(void)snprintf(layer, sizeof(layer), "%s/gambeson", root);
	if (!gb_launch_code_find(folders, 2, layer, found[turn]))
		return "";
	assert_int_equal(strlen(found[turn]), GB_LAUNCH_CODE_BYTES - 1);
	return found[turn];
}

static int fill(void **state)
{
	(void)state;
	(void)snprintf(root, sizeof(root), "/tmp/gb-code-XXXXXX");
	if (mkdtemp(root) == NULL)
		return -1;
	put_file("index.js", "exports", 1000);
	put_file("src/deep/er/file.js", "x", 1000);
	put_file("node_modules/.package-lock.json", "{}", 1000);
	put_file("node_modules/left-pad/index.js", "x", 1000);
	put_file("gambeson/policy.gbp", "x", 1000);
	return 0;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
	(void)about;
	(void)kind;
	(void)where;
	return remove(path);
}

static int clear(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* What happens to the folder, and whether it is other code then. */
static void other_code_is_told(void **state)
{
	static const struct {
		const char *name, *content;
		long seconds;
		bool is_other;
	} rows[] = {
	        {"index.js", "exports", 1000, false},
	        {"index.js", "exports", 1001, true},
	        {"index.js", "exports.", 1001, true},
	        {"added.js", "", 1000, true},
	        {"src/deep/er/file.js", "y", 2000, true},
	        {"node_modules/.package-lock.json", "{}", 2000, true},
	        {"node_modules/right-pad/index.js", "y", 2000, true},
	        {"node_modules/right-pad/index.js", "longer", 3000, false}, /* a manager changes the list as well */
	        {"src/__pycache__/index.pyc", "y", 2000, true},             /* the folder is new */
	        {"src/__pycache__/index.pyc", "yy", 3000, false},
	        {"gambeson/policy.gbp", "another", 2000, false},
	};
	char before[GB_LAUNCH_CODE_BYTES];

	(void)state;
	(void)snprintf(before, sizeof(before), "%s", code());
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put_file(rows[i].name, rows[i].content, rows[i].seconds);
		if ((strcmp(code(), before) != 0) != rows[i].is_other)
			fail_msg("%s: %s is wrong", rows[i].name, rows[i].is_other ? "the same" : "other code");
		(void)snprintf(before, sizeof(before), "%s", code());
	}
}

static void too_much_is_not_told(void **state)
{
	char name[32];

	(void)state;
	for (unsigned i = 0; i < 1020; i++) {
		(void)snprintf(name, sizeof(name), "many/%u", i);
		put_file(name, "", 1000);
		if (i == 1000)
			assert_string_not_equal(code(), "");
	}
	assert_string_equal(code(), "");
}

static void nothing_is_not_told(void **state)
{
	const char *folders[] = {"/nowhere/at/all"};
	char found[GB_LAUNCH_CODE_BYTES];

	(void)state;
	assert_false(gb_launch_code_find(folders, 1, "", found));
	assert_string_equal(found, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(other_code_is_told, fill, clear),
	        cmocka_unit_test_setup_teardown(too_much_is_not_told, fill, clear),
	        cmocka_unit_test(nothing_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
