/* SPDX-License-Identifier: Apache-2.0 */
/*
 * activity/verdict: the words of a decision. A verdict is a value, never an error code. Zero is the safe value.
 */
#ifndef GB_ACTIVITY_VERDICT_H
#define GB_ACTIVITY_VERDICT_H

#include "base/span.h"

enum gb_decision {
	GB_DENY = 0, /* refuse and report */
	GB_REPORT,   /* let pass and report as a finding */
	GB_OBSERVE,  /* let pass; report as an observation (profiling) */
	GB_ALLOW,    /* let pass, nothing to say */
	_GB_DECISION_MAX,
};

/* What a control does about what it finds; the function's posture caps it. */
enum gb_mode {
	GB_MODE_OFF = 0,
	GB_MODE_DETECT,
	GB_MODE_BLOCK,
	_GB_MODE_MAX,
};

/* What happens when the product itself fails. */
enum gb_stance {
	GB_STANCE_OPEN = 0, /* the function runs on unprotected, loudly */
	GB_STANCE_CLOSED,   /* the function does not run */
	_GB_STANCE_MAX,
};

/* Which part of the product decided, in the order of architecture.md §4. */
enum gb_control {
	GB_CONTROL_NONE = 0,
	GB_CONTROL_FIREWALL, /* input inspection, before the handler */
	GB_CONTROL_RULE,     /* a rule of the policy: taken from the allowlist */
	GB_CONTROL_FLOW,     /* input reached a sink and changed its structure */
	GB_CONTROL_ALLOWLIST,
	GB_CONTROL_SELF,       /* the product's own protection: warden, Runtime API, sensor */
	GB_CONTROL_DRIFT,      /* only what came with the function runs */
	GB_CONTROL_FORBIDDEN,  /* programs known to be bad */
	GB_CONTROL_DECOY,      /* bait that nothing legitimate touches */
	GB_CONTROL_CREDENTIAL, /* the role's keys */
	GB_CONTROL_BUDGET,     /* what an invocation may use up */
	GB_CONTROL_HYGIENE,    /* what invocations leave in /tmp */
	_GB_CONTROL_MAX,
};

enum gb_reason {
	GB_R_NONE = 0,
	GB_R_NOT_ON_ALLOWLIST,
	GB_R_RULE_DENIES,
	GB_R_FLOW_SHELL_COMMAND,      /* input introduced a command word */
	GB_R_FLOW_SHELL_SUBSTITUTION, /* input introduced $(…), `…`, <(…) or a parameter expansion */
	GB_R_FLOW_SHELL_REDIRECTION,  /* input introduced < > >> <<  */
	GB_R_FLOW_SHELL_QUOTE,        /* input closed or opened a quote */
	GB_R_FLOW_SHELL_COMMENT,      /* input cut off the rest of the command */
	GB_R_FLOW_LIMIT,              /* the input did not fit into the window; cannot be judged wholly */
	GB_R_RUNTIME_API_MISUSE,      /* somebody but the runtime turns to the real Runtime API */
	GB_R_UNREADABLE,              /* argument memory could not be read */
	GB_R_TAMPER,                  /* the warden or the sensor itself was attacked */
	GB_R_UNWATCHED_PROGRAM,       /* a static program was started: the sensor does not see into it */
	GB_R_SENSOR_LIMITED,          /* the sensor could not patch a library of this process */
	GB_R_UNWATCHED_CALLS,         /* io_uring: its requests are no system calls */
	GB_R_DRIFT,                   /* a program or library that did not come with the function */
	GB_R_FORBIDDEN_PROGRAM,
	GB_R_DECOY_TOUCHED,
	GB_R_CREDENTIAL_LEAVES, /* a secret key in arguments or in a name looked up */
	GB_R_ENVIRONMENT_READ,  /* /proc/PID/environ */
	GB_R_BUDGET_PROCESSES,
	GB_R_BUDGET_CONNECTIONS,
	GB_R_BUDGET_CHILDREN,
	GB_R_BUDGET_TMP,
	GB_R_BUDGET_CPU,
	GB_R_LEFT_BEHIND, /* a file of an earlier invocation in /tmp */
	GB_R_EXCLUDED,    /* an exclusion of the policy holds; never reported */
	_GB_REASON_MAX,
};

/* Facts about a reason for people and machines: stable name ("flow_shell_command"), one sentence, ATT&CK technique
 * ("" when none), CWE number (0 when none). */
struct gb_reason_facts {
	const char *name;
	const char *text;
	const char *attack;
	uint16_t cwe;
};

struct gb_verdict {
	enum gb_decision decision;
	enum gb_control control;
	enum gb_reason reason;
	uint32_t tag; /* of a rule: the name of it, index into the policy's tags plus 1; 0: none */
	/* By gb_policy_evaluate(): which step decided, and which were asked (enum gb_policy_step, a bit each). */
	uint32_t step;
	uint32_t asked;
	/* Evidence when the input is to blame; slot is -1 otherwise. */
	int32_t input_slot;    /* slot of the input window */
	uint32_t input_entry;  /* entry in the slot */
	uint32_t input_from;   /* offset of the convicting bytes in the entry's value */
	uint32_t input_length; /* and how many */
	uint32_t subject_from; /* where the input begins in the command text */
	uint32_t policy;       /* the sensor's: generation of what was judged by; 0: not known */
};

static inline struct gb_verdict gb_verdict_allow(void)
{
	return (struct gb_verdict){.decision = GB_ALLOW, .input_slot = -1};
}

/* As they stand in log lines and policy documents. Never NULL. */
const char *gb_control_name(enum gb_control control);
const char *gb_mode_name(enum gb_mode mode);
const char *gb_stance_name(enum gb_stance stance);
/* Facts of REASON; of an unknown number, those of GB_R_NONE. Never NULL. */
const struct gb_reason_facts *gb_reason_facts(enum gb_reason reason);

/* "off", "detect", "block" → mode; false for anything else. */
bool gb_mode_of_name(struct gb_span name, enum gb_mode *ret_mode);
/* "open", "closed" → stance; false for anything else. */
bool gb_stance_of_name(struct gb_span name, enum gb_stance *ret_stance);

#endif
