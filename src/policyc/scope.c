/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/scope.h"

#include "base/arena.h"

#include <errno.h>
#include <string.h>

/* TEXT is PATTERN, in which `*` is any text. */
static bool word_matches(const char *pattern, const char *text)
{
	const char *star = NULL, *back = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			back = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star + 1;
			text = ++back;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static bool any_matches(const struct gb_policyc_strings *patterns, const char *text)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (word_matches(patterns->items[i], text))
			return true;
	return false;
}

/* Names are compared with the name, ARNs with the ARN. */
static enum gb_policyc_answer functions_answer(
        const struct gb_policyc_strings *patterns, const struct gb_policyc_function *function)
{
	bool is_told = true;

	for (size_t i = 0; i < patterns->count; i++) {
		const char *text = strncmp(patterns->items[i], "arn:", 4) == 0 ? function->arn : function->name;

		if (text != NULL && word_matches(patterns->items[i], text))
			return GB_POLICYC_YES;
		is_told = is_told && text != NULL;
	}
	return is_told ? GB_POLICYC_NO : GB_POLICYC_NOT_TOLD;
}

static const char *tag_value(const struct gb_policyc_function *function, const char *key)
{
	for (size_t i = 0; i < function->tag_count; i++)
		if (strcmp(function->tags[i].key, key) == 0)
			return function->tags[i].value;
	return NULL;
}

static enum gb_policyc_answer tags_answer(
        const struct gb_policyc_tags *wanted, const struct gb_policyc_function *function)
{
	bool is_told = true;

	for (size_t i = 0; i < wanted->count; i++) {
		const char *value = tag_value(function, wanted->items[i].key);

		if (value == NULL && !function->has_tags)
			is_told = false;
		else if (value == NULL || !word_matches(wanted->items[i].value, value))
			return GB_POLICYC_NO;
	}
	return is_told ? GB_POLICYC_YES : GB_POLICYC_NOT_TOLD;
}

static enum gb_policyc_answer words_answer(const struct gb_policyc_strings *patterns, const char *text)
{
	if (patterns->count == 0)
		return GB_POLICYC_YES;
	if (text == NULL)
		return GB_POLICYC_NOT_TOLD;
	return any_matches(patterns, text) ? GB_POLICYC_YES : GB_POLICYC_NO;
}

enum gb_policyc_answer gb_policyc_scope_answer(const struct gb_policyc_scope *scope,
        const struct gb_policyc_function *function, const char *group, const char **ret_field)
{
	const struct {
		const char *field;
		enum gb_policyc_answer answer;
	} rows[] = {
	        {"groups", scope->groups.count == 0 ? GB_POLICYC_YES
	                                            : words_answer(&scope->groups, group == NULL ? "" : group)},
	        {"functions",
	                scope->functions.count == 0 ? GB_POLICYC_YES : functions_answer(&scope->functions, function)},
	        {"accounts", words_answer(&scope->accounts, function->account)},
	        {"regions", words_answer(&scope->regions, function->region)},
	        {"tags", tags_answer(&scope->tags, function)},
	        {"runtimes", words_answer(&scope->runtimes, function->runtime)},
	        {"versions", words_answer(&scope->versions, function->version)},
	        {"aliases", words_answer(&scope->aliases, function->alias)},
	};
	enum gb_policyc_answer answer = GB_POLICYC_YES;

	*ret_field = NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].answer == GB_POLICYC_YES || (rows[i].answer == answer && answer != GB_POLICYC_YES))
			continue;
		*ret_field = rows[i].field;
		answer = rows[i].answer;
		if (answer == GB_POLICYC_NO)
			break;
	}
	return answer;
}

struct gb_policyc_fit gb_policyc_scope_fit(
        const struct gb_policyc_scope *match, const struct gb_policyc_function *function)
{
	struct gb_policyc_fit fit = {
	        .tag_count = match->tags.count,
	        .other_count = (match->accounts.count != 0) + (match->regions.count != 0) +
	                       (match->runtimes.count != 0) + (match->versions.count != 0) +
	                       (match->aliases.count != 0),
	};

	for (size_t i = 0; i < match->functions.count; i++) {
		const char *pattern = match->functions.items[i];
		bool is_arn = strncmp(pattern, "arn:", 4) == 0;
		const char *text = is_arn ? function->arn : function->name;
		bool is_exact = strchr(pattern, '*') == NULL;
		int rank = !is_exact ? 1 : is_arn ? 3 : 2;
		size_t n = strlen(pattern);

		if (text == NULL || !word_matches(pattern, text))
			continue;
		if (rank > fit.function || (rank == fit.function && n > fit.pattern_n))
			fit.pattern_n = n;
		if (rank > fit.function)
			fit.function = rank;
	}
	return fit;
}

static int compare(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

int gb_policyc_fit_compare(const struct gb_policyc_fit *a, const struct gb_policyc_fit *b)
{
	int order = a->function - b->function;

	if (order == 0 && a->function == 1)
		order = compare(a->pattern_n, b->pattern_n);
	if (order == 0)
		order = compare(a->tag_count, b->tag_count);
	return order != 0 ? order : compare(a->other_count, b->other_count);
}

const char *gb_policyc_fit_text(const struct gb_policyc_fit *fit)
{
	if (fit->function == 3)
		return "its ARN stands there";
	if (fit->function == 2)
		return "its name stands there";
	if (fit->function == 1)
		return "of all patterns, this one for names is the longest that it matches";
	if (fit->tag_count != 0)
		return "no other has more of its tags";
	return fit->other_count != 0 ? "account, region, runtime, version or alias match" : "it is for every function";
}

static bool has_string(const struct gb_policyc_strings *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

static bool strings_equal(const struct gb_policyc_strings *a, const struct gb_policyc_strings *b)
{
	for (size_t i = 0; i < a->count; i++)
		if (!has_string(b, a->items[i]))
			return false;
	for (size_t i = 0; i < b->count; i++)
		if (!has_string(a, b->items[i]))
			return false;
	return true;
}

static bool tags_equal(const struct gb_policyc_tags *a, const struct gb_policyc_tags *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		bool is_found = false;

		for (size_t k = 0; k < b->count && !is_found; k++)
			is_found = strcmp(a->items[i].key, b->items[k].key) == 0 &&
			           strcmp(a->items[i].value, b->items[k].value) == 0;
		if (!is_found)
			return false;
	}
	return true;
}

bool gb_policyc_scope_equal(const struct gb_policyc_scope *a, const struct gb_policyc_scope *b)
{
	return strings_equal(&a->accounts, &b->accounts) && strings_equal(&a->regions, &b->regions) &&
	       strings_equal(&a->groups, &b->groups) && strings_equal(&a->functions, &b->functions) &&
	       strings_equal(&a->runtimes, &b->runtimes) && strings_equal(&a->versions, &b->versions) &&
	       strings_equal(&a->aliases, &b->aliases) && tags_equal(&a->tags, &b->tags);
}
