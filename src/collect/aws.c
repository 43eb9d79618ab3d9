/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/aws.h"

#include "base/clock.h"
#include "aws/date.h"
#include "aws/location.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ANSWER_MAX     (24u * 1024u * 1024u) /* Kinesis gives 10 MB at once, in base64 */
#define PAUSE_FIRST_MS 500u
#define PAUSE_MAX_MS   30000u

static bool is_region(const char *text)
{
	size_t n = 0;

	for (; text[n] != '\0'; n++)
		if (!gb_ascii_is_alpha((unsigned char)text[n]) && !gb_ascii_is_digit((unsigned char)text[n]) &&
		        text[n] != '-')
			return false;
	return n > 0 && n < sizeof(((struct collect_aws *)NULL)->region);
}

int collect_aws_begin(const struct gb_collect_aws *settings, const char *name, const char *target,
        struct collect_aws *ret_aws, struct gb_diag *diag)
{
	struct collect_aws *aws = ret_aws;
	struct gb_location where;
	int r;

	*aws = (struct collect_aws){.name = name, .target = target, .is_tls = true};
	if (settings->region == NULL || !is_region(settings->region))
		return gb_diag_set(diag, -EINVAL, 0, 0, "AWS wants a region, like eu-west-1");
	(void)snprintf(aws->region, sizeof(aws->region), "%s", settings->region);
	(void)snprintf(aws->host, sizeof(aws->host), "%s.%s.amazonaws.com%s", name, aws->region,
	        strncmp(aws->region, "cn-", 3) == 0 ? ".cn" : "");
	if (settings->endpoint != NULL) {
		r = gb_location_parse(gb_span_cstr(settings->endpoint), "", true, &where, diag);
		if (r < 0 || where.kind != GB_LOCATION_HTTP || where.path[0] != '\0')
			return gb_diag_set(
			        diag, -EINVAL, 0, 0, "the endpoint must be http://HOST[:PORT] or https://HOST[:PORT]");
		(void)snprintf(aws->host, sizeof(aws->host), "%.263s", where.host);
		aws->is_tls = where.is_tls;
	}
	r = gb_aws_new(&aws->aws);
	return r < 0 ? gb_diag_set(diag, r, 0, 0, "out of memory") : 0;
}

void collect_aws_done(struct collect_aws *aws)
{
	gb_aws_free(aws->aws);
	aws->aws = NULL;
}

int collect_aws_give_up(const struct collect_aws *aws)
{
	return aws->has_answered ? -EAGAIN : -EIO;
}

/* Twice as long as the last one, and not at the same moment as all others. */
static void begin_pause(struct collect_aws *aws)
{
	aws->pause_ms = aws->pause_ms == 0 ? PAUSE_FIRST_MS : aws->pause_ms * 2;
	if (aws->pause_ms > PAUSE_MAX_MS)
		aws->pause_ms = PAUSE_MAX_MS;
	aws->draw = (aws->draw + (unsigned)gb_monotonic_ms()) * 1103515245u + 12345u;
	aws->rest_ms = gb_monotonic_ms() + aws->pause_ms / 2 + (aws->draw >> 16) % (aws->pause_ms / 2 + 1);
}

/* "com.amazonaws.kinesis#ExpiredIteratorException", "ExpiredIteratorException:http://…". */
static void take_error(const struct gb_web_fetched *fetched, const struct scan_value *type, char ret_error[64])
{
	struct gb_span text =
	        type->type == SCAN_STRING ? type->text : gb_web_fetched_header(fetched, "x-amzn-errortype");
	size_t hash = gb_span_find_byte(text, '#', 0), n = 0;

	if (hash != SIZE_MAX)
		text = gb_span_sub(text, hash + 1, SIZE_MAX);
	while (n < text.n && n < 63 && gb_ascii_is_alpha(text.p[n])) {
		ret_error[n] = (char)text.p[n];
		n++;
	}
	ret_error[n] = '\0';
}

static bool is_throttled(const char *error)
{
	static const char names[] =
	        "ThrottlingException\0Throttling\0ProvisionedThroughputExceededException\0"
	        "LimitExceededException\0KMSThrottlingException\0ServiceUnavailableException\0"
	        "InternalFailure\0InternalFailureException\0RequestTimeout\0TooManyRequestsException\0";

	return gb_span_is_one_of(gb_span_cstr(error), names);
}

/* What an answer that is not 200 means. */
static int fail(struct collect_aws *aws, const char *operation, const struct gb_web_fetched *fetched,
        struct collect_answer *answer, struct gb_diag *diag)
{
	static const char names[] = "__type\0message\0";
	struct scan_value members[2];
	struct gb_span message = GB_SPAN_EMPTY;
	bool may_pass;

	collect_pick(&answer->object, names, members);
	take_error(fetched, &members[0], answer->error);
	if (members[1].type == SCAN_STRING)
		message = gb_span_sub(members[1].text, 0, 100);
	for (size_t i = 0; i < message.n; i++)
		if (message.p[i] < ' ' || message.p[i] > '~')
			message.n = i;
	may_pass = fetched->status >= 500 || fetched->status == 429 || is_throttled(answer->error);
	if (may_pass)
		begin_pause(aws);
	return gb_diag_set(diag, may_pass ? -EAGAIN : -EREMOTEIO, 0, 0, "%s answers %u%s%s to %s%s%.*s", aws->name,
	        fetched->status, answer->error[0] != '\0' ? " " : "", answer->error, operation,
	        message.n != 0 ? ": " : "", (int)message.n, (const char *)message.p);
}

int collect_aws_ask(struct collect_aws *aws, const char *operation, struct gb_span body, struct collect_answer *answer,
        struct gb_diag *diag)
{
	char target[96];
	struct gb_aws_pair fields[] = {{GB_SPAN("content-type"), GB_SPAN("application/x-amz-json-1.1")},
	        {GB_SPAN("x-amz-target"), GB_SPAN_EMPTY}};
	struct gb_aws_request request = {.method = GB_SPAN("POST"),
	        .host = gb_span_cstr(aws->host),
	        .path = GB_SPAN("/"),
	        .fields = fields,
	        .field_count = 2,
	        .payload = body,
	        .region = gb_span_cstr(aws->region),
	        .service = gb_span_cstr(aws->name)};
	struct gb_web_fetched fetched;
	struct gb_span text;
	size_t used;
	int64_t seconds;
	int r;

	(void)snprintf(target, sizeof(target), "%s.%s", aws->target, operation);
	fields[1].value = gb_span_cstr(target);
	answer->error[0] = '\0';
	answer->object = (struct scan_value){.type = SCAN_NONE};
	r = gb_aws_call(aws->aws, &request, aws->is_tls, ANSWER_MAX, answer->arena, &fetched, diag);
	if (r == -ECANCELED)
		return r;
	if (r < 0) {
		begin_pause(aws);
		return r == -ENOENT || r == -EINVAL || r == -EMSGSIZE ? collect_aws_give_up(aws) : -EAGAIN;
	}
	answer->time = (int64_t)time(NULL) * 1000;
	if (gb_aws_date_of_http(gb_web_fetched_header(&fetched, "date"), &seconds))
		answer->time = seconds * 1000;
	text = gb_span_trim(fetched.body);
	if (text.n > 0 && text.p[0] == '{')
		answer->object = scan_one(text, &used);
	if (answer->object.type != SCAN_NONE && used != text.n)
		answer->object.type = SCAN_NONE;
	if (fetched.status != 200)
		return fail(aws, operation, &fetched, answer, diag);
	if (answer->object.type == SCAN_NONE) {
		begin_pause(aws);
		return gb_diag_set(
		        diag, -EAGAIN, 0, 0, "%s answers %s with what is no JSON object", aws->name, operation);
	}
	aws->has_answered = true;
	aws->pause_ms = 0;
	return 0;
}
