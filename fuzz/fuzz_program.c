/* SPDX-License-Identifier: Apache-2.0 */
/* The beginning of a file that is to be started, and argument lists: what is found lies within. */
#include "activity/path.h"
#include "activity/script.h"
#include "site/site.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_within(struct gb_span outer, struct gb_span inner)
{
	if (inner.n != 0 && (inner.p < outer.p || inner.p + inner.n > outer.p + outer.n))
		abort();
}

static void look_at_head(struct gb_span head)
{
	struct gb_span interpreter = GB_SPAN_EMPTY, argument = GB_SPAN_EMPTY;
	enum gb_site_program kind = gb_site_program_kind(head);
	uint64_t offset, bytes;

	if (gb_site_program_linker(head, &offset, &bytes) != (kind == GB_PROGRAM_DYNAMIC))
		abort();
	check_within(head, gb_site_program_interpreter(head));
	if ((gb_site_program_interpreter(head).n != 0) != (kind == GB_PROGRAM_MUSL))
		abort();
	if (!gb_path_of_shebang(head, &interpreter, &argument))
		return;
	if (kind != GB_PROGRAM_OTHER || interpreter.n == 0)
		abort();
	check_within(head, interpreter);
	check_within(head, argument);
}

/* The first byte chooses the program. */
static void look_at_arguments(struct gb_span arguments)
{
	static const char *const programs[] = {"/bin/sh", "/usr/bin/python3.11", "/usr/bin/node", "/usr/bin/perl",
	        "/bin/cat", "/usr/bin/env", "/usr/bin/php8.2", "/usr/bin/ruby"};
	struct gb_span file = GB_SPAN_EMPTY;

	if (arguments.n == 0)
		return;
	if (gb_script_of(gb_span_cstr(programs[arguments.p[0] % 8u]), gb_span_sub(arguments, 1, arguments.n), &file) ==
	        GB_SCRIPT_FILE)
		check_within(arguments, file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	look_at_head(gb_span_of(data, n < GB_SITE_HEAD_BYTES ? n : GB_SITE_HEAD_BYTES));
	look_at_arguments(gb_span_of(data, n));
	return 0;
}
