/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records that are what others put into a stream, many of them in one transaction or request. They are read here also when a server will
 * read them again, since one that is no good must neither stop the others nor go by unnoticed.
 */
#include "cmd/gambeson/ingest.h"

#include "base/base64.h"
#include "base/text.h"
#include "collect/pull.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of one request: as base64 it is well below what a server takes. */
#define REQUEST_BYTES (6u * 1024u * 1024u)
#define REFUSED_MAX   (256u * GB_COLLECT_REFUSED_CHARS)

struct delivery {
	struct ingest_sink *sink;
	const struct gb_collect_pull *pull;
	const struct gb_collect_record *records;
	const char **whys; /* of each record: why it is left out; NULL: it is not */
};

static const char *why_of(int r)
{
	return r == -E2BIG ? "it has more lines, or unpacks to more, than is taken at once"
	                   : "it is neither a log's text nor an envelope of one that is whole";
}

/* Records from BEGIN on, at most to END, into a new batch; those that cannot be read are marked. *ret_end: behind the last in it. */
static int fill(
        struct delivery *delivery, size_t begin, size_t end, struct gb_collect_batch **ret_batch, size_t *ret_end)
{
	struct gb_collect_batch *batch = ingest_sink_batch(delivery->sink);
	size_t bytes = 0;
	int r = batch == NULL ? -ENOMEM : 0;

	for (size_t i = begin; i < end && r == 0; i++) {
		const struct gb_collect_record *record = &delivery->records[i];
		struct gb_diag diag = {0};

		bytes += record->value.n;
		if (delivery->sink->server != NULL && i > begin && bytes > REQUEST_BYTES) {
			end = i;
			break;
		}
		if (record->value.n == 0 || delivery->whys[i] != NULL)
			continue;
		r = gb_collect_batch_add(batch, record->value, GB_COLLECT_ANY, &delivery->sink->origin, &diag);
		if (r == -E2BIG && i > begin) {
			/* With it, it is too much: once more without it. */
			gb_collect_batch_free(batch);
			return fill(delivery, begin, i, ret_batch, ret_end);
		}
		if (r == -EBADMSG || r == -E2BIG) {
			delivery->whys[i] = why_of(r);
			end = r == -E2BIG ? i + 1 : end;
			r = 0;
		}
	}
	if (r < 0) {
		gb_collect_batch_free(batch);
		return gb_complain(delivery->sink->command, GB_EXIT_SYSTEM, "out of memory");
	}
	/* Others write into the service too. */
	gb_collect_batch_teach(batch, GB_COLLECT_TEACHES_STREAMS);
	*ret_batch = batch;
	*ret_end = end;
	return GB_EXIT_OK;
}

/* As Firehose sends them, which takes any bytes. NULL: no memory. */
static char *wrap(const struct delivery *delivery, size_t begin, size_t end, size_t *ret_n)
{
	static const char head[] = "{\"requestId\":\"ingest\",\"timestamp\":0,\"records\":[", foot[] = "]}";
	size_t cap = sizeof(head) + sizeof(foot), n = sizeof(head) - 1;
	bool is_first = true;
	char *body;

	for (size_t i = begin; i < end; i++)
		cap += 16 + sodium_base64_encoded_len(delivery->records[i].value.n, sodium_base64_VARIANT_ORIGINAL);
	body = malloc(cap);
	if (body == NULL)
		return NULL;
	memcpy(body, head, n);
	for (size_t i = begin; i < end; i++) {
		const struct gb_span value = delivery->records[i].value;

		if (delivery->whys[i] != NULL || value.n == 0)
			continue;
		n += (size_t)snprintf(body + n, cap - n, "%s{\"data\":\"", is_first ? "" : ",");
		is_first = false;
		sodium_bin2base64(body + n, cap - n, value.p, value.n, sodium_base64_VARIANT_ORIGINAL);
		n += strlen(body + n);
		memcpy(body + n, "\"}", 2);
		n += 2;
	}
	memcpy(body + n, foot, sizeof(foot) - 1);
	*ret_n = n + sizeof(foot) - 1;
	return body;
}

/* To the server; what it does not want is sought by halves. */
static int send_records(struct delivery *delivery, size_t begin, size_t end)
{
	struct ingest_sink *sink = delivery->sink;
	bool is_refused = false;
	int status;

	if (end - begin == 1) {
		if (delivery->whys[begin] != NULL || delivery->records[begin].value.n == 0)
			return GB_EXIT_OK;
		status = ingest_sink_send(sink, delivery->records[begin].value, &is_refused);
		if (is_refused)
			delivery->whys[begin] = "the server does not take it";
		return status;
	}
	{
		size_t n = 0;
		char *body = wrap(delivery, begin, end, &n);

		if (body == NULL)
			return gb_complain(sink->command, GB_EXIT_SYSTEM, "out of memory");
		status = ingest_sink_send(sink, gb_span_of(body, n), &is_refused);
		free(body);
	}
	if (status != GB_EXIT_OK || !is_refused)
		return status;
	status = send_records(delivery, begin, begin + (end - begin) / 2);
	return status != GB_EXIT_OK ? status : send_records(delivery, begin + (end - begin) / 2, end);
}

/* A line about each of those that were left out. */
static int tell_refused(struct delivery *delivery, size_t count)
{
	struct gb_text text = {.p = NULL};
	int status = GB_EXIT_OK;

	for (size_t i = 0; i < count && status == GB_EXIT_OK; i++) {
		char place[GB_COLLECT_PLACE_CHARS], room[GB_COLLECT_REFUSED_CHARS];

		if (delivery->whys[i] == NULL)
			continue;
		if (text.p == NULL)
			text = gb_text_on(malloc(REFUSED_MAX), REFUSED_MAX);
		if (text.p == NULL)
			return gb_complain(delivery->sink->command, GB_EXIT_SYSTEM, "out of memory");
		delivery->sink->unreadable++;
		gb_collect_pull_place(delivery->pull, i, place);
		gb_text_add(&text, gb_collect_refused_line(&delivery->records[i], place, delivery->whys[i], room));
		if (text.n > REFUSED_MAX - GB_COLLECT_REFUSED_CHARS) {
			status = ingest_sink_put(delivery->sink, gb_text_span(&text));
			text.n = 0;
		}
	}
	if (status == GB_EXIT_OK && text.n > 0)
		status = ingest_sink_put(delivery->sink, gb_text_span(&text));
	free(text.p);
	return status;
}

int ingest_sink_put_records(struct ingest_sink *sink, const struct gb_collect_pull *pull,
        const struct gb_collect_record *records, size_t count)
{
	struct delivery delivery = {
	        .sink = sink, .pull = pull, .records = records, .whys = calloc(count, sizeof(*delivery.whys))};
	int status = GB_EXIT_OK;

	if (delivery.whys == NULL)
		return gb_complain(sink->command, GB_EXIT_SYSTEM, "out of memory");
	for (size_t i = 0; i < count; i++)
		delivery.whys[i] = records[i].refused;
	for (size_t begin = 0, end; begin < count && status == GB_EXIT_OK; begin = end) {
		struct gb_collect_batch *batch = NULL;

		end = count;
		status = fill(&delivery, begin, count, &batch, &end);
		if (status == GB_EXIT_OK)
			status = sink->server != NULL ? send_records(&delivery, begin, end)
			                              : ingest_sink_store(sink, batch);
		gb_collect_batch_free(batch);
	}
	if (status == GB_EXIT_OK)
		status = tell_refused(&delivery, count);
	free(delivery.whys);
	return status;
}
