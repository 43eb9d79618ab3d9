/* SPDX-License-Identifier: Apache-2.0 */
/* aws/credentials: where keys come from (aws/call.h says in which order). Private to its directory. */
#ifndef GB_AWS_CREDENTIALS_H
#define GB_AWS_CREDENTIALS_H

#include "aws/key.h"
#include "base/diag.h"
#include "web/client.h"

struct gb_credentials {
	char room[GB_AWS_KEY_BYTES];
	struct gb_aws_key key; /* in ROOM; empty: none yet */
	int64_t until;         /* seconds since 1970; 0: for ever */
};

/* The key to sign with at NOW (seconds since 1970): the environment's, unless AWS_PROFILE names one; else the profile's, the container
 * endpoint's, the instance's, kept until shortly before it ends. Its spans are CREDENTIALS' or the environment's. Negative errno with
 * DIAG: there is none. */
__attribute__((warn_unused_result)) int gb_credentials_find(struct gb_credentials *credentials,
        struct gb_web_client *client, int64_t now, struct gb_aws_key *ret_key, struct gb_diag *diag);

/* The key of PROFILE in TEXT, a file of credentials: sections `[name]`, lines `name = value`. Spans lie in TEXT. False when there
 * is none. */
bool gb_credentials_of_file(struct gb_span text, struct gb_span profile, struct gb_aws_key *ret_key);

#endif
