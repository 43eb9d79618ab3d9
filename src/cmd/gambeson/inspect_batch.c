/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson inspect --batch: a contract that other programs measure through. As many lines out as in, in order; a line is
 * answered as soon as it is there, so that a program may write one and wait for its answer. */
#include "cmd/gambeson/inspect.h"

#include "base/fd.h"
#include "inspect/decode/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_BYTES (256u * 1024u)

struct lines {
	unsigned char *p; /* what was read and not yet answered: whole lines are taken out from `at` on */
	size_t at, n, cap;
	size_t seen; /* no line feed before here */
};

/* A line without its line feed, or false: more has to be read. At the END the rest is a line. */
static bool next_line(struct lines *lines, bool is_end, struct gb_span *ret_line)
{
	size_t feed = gb_span_find_byte(gb_span_of(lines->p, lines->n), '\n', lines->seen);

	if (feed == SIZE_MAX && (!is_end || lines->at == lines->n)) {
		lines->seen = lines->n;
		return false;
	}
	if (feed == SIZE_MAX)
		feed = lines->n;
	*ret_line = gb_span_of(lines->p + lines->at, feed - lines->at);
	lines->at = feed < lines->n ? feed + 1 : feed;
	lines->seen = lines->at;
	return true;
}

/* Read more behind what is there. Result: bytes, 0 at the end, negative errno. */
static ssize_t read_more(struct lines *lines, int fd)
{
	ssize_t r;

	if (lines->at != 0) {
		memmove(lines->p, lines->p + lines->at, lines->n - lines->at);
		lines->n -= lines->at;
		lines->seen -= lines->at;
		lines->at = 0;
	}
	if (lines->n == lines->cap) {
		size_t cap = lines->cap == 0 ? FIRST_BYTES : 2 * lines->cap;
		unsigned char *larger = realloc(lines->p, cap);

		if (larger == NULL)
			return -ENOMEM;
		lines->p = larger;
		lines->cap = cap;
	}
	do
		r = read(fd, lines->p + lines->n, lines->cap - lines->n);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	lines->n += (size_t)r;
	return r;
}

/* The payload is decoded over its own text. */
static bool answer(const struct gb_inspection *session, struct lines *lines, struct gb_span line)
{
	unsigned char *over = lines->p + (line.p - lines->p);
	struct gb_inspect_report report;
	size_t n = gb_decode_base64_bytes(gb_span_trim(line), over);

	if (n == SIZE_MAX) {
		fputs("error\tnot base64\n", stdout);
		return false;
	}
	gb_inspect_value(&session->options, gb_span_of(over, n), session->scratch, &report);
	if (report.finding_count == 0)
		fputs("benign\n", stdout);
	else
		printf("attack\t%s\t%s\n", gb_inspect_class_facts(report.findings[0].attack_class)->code,
		        report.findings[0].reason);
	return true;
}

int gb_inspection_batch(struct gb_inspection *session, const char *path)
{
	const char *name = strcmp(path, "-") == 0 ? "stdin" : path;
	int fd = STDIN_FILENO, status = GB_EXIT_OK;
	size_t number = 0, wrong = 0, first_wrong = 0;
	struct lines lines = {0};
	struct gb_span line;
	ssize_t r = 0;

	if (strcmp(path, "-") != 0) {
		fd = gb_fd_open(path, O_RDONLY, 0);
		if (fd < 0)
			return gb_complain(session->command, GB_EXIT_SYSTEM, "cannot read %s: %s", name, strerror(-fd));
	}
	do {
		if (fflush(stdout) != 0)
			break;
		r = read_more(&lines, fd);
		while (next_line(&lines, r == 0, &line)) {
			number++;
			if (answer(session, &lines, line))
				continue;
			if (wrong++ == 0)
				first_wrong = number;
		}
	} while (r > 0);
	free(lines.p);
	if (fd != STDIN_FILENO)
		(void)close(fd);
	if (wrong != 0)
		status = gb_complain(session->command, GB_EXIT_USAGE,
		        "%s: %zu of %zu lines are not base64, the first is line %zu; each was answered 'error'", name,
		        wrong, number, first_wrong);
	if (r < 0)
		status = gb_complain(session->command, GB_EXIT_SYSTEM, "cannot read %s: %s", name, strerror((int)-r));
	return status;
}
