/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson ingest: logs from files or standard input into a data folder, a database or a server. */
#include "cmd/gambeson/ingest.h"
#include "cmd/gambeson/remote.h"

#include "base/fd.h"
#include "base/text.h"
#include "collect/tail.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLL_US        250000
#define RESUME_MAX     (1u << 20)
#define ENVELOPE_BYTES GB_COLLECT_BODY_MAX

struct settings {
	struct gb_strings files;
	const char *resume, *server, *data, *store, *account, *region, *function;
	bool follow, from_end, json;
};

static const struct gb_option options[] = {
        GB_LIST(struct settings, files, "file", "FILE", "a log file; may be given again and again [standard input]"),
        GB_FLAG(struct settings, follow, "follow", "go on as the files grow, are rotated and truncated"),
        GB_FLAG(struct settings, from_end, "from-end",
                "of files that are not known yet take only what is written from now on"),
        GB_TEXT(struct settings, resume, "resume", "FILE", "keep there how far was read, and go on from there"),
        GB_TEXT(struct settings, server, "server", "URL",
                "to that server, with the token of GAMBESON_TOKEN or of gambeson login"),
        GB_TEXT(struct settings, data, "data", "FOLDER", "into the data folder of a server [./gambeson-data]"),
        GB_TEXT(struct settings, store, "store", "URL", "into that database: sqlite:FILE or postgresql://..."),
        GB_TEXT(struct settings, account, "account", "ID", "the account that the logs are from, where they do not say"),
        GB_TEXT(struct settings, region, "region", "NAME", "the region, likewise"),
        GB_TEXT(struct settings, function, "function", "NAME", "the function, likewise"),
        GB_FLAG(struct settings, json, "json", "print the summary as JSON"),
        {.name = NULL},
};

struct source {
	const char *path;
	struct gb_collect_tail *tail;
};

struct work {
	const struct gb_command *self;
	const struct settings *settings;
	struct ingest_sink sink;
	struct source *sources;
	size_t count;
	bool has_bar;
	char *token;
	char query[1024];
};

static volatile sig_atomic_t is_interrupted;
static volatile bool must_stop;

static void on_signal(int number)
{
	(void)number;
	is_interrupted = 1;
	must_stop = true;
}

/* NAME=VALUE for the URL; what is not plain is escaped. */
static void add_query(struct gb_text *text, const char *name, const char *value)
{
	static const char digits[] = "0123456789ABCDEF";

	if (value == NULL)
		return;
	gb_text_add_byte(text, text->n == 0 ? '?' : '&');
	gb_text_add_cstr(text, name);
	gb_text_add_byte(text, '=');
	for (const char *at = value; *at != '\0'; at++) {
		unsigned char c = (unsigned char)*at;

		if (gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '-' || c == '_' || c == '.') {
			gb_text_add_byte(text, c);
			continue;
		}
		gb_text_add_byte(text, '%');
		gb_text_add_byte(text, (unsigned char)digits[c >> 4]);
		gb_text_add_byte(text, (unsigned char)digits[c & 15]);
	}
}

static int open_sink(struct work *work)
{
	const struct settings *settings = work->settings;
	struct gb_text query = gb_text_on(work->query, sizeof(work->query) - 1);
	char url[4200];

	if ((settings->server != NULL) + (settings->data != NULL) + (settings->store != NULL) > 1)
		return gb_complain(work->self, GB_EXIT_USAGE, "give only one of --server, --data and --store");
	add_query(&query, "account", settings->account);
	add_query(&query, "region", settings->region);
	add_query(&query, "function", settings->function);
	if (query.truncated)
		return gb_complain(work->self, GB_EXIT_USAGE, "account, region and function are too long");
	work->token = settings->server != NULL ? gb_remote_token(settings->server) : NULL;
	work->sink = (struct ingest_sink){.command = work->self,
	        .server = settings->server,
	        .token = work->token,
	        .query = gb_text_cstr(&query),
	        .origin = {.account = gb_span_cstr(settings->account),
	                .region = gb_span_cstr(settings->region),
	                .function = gb_span_cstr(settings->function)},
	        .must_stop = &must_stop};
	if (settings->server != NULL && work->token == NULL)
		return gb_complain(work->self, GB_EXIT_USAGE,
		        "no token: put one of scope ingest, or a group's KEY:SECRET, into the environment's "
		        "GAMBESON_TOKEN, or run gambeson login --server %s",
		        settings->server);
	if (settings->server == NULL && settings->store == NULL) {
		const char *data = settings->data != NULL ? settings->data : "./gambeson-data";

		if (mkdir(data, 0700) < 0 && errno != EEXIST)
			return gb_complain(work->self, GB_EXIT_SYSTEM, "%s: %s", data, strerror(errno));
		(void)snprintf(url, sizeof(url), "sqlite:%s/gambeson.db", data);
		return ingest_sink_open(&work->sink, url);
	}
	return ingest_sink_open(&work->sink, settings->store);
}

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

static int open_sources(struct work *work)
{
	enum gb_collect_from from = work->settings->from_end ? GB_COLLECT_FROM_END : GB_COLLECT_FROM_BEGIN;
	struct gb_collect_mark mark;
	struct gb_diag diag = {0};
	char *text = NULL;
	size_t n = 0;
	int status = GB_EXIT_OK;

	if (work->settings->resume != NULL) {
		int r = gb_fd_read_file(work->settings->resume, RESUME_MAX, &text, &n);

		if (r < 0 && r != -ENOENT)
			return gb_complain(work->self, GB_EXIT_SYSTEM, "%s: %s", work->settings->resume, strerror(-r));
	}
	for (size_t i = 0; i < work->count && status == GB_EXIT_OK; i++) {
		bool is_known = find_mark(gb_span_of(text, n), work->sources[i].path, &mark);

		if (gb_collect_tail_open(
		            work->sources[i].path, is_known ? &mark : NULL, from, &work->sources[i].tail, &diag) < 0)
			status = gb_complain(work->self, GB_EXIT_SYSTEM, "%s", diag.message);
	}
	free(text);
	return status;
}

/* After each piece that is durable: what is said twice is stored once. */
static int save_marks(struct work *work)
{
	size_t cap = work->count * (4096 + GB_COLLECT_MARK_CHARS);
	struct gb_text text;
	int r;

	if (work->settings->resume == NULL)
		return GB_EXIT_OK;
	text = gb_text_on(malloc(cap), cap);
	if (text.p == NULL)
		return gb_complain(work->self, GB_EXIT_SYSTEM, "out of memory");
	for (size_t i = 0; i < work->count; i++) {
		char line[GB_COLLECT_MARK_CHARS];
		struct gb_collect_mark mark;

		gb_collect_tail_mark(work->sources[i].tail, &mark);
		gb_collect_mark_print(&mark, line);
		gb_text_add_cstr(&text, line);
		gb_text_add_byte(&text, '\t');
		gb_text_add_cstr(&text, work->sources[i].path);
		gb_text_add_byte(&text, '\n');
	}
	r = text.truncated ? -ENAMETOOLONG : gb_fd_write_file(work->settings->resume, gb_text_span(&text), 0600);
	free(text.p);
	return r < 0 ? gb_complain(work->self, GB_EXIT_SYSTEM, "%s: %s", work->settings->resume, strerror(-r))
	             : GB_EXIT_OK;
}

static void draw_bar(const struct work *work)
{
	uint64_t done = 0, all = 0;
	int filled;

	if (!work->has_bar)
		return;
	for (size_t i = 0; i < work->count; i++) {
		uint64_t one_done, one_all;

		gb_collect_tail_progress(work->sources[i].tail, &one_done, &one_all);
		done += one_done;
		all += one_all > one_done ? one_all : one_done;
	}
	filled = all == 0 ? 30 : (int)(done * 30 / all);
	(void)fprintf(stderr, "\r[%.*s%*s] %3d %%  %llu lines", filled, "##############################", 30 - filled,
	        "", all == 0 ? 100 : (int)(done * 100 / all), (unsigned long long)work->sink.lines);
}

/* All that there is now of every file. *ret_moved: there was something. */
static int read_sources(struct work *work, bool *ret_moved)
{
	struct gb_diag diag = {0};

	*ret_moved = false;
	for (size_t i = 0; i < work->count; i++) {
		struct gb_span lines;
		int r = 0, status;

		while (!must_stop &&
		        (r = gb_collect_tail_read(work->sources[i].tail, !work->settings->follow, &lines, &diag)) > 0) {
			status = ingest_sink_put(&work->sink, lines);
			if (status == GB_EXIT_OK)
				status = save_marks(work);
			if (status != GB_EXIT_OK)
				return status;
			*ret_moved = true;
			draw_bar(work);
		}
		if (r < 0)
			return gb_complain(work->self, GB_EXIT_SYSTEM, "%s", diag.message);
	}
	return GB_EXIT_OK;
}

static int ingest_files(struct work *work)
{
	int status = open_sources(work);

	while (status == GB_EXIT_OK && !must_stop) {
		bool has_moved;

		status = read_sources(work, &has_moved);
		if (status == GB_EXIT_OK && has_moved)
			status = ingest_sink_settle(&work->sink);
		if (!work->settings->follow)
			break;
		if (!has_moved)
			(void)usleep(POLL_US);
	}
	for (size_t i = 0; i < work->count; i++)
		gb_collect_tail_close(work->sources[i].tail);
	if (work->has_bar)
		(void)fputc('\n', stderr);
	return status;
}

/* A stream has whole lines at the end of each piece; what is no text (gzip, an envelope) is one piece. */
static int ingest_stream(struct work *work)
{
	unsigned char *bytes = malloc(ENVELOPE_BYTES);
	size_t n = 0;
	int status = bytes == NULL ? gb_complain(work->self, GB_EXIT_SYSTEM, "out of memory") : GB_EXIT_OK;

	while (status == GB_EXIT_OK && !must_stop) {
		ssize_t got = read(STDIN_FILENO, bytes + n, ENVELOPE_BYTES - n);
		const unsigned char *feed;
		size_t whole;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			status = gb_complain(work->self, GB_EXIT_SYSTEM, "standard input: %s", strerror(errno));
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
		status = ingest_sink_put(&work->sink, gb_span_of(bytes, whole));
		memmove(bytes, bytes + whole, n - whole);
		n -= whole;
	}
	if (status == GB_EXIT_OK && n > 0)
		status = ingest_sink_put(&work->sink, gb_span_of(bytes, n));
	free(bytes);
	return status == GB_EXIT_OK ? ingest_sink_settle(&work->sink) : status;
}

static int run(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct settings *settings = context;
	struct sigaction action = {.sa_handler = on_signal};
	struct work work = {.self = self, .settings = settings, .count = settings->files.count};
	int status;

	(void)operands;
	if (work.count == 0 && (settings->follow || settings->resume != NULL || settings->from_end))
		return gb_complain(
		        self, GB_EXIT_USAGE, "--follow, --from-end and --resume are for files: name some with --file");
	work.sources = calloc(work.count + 1, sizeof(*work.sources));
	if (work.sources == NULL)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	for (size_t i = 0; i < work.count; i++)
		work.sources[i].path = settings->files.items[i];
	work.has_bar = work.count > 0 && !settings->follow && isatty(STDERR_FILENO) == 1;
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	status = open_sink(&work);
	if (status == GB_EXIT_OK)
		status = work.count > 0 ? ingest_files(&work) : ingest_stream(&work);
	ingest_sink_close(&work.sink);
	free(work.sources);
	free(work.token);
	if (status == GB_EXIT_OK || is_interrupted != 0)
		ingest_sink_print(&work.sink, settings->json);
	return status;
}

const struct gb_command gb_cmd_ingest = {
        .name = "ingest",
        .summary = "take Gambeson's lines out of logs, into a data folder or to a server",
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
        .notes = "Logs may be plain text, gzip, or an envelope of CloudWatch, Firehose, Kinesis, Fluent Bit, Vector or "
                 "OTLP.\n"
                 "What is read twice is stored once.\n",
};
