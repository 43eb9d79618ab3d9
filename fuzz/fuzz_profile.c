/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles and logs, from anybody. What is refused has a message; what is taken prints to a file that is read back to the
 * same file; merging it with itself changes nothing; looking at it, generalising and deciding end.
 */
#include "learn/learn.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char *text_of(const struct gb_profile *profile, size_t *ret_n)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_n);

	if (out == NULL || gb_profile_print(profile, out) < 0 || fclose(out) != 0)
		abort();
	return text;
}

static void check_file(struct gb_profile *profile)
{
	struct gb_profile *back = NULL;
	struct gb_diag diag = {0};
	size_t n, again_n;
	char *text = text_of(profile, &n), *again;

	if (gb_profile_parse(gb_span_of(text, n), &back, &diag) < 0 || gb_profile_merge(back, profile, &diag) < 0 ||
	        gb_profile_merge(back, back, &diag) < 0)
		abort();
	again = text_of(back, &again_n);
	if (n != again_n || memcmp(text, again, n) != 0)
		abort();
	free(text);
	free(again);
	gb_profile_free(back);
}

static void check_view(const struct gb_profile *profile)
{
	struct gb_learn_settings settings = gb_learn_settings_usual();
	struct gb_boundaries *boundaries = gb_boundaries_new();
	struct gb_policyc_document *document = NULL;
	struct gb_policyc_strings lines;
	struct gb_learn_decision decision;
	struct gb_learn_view *view = NULL;
	struct gb_diag diag = {0};

	settings.boundaries = boundaries;
	if (gb_learn_view_new(profile, &settings, &view, &diag) == 0) {
		if (gb_learn_decide(view, &decision) < 0 || gb_learn_allowlist(view, &document) < 0 ||
		        gb_learn_list(document, &lines) < 0)
			abort();
		if (!(decision.bound >= 0 && decision.bound <= 1) || decision.percent > 100)
			abort();
	} else if (diag.message[0] == '\0') {
		abort();
	}
	gb_policyc_document_free(document);
	gb_learn_view_free(view);
	gb_boundaries_free(boundaries);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct gb_profile *profile = NULL;
	struct gb_profile_reading reading = {0};
	struct gb_diag diag = {0};

	if (gb_profile_is_profile(gb_span_of(data, n))) {
		if (gb_profile_parse(gb_span_of(data, n), &profile, &diag) < 0) {
			if (diag.message[0] == '\0')
				abort();
			return 0;
		}
	} else {
		profile = gb_profile_new();
		if (profile == NULL || gb_profile_add_log(profile, gb_span_of(data, n), &reading) < 0)
			abort();
	}
	check_file(profile);
	check_view(profile);
	gb_profile_free(profile);
	return 0;
}
