/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson inspect: events from files, from folders with all below them, one a line, or from standard input. */
#include "cmd/gambeson/inspect.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "cmd/gambeson/screen.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Lambda gives an event of 6 MB at most; a file that is no event at all may be anything. */
#define FILE_BYTES_MAX (256u * 1024u * 1024u)

/* One line on standard error about FILE, whose name may hold anything; the rest goes on. */
static int pass_over(struct gb_inspection *session, enum gb_exit status, const char *file, const char *why)
{
	GB_CLEANUP(gb_freep) char *name = NULL;
	size_t n;
	FILE *out = open_memstream(&name, &n);

	if (out != NULL) {
		(void)gb_screen_text(out, gb_span_cstr(file));
		(void)fclose(out);
	}
	session->unread_count++;
	return gb_complain(session->command, status, "%s: %s", name != NULL ? name : "a file", why);
}

static int take_lines(struct gb_inspection *session, const char *path, const char *name)
{
	GB_CLEANUP(gb_freep) char *line = NULL;
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	struct gb_inspection_subject subject = {.file = name};
	int status = GB_EXIT_OK;
	size_t cap = 0;
	ssize_t n;

	if (in == NULL)
		return pass_over(session, GB_EXIT_SYSTEM, name, strerror(errno));
	while (errno = 0, (n = getline(&line, &cap, in)) >= 0) {
		subject.line++;
		subject.text = gb_span_trim(gb_span_of(line, (size_t)n));
		if (subject.text.n != 0)
			session->on_event(session, &subject);
	}
	if (ferror(in) || errno == ENOMEM)
		status = pass_over(session, GB_EXIT_SYSTEM, name, strerror(errno));
	if (in != stdin)
		(void)fclose(in);
	return status;
}

static bool is_lines(const char *path)
{
	struct gb_span s = gb_span_cstr(path);

	return gb_span_ends(s, GB_SPAN(".jsonl")) || gb_span_ends(s, GB_SPAN(".ndjson"));
}

static int take_file(struct gb_inspection *session, const char *path)
{
	struct gb_inspection_subject subject = {.file = strcmp(path, "-") == 0 ? "stdin" : path};
	GB_CLEANUP(gb_freep) char *data = NULL;
	size_t n;
	int r;

	if (!session->settings->value && (session->settings->jsonl || is_lines(path)))
		return take_lines(session, path, subject.file);
	r = gb_fd_read_file(path, FILE_BYTES_MAX, &data, &n);
	if (r == -EFBIG)
		return pass_over(session, GB_EXIT_SYSTEM, subject.file,
		        "larger than 256 MB; give one event a file, or one a line with --jsonl");
	if (r < 0)
		return pass_over(session, GB_EXIT_SYSTEM, subject.file, strerror(-r));
	subject.text = gb_span_of(data, n);
	session->on_event(session, &subject);
	return GB_EXIT_OK;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool is_event_file(const char *name)
{
	return name[0] != '.' && (is_lines(name) || gb_span_ends(gb_span_cstr(name), GB_SPAN(".json")));
}

/* Links to files are read, links to folders are not followed: they may lead in a circle. */
static int take_entry(struct gb_inspection *session, FTS *tree, FTSENT *entry, size_t *ref_files)
{
	struct stat status;

	switch (entry->fts_info) {
	case FTS_D:
		if (entry->fts_level > 0 && entry->fts_name[0] == '.')
			(void)fts_set(tree, entry, FTS_SKIP);
		return GB_EXIT_OK;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS: return pass_over(session, GB_EXIT_SYSTEM, entry->fts_path, strerror(entry->fts_errno));
	case FTS_F:
	case FTS_SL:
	case FTS_SLNONE:
		if (!is_event_file(entry->fts_name))
			return GB_EXIT_OK;
		if (entry->fts_info == FTS_SL && stat(entry->fts_accpath, &status) == 0 && !S_ISREG(status.st_mode))
			return GB_EXIT_OK;
		(*ref_files)++;
		return take_file(session, entry->fts_path);
	default: return GB_EXIT_OK;
	}
}

static int take_folder(struct gb_inspection *session, const char *path)
{
	GB_CLEANUP(gb_freep) char *root = strdup(path);
	char *const roots[] = {root, NULL};
	int status = GB_EXIT_OK;
	size_t files = 0;
	FTSENT *entry;
	FTS *tree;

	if (root == NULL)
		return pass_over(session, GB_EXIT_SYSTEM, path, strerror(ENOMEM));
	for (size_t n = strlen(root); n > 1 && root[n - 1] == '/'; n--)
		root[n - 1] = '\0';
	tree = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
	if (tree == NULL)
		return pass_over(session, GB_EXIT_SYSTEM, path, strerror(errno));
	while (errno = 0, (entry = fts_read(tree)) != NULL) {
		int r = take_entry(session, tree, entry, &files);

		status = r > status ? r : status;
	}
	if (errno != 0)
		status = pass_over(session, GB_EXIT_SYSTEM, path, strerror(errno));
	(void)fts_close(tree);
	if (files == 0 && status == GB_EXIT_OK)
		status = pass_over(session, GB_EXIT_USAGE, path,
		        "no .json, .jsonl or .ndjson file in it or below; name a file instead");
	return status;
}

int gb_inspection_input(struct gb_inspection *session, const char *path)
{
	struct stat status;

	if (strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return take_folder(session, path);
	return take_file(session, path);
}
