/* SPDX-License-Identifier: Apache-2.0 */
/* OTLP 1: an ExportLogsServiceRequest in JSON. Names of attributes are OpenTelemetry's where it has one. */
#include "tell/draft.h"

#include "base/format.h"

static const int severity_numbers[_GB_TELL_SEVERITY_MAX] = {
        [GB_TELL_INFO] = 9,      /* INFO */
        [GB_TELL_LOW] = 12,      /* INFO4 */
        [GB_TELL_MEDIUM] = 13,   /* WARN */
        [GB_TELL_HIGH] = 17,     /* ERROR */
        [GB_TELL_CRITICAL] = 21, /* FATAL */
};

static void add_text(struct gb_draft *draft, json_t *list, const char *key, struct gb_span value)
{
	json_t *attribute;

	if (value.n == 0)
		return;
	attribute = json_object();
	gb_draft_literal(draft, attribute, "key", key);
	gb_draft_exact(draft, attribute, "value.stringValue", value, SIZE_MAX);
	gb_draft_append(draft, list, attribute);
}

/* 64-bit numbers are strings in protobuf's JSON. */
static json_t *number_text(int64_t value, const char *zeros)
{
	char digits[40];
	int n = gb_format(digits, sizeof(digits), "%lld%s", (long long)value, value ? zeros : "");

	return json_stringn(digits, n < 0 ? 0 : (size_t)n);
}

static void add_number(struct gb_draft *draft, json_t *list, const char *key, int64_t value)
{
	json_t *attribute = json_object();

	gb_draft_literal(draft, attribute, "key", key);
	gb_draft_put(draft, attribute, "value.intValue", number_text(value, ""));
	gb_draft_append(draft, list, attribute);
}

static json_t *resource_of(struct gb_draft *draft, const struct gb_tell_notice *n)
{
	const struct gb_tell_function *f = &n->function;
	json_t *list = json_array();

	add_text(draft, list, "service.name", f->name.n ? f->name : GB_SPAN("unknown"));
	add_text(draft, list, "cloud.provider", GB_SPAN("aws"));
	add_text(draft, list, "cloud.platform", GB_SPAN("aws_lambda"));
	add_text(draft, list, "cloud.account.id", f->account);
	add_text(draft, list, "cloud.region", f->region);
	add_text(draft, list, "cloud.resource_id", gb_tell_function_arn(draft->arena, f));
	add_text(draft, list, "faas.name", f->name);
	add_text(draft, list, "faas.version", f->version);
	return list;
}

static json_t *attributes_of(struct gb_draft *draft, const struct gb_tell_notice *n)
{
	json_t *list = json_array();

	add_text(draft, list, "faas.invocation_id", n->request);
	add_text(draft, list, "client.address", n->source_ip);
	add_text(draft, list, "gambeson.id", n->id);
	add_text(draft, list, "gambeson.type", n->type);
	add_text(draft, list, "gambeson.class", n->class_name);
	add_text(draft, list, "gambeson.control", n->control);
	add_text(draft, list, "gambeson.action", n->action);
	add_text(draft, list, "gambeson.mode", n->mode);
	add_text(draft, list, "gambeson.reason", n->reason);
	add_text(draft, list, "gambeson.confidence", n->confidence);
	add_text(draft, list, "gambeson.sandbox", n->sandbox);
	add_text(draft, list, "gambeson.input.path", n->input_path);
	add_text(draft, list, "gambeson.input.origin", n->input_origin);
	add_text(draft, list, "gambeson.input.value", n->input_value);
	add_text(draft, list, "gambeson.activity.kind", n->activity);
	add_text(draft, list, "gambeson.activity.subject", n->subject);
	add_text(draft, list, "gambeson.activity.object", n->object);
	add_text(draft, list, "gambeson.link", gb_draft_link(draft, n));
	for (size_t i = 0; i < n->attack_count; i++) {
		char key[40];

		if (gb_format(key, sizeof(key), "gambeson.attack.%zu", i) > 0)
			add_text(draft, list, key, n->attacks[i]);
	}
	if (n->pid > 0)
		add_number(draft, list, "process.pid", n->pid);
	if (n->cwe > 0)
		add_number(draft, list, "gambeson.cwe", n->cwe);
	add_number(draft, list, "gambeson.count", n->count > INT64_MAX ? INT64_MAX : (int64_t)n->count);
	return list;
}

static json_t *resource_logs_of(struct gb_draft *draft, const struct gb_tell_notice *n)
{
	json_t *record = json_object(), *records = json_array(), *scope_logs = json_object(), *scopes = json_array();
	json_t *resource = json_object();
	char severity[16];
	struct gb_span name = gb_span_cstr(gb_tell_severity_name(n->severity));

	for (size_t i = 0; i < name.n; i++)
		severity[i] = (char)(name.p[i] - ('a' - 'A'));
	gb_draft_put(draft, record, "timeUnixNano", number_text(n->time_ms, "000000"));
	gb_draft_put(draft, record, "observedTimeUnixNano", number_text(n->last_ms, "000000"));
	gb_draft_number(draft, record, "severityNumber", severity_numbers[n->severity]);
	gb_draft_exact(draft, record, "severityText", gb_span_of(severity, name.n), 16);
	gb_draft_literal(draft, record, "eventName", "gambeson.finding");
	gb_draft_exact(draft, record, "body.stringValue", n->message.n ? n->message : n->type, SIZE_MAX);
	gb_draft_put(draft, record, "attributes", attributes_of(draft, n));
	gb_draft_append(draft, records, record);
	gb_draft_literal(draft, scope_logs, "scope.name", "gambeson");
	gb_draft_literal(draft, scope_logs, "scope.version", GB_VERSION);
	gb_draft_put(draft, scope_logs, "logRecords", records);
	gb_draft_append(draft, scopes, scope_logs);
	gb_draft_put(draft, resource, "resource.attributes", resource_of(draft, n));
	gb_draft_put(draft, resource, "scopeLogs", scopes);
	return resource;
}

int gb_tell_write_otlp(
        struct gb_draft *draft, const struct gb_tell_notice *notices, size_t count, struct gb_span *ret_message)
{
	json_t *root = json_object(), *list = json_array();

	for (size_t i = 0; i < count; i++)
		gb_draft_append(draft, list, resource_logs_of(draft, &notices[i]));
	gb_draft_put(draft, root, "resourceLogs", list);
	return gb_draft_dump(draft, root, ret_message);
}
