/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/collect.h"
#include "control/group.h"
#include "control/oidc.h"
#include "control/setup.h"
#include "control/state.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int make_folder(const char *path, struct gb_diag *diag)
{
	struct stat status;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return gb_diag_set(diag, -errno, 0, 0, "cannot make the folder %s: %s", path, strerror(errno));
	if (stat(path, &status) < 0 || !S_ISDIR(status.st_mode))
		return gb_diag_set(diag, -ENOTDIR, 0, 0, "%s is no folder", path);
	/* The files in it are their owner's alone; but who may write the folder can put others in their place. */
	if ((status.st_mode & 022) != 0)
		return gb_diag_set(
		        diag, -EACCES, 0, 0, "others may write the folder %s: chmod 700 it, or name another", path);
	return 0;
}

static int prepare_store(struct gb_plane *control, struct gb_diag *diag)
{
	const struct gb_control_settings *settings = control->settings;
	GB_CLEANUP(gb_store_closep) struct gb_store *store = NULL;
	int n = settings->store_url != NULL
	                ? snprintf(control->store_url, sizeof(control->store_url), "%s", settings->store_url)
	                : snprintf(control->store_url, sizeof(control->store_url), "sqlite:%s/gambeson.db",
	                          settings->data);
	int r;

	if (n < 0 || (size_t)n >= sizeof(control->store_url))
		return gb_diag_set(diag, -EINVAL, 0, 0, "the store's URL is too long");
	r = gb_store_open(control->store_url, &store, diag);
	if (r >= 0)
		r = gb_store_migrate(store, diag);
	if (r >= 0)
		r = gb_setup_begin(store, control->setup_secret, diag);
	return r < 0 ? r : 0;
}

static int start(struct gb_plane *control, struct gb_diag *diag)
{
	const struct gb_control_settings *settings = control->settings;
	int r = make_folder(settings->data, diag);

	if (r == 0)
		r = prepare_store(control, diag);
	if (r == 0)
		r = gb_rates_new(&control->rates);
	if (r == 0)
		r = gb_group_cache_new(&control->groups);
	if (r == 0)
		r = gb_collect_writer_new(control->store_url, &control->collect, diag);
	if (r == 0 && settings->oidc != NULL)
		r = gb_oidc_new(settings->oidc, &control->oidc, diag);
	if (r < 0)
		return r;
	r = gb_tasks_begin(control, diag);
	if (r < 0)
		return r;
	control->web = (struct gb_web_settings){
	        .listen = settings->listen,
	        .tls_certificate = settings->tls_certificate,
	        .tls_key = settings->tls_key,
	        .proxies = settings->proxies,
	        .proxy_count = settings->proxy_count,
	        .workers = settings->workers,
	        .limits = gb_web_limits_default,
	        .handler = gb_serve_handler(control),
	};
	return gb_web_server_new(&control->web, &control->server, diag);
}

int gb_control_new(const struct gb_control_settings *settings, struct gb_plane **ret_control, struct gb_diag *diag)
{
	struct gb_plane *control = calloc(1, sizeof(*control));
	int r;

	if (control == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "memory is short");
	control->settings = settings;
	control->started_ms = gb_clock_ms();
	pthread_mutex_init(&control->tasks_lock, NULL);
	gb_hashing_init(&control->hashing);
	r = start(control, diag);
	if (r < 0) {
		gb_control_free(control, 0);
		return r;
	}
	*ret_control = control;
	return 0;
}

const char *gb_control_setup_secret(const struct gb_plane *control)
{
	return control->setup_secret;
}

const char *gb_control_address(const struct gb_plane *control)
{
	return gb_web_server_address(control->server);
}

void gb_control_free(struct gb_plane *control, unsigned grace_ms)
{
	if (control == NULL)
		return;
	atomic_store(&control->is_stopping, true);
	gb_web_server_free(control->server, grace_ms);
	gb_tasks_end(control);
	gb_collect_writer_free(control->collect);
	gb_rates_free(control->rates);
	gb_group_cache_free(control->groups);
	gb_oidc_free(control->oidc);
	pthread_mutex_destroy(&control->tasks_lock);
	free(control);
}
