/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/activity_text.h"

#include "activity/path.h"
#include "activity/script.h"
#include "activity/address.h"
#include "base/ip.h"
#include "base/text.h"
#include "base/words.h"

#include <errno.h>
#include <string.h>

#define PATH_BYTES_MAX 8192u
#define CODE_FOLDER    "/var/task"

static int complain(struct gb_diag *diag, struct gb_span about, const char *what)
{
	return gb_diag_set(diag, -EINVAL, 0, 0, "'%.*s' %s", (int)(about.n < 100 ? about.n : 100),
	        about.n == 0 ? "" : (const char *)about.p, what);
}

static int read_kind(struct gb_span word, enum gb_activity_kind *ret_kind, struct gb_diag *diag)
{
	const char *names[_GB_ACTIVITY_KIND_MAX], *nearest;
	size_t count = 0;

	*ret_kind = gb_activity_kind_of_name(word);
	if (*ret_kind != GB_ACTIVITY_NONE)
		return 0;
	for (int kind = 1; kind < _GB_ACTIVITY_KIND_MAX; kind++)
		names[count++] = gb_activity_kind_name((enum gb_activity_kind)kind);
	nearest = gb_words_nearest(word, names, count);
	return gb_diag_set(diag, -EINVAL, 0, 0, "'%.*s' is no kind of activity%s%s%s", (int)(word.n < 60 ? word.n : 60),
	        word.n == 0 ? "" : (const char *)word.p,
	        nearest == NULL ? ", like file_read or process_start" : "; did you mean '",
	        nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'?");
}

static int copy(struct gb_activity_case *of, struct gb_span text, struct gb_span *ret_copy)
{
	unsigned char *bytes = gb_arena_take(of->arena, text.n + 1);

	if (bytes == NULL)
		return -ENOMEM;
	if (text.n != 0)
		memcpy(bytes, text.p, text.n);
	*ret_copy = gb_span_of(bytes, text.n);
	return 0;
}

static int read_path(struct gb_activity_case *of, struct gb_span word, struct gb_span *ret_path, struct gb_diag *diag)
{
	char buffer[PATH_BYTES_MAX];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));

	if (!gb_span_starts(word, GB_SPAN("/")))
		return complain(diag, word, "is no absolute path");
	gb_path_join(&text, word, NULL);
	return text.truncated ? complain(diag, word, "is too long") : copy(of, gb_text_span(&text), ret_path);
}

static int read_host(struct gb_activity_case *of, struct gb_span word, struct gb_span *ret_host, struct gb_diag *diag)
{
	unsigned char *bytes = gb_arena_take(of->arena, word.n + 1);

	if (bytes == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < word.n; i++)
		bytes[i] = gb_ascii_lower(word.p[i]);
	*ret_host = gb_span_of(bytes, word.n);
	return word.n == 0 ? complain(diag, word, "is no host") : 0;
}

static int read_network(struct gb_activity_case *of, const struct gb_span *words, size_t count, struct gb_diag *diag)
{
	if (count != 1 && !(count == 3 && gb_span_equal(words[1], GB_SPAN("--name"))))
		return gb_diag_set(diag, -EINVAL, 0, 0, "%s takes ADDRESS:PORT, and maybe --name HOST",
		        gb_activity_kind_name(of->activity.kind));
	if (!gb_address_of_text(words[0], &of->activity.address))
		return complain(
		        diag, words[0], "is no address, like 10.0.0.1:80, [::1]:80, /run/x.sock or 'family 16'");
	if (count == 3) {
		int r = read_host(of, words[2], &of->activity.object, diag);

		if (r < 0)
			return r;
	}
	return copy(of, words[0], &of->activity.subject);
}

/* As the sensor has it: argv, and the script that an interpreter is given. */
static int read_process(struct gb_activity_case *of, const struct gb_span *words, size_t count, struct gb_diag *diag)
{
	struct gb_activity *activity = &of->activity;
	char buffer[PATH_BYTES_MAX];
	struct gb_text text;
	struct gb_span script;
	size_t n = 1, first = count > 1 ? 1 : 0;
	char *bytes;
	int r = count == 0 ? gb_diag_set(diag, -EINVAL, 0, 0, "process_start takes PATH ARGV0 ARGUMENT...")
	                   : read_path(of, words[0], &activity->subject, diag);

	for (size_t i = first; i < count; i++)
		n += words[i].n + 1;
	bytes = r < 0 ? NULL : gb_arena_take(of->arena, n);
	if (bytes == NULL)
		return r < 0 ? r : -ENOMEM;
	text = gb_text_on(bytes, n);
	for (size_t i = first; i < count; i++) {
		gb_text_add(&text, words[i]);
		gb_text_add_byte(&text, '\0');
	}
	activity->arguments = gb_text_span(&text);
	if (gb_script_of(activity->subject, activity->arguments, &script) != GB_SCRIPT_FILE)
		return 0;
	text = gb_text_on(buffer, sizeof(buffer));
	gb_text_add_cstr(&text, CODE_FOLDER);
	gb_path_join(&text, script, NULL);
	return copy(of, gb_text_span(&text), &activity->object);
}

static int read_request(struct gb_activity_case *of, const struct gb_span *words, size_t count, struct gb_diag *diag)
{
	struct gb_span subject = count == 0 ? GB_SPAN_EMPTY : words[0], path;
	char buffer[PATH_BYTES_MAX];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));
	size_t at = count == 3 ? 2 : 1;
	int r;

	if (count == 3) {
		gb_text_add(&text, words[0]);
		gb_text_add_byte(&text, ' ');
		gb_text_add(&text, words[1]);
		subject = gb_text_span(&text);
	}
	if (count > 3 || gb_span_find_byte(subject, ' ', 0) == SIZE_MAX)
		return gb_diag_set(diag, -EINVAL, 0, 0, "http_request takes \"METHOD HOST\" and a /path");
	r = copy(of, subject, &of->activity.subject);
	if (r < 0 || count == 1)
		return r;
	path = words[at];
	if (!gb_span_starts(path, GB_SPAN("/")))
		return complain(diag, path, "is no path of a request");
	return copy(of, gb_span_sub(path, 0, gb_span_find_byte(path, '?', 0)), &of->activity.object);
}

static int need(struct gb_activity_case *of, size_t count, size_t least, size_t most, struct gb_diag *diag)
{
	if (count >= least && count <= most)
		return 0;
	return gb_diag_set(diag, -EINVAL, 0, 0, "%s takes %s after it, not %zu%s",
	        gb_activity_kind_name(of->activity.kind),
	        least == 2   ? "two words"
	        : least == 1 ? most == 2 ? "one word or two" : "one word"
	                     : "at most one word",
	        count, count > most ? "; options stand before the kind" : "");
}

static int read_subject(struct gb_activity_case *of, const struct gb_span *words, size_t count, struct gb_diag *diag)
{
	struct gb_activity *activity = &of->activity;
	int r;

	switch ((uint32_t)activity->kind) {
	case GB_ACTIVITY_FILE_READ:
	case GB_ACTIVITY_FILE_WRITE:
	case GB_ACTIVITY_FILE_DELETE:
	case GB_ACTIVITY_FILE_MODE:
	case GB_ACTIVITY_LIBRARY_MAP:
		r = need(of, count, 1, 1, diag);
		return r < 0 ? r : read_path(of, words[0], &activity->subject, diag);
	case GB_ACTIVITY_FILE_RENAME:
	case GB_ACTIVITY_FILE_LINK:
		r = need(of, count, 2, 2, diag);
		if (r == 0)
			r = read_path(of, words[0], &activity->subject, diag);
		return r < 0 ? r : read_path(of, words[1], &activity->object, diag);
	case GB_ACTIVITY_PROCESS_START: return read_process(of, words, count, diag);
	case GB_ACTIVITY_NET_CONNECT:
	case GB_ACTIVITY_NET_SEND:
	case GB_ACTIVITY_NET_LISTEN: return read_network(of, words, count, diag);
	case GB_ACTIVITY_NAME_LOOKUP:
		r = need(of, count, 1, 1, diag);
		return r < 0 ? r : read_host(of, words[0], &activity->subject, diag);
	case GB_ACTIVITY_AWS_API:
		r = need(of, count, 1, 2, diag);
		if (r == 0 && gb_span_find_byte(words[0], ':', 0) == SIZE_MAX)
			return complain(diag, words[0], "is no 'service:Action'");
		if (r == 0 && count == 2)
			r = copy(of, words[1], &activity->object);
		return r < 0 ? r : copy(of, words[0], &activity->subject);
	case GB_ACTIVITY_HTTP_REQUEST: return read_request(of, words, count, diag);
	default:
		r = need(of, count, 0, 1, diag);
		return r < 0 || count == 0 ? r : copy(of, words[0], &activity->subject);
	}
}

int gb_activity_text_words(struct gb_activity_case *of, const struct gb_span *words, size_t count, struct gb_diag *diag)
{
	enum gb_activity_kind kind;
	int r;

	if (count == 0)
		return gb_diag_set(diag, -EINVAL, 0, 0, "an activity is missing, like file_read /etc/passwd");
	for (size_t i = 0; i < count; i++)
		if (gb_span_find_byte(words[i], '\0', 0) != SIZE_MAX)
			return gb_diag_set(diag, -EINVAL, 0, 0, "an activity holds no NUL");
	r = read_kind(words[0], &kind, diag);
	if (r < 0)
		return r;
	of->activity = (struct gb_activity){.kind = kind};
	return read_subject(of, words + 1, count - 1, diag);
}

/* One word from *AT on, its quotes taken off, into BYTES. False: a quote is not closed. */
static bool next_word(struct gb_span text, size_t *at, struct gb_text *out)
{
	unsigned char quote = 0;

	for (; *at < text.n; ++*at) {
		unsigned char c = text.p[*at];

		if (quote == 0 && gb_ascii_is_space(c))
			break;
		if (c == '\\' && quote != '\'' && *at + 1 < text.n) {
			gb_text_add_byte(out, text.p[++*at]);
		} else if (quote == 0 && (c == '\'' || c == '"')) {
			quote = c;
		} else if (quote != 0 && c == quote) {
			quote = 0;
		} else {
			gb_text_add_byte(out, c);
		}
	}
	return quote == 0;
}

int gb_activity_text_line(struct gb_activity_case *of, struct gb_span text, struct gb_diag *diag)
{
	char *bytes = gb_arena_take(of->arena, text.n + 1);
	struct gb_span *words = gb_arena_take(of->arena, (text.n / 2 + 1) * sizeof(*words));
	struct gb_text out = gb_text_on(bytes, text.n + 1);
	size_t count = 0, at = 0;

	if (bytes == NULL || words == NULL)
		return -ENOMEM;
	for (;;) {
		size_t from = out.n;

		while (at < text.n && gb_ascii_is_space(text.p[at]))
			at++;
		if (at == text.n)
			break;
		if (!next_word(text, &at, &out))
			return gb_diag_set(diag, -EINVAL, 0, 0, "a quote of the activity is not closed");
		words[count++] = gb_span_of(bytes + from, out.n - from);
	}
	return gb_activity_text_words(of, words, count, diag);
}
