/* SPDX-License-Identifier: Apache-2.0 */
/* control/oidc_state: what the files of OpenID sign-in share. */
#ifndef GB_CONTROL_OIDC_STATE_H
#define GB_CONTROL_OIDC_STATE_H

#include "control/oidc.h"
#include "web/client.h"

#include <pthread.h>

struct gb_oidc {
	json_t *file; /* the settings; texts below are its */
	const char *issuer, *client_id, *role_claim, *ca_file, *scopes;
	char *client_secret; /* NULL: a public client */
	char *redirect_uri;
	enum gb_role default_role;

	pthread_mutex_t lock; /* of all below */
	struct gb_web_client *client;
	json_t *provider, *keys; /* NULL: to be asked for */
	int64_t provider_ms, keys_ms, failed_ms;
};

/* Under the lock: the provider's documents are there and fresh. IS_ROTATED: no key fitted; ask for keys again, if that was not
 * done a moment ago. */
__attribute__((warn_unused_result)) int gb_oidc_refresh(
        struct gb_oidc *oidc, bool is_rotated, struct gb_arena *arena, struct gb_diag *diag);

/* Under the lock: what stands at URL, a JSON object, to be freed; FORM (empty: GET) is posted with CREDENTIAL (NULL: none) as
 * Authorization. */
__attribute__((warn_unused_result)) int gb_oidc_ask(struct gb_oidc *oidc, const char *url, struct gb_span form,
        const char *credential, struct gb_arena *arena, json_t **ret_answer, struct gb_diag *diag);

#endif
