/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/activity.h"
#include "activity/verdict.h"

static const char *const kind_names[_GB_ACTIVITY_KIND_MAX] = {
        [GB_ACTIVITY_NONE] = "none",
        [GB_ACTIVITY_FILE_READ] = "file_read",
        [GB_ACTIVITY_FILE_WRITE] = "file_write",
        [GB_ACTIVITY_FILE_DELETE] = "file_delete",
        [GB_ACTIVITY_FILE_RENAME] = "file_rename",
        [GB_ACTIVITY_FILE_LINK] = "file_link",
        [GB_ACTIVITY_FILE_MODE] = "file_mode",
        [GB_ACTIVITY_PROCESS_START] = "process_start",
        [GB_ACTIVITY_NET_CONNECT] = "net_connect",
        [GB_ACTIVITY_NET_SEND] = "net_send",
        [GB_ACTIVITY_NET_LISTEN] = "net_listen",
        [GB_ACTIVITY_MEMORY_FILE] = "memory_file",
        [GB_ACTIVITY_PROCESS_TRACE] = "process_trace",
        [GB_ACTIVITY_MEMORY_EXECUTABLE] = "memory_executable",
        [GB_ACTIVITY_LIBRARY_MAP] = "library_map",
        [GB_ACTIVITY_NET_SOCKET] = "net_socket",
        [GB_ACTIVITY_NAME_LOOKUP] = "name_lookup",
        [GB_ACTIVITY_SANDBOX_CHANGE] = "sandbox_change",
        [GB_ACTIVITY_KERNEL_ACCESS] = "kernel_access",
        [GB_ACTIVITY_AWS_API] = "aws_api",
        [GB_ACTIVITY_HTTP_REQUEST] = "http_request",
};

static const char *const control_names[_GB_CONTROL_MAX] = {
        [GB_CONTROL_NONE] = "none",
        [GB_CONTROL_FIREWALL] = "firewall",
        [GB_CONTROL_RULE] = "rule",
        [GB_CONTROL_FLOW] = "flow",
        [GB_CONTROL_ALLOWLIST] = "allowlist",
        [GB_CONTROL_SELF] = "self",
        [GB_CONTROL_DRIFT] = "drift",
        [GB_CONTROL_FORBIDDEN] = "forbidden",
        [GB_CONTROL_DECOY] = "decoys",
        [GB_CONTROL_CREDENTIAL] = "credentials",
        [GB_CONTROL_BUDGET] = "budgets",
        [GB_CONTROL_HYGIENE] = "hygiene",
};

static const char *const mode_names[_GB_MODE_MAX] = {
        [GB_MODE_OFF] = "off",
        [GB_MODE_DETECT] = "detect",
        [GB_MODE_BLOCK] = "block",
};

static const char *const stance_names[_GB_STANCE_MAX] = {
        [GB_STANCE_OPEN] = "open",
        [GB_STANCE_CLOSED] = "closed",
};

static const struct gb_reason_facts reasons[_GB_REASON_MAX] = {
        [GB_R_NONE] = {"none", "nothing to say", "", 0},
        [GB_R_NOT_ON_ALLOWLIST] = {"not_on_allowlist", "the function has not been seen to do this", "", 0},
        [GB_R_RULE_DENIES] = {"rule_denies", "a rule of the policy forbids this", "", 0},
        [GB_R_FLOW_SHELL_COMMAND] = {"flow_shell_command", "input made the shell run a command of its own", "T1059.004",
                78},
        [GB_R_FLOW_SHELL_SUBSTITUTION] = {"flow_shell_substitution", "input made the shell expand or substitute",
                "T1059.004", 78},
        [GB_R_FLOW_SHELL_REDIRECTION] = {"flow_shell_redirection", "input made the shell redirect a file", "T1059.004",
                78},
        [GB_R_FLOW_SHELL_QUOTE] = {"flow_shell_quote", "input broke out of the quotes that it was put in", "T1059.004",
                78},
        [GB_R_FLOW_SHELL_COMMENT] = {"flow_shell_comment", "input made the rest of the shell command a comment",
                "T1059.004", 78},
        [GB_R_FLOW_LIMIT] = {"flow_limit", "the event is larger than the input window; the flow check saw part of it",
                "", 0},
        [GB_R_RUNTIME_API_MISUSE] = {"runtime_api_misuse",
                "a process that has no business there turned to the Runtime API", "T1562", 0},
        [GB_R_UNREADABLE] = {"unreadable", "the arguments of the system call could not be read", "", 0},
        [GB_R_TAMPER] = {"tamper", "a process of the function tried to disturb Gambeson itself", "T1562.001", 0},
        [GB_R_UNWATCHED_PROGRAM] = {"unwatched_program", "a program that the sensor does not see into was started", "",
                0},
        [GB_R_UNWATCHED_CALLS] = {"unwatched_calls",
                "this asks the kernel for a way to do things that Gambeson does not see", "T1562.001", 0},
        [GB_R_DRIFT] = {"drift", "this did not come with the function: it was written or fetched since", "T1105", 494},
        [GB_R_FORBIDDEN_PROGRAM] = {"forbidden_program", "a list of forbidden programs has it", "T1496", 0},
        [GB_R_DECOY_TOUCHED] = {"decoy_touched", "nothing legitimate touches this decoy", "T1552.001", 0},
        [GB_R_CREDENTIAL_LEAVES] = {"credential_leaves", "the secret key of the function's role stands in it", "T1552",
                522},
        [GB_R_ENVIRONMENT_READ] = {"environment_read", "the environment holds the keys of the function's role",
                "T1552.007", 522},
        [GB_R_BUDGET_PROCESSES] = {"budget_processes", "the invocation has started more programs than its budget",
                "T1499", 770},
        [GB_R_BUDGET_CONNECTIONS] = {"budget_connections", "the invocation has made more connections than its budget",
                "T1496", 770},
        [GB_R_BUDGET_CHILDREN] = {"budget_children", "more processes are alive than the budget has", "T1499", 770},
        [GB_R_BUDGET_TMP] = {"budget_tmp", "the invocation has written more to /tmp than its budget", "T1499", 770},
        [GB_R_BUDGET_CPU] = {"budget_cpu", "the invocation has used more processor time than its budget", "T1496", 770},
        [GB_R_LEFT_BEHIND] = {"left_behind", "an earlier invocation left this in /tmp", "", 459},
        [GB_R_EXCLUDED] = {"excluded", "an exclusion of the policy allows it", "", 0},
        [GB_R_SENSOR_LIMITED] = {"sensor_limited", "the sensor could not watch a library of this process", "", 0},
};

#define NAME_OR_NONE(table, value) ((size_t)(value) < sizeof(table) / sizeof((table)[0]) ? (table)[value] : (table)[0])

const char *gb_activity_kind_name(enum gb_activity_kind kind)
{
	return NAME_OR_NONE(kind_names, kind);
}

enum gb_activity_kind gb_activity_kind_of_name(struct gb_span name)
{
	for (int kind = GB_ACTIVITY_NONE + 1; kind < _GB_ACTIVITY_KIND_MAX; kind++)
		if (gb_span_equal(name, gb_span_cstr(kind_names[kind])))
			return (enum gb_activity_kind)kind;
	return GB_ACTIVITY_NONE;
}

const char *gb_control_name(enum gb_control control)
{
	return NAME_OR_NONE(control_names, control);
}

const char *gb_mode_name(enum gb_mode mode)
{
	return NAME_OR_NONE(mode_names, mode);
}

const char *gb_stance_name(enum gb_stance stance)
{
	return NAME_OR_NONE(stance_names, stance);
}

const struct gb_reason_facts *gb_reason_facts(enum gb_reason reason)
{
	return (size_t)reason < _GB_REASON_MAX ? &reasons[reason] : &reasons[GB_R_NONE];
}

bool gb_mode_of_name(struct gb_span name, enum gb_mode *ret_mode)
{
	for (int mode = 0; mode < _GB_MODE_MAX; mode++) {
		if (!gb_span_equal(name, gb_span_cstr(mode_names[mode])))
			continue;
		*ret_mode = (enum gb_mode)mode;
		return true;
	}
	return false;
}

bool gb_stance_of_name(struct gb_span name, enum gb_stance *ret_stance)
{
	for (int stance = 0; stance < _GB_STANCE_MAX; stance++) {
		if (!gb_span_equal(name, gb_span_cstr(stance_names[stance])))
			continue;
		*ret_stance = (enum gb_stance)stance;
		return true;
	}
	return false;
}
