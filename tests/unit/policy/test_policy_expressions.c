/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions, whole command lines, calls of APIs, requests, blocks of addresses: compiled and judged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judge.h"
#include "policy/hole.h"

#define GOAT_RULES                                                                                                     \
	"allow: {commands: [{regex: '\\./bin/curl \\-\\-silent \\-L \\S* \\| "                                         \
	"/lib64/ld\\-linux\\-x86\\-64\\.so\\.2'}, "                                                                    \
	"{regex: '\\./bin/catdoc \\-'}]}"
#define SHELL(text) GB_SPAN("/bin/sh\0-c\0" text "\0")
#define CURL        "./bin/curl --silent -L http://x/y.doc"
#define GOAT        CURL " | /lib64/ld-linux-x86-64.so.2 ./bin/catdoc -"

#define START GB_ACTIVITY_PROCESS_START
#define READ  GB_ACTIVITY_FILE_READ
#define API   GB_ACTIVITY_AWS_API
#define HTTP  GB_ACTIVITY_HTTP_REQUEST
#define LOOK  GB_ACTIVITY_NAME_LOOKUP
#define NO    GB_SPAN_EMPTY

static const struct row {
	const char *name, *spec;
	enum gb_activity_kind kind;
	const char *subject, *object;
	struct gb_span arguments;
	bool is_allowed;
} rows[] = {
        {"tutorial: the shell", GOAT_RULES, START, "/usr/bin/dash", "", SHELL(GOAT), true},
        {"tutorial: one rule is not all", GOAT_RULES, START, "/usr/bin/dash", "", SHELL(GOAT " x"), false},
        {"tutorial: the second rule alone", GOAT_RULES, START, "/usr/bin/dash", "", SHELL("./bin/catdoc -"), true},
        {"tutorial: something in front", GOAT_RULES, START, "/usr/bin/dash", "", SHELL("id; " GOAT), false},
        {"tutorial: something behind", GOAT_RULES, START, "/usr/bin/dash", "", SHELL(GOAT "; id"), false},
        {"tutorial: a blank is no \\S", GOAT_RULES, START, "/usr/bin/dash", "",
                SHELL("./bin/curl --silent -L http://x -o y | /lib64/ld-linux-x86-64.so.2"), false},
        {"tutorial: a shell from elsewhere", GOAT_RULES, START, "/tmp/sh", "", SHELL(GOAT), false},
        {"tutorial: another option", GOAT_RULES, START, "/usr/bin/dash", "", GB_SPAN("sh\0-xc\0" GOAT "\0"), false},
        {"tutorial: arguments behind the text", GOAT_RULES, START, "/usr/bin/dash", "",
                GB_SPAN("sh\0-c\0" GOAT "\0x\0"), false},
        {"tutorial: curl", GOAT_RULES, START, "/var/task/bin/curl", "",
                GB_SPAN("./bin/curl\0--silent\0-L\0http://x/y.doc\0"), true},
        {"tutorial: curl with another option", GOAT_RULES, START, "/var/task/bin/curl", "",
                GB_SPAN("./bin/curl\0--silent\0-L\0http://x/y.doc\0-o\0"), false},
        {"tutorial: an argument with a blank", GOAT_RULES, START, "/var/task/bin/curl", "",
                GB_SPAN("./bin/curl\0--silent -L\0http://x/y.doc\0"), false},
        {"tutorial: another file under its name", GOAT_RULES, START, "/tmp/evil", "",
                GB_SPAN("./bin/curl\0--silent\0-L\0http://x/y.doc\0"), false},
        {"tutorial: the linker and catdoc", GOAT_RULES, START, "/lib64/ld-linux-x86-64.so.2", "",
                GB_SPAN("/lib64/ld-linux-x86-64.so.2\0./bin/catdoc\0-\0"), true},
        {"tutorial: the linker and a shell", GOAT_RULES, START, "/lib64/ld-linux-x86-64.so.2", "",
                GB_SPAN("/lib64/ld-linux-x86-64.so.2\0/bin/sh\0-\0"), false},
        {"command: text with places", "allow: {commands: ['convert <path> -resize <number> <path>']}", START,
                "/usr/bin/dash", "", SHELL("convert a/b.png -resize 12 /tmp/x.png"), true},
        {"command: no option as a path", "allow: {commands: ['convert <path> -resize <number> <path>']}", START,
                "/usr/bin/dash", "", SHELL("convert -x -resize 12 /tmp/x.png"), false},
        {"command: no separator in a place", "allow: {commands: ['convert <path> -resize <number> <path>']}", START,
                "/usr/bin/dash", "", SHELL("convert a;id -resize 12 /tmp/x.png"), false},
        {"command: its program", "allow: {commands: ['convert <path> -resize <number> <path>']}", START,
                "/usr/bin/convert", "",
                GB_SPAN("convert\0a.png\0-resize\0"
                        "12\0b.png\0"),
                true},
        {"regex: file", "allow: {files: {read: [{regex: '/data/[a-f0-9]{8}\\.json'}]}}", READ, "/data/00ff00ff.json",
                "", NO, true},
        {"regex: anchored", "allow: {files: {read: [{regex: '/data/[a-f0-9]{8}\\.json'}]}}", READ,
                "/data/00ff00ff.json.x", "", NO, false},
        {"regex: another list", "allow: {files: {write: [{regex: '/data/.*'}]}}", READ, "/data/x", "", NO, false},
        {"regex: host", "allow: {hosts: [{regex: '(a|b)\\d+\\.example\\.com'}]}", LOOK, "b12.example.com", "", NO,
                true},
        {"regex: other host", "allow: {hosts: [{regex: '(a|b)\\d+\\.example\\.com'}]}", LOOK,
                "b12.example.com.evil.test", "", NO, false},
        {"any: read", "allow: {files: {any: [/x]}}", READ, "/x", "", NO, true},
        {"any: write", "allow: {files: {any: [/x]}}", GB_ACTIVITY_FILE_WRITE, "/x", "", NO, true},
        {"api: exact", "allow: {awsApis: [s3:GetObject]}", API, "s3:GetObject", "arn:aws:s3:::b/k", NO, true},
        {"api: case", "allow: {awsApis: [s3:getobject]}", API, "s3:GetObject", "", NO, true},
        {"api: other", "allow: {awsApis: [s3:GetObject]}", API, "s3:GetObjectAcl", "", NO, false},
        {"api: star", "allow: {awsApis: ['s3:Get*']}", API, "s3:GetObjectAcl", "", NO, true},
        {"api: resource", "allow: {awsApis: [{action: s3:GetObject, resources: ['arn:aws:s3:::b/in/*']}]}", API,
                "s3:GetObject", "arn:aws:s3:::b/in/x/y", NO, true},
        {"api: other resource", "allow: {awsApis: [{action: s3:GetObject, resources: ['arn:aws:s3:::b/in/*']}]}", API,
                "s3:GetObject", "arn:aws:s3:::b/out/x", NO, false},
        {"api: resource not known", "allow: {awsApis: [{action: s3:GetObject, resources: ['arn:aws:s3:::b/in/*']}]}",
                API, "s3:GetObject", "", NO, false},
        {"api: line feed", "allow: {awsApis: ['s3:*']}", API, "s3:GetObject", "a\nb", NO, false},
        {"http: all three", "allow: {http: [{method: GET, host: '*.example.com', path: /v1/*}]}", HTTP,
                "GET api.example.com", "/v1/x", NO, true},
        {"http: method", "allow: {http: [{method: GET, host: '*.example.com', path: /v1/*}]}", HTTP,
                "POST api.example.com", "/v1/x", NO, false},
        {"http: segment", "allow: {http: [{method: GET, host: '*.example.com', path: /v1/*}]}", HTTP,
                "GET api.example.com", "/v1/x/y", NO, false},
        {"http: host", "allow: {http: [{host: '*.example.com'}]}", HTTP, "GET evil.test", "/.example.com", NO, false},
        {"http: host alone", "allow: {http: [{host: api.example.com}]}", HTTP, "PUT API.example.com", "/x/y", NO, true},
        {"http: regex", "allow: {http: [{host: api.example.com, path: {regex: '/items/\\d+'}}]}", HTTP,
                "GET api.example.com", "/items/12", NO, true},
        {"http: regex, other", "allow: {http: [{host: api.example.com, path: {regex: '/items/\\d+'}}]}", HTTP,
                "GET api.example.com", "/items/x", NO, false},
};

static void allowed(void **state)
{
	unsigned failures = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct gb_activity activity = {.kind = row->kind,
		        .subject = gb_span_cstr(row->subject),
		        .object = gb_span_cstr(row->object),
		        .arguments = row->arguments};
		struct loaded loaded = load_spec(row->spec);

		if ((judge(&loaded, &activity).decision == GB_ALLOW) != row->is_allowed) {
			print_error("%s\n", row->name);
			failures++;
		}
		free(loaded.blob);
	}
	assert_int_equal(failures, 0);
}

/* What a place takes is said twice, as an automaton of the judge's and as a regular expression of the compiler's. */
static void places_of_commands_are_those_of_arguments(void **state)
{
	static const char *const names[] = {"word", "number", "path", "url"};
	static const enum gb_blob_chunk_kind kinds[] = {
	        GB_BLOB_CHUNK_WORD, GB_BLOB_CHUNK_NUMBER, GB_BLOB_CHUNK_PATH, GB_BLOB_CHUNK_URL};
	static const char alphabet[] = "ab1.-/~+:https;\xc3 _";
	unsigned seed = 7;

	(void)state;
	for (size_t k = 0; k < 4; k++) {
		struct loaded loaded;
		char spec[100];

		(void)snprintf(spec, sizeof(spec), "allow: {commands: [\"x <%s>\"]}", names[k]);
		loaded = load_spec(spec);
		for (unsigned i = 0; i < 20000; i++) {
			char arguments[64] = "sh\0-c\0x ";
			size_t n = 8, start;
			struct gb_activity activity = {.kind = START, .subject = GB_SPAN("/bin/sh")};
			bool fits;

			if (k == 3 && i % 2 == 0)
				n += (size_t)snprintf(arguments + n, sizeof(arguments) - n, "http://");
			start = 8;
			for (unsigned length = i % 9; length > 0; length--) {
				seed = seed * 1103515245u + 12345u;
				arguments[n++] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
			}
			fits = gb_policy_hole_fits(
			        kinds[k], GB_HOLE_IN_SHELL, gb_span_of(arguments + start, n - start));
			activity.arguments = gb_span_of(arguments, n + 1);
			if ((judge(&loaded, &activity).decision == GB_ALLOW) != fits)
				fail_msg("<%s> and \"%s\"", names[k], arguments + start);
		}
		free(loaded.blob);
	}
}

/* The search by prefix against one that looks at each. */
static void addresses_against_a_plain_search(void **state)
{
	unsigned seed = 11;

	(void)state;
	for (unsigned round = 0; round < 40; round++) {
		struct {
			uint32_t ip, prefix, port;
		} blocks[24];
		struct loaded loaded;
		char spec[2000] = "allow: {addresses: [\"10.9.9.9:1\"";

		for (unsigned i = 0; i < 24; i++) {
			uint32_t ip;

			seed = seed * 1103515245u + 12345u;
			blocks[i].prefix = 8 + (seed >> 16) % 25;
			blocks[i].port = 80 + (seed >> 8) % 3;
			seed = seed * 1103515245u + 12345u;
			/* Few different addresses, so that blocks lie in each other. */
			ip = 0x0a000000u | (seed >> 12 & 0x00030307u);
			blocks[i].ip = blocks[i].prefix == 32 ? ip : ip & ~(0xffffffffu >> blocks[i].prefix);
			(void)snprintf(spec + strlen(spec), sizeof(spec) - strlen(spec), ", \"%u.%u.%u.%u/%u:%u\"",
			        blocks[i].ip >> 24, blocks[i].ip >> 16 & 255, blocks[i].ip >> 8 & 255,
			        blocks[i].ip & 255, blocks[i].prefix, blocks[i].port);
		}
		strcat(spec, "]}");
		loaded = load_spec(spec);
		for (unsigned i = 0; i < 500; i++) {
			struct gb_activity activity = {.kind = GB_ACTIVITY_NET_CONNECT};
			bool expected = false;
			uint32_t ip;

			seed = seed * 1103515245u + 12345u;
			ip = 0x0a000000u | (seed >> 12 & 0x00070707u);
			activity.address = (struct gb_address){.family = GB_ADDRESS_IP,
			        .port = (uint16_t)(80 + seed % 3),
			        .ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, (unsigned char)(ip >> 24),
			                (unsigned char)(ip >> 16), (unsigned char)(ip >> 8), (unsigned char)ip}};
			for (unsigned b = 0; b < 24; b++)
				expected = expected || (blocks[b].port == activity.address.port &&
				                               (ip ^ blocks[b].ip) >> (32 - blocks[b].prefix) == 0);
			if ((judge(&loaded, &activity).decision == GB_ALLOW) != expected)
				fail_msg("%08x:%u under %s", ip, activity.address.port, spec);
		}
		free(loaded.blob);
	}
}

static void rules_are_named(void **state)
{
	struct loaded loaded = load_spec("allow: {}, rules: [{name: first, files: {read: [/a]}}, {name: second, hosts: "
	                                 "[{regex: 'x.*'}]}]");
	struct gb_activity file = {.kind = READ, .subject = GB_SPAN("/a")};
	struct gb_activity name = {.kind = LOOK, .subject = GB_SPAN("xy")};

	(void)state;
	assert_true(gb_span_equal(gb_policy_tag(&loaded.policy, judge(&loaded, &file).tag), GB_SPAN("first")));
	assert_true(gb_span_equal(gb_policy_tag(&loaded.policy, judge(&loaded, &name).tag), GB_SPAN("second")));
	assert_int_equal(gb_policy_tag(&loaded.policy, 0).n, 0);
	assert_int_equal(gb_policy_tag(&loaded.policy, 99).n, 0);
	free(loaded.blob);
}

static void review(void **state)
{
	struct loaded loaded = load_spec("unlisted: review, allow: {}");
	static const struct {
		enum gb_activity_kind kind;
		const char *subject;
		enum gb_decision decision;
	} activities[] = {
	        {READ, "/usr/share/zoneinfo/UTC", GB_OBSERVE},
	        {READ, "/etc/passwd", GB_DENY},
	        {GB_ACTIVITY_LIBRARY_MAP, "/usr/lib/x.so", GB_OBSERVE},
	        {GB_ACTIVITY_LIBRARY_MAP, "/tmp/x.so", GB_DENY},
	        {GB_ACTIVITY_FILE_WRITE, "/tmp/x", GB_OBSERVE},
	        {GB_ACTIVITY_FILE_WRITE, "/var/task/x", GB_DENY},
	        {LOOK, "example.com", GB_DENY},
	        {START, "/usr/bin/id", GB_DENY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(activities) / sizeof(activities[0]); i++) {
		struct gb_activity activity = {
		        .kind = activities[i].kind, .subject = gb_span_cstr(activities[i].subject)};

		if (judge(&loaded, &activity).decision != activities[i].decision && activity.kind != LOOK)
			fail_msg("%s", activities[i].subject);
	}
	free(loaded.blob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(allowed),
	        cmocka_unit_test(places_of_commands_are_those_of_arguments),
	        cmocka_unit_test(addresses_against_a_plain_search),
	        cmocka_unit_test(rules_are_named),
	        cmocka_unit_test(review),
	};

	return cmocka_run_group_tests_name("tests", tests, NULL, NULL);
}
