/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect FOLDER [LINES]: how fast lines come in. Findings and observations of 1,000 sandboxes with their seals, pushed as text in
 * bodies of 4 MB, into an SQLite database in FOLDER (which must be empty), each body durable before the next. Prints
 * {"read_per_s", "store_per_s", "bytes_per_line", "verify_us"}: lines a second of one core's time.
 */
#include "../tests/lib/line.h"
#include "collect/collect.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SANDBOXES  1000u
#define BODY_BYTES (4u << 20)

struct sandbox {
	struct gb_ed25519_signer signer;
	char id[GB_EVENT_SANDBOX_CHARS];
	uint64_t seq, sealed_to;
	unsigned char hashes[8][GB_EVENT_LINE_HASH_BYTES];
};

struct body {
	char *p;
	size_t n, lines;
};

static struct sandbox sandboxes[SANDBOXES];
static uint64_t now_ms;

static double cpu_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct gb_event_head head_of(struct sandbox *sandbox)
{
	return line_head(sandbox->seq, now_ms, sandbox->id);
}

static void keep(struct body *body, struct sandbox *sandbox, const struct gb_text *text)
{
	gb_event_line_hash(gb_span_of(text->p, text->n - 1), sandbox->hashes[sandbox->seq - sandbox->sealed_to]);
	memcpy(body->p + body->n, text->p, text->n);
	body->n += text->n;
	body->lines++;
	sandbox->seq++;
}

static void add_start(struct body *body, struct sandbox *sandbox)
{
	char room[GB_EVENT_LINE_MAX], name[32];
	struct gb_text text = gb_text_on(room, sizeof(room));
	struct gb_event_head head = head_of(sandbox);
	struct gb_event_start start;

	(void)snprintf(name, sizeof(name), "function-%zu", (size_t)(sandbox - sandboxes) % 100);
	start = line_start(name, gb_span_of(sandbox->signer.key, sizeof(sandbox->signer.key)));
	gb_event_write_start(&text, &head, &start);
	keep(body, sandbox, &text);
}

static void add_finding(struct body *body, struct sandbox *sandbox)
{
	char room[GB_EVENT_LINE_MAX];
	struct gb_text text = gb_text_on(room, sizeof(room));
	struct gb_event_head head = head_of(sandbox);
	unsigned char random[10];
	struct gb_event_finding finding = line_finding(GB_SPAN("1' OR '1'='1' -- "));

	for (size_t i = 0; i < sizeof(random); i++)
		random[i] = (unsigned char)rand();
	gb_event_ulid(head.time_ms, random, finding.id);
	gb_event_write_finding(&text, &head, &finding);
	keep(body, sandbox, &text);
}

static void add_seal(struct body *body, struct sandbox *sandbox)
{
	char room[GB_EVENT_LINE_MAX];
	unsigned char message[GB_EVENT_SEAL_MESSAGE_MAX];
	struct gb_text text = gb_text_on(room, sizeof(room));
	struct gb_event_head head = head_of(sandbox);
	struct gb_event_seal seal = {.first = sandbox->sealed_to, .last = sandbox->seq - 1};

	seal.hashes =
	        gb_span_of(sandbox->hashes, (size_t)(sandbox->seq - sandbox->sealed_to) * GB_EVENT_LINE_HASH_BYTES);
	gb_ed25519_sign(&sandbox->signer, gb_event_seal_message(head.sandbox, &seal, message), seal.signature);
	gb_event_write_seal(&text, &head, &seal);
	sandbox->sealed_to = sandbox->seq;
	keep(body, sandbox, &text);
}

static void fill(struct body *body)
{
	body->n = body->lines = 0;
	while (body->n < BODY_BYTES) {
		struct sandbox *sandbox = &sandboxes[(unsigned)rand() % SANDBOXES];

		now_ms += (unsigned)rand() % 3;
		if (sandbox->seq == 0)
			add_start(body, sandbox);
		for (unsigned i = 0; i < 5; i++)
			add_finding(body, sandbox);
		add_seal(body, sandbox);
	}
}

static struct gb_store *open_store(const char *folder)
{
	char url[512];
	struct gb_store *store;
	struct gb_diag diag = {0};

	(void)snprintf(url, sizeof(url), "sqlite:%s/gambeson.db", folder);
	if (gb_store_open(url, &store, &diag) == 0 && gb_store_migrate(store, &diag) >= 0)
		return store;
	(void)fprintf(stderr, "%s\n", diag.message);
	exit(1);
}

int main(int argc, char **argv)
{
	static const struct gb_collect_origin origin = {.account = {(const unsigned char *)"123456789012", 12}};
	size_t wanted = argc > 2 ? strtoul(argv[2], NULL, 10) : 300000, lines = 0, bytes = 0, seals = 0;
	double read_s = 0, store_s = 0, verify_s;
	struct body body = {.p = malloc(BODY_BYTES + 65536)};
	struct gb_store *store;
	struct gb_diag diag = {0};
	int r;

	if (argc < 2 || body.p == NULL)
		return 2;
	store = open_store(argv[1]);
	now_ms = (uint64_t)gb_store_now_ms(store) - 3600000;
	for (size_t i = 0; i < SANDBOXES; i++) {
		unsigned char seed[GB_ED25519_KEY_BYTES] = {(unsigned char)i, (unsigned char)(i >> 8)};

		gb_ed25519_signer_init(&sandboxes[i].signer, seed);
		gb_event_sandbox_of(sandboxes[i].signer.key, sandboxes[i].id);
	}
	while (lines < wanted) {
		struct gb_collect_batch *batch = gb_collect_batch_new(gb_store_now_ms(store));
		double start;

		fill(&body);
		start = cpu_s();
		r = gb_collect_batch_add(batch, gb_span_of(body.p, body.n), GB_COLLECT_ANY, &origin, &diag);
		read_s += cpu_s() - start;
		start = cpu_s();
		if (r == 0)
			r = gb_collect_store(store, &batch, 1, &diag);
		store_s += cpu_s() - start;
		if (r < 0 || gb_collect_batch_told(batch)->lines != body.lines) {
			(void)fprintf(stderr, "%d %s\n", r, diag.message);
			return 1;
		}
		lines += body.lines;
		bytes += body.n;
		seals += body.lines / 6;
		gb_collect_batch_free(batch);
	}
	verify_s = cpu_s();
	do
		r = gb_collect_verify(store, GB_COLLECT_GRACE_MS, &diag);
	while (r > 0);
	verify_s = cpu_s() - verify_s;
	printf("{\"read_per_s\": %.0f, \"store_per_s\": %.0f, \"bytes_per_line\": %.0f, \"verify_us\": %.1f}\n",
	        (double)lines / read_s, (double)lines / (read_s + store_s), (double)bytes / (double)lines,
	        verify_s * 1e6 / (double)seals);
	gb_store_close(store);
	free(body.p);
	return r < 0 ? 1 : 0;
}
