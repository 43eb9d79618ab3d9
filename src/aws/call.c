/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/call.h"

#include "aws/credentials.h"
#include "aws/date.h"
#include "base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TRIES        3u
#define PAUSE_MS     200u
#define SKEW_MINIMUM 60
#define FIELDS_MAX   (GB_AWS_PAIRS_MAX + 5u)
#define URL_BYTES    (GB_AWS_TARGET_BYTES + 512u)

struct gb_aws {
	struct gb_web_client *client;
	struct gb_credentials credentials;
	int64_t skew_s; /* what our clock is behind theirs */
};

int gb_aws_new(struct gb_aws **ret_aws)
{
	struct gb_aws *aws = calloc(1, sizeof(*aws));
	int r = aws == NULL ? -ENOMEM : gb_web_client_new(&aws->client);

	if (r < 0) {
		free(aws);
		return r;
	}
	*ret_aws = aws;
	return 0;
}

void gb_aws_free(struct gb_aws *aws)
{
	if (aws == NULL)
		return;
	gb_web_client_free(aws->client);
	explicit_bzero(aws, sizeof(*aws));
	free(aws);
}

void gb_aws_cancel(struct gb_aws *aws)
{
	gb_web_client_cancel(aws->client);
}

int gb_aws_key_find(struct gb_aws *aws, struct gb_aws_key *ret_key, struct gb_diag *diag)
{
	return gb_credentials_find(&aws->credentials, aws->client, time(NULL), ret_key, diag);
}

static int send_once(struct gb_aws *aws, const struct gb_aws_request *request, bool is_tls, size_t answer_max,
        struct gb_arena *arena, struct gb_web_fetched *ret_fetched, struct gb_diag *diag)
{
	struct gb_web_header headers[FIELDS_MAX];
	struct gb_aws_signature signature;
	struct gb_aws_key key;
	struct gb_web_fetch fetch = {
	        .headers = headers, .body = request->payload, .reach = GB_WEB_REACH_ANY, .answer_max = answer_max};
	char url[URL_BYTES], method[16] = "";
	int r = gb_aws_key_find(aws, &key, diag);

	if (r == 0)
		r = gb_aws_sign(request, &key, time(NULL) + aws->skew_s, &signature);
	if (r < 0)
		return diag != NULL && diag->message[0] != '\0'
		               ? r
		               : gb_diag_set(diag, r, 0, 0, "the request cannot be signed");
	if (request->method.n >= sizeof(method) ||
	        snprintf(url, sizeof(url), "%s://%.*s%s", is_tls ? "https" : "http", (int)request->host.n,
	                (const char *)request->host.p, signature.target) >= (int)sizeof(url))
		return gb_diag_set(diag, -EINVAL, 0, 0, "the request is too long");
	memcpy(method, request->method.p, request->method.n);
	fetch.method = method;
	fetch.url = url;
	for (size_t i = 0; i < request->field_count; i++)
		headers[fetch.header_count++] =
		        (struct gb_web_header){request->fields[i].name, request->fields[i].value};
	headers[fetch.header_count++] = (struct gb_web_header){GB_SPAN("x-amz-date"), gb_span_cstr(signature.date)};
	headers[fetch.header_count++] =
	        (struct gb_web_header){GB_SPAN("authorization"), gb_span_cstr(signature.authorization)};
	if (request->is_s3)
		headers[fetch.header_count++] =
		        (struct gb_web_header){GB_SPAN("x-amz-content-sha256"), gb_span_cstr(signature.payload)};
	if (key.token.n != 0)
		headers[fetch.header_count++] = (struct gb_web_header){GB_SPAN("x-amz-security-token"), key.token};
	return gb_web_client_fetch(aws->client, &fetch, arena, ret_fetched, diag);
}

/* Follow their clock when it is far from ours: S3 and others then say 403 or 400. */
static bool follow_clock(struct gb_aws *aws, const struct gb_web_fetched *fetched)
{
	int64_t there, skew;

	if ((fetched->status != 403 && fetched->status != 400) ||
	        !gb_aws_date_of_http(gb_web_fetched_header(fetched, "date"), &there))
		return false;
	skew = there - time(NULL);
	if (skew - aws->skew_s > -SKEW_MINIMUM && skew - aws->skew_s < SKEW_MINIMUM)
		return false;
	aws->skew_s = skew;
	return true;
}

static bool may_pass(int r, const struct gb_web_fetched *fetched)
{
	if (r < 0)
		return r == -ETIMEDOUT || r == -ECONNREFUSED || r == -EIO || r == -EHOSTUNREACH;
	return fetched->status >= 500 || fetched->status == 429;
}

int gb_aws_call(struct gb_aws *aws, const struct gb_aws_request *request, bool is_tls, size_t answer_max,
        struct gb_arena *arena, struct gb_web_fetched *ret_fetched, struct gb_diag *diag)
{
	struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000l};
	int r;

	for (unsigned turn = 1;; turn++) {
		*ret_fetched = (struct gb_web_fetched){0};
		r = send_once(aws, request, is_tls, answer_max, arena, ret_fetched, diag);
		if (turn == TRIES)
			return r;
		if (r == 0 && follow_clock(aws, ret_fetched))
			continue;
		if (!may_pass(r, ret_fetched))
			return r;
		(void)nanosleep(&pause, NULL);
		pause.tv_nsec *= 2;
	}
}
