/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stopwatch of src/store, for store.py. `store query URL`: how long pages of events take, by what is asked. `store counts URL`: how long counts take. `store insert URL EVENTS
 * [SPREAD_DAYS [FUNCTIONS]]`: made-up findings of FUNCTIONS functions (2,000), some of them told of much more than others; half the lines come late by seconds. A
 * type has its severity (one of 500 events is critical), a function its mode. In batches of 15,000 (a quarter of a second at
 * 60,000/s), each durable before the next.
 */
#include "store.h"

#include "store/events.h"
#include "store/functions.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define BATCH         15000
#define FUNCTIONS_MAX 10000

static size_t function_count = 2000;

static uint64_t state = 88172645463325252u;

static uint64_t random_u64(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

double bench_now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const struct {
	const char *type, *class, *control;
} types[] = {
        {"SQL Injection Attack", "sqli", "firewall"},
        {"Command Injection Attack", "cmdi", "firewall"},
        {"XSS Injection Attack", "xss", "firewall"},
        {"Local File Inclusion Attack", "lfi", "firewall"},
        {"Process Event", "process", "allowlist"},
        {"File Event", "file", "allowlist"},
        {"Host Event", "host", "allowlist"},
        {"IP Event", "ip", "allowlist"},
        {"API Event", "api", "rule"},
        {"Source Address Event", "source", "firewall"},
};

struct text {
	char request[40], address[20], body[1200];
};

static void make(struct gb_event *event, struct text *text, int64_t time, const struct gb_function_ids *functions)
{
	uint64_t a = random_u64(), b = random_u64(), c = random_u64();
	/* Some functions and types are told of much more than others. */
	size_t function = (size_t)((double)function_count * (double)(a % 1000) / 1000 * (double)(b % 1000) / 1000);
	size_t type = (size_t)(c % 100 < 40 ? 0 : c % 100 < 70 ? 4 : c % 100 < 90 ? 5 : (c >> 8) % 10);
	static const char *const actions[] = {"observed", "blocked"};
	const char *action = actions[function % 4 == 0];

	*event = (struct gb_event){
	        .time = time,
	        .function = functions[function].function,
	        .version = functions[function].version,
	        .sandbox = (uint64_t)function << 32 | (a >> 40) % 5,
	        .seq = (int64_t)(b >> 30 & 0xffff),
	        .facets = {.kind = GB_SPAN("finding"),
	                .type = gb_span_cstr(types[type].type),
	                .class = gb_span_cstr(types[type].class),
	                .control = gb_span_cstr(types[type].control),
	                .action = gb_span_cstr(action),
	                .severity = (enum gb_event_severity)(
	                        c % 500 == 0 ? GB_SEVERITY_CRITICAL : GB_SEVERITY_LOW + type % 3)},
	};
	for (int i = 0; i < 6; i++)
		event->id[i] = (unsigned char)(time >> (40 - 8 * i));
	memcpy(event->id + 6, &a, 8);
	memcpy(event->id + 14, &b, 2);
	snprintf(text->request, sizeof text->request, "%08x-%04x-4%03x-a%03x-%012llx", (unsigned)(a >> 32),
	        (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff), (unsigned)(b & 0xfff),
	        (unsigned long long)(b >> 16));
	snprintf(text->address, sizeof text->address, "203.%u.%u.%u", (unsigned)(a >> 8 & 3), (unsigned)(b >> 8 & 255),
	        (unsigned)(c >> 40 & 255));
	event->request = gb_span_cstr(text->request);
	event->source_ip = gb_span_cstr(text->address);
	event->body = gb_span_of(text->body,
	        (size_t)snprintf(text->body, sizeof text->body,
	                "{\"gambeson\":1,\"kind\":\"finding\",\"seq\":%lld,\"time\":\"2026-11-21T10:00:00.000Z\","
	                "\"request\":\"%s\",\"sandbox\":\"%016llx\","
	                "\"id\":\"01JD7ZK3W8XQ4V0T5M2N6P7R9S\",\"type\":\"%s\",\"class\":\"%s\",\"control\":\"%s\","
	                "\"action\":\"%s\",\"mode\":\"block\","
	                "\"severity\":\"high\",\"reason\":\"flow_shell_command\",\"confidence\":\"high\",\"message\":"
	                "\"The input ends the quoted string of a statement and adds a condition that is always true\","
	                "\"input\":{\"path\":\"$.queryStringParameters.q\",\"origin\":\"query\",\"value\":\"1' OR "
	                "'%llx'='%llx' -- \",\"from\":1,\"length\":24},"
	                "\"attack\":[\"T1190\"],\"cwe\":89,\"source_ip\":\"%s\",\"tail\":\"%.*s\"}",
	                (long long)event->seq, text->request, (unsigned long long)event->sandbox, types[type].type,
	                types[type].class, types[type].control, action, (unsigned long long)a, (unsigned long long)a,
	                text->address, (int)(c % 120),
	                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

void bench_fail(int r, const struct gb_diag *diag)
{
	fprintf(stderr, "bench store: %d: %s\n", r, diag->message);
	exit(1);
}

static void insert_events(struct gb_store *store, int64_t total, double days)
{
	struct gb_diag diag = {0};
	static struct gb_event events[BATCH];
	static struct text texts[BATCH];
	static struct gb_function_ids ids[FUNCTIONS_MAX];
	int64_t now_ms, written = 0;
	double wall = 0, cpu = 0;
	int r;

	now_ms = gb_store_now_ms(store);
	for (size_t i = 0; i < function_count; i++) {
		char name[40], account[20];
		struct gb_function_sighting sighting = {
		        .region = GB_SPAN("eu-central-1"), .number = GB_SPAN("7"), .time = now_ms};

		snprintf(name, sizeof name, "orders-%zu", i);
		snprintf(account, sizeof account, "1234567890%02zu", i % 20);
		sighting.name = gb_span_cstr(name);
		sighting.account = gb_span_cstr(account);
		if (i % 500 == 0 && gb_store_begin(store, &diag) < 0)
			bench_fail(-1, &diag);
		r = gb_functions_seen(store, &sighting, 1, &ids[i], &diag);
		if (r < 0)
			bench_fail(r, &diag);
		if ((i % 500 == 499 || i + 1 == function_count) && gb_store_commit(store, &diag) < 0)
			bench_fail(-1, &diag);
	}
	while (written < total) {
		struct gb_events_inserted inserted;
		double w, c;

		for (size_t i = 0; i < BATCH; i++) {
			double share = (double)(written + (int64_t)i) / (double)total;
			int64_t time = days > 0 ? now_ms - (int64_t)((1 - share) * days * 86400000.0)
			                        : now_ms + (written + (int64_t)i) / 60;

			make(&events[i], &texts[i], time - (int64_t)(random_u64() % 2 * (random_u64() % 3000)), ids);
		}
		w = bench_now(CLOCK_MONOTONIC);
		c = bench_now(CLOCK_PROCESS_CPUTIME_ID);
		r = gb_events_insert(store, events, BATCH, &inserted, &diag);
		if (r < 0)
			bench_fail(r, &diag);
		wall += bench_now(CLOCK_MONOTONIC) - w;
		cpu += bench_now(CLOCK_PROCESS_CPUTIME_ID) - c;
		written += BATCH;
		if (written % (BATCH * 20) == 0)
			fprintf(stderr, "%lld: %.0f/s wall, %.0f/s cpu of this process\n", (long long)written,
			        (double)written / wall, (double)written / cpu);
	}
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	printf("{\"events\":%lld,\"wall_s\":%.3f,\"cpu_s\":%.3f,\"rss_kb\":%ld}\n", (long long)written, wall, cpu,
	        usage.ru_maxrss);
}

#define ROUNDS 40

struct asked {
	const char *name;
	struct gb_event_filter filter;
};

static int count_row(void *context, const struct gb_event *event)
{
	*(size_t *)context += event->body.n;
	return 0;
}

static int keep_text(void *context, const struct gb_sql_value *columns, size_t count)
{
	(void)count;
	snprintf(context, 64, "%.*s", (int)columns[0].bytes.n, (const char *)columns[0].bytes.p);
	return 1;
}

int bench_by_size(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

/* First and second pages of 50, newest first and from somewhere in the middle, of things that there are many, some, few and none of. */
static void ask(struct gb_store *store)
{
	static const struct gb_span sqli[] = {GB_SPAN("sqli")},
	                            rare[] = {GB_SPAN("Source Address Event"), GB_SPAN("IP Event")};
	static const struct gb_span blocked[] = {GB_SPAN("blocked")}, account[] = {GB_SPAN("123456789007")},
	                            region[] = {GB_SPAN("eu-central-1")};
	static const struct gb_span none[] = {GB_SPAN("mining")};
	int64_t now_ms = gb_store_now_ms(store);
	int64_t busy[] = {3}, quiet[] = {1990}, some[] = {5, 1200, 1500, 1999};
	const struct asked asked[] = {
	        {"all", {0}},
	        {"busy function", {.functions = busy, .function_count = 1}},
	        {"quiet function", {.functions = quiet, .function_count = 1}},
	        {"four functions", {.functions = some, .function_count = 4}},
	        {"account", {.accounts = {account, 1}}},
	        {"region", {.regions = {region, 1}}},
	        {"class", {.classes = {sqli, 1}}},
	        {"rare types", {.types = {rare, 2}}},
	        {"no such class", {.classes = {none, 1}}},
	        {"blocked and critical", {.actions = {blocked, 1}, .severity_min = GB_SEVERITY_CRITICAL}},
	        {"quiet function, class and action",
	                {.functions = quiet, .function_count = 1, .classes = {sqli, 1}, .actions = {blocked, 1}}},
	        {"account, rare types, critical",
	                {.accounts = {account, 1}, .types = {rare, 2}, .severity_min = GB_SEVERITY_CRITICAL}},
	        {"request", {.request = GB_SPAN("")}},
	        {"no such request", {.request = GB_SPAN("00000000-0000-4000-a000-000000000000")}},
	        {"address", {.source_ip = GB_SPAN("203.1.77.42")}},
	        {"address and class", {.source_ip = GB_SPAN("203.1.77.42"), .classes = {sqli, 1}}},
	        {"text", {.text = GB_SPAN("condition that is always")}},
	        {"rare text", {.text = GB_SPAN("no such text at all")}},
	};
	static double all[2000], one[ROUNDS];
	struct gb_diag diag = {0};
	size_t count = 0, bytes = 0;

	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		for (size_t round = 0; round < ROUNDS; round++) {
			struct gb_event_filter filter = asked[i].filter;
			struct gb_event_page page = {.next = {0, 0}};
			char request[64] = "";
			double begin;
			int r;

			if (round % 4 == 1)
				filter.from = now_ms - 86400000 * (int64_t)(1 + random_u64() % 7);
			if (round % 4 == 3)
				page.next = (struct gb_event_cursor){
				        now_ms - (int64_t)(random_u64() % (29 * 86400000u)), 0};
			if (strcmp(asked[i].name, "request") == 0) {
				struct gb_sql_value value = gb_sql_integer(1 + (int64_t)(random_u64() % 9000000));

				r = gb_sql_run(store, "SELECT request FROM events WHERE n >= $1 ORDER BY n LIMIT 1",
				        &value, 1, keep_text, request, &diag);
				if (r < 0)
					bench_fail(r, &diag);
				filter.request = gb_span_cstr(request);
				filter.from = 0;
				page.next = (struct gb_event_cursor){0, 0};
			}
			begin = bench_now(CLOCK_MONOTONIC);
			r = gb_events_query(store, NULL, &filter, page.next, 50, count_row, &bytes, &page, &diag);
			if (r < 0)
				bench_fail(r, &diag);
			one[round] = (bench_now(CLOCK_MONOTONIC) - begin) * 1000;
			all[count++] = one[round];
		}
		qsort(one, ROUNDS, sizeof one[0], bench_by_size);
		fprintf(stderr, "%-36s p50 %7.2f  p95 %7.2f  max %7.2f ms\n", asked[i].name, one[ROUNDS / 2],
		        one[ROUNDS * 95 / 100], one[ROUNDS - 1]);
	}
	qsort(all, count, sizeof all[0], bench_by_size);
	printf("{\"queries\":%zu,\"p50_ms\":%.2f,\"p95_ms\":%.2f,\"max_ms\":%.2f}\n", count, all[count / 2],
	        all[count * 95 / 100], all[count - 1]);
}

int main(int argc, char **argv)
{
	struct gb_diag diag = {0};
	struct gb_store *store;
	int r;

	if (argc < 3)
		return 2;
	r = gb_store_open(argv[2], &store, &diag);
	if (r >= 0)
		r = gb_store_migrate(store, &diag);
	if (r < 0)
		bench_fail(r, &diag);
	if (strcmp(argv[1], "query") == 0)
		ask(store);
	else if (strcmp(argv[1], "counts") == 0)
		bench_ask_counts(store);
	else if (argc > 5 && (function_count = strtoul(argv[5], NULL, 10)) - 1 >= FUNCTIONS_MAX)
		return 2;
	else
		insert_events(
		        store, argc > 3 ? strtoll(argv[3], NULL, 10) : 600000, argc > 4 ? strtod(argv[4], NULL) : 0);
	gb_store_close(store);
	return 0;
}
