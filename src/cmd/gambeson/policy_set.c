/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/policy_set.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/text.h"
#include "cmd/gambeson/policy_file.h"
#include "cmd/gambeson/screen.h"
#include "policyc/moment.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define FOLDER_DEPTH_MAX 8u
#define SECRET_BYTES_MAX 4096u
#define PATH_BYTES_MAX   4096u
#define TARGET_TAGS_MAX  50u

static int complain_place(const char *path, const struct gb_diag *diag)
{
	fflush(stdout);
	if (diag->line != 0)
		gb_screen_printf(stderr, "%s:%u:%u: %s\n", path, diag->line, diag->column, diag->message);
	else
		gb_screen_printf(stderr, "%s: %s\n", path, diag->message);
	return GB_EXIT_FINDINGS;
}

static int load_file(const struct gb_command *self, const char *path, void *context)
{
	struct gb_policyc_set *set = context;
	GB_CLEANUP(gb_freep) char *data = NULL;
	struct gb_diag diag = {0};
	size_t n = 0;
	int status = gb_policy_file_read(self, path, &data, &n), r;

	if (status != GB_EXIT_OK)
		return status;
	if (gb_policy_file_is_compiled(gb_span_of(data, n)))
		return gb_complain(self, GB_EXIT_USAGE, "%s is compiled already; give its documents", path);
	r = gb_policyc_set_add(set, path, gb_span_of(data, n), &diag);
	if (r == -ENOMEM)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	return r < 0 ? complain_place(path, &diag) : GB_EXIT_OK;
}

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool is_document(struct gb_span name)
{
	return gb_span_ends(name, GB_SPAN(".yaml")) || gb_span_ends(name, GB_SPAN(".yml")) ||
	       gb_span_ends(name, GB_SPAN(".json"));
}

/* Who is told of each file, and what goes with it. */
struct visit {
	int (*visit)(const struct gb_command *self, const char *path, void *context);
	void *context;
};

static int visit_folder(const struct gb_command *self, const char *path, unsigned depth, const struct visit *visit);

static int visit_entry(
        const struct gb_command *self, const char *folder, const char *name, unsigned depth, const struct visit *visit)
{
	char path[PATH_BYTES_MAX];
	struct stat about;
	int n = snprintf(path, sizeof(path), "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);

	if (n < 0 || (size_t)n >= sizeof(path))
		return gb_complain(self, GB_EXIT_SYSTEM, "the path %.100s… is too long", path);
	if (stat(path, &about) < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be read: %s", path, strerror(errno));
	if (S_ISDIR(about.st_mode))
		return visit_folder(self, path, depth + 1, visit);
	return is_document(gb_span_cstr(name)) ? visit->visit(self, path, visit->context) : GB_EXIT_OK;
}

static int visit_folder(const struct gb_command *self, const char *path, unsigned depth, const struct visit *visit)
{
	struct dirent **entries = NULL;
	int status = GB_EXIT_OK, count;

	if (depth > FOLDER_DEPTH_MAX)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s: folders are nested deeper than 8", path);
	count = scandir(path, &entries, is_shown, alphasort);
	if (count < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be read: %s", path, strerror(errno));
	for (int i = 0; i < count; i++) {
		if (status == GB_EXIT_OK)
			status = visit_entry(self, path, entries[i]->d_name, depth, visit);
		free(entries[i]);
	}
	free(entries);
	return status;
}

int gb_policy_set_each(const struct gb_command *self, const struct gb_strings *paths,
        int (*visit)(const struct gb_command *self, const char *path, void *context), void *context)
{
	const struct visit all = {visit, context};
	int status = GB_EXIT_OK;

	for (size_t i = 0; i < paths->count && status == GB_EXIT_OK; i++) {
		const char *path = paths->items[i];

		status = gb_policy_is_folder(path) ? visit_folder(self, path, 0, &all) : visit(self, path, context);
	}
	return status;
}

bool gb_policy_is_folder(const char *path)
{
	struct stat about;

	return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

int gb_policy_set_load(const struct gb_command *self, const struct gb_strings *paths, struct gb_policyc_set **ret_set)
{
	GB_CLEANUP(gb_policyc_set_freep) struct gb_policyc_set *set = gb_policyc_set_new();
	int status;

	if (set == NULL)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	status = gb_policy_set_each(self, paths, load_file, set);
	if (status == GB_EXIT_OK && gb_policyc_set_count(set) == 0)
		return gb_complain(self, GB_EXIT_USAGE, "no policy (*.yaml, *.yml, *.json) in %s", paths->items[0]);
	if (status == GB_EXIT_OK) {
		*ret_set = set;
		set = NULL;
	}
	return status;
}

int gb_policy_target_moment(const struct gb_command *self, const struct gb_policy_target *target, int64_t *ret_moment)
{
	*ret_moment = (int64_t)time(NULL);
	if (target->at == NULL || gb_policyc_moment_parse(gb_span_cstr(target->at), GB_POLICYC_DAY_FIRST, ret_moment))
		return GB_EXIT_OK;
	return gb_complain(self, GB_EXIT_USAGE,
	        "--at: '%s' is no date (2026-12-01) and no moment (2026-12-01T18:00:00Z)", target->at);
}

/* KEY=VALUE, cut in place. */
static int read_tags(const struct gb_command *self, const struct gb_strings *texts, char *memory, size_t cap,
        struct gb_policyc_tag tags[TARGET_TAGS_MAX], struct gb_policyc_function *function)
{
	size_t used = 0;

	function->has_tags = texts->count != 0;
	if (texts->count == 1 && strcmp(texts->items[0], "none") == 0)
		return GB_EXIT_OK;
	for (size_t i = 0; i < texts->count; i++) {
		size_t n = strlen(texts->items[i]) + 1;
		const char *equals = strchr(texts->items[i], '=');

		if (equals == NULL || equals == texts->items[i])
			return gb_complain(
			        self, GB_EXIT_USAGE, "--tag: '%s' is not of the form KEY=VALUE", texts->items[i]);
		if (i == TARGET_TAGS_MAX || n > cap - used)
			return gb_complain(self, GB_EXIT_USAGE, "--tag: too many tags");
		memcpy(memory + used, texts->items[i], n);
		memory[used + (size_t)(equals - texts->items[i])] = '\0';
		tags[i] = (struct gb_policyc_tag){memory + used, memory + used + (equals - texts->items[i]) + 1};
		used += n;
		function->tag_count = i + 1;
	}
	function->tags = tags;
	return GB_EXIT_OK;
}

/* The command's options by what policies ask for. */
static const char *option_hint(const char *message)
{
	static const struct {
		const char *field, *hint;
	} hints[] = {
	        {"function's accounts", "; add --account ID, or the ARN by --function"},
	        {"function's regions", "; add --region REGION, or the ARN by --function"},
	        {"function's functions", "; add --function NAME or ARN"},
	        {"function's tags", "; add --tag KEY=VALUE, or --tag none"},
	        {"function's runtimes", "; add --runtime RUNTIME"},
	        {"function's versions", "; add --version VERSION"},
	        {"function's aliases", "; add --alias ALIAS"},
	        {"which function?", "; add --function NAME or ARN"},
	};

	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strstr(message, hints[i].field) != NULL)
			return hints[i].hint;
	return "";
}

static int resolve(const struct gb_command *self, const struct gb_policyc_set *set,
        const struct gb_policyc_function *function, int64_t now, struct gb_policyc_resolution *ret_resolution)
{
	struct gb_diag diag = {0};
	int r = gb_policyc_resolve(set, function, now, ret_resolution, &diag);

	if (r == 0) {
		r = gb_policy_load_lists(ret_resolution->document, &diag);
		if (r < 0)
			gb_policyc_resolution_done(ret_resolution);
	}
	if (r == 0)
		return GB_EXIT_OK;
	if (r == -ENOMEM)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	return gb_complain(self, GB_EXIT_FINDINGS, "%s%s", diag.message, option_hint(diag.message));
}

int gb_policy_set_resolve(const struct gb_command *self, const struct gb_policyc_set *set,
        const struct gb_policy_target *target, struct gb_policyc_resolution *ret_resolution)
{
	GB_CLEANUP(gb_freep) char *secret = NULL;
	bool is_arn = target->function != NULL && strncmp(target->function, "arn:", 4) == 0;
	struct gb_policyc_function function = {
	        .name = is_arn ? NULL : target->function,
	        .arn = is_arn ? target->function : NULL,
	        .account = target->account,
	        .region = target->region,
	        .version = target->version,
	        .alias = target->alias,
	        .runtime = target->runtime,
	        .group_key = target->group_key,
	};
	struct gb_policyc_tag tags[TARGET_TAGS_MAX];
	char memory[20000];
	int64_t now = 0;
	size_t n = 0;
	int status = gb_policy_target_moment(self, target, &now);

	if (status == GB_EXIT_OK)
		status = read_tags(self, &target->tags, memory, sizeof(memory), tags, &function);
	if (status == GB_EXIT_OK && target->group_secret != NULL) {
		int r = gb_fd_read_file(target->group_secret, SECRET_BYTES_MAX, &secret, &n);

		if (r < 0)
			return gb_complain(self, GB_EXIT_SYSTEM, "the secret %s cannot be read: %s",
			        target->group_secret, strerror(-r));
		secret[strcspn(secret, "\r\n")] = '\0';
		function.group_secret = secret;
	}
	return status != GB_EXIT_OK ? status : resolve(self, set, &function, now, ret_resolution);
}

int gb_policy_resolve(const struct gb_command *self, const struct gb_strings *paths,
        const struct gb_policy_target *target, struct gb_policyc_resolution *ret_resolution)
{
	GB_CLEANUP(gb_policyc_set_freep) struct gb_policyc_set *set = NULL;
	int status = gb_policy_set_load(self, paths, &set);

	return status != GB_EXIT_OK ? status : gb_policy_set_resolve(self, set, target, ret_resolution);
}

void gb_policy_print_resolution(const struct gb_policyc_resolution *resolution, FILE *out)
{
	char buffer[40];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));

	if (resolution->group.file != NULL)
		fprintf(out, "group '%s' (%s:%u): %s\n", resolution->group_name, resolution->group.file,
		        resolution->group.line, resolution->group_why);
	for (size_t i = 0; i < resolution->left_out_count; i++) {
		const struct gb_policyc_left_out *left_out = &resolution->left_out[i];

		fprintf(out, "left out: %s '%s' (%s:%u): %s\n", left_out->noun,
		        left_out->name == NULL ? "(no name)" : left_out->name, left_out->origin.file,
		        left_out->origin.line, left_out->text);
	}
	if (resolution->conflict != NULL)
		fprintf(out, "note: %s\n", resolution->conflict);
	if (resolution->enforce_why != NULL)
		fprintf(out, "not enforced yet, reports and observes: %s\n", resolution->enforce_why);
	if (resolution->next_change != 0) {
		gb_policyc_moment_print(resolution->next_change, GB_POLICYC_DAY_FIRST, &text);
		fprintf(out, "at %s something begins or expires; the agent sees to it\n", gb_text_cstr(&text));
	}
}
