/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AWS Security Finding Format 2018-10-08: the body of BatchImportFindings, up to 100 findings of up to 240 KB. Security
 * Hub takes no text that is blank or whose only letters stand behind a line end, so texts are shown on one line.
 */
#include "tell/draft.h"

#include "base/ip.h"

#include <errno.h>

#define ID_MAX          512u
#define TITLE_MAX       256u
#define DESCRIPTION_MAX 1024u
#define FIELD_MAX       2000u /* bytes of a product field */

static const char *const labels[_GB_TELL_SEVERITY_MAX] = {
        [GB_TELL_INFO] = "INFORMATIONAL",
        [GB_TELL_LOW] = "LOW",
        [GB_TELL_MEDIUM] = "MEDIUM",
        [GB_TELL_HIGH] = "HIGH",
        [GB_TELL_CRITICAL] = "CRITICAL",
};

static bool is_account(struct gb_span s)
{
	uint64_t number;

	return s.n == 12 && gb_span_to_u64(s, &number);
}

static bool is_blank(struct gb_span s)
{
	return gb_span_trim(s).n == 0;
}

static void put(struct gb_draft *draft, json_t *root, const char *path, struct gb_span text, size_t maximum)
{
	if (!is_blank(text))
		gb_draft_shown(draft, root, path, text, maximum);
}

static json_t *joined(struct gb_draft *draft, const struct gb_span *parts, size_t count, size_t maximum)
{
	char *room = gb_arena_take(draft->arena, 4096);
	struct gb_text text = gb_text_on(room, 4096);

	if (!room)
		return NULL;
	for (size_t i = 0; i < count; i++)
		gb_text_add(&text, gb_draft_show(draft, parts[i], 1024));
	return gb_draft_string(draft, gb_text_span(&text), maximum, true);
}

/* namespace/category/classifier of the finding types that Security Hub knows; a slash in the classifier would be a level. */
static void put_types(struct gb_draft *draft, json_t *finding, const struct gb_tell_notice *n)
{
	bool is_attack = gb_span_equal(n->control, GB_SPAN("firewall")) || gb_span_equal(n->control, GB_SPAN("flow"));
	struct gb_span shown = gb_draft_show(draft, n->type, 100);
	unsigned char *classifier = gb_arena_take(draft->arena, shown.n + 1);
	json_t *types = json_array();

	if (!classifier) {
		draft->is_short = true;
		json_decref(types);
		return;
	}
	for (size_t i = 0; i < shown.n; i++)
		classifier[i] = shown.p[i] == '/' ? '_' : shown.p[i];
	gb_draft_append(draft, types,
	        joined(draft,
	                (const struct gb_span[]){
	                        is_attack ? GB_SPAN("TTPs/Initial Access/") : GB_SPAN("Unusual Behaviors/Serverless/"),
	                        gb_span_of(classifier, shown.n)},
	                2, 200));
	gb_draft_put(draft, finding, "FindingProviderFields.Types", types);
}

static void put_fields(struct gb_draft *draft, json_t *finding, const struct gb_tell_notice *n)
{
	const struct {
		const char *name;
		struct gb_span value;
	} fields[] = {
	        {"gambeson/event", n->id},
	        {"gambeson/request", n->request},
	        {"gambeson/sandbox", n->sandbox},
	        {"gambeson/action", n->action},
	        {"gambeson/control", n->control},
	        {"gambeson/class", n->class_name},
	        {"gambeson/reason", n->reason},
	        {"gambeson/input/path", n->input_path},
	        {"gambeson/input/value", n->input_value},
	        {"gambeson/activity", n->activity},
	        {"gambeson/subject", n->subject},
	        {"gambeson/object", n->object},
	};
	json_t *list = json_object();
	char digits[24];
	struct gb_text number = gb_text_on(digits, sizeof(digits));

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		put(draft, list, fields[i].name, fields[i].value, FIELD_MAX);
	gb_text_add_u64(&number, n->count);
	put(draft, list, "gambeson/count", gb_text_span(&number), 24);
	gb_draft_put(draft, finding, "ProductFields", list);
}

static void put_resource(struct gb_draft *draft, json_t *finding, const struct gb_tell_notice *n)
{
	const struct gb_tell_function *f = &n->function;
	struct gb_span arn = gb_tell_function_arn(draft->arena, f);
	json_t *resource = json_object(), *list = json_array();

	gb_draft_literal(draft, resource, "Type", "AwsLambdaFunction");
	put(draft, resource, "Id", arn.n ? arn : is_blank(f->name) ? GB_SPAN("unknown") : f->name, ID_MAX);
	put(draft, resource, "Region", f->region, 16);
	put(draft, resource, "Details.AwsLambdaFunction.FunctionName", f->name, 256);
	put(draft, resource, "Details.AwsLambdaFunction.Runtime", f->runtime, 64);
	put(draft, resource, "Details.AwsLambdaFunction.Version", f->version, 64);
	gb_draft_append(draft, list, resource);
	gb_draft_put(draft, finding, "Resources", list);
}

static void put_details(struct gb_draft *draft, json_t *finding, const struct gb_tell_notice *n)
{
	unsigned char ip[16];

	if (gb_ip_parse(n->source_ip, false, ip))
		put(draft, finding, "Network.SourceIpV4", n->source_ip, 64);
	else if (gb_ip_parse(n->source_ip, true, ip))
		put(draft, finding, "Network.SourceIpV6", n->source_ip, 64);
	if (gb_span_starts(n->activity, GB_SPAN("process"))) {
		put(draft, finding, "Process.Path", n->subject, 512);
		put(draft, finding, "Process.Name", gb_span_basename(n->subject), 64);
		if (n->pid > 0)
			gb_draft_number(draft, finding, "Process.Pid", n->pid);
	}
	put(draft, finding, "SourceUrl", gb_draft_link(draft, n), 2048);
}

static json_t *finding_of(struct gb_draft *draft, const struct gb_tell_notice *n)
{
	const struct gb_tell_target *target = draft->target;
	struct gb_span account = is_account(n->function.account) ? n->function.account : target->account;
	struct gb_span region = target->region;
	struct gb_span key = n->id.n ? n->id : target->key;
	struct gb_span partition = gb_span_starts(region, GB_SPAN("cn-"))       ? GB_SPAN("aws-cn")
	                           : gb_span_starts(region, GB_SPAN("us-gov-")) ? GB_SPAN("aws-us-gov")
	                                                                        : GB_SPAN("aws");
	json_t *finding = json_object();

	gb_draft_literal(draft, finding, "SchemaVersion", "2018-10-08");
	gb_draft_put(draft, finding, "Id",
	        joined(draft, (const struct gb_span[]){GB_SPAN("gambeson/"), is_blank(key) ? GB_SPAN("event") : key}, 2,
	                ID_MAX));
	gb_draft_put(draft, finding, "ProductArn",
	        joined(draft,
	                (const struct gb_span[]){GB_SPAN("arn:"), partition, GB_SPAN(":securityhub:"), region,
	                        GB_SPAN(":"), target->account, GB_SPAN(":product/"), target->account,
	                        GB_SPAN("/default")},
	                9, 1024));
	gb_draft_put(draft, finding, "GeneratorId",
	        joined(draft, (const struct gb_span[]){GB_SPAN("gambeson/"), n->reason.n ? n->reason : n->type}, 2,
	                ID_MAX));
	gb_draft_exact(draft, finding, "AwsAccountId", account, 12);
	gb_draft_literal(draft, finding, "ProductName", "Gambeson");
	gb_draft_literal(draft, finding, "CompanyName", "Gambeson");
	gb_draft_time(draft, finding, "CreatedAt", n->first_ms);
	gb_draft_time(draft, finding, "UpdatedAt", n->last_ms);
	gb_draft_time(draft, finding, "FirstObservedAt", n->first_ms);
	gb_draft_time(draft, finding, "LastObservedAt", n->last_ms);
	gb_draft_literal(draft, finding, "FindingProviderFields.Severity.Label", labels[n->severity]);
	gb_draft_literal(draft, finding, "Severity.Label", labels[n->severity]);
	put_types(draft, finding, n);
	put(draft, finding, "Title", gb_draft_title(draft, n, TITLE_MAX), TITLE_MAX);
	put(draft, finding, "Description", is_blank(n->message) ? gb_draft_title(draft, n, TITLE_MAX) : n->message,
	        DESCRIPTION_MAX);
	gb_draft_literal(draft, finding, "RecordState", "ACTIVE");
	gb_draft_literal(draft, finding, "Workflow.Status", "NEW");
	put_resource(draft, finding, n);
	put_fields(draft, finding, n);
	put_details(draft, finding, n);
	return finding;
}

int gb_tell_write_asff(
        struct gb_draft *draft, const struct gb_tell_notice *notices, size_t count, struct gb_span *ret_message)
{
	size_t finding_max = draft->size_max;
	json_t *root, *list;

	if (!is_account(draft->target->account) || draft->target->region.n == 0)
		return -EINVAL;
	root = json_object();
	list = json_array();
	for (size_t i = 0; i < count; i++) {
		json_t *finding = finding_of(draft, &notices[i]);

		if (json_dumpb(finding, NULL, 0, JSON_COMPACT) > finding_max) {
			json_decref(finding);
			json_decref(list);
			json_decref(root);
			return -EMSGSIZE;
		}
		gb_draft_append(draft, list, finding);
	}
	gb_draft_put(draft, root, "Findings", list);
	draft->size_max = finding_max * count + 64;
	return gb_draft_dump(draft, root, ret_message);
}
