/* SPDX-License-Identifier: Apache-2.0 */
/* What is to be done, by what was written down and what lies there; and the keys. */
#include "publish/plan.h"
#include "publish/publish.h"
#include "base/cleanup.h"
#include "base/fd.h"
#include "wire/pins.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define NONE (-1)

static const struct {
	const char *name;
	int last; /* enum gb_publication_state, or NONE; its serial is 5 */
	bool is_same, must_look;
	int look; /* serial there, 0: nothing; NONE: nobody looked */
	enum plan_step step;
	int64_t serial;
} rows[] = {
        {"the first one", NONE, false, true, NONE, PLAN_LOOK, 0},
        {"the first one, nothing there", NONE, false, true, 0, PLAN_NEW, 1},
        {"the first one, an old store", NONE, false, true, 70, PLAN_NEW, 71},
        {"nothing has changed", GB_PUBLICATION_PUBLISHED, true, false, NONE, PLAN_NOTHING, 0},
        {"nothing has changed, first look", GB_PUBLICATION_PUBLISHED, true, true, NONE, PLAN_LOOK, 0},
        {"nothing has changed, it is there", GB_PUBLICATION_PUBLISHED, true, true, 5, PLAN_NOTHING, 5},
        {"somebody took it away", GB_PUBLICATION_PUBLISHED, true, true, 0, PLAN_NEW, 1},
        {"a store from before a restored database", GB_PUBLICATION_PUBLISHED, true, true, 9, PLAN_NEW, 10},
        {"it changed", GB_PUBLICATION_PUBLISHED, false, false, NONE, PLAN_LOOK, 0},
        {"it changed, the last is there", GB_PUBLICATION_PUBLISHED, false, false, 5, PLAN_NEW, 6},
        {"killed before it was put", GB_PUBLICATION_BEGUN, true, true, 4, PLAN_AGAIN, 5},
        {"killed before the first was put", GB_PUBLICATION_BEGUN, true, true, 0, PLAN_AGAIN, 5},
        {"killed behind that", GB_PUBLICATION_BEGUN, true, true, 5, PLAN_FINISH, 5},
        {"begun, and changed again", GB_PUBLICATION_BEGUN, false, true, 4, PLAN_NEW, 5},
        {"begun, and outdone by somebody", GB_PUBLICATION_BEGUN, true, false, 6, PLAN_NEW, 7},
        {"refused as before", GB_PUBLICATION_REFUSED, true, true, NONE, PLAN_NOTHING, 0},
        {"refused, good again", GB_PUBLICATION_REFUSED, false, true, 4, PLAN_NEW, 5},
};

static void test_plan(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gb_publication last = {.serial = 5, .sha256 = {1}};
		struct target_look look = {
		        .is_there = rows[i].look > 0, .serial = rows[i].look > 0 ? (uint64_t)rows[i].look : 0};
		const unsigned char sha256[GB_SHA256_BYTES] = {rows[i].is_same ? 1 : 2};
		struct plan plan;

		last.state = rows[i].last == NONE ? GB_PUBLICATION_BEGUN : (enum gb_publication_state)rows[i].last;
		plan = plan_of(rows[i].last == NONE ? NULL : &last, sha256, rows[i].look == NONE ? NULL : &look,
		        rows[i].must_look);
		if (plan.step != rows[i].step || plan.serial != rows[i].serial)
			fail_msg("%s: step %d serial %lld", rows[i].name, plan.step, (long long)plan.serial);
	}
}

static struct gb_pins pins_of(const char *folder)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	struct gb_pins pins;
	char path[128];
	size_t n;

	(void)snprintf(path, sizeof(path), "%s/policy.pub", folder);
	assert_int_equal(gb_fd_read_file(path, GB_PINS_BYTES_MAX, &data, &n), 0);
	assert_int_equal(gb_pins_parse(gb_span_of(data, n), &pins, NULL), 0);
	return pins;
}

static int clear(const char *folder)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/policy.key", folder);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/policy.pub", folder);
	(void)unlink(path);
	return rmdir(folder);
}

static void test_keys(void **state)
{
	char root[] = "/tmp/gambeson-keys-XXXXXX", folder[64], path[128];
	struct gb_publish_keys first, again, second;
	struct gb_diag diag = {0};
	struct gb_pins pins;
	struct stat about;

	(void)state;
	assert_non_null(mkdtemp(root));
	(void)snprintf(folder, sizeof(folder), "%s/keys", root);
	assert_int_equal(gb_publish_keys_open(folder, &first, &diag), 0);
	(void)snprintf(path, sizeof(path), "%s/policy.key", folder);
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	assert_int_equal(gb_publish_keys_open(folder, &again, &diag), 0);
	assert_memory_equal(&first, &again, sizeof(first));
	assert_int_equal(gb_publish_keys_activate(folder, 30000, &diag), -ENOENT);
	assert_int_equal(gb_publish_keys_prepare(folder, &diag), 0);
	assert_int_equal(gb_publish_keys_prepare(folder, &diag), -EEXIST);
	pins = pins_of(folder);
	assert_int_equal(pins.count, 2);
	assert_memory_equal(pins.pins[0].key, first.public_key, 32);
	assert_int_equal(gb_publish_keys_open(folder, &again, &diag), 0);
	assert_memory_equal(&first, &again, sizeof(first));
	assert_int_equal(gb_publish_keys_activate(folder, 30000, &diag), 0);
	assert_int_equal(gb_publish_keys_open(folder, &second, &diag), 0);
	assert_memory_not_equal(&first, &second, sizeof(first));
	assert_memory_equal(second.public_key, pins.pins[1].key, 32);
	pins = pins_of(folder);
	assert_int_equal(pins.count, 2);
	assert_memory_equal(pins.pins[0].key, second.public_key, 32);
	assert_int_equal(pins.pins[0].last_day, 0);
	assert_memory_equal(pins.pins[1].key, first.public_key, 32);
	assert_int_equal(pins.pins[1].last_day, 30000);
	assert_true(gb_publish_keys_has(folder, GB_SPAN("0")) == false);
	/* A key that was damaged is not replaced: functions would take nothing any more. */
	assert_int_equal(truncate(path, 10), 0);
	assert_int_equal(gb_publish_keys_open(folder, &again, &diag), -EINVAL);
	assert_int_equal(clear(folder), 0);
	assert_int_equal(rmdir(root), 0);
}

#define RENEWALS 60

struct opener {
	const char *folder;
	atomic_bool is_over;
	int worst;
};

static void *open_on_and_on(void *context)
{
	struct opener *opener = context;
	struct gb_publish_keys keys;

	while (!atomic_load(&opener->is_over)) {
		int r = gb_publish_keys_open(opener->folder, &keys, NULL);

		opener->worst = r < 0 ? r : opener->worst;
	}
	return NULL;
}

#define ENDED 20000u /* a day of 2024 */
#define LATER 60000u

/* No more than a function takes: what has ended makes room, what has not does not. */
static void test_keys_that_are_trusted_yet(void **state)
{
	char root[] = "/tmp/gambeson-keys-XXXXXX";
	struct gb_publish_keys keys;
	struct gb_diag diag = {0};

	(void)state;
	assert_non_null(mkdtemp(root));
	assert_int_equal(gb_publish_keys_open(root, &keys, &diag), 0);
	for (uint32_t i = 0; i + 1 < GB_PINS_MAX; i++) {
		assert_int_equal(gb_publish_keys_prepare(root, &diag), 0);
		assert_int_equal(gb_publish_keys_activate(root, i == 2 ? ENDED : LATER, &diag), 0);
	}
	assert_int_equal(pins_of(root).count, GB_PINS_MAX);
	assert_int_equal(gb_publish_keys_prepare(root, &diag), 0);
	assert_int_equal(gb_publish_keys_activate(root, LATER, &diag), 0);
	assert_int_equal(gb_publish_keys_prepare(root, &diag), -EEXIST);
	assert_non_null(strstr(diag.message, "has to end first"));
	/* And all goes on with those that are there. */
	assert_int_equal(gb_publish_keys_open(root, &keys, &diag), 0);
	for (size_t i = 0; i < GB_PINS_MAX; i++)
		assert_true(pins_of(root).pins[i].last_day != ENDED);
	assert_int_equal(clear(root), 0);
}

/* Rounds of two servers on one folder open the keys while somebody renews them: none is lost, and each old one has its end. */
static void test_keys_among_threads(void **state)
{
	char root[] = "/tmp/gambeson-keys-XXXXXX";
	struct opener openers[2];
	pthread_t threads[2];
	struct gb_publish_keys keys;
	struct gb_diag diag = {0};
	struct gb_pins pins;

	(void)state;
	assert_non_null(mkdtemp(root));
	assert_int_equal(gb_publish_keys_open(root, &keys, &diag), 0);
	for (size_t i = 0; i < 2; i++) {
		openers[i] = (struct opener){.folder = root};
		assert_int_equal(pthread_create(&threads[i], NULL, open_on_and_on, &openers[i]), 0);
	}
	for (uint32_t i = 0; i < RENEWALS; i++) {
		if (gb_publish_keys_prepare(root, &diag) < 0 || gb_publish_keys_activate(root, ENDED + i, &diag) < 0)
			fail_msg("%s", diag.message);
		pins = pins_of(root);
		assert_int_equal(pins.count, i + 2 < GB_PINS_MAX ? i + 2 : GB_PINS_MAX);
		for (uint32_t pin = 1; pin < pins.count; pin++)
			assert_int_equal(pins.pins[pin].last_day, ENDED + i + 1 - pin);
		assert_int_equal(gb_publish_keys_open(root, &keys, &diag), 0);
		assert_memory_equal(pins.pins[0].key, keys.public_key, sizeof(keys.public_key));
	}
	for (size_t i = 0; i < 2; i++) {
		atomic_store(&openers[i].is_over, true);
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(openers[i].worst, 0);
	}
	assert_int_equal(clear(root), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_plan), cmocka_unit_test(test_keys),
	        cmocka_unit_test(test_keys_that_are_trusted_yet), cmocka_unit_test(test_keys_among_threads)};

	return cmocka_run_group_tests_name("publish plan", tests, NULL, NULL);
}
