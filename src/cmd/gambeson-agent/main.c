/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gambeson-agent: starts the runtime with protection and stays its parent. What happens in which order: settings,
 * files, shared memory, warden (sockets, policy), environment, fork and exec, site tables, then the warden's loop until
 * the runtime has died. Anything that fails before the runtime runs is judged by the stance.
 */
#include "base/fd.h"
#include "base/format.h"
#include "cmd/gambeson-agent/options.h"
#include "warden/warden.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNTIME_THREADS   256u
#define STORE_PATIENCE_MS 5000u

struct agent {
	struct agent_options options;
	struct gb_launch_files files;
	struct gb_launch_memory memory;
	struct gb_warden *warden;
	sigset_t signal_mask;
	struct sigaction child_signal;
	bool has_taken_signals;
	bool has_sensor;
	int program_fd;                       /* of a static runtime, which the sensor loads; -1: none */
	char interpreter[GB_LAUNCH_PATH_MAX]; /* of the runtime; empty: it is static, or not known */
	char program_variable[PATH_MAX + 16];
	struct gb_launch_bait bait;
	char sensor_variable[96];
	char runtime_api[32];
	char code[GB_LAUNCH_CODE_BYTES]; /* empty until it is found */
};

static const char *text_or_null(const char *s)
{
	return s[0] == '\0' ? NULL : s;
}

static int on_restore(void *context)
{
	struct agent *agent = context;

	return gb_launch_bait_renew(agent->memory.segment, &agent->bait);
}

static struct gb_warden_options warden_options(struct agent *agent)
{
	const struct gb_launch_settings *settings = &agent->options.settings;

	return (struct gb_warden_options){
	        .segment = agent->memory.segment,
	        .ring = agent->memory.ring,
	        .segment_fd = agent->memory.segment_fd,
	        .ring_fd = agent->memory.ring_fd,
	        .is_sealed = agent->memory.is_sealed,
	        .runtime_api = settings->runtime_api,
	        .policy_path = text_or_null(agent->files.policy),
	        .key_path = text_or_null(agent->files.key),
	        .is_policy_named = agent->files.is_policy_named,
	        .policy_store = settings->policy_url,
	        .policy_interval_s = settings->policy_interval_s,
	        .block_body = settings->block_body,
	        .mode = {settings->has_mode, settings->mode},
	        .firewall = {settings->has_firewall_mode, settings->firewall_mode},
	        .flow = {settings->has_flow_mode, settings->flow_mode},
	        .has_observe = settings->observe != GB_LAUNCH_DEFAULT,
	        .observe = settings->observe == GB_LAUNCH_YES,
	        .function = getenv("AWS_LAMBDA_FUNCTION_NAME"),
	        .function_version = getenv("AWS_LAMBDA_FUNCTION_VERSION"),
	        .region = getenv("AWS_REGION"),
	        .code = settings->code != NULL ? settings->code : agent->code,
	        .on_restore = on_restore,
	        .on_restore_context = agent,
	        .has_stance = settings->has_stance,
	        .stance = settings->stance,
	};
}

static enum gb_stance stance_of(const struct agent *agent)
{
	return agent->warden != NULL ? gb_warden_stance(agent->warden) : agent->options.settings.stance;
}

/* The runtime itself, in our place and as it would have been started without us. */
static int exec_plainly(struct agent *agent)
{
	if (agent->has_taken_signals) {
		(void)sigaction(SIGCHLD, &agent->child_signal, NULL);
		(void)sigprocmask(SIG_SETMASK, &agent->signal_mask, NULL);
	}
	(void)execve(agent->files.runtime, agent->options.runtime, environ);
	agent_say(STDERR_FILENO, "gambeson-agent: %s: cannot be started: %s\n", agent->files.runtime, strerror(errno));
	return errno == ENOENT ? AGENT_EXIT_NOT_FOUND : AGENT_EXIT_NOT_RUN;
}

/* Set-up failed: the stance decides. */
static int give_up(struct agent *agent, const struct gb_diag *diag)
{
	bool is_closed = stance_of(agent) == GB_STANCE_CLOSED;

	if (agent->warden == NULL) {
		struct gb_warden_options options = warden_options(agent);

		agent->warden = gb_warden_new(&options);
	}
	if (agent->warden != NULL) {
		gb_warden_write_notice(agent->warden, is_closed ? "critical" : "high",
		        is_closed ? "not_started" : "unprotected", "%s; %s", diag->message,
		        is_closed ? "the function is not started, because its stance is closed"
		                  : "the function runs WITHOUT PROTECTION");
		gb_warden_free(agent->warden);
		agent->warden = NULL;
	}
	if (is_closed) {
		agent_say(STDERR_FILENO, "gambeson-agent: %s; the stance is closed\n", diag->message);
		return AGENT_EXIT_REFUSED;
	}
	return exec_plainly(agent);
}

static int set_up(struct agent *agent, struct gb_diag *diag)
{
	struct gb_warden_options options;
	int r = gb_launch_memory_make(&agent->memory, diag);

	if (r < 0)
		return r;
	options = warden_options(agent);
	agent->warden = gb_warden_new(&options);
	if (agent->warden == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "there is no memory for the warden");
	r = gb_warden_open(agent->warden, diag);
	if (r < 0)
		return r;
	r = gb_warden_signals_take(agent->warden, &agent->signal_mask, &agent->child_signal);
	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "signals cannot be taken over: %s", strerror(-r));
	agent->has_taken_signals = true;
	(void)gb_format(agent->memory.segment->sensor_path, GB_SEGMENT_PATH_BYTES, "%s", agent->files.sensor);
	(void)gb_format(agent->memory.segment->agent_path, GB_SEGMENT_PATH_BYTES, "%s", agent->files.agent);
	(void)gb_format(agent->sensor_variable, sizeof(agent->sensor_variable), "%d,%d,%s", agent->memory.segment_fd,
	        agent->memory.ring_fd, gb_warden_socket_name(agent->warden));
	if (options.runtime_api != NULL)
		(void)gb_format(
		        agent->runtime_api, sizeof(agent->runtime_api), "127.0.0.1:%u", gb_warden_port(agent->warden));
	return 0;
}

/* The sensor is started in the static runtime's place and loads it. */
static bool take_static(struct agent *agent)
{
	if (access(agent->files.sensor, X_OK) < 0)
		return false;
	agent->program_fd = gb_launch_static_open(agent->files.runtime);
	(void)gb_format(agent->program_variable, sizeof(agent->program_variable), "%d,%s", agent->program_fd,
	        agent->files.runtime);
	return agent->program_fd >= 0;
}

/* What is missing but does not keep the rest from working. Negative: under a closed stance it does. */
static int check_parts(struct agent *agent, int policy_result, struct gb_diag *diag)
{
	bool is_closed = stance_of(agent) == GB_STANCE_CLOSED;
	int r;

	if (is_closed && policy_result < 0)
		return policy_result;
	if (is_closed && agent->options.has_bad_setting) {
		*diag = agent->options.complaint;
		return -EINVAL;
	}
	if (is_closed && agent->files.sensor[0] == '\0')
		return gb_diag_set(diag, -ENOENT, 0, 0, "the sensor is not there; set GAMBESON_SENSOR_PATH");
	r = gb_launch_interpreter_find(agent->files.runtime, agent->interpreter);
	agent->has_sensor = agent->files.sensor[0] != '\0';
	if (agent->has_sensor && r == 0 && agent->interpreter[0] == '\0')
		agent->has_sensor = take_static(agent);
	else if (agent->has_sensor)
		(void)take_static(agent); /* programs of musl can be taken, the rest preloads it */
	return 0;
}

/* Decoys, and what the sensors watch over. */
static void set_guards(struct agent *agent)
{
	const struct gb_policy *policy = gb_warden_policy(agent->warden);
	int r;

	gb_launch_secrets_take(agent->memory.segment);
	agent->memory.segment->has_many_clients = getenv("AWS_LAMBDA_MAX_CONCURRENCY") != NULL ? 1 : 0;
	if (policy == NULL || gb_warden_mode(agent->warden, GB_CONTROL_DECOY) == GB_MODE_OFF)
		return;
	r = gb_launch_bait_set(policy, agent->memory.segment, &agent->bait);
	if (r < 0)
		gb_warden_write_notice(
		        agent->warden, "medium", "no_decoys", "not all decoys could be made: %s", strerror(-r));
}

/* The kernel's own bound for fork bombs, threads of a runtime allowed for. */
static uint32_t process_limit(const struct agent *agent)
{
	const struct gb_policy *policy = gb_warden_policy(agent->warden);
	uint32_t children = policy == NULL ? 0 : policy->header->guards.budgets[GB_USAGE_CHILDREN];

	if (children == 0 || gb_warden_mode(agent->warden, GB_CONTROL_BUDGET) != GB_MODE_BLOCK)
		return 0;
	return children + RUNTIME_THREADS;
}

/* Only in the learning's interest, so after the runtime was started. */
static void find_code(struct agent *agent)
{
	const char *folders[] = {getenv("LAMBDA_TASK_ROOT"), "/opt"}, *slash = strrchr(agent->files.agent, '/');
	char layer[GB_LAUNCH_PATH_MAX] = "";

	if (agent->options.settings.code != NULL || folders[0] == NULL || !gb_warden_observes(agent->warden))
		return;
	if (slash != NULL)
		memcpy(layer, agent->files.agent, (size_t)(slash - agent->files.agent));
	(void)gb_launch_code_find(folders, 2, layer, agent->code);
}

static void write_first_lines(struct agent *agent, int policy_result, const struct gb_diag *policy_diag)
{
	gb_warden_write_start(agent->warden, agent->files.runtime, agent->has_sensor);
	if (policy_result < 0)
		gb_warden_write_notice(
		        agent->warden, "high", "policy_refused", "%s; there is none in force", policy_diag->message);
	if (agent->options.has_bad_setting)
		gb_warden_write_notice(agent->warden, "high", "setting_refused", "%s; the default is used",
		        agent->options.complaint.message);
	if (agent->files.sensor[0] == '\0')
		gb_warden_write_notice(agent->warden, "high", "sensor_missing",
		        "libgambeson.so is not beside the agent: only events are looked at; set GAMBESON_SENSOR_PATH");
	else if (!agent->has_sensor)
		gb_warden_write_notice(agent->warden, "high", "sensor_missing",
		        "the runtime is a static program, and the sensor is not executable or cannot load it (scripts "
		        "of "
		        "static interpreters): only events are looked at");
	if (agent->runtime_api[0] == '\0')
		gb_warden_write_notice(agent->warden, "low", "no_runtime_api",
		        "AWS_LAMBDA_RUNTIME_API is not set: no events are looked at, only what the program does");
}

static void find_sites(void *context)
{
	struct agent *agent = context;

	(void)gb_launch_sites_fill(agent->memory.segment, agent->interpreter, agent->memory.is_sealed);
}

static int start_runtime(struct agent *agent, struct gb_diag *diag)
{
	struct gb_launch_additions additions = {.sensor_path = agent->has_sensor ? agent->files.sensor : NULL,
	        .sensor_variable = agent->has_sensor ? agent->sensor_variable : NULL,
	        .runtime_api = agent->runtime_api,
	        .program = agent->program_fd >= 0 ? agent->program_variable : NULL,
	        .bait = &agent->bait};
	struct gb_launch_start start = {.path = agent->files.runtime,
	        .loader = agent->program_fd >= 0 ? agent->files.sensor : NULL,
	        .program_fd = agent->program_fd,
	        .argv = agent->options.runtime,
	        .segment_fd = agent->has_sensor ? agent->memory.segment_fd : -1,
	        .ring_fd = agent->has_sensor ? agent->memory.ring_fd : -1,
	        .runtime_pid = &agent->memory.segment->runtime_pid,
	        .process_limit = process_limit(agent),
	        .dies_with_parent = stance_of(agent) == GB_STANCE_CLOSED,
	        .signal_mask = &agent->signal_mask,
	        .child_signal = &agent->child_signal};
	char **environment = gb_launch_environment_make(environ, &additions);
	int pid;

	bool has_sites = agent->has_sensor && agent->interpreter[0] != '\0';

	if (environment == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "there is no memory for the runtime's environment");
	start.environment = environment;
	if (has_sites) {
		gb_launch_sites_announce(agent->memory.segment);
		start.meanwhile = find_sites;
		start.context = agent;
	}
	/* Lambda forbids both to some; without them orphans go elsewhere and the warden can be looked into. */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	/* Before there is anybody to look: the key of the log lies here. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	pid = gb_launch_runtime_start(&start, diag);
	free(environment);
	gb_fd_closep(&agent->program_fd);
	return pid;
}

/* End as the runtime ended. */
static int mirror(int status)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	struct rlimit no_core = {0, 0};
	sigset_t all;

	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	(void)prlimit(0, RLIMIT_CORE, &no_core, NULL);
	(void)sigaction(WTERMSIG(status), &plain, NULL);
	sigfillset(&all);
	(void)sigprocmask(SIG_UNBLOCK, &all, NULL);
	(void)kill(getpid(), WTERMSIG(status));
	/* Only pid 1 of a container gets here: it does not die by a signal of its own. */
	return 128 + WTERMSIG(status);
}

/* The policy's file and, when a closed stance wants one that is not there, the policy store. */
static int load_policy(struct agent *agent, struct gb_diag *diag)
{
	struct gb_diag complaint;
	int r = gb_warden_policy_load(agent->warden, diag);

	if (gb_warden_store_find(agent->warden, &complaint) < 0) {
		if (!agent->options.has_bad_setting)
			agent->options.complaint = complaint;
		agent->options.has_bad_setting = true;
	} else if (r >= 0 && agent->options.settings.policy_url != NULL && gb_warden_policy(agent->warden) == NULL &&
	           stance_of(agent) == GB_STANCE_CLOSED) {
		r = gb_warden_policy_await(agent->warden, STORE_PATIENCE_MS, diag);
	}
	return r;
}

static int run(struct agent *agent)
{
	struct gb_diag diag = {0}, policy_diag = {0};
	int policy_result, pid, status;

	if (set_up(agent, &diag) < 0)
		return give_up(agent, &diag);
	policy_result = load_policy(agent, &policy_diag);
	gb_warden_publish_settings(agent->warden);
	diag = policy_diag;
	if (check_parts(agent, policy_result, &diag) < 0)
		return give_up(agent, &diag);
	set_guards(agent);
	pid = start_runtime(agent, &diag);
	if (pid == -ENOENT || pid == -EACCES || pid == -ENOEXEC) {
		agent_say(STDERR_FILENO, "gambeson-agent: %s\n", diag.message);
		return pid == -ENOENT ? AGENT_EXIT_NOT_FOUND : AGENT_EXIT_NOT_RUN;
	}
	if (pid < 0)
		return give_up(agent, &diag);
	find_code(agent);
	write_first_lines(agent, policy_result, &policy_diag);
	gb_launch_memory_trim();
	status = gb_warden_run(agent->warden, pid);
	gb_warden_free(agent->warden);
	return mirror(status);
}

static int run_without(struct agent *agent)
{
	struct gb_warden_options options = warden_options(agent);
	struct gb_warden *warden = gb_warden_new(&options);

	if (warden != NULL)
		gb_warden_write_start(warden, agent->files.runtime, false);
	gb_warden_free(warden);
	return exec_plainly(agent);
}

int main(int argc, char **argv)
{
	static struct agent agent; /* 20 KB, of which most are never touched */
	const struct gb_launch_settings *settings = &agent.options.settings;
	struct gb_diag diag;
	int status = agent_options_read(argc, argv, environ, &agent.options);

	agent.memory.segment_fd = agent.memory.ring_fd = agent.program_fd = -1;
	if (status >= 0)
		return status;
	if (gb_launch_files_find(settings, argv[0], agent.options.runtime[0], &agent.files, &diag) < 0) {
		agent_say(STDERR_FILENO, "gambeson-agent: %s\n", diag.message);
		return agent.options.is_wrapper ? AGENT_EXIT_NOT_FOUND : AGENT_EXIT_USAGE;
	}
	if (settings->has_mode && settings->mode == GB_MODE_OFF)
		return run_without(&agent);
	return run(&agent);
}
