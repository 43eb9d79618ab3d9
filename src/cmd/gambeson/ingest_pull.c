/* SPDX-License-Identifier: Apache-2.0 */
/* Logs that wait in a service until they are asked for. */
#include "cmd/gambeson/ingest.h"

#include "base/clock.h"
#include "base/fd.h"
#include "collect/pull.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PROPERTIES_MAX (1u << 20)
#define WAIT_MS        250u
#define SETTLE_MS      1000
#define REPEAT_MS      30000

static int open_kafka(
        const struct ingest_settings *settings, const struct ingest_sink *sink, struct gb_collect_pull **ret_pull)
{
	struct gb_collect_kafka kafka = {.brokers = settings->kafka,
	        .topics = settings->topics.items,
	        .topic_count = settings->topics.count,
	        .group = settings->group != NULL ? settings->group : "gambeson",
	        .is_from_end = settings->from_end};
	struct gb_diag diag = {0};
	char *text = NULL;
	size_t n = 0;
	int r = 0;

	if (settings->properties != NULL) {
		r = gb_fd_read_file(settings->properties, PROPERTIES_MAX, &text, &n);
		if (r < 0)
			return gb_complain(sink->command, GB_EXIT_SYSTEM, "%s: %s", settings->properties, strerror(-r));
		kafka.properties = gb_span_of(text, n);
	}
	r = gb_collect_kafka_new(&kafka, ret_pull, &diag);
	if (text != NULL)
		explicit_bzero(text, n);
	free(text);
	if (r < 0 && diag.line != 0)
		return gb_complain(
		        sink->command, GB_EXIT_USAGE, "%s:%u: %s", settings->properties, diag.line, diag.message);
	return r < 0 ? gb_complain(sink->command, GB_EXIT_USAGE, "%s", diag.message) : GB_EXIT_OK;
}

static int open_aws(
        const struct ingest_settings *settings, const struct ingest_sink *sink, struct gb_collect_pull **ret_pull)
{
	const char *region = getenv("AWS_REGION");
	struct gb_collect_aws aws = {.names = settings->groups.items,
	        .name_count = settings->groups.count,
	        .region = settings->region,
	        .endpoint = settings->endpoint,
	        .account = settings->account,
	        .resume = settings->resume,
	        .is_from_end = settings->from_end,
	        .late_ms = (int64_t)settings->late * 1000};
	struct gb_diag diag = {0};
	int r;

	if (aws.region == NULL)
		aws.region = region != NULL ? region : getenv("AWS_DEFAULT_REGION");
	if (settings->kinesis != NULL) {
		aws.names = &settings->kinesis;
		aws.name_count = 1;
	}
	r = settings->kinesis != NULL ? gb_collect_kinesis_new(&aws, ret_pull, &diag)
	                              : gb_collect_cloudwatch_new(&aws, ret_pull, &diag);
	return r < 0 ? gb_complain(sink->command, GB_EXIT_USAGE, "%s", diag.message) : GB_EXIT_OK;
}

/* What a signal handler ends the waiting of; NULL: nothing. */
static struct gb_collect_pull *volatile running;

void ingest_pull_cancel(void)
{
	struct gb_collect_pull *pull = running;

	if (pull != NULL)
		gb_collect_pull_cancel(pull);
}

/* What is in the way, once, and again after a while. */
struct trouble {
	char message[sizeof(((struct gb_diag *)NULL)->message)];
	int64_t told_ms;
};

static void tell(const struct ingest_sink *sink, struct trouble *trouble, const struct gb_diag *diag)
{
	if (trouble->told_ms != 0 && gb_monotonic_ms() - trouble->told_ms < REPEAT_MS &&
	        strcmp(trouble->message, diag->message) == 0)
		return;
	memcpy(trouble->message, diag->message, sizeof(trouble->message));
	trouble->told_ms = gb_monotonic_ms();
	gb_complain(sink->command, GB_EXIT_SYSTEM, "%s; trying again", diag->message);
}

/* One piece. *ret_count 0: there was none. */
static int pull_once(struct gb_collect_pull *pull, struct ingest_sink *sink, struct trouble *trouble, size_t *ret_count)
{
	const struct gb_collect_record *records;
	struct gb_diag diag = {0};
	int r = gb_collect_pull_next(pull, WAIT_MS, &records, ret_count, &diag), status;

	if (r == 0 && *ret_count > 0) {
		status = ingest_sink_put_records(sink, pull, records, *ret_count);
		if (status != GB_EXIT_OK)
			return status;
		r = gb_collect_pull_done(pull, &diag);
	}
	if (r == -EAGAIN)
		tell(sink, trouble, &diag);
	else if (r < 0)
		return gb_complain(sink->command, GB_EXIT_SYSTEM, "%s", diag.message);
	return GB_EXIT_OK;
}

int ingest_pull(const struct ingest_settings *settings, struct ingest_sink *sink)
{
	struct gb_collect_pull *pull = NULL;
	struct trouble trouble = {.told_ms = 0};
	int64_t settled_ms = gb_monotonic_ms(), idle_ms = gb_monotonic_ms();
	bool is_settled = true;
	int status = settings->kafka != NULL ? open_kafka(settings, sink, &pull) : open_aws(settings, sink, &pull);

	running = pull;
	while (status == GB_EXIT_OK && !*sink->must_stop) {
		size_t count = 0;

		status = pull_once(pull, sink, &trouble, &count);
		is_settled &= count == 0;
		if (count > 0)
			idle_ms = gb_monotonic_ms();
		if (status == GB_EXIT_OK && !is_settled && (count == 0 || gb_monotonic_ms() - settled_ms > SETTLE_MS)) {
			status = ingest_sink_settle(sink);
			is_settled = true;
			settled_ms = gb_monotonic_ms();
		}
		if (settings->until_idle != 0 && gb_monotonic_ms() - idle_ms > (int64_t)settings->until_idle * 1000)
			break;
	}
	running = NULL;
	gb_collect_pull_free(pull);
	return status;
}
