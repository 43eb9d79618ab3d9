/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishers that are killed at any moment: what functions fetch is then an older policy or a newer one, whole and signed, and
 * never goes back.
 */
#include "bench.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CRASHES 60

/* As the server's task does: PostgreSQL may still be at what a killed publisher asked for last. 0, or a negative errno. */
static int become_publisher(struct gb_store *store)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	struct gb_diag diag = {0};
	int r;

	while ((r = gb_store_lock(store, "publish", &diag)) == -EBUSY)
		(void)nanosleep(&pause, NULL);
	return r;
}

/* Documents change and are published, until somebody puts an end to it. */
_Noreturn static void work(struct fixture *f, const char *data, unsigned seed)
{
	struct gb_publish *publish;
	struct gb_location location = {.kind = GB_LOCATION_FOLDER};
	struct gb_store *store;
	struct gb_publish_round round;
	struct gb_diag diag = {0};

	(void)snprintf(location.path, sizeof(location.path), "%s/policies", data);
	if (gb_store_open(f->url, &store, &diag) < 0 || become_publisher(store) < 0 ||
	        gb_publish_new(&(struct gb_publish_settings){.data = data, .location = &location}, &publish, &diag) < 0)
		_exit(1);
	for (unsigned turn = 0;; turn++) {
		char body[32];

		(void)snprintf(body, sizeof(body), "%u-%u", seed, turn);
		put_policy(store, turn % 2 == 0 ? "orders" : "billing", body);
		if (gb_publish_run(publish, store, &round, &diag) < 0)
			_exit(1);
	}
}

static void check_temporaries(const struct bench *bench)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/policies/123456789012/eu-west-1/orders/.new", bench->data);
	assert_int_equal(access(path, F_OK), -1);
}

static void killed_at_any_moment(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = {"orders", "billing"};
	uint64_t serials[2] = {0};
	struct bench bench;
	unsigned random = 2463534242u;

	open_bench(&bench, f, 0);
	for (int i = 0; i < 2; i++)
		(void)add_function(f, names[i]);
	gb_publish_free(bench.publish);
	for (unsigned seed = 1; seed <= CRASHES; seed++) {
		struct timespec pause = {.tv_nsec = 0};
		char body[64], name[300], wanted[64];
		struct gb_publish_round round;
		pid_t pid = fork();
		int status;

		if (pid == 0)
			work(f, bench.data, seed);
		random ^= random << 13;
		random ^= random >> 17;
		random ^= random << 5;
		pause.tv_nsec = 2000000 + (long)(random % 40000) * 1000;
		(void)nanosleep(&pause, NULL);
		(void)kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFSIGNALED(status))
			fail_msg("seed %u: the publisher ended by itself: %d", seed, status);
		assert_int_equal(become_publisher(f->store), 0);
		for (int i = 0; i < 2; i++) {
			uint64_t serial = fetch(&bench, names[i], body, name);

			assert_true(serial >= serials[i]);
			serials[i] = serial;
		}
		/* One round heals what was left. */
		open_bench(&bench, f, 0);
		round = run(&bench);
		assert_int_equal(round.failed, 0);
		(void)snprintf(wanted, sizeof(wanted), "healed %u", seed);
		put_policy(f->store, "orders", wanted);
		assert_int_equal(run(&bench).published, 1);
		assert_true(fetch(&bench, "orders", body, name) > serials[0]);
		assert_string_equal(body, wanted);
		serials[0] = fetch(&bench, "orders", body, name);
		serials[1] = fetch(&bench, "billing", body, name);
		gb_store_unlock(f->store, "publish");
		gb_publish_free(bench.publish);
	}
	check_temporaries(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {ON_BOTH(killed_at_any_moment)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
