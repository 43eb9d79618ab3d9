/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What faults.py kills: store_victim write URL BASE FIRST COUNT writes batches FIRST … FIRST+COUNT-1 and says the number of each when it
 * is stored; store_victim check URL BASE COUNT reads all and says how many batches are there; it fails when one is there in part or
 * twice, when something is there behind one that is not, or when counts and lists say other than the events.
 */
#include "store/events.h"
#include "store/functions.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCHES_MAX 200
#define BATCH_MAX   3000

static struct gb_diag diag;

static void die(const char *what, int r)
{
	fprintf(stderr, "%s: %d: %s\n", what, r, diag.message);
	exit(3);
}

static size_t size_of(size_t batch)
{
	static const size_t sizes[] = {1, 2500, 40, 3000, 700, 1, 1, 1200};

	return sizes[batch % 8];
}

static struct gb_event event_of(int64_t base, size_t batch, size_t i)
{
	struct gb_event event = {
	        .time = base + (int64_t)(batch * 1000 + i % 977),
	        .function = 1 + (int64_t)(i % 5),
	        .facets = {.kind = GB_SPAN("finding"), .type = i % 3 ? GB_SPAN("File Event") : GB_SPAN("Host Event")},
	        .request = GB_SPAN("of-this-batch"),
	        .sandbox = batch,
	        .seq = (int64_t)i,
	        .body = GB_SPAN("{\"gambeson\":1,\"kind\":\"finding\",\"message\":\"some text, so that a row has a "
	                        "body of its own\"}"),
	};

	memcpy(event.id, &batch, 8);
	memcpy(event.id + 8, &i, 8);
	return event;
}

static void write_batch(struct gb_store *store, int64_t base, size_t batch)
{
	static struct gb_event events[BATCH_MAX];
	struct gb_events_inserted inserted;
	int r = 0;

	for (size_t i = 0; i < size_of(batch); i++)
		events[i] = event_of(base, batch, i);
	for (int turn = 0; turn < 300; turn++) {
		r = gb_events_insert(store, events, size_of(batch), &inserted, &diag);
		if (r != -ECONNRESET && r != -EAGAIN)
			break;
		usleep(50000);
	}
	if (r < 0)
		die("insert", r);
	printf("%zu\n", batch);
	fflush(stdout);
}

static size_t seen[BATCHES_MAX];
static size_t by_lists[BATCHES_MAX];

static int see(void *context, const struct gb_event *event)
{
	size_t *counts = context;

	if (event->sandbox >= BATCHES_MAX || event->seq < 0 || (size_t)event->seq >= size_of(event->sandbox))
		die("an event that nobody wrote", 0);
	counts[event->sandbox]++;
	return 0;
}

static int add(void *context, const struct gb_event_count *count)
{
	*(int64_t *)context += count->n;
	return 0;
}

static void read_all(struct gb_store *store, const struct gb_event_filter *filter, size_t *counts)
{
	struct gb_event_page page = {.next = {0, 0}};

	while (!page.is_end) {
		int r = gb_events_query(store, NULL, filter, page.next, 1000, see, counts, &page, &diag);

		if (r < 0)
			die("query", r);
	}
}

static void check(struct gb_store *store, size_t count)
{
	const struct gb_event_filter all = {0}, some = {.request = GB_SPAN("of-this-batch")};
	int64_t counted = 0, sum = 0;
	size_t complete = 0;
	int r;

	read_all(store, &all, seen);
	read_all(store, &some, by_lists);
	while (complete < count && seen[complete] == size_of(complete))
		complete++;
	for (size_t i = 0; i < BATCHES_MAX; i++) {
		if (seen[i] != (i < complete ? size_of(i) : 0)) {
			fprintf(stderr, "batch %zu has %zu of %zu events\n", i, seen[i], size_of(i));
			exit(4);
		}
		if (by_lists[i] != seen[i]) {
			fprintf(stderr, "batch %zu: %zu events by lists, %zu by time\n", i, by_lists[i], seen[i]);
			exit(5);
		}
		sum += (int64_t)seen[i];
	}
	r = gb_events_count(store, NULL, &all, GB_GROUP_NONE, 0, 0, add, &counted, &diag);
	if (r < 0)
		die("count", r);
	if (counted != sum) {
		fprintf(stderr, "%lld counted, %lld there\n", (long long)counted, (long long)sum);
		exit(6);
	}
	printf("%zu\n", complete);
}

int main(int argc, char **argv)
{
	struct gb_store *store = NULL;
	int r = 0;

	if (argc < 5)
		return 2;
	for (int turn = 0; turn < 300; turn++) {
		r = gb_store_open(argv[2], &store, &diag);
		if (r == 0 && (r = gb_store_migrate(store, &diag)) < 0)
			gb_store_close(store);
		if (r != -ECONNRESET)
			break;
		usleep(50000);
	}
	if (r < 0)
		die("open", r);
	if (strcmp(argv[1], "check") == 0)
		check(store, strtoul(argv[4], NULL, 10));
	else
		for (size_t i = 0; i < strtoul(argv[5], NULL, 10); i++)
			write_batch(store, strtoll(argv[3], NULL, 10), strtoul(argv[4], NULL, 10) + i);
	gb_store_close(store);
	return 0;
}
