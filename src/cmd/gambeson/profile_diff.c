/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson profile diff: what one profile, or version of a function, does that another does not. */
#include "cmd/gambeson/profile.h"
#include "cmd/gambeson/screen.h"

#include "base/cleanup.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct settings {
	const char *from, *to;
	bool json;
	struct gb_profile_choice choice;
};

static const struct gb_option options[] = {
        GB_TEXT(struct settings, from, "from", "VERSION",
                "of the first; the one before, when there is one PROFILE only"),
        GB_TEXT(struct settings, to, "to", "VERSION", "of the second (default: the latest)"),
        GB_PROFILE_KNOWN_ROWS(struct settings, choice),
        GB_FLAG(struct settings, json, "json", "print JSON"),
        {.name = NULL},
};

struct side {
	struct gb_profile_session session;
	struct gb_policyc_document *document;
	struct gb_policyc_strings lines;
};

static void side_done(struct side *side)
{
	gb_policyc_document_free(side->document);
	gb_profile_session_done(&side->session);
}

/* What VERSION alone does: nothing carried over. */
static int side_read(const struct gb_command *self, struct side *side, const char *path, const char *version,
        const struct settings *settings)
{
	struct gb_profile_choice choice = settings->choice;
	int status = gb_profile_session_read(self, &side->session, path);

	choice.version = version;
	if (status == GB_EXIT_OK)
		status = gb_profile_session_look(self, &side->session, &choice);
	if (status != GB_EXIT_OK)
		return status;
	side->session.settings.is_alone = true;
	gb_learn_view_free(side->session.view);
	side->session.view = NULL;
	if (gb_learn_view_new(side->session.profile, &side->session.settings, &side->session.view, NULL) < 0 ||
	        gb_learn_allowlist(side->session.view, &side->document) < 0 ||
	        gb_learn_list(side->document, &side->lines) < 0)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	return GB_EXIT_OK;
}

static json_t *name_of(const struct side *side)
{
	struct gb_span name = side->session.view->version_name;

	return name.n == 0 ? json_string("") : json_stringn((const char *)name.p, name.n);
}

static void print_json(const struct side *from, const struct side *to, json_t *gone, json_t *added)
{
	json_t *all =
	        json_pack("{s:o,s:o,s:o,s:o}", "from", name_of(from), "to", name_of(to), "gone", gone, "added", added);

	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}

/* The sorted lines of both, side by side. */
static int compare(const struct settings *settings, const struct side *from, const struct side *to)
{
	json_t *gone = json_array(), *added = json_array();
	bool differs;
	size_t a = 0, b = 0;

	while (a < from->lines.count || b < to->lines.count) {
		int order = a == from->lines.count ? 1
		            : b == to->lines.count ? -1
		                                   : strcmp(from->lines.items[a], to->lines.items[b]);

		if (order < 0)
			json_array_append_new(gone, json_string(from->lines.items[a]));
		if (order > 0)
			json_array_append_new(added, json_string(to->lines.items[b]));
		if (order != 0 && !settings->json)
			gb_screen_printf(stdout, "%c %s\n", order < 0 ? '-' : '+',
			        order < 0 ? from->lines.items[a] : to->lines.items[b]);
		a += order <= 0 ? 1 : 0;
		b += order >= 0 ? 1 : 0;
	}
	differs = json_array_size(gone) != 0 || json_array_size(added) != 0;
	if (settings->json) {
		print_json(from, to, gone, added);
	} else {
		json_decref(gone);
		json_decref(added);
	}
	return differs ? GB_EXIT_FINDINGS : GB_EXIT_OK;
}

/* Of one file with two versions: those. */
static int run(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	const struct settings *settings = settings_memory;
	struct side from = {0}, to = {0}, latest = {0};
	const char *second = operands->items[operands->count - 1], *before = settings->from;
	char name[256];
	int status = GB_EXIT_OK;

	if (operands->count == 1 && before == NULL) {
		struct gb_span previous;

		status = side_read(self, &latest, second, settings->to, settings);
		if (status == GB_EXIT_OK) {
			previous = gb_learn_previous(latest.session.view);
			if (previous.n == 0)
				status = gb_complain(self, GB_EXIT_USAGE,
				        "%s has no earlier version; name a second profile", second);
			(void)snprintf(name, sizeof(name), "%.*s", (int)previous.n, (const char *)previous.p);
			before = name;
		}
		side_done(&latest);
	}
	if (status == GB_EXIT_OK)
		status = side_read(self, &from, operands->items[0], before, settings);
	if (status == GB_EXIT_OK)
		status = side_read(self, &to, second, settings->to, settings);
	if (status == GB_EXIT_OK)
		status = compare(settings, &from, &to);
	side_done(&from);
	side_done(&to);
	return status;
}

const struct gb_command gb_cmd_profile_diff = {
        .name = "profile diff",
        .summary = "show what one profile or version does and another does not",
        .operands = "PROFILE [PROFILE]",
        .notes = "Lines are entries of the allowlists that would be made of them. Exit status 1 when they differ.\n",
        .operands_min = 1,
        .operands_max = 2,
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};
