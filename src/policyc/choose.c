/* SPDX-License-Identifier: Apache-2.0 */
/* Which documents of a set are for a function: that of the account, the group and the policy that fit it best. */
#include "policyc/choose.h"

#include "policyc/secret.h"

#include <errno.h>
#include <string.h>

struct chooser {
	const struct gb_policyc_set *set;
	int64_t now;
	struct gb_policyc_choice *choice;
	struct gb_diag *diag;
};

static const char *name_of(const struct gb_policyc_layer *layer)
{
	return layer->document->name[0] == '\0' ? "(no name)" : layer->document->name;
}

/* What a document without `match` is for: the function of its name. */
static enum gb_policyc_answer layer_answer(
        const struct chooser *chooser, const struct gb_policyc_layer *layer, const char **ret_field)
{
	const char *name = layer->document->name;
	struct gb_policyc_strings one = {.items = &name, .count = 1};
	struct gb_policyc_scope scope = {.functions = one};

	if (layer->has_match || layer->kind == GB_POLICYC_GROUP)
		return gb_policyc_scope_answer(&layer->document->match, &chooser->choice->function, NULL, ret_field);
	/* Alone, or the set would not have taken it. */
	if (name[0] == '\0')
		return GB_POLICYC_YES;
	return gb_policyc_scope_answer(&scope, &chooser->choice->function, NULL, ret_field);
}

static struct gb_policyc_fit layer_fit(const struct chooser *chooser, const struct gb_policyc_layer *layer)
{
	if (layer->has_match || layer->kind == GB_POLICYC_GROUP)
		return gb_policyc_scope_fit(&layer->document->match, &chooser->choice->function);
	return (struct gb_policyc_fit){.function = strncmp(layer->document->name, "arn:", 4) == 0 ? 3 : 2};
}

static int complain_pair(struct chooser *chooser, const struct gb_policyc_layer *a, const struct gb_policyc_layer *b)
{
	return gb_diag_set(chooser->diag, -EINVAL, 0, 0,
	        "%ss '%.40s' (%.50s:%u) and '%.40s' (%.50s:%u) match the function equally well; make one of them "
	        "say more",
	        gb_policyc_layer_word(a->kind), name_of(a), a->origin.file, a->origin.line, name_of(b), b->origin.file,
	        b->origin.line);
}

/* The layer of KIND that fits best. One whose answer hangs on what was not told is an error where it could be that. */
static int best_layer(struct chooser *chooser, enum gb_policyc_layer_kind kind,
        const struct gb_policyc_layer **ret_best, struct gb_policyc_fit *ret_fit)
{
	const struct gb_policyc_layer *best = NULL, *equal = NULL, *unsure = NULL;
	struct gb_policyc_fit best_fit = {0}, unsure_fit = {0};
	const char *unsure_field = NULL;

	for (size_t i = 0; i < chooser->set->count; i++) {
		const struct gb_policyc_layer *layer = &chooser->set->layers[i];
		const char *field;
		enum gb_policyc_answer answer = GB_POLICYC_NO;
		struct gb_policyc_fit fit;
		int order;

		if (layer->kind == kind)
			answer = layer_answer(chooser, layer, &field);
		if (answer == GB_POLICYC_NO)
			continue;
		fit = layer_fit(chooser, layer);
		if (answer == GB_POLICYC_NOT_TOLD) {
			if (unsure == NULL || gb_policyc_fit_compare(&fit, &unsure_fit) > 0) {
				unsure = layer;
				unsure_fit = fit;
				unsure_field = field;
			}
			continue;
		}
		order = best == NULL ? 1 : gb_policyc_fit_compare(&fit, &best_fit);
		if (order == 0)
			equal = layer;
		if (order <= 0)
			continue;
		best = layer;
		best_fit = fit;
		equal = NULL;
	}
	if (unsure != NULL && (best == NULL || gb_policyc_fit_compare(&unsure_fit, &best_fit) >= 0))
		return gb_diag_set(chooser->diag, -EINVAL, 0, 0,
		        "%.120s:%u: %s '%.60s' asks for the function's %s, which is not told", unsure->origin.file,
		        unsure->origin.line, gb_policyc_layer_word(kind), name_of(unsure), unsure_field);
	if (equal != NULL)
		return complain_pair(chooser, best, equal);
	*ret_best = best;
	*ret_fit = best_fit;
	return 0;
}

static int group_of_key(struct chooser *chooser)
{
	const char *key = chooser->choice->function.group_key, *secret = chooser->choice->function.group_secret;

	for (size_t i = 0; i < chooser->set->count; i++) {
		const struct gb_policyc_layer *layer = &chooser->set->layers[i];

		if (layer->key == NULL || strcmp(layer->key, key) != 0)
			continue;
		if (secret == NULL)
			return gb_diag_set(chooser->diag, -EINVAL, 0, 0,
			        "the key '%.64s' of group '%.60s' was given without its secret", key, name_of(layer));
		switch (gb_policyc_secret_check(layer, secret, chooser->now)) {
		case GB_POLICYC_SECRET_CURRENT:
			chooser->choice->group_why = "the function has its key and secret";
			break;
		case GB_POLICYC_SECRET_PREVIOUS:
			chooser->choice->group_why = "the function has its key and the previous secret, which expires";
			break;
		case GB_POLICYC_SECRET_EXPIRED:
			return gb_diag_set(chooser->diag, -EINVAL, 0, 0,
			        "the secret of group '%.60s' has been replaced, and its time is over", name_of(layer));
		case GB_POLICYC_SECRET_WRONG:
		default:
			return gb_diag_set(chooser->diag, -EINVAL, 0, 0,
			        "this is not the secret of group '%.60s' (key '%.64s')", name_of(layer), key);
		}
		chooser->choice->layers[GB_POLICYC_GROUP] = layer;
		return 0;
	}
	return gb_diag_set(chooser->diag, -EINVAL, 0, 0, "no group has the key '%.64s'", key);
}

/* A person has said which; that there is no document for it takes nothing back. */
static void group_of_word(struct chooser *chooser)
{
	struct gb_policyc_choice *choice = chooser->choice;

	choice->group = choice->function.group;
	choice->group_why = "it was put into this group, for which there is no document";
	for (size_t i = 0; i < chooser->set->count; i++) {
		const struct gb_policyc_layer *layer = &chooser->set->layers[i];

		if (layer->kind != GB_POLICYC_GROUP || strcmp(layer->document->name, choice->group) != 0)
			continue;
		choice->layers[GB_POLICYC_GROUP] = layer;
		choice->group_why = "it was put into this group";
	}
}

static int choose_group(struct chooser *chooser)
{
	struct gb_policyc_choice *choice = chooser->choice;
	struct gb_policyc_fit fit;
	int r = 0;

	if (choice->function.group != NULL) {
		group_of_word(chooser);
		return 0;
	}
	if (choice->function.group_key != NULL) {
		r = group_of_key(chooser);
	} else {
		r = best_layer(chooser, GB_POLICYC_GROUP, &choice->layers[GB_POLICYC_GROUP], &fit);
		if (r == 0 && choice->layers[GB_POLICYC_GROUP] != NULL)
			choice->group_why = gb_policyc_fit_text(&fit);
	}
	if (r == 0 && choice->layers[GB_POLICYC_GROUP] != NULL)
		choice->group = choice->layers[GB_POLICYC_GROUP]->document->name;
	return r;
}

/* Nothing told: the function of the only FunctionPolicy. */
static int name_function(struct chooser *chooser)
{
	const struct gb_policyc_layer *only = NULL;
	const char *name;
	size_t count = 0;

	if (chooser->choice->function.name != NULL || chooser->choice->function.arn != NULL)
		return 0;
	for (size_t i = 0; i < chooser->set->count; i++)
		if (chooser->set->layers[i].kind == GB_POLICYC_FUNCTION) {
			only = &chooser->set->layers[i];
			count++;
		}
	if (count != 1)
		return gb_diag_set(chooser->diag, -EINVAL, 0, 0,
		        "which function? the set has %zu FunctionPolicies, and neither name nor ARN is told", count);
	name = only->document->name;
	if (only->has_match || name[0] == '\0')
		return 0;
	if (strncmp(name, "arn:", 4) == 0)
		chooser->choice->function.arn = name;
	else
		chooser->choice->function.name = name;
	return 0;
}

static int find_layers(struct chooser *chooser)
{
	struct gb_policyc_fit fit;
	int r;

	for (size_t i = 0; i < chooser->set->count; i++)
		if (chooser->set->layers[i].kind == GB_POLICYC_ACCOUNT)
			chooser->choice->layers[GB_POLICYC_ACCOUNT] = &chooser->set->layers[i];
	r = choose_group(chooser);
	if (r == 0)
		r = best_layer(chooser, GB_POLICYC_FUNCTION, &chooser->choice->layers[GB_POLICYC_FUNCTION], &fit);
	if (r < 0)
		return r;
	for (size_t i = 0; i < _GB_POLICYC_LAYER_MAX; i++)
		if (chooser->choice->layers[i] != NULL)
			return 0;
	/* What it is by itself is to be said then, too. */
	if (chooser->choice->function.learned != NULL || chooser->choice->function.posture != NULL ||
	        gb_policyc_has_added(chooser->set, chooser->choice))
		return 0;
	return gb_diag_set(chooser->diag, -ENOENT, 0, 0, "no document of the set is for function '%.64s'%s",
	        chooser->choice->function.name == NULL ? "(no name)" : chooser->choice->function.name,
	        chooser->set->count == 0 ? ": the set is empty" : "");
}

int gb_policyc_choose(struct gb_arena *arena, const struct gb_policyc_set *set,
        const struct gb_policyc_function *function, int64_t now, struct gb_policyc_choice *ret_choice,
        struct gb_diag *diag)
{
	struct chooser chooser = {set, now, ret_choice, diag};
	int r;

	*ret_choice = (struct gb_policyc_choice){.function = *function};
	r = name_function(&chooser);
	if (r == 0)
		r = gb_policyc_function_fill(arena, &ret_choice->function, &ret_choice->function, diag);
	return r < 0 ? r : find_layers(&chooser);
}
