/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/event.h"

#include "base/base64.h"
#include "wire/event_time.h"
#include "wire/json.h"

/* Escaped bytes that one member may take, so that their sum and the fixed words stay below GB_EVENT_LINE_MAX. */
#define REQUEST_BUDGET   100u
#define MESSAGE_BUDGET   600u
#define VALUE_BUDGET     1024u
#define PATH_BUDGET      300u
#define ARGUMENTS_BUDGET 600u
#define NAME_BUDGET      200u
#define AMONG_BUDGET     42u
#define AMONG_LINE_MAX   (GB_EVENT_AMONG_MAX * (AMONG_BUDGET + 3u) + 32u) /* with what must follow */
#define RULE_LINE_MAX    (2 * NAME_BUDGET + 64u)                          /* with what must follow */
#define PROCESS_PATH     120u
#define PROCESS_WORDS    160u
#define PROCESS_LINE_MAX (PROCESS_PATH + PROCESS_WORDS + 100u) /* with what must follow */
#define VALUE_BEFORE     256u /* bytes of the value shown before the convicting ones when it must be cut */

static void add_fitting(struct gb_text *text, struct gb_span s, size_t budget)
{
	gb_json_add_string(text, gb_json_fit(s, budget));
}

static void member_span(struct gb_text *text, const char *name, struct gb_span s, size_t budget)
{
	gb_text_add_byte(text, ',');
	gb_json_add_string(text, gb_span_cstr(name));
	gb_text_add_byte(text, ':');
	add_fitting(text, s, budget);
}

static void member_word(struct gb_text *text, const char *name, const char *word)
{
	member_span(text, name, gb_span_cstr(word), NAME_BUDGET);
}

static void member_number(struct gb_text *text, const char *name, uint64_t value)
{
	gb_text_add_byte(text, ',');
	gb_json_add_string(text, gb_span_cstr(name));
	gb_text_add_byte(text, ':');
	gb_text_add_u64(text, value);
}

static void member_truth(struct gb_text *text, const char *name, bool value)
{
	gb_text_add_byte(text, ',');
	gb_json_add_string(text, gb_span_cstr(name));
	gb_text_add_cstr(text, value ? ":true" : ":false");
}

static void member_base64(struct gb_text *text, const char *name, struct gb_span s)
{
	gb_text_add_byte(text, ',');
	gb_json_add_string(text, gb_span_cstr(name));
	gb_text_add_cstr(text, ":\"");
	gb_base64_add_url(text, s);
	gb_text_add_byte(text, '"');
}

static void begin(struct gb_text *text, const char *kind, const struct gb_event_head *head)
{
	gb_text_add_cstr(text, "{\"gambeson\":1");
	member_word(text, "kind", kind);
	member_number(text, "seq", head->seq);
	gb_event_add_time(text, head->time_ms);
	if (head->request.n != 0)
		member_span(text, "request", head->request, REQUEST_BUDGET);
	if (head->sandbox.n != 0)
		member_span(text, "sandbox", head->sandbox, REQUEST_BUDGET);
}

static void end(struct gb_text *text)
{
	gb_text_add_cstr(text, "}\n");
}

void gb_event_write_start(struct gb_text *text, const struct gb_event_head *head, const struct gb_event_start *start)
{
	begin(text, "start", head);
	member_word(text, "version", start->version);
	member_word(text, "mode", start->mode);
	member_word(text, "stance", start->stance);
	member_truth(text, "observe", start->observe);
	gb_text_add_cstr(text, ",\"policy\":{\"state\":");
	gb_json_add_string(text, gb_span_cstr(start->policy_state));
	if (start->policy_name.n != 0)
		member_span(text, "name", start->policy_name, NAME_BUDGET);
	if (start->policy_name.n != 0 || start->policy_serial != 0)
		member_number(text, "serial", start->policy_serial);
	gb_text_add_cstr(text, "},\"tiers\":{\"firewall\":");
	gb_text_add_cstr(text, start->has_firewall ? "true" : "false");
	member_truth(text, "sensor", start->has_sensor);
	member_truth(text, "input_sealed", start->is_input_sealed);
	gb_text_add_byte(text, '}');
	member_span(text, "runtime", start->runtime, PATH_BUDGET);
	if (start->function.n != 0)
		member_span(text, "function", start->function, NAME_BUDGET);
	if (start->function_version.n != 0)
		member_span(text, "function_version", start->function_version, NAME_BUDGET);
	if (start->code.n != 0)
		member_span(text, "code", start->code, NAME_BUDGET);
	if (start->key.n != 0)
		member_base64(text, "key", start->key);
	end(text);
}

void gb_event_write_seal(struct gb_text *text, const struct gb_event_head *head, const struct gb_event_seal *seal)
{
	begin(text, "seal", head);
	member_number(text, "first", seal->first);
	member_number(text, "last", seal->last);
	member_base64(text, "hashes", seal->hashes);
	member_base64(text, "signature", gb_span_of(seal->signature, sizeof(seal->signature)));
	end(text);
}

static size_t back_to_character(struct gb_span s, size_t at)
{
	while (at > 0 && at < s.n && (s.p[at] & 0xc0u) == 0x80u)
		at--;
	return at;
}

static void add_input(struct gb_text *text, const struct gb_event_input *input)
{
	size_t from = input->from < input->value.n ? input->from : input->value.n;
	size_t length = input->length < input->value.n - from ? input->length : input->value.n - from;
	struct gb_span shown = gb_json_fit(input->value, VALUE_BUDGET);
	size_t start = 0, shown_from, shown_end;

	if (shown.n < input->value.n && from > VALUE_BEFORE) {
		start = back_to_character(input->value, from - VALUE_BEFORE);
		/* If escapes use the budget up before the evidence, begin with the evidence itself. */
		shown = gb_json_fit(gb_span_sub(input->value, start, SIZE_MAX), VALUE_BUDGET);
		if (shown.n <= from - start) {
			start = from;
			shown = gb_json_fit(gb_span_sub(input->value, start, SIZE_MAX), VALUE_BUDGET);
		}
	}
	shown_from = gb_json_shown_bytes(gb_span_sub(shown, 0, from - start));
	shown_end = gb_json_shown_bytes(gb_span_sub(shown, 0, from - start + length));
	gb_text_add_cstr(text, ",\"input\":{\"path\":");
	add_fitting(text, input->path, PATH_BUDGET);
	member_word(text, "origin", input->origin);
	gb_text_add_cstr(text, ",\"value\":");
	gb_json_add_string(text, shown);
	member_number(text, "from", shown_from);
	member_number(text, "length", shown_end - shown_from);
	if (shown.n < input->value.n)
		member_truth(text, "cut", true);
	if (input->is_masked)
		member_truth(text, "masked", true);
	gb_text_add_byte(text, '}');
}

static void add_rule(struct gb_text *text, const struct gb_event_rule *rule)
{
	gb_text_add_cstr(text, ",\"rule\":{\"name\":");
	add_fitting(text, rule->name, NAME_BUDGET);
	if (rule->reason.n != 0)
		member_span(text, "reason", rule->reason, NAME_BUDGET);
	gb_text_add_byte(text, '}');
}

static void add_source(struct gb_text *text, const struct gb_event_source *source, uint64_t time_ms)
{
	uint64_t today = time_ms / 86400000u;

	gb_text_add_cstr(text, ",\"source\":{\"list\":");
	add_fitting(text, source->list, NAME_BUDGET);
	if (source->category.n != 0)
		member_span(text, "category", source->category, NAME_BUDGET);
	if (source->day != 0) {
		gb_text_add_cstr(text, ",\"date\":\"");
		gb_event_add_date(text, source->day);
		gb_text_add_byte(text, '"');
		member_number(text, "age_days", today > source->day ? today - source->day : 0);
	}
	gb_text_add_byte(text, '}');
}

/* Whether all of them are in the line. */
static bool add_arguments(struct gb_text *text, struct gb_span arguments, size_t budget)
{
	size_t count = 0;
	bool is_whole = true;

	gb_text_add_cstr(text, ",\"arguments\":[");
	while (arguments.n > 0 && budget > 8) {
		size_t end_at = gb_span_find_byte(arguments, '\0', 0);
		struct gb_span one = gb_span_sub(arguments, 0, end_at == SIZE_MAX ? arguments.n : end_at);
		size_t before = text->n, used;

		if (count++ > 0)
			gb_text_add_byte(text, ',');
		add_fitting(text, one, budget - 3);
		is_whole = is_whole && gb_json_fit(one, budget - 3).n == one.n;
		used = text->n - before;
		budget = used < budget ? budget - used : 0;
		arguments = gb_span_sub(arguments, end_at == SIZE_MAX ? arguments.n : end_at + 1, SIZE_MAX);
	}
	gb_text_add_byte(text, ']');
	return is_whole && arguments.n == 0;
}

static bool is_fitting(struct gb_span s)
{
	return gb_json_fit(s, PATH_BUDGET).n == s.n;
}

/* N is left out when it is 0 or 1. */
static void add_activity(struct gb_text *text, const struct gb_event_activity *activity, uint32_t n)
{
	bool is_whole = !activity->is_cut && is_fitting(activity->subject) && is_fitting(activity->object);

	gb_text_add_cstr(text, "{\"kind\":");
	gb_json_add_string(text, gb_span_cstr(activity->kind));
	member_span(text, "subject", activity->subject, PATH_BUDGET);
	if (activity->object.n != 0)
		member_span(text, "object", activity->object, PATH_BUDGET);
	if (activity->arguments.n != 0)
		is_whole = add_arguments(text, activity->arguments, ARGUMENTS_BUDGET) && is_whole;
	if (!is_whole)
		member_truth(text, "cut", true);
	if (activity->pid != 0)
		member_number(text, "pid", activity->pid);
	if (n > 1)
		member_number(text, "n", n);
	if (activity->is_alike)
		member_truth(text, "alike", true);
	gb_text_add_byte(text, '}');
}

static void add_among(struct gb_text *text, const struct gb_span *among, size_t count)
{
	gb_text_add_cstr(text, ",\"among\":[");
	for (size_t i = 0; i < count && i < GB_EVENT_AMONG_MAX; i++) {
		if (i > 0)
			gb_text_add_byte(text, ',');
		add_fitting(text, among[i], AMONG_BUDGET);
	}
	gb_text_add_byte(text, ']');
}

static void add_process(struct gb_text *text, const struct gb_event_process *process)
{
	bool is_whole = !process->is_cut && gb_json_fit(process->path, PROCESS_PATH).n == process->path.n;

	gb_text_add_cstr(text, "{\"pid\":");
	gb_text_add_u64(text, process->pid);
	if (process->path.n != 0)
		member_span(text, "path", process->path, PROCESS_PATH);
	if (process->arguments.n != 0)
		is_whole = add_arguments(text, process->arguments, PROCESS_WORDS) && is_whole;
	if (!is_whole)
		member_truth(text, "cut", true);
	gb_text_add_byte(text, '}');
}

static void add_processes(struct gb_text *text, const struct gb_event_process *processes, size_t count)
{
	gb_text_add_cstr(text, ",\"processes\":[");
	for (size_t i = 0; i < count && i < GB_EVENT_PROCESSES_MAX; i++) {
		if (text->cap - text->n <= PROCESS_LINE_MAX)
			break;
		if (i > 0)
			gb_text_add_byte(text, ',');
		add_process(text, &processes[i]);
	}
	gb_text_add_byte(text, ']');
}

void gb_event_write_finding(
        struct gb_text *text, const struct gb_event_head *head, const struct gb_event_finding *finding)
{
	begin(text, "finding", head);
	member_span(text, "id", gb_span_of(finding->id, sizeof(finding->id)), sizeof(finding->id));
	member_word(text, "type", finding->type);
	member_word(text, "class", finding->attack_class);
	member_word(text, "control", finding->control);
	member_word(text, "action", finding->action);
	member_word(text, "mode", finding->mode);
	member_word(text, "severity", finding->severity);
	member_word(text, "reason", finding->reason);
	if (finding->confidence != NULL)
		member_word(text, "confidence", finding->confidence);
	if (finding->is_cited)
		gb_text_add_cstr(text, ",\"cited\":true");
	member_span(text, "message", finding->message, MESSAGE_BUDGET);
	if (finding->source.is_present)
		add_source(text, &finding->source, head->time_ms);
	if (finding->input.is_present)
		add_input(text, &finding->input);
	if (finding->activity.is_present) {
		gb_text_add_cstr(text, ",\"activity\":");
		add_activity(text, &finding->activity, 0);
	}
	gb_text_add_cstr(text, ",\"attack\":[");
	if (finding->attack != NULL && finding->attack[0] != '\0')
		gb_json_add_string(text, gb_span_cstr(finding->attack));
	gb_text_add_byte(text, ']');
	if (finding->cwe != 0)
		member_number(text, "cwe", finding->cwe);
	if (finding->source_ip.n != 0)
		member_span(text, "source_ip", finding->source_ip, REQUEST_BUDGET);
	/* What a rule decided has no input: a line without room is none of those. */
	if (finding->rule.name.n + finding->rule.reason.n != 0 && text->cap - text->n > RULE_LINE_MAX)
		add_rule(text, &finding->rule);
	if (finding->among_count != 0 && text->cap - text->n > AMONG_LINE_MAX)
		add_among(text, finding->among, finding->among_count);
	if (finding->process_count != 0 && text->cap - text->n > PROCESS_LINE_MAX)
		add_processes(text, finding->processes, finding->process_count);
	end(text);
}

void gb_event_write_notice(struct gb_text *text, const struct gb_event_head *head, const char *severity,
        const char *reason, struct gb_span message)
{
	begin(text, "notice", head);
	member_word(text, "severity", severity);
	member_word(text, "reason", reason);
	if (head->invocations != 0)
		member_number(text, "invocations", head->invocations);
	member_span(text, "message", message, MESSAGE_BUDGET);
	end(text);
}

void gb_event_write_progress(struct gb_text *text, const struct gb_event_head *head, uint64_t invocations,
        const struct gb_event_shape_count *shapes, size_t shape_count)
{
	bool is_first = true;

	begin(text, "progress", head);
	member_number(text, "invocations", invocations);
	gb_text_add_cstr(text, ",\"shapes\":{");
	for (size_t i = 0; i < shape_count; i++) {
		if (shapes[i].count == 0)
			continue;
		if (!is_first)
			gb_text_add_byte(text, ',');
		is_first = false;
		gb_json_add_string(text, gb_span_cstr(shapes[i].shape));
		gb_text_add_byte(text, ':');
		gb_text_add_u64(text, shapes[i].count);
	}
	gb_text_add_byte(text, '}');
	end(text);
}

/* The end of the line must always fit behind the items. */
#define OBSERVATIONS_TAIL GB_SPAN("]}\n")

void gb_event_observations_begin(
        struct gb_text *text, const struct gb_event_head *head, const struct gb_event_scene *scene)
{
	begin(text, "observations", head);
	member_word(text, "phase", scene->is_init ? "init" : "invoke");
	member_number(text, "invocations", scene->invocations);
	if (scene->shape != NULL)
		member_word(text, "shape", scene->shape);
	if (scene->source_ip.n != 0)
		member_span(text, "source_ip", scene->source_ip, REQUEST_BUDGET);
	if (scene->among_count != 0)
		add_among(text, scene->among, scene->among_count);
	gb_text_add_cstr(text, ",\"items\":[");
	text->cap -= OBSERVATIONS_TAIL.n;
}

bool gb_event_observations_add(struct gb_text *text, const struct gb_event_activity *item, uint32_t n)
{
	size_t before = text->n;

	if (text->n > 0 && text->p[text->n - 1] == '}')
		gb_text_add_byte(text, ',');
	add_activity(text, item, n);
	if (!text->truncated)
		return true;
	text->n = before;
	text->truncated = false;
	return false;
}

void gb_event_observations_end(struct gb_text *text)
{
	text->cap += OBSERVATIONS_TAIL.n;
	gb_text_add(text, OBSERVATIONS_TAIL);
}
