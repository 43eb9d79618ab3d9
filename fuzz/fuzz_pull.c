/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of Kinesis and CloudWatch Logs, the first byte says of which. What is made of them is bounded, and each envelope whole. */
#include "collect/cloudwatch.h"
#include "collect/collect.h"
#include "collect/kinesis.h"

#include <errno.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(bool is_so)
{
	if (!is_so)
		__builtin_trap();
}

static void of_kinesis(struct collect_answer *answer, size_t n)
{
	struct kinesis source = {.answer = *answer};
	int r = kinesis_take_answer(&source);

	check(r == 0 || r == -EBADMSG);
	for (size_t i = 0; i < source.count; i++) {
		check(source.records[i].value.n <= n && source.sequences[i].n <= KINESIS_SEQUENCE_MAX);
		check(source.records[i].refused == NULL || source.records[i].value.n == 0);
		check(source.records[i].time >= 0);
	}
	check(source.count == 0 || source.last.n > 0);
	check(source.iterator.n <= KINESIS_ITERATOR_MAX);
}

static void of_cloudwatch(struct collect_answer *answer)
{
	static const struct gb_collect_origin nowhere;
	static struct group group = {.name = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/orders"};
	struct cloudwatch *source = calloc(1, sizeof(*source));
	struct gb_diag diag;
	int r;

	if (source == NULL)
		return;
	source->arena = answer->arena;
	source->group = &group;
	r = cloudwatch_take_page(source, answer, &diag);
	check(r == 0 || r == -EAGAIN);
	check(source->token.n <= CLOUDWATCH_TOKEN_MAX && source->count <= CLOUDWATCH_RECORDS_MAX);
	for (size_t i = 0; r == 0 && i < source->count; i++) {
		struct gb_collect_batch *batch = gb_collect_batch_new(1795271400000);

		if (batch != NULL)
			check(gb_collect_batch_add(
			              batch, source->records[i].value, GB_COLLECT_CLOUDWATCH, &nowhere, &diag) == 0);
		gb_collect_batch_free(batch);
	}
	free(source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct collect_answer answer = {.time = 1795271400000};
	size_t used;

	if (n < 2 || data[1] != '{')
		return 0;
	answer.object = scan_one(gb_span_of(data + 1, n - 1), &used);
	answer.arena = gb_arena_new();
	if (answer.object.type != SCAN_NONE && answer.arena != NULL) {
		if (data[0] % 2 == 0)
			of_kinesis(&answer, n);
		else
			of_cloudwatch(&answer);
	}
	gb_arena_free(answer.arena);
	return 0;
}
