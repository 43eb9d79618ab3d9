/* SPDX-License-Identifier: Apache-2.0 */
/*
 * collect/kafka: a member of a consumer group. Offsets are committed by hand only, behind records that are durable. What was fetched
 * of a partition that is taken away is thrown away: whoever gets it begins at the last offset that was committed.
 */
#include "collect/kafka.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "collect/collect.h"
#include "collect/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

/* Of one call: enough that a transaction is worth it. */
#define RECORDS_MAX 4096u
#define BYTES_MAX   (4u * 1024u * 1024u)
#define LINGER_MS   20

struct kafka {
	struct gb_collect_pull pull;
	rd_kafka_t *handle;
	rd_kafka_message_t *messages[RECORDS_MAX]; /* handed out */
	struct gb_collect_record records[RECORDS_MAX];
	size_t count;
	struct gb_diag trouble; /* the last that the library told; empty: none since */
};

static void remember(struct kafka *kafka, const char *what, rd_kafka_resp_err_t error)
{
	(void)gb_diag_set(&kafka->trouble, -EAGAIN, 0, 0, "Kafka: %s%s", what, rd_kafka_err2str(error));
}

static void on_error(rd_kafka_t *handle, int error, const char *reason, void *context)
{
	struct kafka *kafka = context;

	(void)handle;
	/* Of all brokers: those before it say more. */
	if (error != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
		(void)gb_diag_set(&kafka->trouble, -EAGAIN, 0, 0, "Kafka: %.200s", reason);
}

/* Those of PARTITIONS are no longer ours to store. */
static void drop(struct kafka *kafka, rd_kafka_topic_partition_list_t *partitions)
{
	size_t kept = 0;

	for (size_t i = 0; i < kafka->count; i++) {
		rd_kafka_message_t *message = kafka->messages[i];

		if (rd_kafka_topic_partition_list_find(
		            partitions, rd_kafka_topic_name(message->rkt), message->partition) != NULL) {
			rd_kafka_message_destroy(message);
			continue;
		}
		kafka->messages[kept] = message;
		kafka->records[kept++] = kafka->records[i];
	}
	kafka->count = kept;
}

static void on_rebalance(
        rd_kafka_t *handle, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t *partitions, void *context)
{
	bool is_step_by_step = strcmp(rd_kafka_rebalance_protocol(handle), "COOPERATIVE") == 0;
	bool is_gain = error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
	rd_kafka_error_t *failure = NULL;
	struct kafka *kafka = context;

	if (!is_gain)
		drop(kafka, partitions);
	if (is_step_by_step)
		failure = is_gain ? rd_kafka_incremental_assign(handle, partitions)
		                  : rd_kafka_incremental_unassign(handle, partitions);
	else if (rd_kafka_assign(handle, is_gain ? partitions : NULL) != RD_KAFKA_RESP_ERR_NO_ERROR)
		remember(kafka, "partitions cannot be taken over", rd_kafka_last_error());
	if (failure != NULL) {
		remember(kafka, "partitions cannot be taken over: ", rd_kafka_error_code(failure));
		rd_kafka_error_destroy(failure);
	}
}

/* Some of what is in the way the library tells its log only; in our own thread, by `log.queue`. */
static void on_log(const rd_kafka_t *handle, int level, const char *facility, const char *text)
{
	struct kafka *kafka = rd_kafka_opaque(handle);

	(void)facility;
	if (level <= LOG_ERR && kafka->trouble.message[0] == '\0')
		(void)gb_diag_set(&kafka->trouble, -EAGAIN, 0, 0, "Kafka: %.200s", text);
}

/* What MESSAGE is: a record that is kept in *ret_kept, or something to be remembered. 0, -EIO. */
static int take(struct kafka *kafka, rd_kafka_message_t *message, bool *ret_kept, struct gb_diag *diag)
{
	struct gb_collect_record *record = &kafka->records[kafka->count];
	char reason[160];

	*ret_kept = false;
	switch ((int)message->err) {
	case RD_KAFKA_RESP_ERR_NO_ERROR: break;
	case RD_KAFKA_RESP_ERR__PARTITION_EOF: return 0;
	case RD_KAFKA_RESP_ERR__FATAL:
		(void)rd_kafka_fatal_error(kafka->handle, reason, sizeof(reason));
		return gb_diag_set(diag, -EIO, 0, 0, "Kafka: %s", reason);
	default:
		(void)gb_diag_set(&kafka->trouble, -EAGAIN, 0, 0, "Kafka: %.200s", rd_kafka_message_errstr(message));
		return 0;
	}
	*record = (struct gb_collect_record){
	        .value = gb_span_of(message->payload, message->len), .time = rd_kafka_message_timestamp(message, NULL)};
	if (message->len > GB_COLLECT_BODY_MAX)
		*record = (struct gb_collect_record){.time = record->time, .refused = "it is larger than 16 MB"};
	*ret_kept = true;
	return 0;
}

static void forget(struct kafka *kafka)
{
	for (size_t i = 0; i < kafka->count; i++)
		rd_kafka_message_destroy(kafka->messages[i]);
	kafka->count = 0;
}

static int next(struct gb_collect_pull *pull, unsigned wait_ms, const struct gb_collect_record **ret_records,
        size_t *ret_count, struct gb_diag *diag)
{
	struct kafka *kafka = (struct kafka *)pull;
	int64_t until = gb_monotonic_ms() + wait_ms;
	size_t bytes = 0;
	int r = 0;

	*ret_records = kafka->records;
	*ret_count = 0;
	forget(kafka);
	while (r == 0 && kafka->count < RECORDS_MAX && bytes < BYTES_MAX) {
		int64_t left = until - gb_monotonic_ms();
		rd_kafka_message_t *message = rd_kafka_consumer_poll(kafka->handle, left > 0 ? (int)left : 0);
		bool is_kept;

		if (message == NULL && left <= 0)
			break;
		if (message == NULL)
			continue;
		/* Partitions may have been taken away in the call, but not those of what it returned. */
		r = take(kafka, message, &is_kept, diag);
		if (!is_kept) {
			rd_kafka_message_destroy(message);
			continue;
		}
		if (kafka->count == 0)
			until = gb_monotonic_ms() + LINGER_MS;
		bytes += message->len;
		kafka->messages[kafka->count++] = message;
	}
	*ret_count = kafka->count;
	if (r == 0 && kafka->count == 0 && kafka->trouble.message[0] != '\0') {
		if (diag != NULL)
			*diag = kafka->trouble;
		kafka->trouble.message[0] = '\0';
		r = -EAGAIN;
	}
	return r;
}

static int done(struct gb_collect_pull *pull, struct gb_diag *diag)
{
	struct kafka *kafka = (struct kafka *)pull;
	GB_CLEANUP(kafka_list_freep) rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
	rd_kafka_resp_err_t error;

	for (size_t i = 0; i < kafka->count; i++) {
		const rd_kafka_message_t *message = kafka->messages[i];
		const char *topic = rd_kafka_topic_name(message->rkt);
		rd_kafka_topic_partition_t *at = rd_kafka_topic_partition_list_find(list, topic, message->partition);

		if (at == NULL) {
			at = rd_kafka_topic_partition_list_add(list, topic, message->partition);
			at->offset = 0;
		}
		if (message->offset >= at->offset)
			at->offset = message->offset + 1;
	}
	error = kafka->count == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_commit(kafka->handle, list, 0);
	forget(kafka);
	return error == RD_KAFKA_RESP_ERR_NO_ERROR
	               ? 0
	               : gb_diag_set(
	                         diag, -EAGAIN, 0, 0, "Kafka: offsets are not committed: %s", rd_kafka_err2str(error));
}

static void place(const struct gb_collect_pull *pull, size_t index, char ret_place[GB_COLLECT_PLACE_CHARS])
{
	const struct kafka *kafka = (const struct kafka *)pull;
	const rd_kafka_message_t *message = kafka->messages[index];

	(void)snprintf(ret_place, GB_COLLECT_PLACE_CHARS, "record %lld of topic %s, partition %d",
	        (long long)message->offset, rd_kafka_topic_name(message->rkt), (int)message->partition);
}

static void release(struct gb_collect_pull *pull)
{
	struct kafka *kafka = (struct kafka *)pull;

	forget(kafka);
	if (kafka->handle != NULL) {
		(void)rd_kafka_consumer_close(kafka->handle);
		rd_kafka_destroy(kafka->handle);
	}
	free(kafka);
}

static int subscribe(struct kafka *kafka, const struct gb_collect_kafka *settings, struct gb_diag *diag)
{
	GB_CLEANUP(kafka_list_freep)
	rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new((int)settings->topic_count);
	rd_kafka_resp_err_t error;

	for (size_t i = 0; i < settings->topic_count; i++)
		(void)rd_kafka_topic_partition_list_add(topics, settings->topics[i], RD_KAFKA_PARTITION_UA);
	rd_kafka_poll_set_consumer(kafka->handle);
	error = rd_kafka_set_log_queue(kafka->handle, NULL);
	if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
		error = rd_kafka_subscribe(kafka->handle, topics);
	return error == RD_KAFKA_RESP_ERR_NO_ERROR
	               ? 0
	               : gb_diag_set(diag, -EINVAL, 0, 0, "Kafka: these topics cannot be subscribed to: %s",
	                         rd_kafka_err2str(error));
}

int gb_collect_kafka_new(
        const struct gb_collect_kafka *settings, struct gb_collect_pull **ret_pull, struct gb_diag *diag)
{
	static const struct source_kind kind = {next, done, place, NULL, release};
	struct kafka *kafka = calloc(1, sizeof(*kafka));
	rd_kafka_conf_t *conf = NULL;
	char reason[160];
	int r;

	if (kafka == NULL)
		return gb_diag_set(diag, -ENOMEM, 0, 0, "out of memory");
	kafka->pull.kind = &kind;
	r = kafka_conf_make(settings, &conf, diag);
	if (r == 0) {
		rd_kafka_conf_set_opaque(conf, kafka);
		rd_kafka_conf_set_error_cb(conf, on_error);
		rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
		rd_kafka_conf_set_log_cb(conf, on_log);
		kafka->handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason, sizeof(reason));
		if (kafka->handle == NULL) {
			rd_kafka_conf_destroy(conf);
			r = gb_diag_set(diag, -EINVAL, 0, 0, "Kafka: %s", reason);
		} else {
			r = subscribe(kafka, settings, diag);
		}
	}
	if (r < 0) {
		release(&kafka->pull);
		return r;
	}
	*ret_pull = &kafka->pull;
	return 0;
}
