/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aws/call: signed requests to AWS's services, and to what speaks their protocols. A caller belongs to one thread. It finds
 * its credentials as AWS's own programs do: in the environment, in the profile of ~/.aws/credentials, at the container's
 * endpoint, at the instance's metadata service (version 2); keys with an end are fetched anew five minutes before it. Roles
 * that have to be assumed first (STS, web identity) are not.
 */
#ifndef GB_AWS_CALL_H
#define GB_AWS_CALL_H

#include "aws/sign.h"
#include "base/diag.h"
#include "web/client.h"

struct gb_aws;

/* -ENOMEM, or what the HTTP client's start ends with. */
__attribute__((warn_unused_result)) int gb_aws_new(struct gb_aws **ret_aws);
void gb_aws_free(struct gb_aws *aws); /* NULL is fine */

/* What is asked now. The key's texts are the caller's until it is asked again. -ENOENT with DIAG: none anywhere. */
__attribute__((warn_unused_result)) int gb_aws_key_find(
        struct gb_aws *aws, struct gb_aws_key *ret_key, struct gb_diag *diag);

/* Sign REQUEST and send it (IS_TLS: by TLS) to the host that it names; the answer lies in ARENA. What is worth another
 * try (no answer, 429, 5xx, a clock that is wrong) is tried three times in all, with a growing pause. Any status is
 * success here; otherwise as gb_web_client_fetch(). */
__attribute__((warn_unused_result)) int gb_aws_call(struct gb_aws *aws, const struct gb_aws_request *request,
        bool is_tls, size_t answer_max, struct gb_arena *arena, struct gb_web_fetched *ret_fetched,
        struct gb_diag *diag);

/* From any other thread: what AWS waits for ends with -ECANCELED. */
void gb_aws_cancel(struct gb_aws *aws);

#endif
