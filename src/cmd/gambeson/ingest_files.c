/* SPDX-License-Identifier: Apache-2.0 */
/* Logs from files, which may grow and be rotated, and from standard input. */
#include "cmd/gambeson/ingest.h"

#include "base/fd.h"
#include "base/text.h"
#include "collect/tail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POLL_US        250000
#define RESUME_MAX     (1u << 20)
#define ENVELOPE_BYTES GB_COLLECT_BODY_MAX

struct source {
	const char *path;
	struct gb_collect_tail *tail;
};

struct files {
	const struct ingest_settings *settings;
	struct ingest_sink *sink;
	struct source *sources;
	size_t count;
	bool has_bar;
};

/* The mark of PATH in the resume file's TEXT: lines of a mark, a tab and the path. */
static bool find_mark(struct gb_span text, const char *path, struct gb_collect_mark *ret_mark)
{
	while (text.n > 0) {
		struct gb_span line = gb_span_sub(text, 0, gb_span_find_byte(text, '\n', 0));
		size_t tab = gb_span_find_byte(line, '\t', 0);

		text = gb_span_sub(text, line.n + 1, SIZE_MAX);
		if (tab != SIZE_MAX && gb_span_equal(gb_span_sub(line, tab + 1, SIZE_MAX), gb_span_cstr(path)))
			return gb_collect_mark_parse(gb_span_sub(line, 0, tab), ret_mark);
	}
	return false;
}

static int open_sources(struct files *files)
{
	enum gb_collect_from from = files->settings->from_end ? GB_COLLECT_FROM_END : GB_COLLECT_FROM_BEGIN;
	struct gb_collect_mark mark;
	struct gb_diag diag = {0};
	char *text = NULL;
	size_t n = 0;
	int status = GB_EXIT_OK;

	if (files->settings->resume != NULL) {
		int r = gb_fd_read_file(files->settings->resume, RESUME_MAX, &text, &n);

		if (r < 0 && r != -ENOENT)
			return gb_complain(
			        files->sink->command, GB_EXIT_SYSTEM, "%s: %s", files->settings->resume, strerror(-r));
	}
	for (size_t i = 0; i < files->count && status == GB_EXIT_OK; i++) {
		bool is_known = find_mark(gb_span_of(text, n), files->sources[i].path, &mark);

		if (gb_collect_tail_open(
		            files->sources[i].path, is_known ? &mark : NULL, from, &files->sources[i].tail, &diag) < 0)
			status = gb_complain(files->sink->command, GB_EXIT_SYSTEM, "%s", diag.message);
	}
	free(text);
	return status;
}

/* After each piece that is durable: what is said twice is stored once. */
static int save_marks(struct files *files)
{
	size_t cap = files->count * (4096 + GB_COLLECT_MARK_CHARS);
	struct gb_text text;
	int r;

	if (files->settings->resume == NULL)
		return GB_EXIT_OK;
	text = gb_text_on(malloc(cap), cap);
	if (text.p == NULL)
		return gb_complain(files->sink->command, GB_EXIT_SYSTEM, "out of memory");
	for (size_t i = 0; i < files->count; i++) {
		char line[GB_COLLECT_MARK_CHARS];
		struct gb_collect_mark mark;

		gb_collect_tail_mark(files->sources[i].tail, &mark);
		gb_collect_mark_print(&mark, line);
		gb_text_add_cstr(&text, line);
		gb_text_add_byte(&text, '\t');
		gb_text_add_cstr(&text, files->sources[i].path);
		gb_text_add_byte(&text, '\n');
	}
	r = text.truncated ? -ENAMETOOLONG : gb_fd_write_file(files->settings->resume, gb_text_span(&text), 0600);
	free(text.p);
	return r < 0 ? gb_complain(
	                       files->sink->command, GB_EXIT_SYSTEM, "%s: %s", files->settings->resume, strerror(-r))
	             : GB_EXIT_OK;
}

static void draw_bar(const struct files *files)
{
	uint64_t done = 0, all = 0;
	int filled;

	if (!files->has_bar)
		return;
	for (size_t i = 0; i < files->count; i++) {
		uint64_t one_done, one_all;

		gb_collect_tail_progress(files->sources[i].tail, &one_done, &one_all);
		done += one_done;
		all += one_all > one_done ? one_all : one_done;
	}
	filled = all == 0 ? 30 : (int)(done * 30 / all);
	(void)fprintf(stderr, "\r[%.*s%*s] %3d %%  %llu lines", filled, "##############################", 30 - filled,
	        "", all == 0 ? 100 : (int)(done * 100 / all), (unsigned long long)files->sink->lines);
}

/* All that there is now of every file. *ret_moved: there was something. */
static int read_sources(struct files *files, bool *ret_moved)
{
	struct gb_diag diag = {0};

	*ret_moved = false;
	for (size_t i = 0; i < files->count; i++) {
		struct gb_span lines;
		int r = 0, status;

		while (!*files->sink->must_stop && (r = gb_collect_tail_read(files->sources[i].tail,
		                                            !files->settings->follow, &lines, &diag)) > 0) {
			status = ingest_sink_put(files->sink, lines);
			if (status == GB_EXIT_OK)
				status = save_marks(files);
			if (status != GB_EXIT_OK)
				return status;
			*ret_moved = true;
			draw_bar(files);
		}
		if (r < 0)
			return gb_complain(files->sink->command, GB_EXIT_SYSTEM, "%s", diag.message);
	}
	return GB_EXIT_OK;
}

static int read_all(struct files *files)
{
	int status = open_sources(files);

	while (status == GB_EXIT_OK && !*files->sink->must_stop) {
		bool has_moved;

		status = read_sources(files, &has_moved);
		if (status == GB_EXIT_OK && has_moved)
			status = ingest_sink_settle(files->sink);
		if (!files->settings->follow)
			break;
		if (!has_moved)
			(void)usleep(POLL_US);
	}
	for (size_t i = 0; i < files->count; i++)
		gb_collect_tail_close(files->sources[i].tail);
	if (files->has_bar)
		(void)fputc('\n', stderr);
	return status;
}

int ingest_files(const struct ingest_settings *settings, struct ingest_sink *sink)
{
	struct files files = {.settings = settings, .sink = sink, .count = settings->files.count};
	int status;

	files.sources = calloc(files.count, sizeof(*files.sources));
	if (files.sources == NULL)
		return gb_complain(sink->command, GB_EXIT_SYSTEM, "out of memory");
	for (size_t i = 0; i < files.count; i++)
		files.sources[i].path = settings->files.items[i];
	files.has_bar = !settings->follow && isatty(STDERR_FILENO) == 1;
	status = read_all(&files);
	free(files.sources);
	return status;
}

/* A stream has whole lines at the end of each piece; what is no text (gzip, an envelope) is one piece. */
int ingest_stream(struct ingest_sink *sink)
{
	unsigned char *bytes = malloc(ENVELOPE_BYTES);
	size_t n = 0;
	int status = bytes == NULL ? gb_complain(sink->command, GB_EXIT_SYSTEM, "out of memory") : GB_EXIT_OK;

	while (status == GB_EXIT_OK && !*sink->must_stop) {
		ssize_t got = read(STDIN_FILENO, bytes + n, ENVELOPE_BYTES - n);
		const unsigned char *feed;
		size_t whole;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			status = gb_complain(sink->command, GB_EXIT_SYSTEM, "standard input: %s", strerror(errno));
			break;
		}
		if (got == 0)
			break;
		n += (size_t)got;
		feed = memrchr(bytes, '\n', n);
		whole = feed == NULL ? 0 : (size_t)(feed + 1 - bytes);
		if (bytes[0] == 0x1f || bytes[0] == '[' || (bytes[0] == '{' && whole == 0))
			whole = 0;
		if (n == ENVELOPE_BYTES)
			whole = n;
		if (whole == 0)
			continue;
		status = ingest_sink_put(sink, gb_span_of(bytes, whole));
		memmove(bytes, bytes + whole, n - whole);
		n -= whole;
	}
	if (status == GB_EXIT_OK && n > 0)
		status = ingest_sink_put(sink, gb_span_of(bytes, n));
	free(bytes);
	return status == GB_EXIT_OK ? ingest_sink_settle(sink) : status;
}
