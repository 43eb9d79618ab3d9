/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson inspect --policy: what a function's agent would do about the event under that policy. */
#include "cmd/gambeson/inspect.h"

#include "cmd/gambeson/policy_file.h"

#include <time.h>

int gb_inspection_take_policy(struct gb_inspection *session, const char *path, unsigned char **ret_memory)
{
	size_t n = 0;
	int status = gb_policy_file_compile(session->command, path, ret_memory, &n);

	return status == GB_EXIT_OK ? gb_inspection_open_policy(session, path, *ret_memory, n, (int64_t)time(NULL))
	                            : status;
}

int gb_inspection_open_policy(
        struct gb_inspection *session, const char *name, const unsigned char *blob, size_t n, int64_t moment)
{
	int r = gb_policy_open(gb_span_of(blob, n), &session->policy);

	if (r == 0)
		r = gb_policy_firewall_open(&session->policy);
	if (r < 0)
		return gb_complain(session->command, GB_EXIT_USAGE, "%s is refused: %s", name, gb_blob_error_text(r));
	session->policy.moment = (uint32_t)moment;
	session->firewall = (struct gb_firewall){
	        .policy = &session->policy,
	        .mode = gb_policy_mode(&session->policy, GB_CONTROL_FIREWALL, gb_policy_posture(&session->policy)),
	};
	session->options.is_strict = session->policy.header->firewall.is_strict != 0;
	return GB_EXIT_OK;
}

enum gb_mode gb_inspection_action(const struct gb_firewall_verdict *verdict)
{
	enum gb_mode action = verdict->source_mode;

	if (verdict->is_blocked)
		return GB_MODE_BLOCK;
	for (size_t i = 0; i < verdict->report.finding_count; i++)
		action = verdict->modes[i] > action ? verdict->modes[i] : action;
	return verdict->report.is_limited && verdict->limit_mode > action ? verdict->limit_mode : action;
}

const char *gb_inspection_action_name(enum gb_mode mode)
{
	return mode == GB_MODE_OFF ? "pass" : gb_mode_name(mode);
}
