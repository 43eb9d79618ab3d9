/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/list.h"

#include "policy/set.h"
#include "policy/shape.h"

static bool files_hold(
        const struct gb_policy *policy, const struct gb_blob_list *list, enum gb_blob_file_set set, struct gb_span path)
{
	return gb_policy_set_holds(policy, &list->files[set], path);
}

static bool processes_hold(
        const struct gb_policy *policy, const struct gb_blob_list *list, const struct gb_activity *activity)
{
	const struct gb_blob_process *processes = part_elements(policy, list->processes);

	for (size_t i = 0; i < list->processes.count; i++)
		if (gb_policy_glob_matches(blob_text(policy, processes[i].executable), activity->subject) &&
		        gb_policy_shape_matches(policy, &processes[i], activity->arguments))
			return true;
	return false;
}

static bool block_holds(const struct gb_blob_address *block, const struct gb_address *address)
{
	size_t bytes = block->prefix_n / 8u, bits = block->prefix_n % 8u;

	if (address->port < block->port_first || address->port > block->port_last)
		return false;
	if (__builtin_memcmp(block->ip, address->ip, bytes) != 0)
		return false;
	return bits == 0 || (block->ip[bytes] ^ address->ip[bytes]) >> (8 - bits) == 0;
}

/* `*` does not end at a dot: *.example.com is every name below. */
static bool hosts_hold(const struct gb_policy *policy, const struct gb_blob_list *list, struct gb_span name)
{
	const struct gb_blob_pattern *hosts = part_elements(policy, list->hosts);

	for (size_t i = 0; name.n != 0 && i < list->hosts.count; i++)
		if (gb_policy_glob_matches(blob_text(policy, hosts[i].text), name))
			return true;
	return false;
}

static bool addresses_hold(
        const struct gb_policy *policy, const struct gb_blob_list *list, const struct gb_activity *activity)
{
	const struct gb_blob_address *blocks = part_elements(policy, list->addresses);
	const struct gb_address *address = &activity->address;

	if (address->family == GB_ADDRESS_UNIX)
		return files_hold(policy, list, GB_BLOB_FILES_SOCKET, activity->subject);
	if (address->family == GB_ADDRESS_IP && hosts_hold(policy, list, activity->object))
		return true;
	for (size_t i = 0; i < list->addresses.count; i++) {
		if (blocks[i].prefix_n == GB_BLOB_FAMILY_PREFIX_N) {
			if (address->family == GB_ADDRESS_OTHER && blocks[i].port_first == address->family_number)
				return true;
		} else if (address->family == GB_ADDRESS_IP && block_holds(&blocks[i], address)) {
			return true;
		}
	}
	return false;
}

static bool two_paths_hold(const struct gb_policy *policy, const struct gb_blob_list *list,
        const struct gb_activity *activity, enum gb_list_want want)
{
	bool subject = files_hold(policy, list, GB_BLOB_FILES_WRITE, activity->subject);
	bool object = files_hold(policy, list, GB_BLOB_FILES_WRITE, activity->object);

	/* A link needs no right to change what it points to, only to know it. */
	if (activity->kind == GB_ACTIVITY_FILE_LINK && !subject)
		subject = files_hold(policy, list, GB_BLOB_FILES_READ, activity->subject);
	return want == GB_LIST_WHOLE ? subject && object : subject || object;
}

bool gb_policy_list_holds(const struct gb_policy *policy, enum gb_blob_list_name name,
        const struct gb_activity *activity, enum gb_list_want want)
{
	const struct gb_blob_list *list = &policy->header->lists[name];

	if ((unsigned)activity->kind < _GB_ACTIVITY_KIND_MAX && (list->kinds >> activity->kind & 1u) != 0)
		return true;
	switch (activity->kind) {
	case GB_ACTIVITY_FILE_READ: return files_hold(policy, list, GB_BLOB_FILES_READ, activity->subject);
	case GB_ACTIVITY_FILE_WRITE:
	case GB_ACTIVITY_FILE_DELETE:
	case GB_ACTIVITY_FILE_MODE: return files_hold(policy, list, GB_BLOB_FILES_WRITE, activity->subject);
	case GB_ACTIVITY_FILE_RENAME:
	case GB_ACTIVITY_FILE_LINK: return two_paths_hold(policy, list, activity, want);
	case GB_ACTIVITY_PROCESS_START: return processes_hold(policy, list, activity);
	case GB_ACTIVITY_NET_CONNECT:
	case GB_ACTIVITY_NET_SEND: return addresses_hold(policy, list, activity);
	case GB_ACTIVITY_NAME_LOOKUP: return hosts_hold(policy, list, activity->subject);
	case GB_ACTIVITY_LIBRARY_MAP: return files_hold(policy, list, GB_BLOB_FILES_LIBRARY, activity->subject);
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
