/* SPDX-License-Identifier: Apache-2.0 */
/*
 * beside_modsecurity FILE…: what ModSecurity v3 with the rules in FILEs says of payloads, and how long each takes
 * (payloads.h). A payload is the value of a field of a posted form, in a request that has all a browser sends.
 */
#include "payloads.h"

#include <modsecurity/modsecurity.h>
#include <modsecurity/rules_set.h>
#include <modsecurity/transaction.h>
#include <string.h>

struct engine {
	ModSecurity *modsecurity;
	RulesSet *rules;
	unsigned char *body;
	size_t cap;
};

static void say_nothing(void *context, const void *message)
{
	(void)context;
	(void)message;
}

/* q=…, each byte percent-encoded but letters and digits. */
static size_t make_body(struct engine *engine, const char *p, size_t n)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t at = 2;

	if (engine->cap < 3 * n + 2) {
		engine->cap = 3 * n + 4096;
		engine->body = realloc(engine->body, engine->cap);
		if (engine->body == NULL)
			exit(1);
	}
	engine->body[0] = 'q';
	engine->body[1] = '=';
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
			engine->body[at++] = c;
			continue;
		}
		engine->body[at++] = '%';
		engine->body[at++] = (unsigned char)digits[c >> 4];
		engine->body[at++] = (unsigned char)digits[c & 15];
	}
	return at;
}

static void add_header(Transaction *transaction, const char *name, const char *value)
{
	msc_add_request_header(transaction, (const unsigned char *)name, (const unsigned char *)value);
}

static bool is_stopped(Transaction *transaction)
{
	ModSecurityIntervention intervention = {.status = 200};

	msc_intervention(transaction, &intervention);
	free(intervention.url);
	free(intervention.log);
	return intervention.disruptive != 0;
}

static bool judge(void *context, const char *p, size_t n)
{
	struct engine *engine = context;
	size_t body_n = make_body(engine, p, n);
	Transaction *transaction = msc_new_transaction(engine->modsecurity, engine->rules, NULL);
	char length[24];
	bool stopped;

	snprintf(length, sizeof(length), "%zu", body_n);
	msc_process_connection(transaction, "198.51.100.23", 40000, "192.0.2.1", 443);
	msc_process_uri(transaction, "/search", "POST", "1.1");
	add_header(transaction, "Host", "shop.example.com");
	add_header(transaction, "User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0");
	add_header(transaction, "Accept", "text/html,application/xhtml+xml");
	add_header(transaction, "Content-Type", "application/x-www-form-urlencoded");
	add_header(transaction, "Content-Length", length);
	msc_process_request_headers(transaction);
	stopped = is_stopped(transaction);
	if (!stopped) {
		msc_append_request_body(transaction, engine->body, body_n);
		msc_process_request_body(transaction);
		stopped = is_stopped(transaction);
	}
	msc_transaction_cleanup(transaction);
	return stopped;
}

int main(int argc, char **argv)
{
	struct engine engine = {.modsecurity = msc_init(), .rules = msc_create_rules_set()};

	msc_set_log_cb(engine.modsecurity, say_nothing);
	for (int i = 1; i < argc; i++) {
		const char *error = NULL;

		if (msc_rules_add_file(engine.rules, argv[i], &error) < 0) {
			fprintf(stderr, "beside_modsecurity: %s: %s\n", argv[i], error != NULL ? error : "not taken");
			return 1;
		}
	}
	payloads_judge_all(judge, &engine);
	return 0;
}
