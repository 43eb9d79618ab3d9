/* SPDX-License-Identifier: Apache-2.0 */
#include "warden/state.h"

#include "wire/input.h"
#include "wire/json.h"

#include <sys/mman.h>

#define KNOWN_SLOTS  512u
#define KNOWN_PROBES 8u

/* Strings that the slot has already: places in it, plus one, by hash of the value. */
struct collector {
	struct gb_input_slot *slot;
	uint32_t known[KNOWN_SLOTS];
};

/* Inert text changes no command's structure wherever it is put: the flow check need not see it. */
static bool is_inert(struct gb_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!gb_ascii_is_alpha(s.p[i]) && !gb_ascii_is_digit(s.p[i]) && s.p[i] != '_' && s.p[i] != '-')
			return false;
	return true;
}

/* Values are compared, not only their hashes: an attacker could make those collide and so hide a string. */
static bool is_known(struct collector *collector, struct gb_span value)
{
	uint64_t hash = gb_span_hash(value);

	for (size_t probe = 0; probe < KNOWN_PROBES; probe++) {
		uint32_t *known = &collector->known[(hash + probe) % KNOWN_SLOTS];
		struct gb_input_cursor cursor = {.offset = *known - 1};
		struct gb_input_string string;

		if (*known == 0) {
			*known = collector->slot->used + 1;
			return false;
		}
		if (gb_input_next(collector->slot, &cursor, &string) && gb_span_equal(string.value, value))
			return true;
	}
	return false;
}

static void on_string(void *context, const struct gb_inspect_string *string)
{
	struct collector *collector = context;

	if (is_inert(string->value) || is_known(collector, string->value))
		return;
	(void)gb_input_add(collector->slot, (struct gb_input_string){.path = gb_inspect_string_path(string),
	                                            .value = string->value,
	                                            .origin = (uint16_t)string->origin});
}

static struct gb_inspect_scratch *scratch_of(struct gb_warden *warden)
{
	void *memory;

	if (warden->scratch != NULL)
		return warden->scratch;
	memory = mmap(NULL, gb_inspect_scratch_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return NULL;
	warden->scratch = memory;
	return warden->scratch;
}

/* "`queryStringParameters.id` holds `1;env`"; the line's type says what that is. */
static void describe(struct gb_text *text, const struct gb_event_input *input, bool is_secret, const char *verb)
{
	gb_text_add_byte(text, '`');
	gb_text_add(text, gb_span_sub(input->path, 0, 160));
	gb_text_add_cstr(text, "` ");
	gb_text_add_cstr(text, verb);
	gb_text_add_cstr(text, is_secret ? " what is not shown here" : " `");
	if (is_secret)
		return;
	gb_text_add(text, gb_span_sub(gb_span_sub(input->value, input->from, input->length), 0, 80));
	gb_text_add_byte(text, '`');
}

/* Members that all lines of this control share; then the line. */
static void write_line(struct gb_warden *warden, unsigned slot, struct gb_event_finding *finding, enum gb_mode mode)
{
	char line[GB_EVENT_LINE_MAX];
	struct gb_text text = gb_text_on(line, sizeof(line));
	struct gb_event_head head;

	if (!warden_report_admit(warden, (int)slot))
		return;
	finding->control = gb_control_name(GB_CONTROL_FIREWALL);
	finding->action = mode == GB_MODE_BLOCK ? "blocked" : "observed";
	finding->mode = gb_mode_name(mode);
	finding->source_ip = warden_invocation_source_ip(warden, (int)slot);
	head = warden_output_head(warden, warden_invocation_id(warden, (int)slot));
	warden_report_id(head.time_ms, finding->id);
	gb_event_write_finding(&text, &head, finding);
	warden_output_put(warden, &head, gb_text_span(&text));
}

static void write_attack(struct gb_warden *warden, unsigned slot, const struct gb_inspect_finding *found, bool is_cited,
        enum gb_mode mode, uint32_t tag)
{
	char message[512], shown[GB_FIREWALL_SHOWN_BYTES];
	struct gb_text sentence = gb_text_on(message, sizeof(message));
	const struct gb_class_facts *facts = gb_inspect_class_facts(found->attack_class);
	struct gb_event_finding finding = {.type = facts->alert,
	        .attack_class = facts->code,
	        .severity = is_cited ? GB_INSPECT_CITED_SEVERITY : facts->severity,
	        .reason = found->reason,
	        .confidence = gb_inspect_confidence_name(found->confidence),
	        .is_cited = is_cited,
	        .attack = facts->attack,
	        .cwe = facts->cwe,
	        .rule = warden_policy_rule(warden, tag),
	        .input = {.is_present = true,
	                .path = found->path,
	                .origin = gb_inspect_origin_name(found->origin),
	                .value = found->value,
	                .from = found->from,
	                .length = found->length}};
	bool is_secret = warden_report_mask(warden, &finding.input, shown);

	describe(&sentence, &finding.input, is_secret, is_cited ? "mentions" : "holds");
	finding.message = gb_text_span(&sentence);
	write_line(warden, slot, &finding, mode);
}

static void write_source(struct gb_warden *warden, unsigned slot, const struct gb_firewall_verdict *verdict)
{
	const struct gb_policy *policy = &warden->policy.view;
	char message[512];
	struct gb_text sentence = gb_text_on(message, sizeof(message));
	struct gb_event_finding finding = {.type = "Source Address Event",
	        .attack_class = "source",
	        .severity = "medium",
	        .reason = "source_listed",
	        .source = {.is_present = true,
	                .list = gb_policy_firewall_text(policy, verdict->source->name),
	                .category = gb_policy_firewall_text(policy, verdict->source->category),
	                .day = verdict->source->day}};

	gb_text_add_cstr(&sentence, "the client ");
	gb_text_add(&sentence, gb_span_of(verdict->client, verdict->client_n));
	gb_text_add_cstr(&sentence, " is on the list `");
	gb_text_add(&sentence, finding.source.list);
	gb_text_add_byte(&sentence, '`');
	finding.message = gb_text_span(&sentence);
	write_line(warden, slot, &finding, verdict->source_mode);
}

/* A limit is no attack: it is told by a notice. What is blocked for it is told by a finding as well. */
static void tell_limit(
        struct gb_warden *warden, unsigned slot, const struct gb_firewall_verdict *verdict, struct gb_span body)
{
	const char *name = gb_inspect_limit_name(verdict->limit), *what = gb_inspect_limit_text(verdict->limit);
	struct gb_span path = gb_span_sub(verdict->report.limit_path, 0, 160);
	struct gb_event_finding finding = {
	        .type = "Input Limit Event", .attack_class = "limit", .severity = "medium", .reason = name};
	char message[512];
	struct gb_text sentence = gb_text_on(message, sizeof(message));

	if (verdict->limit_mode == GB_MODE_OFF)
		return;
	gb_text_add_cstr(&sentence, "the event (");
	gb_text_add_u64(&sentence, body.n);
	gb_text_add_cstr(&sentence, " bytes) was inspected in part only; not looked at: ");
	gb_text_add_cstr(&sentence, what);
	if (path.n != 0) {
		gb_text_add_cstr(&sentence, ", first in `");
		gb_text_add(&sentence, path);
		gb_text_add_byte(&sentence, '`');
	}
	gb_warden_write_notice(
	        warden, "medium", "input_truncated", "%s: %.*s", name, (int)sentence.n, gb_text_span(&sentence).p);
	if (verdict->limit_mode != GB_MODE_BLOCK)
		return;
	finding.message = gb_text_span(&sentence);
	write_line(warden, slot, &finding, verdict->limit_mode);
}

static void keep_source_ip(struct warden_invocation *invocation, const struct gb_firewall_verdict *verdict)
{
	memcpy(invocation->source_ip, verdict->client, verdict->client_n);
	invocation->source_ip_n = verdict->client_n;
}

_Static_assert(sizeof(((struct warden_invocation *)0)->source_ip) == GB_FIREWALL_ADDRESS_BYTES, "an address fits");

bool warden_firewall_judge(
        struct gb_warden *warden, unsigned slot, struct gb_span body, bool is_whole, enum gb_event_shape *ret_shape)
{
	struct gb_firewall firewall = warden_policy_firewall(warden);
	struct gb_inspect_scratch *scratch = scratch_of(warden);
	struct collector collector = {.slot = &warden->options.segment->input[slot]};
	struct gb_inspect_options listener = {.is_brief = true, .on_string = on_string, .context = &collector};
	struct gb_firewall_verdict verdict;
	bool is_blocked;

	if (warden_policy_posture(warden) == GB_MODE_OFF)
		return false;
	if (scratch == NULL) {
		is_blocked = gb_warden_stance(warden) == GB_STANCE_CLOSED;
		gb_warden_write_notice(warden, "high", "not_inspected",
		        "there is no memory to inspect the event; it is %s",
		        is_blocked ? "answered with an error, because the stance is closed" : "passed on");
		return is_blocked;
	}
	gb_input_begin(collector.slot, warden_invocation_id(warden, (int)slot));
	gb_firewall_judge(&firewall, body, is_whole, &listener, scratch, &verdict);
	if (verdict.report.is_limited)
		collector.slot->is_truncated = 1;
	gb_input_commit(collector.slot);
	*ret_shape = verdict.report.shape;
	keep_source_ip(&warden->invocations[slot], &verdict);
	for (size_t i = 0; i < verdict.report.finding_count; i++)
		write_attack(warden, slot, &verdict.report.findings[i], false, verdict.modes[i], verdict.tags[i]);
	for (size_t i = 0; i < verdict.report.cited_count; i++)
		write_attack(warden, slot, &verdict.report.cited[i], true, GB_MODE_DETECT, 0);
	if (verdict.source_mode != GB_MODE_OFF)
		write_source(warden, slot, &verdict);
	if (verdict.report.is_limited)
		tell_limit(warden, slot, &verdict, body);
	return verdict.is_blocked;
}

#define ERROR_BODY                                                                                                     \
	"{\"errorType\":\"Gambeson.Blocked\",\"errorMessage\":\"The event was blocked: it holds an "                   \
	"attack\",\"stackTrace\":[]}"
#define HTTP_BODY "{\"message\":\"Forbidden\"}"

static void write_http_body(struct gb_warden *warden, struct gb_text *body)
{
	struct gb_span configured = warden_policy_block_body(warden);
	bool is_json;

	if (configured.n == 0 || configured.n > 2048)
		configured = GB_SPAN(HTTP_BODY);
	is_json = configured.p[0] == '{' || configured.p[0] == '[';
	gb_text_add_cstr(body, "{\"statusCode\":403,\"headers\":{\"content-type\":\"");
	gb_text_add_cstr(body, is_json ? "application/json" : "text/plain; charset=utf-8");
	gb_text_add_cstr(body, "\"},\"body\":");
	gb_json_add_string(body, configured);
	gb_text_add_cstr(body, ",\"isBase64Encoded\":false}");
}

void warden_firewall_answer(struct gb_warden *warden, unsigned slot, enum gb_event_shape shape, struct gb_text *text)
{
	bool is_http = gb_inspect_shape_is_http(shape);
	char held[7168];
	struct gb_text body = gb_text_on(held, sizeof(held));

	if (is_http)
		write_http_body(warden, &body);
	if (!is_http || body.truncated) {
		body = gb_text_on(held, sizeof(held));
		gb_text_add_cstr(&body, is_http ? "{\"statusCode\":403}" : ERROR_BODY);
	}
	gb_text_add_cstr(text, "POST /2018-06-01/runtime/invocation/");
	gb_text_add(text, warden_invocation_id(warden, (int)slot));
	gb_text_add_cstr(text, is_http ? "/response" : "/error");
	gb_text_add_cstr(text, " HTTP/1.1\r\nHost: ");
	gb_text_add_cstr(text, warden->options.runtime_api);
	gb_text_add_cstr(text, "\r\nContent-Type: application/json\r\nContent-Length: ");
	gb_text_add_u64(text, body.n);
	if (!is_http)
		gb_text_add_cstr(text, "\r\nLambda-Runtime-Function-Error-Type: Gambeson.Blocked");
	gb_text_add_cstr(text, "\r\n\r\n");
	gb_text_add(text, gb_text_span(&body));
}
