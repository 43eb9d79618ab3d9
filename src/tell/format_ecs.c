/* SPDX-License-Identifier: Apache-2.0 */
/* Elastic Common Schema 9.4; what it has no field for is under `gambeson`. */
#include "tell/draft.h"

#include "base/ip.h"

/* event.severity is the sender's own scale: ours is 0–100, as rules of the Elastic stack have it. */
static const int severities[_GB_TELL_SEVERITY_MAX] = {
        [GB_TELL_INFO] = 0,
        [GB_TELL_LOW] = 21,
        [GB_TELL_MEDIUM] = 47,
        [GB_TELL_HIGH] = 73,
        [GB_TELL_CRITICAL] = 99,
};

static const struct category {
	const char *activity; /* what its name begins with */
	const char *category, *type;
} categories[] = {
        {"file_read", "file", "access"},
        {"file_write", "file", "change"},
        {"file_delete", "file", "deletion"},
        {"file", "file", "change"},
        {"process", "process", "start"},
        {"net", "network", "connection"},
        {"name_lookup", "network", "protocol"},
        {"http_request", "network", "protocol"},
        {"library", "library", "start"},
        {"aws_api", "api", "access"},
};

static void put_category(struct gb_draft *draft, json_t *root, const struct gb_tell_notice *n)
{
	json_t *category = json_array(), *type = json_array();

	gb_draft_append(draft, category, json_string("intrusion_detection"));
	for (size_t i = 0; i < sizeof(categories) / sizeof(categories[0]); i++) {
		if (!gb_span_starts(n->activity, gb_span_cstr(categories[i].activity)))
			continue;
		gb_draft_append(draft, category, json_string(categories[i].category));
		gb_draft_append(draft, type, json_string(categories[i].type));
		break;
	}
	gb_draft_append(draft, type, json_string(gb_span_equal(n->action, GB_SPAN("blocked")) ? "denied" : "info"));
	gb_draft_put(draft, root, "event.category", category);
	gb_draft_put(draft, root, "event.type", type);
}

static void put_subject(struct gb_draft *draft, json_t *root, const struct gb_tell_notice *n)
{
	if (gb_span_starts(n->activity, GB_SPAN("file"))) {
		gb_draft_exact(draft, root, "file.path", n->subject, SIZE_MAX);
		gb_draft_exact(draft, root, "file.name", gb_span_basename(n->subject), SIZE_MAX);
	} else if (gb_span_starts(n->activity, GB_SPAN("process"))) {
		gb_draft_exact(draft, root, "process.executable", n->subject, SIZE_MAX);
		gb_draft_exact(draft, root, "process.name", gb_span_basename(n->subject), SIZE_MAX);
	} else if (gb_span_starts(n->activity, GB_SPAN("net")) || gb_span_starts(n->activity, GB_SPAN("name_lookup"))) {
		gb_draft_exact(draft, root, "destination.address", n->subject, SIZE_MAX);
	}
	if (n->pid > 0)
		gb_draft_number(draft, root, "process.pid", n->pid);
}

static void put_source(struct gb_draft *draft, json_t *root, struct gb_span address)
{
	unsigned char ip[16];
	json_t *related;

	if (address.n == 0)
		return;
	gb_draft_exact(draft, root, "source.address", address, 256);
	if (!gb_ip_parse(address, false, ip) && !gb_ip_parse(address, true, ip))
		return;
	gb_draft_exact(draft, root, "source.ip", address, 64);
	related = json_array();
	gb_draft_append(draft, related, gb_draft_string(draft, address, 64, false));
	gb_draft_put(draft, root, "related.ip", related);
}

static void put_threat(struct gb_draft *draft, json_t *root, const struct gb_tell_notice *n)
{
	json_t *ids;

	if (n->attack_count == 0)
		return;
	ids = json_array();
	for (size_t i = 0; i < n->attack_count; i++)
		gb_draft_append(draft, ids, gb_draft_string(draft, n->attacks[i], 64, false));
	gb_draft_literal(draft, root, "threat.framework", "MITRE ATT&CK");
	gb_draft_put(draft, root, "threat.technique.id", ids);
}

static void put_function(struct gb_draft *draft, json_t *root, const struct gb_tell_notice *n)
{
	const struct gb_tell_function *f = &n->function;

	gb_draft_literal(draft, root, "cloud.provider", "aws");
	gb_draft_literal(draft, root, "cloud.service.name", "lambda");
	gb_draft_exact(draft, root, "cloud.account.id", f->account, 64);
	gb_draft_exact(draft, root, "cloud.region", f->region, 64);
	gb_draft_exact(draft, root, "faas.name", f->name, 256);
	gb_draft_exact(draft, root, "faas.id", gb_tell_function_arn(draft->arena, f), 256);
	gb_draft_exact(draft, root, "faas.version", f->version, 64);
	gb_draft_exact(draft, root, "faas.execution", n->request, 128);
}

static void put_own(struct gb_draft *draft, json_t *root, const struct gb_tell_notice *n)
{
	gb_draft_exact(draft, root, "gambeson.class", n->class_name, 64);
	gb_draft_exact(draft, root, "gambeson.control", n->control, 64);
	gb_draft_exact(draft, root, "gambeson.mode", n->mode, 64);
	gb_draft_exact(draft, root, "gambeson.confidence", n->confidence, 64);
	gb_draft_exact(draft, root, "gambeson.sandbox", n->sandbox, 64);
	gb_draft_exact(draft, root, "gambeson.group", n->function.group, 128);
	gb_draft_exact(draft, root, "gambeson.input.path", n->input_path, SIZE_MAX);
	gb_draft_exact(draft, root, "gambeson.input.origin", n->input_origin, 64);
	gb_draft_exact(draft, root, "gambeson.input.value", n->input_value, SIZE_MAX);
	gb_draft_exact(draft, root, "gambeson.activity.kind", n->activity, 64);
	gb_draft_exact(draft, root, "gambeson.activity.subject", n->subject, SIZE_MAX);
	gb_draft_exact(draft, root, "gambeson.activity.object", n->object, SIZE_MAX);
	gb_draft_number(draft, root, "gambeson.count", (int64_t)n->count);
	if (n->cwe > 0)
		gb_draft_number(draft, root, "gambeson.cwe", n->cwe);
}

int gb_tell_write_ecs(
        struct gb_draft *draft, const struct gb_tell_notice *notices, size_t count, struct gb_span *ret_message)
{
	const struct gb_tell_notice *n = &notices[0];
	json_t *root = json_object();

	(void)count;
	gb_draft_time(draft, root, "@timestamp", n->time_ms);
	gb_draft_literal(draft, root, "ecs.version", "9.4.0");
	gb_draft_exact(draft, root, "message", n->message.n ? n->message : n->type, SIZE_MAX);
	gb_draft_literal(draft, root, "event.kind", "alert");
	put_category(draft, root, n);
	gb_draft_literal(draft, root, "event.module", "gambeson");
	gb_draft_literal(draft, root, "event.dataset", "gambeson.finding");
	gb_draft_literal(draft, root, "event.provider", "gambeson");
	gb_draft_exact(draft, root, "event.id", n->id, 128);
	gb_draft_exact(draft, root, "event.action", n->action, 64);
	gb_draft_exact(draft, root, "event.code", n->reason, 128);
	gb_draft_exact(draft, root, "event.url", gb_draft_link(draft, n), 2048);
	gb_draft_number(draft, root, "event.severity", severities[n->severity]);
	gb_draft_time(draft, root, "event.start", n->first_ms);
	gb_draft_time(draft, root, "event.end", n->last_ms);
	gb_draft_exact(draft, root, "rule.id", n->reason, 128);
	gb_draft_exact(draft, root, "rule.name", n->type, 256);
	gb_draft_exact(draft, root, "rule.category", n->control, 64);
	gb_draft_literal(draft, root, "observer.vendor", "Gambeson");
	gb_draft_literal(draft, root, "observer.product", "Gambeson");
	gb_draft_literal(draft, root, "observer.version", GB_VERSION);
	put_threat(draft, root, n);
	put_function(draft, root, n);
	put_source(draft, root, n->source_ip);
	put_subject(draft, root, n);
	put_own(draft, root, n);
	return gb_draft_dump(draft, root, ret_message);
}
