/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "activity/script.h"

#include <string.h>

static const struct row {
	const char *program;
	struct gb_span arguments;
	enum gb_script_place place;
	const char *file;
} rows[] = {
        {"/bin/sh", GB_SPAN("sh\0/tmp/x.sh\0a\0"), GB_SCRIPT_FILE, "/tmp/x.sh"},
        {"/bin/bash", GB_SPAN("bash\0-e\0-o\0pipefail\0x.sh\0"), GB_SCRIPT_FILE, "x.sh"},
        {"/bin/bash", GB_SPAN("bash\0+x\0x.sh\0"), GB_SCRIPT_FILE, "x.sh"},
        {"/bin/dash", GB_SPAN("sh\0-c\0echo x\0"), GB_SCRIPT_NONE, ""},
        {"/bin/dash", GB_SPAN("sh\0-ec\0echo x\0"), GB_SCRIPT_NONE, ""},
        {"/bin/dash", GB_SPAN("sh\0"), GB_SCRIPT_INPUT, ""},
        {"/bin/dash", GB_SPAN("sh\0-s\0a\0"), GB_SCRIPT_INPUT, ""},
        {"/bin/dash", GB_SPAN("sh\0-\0"), GB_SCRIPT_INPUT, ""},
        {"/usr/bin/python3.11", GB_SPAN("python3\0-u\0-W\0ignore\0app.py\0"), GB_SCRIPT_FILE, "app.py"},
        {"/usr/bin/python3.11", GB_SPAN("python3\0-m\0http.server\0"), GB_SCRIPT_NONE, ""},
        {"/usr/bin/python3.11", GB_SPAN("python3\0-c\0print()\0"), GB_SCRIPT_NONE, ""},
        {"/usr/bin/python3.11", GB_SPAN("python3\0-u\0"), GB_SCRIPT_INPUT, ""},
        {"/usr/bin/python3.11", GB_SPAN("python3\0--\0-x.py\0"), GB_SCRIPT_FILE, "-x.py"},
        {"/usr/bin/node", GB_SPAN("node\0--max-old-space-size=9\0-r\0./x\0index.mjs\0"), GB_SCRIPT_FILE, "index.mjs"},
        {"/usr/bin/node", GB_SPAN("node\0--eval\0x\0"), GB_SCRIPT_NONE, ""},
        {"/usr/bin/perl", GB_SPAN("perl\0-w\0x.pl\0"), GB_SCRIPT_FILE, "x.pl"},
        {"/tmp/copy", GB_SPAN("sh\0x.sh\0"), GB_SCRIPT_FILE, "x.sh"},
        {"/usr/bin/shuf", GB_SPAN("shuf\0x\0"), GB_SCRIPT_NONE, ""},
        {"/usr/bin/nodemon", GB_SPAN("nodemon\0x\0"), GB_SCRIPT_NONE, ""},
        {"/usr/bin/cat", GB_SPAN("cat\0x\0"), GB_SCRIPT_NONE, ""},
        {"/bin/sh", GB_SPAN(""), GB_SCRIPT_INPUT, ""},
};

static void scripts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct gb_span file = GB_SPAN_EMPTY;
		enum gb_script_place place = gb_script_of(gb_span_cstr(rows[i].program), rows[i].arguments, &file);

		if (place != rows[i].place || !gb_span_equal(file, gb_span_cstr(rows[i].file)))
			fail_msg("row %zu, %s: place %d, file %.*s", i, rows[i].program, place, (int)file.n,
			        (const char *)file.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(scripts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
