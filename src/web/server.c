/* SPDX-License-Identifier: Apache-2.0 */
#include "web/state.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMORY_OF_CONNECTION (32u * 1024u) /* bounds the head */
#define WATCH_MS             100u
#define CERTIFICATE_TICKS    50u /* of the watch */
#define PRIORITIES           "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

const struct gb_web_limits gb_web_limits_default = {
        .connections = 2048,
        .connections_per_address = 256,
        .head_ms = 10000,
        .idle_ms = 60000,
        .body_ms = 20000,
        .body_bytes_per_ms = 64,
        .answer_ms = 20000,
        .answer_bytes_per_ms = 64,
        .bodies_bytes = 64u << 20,
};

uint64_t gb_web_clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void pause_ms(unsigned ms)
{
	struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

	nanosleep(&time, NULL);
}

static void renew_certificate(struct gb_web_server *server)
{
	const struct gb_web_settings *settings = server->settings;
	struct gb_diag diag = {0};
	int r = gb_web_certificate_read(&server->certificate, settings->tls_certificate, settings->tls_key, &diag);

	if (r == 1 || settings->handler.notice == NULL)
		return;
	settings->handler.notice(settings->handler.context,
	        r < 0 ? "the certificate stays as it was" : "the certificate was renewed", r < 0 ? &diag : NULL);
}

static void *watch_main(void *context)
{
	struct gb_web_server *server = context;

	for (unsigned tick = 1; !atomic_load(&server->is_over); tick++) {
		pause_ms(WATCH_MS);
		gb_web_connections_cut(server, false);
		gb_web_streams_wake(server, false);
		if (tick % CERTIFICATE_TICKS == 0 && server->settings->tls_certificate != NULL)
			renew_certificate(server);
	}
	return NULL;
}

/* Paths are taken apart in message.c and router, once, and not before. */
static size_t leave_escaped(void *context, struct MHD_Connection *mhd, char *text)
{
	(void)context;
	(void)mhd;
	return strlen(text);
}

static void log_nothing(void *context, const char *format, va_list list)
{
	(void)context;
	(void)format;
	(void)list;
}

static int start_daemon(struct gb_web_server *server, struct gb_diag *diag)
{
	const struct gb_web_limits *limits = &server->settings->limits;
	bool has_tls = server->settings->tls_certificate != NULL;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | (has_tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = {
	        {MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, gb_web_certificate_callback()},
	        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)PRIORITIES},
	        {MHD_OPTION_END, 0, NULL},
	};
	struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};

	server->daemon = MHD_start_daemon(flags, 0, gb_web_connection_accept, server, gb_web_exchange_go, server,
	        MHD_OPTION_EXTERNAL_LOGGER, log_nothing, NULL, MHD_OPTION_LISTEN_SOCKET, server->listen_fd,
	        MHD_OPTION_CONNECTION_LIMIT, limits->connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	        (size_t)MEMORY_OF_CONNECTION, MHD_OPTION_CONNECTION_TIMEOUT, 0u, MHD_OPTION_STRICT_FOR_CLIENT, 1,
	        MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL, MHD_OPTION_URI_LOG_CALLBACK, gb_web_exchange_begin,
	        server, MHD_OPTION_NOTIFY_COMPLETED, gb_web_exchange_end, server, MHD_OPTION_NOTIFY_CONNECTION,
	        gb_web_connection_notify, server, MHD_OPTION_ARRAY, has_tls ? tls : none, MHD_OPTION_END);
	if (server->daemon == NULL)
		return gb_diag_set(diag, -EIO, 0, 0, "cannot start the server on %s", server->address);
	return 0;
}

static int start(struct gb_web_server *server, struct gb_diag *diag)
{
	const struct gb_web_settings *settings = server->settings;
	sigset_t all, before;
	int r;

	if ((settings->tls_certificate == NULL) != (settings->tls_key == NULL))
		return gb_diag_set(diag, -EINVAL, 0, 0, "a certificate needs its key, and a key its certificate");
	if (settings->tls_certificate != NULL) {
		r = gb_web_certificate_read(&server->certificate, settings->tls_certificate, settings->tls_key, diag);
		if (r < 0)
			return r;
	}
	server->listen_fd = gb_web_listen(settings->listen, server->address, sizeof(server->address), diag);
	if (server->listen_fd < 0)
		return server->listen_fd;
	r = gb_web_crew_start(server, diag);
	if (r < 0)
		return r;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	r = start_daemon(server, diag);
	if (r == 0) {
		server->has_watch = pthread_create(&server->watch, NULL, watch_main, server) == 0;
		r = server->has_watch ? 0 : gb_diag_set(diag, -EAGAIN, 0, 0, "cannot start a thread");
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

int gb_web_server_new(const struct gb_web_settings *settings, struct gb_web_server **ret_server, struct gb_diag *diag)
{
	struct gb_web_server *server = calloc(1, sizeof(*server));
	int r;

	if (server == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "memory is short");
	server->settings = settings;
	server->listen_fd = -1;
	pthread_mutex_init(&server->crew.lock, NULL);
	pthread_cond_init(&server->crew.is_wanted, NULL);
	pthread_cond_init(&server->crew.is_begun, NULL);
	server->crew.last = &server->crew.first;
	pthread_mutex_init(&server->connections_lock, NULL);
	pthread_mutex_init(&server->streams_lock, NULL);
	pthread_mutex_init(&server->certificate.lock, NULL);
	r = start(server, diag);
	if (r < 0) {
		gb_web_server_free(server, 0);
		return r;
	}
	*ret_server = server;
	return 0;
}

const char *gb_web_server_address(const struct gb_web_server *server)
{
	return server->address;
}

struct gb_web_counts gb_web_server_counts(struct gb_web_server *server)
{
	struct gb_web_counts counts = {
	        .connections = atomic_load(&server->connection_count),
	        .requests = atomic_load(&server->requests),
	        .refused = atomic_load(&server->refused),
	        .timed_out = atomic_load(&server->timed_out),
	};

	pthread_mutex_lock(&server->crew.lock);
	counts.queued = server->crew.queued;
	pthread_mutex_unlock(&server->crew.lock);
	return counts;
}

void gb_web_server_free(struct gb_web_server *server, unsigned grace_ms)
{
	uint64_t end_ms = gb_web_clock_ms() + grace_ms;

	if (server == NULL)
		return;
	atomic_store(&server->is_stopping, true);
	if (server->daemon != NULL)
		MHD_quiesce_daemon(server->daemon);
	if (server->listen_fd >= 0)
		close(server->listen_fd);
	gb_web_streams_wake(server, true);
	while (server->daemon != NULL && atomic_load(&server->active) > 0 && gb_web_clock_ms() < end_ms)
		pause_ms(5);
	/* Workers give every suspended connection back: libmicrohttpd must not be stopped over one. */
	gb_web_crew_stop(server);
	gb_web_streams_wake(server, true);
	gb_web_connections_cut(server, true);
	atomic_store(&server->is_over, true);
	if (server->has_watch)
		pthread_join(server->watch, NULL);
	if (server->daemon != NULL)
		MHD_stop_daemon(server->daemon);
	gb_web_certificate_done(&server->certificate);
	free(server);
}
