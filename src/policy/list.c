/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/list.h"

#include "policy/moment.h"
#include "policy/set.h"
#include "policy/shape.h"

static bool files_hold(const struct gb_policy *policy, const struct gb_blob_list *list, enum gb_blob_set_name set,
        struct gb_span path, uint32_t *ret_tag)
{
	if (gb_policy_set_holds(policy, &list->sets[set], path, ret_tag))
		return true;
	return list->expressions.count != 0 && gb_policy_expression_holds(policy, list, set, path, ret_tag);
}

static bool processes_hold(const struct gb_policy *policy, const struct gb_blob_list *list,
        const struct gb_activity *activity, uint32_t *ret_tag)
{
	const struct gb_blob_process *processes = part_elements(policy, list->processes);

	for (size_t i = 0; i < list->processes.count; i++) {
		if (!gb_policy_glob_matches(blob_text(policy, processes[i].executable), activity->subject) ||
		        !gb_policy_shape_matches(policy, &processes[i], activity->arguments) ||
		        !gb_policy_tag_holds(policy, processes[i].tag))
			continue;
		*ret_tag = processes[i].tag;
		return true;
	}
	return list->expressions.count != 0 && gb_policy_command_line_holds(policy, list, activity, ret_tag);
}

static bool two_paths_hold(const struct gb_policy *policy, const struct gb_blob_list *list,
        const struct gb_activity *activity, enum gb_list_want want, uint32_t *ret_tag)
{
	bool object = files_hold(policy, list, GB_BLOB_FILES_WRITE, activity->object, ret_tag);
	bool subject = files_hold(policy, list, GB_BLOB_FILES_WRITE, activity->subject, ret_tag);

	/* A link needs no right to change what it points to, only to know it. */
	if (activity->kind == GB_ACTIVITY_FILE_LINK && !subject)
		subject = files_hold(policy, list, GB_BLOB_FILES_READ, activity->subject, ret_tag);
	return want == GB_LIST_WHOLE ? subject && object : subject || object;
}

static bool kind_holds(
        const struct gb_policy *policy, const struct gb_blob_list *list, enum gb_activity_kind kind, uint32_t *ret_tag)
{
	const struct gb_blob_kind *kinds = part_elements(policy, list->kind_tags);
	uint32_t tag = 0;

	for (size_t i = 0; i < list->kind_tags.count; i++)
		if (kinds[i].kind == (uint32_t)kind)
			tag = kinds[i].tag;
	if (!gb_policy_tag_holds(policy, tag))
		return false;
	*ret_tag = tag;
	return true;
}

bool gb_policy_list_holds(const struct gb_policy *policy, enum gb_blob_list_name name,
        const struct gb_activity *activity, enum gb_list_want want, uint32_t *ret_tag)
{
	const struct gb_blob_list *list = &policy->header->lists[name];
	uint32_t unwanted;

	if (ret_tag == NULL)
		ret_tag = &unwanted;
	*ret_tag = 0;
	if ((unsigned)activity->kind < _GB_ACTIVITY_KIND_MAX && (list->kinds >> activity->kind & 1u) != 0 &&
	        kind_holds(policy, list, activity->kind, ret_tag))
		return true;
	switch (activity->kind) {
	case GB_ACTIVITY_FILE_READ: return files_hold(policy, list, GB_BLOB_FILES_READ, activity->subject, ret_tag);
	case GB_ACTIVITY_FILE_WRITE:
	case GB_ACTIVITY_FILE_DELETE:
	case GB_ACTIVITY_FILE_MODE: return files_hold(policy, list, GB_BLOB_FILES_WRITE, activity->subject, ret_tag);
	case GB_ACTIVITY_FILE_RENAME:
	case GB_ACTIVITY_FILE_LINK: return two_paths_hold(policy, list, activity, want, ret_tag);
	case GB_ACTIVITY_PROCESS_START: return processes_hold(policy, list, activity, ret_tag);
	case GB_ACTIVITY_NET_CONNECT:
	case GB_ACTIVITY_NET_SEND:
		if (activity->address.family == GB_ADDRESS_UNIX)
			return files_hold(policy, list, GB_BLOB_FILES_SOCKET, activity->subject, ret_tag);
		return gb_policy_destination_holds(policy, list, activity, ret_tag);
	case GB_ACTIVITY_NAME_LOOKUP: return gb_policy_host_holds(policy, list, activity->subject, ret_tag);
	case GB_ACTIVITY_LIBRARY_MAP:
		return files_hold(policy, list, GB_BLOB_FILES_LIBRARY, activity->subject, ret_tag);
	case GB_ACTIVITY_AWS_API:
	case GB_ACTIVITY_HTTP_REQUEST: return gb_policy_call_holds(policy, list, activity, ret_tag);
	case GB_ACTIVITY_NONE:
	case GB_ACTIVITY_NET_LISTEN:
	case GB_ACTIVITY_MEMORY_FILE:
	case GB_ACTIVITY_PROCESS_TRACE:
	case GB_ACTIVITY_MEMORY_EXECUTABLE:
	case GB_ACTIVITY_NET_SOCKET:
	case GB_ACTIVITY_SANDBOX_CHANGE:
	case GB_ACTIVITY_KERNEL_ACCESS:
	case _GB_ACTIVITY_KIND_MAX: break;
	}
	return false;
}
