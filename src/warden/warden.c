/* SPDX-License-Identifier: Apache-2.0 */
#include "warden/state.h"

#include "base/fd.h"
#include "base/format.h"
#include "base/ip.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define FLUSH_MS 250

static const int taken_signals[] = {SIGCHLD, SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2};

struct gb_warden *gb_warden_new(const struct gb_warden_options *options)
{
	struct gb_warden *warden =
	        mmap(NULL, sizeof(*warden), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (warden == MAP_FAILED)
		return NULL;
	warden->options = *options;
	warden->listen_fd = warden->handout_fd = warden->signal_fd = warden->output.fd = warden->refresh.done_fd = -1;
	if (gb_loop_init(&warden->loop) < 0) {
		(void)munmap(warden, sizeof(*warden));
		return NULL;
	}
	warden_output_open(warden);
	warden_observe_open(warden);
	return warden;
}

void gb_warden_free(struct gb_warden *warden)
{
	if (warden == NULL)
		return;
	for (unsigned i = 0; i < CONNECTIONS_MAX; i++) {
		struct warden_connection *connection = &warden->connections[i];

		if (connection->serial != 0)
			warden_connection_close(connection);
		if (connection->up.p != NULL)
			(void)munmap(connection->up.p, REQUEST_BYTES_MAX + EVENT_BYTES_MAX);
	}
	if (warden->scratch != NULL)
		(void)munmap(warden->scratch, gb_inspect_scratch_bytes());
	if (warden->decoded != NULL)
		(void)munmap(warden->decoded, EVENT_BYTES_MAX);
	warden_refresh_end(warden);
	gb_fd_closep(&warden->listen_fd);
	gb_fd_closep(&warden->handout_fd);
	gb_fd_closep(&warden->signal_fd);
	gb_fd_closep(&warden->output.fd);
	gb_loop_done(&warden->loop);
	free(warden->policy.file);
	(void)munmap(warden, sizeof(*warden));
}

/* "host:port", "[v6]:port", or a host alone (port 80). The platform gives an address; a program of this size has no resolver. */
static int find_upstream(struct gb_warden *warden, struct gb_diag *diag)
{
	const char *api = warden->options.runtime_api;
	const char *colon = strrchr(api, ':'), *bracket = strrchr(api, ']');
	const char *begin = api[0] == '[' ? api + 1 : api;
	const char *end = bracket != NULL ? bracket : colon != NULL ? colon : api + strlen(api);
	const char *port = colon != NULL && (bracket == NULL || colon > bracket) ? colon + 1 : "80";
	struct gb_span host = end > begin ? gb_span_of(begin, (size_t)(end - begin)) : GB_SPAN_EMPTY;
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	unsigned char ip[16];
	uint64_t number;

	if (gb_span_equal_nocase(host, GB_SPAN("localhost")))
		host = GB_SPAN("127.0.0.1");
	if (!gb_span_to_u64(gb_span_cstr(port), &number) || number > UINT16_MAX)
		return gb_diag_set(diag, -EINVAL, 0, 0, "AWS_LAMBDA_RUNTIME_API is '%.60s': it must be host:port", api);
	in.sin_port = in6.sin6_port = htons((uint16_t)number);
	if (gb_ip_parse(host, false, ip)) {
		memcpy(&in.sin_addr, ip + 12, 4);
		memcpy(&warden->upstream, &in, sizeof(in));
		warden->upstream_n = sizeof(in);
	} else if (gb_ip_parse(host, true, ip)) {
		memcpy(&in6.sin6_addr, ip, 16);
		memcpy(&warden->upstream, &in6, sizeof(in6));
		warden->upstream_n = sizeof(in6);
	} else {
		return gb_diag_set(diag, -EINVAL, 0, 0,
		        "AWS_LAMBDA_RUNTIME_API is '%.60s': its host must be an address, or localhost", api);
	}
	return 0;
}

static void publish_upstream(struct gb_warden *warden)
{
	struct gb_segment *segment = warden->options.segment;

	if (warden->upstream.ss_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, &warden->upstream, sizeof(in));
		segment->upstream_ip[10] = segment->upstream_ip[11] = 0xff;
		memcpy(segment->upstream_ip + 12, &in.sin_addr, 4);
		segment->upstream_port = ntohs(in.sin_port);
	} else {
		struct sockaddr_in6 in6;

		memcpy(&in6, &warden->upstream, sizeof(in6));
		memcpy(segment->upstream_ip, &in6.sin6_addr, 16);
		segment->upstream_port = ntohs(in6.sin6_port);
	}
	segment->proxy_port = (uint16_t)warden->port;
}

static int open_proxy(struct gb_warden *warden, struct gb_diag *diag)
{
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(own);
	int r = find_upstream(warden, diag);

	if (r < 0)
		return r;
	warden->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (warden->listen_fd < 0 || bind(warden->listen_fd, (struct sockaddr *)&own, sizeof(own)) < 0 ||
	        listen(warden->listen_fd, 64) < 0 || getsockname(warden->listen_fd, (struct sockaddr *)&own, &n) < 0)
		return gb_diag_set(diag, -errno, 0, 0, "no port on 127.0.0.1 for the runtime: %s", strerror(errno));
	warden->port = ntohs(own.sin_port);
	warden->listen_watch = (struct gb_loop_watch){
	        .fd = warden->listen_fd, .on_ready = warden_connections_accept, .context = warden};
	publish_upstream(warden);
	return gb_loop_watch_set(&warden->loop, &warden->listen_watch, EPOLLIN);
}

int gb_warden_open(struct gb_warden *warden, struct gb_diag *diag)
{
	int r = warden_handout_open(warden);

	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "no socket for the sensors: %s", strerror(-r));
	warden->options.segment->warden_pid = (uint32_t)getpid();
	warden_drain_open(warden);
	return warden->options.runtime_api == NULL ? 0 : open_proxy(warden, diag);
}

unsigned gb_warden_port(const struct gb_warden *warden)
{
	return warden->port;
}

const char *gb_warden_socket_name(const struct gb_warden *warden)
{
	return warden->socket_name;
}

void warden_write_start_again(struct gb_warden *warden)
{
	char line[GB_EVENT_LINE_MAX];
	struct gb_text text = gb_text_on(line, sizeof(line));
	struct gb_event_head head = warden_output_head(warden, GB_SPAN_EMPTY);
	struct gb_event_start start = {
	        .version = GB_VERSION,
	        .mode = gb_mode_name(warden_policy_posture(warden)),
	        .stance = gb_stance_name(gb_warden_stance(warden)),
	        .observe = gb_warden_observes(warden),
	        .policy_state = warden->policy.is_loaded    ? "loaded"
	                        : warden->policy.is_refused ? "refused"
	                                                    : "none",
	        .policy_name = warden_policy_name(warden),
	        .policy_serial = warden->policy.serial,
	        .has_firewall = warden->port != 0 && warden_policy_mode(warden, GB_CONTROL_FIREWALL) != GB_MODE_OFF,
	        .has_sensor = warden->has_sensor,
	        .is_input_sealed = warden->options.is_sealed,
	        .runtime = gb_span_cstr(warden->runtime_path),
	        .function = gb_span_cstr(warden->options.function),
	        .function_version = gb_span_cstr(warden->options.function_version),
	        .code = gb_span_cstr(warden->options.code),
	        .key = warden_seal_key(warden),
	};

	gb_event_write_start(&text, &head, &start);
	warden_output_put(warden, &head, gb_text_span(&text));
}

void gb_warden_write_start(struct gb_warden *warden, const char *runtime, bool has_sensor)
{
	warden->runtime_path = runtime;
	warden->has_sensor = has_sensor;
	/* Not before: it takes 0.2 ms, in which the runtime is being loaded by now. One that does not run vouches for nothing. */
	if (warden->handout_fd >= 0)
		warden_seal_renew(warden);
	warden_write_start_again(warden);
}

void gb_warden_write_notice(struct gb_warden *warden, const char *severity, const char *reason, const char *format, ...)
{
	char line[GB_EVENT_LINE_MAX], room[512];
	struct gb_text text = gb_text_on(line, sizeof(line)), message = gb_text_on(room, sizeof(room));
	struct gb_event_head head =
	        warden_output_head(warden, warden_invocation_id(warden, warden_invocation_only(warden)));
	va_list arguments;

	head.invocations = warden->observing.invocations;
	va_start(arguments, format);
	gb_text_format_list(&message, format, arguments);
	va_end(arguments);
	gb_event_write_notice(&text, &head, severity, reason, gb_text_span(&message));
	warden_output_put(warden, &head, gb_text_span(&text));
}

int gb_warden_signals_take(struct gb_warden *warden, sigset_t *ret_mask, struct sigaction *ret_child_signal)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	sigset_t taken, blocked;

	sigemptyset(&taken);
	for (size_t i = 0; i < sizeof(taken_signals) / sizeof(taken_signals[0]); i++)
		sigaddset(&taken, taken_signals[i]);
	blocked = taken;
	/* A closed standard output must not kill us; the disposition stays as the runtime is to inherit it. */
	sigaddset(&blocked, SIGPIPE);
	/* Ignored, as some parents leave it, it would take the runtime's exit status from us. */
	if (sigaction(SIGCHLD, &plain, ret_child_signal) < 0 || sigprocmask(SIG_BLOCK, &blocked, ret_mask) < 0)
		return -errno;
	warden->signal_fd = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
	return warden->signal_fd < 0 ? -errno : 0;
}

/* The runtime first, and also orphans that the kernel gave us as their subreaper. */
static void reap(struct gb_warden *warden)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != warden->runtime)
			continue;
		warden->is_runtime_dead = true;
		warden->runtime_status = status;
		gb_loop_stop(&warden->loop);
	}
}

static void on_signal(void *context, uint32_t events)
{
	struct gb_warden *warden = context;
	struct signalfd_siginfo info;

	(void)events;
	while (read(warden->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		int number = (int)info.ssi_signo;

		if (number == SIGCHLD)
			reap(warden);
		else if (number == SIGHUP)
			warden_policy_refresh(warden, true);
		/* What a terminal sends goes to the whole process group: the runtime has it already. */
		else if (info.ssi_code != SI_KERNEL && !warden->is_runtime_dead)
			(void)kill(warden->runtime, number);
	}
}

int gb_warden_run(struct gb_warden *warden, pid_t runtime)
{
	int r;

	warden->runtime = runtime;
	warden->signal_watch =
	        (struct gb_loop_watch){.fd = warden->signal_fd, .on_ready = on_signal, .context = warden};
	r = gb_loop_watch_set(&warden->loop, &warden->signal_watch, EPOLLIN);
	warden_drain_schedule(warden);
	warden_refresh_open(warden);
	/* It may have died before its signal could be seen. */
	reap(warden);
	if (r == 0 && !warden->is_runtime_dead)
		r = gb_loop_run(&warden->loop);
	/* Without a loop there is still a child to wait for; its requests are refused. */
	if (r < 0 || !warden->is_runtime_dead)
		gb_fd_closep(&warden->listen_fd);
	while (!warden->is_runtime_dead) {
		int status = 0;

		if (waitpid(runtime, &status, 0) == runtime || errno != EINTR) {
			warden->is_runtime_dead = true;
			warden->runtime_status = status;
		}
	}
	warden_refresh_end(warden);
	warden_drain(warden);
	warden_observe_end(warden);
	warden_seal(warden);
	warden_output_flush(warden, FLUSH_MS);
	return warden->runtime_status;
}
