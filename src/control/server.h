/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control/server: the whole control plane of one process, from its start to its end. For `gambeson serve`.
 */
#ifndef GB_CONTROL_SERVER_H
#define GB_CONTROL_SERVER_H

#include "control/control.h"
#include "web/reach.h"
#include "web/server.h"

struct gb_control_settings {
	const char *listen;    /* web/server.h's form */
	const char *data;      /* folder of everything that is not in the database; made with mode 0700 */
	const char *store_url; /* NULL: SQLite in the folder */
	const char *
	        policies; /* where policies are published: a folder or s3://… (aws/location.h); NULL: policies/ in the folder */
	const char *tls_certificate, *tls_key;
	const char *oidc; /* file of control/oidc.h; NULL: no such sign-in */
	const struct gb_web_range *proxies;
	size_t proxy_count;
	unsigned workers;
	const char *portal;           /* our own URL as people reach it, for links in messages; NULL: no links */
	const char *tell_ca;          /* certificates of receivers of messages (PEM); NULL: the system's */
	enum gb_web_reach tell_reach; /* where messages may go */
	enum gb_log_level log_level;
	int log_fd;
};

/* Start it all. SETTINGS must stay until the end. Errors with DIAG: -EINVAL for what the settings say, others for the
 * system. */
__attribute__((warn_unused_result)) int gb_control_new(
        const struct gb_control_settings *settings, struct gb_plane **ret_control, struct gb_diag *diag);

/* "127.0.0.1:8642". */
const char *gb_control_address(const struct gb_plane *control);

/* The secret of the set-up link; empty when there are users. */
const char *gb_control_setup_secret(const struct gb_plane *control);

/* Stop in order: no new connections, what was begun ends (at most GRACE_MS), tasks end, the store is closed. NULL is fine. */
void gb_control_free(struct gb_plane *control, unsigned grace_ms);

#endif
