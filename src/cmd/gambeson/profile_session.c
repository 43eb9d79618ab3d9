/* SPDX-License-Identifier: Apache-2.0 */
/* Logs and profiles on the command line. */
#include "cmd/gambeson/profile.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "cmd/gambeson/policy_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_BYTES_MAX        (1024ull * 1024u * 1024u)
#define BOUNDARIES_BYTES_MAX (1024u * 1024u)
#define RANGES_BYTES_MAX     (64u * 1024u * 1024u)

static int add(const struct gb_command *self, struct gb_profile_session *session, const char *path, struct gb_span text)
{
	GB_CLEANUP(gb_profile_freep) struct gb_profile *other = NULL;
	struct gb_diag diag = {0};
	int r;

	if (!gb_profile_is_profile(text)) {
		r = gb_profile_add_log(session->profile, text, &session->reading);
		return r < 0 ? gb_complain(self, GB_EXIT_SYSTEM, "out of memory") : GB_EXIT_OK;
	}
	r = gb_profile_parse(text, &other, &diag);
	if (r == 0)
		r = gb_profile_merge(session->profile, other, &diag);
	if (r == -ENOMEM)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	if (r < 0 && diag.line != 0)
		return gb_complain(self, GB_EXIT_USAGE, "%s:%u:%u: %s", path, diag.line, diag.column, diag.message);
	return r < 0 ? gb_complain(self, GB_EXIT_USAGE, "%s: %s", path, diag.message) : GB_EXIT_OK;
}

int gb_profile_session_add(
        const struct gb_command *self, struct gb_profile_session *session, const char *name, struct gb_span text)
{
	if (session->profile == NULL)
		session->profile = gb_profile_new();
	if (session->profile == NULL)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	return add(self, session, name, text);
}

int gb_profile_session_read(const struct gb_command *self, struct gb_profile_session *session, const char *path)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	size_t n = 0;
	int r = gb_fd_read_file(path, LOG_BYTES_MAX, &data, &n);

	if (r < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be read: %s", path, strerror(-r));
	return gb_profile_session_add(self, session, path, gb_span_of(data, n));
}

int gb_profile_session_read_all(
        const struct gb_command *self, struct gb_profile_session *session, const struct gb_strings *paths)
{
	int status = GB_EXIT_OK;

	for (size_t i = 0; i < paths->count && status == GB_EXIT_OK; i++)
		status = gb_profile_session_read(self, session, paths->items[i]);
	return status;
}

int gb_profile_session_forget(const struct gb_command *self, struct gb_profile_session *session, uint64_t count)
{
	size_t gone;

	if (gb_profile_forget(session->profile, count, &gone) < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	if (gone != 0)
		fprintf(stderr, "forgotten: %zu earlier versions of the code\n", gone);
	return GB_EXIT_OK;
}

/* "0.1" or "0.1%" of a hundred, more than 0 and less than 50. */
static int read_percent(const struct gb_command *self, const char *option, const char *text, double *value)
{
	char *end;
	double percent;

	if (text == NULL)
		return GB_EXIT_OK;
	percent = strtod(text, &end);
	if (end != text && *end == '%')
		end++;
	if (end == text || *end != '\0' || !(percent >= 0.000001 && percent < 50))
		return gb_complain(self, GB_EXIT_USAGE,
		        "--%s: '%s' is no percentage above 0 and below 50; write for example 0.1", option, text);
	*value = percent / 100;
	return GB_EXIT_OK;
}

static int read_boundaries(const struct gb_command *self, struct gb_profile_session *session, const char *path)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	struct gb_diag diag = {0};
	size_t n = 0;
	int r;

	if (path == NULL) {
		session->boundaries = gb_boundaries_new();
		return session->boundaries == NULL ? gb_complain(self, GB_EXIT_SYSTEM, "out of memory") : GB_EXIT_OK;
	}
	r = gb_fd_read_file(path, BOUNDARIES_BYTES_MAX, &data, &n);
	if (r < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be read: %s", path, strerror(-r));
	r = gb_boundaries_parse(gb_span_of(data, n), &session->boundaries, &diag);
	return r < 0 ? gb_complain(self, GB_EXIT_USAGE, "%s:%u: %s", path, diag.line, diag.message) : GB_EXIT_OK;
}

static int read_bases(
        const struct gb_command *self, struct gb_profile_session *session, const struct gb_profile_choice *choice)
{
	size_t count = choice->bases.count + choice->apis.count;

	session->bases = calloc(count + 1, sizeof(struct gb_policyc_document *));
	if (session->bases == NULL)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		bool is_document = i < choice->bases.count;
		const char *path = is_document ? choice->bases.items[i] : choice->apis.items[i - choice->bases.count];
		GB_CLEANUP(gb_freep) char *data = NULL;
		struct gb_diag diag = {0};
		size_t n = 0;
		int status = gb_policy_file_read(self, path, &data, &n);

		if (status == GB_EXIT_OK && is_document)
			status = gb_policy_file_document(
			        self, path, gb_span_of(data, n), &session->bases[session->base_count]);
		else if (status == GB_EXIT_OK &&
		         gb_learn_apis_parse(gb_span_of(data, n), &session->bases[session->base_count], &diag) < 0)
			status = gb_complain(self, GB_EXIT_USAGE, "%s:%u: %s", path, diag.line, diag.message);
		if (status != GB_EXIT_OK)
			return status == GB_EXIT_FINDINGS ? GB_EXIT_USAGE : status;
		session->base_count++;
	}
	return GB_EXIT_OK;
}

static int read_ranges(const struct gb_command *self, struct gb_profile_session *session, const char *path)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	struct gb_diag diag = {0};
	size_t n = 0;
	int r;

	if (path == NULL)
		return GB_EXIT_OK;
	r = gb_fd_read_file(path, RANGES_BYTES_MAX, &data, &n);
	if (r < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be read: %s", path, strerror(-r));
	r = gb_ranges_parse(gb_span_of(data, n), &session->ranges, &diag);
	return r < 0 ? gb_complain(self, GB_EXIT_USAGE, "%s is no ip-ranges.json: %s", path, diag.message) : GB_EXIT_OK;
}

static int look(const struct gb_command *self, struct gb_profile_session *session)
{
	struct gb_diag diag = {0};
	int r;

	gb_learn_view_free(session->view);
	session->view = NULL;
	r = gb_learn_view_new(session->profile, &session->settings, &session->view, &diag);
	if (r == -ENOMEM)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	if (r < 0 && session->settings.version.n != 0)
		return gb_complain(self, GB_EXIT_USAGE, "--version: %s", diag.message);
	return r < 0 ? gb_complain(self, GB_EXIT_FINDINGS,
	                       "there are no observations; run the function with GAMBESON_OBSERVE=1 and keep its log")
	             : GB_EXIT_OK;
}

int gb_profile_session_look(
        const struct gb_command *self, struct gb_profile_session *session, const struct gb_profile_choice *choice)
{
	int status;

	session->settings = gb_learn_settings_usual();
	status = read_percent(self, "epsilon", choice->epsilon, &session->settings.epsilon);
	if (status == GB_EXIT_OK)
		status = read_percent(self, "delta", choice->delta, &session->settings.delta);
	if (status == GB_EXIT_OK)
		status = read_boundaries(self, session, choice->boundaries);
	if (status == GB_EXIT_OK)
		status = read_bases(self, session, choice);
	if (status == GB_EXIT_OK)
		status = read_ranges(self, session, choice->ranges);
	if (status != GB_EXIT_OK)
		return status;
	session->settings.version = gb_span_cstr(choice->version);
	session->settings.boundaries = session->boundaries;
	session->settings.bases = (const struct gb_policyc_document *const *)session->bases;
	session->settings.base_count = session->base_count;
	session->settings.ranges = session->ranges;
	session->settings.invocations_min = choice->invocations_min;
	session->settings.shapes_min = choice->shapes_min;
	return look(self, session);
}

int gb_profile_session_decide(
        const struct gb_command *self, struct gb_profile_session *session, struct gb_learn_decision *ret_decision)
{
	if (gb_learn_decide(session->view, ret_decision) < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	if (!ret_decision->is_done || ret_decision->is_carrying || session->view->previous == NULL)
		return GB_EXIT_OK;
	session->settings.is_alone = true;
	return look(self, session);
}

void gb_profile_session_done(struct gb_profile_session *session)
{
	gb_learn_view_free(session->view);
	gb_boundaries_free(session->boundaries);
	gb_ranges_free(session->ranges);
	for (size_t i = 0; i < session->base_count; i++)
		gb_policyc_document_free(session->bases[i]);
	free(session->bases);
	gb_profile_free(session->profile);
}

/* What FILL prints, to PATH. */
static int write_text(const struct gb_command *self, const char *path, struct gb_span text)
{
	int r = gb_fd_write_file(path, text, 0644);

	return r < 0 ? gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be written: %s", path, strerror(-r)) : GB_EXIT_OK;
}

int gb_profile_write(const struct gb_command *self, const struct gb_profile *profile, const char *path)
{
	GB_CLEANUP(gb_freep) char *text = NULL;
	size_t n = 0;
	FILE *out;
	int r;

	if (path == NULL)
		return gb_profile_print(profile, stdout) < 0 ? gb_complain(self, GB_EXIT_SYSTEM, "out of memory")
		                                             : GB_EXIT_OK;
	out = open_memstream(&text, &n);
	if (out == NULL)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	r = gb_profile_print(profile, out);
	if (fclose(out) != 0 || r < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	return write_text(self, path, gb_span_of(text, n));
}

int gb_profile_write_document(
        const struct gb_command *self, const struct gb_policyc_document *document, const char *path)
{
	GB_CLEANUP(gb_freep) char *text = NULL;
	size_t n = 0;
	FILE *out;
	int status;

	if (path == NULL) {
		gb_policyc_print(document, stdout);
		return GB_EXIT_OK;
	}
	out = open_memstream(&text, &n);
	if (out == NULL)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	gb_policyc_print(document, out);
	if (fclose(out) != 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	status = write_text(self, path, gb_span_of(text, n));
	if (status == GB_EXIT_OK)
		gb_policyc_print_table(document, stdout);
	return status;
}

void gb_profile_print_left_out(const struct gb_profile_session *session)
{
	static const char *const reasons[_GB_LEARN_STATUS_MAX] = {
	        [GB_LEARN_NEVER] = "that never belong on an allowlist",
	        [GB_LEARN_REJECTED] = "that a person rejected",
	        [GB_LEARN_FOUND] = "that a finding names",
	        [GB_LEARN_TAINTED] = "of invocations with a finding only; profile with benign events to learn them",
	        [GB_LEARN_CUT] = "that the log holds only in part (long arguments); allow them by hand",
	        [GB_LEARN_HELD] = "that one client address alone made happen; 'gambeson profile approve' takes them in",
	};

	for (size_t i = 0; i < _GB_LEARN_STATUS_MAX; i++)
		if (reasons[i] != NULL && session->view->counts[i] != 0)
			fprintf(stderr, "left out: %zu things %s\n", session->view->counts[i], reasons[i]);
	if (session->reading.broken != 0)
		fprintf(stderr, "left out: %zu lines or items that could not be read\n", session->reading.broken);
	if (session->reading.foreign != 0)
		fprintf(stderr, "left out: %zu lines of other functions than %.*s\n", session->reading.foreign,
		        (int)gb_profile_function(session->profile).n,
		        (const char *)gb_profile_function(session->profile).p);
}
