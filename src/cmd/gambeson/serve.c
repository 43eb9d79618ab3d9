/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson serve: the control plane. */
#include "cmd/gambeson/commands.h"

#include "control/server.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define GRACE_MS    10000u
#define LARGE_BYTES (256 * 1024)

struct settings {
	const char *data, *listen, *store, *policies, *tls_certificate, *tls_key, *oidc, *log_level, *portal, *tell_ca,
	        *tell_reach;
	struct gb_strings proxies;
	uint64_t workers;
};

static const char *const levels[] = {"error", "warning", "info", "debug", NULL};
static const char *const reaches[] = {"public", "private", "any", NULL};

static const struct gb_option options[] = {
        GB_TEXT(struct settings, data, "data", "FOLDER", "where everything is kept (default: ./gambeson-data)"),
        GB_TEXT(struct settings, listen, "listen", "ADDRESS:PORT", "where to listen (default: 127.0.0.1:8642)"),
        GB_TEXT(struct settings, store, "store", "URL",
                "the database: sqlite:FILE or postgresql://... (default: SQLite in the folder)"),
        GB_TEXT(struct settings, policies, "policies", "URL",
                "publish policies there: /FOLDER or s3://BUCKET/PREFIX?region=... (default: policies/ in the folder)"),
        GB_TEXT(struct settings, tls_certificate, "tls-cert", "FILE", "serve TLS with this certificate chain (PEM)"),
        GB_TEXT(struct settings, tls_key, "tls-key", "FILE", "the certificate's key (PEM)"),
        GB_TEXT(struct settings, oidc, "oidc", "FILE", "people sign in at the OpenID provider described there (JSON)"),
        GB_LIST(struct settings, proxies, "trusted-proxy", "ADDR",
                "believe X-Forwarded-For and -Proto from there; A.B.C.D/N too"),
        GB_NUMBER(struct settings, workers, "workers", "N", "threads that answer requests", .minimum = 1, .maximum = 64,
                .fallback = 4),
        GB_TEXT(struct settings, portal, "portal", "URL", "how people reach this server: notifications link there"),
        GB_CHOICE(struct settings, tell_reach, "tell-reach", "WHERE",
                "addresses that notifications may go to: public (default), private (those too) or any",
                .choices = reaches),
        GB_TEXT(struct settings, tell_ca, "tell-ca", "FILE", "certificates that receivers are checked against (PEM)"),
        GB_CHOICE(struct settings, log_level, "log-level", "LEVEL", "error, warning, info (default) or debug",
                .choices = levels),
        {.name = NULL},
};

static enum gb_log_level level_of(const char *text)
{
	for (enum gb_log_level level = GB_LOG_ERROR; text != NULL && level < _GB_LOG_MAX; level++)
		if (strcmp(levels[level], text) == 0)
			return level;
	return GB_LOG_INFO;
}

static enum gb_web_reach reach_of(const char *text)
{
	return text == NULL || strcmp(text, "public") == 0 ? GB_WEB_REACH_PUBLIC
	       : strcmp(text, "private") == 0              ? GB_WEB_REACH_PRIVATE
	                                                   : GB_WEB_REACH_ANY;
}

/* It becomes the beginning of links. */
static bool is_portal(const char *url)
{
	if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
		return false;
	while (*url > ' ' && *url < 0x7f && strchr("\"'<>\\", *url) == NULL)
		url++;
	return *url == '\0';
}

static int read_proxies(const struct gb_command *self, const struct gb_strings *texts, struct gb_web_range *ranges)
{
	for (size_t i = 0; i < texts->count; i++)
		if (!gb_web_range_parse(gb_span_cstr(texts->items[i]), &ranges[i]))
			return gb_complain(self, GB_EXIT_USAGE, "'%s' is no address: write 192.0.2.1 or 192.0.2.0/24",
			        texts->items[i]);
	return GB_EXIT_OK;
}

/* Each connection is a file. */
static void raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 8192) {
		limit.rlim_cur = limit.rlim_max < 8192 ? limit.rlim_max : 8192;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int serve(const struct gb_command *self, const struct gb_control_settings *settings)
{
	struct gb_plane *control = NULL;
	struct gb_diag diag = {0};
	sigset_t ends;
	int signal_number, r;

	/* Before any thread is there, so that only sigwait() below gets them. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	raise_file_limit();
	r = gb_control_new(settings, &control, &diag);
	if (r < 0)
		return gb_complain(self, r == -EINVAL ? GB_EXIT_USAGE : GB_EXIT_SYSTEM, "%s", diag.message);
	printf("listening on %s://%s\n", settings->tls_certificate != NULL ? "https" : "http",
	        gb_control_address(control));
	/* Behind the '#', which no browser sends on and no proxy writes down. */
	if (gb_control_setup_secret(control)[0] != '\0')
		printf("nobody can sign in yet; within a day make the administrator at %s://%s/setup#%s\n",
		        settings->tls_certificate != NULL ? "https" : "http", gb_control_address(control),
		        gb_control_setup_secret(control));
	fflush(stdout);
	sigwait(&ends, &signal_number);
	gb_log(control, GB_LOG_INFO, "stopping", "{s:s}", "signal", signal_number == SIGTERM ? "TERM" : "INT");
	gb_control_free(control, GRACE_MS);
	return GB_EXIT_OK;
}

static int run(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct settings *given = context;
	struct gb_web_range *proxies = calloc(given->proxies.count + 1, sizeof(*proxies));
	struct gb_control_settings settings = {
	        .listen = given->listen != NULL ? given->listen : "127.0.0.1:8642",
	        .data = given->data != NULL ? given->data : "./gambeson-data",
	        .store_url = given->store,
	        .policies = given->policies,
	        .tls_certificate = given->tls_certificate,
	        .tls_key = given->tls_key,
	        .oidc = given->oidc,
	        .proxies = proxies,
	        .proxy_count = given->proxies.count,
	        .workers = (unsigned)given->workers,
	        .portal = given->portal,
	        .tell_ca = given->tell_ca,
	        .tell_reach = reach_of(given->tell_reach),
	        .log_level = level_of(given->log_level),
	        .log_fd = STDERR_FILENO,
	};
	int status;

	(void)operands;
	if (proxies == NULL)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	/* Bodies of many megabytes go back to the system: left to itself the limit grows with the first of them. */
	(void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	status = read_proxies(self, &given->proxies, proxies);
	if (status == GB_EXIT_OK && given->portal != NULL && !is_portal(given->portal))
		status = gb_complain(self, GB_EXIT_USAGE, "--portal is no URL: write https://gambeson.example.com");
	if (status == GB_EXIT_OK)
		status = serve(self, &settings);
	free(proxies);
	return status;
}

const struct gb_command gb_cmd_serve = {
        .name = "serve",
        .summary = "run the control plane: collect, learn, publish, tell",
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
        .notes = "SIGTERM stops it when the requests under way are answered. The first start prints a link by which "
                 "the\nfirst administrator signs in.\n",
};
