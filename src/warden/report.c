/* SPDX-License-Identifier: Apache-2.0 */
#include "warden/state.h"

#include "wire/input.h"
#include "wire/json.h"

#include <sys/random.h>

#define MESSAGE_BYTES  512u
#define SUBJECT_SHOWN  160u
#define EVIDENCE_SHOWN 80u

/* What a kind of activity is called in lines. */
struct kind_words {
	const char *type;
	const char *doing; /* "…ing", before the subject */
	const char *severity;
};

static const struct kind_words words[_GB_ACTIVITY_KIND_MAX] = {
        [GB_ACTIVITY_NONE] = {"Process Event", "acting on", "medium"},
        [GB_ACTIVITY_FILE_READ] = {"File Event", "reading", "medium"},
        [GB_ACTIVITY_FILE_WRITE] = {"File Event", "writing", "medium"},
        [GB_ACTIVITY_FILE_DELETE] = {"File Event", "deleting", "medium"},
        [GB_ACTIVITY_FILE_RENAME] = {"File Event", "renaming", "medium"},
        [GB_ACTIVITY_FILE_LINK] = {"File Event", "linking", "medium"},
        [GB_ACTIVITY_FILE_MODE] = {"File Event", "changing the permissions of", "medium"},
        [GB_ACTIVITY_PROCESS_START] = {"Process Event", "starting", "high"},
        [GB_ACTIVITY_NET_CONNECT] = {"IP Event", "connecting to", "high"},
        [GB_ACTIVITY_NET_SEND] = {"IP Event", "sending to", "high"},
        [GB_ACTIVITY_NET_LISTEN] = {"IP Event", "listening on", "high"},
        [GB_ACTIVITY_MEMORY_FILE] = {"Process Event", "making the memory file", "high"},
        [GB_ACTIVITY_PROCESS_TRACE] = {"Process Event", "tracing a process", "high"},
        [GB_ACTIVITY_MEMORY_EXECUTABLE] = {"Process Event", "making memory executable", "high"},
        [GB_ACTIVITY_LIBRARY_MAP] = {"File Event", "loading", "medium"},
        [GB_ACTIVITY_NET_SOCKET] = {"IP Event", "opening a socket of the kind", "high"},
        [GB_ACTIVITY_NAME_LOOKUP] = {"Host Event", "looking up", "medium"},
        [GB_ACTIVITY_SANDBOX_CHANGE] = {"Process Event", "changing the sandbox by", "high"},
        [GB_ACTIVITY_KERNEL_ACCESS] = {"Process Event", "asking the kernel for", "high"},
        [GB_ACTIVITY_AWS_API] = {"API Event", "calling", "high"},
        [GB_ACTIVITY_HTTP_REQUEST] = {"HTTP Event", "requesting", "high"},
};

void warden_report_id(uint64_t time_ms, char ret_id[GB_EVENT_ULID_BYTES])
{
	unsigned char random[10] = {0};

	/* Without randomness yet (early boot) the time and the sequence number still tell findings apart. */
	if (getrandom(random, sizeof(random), GRND_NONBLOCK) < 0)
		random[0] = 0;
	gb_event_ulid(time_ms, random, ret_id);
}

bool warden_report_admit(struct gb_warden *warden, int slot)
{
	uint32_t *count = slot < 0 ? &warden->findings_outside : &warden->invocations[slot].findings;

	if (*count >= FINDINGS_PER_EVENT) {
		warden->lost_reports++;
		return false;
	}
	(*count)++;
	return true;
}

/* The string that the record blames, if it is really there: the record's writer may lie. */
static bool find_evidence(
        const struct gb_warden *warden, const struct gb_ring_record *record, struct gb_event_input *ret_input)
{
	const struct gb_input_slot *slot;
	struct gb_input_cursor cursor = {0};
	struct gb_input_string string;

	if (record->input_slot < 0 || record->input_slot >= (int)GB_SEGMENT_INPUT_SLOTS)
		return false;
	slot = &warden->options.segment->input[record->input_slot];
	while (gb_input_next(slot, &cursor, &string)) {
		if (cursor.index - 1 != record->input_entry)
			continue;
		if (record->input_from > string.value.n || record->input_length > string.value.n - record->input_from)
			return false;
		*ret_input = (struct gb_event_input){.is_present = true,
		        .path = string.path,
		        .origin = gb_inspect_origin_name((enum gb_origin)string.origin),
		        .value = string.value,
		        .from = record->input_from,
		        .length = record->input_length};
		return true;
	}
	return false;
}

static void add_quoted(struct gb_text *text, struct gb_span s, size_t cap)
{
	bool is_cut = s.n > cap;

	gb_text_add_byte(text, '`');
	gb_text_add(text, gb_span_sub(s, 0, cap));
	gb_text_add_cstr(text, is_cut ? "…`" : "`");
}

/* Between the place in the event and the convicting bytes. */
struct flow_words {
	const char *done;
	const char *tried;
};

static const struct flow_words flow_words[_GB_REASON_MAX] = {
        [GB_R_NONE] = {" changed the command with ", " tried to change the command with "},
        [GB_R_FLOW_SHELL_COMMAND] = {" made the shell run ", " tried to make the shell run "},
        [GB_R_FLOW_SHELL_SUBSTITUTION] = {" made the shell expand ", " tried to make the shell expand "},
        [GB_R_FLOW_SHELL_REDIRECTION] = {" redirected the shell by ", " tried to redirect the shell by "},
        [GB_R_FLOW_SHELL_QUOTE] = {" broke out of its quotes with ", " tried to break out of its quotes with "},
        [GB_R_FLOW_SHELL_COMMENT] = {" cut off the command with ", " tried to cut off the command with "},
};

static const char *words_of_flow(const struct gb_ring_record *record)
{
	const struct flow_words *of = &flow_words[record->reason];

	if (of->done == NULL)
		of = &flow_words[GB_R_NONE];
	return record->decision == GB_DENY ? of->tried : of->done;
}

static size_t find_any(struct gb_span s, const char *bytes, size_t from)
{
	for (size_t at = from; at < s.n; at++)
		if (gb_span_find_byte(gb_span_cstr(bytes), s.p[at], 0) != SIZE_MAX)
			return at;
	return SIZE_MAX;
}

/* What a person looks for in the convicting bytes: of ";env; id" the first command that came in, `env`. Only for the
 * sentence; the line carries all of it. */
static struct gb_span narrow(struct gb_span evidence, enum gb_reason reason)
{
	struct gb_span rest = evidence;

	if (reason != GB_R_FLOW_SHELL_COMMAND)
		return evidence;
	while (rest.n > 0 && (find_any(gb_span_sub(rest, 0, 1), ";|&\n", 0) == 0 || gb_ascii_is_space(rest.p[0])))
		rest = gb_span_sub(rest, 1, SIZE_MAX);
	rest = gb_span_trim(gb_span_sub(rest, 0, find_any(rest, ";|&\n", 0)));
	return rest.n == 0 ? evidence : rest;
}

/* A destination that a name was looked up for is known by that name. */
static const char *type_of(const struct gb_ring_record *record)
{
	bool is_named = (record->kind == GB_ACTIVITY_NET_CONNECT || record->kind == GB_ACTIVITY_NET_SEND) &&
	                gb_ring_object(record).n != 0;

	return is_named ? "Host Event" : words[record->kind].type;
}

static void describe_flow(struct gb_text *text, const struct gb_ring_record *record, const struct gb_event_input *input)
{
	struct gb_span evidence = gb_span_trim(gb_span_sub(input->value, input->from, input->length));

	add_quoted(text, input->path, SUBJECT_SHOWN);
	gb_text_add_cstr(text, words_of_flow(record));
	add_quoted(text, narrow(evidence, (enum gb_reason)record->reason), EVIDENCE_SHOWN);
}

/* What the warden saw by itself. */
static bool describe_own(struct gb_text *text, const struct gb_ring_record *record)
{
	if (record->reason == GB_R_LEFT_BEHIND) {
		add_quoted(text, gb_ring_subject(record), SUBJECT_SHOWN);
		gb_text_add_cstr(text, record->decision == GB_DENY ? " was left in /tmp by an invocation, and deleted"
		                                                   : " was left in /tmp by an invocation");
		return true;
	}
	if (record->control != GB_CONTROL_BUDGET || record->decision == GB_DENY || record->subject_n == 0 ||
	        !gb_ascii_is_digit(record->text[0]))
		return false;
	gb_text_add(text, gb_ring_subject(record));
	gb_text_add_cstr(text, ": ");
	gb_text_add_cstr(text, gb_reason_facts((enum gb_reason)record->reason)->text);
	return true;
}

static void describe_activity(
        struct gb_text *text, const struct gb_ring_record *record, const struct gb_event_rule *rule)
{
	if (describe_own(text, record))
		return;
	gb_text_add_cstr(text, words[record->kind].doing);
	if (record->subject_n != 0) {
		gb_text_add_byte(text, ' ');
		add_quoted(text, gb_ring_subject(record), SUBJECT_SHOWN);
	}
	if ((record->kind == GB_ACTIVITY_NET_CONNECT || record->kind == GB_ACTIVITY_NET_SEND) &&
	        record->object_n != 0) {
		gb_text_add_cstr(text, ", which is ");
		add_quoted(text, gb_ring_object(record), SUBJECT_SHOWN);
	}
	gb_text_add_cstr(text, record->decision == GB_DENY ? " was refused: " : ": ");
	gb_text_add_cstr(text, gb_reason_facts((enum gb_reason)record->reason)->text);
	if (rule->name.n != 0) {
		gb_text_add_cstr(text, ": ");
		add_quoted(text, rule->name, SUBJECT_SHOWN);
	}
}

static const char *severity_of(const struct gb_ring_record *record)
{
	switch ((enum gb_control)record->control) {
	case GB_CONTROL_FLOW:
	case GB_CONTROL_SELF: return record->reason == GB_R_FLOW_LIMIT ? "low" : "critical";
	case GB_CONTROL_DECOY: return "critical";
	case GB_CONTROL_CREDENTIAL:
	case GB_CONTROL_FORBIDDEN: return "critical";
	case GB_CONTROL_DRIFT:
	case GB_CONTROL_BUDGET:
	case GB_CONTROL_RULE: return "high";
	case GB_CONTROL_HYGIENE: return "low";
	case GB_CONTROL_NONE:
	case GB_CONTROL_FIREWALL:
	case GB_CONTROL_ALLOWLIST:
	case _GB_CONTROL_MAX: break;
	}
	return words[record->kind].severity;
}

bool warden_report_mask(
        const struct gb_warden *warden, struct gb_event_input *input, char buffer[GB_FIREWALL_SHOWN_BYTES])
{
	enum gb_blob_redaction redaction = warden_policy_redaction(warden);
	struct gb_input_string string = {.path = input->path, .value = input->value};
	struct gb_firewall_shown shown;

	for (int origin = 0; origin < _GB_ORIGIN_MAX; origin++)
		if (input->origin == gb_inspect_origin_name((enum gb_origin)origin))
			string.origin = (uint16_t)origin;
	gb_firewall_redact(redaction, &string, input->from, input->length, buffer, &shown);
	input->value = shown.value;
	input->from = shown.from;
	input->length = shown.length;
	input->is_masked = shown.is_masked;
	return shown.is_wholly_masked;
}

void warden_report_finding(struct gb_warden *warden, const struct gb_ring_record *given)
{
	char line[GB_EVENT_LINE_MAX], message[MESSAGE_BYTES], shown[GB_FIREWALL_SHOWN_BYTES];
	struct gb_text text = gb_text_on(line, sizeof(line)), sentence = gb_text_on(message, sizeof(message));
	struct gb_event_finding finding = {.activity.is_present = true};
	struct gb_span among[GB_EVENT_AMONG_MAX];
	struct warden_ancestry ancestry;
	struct gb_ring_record record = *given;
	const struct gb_reason_facts *facts;
	struct gb_event_head head;
	bool is_flow, is_secret;
	int slot;

	if (record.kind >= _GB_ACTIVITY_KIND_MAX)
		record.kind = GB_ACTIVITY_NONE;
	if (record.control >= _GB_CONTROL_MAX)
		record.control = GB_CONTROL_NONE;
	if (record.reason >= _GB_REASON_MAX)
		record.reason = GB_R_NONE;
	slot = find_evidence(warden, &record, &finding.input) ? record.input_slot : warden_invocation_only(warden);
	if (!warden_report_admit(warden, slot))
		return;
	facts = gb_reason_facts((enum gb_reason)record.reason);
	is_flow = record.control == GB_CONTROL_FLOW && record.reason != GB_R_FLOW_LIMIT;
	finding.rule = warden_policy_rule_then(warden, record.tag, record.policy);
	is_secret = finding.input.is_present && warden_report_mask(warden, &finding.input, shown);
	if (is_flow && finding.input.is_present)
		describe_flow(&sentence, &record, &finding.input);
	else
		describe_activity(&sentence, &record, &finding.rule);

	head = warden_output_head(warden, warden_invocation_id(warden, slot));
	warden_report_id(head.time_ms, finding.id);
	finding.type = is_flow ? "Command Injection Attack" : type_of(&record);
	finding.attack_class = is_flow ? "cmdi" : gb_activity_kind_name((enum gb_activity_kind)record.kind);
	finding.control = gb_control_name((enum gb_control)record.control);
	finding.action = record.decision == GB_DENY ? "blocked" : "observed";
	finding.mode = gb_mode_name(warden_policy_mode_then(warden, (enum gb_control)record.control, record.policy));
	finding.severity = severity_of(&record);
	finding.reason = facts->name;
	finding.message = gb_text_span(&sentence);
	finding.activity.kind = gb_activity_kind_name((enum gb_activity_kind)record.kind);
	finding.activity.subject = gb_ring_subject(&record);
	finding.activity.object = gb_ring_object(&record);
	/* A command that input went into shows that input. */
	finding.activity.arguments = is_secret ? GB_SPAN("***\0") : gb_ring_arguments(&record);
	finding.activity.is_cut = record.is_cut != 0;
	finding.activity.pid = (uint32_t)record.pid;
	finding.process_count = warden_lineage_find(warden, &record, &ancestry);
	finding.processes = ancestry.processes;
	for (size_t i = 0; is_secret && i < finding.process_count; i++)
		ancestry.processes[i].arguments = GB_SPAN_EMPTY;
	finding.attack = facts->attack;
	finding.cwe = facts->cwe;
	finding.source_ip = warden_invocation_source_ip(warden, slot);
	if (slot < 0) {
		finding.among = among;
		finding.among_count = warden_invocation_list(warden, among);
	}
	gb_event_write_finding(&text, &head, &finding);
	warden_output_put(warden, &head, gb_text_span(&text));
}
