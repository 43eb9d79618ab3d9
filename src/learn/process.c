/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/activity.h"
#include "learn/process.h"

#include "activity/shell.h"
#include "base/text.h"
#include "policy/command.h"

#include <errno.h>

static int part_add(struct gb_processes *learner, struct gb_invocation *invocation, struct gb_part part)
{
	if (gb_arena_grow(learner->arena, &invocation->parts, invocation->count, &invocation->cap,
	            sizeof(*invocation->parts)) < 0)
		return -ENOMEM;
	invocation->parts[invocation->count++] = part;
	return 0;
}

/* Words of a command that are not the program to run, and the insides of quotes, may vary. An option may not: it is
 * part of what is done. */
static bool varies_in_shell(const struct gb_shell_token *token, struct gb_span text)
{
	if ((token->flags & GB_SHELL_COMMAND_WORD) != 0)
		return false;
	if (token->kind == GB_SHELL_QUOTED)
		return true;
	return token->kind == GB_SHELL_TEXT && text.p[0] != '-';
}

static int cut_shell(struct gb_processes *learner, struct gb_invocation *invocation, struct gb_span text)
{
	struct gb_shell_lexer lexer;
	struct gb_shell_token token;
	int r = 0;

	gb_shell_start(&lexer, text);
	while (r == 0 && gb_shell_next(&lexer, &token)) {
		struct gb_part part = {.text = gb_span_sub(text, token.offset, token.length), .is_shell = true};

		part.is_place = varies_in_shell(&token, part.text);
		part.freedom = part.is_place ? GB_LEARN_TYPED : GB_LEARN_FIXED;
		part.ends_argument = token.offset + token.length == text.n;
		/* Fixed text that goes on is one part; so is a word in pieces. */
		if (invocation->count != 0 && invocation->parts[invocation->count - 1].is_shell &&
		        !invocation->parts[invocation->count - 1].ends_argument &&
		        invocation->parts[invocation->count - 1].is_place == part.is_place) {
			struct gb_part *last = &invocation->parts[invocation->count - 1];

			last->text.n += part.text.n;
			last->ends_argument = part.ends_argument;
			continue;
		}
		r = part_add(learner, invocation, part);
	}
	return r;
}

/* "--out=/tmp/x": the option is fixed, its value a place of the same argument. */
static int cut_argument(struct gb_processes *learner, struct gb_invocation *invocation, struct gb_span text)
{
	struct gb_part part = {.text = text, .ends_argument = true};
	size_t equals = gb_span_find_byte(text, '=', 0);
	int r;

	if (text.n != 0 && text.p[0] == '-' && !gb_policy_hole_fits(GB_BLOB_CHUNK_NUMBER, GB_HOLE_IN_ARGUMENT, text)) {
		if (equals == SIZE_MAX || equals + 1 == text.n)
			return part_add(learner, invocation, part);
		part.text = gb_span_sub(text, 0, equals + 1);
		part.ends_argument = false;
		r = part_add(learner, invocation, part);
		if (r < 0)
			return r;
		part = (struct gb_part){.text = gb_span_sub(text, equals + 1, SIZE_MAX), .ends_argument = true};
		part.freedom = GB_LEARN_TYPED;
	} else {
		part.freedom = GB_LEARN_FREE;
	}
	part.is_place = true;
	return part_add(learner, invocation, part);
}

/* The program text of ITEM, judged as the policy will judge it. */
static int command_of(
        struct gb_processes *learner, const struct gb_profile_item *item, struct gb_command_text *ret_command)
{
	struct gb_activity activity;
	int r = gb_learn_activity(learner->arena, item, &activity);

	if (r == 0)
		*ret_command = gb_policy_command(&activity);
	return r;
}

int gb_learn_cut(struct gb_processes *learner, const struct gb_profile_item *item, struct gb_invocation *ret_invocation)
{
	struct gb_invocation invocation = {.executable = item->subject};
	struct gb_command_text command;
	int r = command_of(learner, item, &command);

	if (item->argument_count != 0)
		invocation.name = gb_span_basename(item->arguments[0]);
	for (size_t i = 1; i < item->argument_count && r == 0; i++) {
		struct gb_part fixed = {.text = item->arguments[i], .ends_argument = true};
		bool is_text = command.language != GB_COMMAND_NONE && command.index == i;

		/* Only where the text is all of the argument; else ("-cTEXT", "--eval=TEXT") it stays as it is. */
		if (is_text && command.language == GB_COMMAND_SHELL &&
		        gb_span_equal(command.text, item->arguments[i]) && command.text.n != 0)
			r = cut_shell(learner, &invocation, item->arguments[i]);
		else if (is_text)
			r = part_add(learner, &invocation, fixed);
		else
			r = cut_argument(learner, &invocation, item->arguments[i]);
	}
	*ret_invocation = invocation;
	return r;
}

int gb_learn_key(struct gb_processes *learner, struct gb_invocation *invocation)
{
	size_t n = invocation->executable.n + invocation->name.n + 2;
	struct gb_text key;
	char *bytes;

	for (size_t i = 0; i < invocation->count; i++)
		n += invocation->parts[i].text.n + 2;
	bytes = gb_arena_take(learner->arena, n);
	if (bytes == NULL)
		return -ENOMEM;
	key = gb_text_on(bytes, n);
	gb_text_add(&key, invocation->executable);
	gb_text_add_byte(&key, '\0');
	gb_text_add(&key, invocation->name);
	gb_text_add_byte(&key, '\0');
	for (size_t i = 0; i < invocation->count; i++) {
		const struct gb_part *part = &invocation->parts[i];

		gb_text_add_byte(
		        &key, (unsigned char)(part->is_place | part->is_shell << 1 | part->ends_argument << 2));
		gb_text_add(&key, part->is_place ? GB_SPAN_EMPTY : part->text);
		gb_text_add_byte(&key, '\0');
	}
	invocation->key = gb_text_span(&key);
	return 0;
}
