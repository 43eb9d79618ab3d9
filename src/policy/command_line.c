/* SPDX-License-Identifier: Apache-2.0 */
/* Processes by whole command lines (`commands` of a policy document). */
#include "policy/command.h"
#include "policy/expression.h"
#include "policy/guards.h"
#include "policy/list.h"

/* The one text of `sh -c TEXT`, with nothing else on the command line: what else a shell can be told there would change
 * what TEXT means. */
static bool shell_text(const struct gb_activity *activity, struct gb_span *ret_text)
{
	struct gb_command_text command = gb_policy_command(activity);
	struct gb_span arguments = activity->arguments;
	size_t first = gb_span_find_byte(arguments, '\0', 0);

	if (command.language != GB_COMMAND_SHELL || command.index != 2 || first == SIZE_MAX)
		return false;
	if (!gb_span_starts(gb_span_sub(arguments, first + 1, SIZE_MAX), GB_SPAN("-c\0")))
		return false;
	*ret_text = command.text;
	return command.text.p + command.text.n + 1 == arguments.p + arguments.n;
}

/* One file that is many programs: what runs is what argv[0] says. */
static bool is_many_programs(struct gb_span name)
{
	return gb_span_equal(name, GB_SPAN("busybox")) || gb_span_equal(name, GB_SPAN("toybox")) ||
	       gb_span_equal(name, GB_SPAN("coreutils"));
}

/* A command line names its program by argv[0], which whoever starts it chooses: it must be the file that runs. */
static bool names_the_file(struct gb_span name, struct gb_span path)
{
	struct gb_span base = gb_span_basename(path);

	while (gb_span_starts(name, GB_SPAN("./")))
		name = gb_span_sub(name, 2, SIZE_MAX);
	if (gb_span_find_byte(name, '/', 0) == SIZE_MAX)
		return gb_span_equal(name, base) || is_many_programs(base);
	if (gb_span_find(name, GB_SPAN("../"), 0) != SIZE_MAX)
		return false;
	if (name.p[0] == '/')
		return gb_span_equal(name, path);
	return gb_span_ends(path, name) && path.n > name.n && path.p[path.n - name.n - 1] == '/';
}

/* Whether AUTOMATON takes the arguments with a blank behind each. One with a blank in it would look like two. */
static bool takes_arguments(
        const struct gb_policy *policy, const struct gb_blob_automaton *automaton, struct gb_span arguments)
{
	uint32_t state = GB_AUTOMATON_START;

	if (arguments.n == 0 || arguments.p[arguments.n - 1] != '\0')
		return false;
	for (size_t i = 0; i < arguments.n && state != 0; i++) {
		unsigned char c = arguments.p[i];

		if (gb_ascii_is_space(c))
			return false;
		state = gb_policy_automaton_step(policy, automaton, state, c == '\0' ? ' ' : c);
	}
	return gb_policy_automaton_accepts(policy, automaton, state);
}

static bool program_holds(const struct gb_policy *policy, const struct gb_blob_list *list,
        const struct gb_activity *activity, uint32_t *ret_tag)
{
	struct gb_span name = gb_span_sub(activity->arguments, 0, gb_span_find_byte(activity->arguments, '\0', 0));
	const struct gb_blob_automaton *automaton;
	size_t index = 0;
	uint32_t tag;

	if (name.n == 0 || !names_the_file(name, activity->subject))
		return false;
	while ((automaton = gb_policy_automaton_at(policy, list, GB_BLOB_PLACE_PROGRAMS, &index, &tag)) != NULL) {
		if (!takes_arguments(policy, automaton, activity->arguments))
			continue;
		*ret_tag = tag;
		return true;
	}
	return false;
}

bool gb_policy_command_line_holds(const struct gb_policy *policy, const struct gb_blob_list *list,
        const struct gb_activity *activity, uint32_t *ret_tag)
{
	struct gb_span text;

	/* A shell that came with the function, not one that was dropped under its name. */
	if (shell_text(activity, &text))
		return gb_policy_drift(policy, activity) == GB_R_NONE &&
		       gb_policy_expression_holds(policy, list, GB_BLOB_PLACE_COMMANDS, text, ret_tag);
	return program_holds(policy, list, activity, ret_tag);
}
