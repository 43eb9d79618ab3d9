/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/flow.h"

#include "activity/shell.h"
#include "policy/command.h"
#include "wire/input.h"

/* All work on one process start, in compared bytes; a byte that the shell lexer reads counts for LEXED. At about 0.5 ns
 * a unit the bound is some 10 ms, which only an input made for it reaches. */
#define WORK_MAX (16u * 1024u * 1024u)
#define LEXED    8u

#define TRIES_MAX 3

struct search {
	struct gb_command_text command;
	uint64_t bytes_present[4]; /* which bytes the text holds */
	uint64_t work;
	struct gb_verdict worst;
};

static void note_bytes(struct search *search)
{
	for (size_t i = 0; i < search->command.text.n; i++)
		search->bytes_present[search->command.text.p[i] / 64] |= 1ull << (search->command.text.p[i] % 64);
}

/* Most strings of an event hold some byte that the text does not: they need no search. */
static bool may_occur(const struct search *search, struct gb_span value)
{
	if (value.n > search->command.text.n)
		return false;
	for (size_t i = 0; i < value.n; i++)
		if ((search->bytes_present[value.p[i] / 64] >> (value.p[i] % 64) & 1u) == 0)
			return false;
	return true;
}

/* One word of bytes that mean nothing to a shell. */
static bool is_plain(struct gb_span value)
{
	for (size_t i = 0; i < value.n; i++)
		if (!gb_ascii_is_alpha(value.p[i]) && !gb_ascii_is_digit(value.p[i]) &&
		        gb_span_find_byte(GB_SPAN("_-./"), value.p[i], 0) == SIZE_MAX)
			return false;
	return true;
}

static bool is_spent(const struct search *search)
{
	return search->work > WORK_MAX;
}

/* The next place of NEEDLE at or behind FROM; counts its work and gives up when that is spent. */
static size_t find_counted(struct search *search, struct gb_span needle, size_t from)
{
	struct gb_span text = search->command.text;

	for (size_t at = from; at + needle.n <= text.n && !is_spent(search); at++) {
		size_t same = 0;

		while (same < needle.n && text.p[at + same] == needle.p[same])
			same++;
		search->work += same + 1;
		if (same == needle.n)
			return at;
	}
	return SIZE_MAX;
}

/* Reasons stand in their enum the worst first. HARM lies in the command's text, where VALUE begins at (or, with its
 * white space lost, would begin BEFORE bytes ahead of) AT. */
static void note_harm(struct search *search, struct gb_shell_harm harm, size_t at, size_t before)
{
	if (harm.reason == GB_R_NONE || (search->worst.reason != GB_R_NONE && search->worst.reason <= harm.reason))
		return;
	search->worst.control = GB_CONTROL_FLOW;
	search->worst.reason = harm.reason;
	search->worst.input_from = (uint32_t)(harm.from - at + before);
	search->worst.input_length = (uint32_t)harm.length;
	search->worst.subject_from = (uint32_t)at;
}

/* Every place of VALUE in a shell's text: of its trimmed form, taken with the white space around it where that came
 * along (a line feed of the input is an operator). A plain word is also the program's own (`curl`, `/usr/bin/curl`):
 * where it merely stands as a command nothing tells whose it is, unless it is the whole text or came with a line feed. */
static void judge_shell(struct search *search, struct gb_span value)
{
	struct gb_span text = search->command.text, part = gb_span_trim(value);
	size_t before, at = 0;
	bool is_word;

	if (part.n == 0)
		return;
	before = (size_t)(part.p - value.p);
	is_word = is_plain(part) && !gb_span_equal(part, gb_span_trim(text));
	if (is_word && gb_span_find_byte(value, '\n', 0) == SIZE_MAX)
		return;
	while ((at = find_counted(search, part, at)) != SIZE_MAX && !is_spent(search)) {
		bool is_whole = at >= before && gb_span_starts(gb_span_sub(text, at - before, SIZE_MAX), value);
		struct gb_span found = is_whole ? value : part;
		size_t from = is_whole ? at - before : at;

		at++;
		if (is_word && !is_whole)
			continue;
		search->work += text.n * LEXED;
		note_harm(search, gb_shell_flow(text, from, found.n), from, is_whole ? 0 : before);
	}
}

/* Code of another language: only when it is the input wholly is it surely not the program's. */
static void judge_code(struct search *search, struct gb_span value)
{
	struct gb_span part = gb_span_trim(value);

	search->work += part.n;
	if (part.n >= 2 && gb_span_equal(part, gb_span_trim(search->command.text)))
		note_harm(search, (struct gb_shell_harm){GB_R_FLOW_SHELL_COMMAND, 0, part.n}, 0,
		        (size_t)(part.p - value.p));
}

static void judge_value(struct search *search, struct gb_span value)
{
	search->work += value.n < 64 ? value.n : 64;
	if (value.n < 2 || !may_occur(search, gb_span_trim(value)))
		return;
	if (search->command.language == GB_COMMAND_SHELL)
		judge_shell(search, value);
	else
		judge_code(search, value);
}

/* Whether the slot was read whole; what it did to the command is in search->worst. */
static bool judge_slot(struct search *search, const struct gb_input_slot *slot, int32_t index)
{
	for (int tries = 0; tries < TRIES_MAX; tries++) {
		struct gb_verdict before = search->worst;
		struct gb_input_cursor cursor = {0};
		struct gb_input_string string;
		uint32_t sequence;
		bool is_truncated;

		if (!gb_input_open(slot, &sequence)) {
			/* Being written: the event is not handed out yet. Not active: nothing there. */
			return true;
		}
		is_truncated = slot->is_truncated != 0;
		while (search->worst.reason != GB_R_FLOW_SHELL_COMMAND && !is_spent(search) &&
		        gb_input_next(slot, &cursor, &string)) {
			enum gb_reason reason = search->worst.reason;

			judge_value(search, string.value);
			if (search->worst.reason != reason) {
				search->worst.input_slot = index;
				search->worst.input_entry = cursor.index - 1;
			}
		}
		if (gb_input_unchanged(slot, sequence))
			return !is_truncated;
		search->worst = before;
	}
	return false;
}

struct gb_verdict gb_policy_flow(const struct gb_input_slot *inputs, const struct gb_activity *activity)
{
	struct search search = {.command = gb_policy_command(activity), .worst = gb_verdict_allow()};
	bool is_whole = true;

	if (search.command.language == GB_COMMAND_NONE || search.command.text.n == 0)
		return search.worst;
	note_bytes(&search);
	for (int32_t i = 0; i < (int32_t)GB_SEGMENT_INPUT_SLOTS && !is_spent(&search); i++) {
		is_whole = judge_slot(&search, &inputs[i], i) && is_whole;
		if (search.worst.reason == GB_R_FLOW_SHELL_COMMAND)
			return search.worst;
	}
	if (search.worst.reason == GB_R_NONE && (!is_whole || is_spent(&search))) {
		search.worst.control = GB_CONTROL_FLOW;
		search.worst.reason = GB_R_FLOW_LIMIT;
	}
	return search.worst;
}
