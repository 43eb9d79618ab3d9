/* SPDX-License-Identifier: Apache-2.0 */
#include "firewall/firewall.h"

#include <string.h>

/* What the callbacks of one inspection need. */
struct judging {
	const struct gb_firewall *firewall;
	const struct gb_inspect_options *listener;
	struct gb_inspect_head head;
};

static enum gb_mode least(enum gb_mode a, enum gb_mode b)
{
	return a < b ? a : b;
}

static enum gb_mode class_mode(const struct gb_firewall *firewall, unsigned attack_class)
{
	uint8_t mode = GB_BLOB_MODE_POSTURE;

	if (firewall->policy != NULL && attack_class < GB_BLOB_CLASSES_MAX)
		mode = gb_blob_class_mode(firewall->policy->header->firewall.class_modes[attack_class]);
	return mode == GB_BLOB_MODE_POSTURE ? firewall->mode : least((enum gb_mode)mode, firewall->mode);
}

/* *ret_tag: of the exclusion that makes it less. */
static enum gb_mode mode_of(const struct judging *judging, const struct gb_inspect_finding *finding, uint32_t *ret_tag)
{
	enum gb_mode mode = class_mode(judging->firewall, finding->attack_class), most;
	struct gb_policy_place place = {
	        .attack_class = finding->attack_class,
	        .reason = gb_span_cstr(finding->reason),
	        .path = finding->path,
	        .method = judging->head.method,
	        .resource = judging->head.resource,
	        .route = judging->head.path,
	};

	*ret_tag = 0;
	if (judging->firewall->policy == NULL || mode == GB_MODE_OFF)
		return mode;
	most = gb_policy_exception_mode(judging->firewall->policy, &place, ret_tag);
	if (most < mode)
		return most;
	*ret_tag = 0;
	return mode;
}

static unsigned weigh(void *context, const struct gb_inspect_finding *finding)
{
	const struct judging *judging = context;
	uint32_t tag;
	enum gb_mode mode = mode_of(judging, finding, &tag);

	if (mode == GB_MODE_OFF)
		return 0;
	return mode == judging->firewall->mode ? GB_INSPECT_WEIGHT_MAX : 1;
}

static void on_string(void *context, const struct gb_inspect_string *string)
{
	const struct judging *judging = context;

	judging->listener->on_string(judging->listener->context, string);
}

static void on_detector(void *context, enum gb_attack_class attack_class, const char *reason)
{
	const struct judging *judging = context;

	judging->listener->on_detector(judging->listener->context, attack_class, reason);
}

/* Classes that are not off; a bit of no class when all are. */
static uint32_t classes_of(const struct gb_firewall *firewall)
{
	uint32_t classes = 1u << GB_CLASS_NONE;

	for (unsigned c = GB_CLASS_NONE + 1; c < _GB_CLASS_MAX; c++)
		if (class_mode(firewall, c) != GB_MODE_OFF)
			classes |= 1u << c;
	return classes;
}

/* Classes of which mentions are judged so. */
static uint32_t mentions_of(const struct gb_firewall *firewall, enum gb_blob_mention mention)
{
	uint32_t classes = 0;

	for (unsigned c = GB_CLASS_NONE + 1; c < _GB_CLASS_MAX && firewall->policy != NULL; c++)
		if (gb_blob_class_mention(firewall->policy->header->firewall.class_modes[c]) == mention)
			classes |= 1u << c;
	return classes;
}

static bool needs_head(const struct gb_firewall *firewall)
{
	const struct gb_blob_firewall *from = firewall->policy == NULL ? NULL : &firewall->policy->header->firewall;

	return from != NULL && (from->source_lists.count != 0 || from->trusted_hops > 1 ||
	                               from->address_header.n != 0 || from->proxies4.count != 0 ||
	                               from->proxies6.count != 0 || gb_policy_has_routes(firewall->policy));
}

static void judge_limits(const struct gb_firewall *firewall, bool is_whole, struct gb_firewall_verdict *verdict)
{
	struct gb_inspect_report *report = &verdict->report;

	if (!is_whole) {
		report->is_limited = true;
		report->limits |= 1u << GB_LIMIT_BYTES;
	}
	if (!report->is_limited)
		return;
	while ((unsigned)verdict->limit + 1 < _GB_LIMIT_MAX && (report->limits >> verdict->limit & 1u) == 0)
		verdict->limit++;
	if ((report->limits >> verdict->limit & 1u) == 0)
		verdict->limit = GB_LIMIT_OTHER;
	verdict->limit_mode =
	        firewall->policy == NULL ? GB_MODE_DETECT : (enum gb_mode)firewall->policy->header->firewall.on_limit;
	verdict->limit_mode = least(verdict->limit_mode, firewall->mode);
	verdict->is_blocked |= verdict->limit_mode == GB_MODE_BLOCK;
}

static void judge_source(const struct judging *judging, struct gb_firewall_verdict *verdict)
{
	const struct gb_policy *policy = judging->firewall->policy;
	struct gb_span client =
	        gb_firewall_client(policy, verdict->report.shape, &judging->head, verdict->report.source_ip);
	unsigned char ip[16];

	client = gb_span_sub(client, 0, sizeof(verdict->client));
	if (client.n != 0)
		memcpy(verdict->client, client.p, client.n);
	verdict->client_n = client.n;
	if (policy == NULL || !gb_firewall_address_parse(client, ip))
		return;
	verdict->source = gb_policy_source(policy, ip);
	if (verdict->source != NULL)
		verdict->source_mode = least(gb_policy_source_mode(policy, verdict->source), judging->firewall->mode);
	verdict->is_blocked |= verdict->source_mode == GB_MODE_BLOCK;
}

void gb_firewall_judge(const struct gb_firewall *firewall, struct gb_span event, bool is_whole,
        const struct gb_inspect_options *listener, struct gb_inspect_scratch *scratch,
        struct gb_firewall_verdict *ret_verdict)
{
	struct judging judging = {.firewall = firewall, .listener = listener};
	struct gb_inspect_options options = {
	        .classes = classes_of(firewall),
	        .is_strict = firewall->policy != NULL && firewall->policy->header->firewall.is_strict != 0,
	        .mentions_found = mentions_of(firewall, GB_BLOB_MENTION_BLOCK),
	        .mentions_untold = mentions_of(firewall, GB_BLOB_MENTION_IGNORE),
	        .is_brief = listener != NULL && listener->is_brief && firewall->mode == GB_MODE_BLOCK,
	        .forced_shape = listener != NULL ? listener->forced_shape : GB_SHAPE_OTHER,
	        .on_string = listener != NULL && listener->on_string != NULL ? on_string : NULL,
	        .on_detector = listener != NULL && listener->on_detector != NULL ? on_detector : NULL,
	        .weigh = weigh,
	        .context = &judging,
	};

	*ret_verdict = (struct gb_firewall_verdict){.is_blocked = false};
	if (firewall->policy != NULL && needs_head(firewall))
		gb_inspect_event_head(event,
		        gb_policy_firewall_text(firewall->policy, firewall->policy->header->firewall.address_header),
		        &judging.head);
	gb_inspect_event(&options, event, scratch, &ret_verdict->report);
	for (size_t i = 0; i < ret_verdict->report.finding_count; i++) {
		const struct gb_inspect_finding *finding = &ret_verdict->report.findings[i];

		ret_verdict->modes[i] = finding->weight >= GB_INSPECT_WEIGHT_MAX ? firewall->mode : GB_MODE_DETECT;
		if (ret_verdict->modes[i] != firewall->mode)
			(void)mode_of(&judging, finding, &ret_verdict->tags[i]);
		ret_verdict->is_blocked |= ret_verdict->modes[i] == GB_MODE_BLOCK;
	}
	judge_limits(firewall, is_whole, ret_verdict);
	judge_source(&judging, ret_verdict);
}
