/* SPDX-License-Identifier: Apache-2.0 */
/* What all messages for people say, and names that several formats need. */
#include "tell/draft.h"

#include <string.h>

#define LINK_MAX    2000u
#define ADDRESS_MAX 254u

static bool all_of(struct gb_span s, const char *more)
{
	for (size_t i = 0; i < s.n; i++)
		if (!gb_ascii_is_digit(s.p[i]) && !gb_ascii_is_alpha(s.p[i]) &&
		        (s.p[i] == '\0' || strchr(more, s.p[i]) == NULL))
			return false;
	return s.n > 0;
}

bool gb_draft_is_key(struct gb_span key)
{
	return key.n <= 64 && all_of(key, "-");
}

struct gb_span gb_tell_function_arn(struct gb_arena *arena, const struct gb_tell_function *function)
{
	const char *partition = gb_span_starts(function->region, GB_SPAN("cn-"))       ? "aws-cn"
	                        : gb_span_starts(function->region, GB_SPAN("us-gov-")) ? "aws-us-gov"
	                                                                               : "aws";
	char *room = gb_arena_take(arena, 256);
	struct gb_text text = gb_text_on(room, 256);
	uint64_t number;

	if (!room || function->account.n != 12 || !gb_span_to_u64(function->account, &number) ||
	        !all_of(function->region, "-") || !all_of(function->name, "-_"))
		return GB_SPAN_EMPTY;
	gb_text_add_cstr(&text, "arn:");
	gb_text_add_cstr(&text, partition);
	gb_text_add_cstr(&text, ":lambda:");
	gb_text_add(&text, function->region);
	gb_text_add_byte(&text, ':');
	gb_text_add(&text, function->account);
	gb_text_add_cstr(&text, ":function:");
	gb_text_add(&text, function->name);
	return text.truncated ? GB_SPAN_EMPTY : gb_text_span(&text);
}

static bool is_dot_atom(struct gb_span s, const char *more)
{
	return all_of(s, more) && s.p[0] != '.' && s.p[s.n - 1] != '.' && gb_span_find(s, GB_SPAN(".."), 0) == SIZE_MAX;
}

bool gb_tell_address_check(struct gb_span address)
{
	size_t at = gb_span_find_last_byte(address, '@');
	struct gb_span local, domain;

	if (at == SIZE_MAX || address.n > ADDRESS_MAX || address.p[0] == '-')
		return false;
	local = gb_span_sub(address, 0, at);
	domain = gb_span_sub(address, at + 1, SIZE_MAX);
	return local.n <= 64 && is_dot_atom(local, ".!#$%&'*+-/=?^_`{|}~") && is_dot_atom(domain, ".-") &&
	       domain.p[0] != '-';
}

struct gb_span gb_draft_link(struct gb_draft *draft, const struct gb_tell_notice *notice)
{
	struct gb_span portal = draft->target->portal;
	char *room = gb_arena_take(draft->arena, LINK_MAX);
	struct gb_text text = gb_text_on(room, LINK_MAX);

	if (!room) {
		draft->is_short = true;
		return GB_SPAN_EMPTY;
	}
	if (portal.n == 0 || notice->id.n > 64 || !all_of(notice->id, "-_"))
		return GB_SPAN_EMPTY;
	gb_text_add(&text, portal.p[portal.n - 1] == '/' ? gb_span_sub(portal, 0, portal.n - 1) : portal);
	gb_text_add(&text, GB_SPAN("/events/"));
	gb_text_add(&text, notice->id);
	return text.truncated ? GB_SPAN_EMPTY : gb_text_span(&text);
}

struct gb_span gb_draft_title(struct gb_draft *draft, const struct gb_tell_notice *notice, size_t maximum)
{
	char *room = gb_arena_take(draft->arena, 1024);
	struct gb_text text = gb_text_on(room, 1024);

	if (!room) {
		draft->is_short = true;
		return GB_SPAN("event");
	}
	gb_text_add(&text, gb_draft_show(draft, notice->type, 100));
	if (gb_span_equal(notice->action, GB_SPAN("blocked")))
		gb_text_add(&text, GB_SPAN(" blocked"));
	if (notice->function.name.n > 0) {
		gb_text_add(&text, GB_SPAN(" in "));
		gb_text_add(&text, gb_draft_show(draft, notice->function.name, 140));
	}
	if (notice->count > 1) {
		gb_text_add(&text, GB_SPAN(" ("));
		gb_text_add_u64(&text, notice->count);
		gb_text_add(&text, GB_SPAN(" alike)"));
	}
	return gb_tell_show(draft->arena, gb_text_span(&text), maximum);
}

struct gb_span gb_draft_evidence(struct gb_draft *draft, const struct gb_tell_notice *notice, size_t maximum)
{
	struct gb_span from = notice->input_value;

	if (from.n == 0)
		from = notice->object.n ? notice->object : notice->subject;
	return from.n ? gb_draft_show(draft, from, maximum) : GB_SPAN_EMPTY;
}

struct list {
	struct gb_draft *draft;
	struct gb_draft_fact *facts;
	size_t count, maximum;
};

static void add(struct list *list, const char *label, struct gb_span value)
{
	if (value.n == 0 || list->count == GB_DRAFT_FACTS_MAX)
		return;
	list->facts[list->count++] = (struct gb_draft_fact){label, gb_draft_show(list->draft, value, list->maximum)};
}

static void add_time(struct list *list, const char *label, int64_t time_ms)
{
	char room[32];
	struct gb_text text = gb_text_on(room, sizeof(room));

	gb_tell_add_time(&text, time_ms);
	add(list, label, gb_text_span(&text));
}

size_t gb_draft_facts(struct gb_draft *draft, const struct gb_tell_notice *notice, size_t maximum,
        struct gb_draft_fact ret_facts[GB_DRAFT_FACTS_MAX])
{
	struct list list = {.draft = draft, .facts = ret_facts, .maximum = maximum};
	char digits[24];
	struct gb_text number = gb_text_on(digits, sizeof(digits));

	add(&list, "Severity", gb_span_cstr(gb_tell_severity_name(notice->severity)));
	add(&list, "Action", notice->action);
	add(&list, "Function", notice->function.name);
	add(&list, "Account", notice->function.account);
	add(&list, "Region", notice->function.region);
	add(&list, "Client", notice->source_ip);
	add(&list, "Where", notice->input_path);
	add(&list, "Activity", notice->activity);
	add(&list, "Subject", notice->subject);
	add(&list, "Reason", notice->reason);
	add(&list, "Request", notice->request);
	if (notice->count > 1) {
		gb_text_add_u64(&number, notice->count);
		add(&list, "Alike", gb_text_span(&number));
		add_time(&list, "First", notice->first_ms);
		add_time(&list, "Last", notice->last_ms);
	} else {
		add_time(&list, "Time", notice->time_ms);
	}
	add(&list, "Event", notice->id);
	return list.count;
}
