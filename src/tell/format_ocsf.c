/* SPDX-License-Identifier: Apache-2.0 */
/* OCSF 1.7.0: Detection Finding (class 2004) with the profiles cloud and security_control. */
#include "tell/draft.h"

#include "base/ip.h"

/* Numbers of the schema's enumerations. */
static const int severity_ids[_GB_TELL_SEVERITY_MAX] = {
        [GB_TELL_INFO] = 1,
        [GB_TELL_LOW] = 2,
        [GB_TELL_MEDIUM] = 3,
        [GB_TELL_HIGH] = 4,
        [GB_TELL_CRITICAL] = 5,
};
static const char *const severity_captions[_GB_TELL_SEVERITY_MAX] = {
        [GB_TELL_INFO] = "Informational",
        [GB_TELL_LOW] = "Low",
        [GB_TELL_MEDIUM] = "Medium",
        [GB_TELL_HIGH] = "High",
        [GB_TELL_CRITICAL] = "Critical",
};
enum { ALLOWED = 1, DENIED = 2, DISPOSITION_BLOCKED = 2, DISPOSITION_DETECTED = 15, ANALYTIC_RULE = 1, STATUS_NEW = 1 };

static void put_confidence(struct gb_draft *draft, json_t *root, struct gb_span confidence)
{
	static const char *const captions[] = {NULL, "Low", "Medium", "High"};
	int id = gb_span_equal(confidence, GB_SPAN("high"))     ? 3
	         : gb_span_equal(confidence, GB_SPAN("medium")) ? 2
	         : gb_span_equal(confidence, GB_SPAN("low"))    ? 1
	                                                        : 0;

	if (id == 0)
		return;
	gb_draft_number(draft, root, "confidence_id", id);
	gb_draft_literal(draft, root, "confidence", captions[id]);
}

static void put_finding(struct gb_draft *draft, json_t *root, const struct gb_tell_notice *n)
{
	json_t *types = json_array(), *attacks = json_array();

	gb_draft_exact(draft, root, "finding_info.uid", n->id.n ? n->id : GB_SPAN("unknown"), 128);
	gb_draft_exact(draft, root, "finding_info.title", n->type, 256);
	gb_draft_exact(draft, root, "finding_info.desc", n->message, SIZE_MAX);
	gb_draft_append(draft, types, gb_draft_string(draft, n->type, 256, false));
	gb_draft_put(draft, root, "finding_info.types", types);
	gb_draft_number(draft, root, "finding_info.created_time", n->first_ms);
	gb_draft_number(draft, root, "finding_info.first_seen_time", n->first_ms);
	gb_draft_number(draft, root, "finding_info.last_seen_time", n->last_ms);
	gb_draft_exact(draft, root, "finding_info.src_url", gb_draft_link(draft, n), 2048);
	if (n->reason.n > 0) {
		gb_draft_number(draft, root, "finding_info.analytic.type_id", ANALYTIC_RULE);
		gb_draft_literal(draft, root, "finding_info.analytic.type", "Rule");
		gb_draft_exact(draft, root, "finding_info.analytic.uid", n->reason, 256);
		gb_draft_exact(draft, root, "finding_info.analytic.name", n->reason, 256);
		gb_draft_exact(draft, root, "finding_info.analytic.category", n->control, 64);
	}
	for (size_t i = 0; i < n->attack_count; i++) {
		json_t *attack = json_object();

		gb_draft_exact(draft, attack, "technique.uid", n->attacks[i], 64);
		gb_draft_append(draft, attacks, attack);
	}
	if (n->attack_count > 0)
		gb_draft_put(draft, root, "finding_info.attacks", attacks);
	else
		json_decref(attacks);
}

static void put_resource(struct gb_draft *draft, json_t *root, const struct gb_tell_notice *n)
{
	const struct gb_tell_function *f = &n->function;
	json_t *resource = json_object(), *list = json_array();
	struct gb_span arn = gb_tell_function_arn(draft->arena, f);

	gb_draft_literal(draft, resource, "type", "AWS::Lambda::Function");
	gb_draft_exact(draft, resource, "name", f->name.n ? f->name : GB_SPAN("unknown"), 256);
	gb_draft_exact(draft, resource, "uid", arn.n ? arn : f->name, 256);
	gb_draft_exact(draft, resource, "region", f->region, 64);
	gb_draft_exact(draft, resource, "version", f->version, 64);
	gb_draft_append(draft, list, resource);
	gb_draft_put(draft, root, "resources", list);
	gb_draft_literal(draft, root, "cloud.provider", "AWS");
	gb_draft_exact(draft, root, "cloud.region", f->region, 64);
	gb_draft_exact(draft, root, "cloud.account.uid", f->account, 64);
}

static bool is_address(struct gb_span s)
{
	unsigned char ip[16];

	return gb_ip_parse(s, false, ip) || gb_ip_parse(s, true, ip);
}

static void put_evidence(struct gb_draft *draft, json_t *root, const struct gb_tell_notice *n)
{
	json_t *evidence = json_object(), *list;
	bool is_program = gb_span_starts(n->activity, GB_SPAN("process"));
	bool is_file = gb_span_starts(n->activity, GB_SPAN("file"));

	if (is_address(n->source_ip))
		gb_draft_exact(draft, evidence, "src_endpoint.ip", n->source_ip, 40);
	if (n->pid > 0 || (is_program && n->object.n > 0)) {
		if (n->pid > 0)
			gb_draft_number(draft, evidence, "process.pid", n->pid);
		if (is_program)
			gb_draft_exact(draft, evidence, "process.path", n->subject, SIZE_MAX);
		else
			gb_draft_literal(draft, evidence, "process.uid", "unknown");
	}
	if (is_file && n->subject.n > 0) {
		struct gb_span name = gb_span_basename(n->subject);

		gb_draft_exact(draft, evidence, "file.path", n->subject, SIZE_MAX);
		gb_draft_exact(draft, evidence, "file.name", name.n ? name : n->subject, SIZE_MAX);
		gb_draft_number(draft, evidence, "file.type_id", 0);
	}
	gb_draft_exact(draft, evidence, "data.path", n->input_path, SIZE_MAX);
	gb_draft_exact(draft, evidence, "data.origin", n->input_origin, 64);
	gb_draft_exact(draft, evidence, "data.value", n->input_value, SIZE_MAX);
	gb_draft_exact(draft, evidence, "data.activity", n->activity, 64);
	gb_draft_exact(draft, evidence, "data.subject", n->subject, SIZE_MAX);
	gb_draft_exact(draft, evidence, "data.object", n->object, SIZE_MAX);
	if (json_object_size(evidence) == 0) {
		json_decref(evidence);
		return;
	}
	list = json_array();
	gb_draft_append(draft, list, evidence);
	gb_draft_put(draft, root, "evidences", list);
}

static void put_metadata(struct gb_draft *draft, json_t *root, const struct gb_tell_notice *n)
{
	json_t *profiles = json_array();

	gb_draft_append(draft, profiles, json_string("cloud"));
	gb_draft_append(draft, profiles, json_string("security_control"));
	gb_draft_put(draft, root, "metadata.profiles", profiles);
	gb_draft_literal(draft, root, "metadata.version", "1.7.0");
	gb_draft_literal(draft, root, "metadata.product.name", "Gambeson");
	gb_draft_literal(draft, root, "metadata.product.vendor_name", "Gambeson");
	gb_draft_literal(draft, root, "metadata.product.version", GB_VERSION);
	gb_draft_exact(draft, root, "metadata.uid", draft->target->key.n ? draft->target->key : n->id, 128);
	gb_draft_exact(draft, root, "metadata.correlation_uid", n->request, 128);
	gb_draft_exact(draft, root, "metadata.event_code", n->reason, 128);
}

int gb_tell_write_ocsf(
        struct gb_draft *draft, const struct gb_tell_notice *notices, size_t count, struct gb_span *ret_message)
{
	const struct gb_tell_notice *n = &notices[0];
	bool is_blocked = gb_span_equal(n->action, GB_SPAN("blocked"));
	json_t *root = json_object();

	(void)count;
	gb_draft_number(draft, root, "activity_id", 1);
	gb_draft_literal(draft, root, "activity_name", "Create");
	gb_draft_number(draft, root, "category_uid", 2);
	gb_draft_literal(draft, root, "category_name", "Findings");
	gb_draft_number(draft, root, "class_uid", 2004);
	gb_draft_literal(draft, root, "class_name", "Detection Finding");
	gb_draft_number(draft, root, "type_uid", 200401);
	gb_draft_literal(draft, root, "type_name", "Detection Finding: Create");
	gb_draft_number(draft, root, "time", n->time_ms);
	gb_draft_number(draft, root, "severity_id", severity_ids[n->severity]);
	gb_draft_literal(draft, root, "severity", severity_captions[n->severity]);
	gb_draft_number(draft, root, "status_id", STATUS_NEW);
	gb_draft_literal(draft, root, "status", "New");
	gb_draft_put(draft, root, "is_alert", json_boolean(n->severity > GB_TELL_INFO));
	gb_draft_number(draft, root, "action_id", is_blocked ? DENIED : ALLOWED);
	gb_draft_literal(draft, root, "action", is_blocked ? "Denied" : "Allowed");
	gb_draft_number(draft, root, "disposition_id", is_blocked ? DISPOSITION_BLOCKED : DISPOSITION_DETECTED);
	gb_draft_literal(draft, root, "disposition", is_blocked ? "Blocked" : "Detected");
	gb_draft_exact(draft, root, "message", n->message, SIZE_MAX);
	gb_draft_number(draft, root, "count", n->count > INT32_MAX ? INT32_MAX : (int64_t)n->count);
	gb_draft_number(draft, root, "start_time", n->first_ms);
	gb_draft_number(draft, root, "end_time", n->last_ms);
	put_confidence(draft, root, n->confidence);
	put_metadata(draft, root, n);
	put_finding(draft, root, n);
	put_resource(draft, root, n);
	put_evidence(draft, root, n);
	gb_draft_exact(draft, root, "unmapped.class", n->class_name, 64);
	gb_draft_exact(draft, root, "unmapped.control", n->control, 64);
	gb_draft_exact(draft, root, "unmapped.mode", n->mode, 64);
	gb_draft_exact(draft, root, "unmapped.sandbox", n->sandbox, 64);
	if (n->cwe > 0)
		gb_draft_number(draft, root, "unmapped.cwe", n->cwe);
	return gb_draft_dump(draft, root, ret_message);
}
