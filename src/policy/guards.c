/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/guards.h"

#include "base/sha256.h"
#include "base/text.h"
#include "policy/list.h"
#include "policy/set.h"

#define PROGRAM_BYTES 512u

static struct gb_span text_at(const struct gb_policy *policy, enum gb_blob_guard guard, size_t index)
{
	const struct gb_blob_text *texts = part_elements(policy, policy->header->guards.texts[guard]);

	return blob_text(policy, texts[index]);
}

static size_t count_of(const struct gb_policy *policy, enum gb_blob_guard guard)
{
	return policy->header->guards.texts[guard].count;
}

static bool any_glob_matches(const struct gb_policy *policy, enum gb_blob_guard guard, struct gb_span text)
{
	for (size_t i = 0; i < count_of(policy, guard); i++)
		if (gb_policy_glob_matches(text_at(policy, guard, i), text))
			return true;
	return false;
}

/* A file that has no name any more was put there by somebody: what came with the function stays. */
static bool is_trusted(const struct gb_policy *policy, struct gb_span path)
{
	return !gb_span_ends(path, GB_SPAN(" (deleted)")) && any_glob_matches(policy, GB_BLOB_TRUSTED, path);
}

enum gb_reason gb_policy_drift(const struct gb_policy *policy, const struct gb_activity *activity)
{
	if (activity->kind != GB_ACTIVITY_PROCESS_START && activity->kind != GB_ACTIVITY_LIBRARY_MAP)
		return GB_R_NONE;
	if (!is_trusted(policy, activity->subject))
		return GB_R_DRIFT;
	/* The script that an interpreter is given. */
	if (activity->kind == GB_ACTIVITY_PROCESS_START && activity->object.n != 0 && activity->object.p[0] == '/' &&
	        !is_trusted(policy, activity->object))
		return GB_R_DRIFT;
	return GB_R_NONE;
}

bool gb_policy_wants_content(const struct gb_policy *policy, enum gb_mode posture, struct gb_span path)
{
	if (policy == NULL || gb_policy_mode(policy, GB_CONTROL_FORBIDDEN, posture) == GB_MODE_OFF)
		return false;
	return (count_of(policy, GB_BLOB_FORBIDDEN_HASHES) != 0 || count_of(policy, GB_BLOB_FORBIDDEN_MARKS) != 0) &&
	       !is_trusted(policy, path);
}

/* Which pairs of bytes marks begin with, by 8 bits of both: most places of a file are passed over by one look. */
struct heads {
	uint8_t is_head[256];
};

static unsigned char head_of(const unsigned char *p)
{
	return (unsigned char)(p[0] * 37u ^ p[1]);
}

static bool has_mark_at(const struct gb_policy *policy, struct gb_span bytes, size_t at)
{
	for (size_t i = 0; i < count_of(policy, GB_BLOB_FORBIDDEN_MARKS); i++)
		if (gb_span_starts(gb_span_sub(bytes, at, SIZE_MAX), text_at(policy, GB_BLOB_FORBIDDEN_MARKS, i)))
			return true;
	return false;
}

static bool has_mark(const struct gb_policy *policy, struct gb_span bytes)
{
	struct heads heads = {0};

	if (bytes.n < 2 || count_of(policy, GB_BLOB_FORBIDDEN_MARKS) == 0)
		return false;
	for (size_t i = 0; i < count_of(policy, GB_BLOB_FORBIDDEN_MARKS); i++) {
		struct gb_span mark = text_at(policy, GB_BLOB_FORBIDDEN_MARKS, i);

		if (mark.n >= 2)
			heads.is_head[head_of(mark.p)] = 1;
	}
	for (size_t at = 0; at + 1 < bytes.n; at++)
		if (heads.is_head[head_of(bytes.p + at)] != 0 && has_mark_at(policy, bytes, at))
			return true;
	return false;
}

static bool has_hash(const struct gb_policy *policy, struct gb_span content)
{
	unsigned char digest[GB_SHA256_BYTES];

	if (content.n == 0 || count_of(policy, GB_BLOB_FORBIDDEN_HASHES) == 0)
		return false;
	gb_sha256(content, digest);
	for (size_t i = 0; i < count_of(policy, GB_BLOB_FORBIDDEN_HASHES); i++)
		if (gb_span_equal(text_at(policy, GB_BLOB_FORBIDDEN_HASHES, i), gb_span_of(digest, sizeof(digest))))
			return true;
	return false;
}

enum gb_reason gb_policy_forbidden(const struct gb_policy *policy, const struct gb_activity *activity)
{
	struct gb_span name;

	if (activity->kind != GB_ACTIVITY_PROCESS_START && activity->kind != GB_ACTIVITY_LIBRARY_MAP)
		return GB_R_NONE;
	/* argv[0] as well: a program may go by another name than its file. */
	name = gb_span_basename(gb_span_sub(activity->arguments, 0, gb_span_find_byte(activity->arguments, '\0', 0)));
	if (any_glob_matches(policy, GB_BLOB_FORBIDDEN_NAMES, gb_span_basename(activity->subject)) ||
	        (name.n != 0 && any_glob_matches(policy, GB_BLOB_FORBIDDEN_NAMES, name)) ||
	        any_glob_matches(policy, GB_BLOB_FORBIDDEN_PATHS, activity->subject))
		return GB_R_FORBIDDEN_PROGRAM;
	if (has_mark(policy, activity->arguments) || has_mark(policy, activity->content) ||
	        has_hash(policy, activity->content))
		return GB_R_FORBIDDEN_PROGRAM;
	return GB_R_NONE;
}

static bool equal_nocase_at(struct gb_span s, size_t at, struct gb_span needle)
{
	return gb_span_equal_nocase(gb_span_sub(s, at, needle.n), needle);
}

/* Names are looked up in lower case. */
static bool holds_nocase(struct gb_span s, struct gb_span needle)
{
	for (size_t at = 0; at + needle.n <= s.n; at++)
		if (equal_nocase_at(s, at, needle))
			return true;
	return false;
}

static bool holds_secret(
        const struct gb_policy_context *context, const struct gb_activity *activity, enum gb_secret_kind kind)
{
	if (context->secrets == NULL ||
	        (activity->kind != GB_ACTIVITY_PROCESS_START && activity->kind != GB_ACTIVITY_NAME_LOOKUP))
		return false;
	for (size_t i = 0; i < GB_SECRETS_MAX; i++) {
		const struct gb_secret *secret = &context->secrets[i];
		struct gb_span value;

		if (secret->kind != kind || secret->n < GB_SECRET_BYTES_MIN || secret->n > sizeof(secret->text))
			continue;
		value = gb_span_of(secret->text, secret->n);
		if (activity->kind == GB_ACTIVITY_PROCESS_START &&
		        gb_span_find(activity->arguments, value, 0) != SIZE_MAX)
			return true;
		if (activity->kind == GB_ACTIVITY_NAME_LOOKUP && holds_nocase(activity->subject, value))
			return true;
	}
	return false;
}

static bool is_decoy_file(const struct gb_policy *policy, const struct gb_activity *activity)
{
	switch (activity->kind) {
	case GB_ACTIVITY_FILE_READ:
	case GB_ACTIVITY_FILE_WRITE:
	case GB_ACTIVITY_FILE_RENAME:
	case GB_ACTIVITY_FILE_LINK: break;
	case GB_ACTIVITY_NONE:
	case GB_ACTIVITY_FILE_DELETE:
	case GB_ACTIVITY_FILE_MODE:
	case GB_ACTIVITY_PROCESS_START:
	case GB_ACTIVITY_NET_CONNECT:
	case GB_ACTIVITY_NET_SEND:
	case GB_ACTIVITY_NET_LISTEN:
	case GB_ACTIVITY_MEMORY_FILE:
	case GB_ACTIVITY_PROCESS_TRACE:
	case GB_ACTIVITY_MEMORY_EXECUTABLE:
	case GB_ACTIVITY_LIBRARY_MAP:
	case GB_ACTIVITY_NET_SOCKET:
	case GB_ACTIVITY_NAME_LOOKUP:
	case GB_ACTIVITY_SANDBOX_CHANGE:
	case GB_ACTIVITY_KERNEL_ACCESS:
	case GB_ACTIVITY_AWS_API:
	case GB_ACTIVITY_HTTP_REQUEST:
	case _GB_ACTIVITY_KIND_MAX: return false;
	}
	for (size_t i = 0; i < count_of(policy, GB_BLOB_DECOY_FILES); i++)
		if (gb_span_equal(text_at(policy, GB_BLOB_DECOY_FILES, i), activity->subject))
			return true;
	return false;
}

enum gb_reason gb_policy_decoy(const struct gb_policy_context *context, const struct gb_activity *activity)
{
	const struct gb_policy *policy = context->policy;
	struct gb_span name = activity->kind == GB_ACTIVITY_NAME_LOOKUP ? activity->subject : activity->object;

	if (is_decoy_file(policy, activity) || holds_secret(context, activity, GB_SECRET_DECOY))
		return GB_R_DECOY_TOUCHED;
	if ((activity->kind == GB_ACTIVITY_NAME_LOOKUP || activity->kind == GB_ACTIVITY_NET_CONNECT ||
	            activity->kind == GB_ACTIVITY_NET_SEND) &&
	        any_glob_matches(policy, GB_BLOB_DECOY_HOSTS, name))
		return GB_R_DECOY_TOUCHED;
	return GB_R_NONE;
}

/* /proc/PID/environ and /proc/PID/task/TID/environ hold the keys of the function's role; another process's memory does, too. */
static bool is_environment(struct gb_span path)
{
	if (path.n < 7 || path.p[1] != 'p' || !gb_span_starts(path, GB_SPAN("/proc/")))
		return false;
	return gb_span_ends(path, GB_SPAN("/environ")) ||
	       (gb_ascii_is_digit(path.p[6]) && gb_span_ends(path, GB_SPAN("/mem")));
}

enum gb_reason gb_policy_credential(const struct gb_policy_context *context, const struct gb_activity *activity)
{
	if (activity->kind == GB_ACTIVITY_FILE_READ)
		return is_environment(activity->subject) ? GB_R_ENVIRONMENT_READ : GB_R_NONE;
	return holds_secret(context, activity, GB_SECRET_CREDENTIAL) ? GB_R_CREDENTIAL_LEAVES : GB_R_NONE;
}

static bool is_over(const struct gb_policy_context *context, enum gb_usage kind)
{
	uint32_t limit = context->policy->header->guards.budgets[kind];

	if (limit == 0)
		return false;
	if ((context->exceeded >> kind & 1u) != 0)
		return true;
	return context->usage != NULL && __atomic_load_n(&context->usage[kind], __ATOMIC_RELAXED) > limit;
}

enum gb_reason gb_policy_budget(const struct gb_policy_context *context, const struct gb_activity *activity)
{
	if (activity->kind == GB_ACTIVITY_PROCESS_START) {
		if (is_over(context, GB_USAGE_PROCESSES))
			return GB_R_BUDGET_PROCESSES;
		if (is_over(context, GB_USAGE_CHILDREN))
			return GB_R_BUDGET_CHILDREN;
		if (is_over(context, GB_USAGE_CPU))
			return GB_R_BUDGET_CPU;
	}
	if ((activity->kind == GB_ACTIVITY_NET_CONNECT || activity->kind == GB_ACTIVITY_NET_SEND) &&
	        activity->address.family == GB_ADDRESS_IP && is_over(context, GB_USAGE_CONNECTIONS))
		return GB_R_BUDGET_CONNECTIONS;
	if (activity->kind == GB_ACTIVITY_FILE_WRITE && gb_span_starts(activity->subject, GB_SPAN("/tmp/")) &&
	        is_over(context, GB_USAGE_TMP))
		return GB_R_BUDGET_TMP;
	return GB_R_NONE;
}

bool gb_policy_guards_are_good(struct gb_span blob)
{
	const struct gb_blob_header *header = (const void *)blob.p;

	for (size_t guard = 0; guard < _GB_BLOB_GUARD_MAX; guard++) {
		struct gb_blob_part part = header->guards.texts[guard];
		const struct gb_blob_text *texts = (const void *)(blob.p + part.offset);

		if (part.count == 0)
			continue;
		if (part.offset % 4 != 0 || part.offset < sizeof(*header) || part.offset > blob.n ||
		        part.count > (blob.n - part.offset) / sizeof(*texts))
			return false;
		for (size_t i = 0; i < part.count; i++)
			if (texts[i].n == 0 || texts[i].offset > header->text.count ||
			        texts[i].n > header->text.count - texts[i].offset ||
			        (guard == GB_BLOB_FORBIDDEN_HASHES && texts[i].n != GB_SHA256_BYTES))
				return false;
	}
	return true;
}

/* Shells, refused by one name, go on to the other by themselves. */
bool gb_policy_denies_other_name(const struct gb_policy *policy, const struct gb_activity *activity, uint32_t *ret_tag)
{
	struct gb_activity other = *activity;
	char buffer[PROGRAM_BYTES];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));
	struct gb_span path = activity->subject;

	if (gb_span_starts(path, GB_SPAN("/usr/"))) {
		path = gb_span_sub(path, 4, path.n);
	} else {
		gb_text_add(&text, GB_SPAN("/usr"));
		gb_text_add(&text, path);
	}
	other.subject = text.n == 0 ? path : gb_text_span(&text);
	return (gb_span_starts(path, GB_SPAN("/bin/")) || gb_span_starts(path, GB_SPAN("/sbin/"))) && !text.truncated &&
	       gb_policy_list_holds(policy, GB_BLOB_RULES, &other, GB_LIST_ANY_PART, ret_tag);
}
