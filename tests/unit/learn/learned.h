/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a function's log, and what is learned of them; to be included once. */
#ifndef GB_TESTS_LEARN_LEARNED_H
#define GB_TESTS_LEARN_LEARNED_H

#include "learn/learn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../lib/policy.h"

#define OBSERVED(request, items)                                                                                       \
	"{\"gambeson\":1,\"kind\":\"observations\",\"seq\":1,\"request\":\"" request                                   \
	"\",\"phase\":\"invoke\",\"items\":[" items "]}\n"
#define ITEM(kind, subject) "{\"kind\":\"" kind "\",\"subject\":\"" subject "\"}"
#define READ(subject)       ITEM("file_read", subject)
#define SEEN(sandbox, request, at, more, subject)                                                                      \
	"{\"gambeson\":1,\"kind\":\"observations\",\"sandbox\":\"" sandbox "\",\"request\":\"" request                 \
	"\",\"invocations\":" at more ",\"items\":[" READ(subject) "]}\n"

struct profile {
	struct gb_profile *memory;
	struct gb_learn_view *view;
	struct gb_boundaries *boundaries;
	struct gb_policyc_document *document;
	struct gb_profile_reading reading;
	char *text;
};

/* What LOG teaches, with the usual settings. */
static struct profile learned(const char *log)
{
	struct gb_learn_settings settings = gb_learn_settings_usual();
	struct profile profile = {.memory = gb_profile_new(), .boundaries = gb_boundaries_new()};

	assert_non_null(profile.memory);
	assert_non_null(profile.boundaries);
	settings.boundaries = profile.boundaries;
	assert_int_equal(gb_profile_add_log(profile.memory, gb_span_cstr(log), &profile.reading), 0);
	assert_int_equal(gb_learn_view_new(profile.memory, &settings, &profile.view, NULL), 0);
	assert_int_equal(gb_learn_allowlist(profile.view, &profile.document), 0);
	profile.text = printed(profile.document);
	return profile;
}

static void profile_done(struct profile *profile)
{
	gb_policyc_document_free(profile->document);
	gb_learn_view_free(profile->view);
	gb_profile_free(profile->memory);
	gb_boundaries_free(profile->boundaries);
	free(profile->text);
}

#endif
