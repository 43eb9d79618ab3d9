/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of Kinesis, and those that AWS's producer library puts many into one: magic bytes, a message of Protocol Buffers whose field 3
 * are the records, each with its data in field 3, and 16 bytes of MD5.
 */
#include "collect/kinesis.h"

#include "base/base64.h"

#include <errno.h>
#include <stdlib.h>

#define AGGREGATED   GB_SPAN("\xf3\x89\x9a\xc2")
#define DIGEST_BYTES 16u
#define FIELD_DATA   3u

static int add(struct kinesis *source, const struct gb_collect_record *record, struct gb_span sequence)
{
	size_t n = source->count;
	int r = gb_arena_grow(source->answer.arena, &source->records, n, &source->record_cap, sizeof(*source->records));

	if (r == 0)
		r = gb_arena_grow(
		        source->answer.arena, &source->sequences, n, &source->sequence_cap, sizeof(*source->sequences));
	if (r < 0)
		return r;
	source->records[n] = *record;
	source->sequences[n] = sequence;
	source->count++;
	return 0;
}

static bool take_number(struct gb_span *rest, uint64_t *ret)
{
	*ret = 0;
	for (unsigned shift = 0; shift < 64 && rest->n > 0; shift += 7) {
		unsigned char c = rest->p[0];

		*rest = gb_span_sub(*rest, 1, SIZE_MAX);
		*ret |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return true;
	}
	return false;
}

/* One field of a message; *ret_bytes is empty unless it is one with a length. False: there is none, or it is broken. */
static bool take_field(struct gb_span *rest, uint64_t *ret_number, struct gb_span *ret_bytes)
{
	uint64_t tag, n = 0;

	*ret_bytes = GB_SPAN_EMPTY;
	if (!take_number(rest, &tag))
		return false;
	*ret_number = tag >> 3;
	switch (tag & 7) {
	case 0: return take_number(rest, &n);
	case 1: n = 8; break;
	case 2:
		if (!take_number(rest, &n))
			return false;
		break;
	case 5: n = 4; break;
	default: return false;
	}
	if (n > rest->n)
		return false;
	if ((tag & 7) == 2)
		*ret_bytes = gb_span_sub(*rest, 0, (size_t)n);
	*rest = gb_span_sub(*rest, (size_t)n, SIZE_MAX);
	return true;
}

static int take_aggregated(
        struct kinesis *source, struct gb_span message, const struct gb_collect_record *like, struct gb_span sequence)
{
	size_t before = source->count;
	struct gb_span record, data;
	uint64_t number;

	while (message.n > 0) {
		if (!take_field(&message, &number, &record))
			break;
		if (number != FIELD_DATA)
			continue;
		while (record.n > 0 && take_field(&record, &number, &data)) {
			struct gb_collect_record one = {.value = data, .time = like->time};
			int r = number == FIELD_DATA ? add(source, &one, sequence) : 0;

			if (r < 0)
				return r;
		}
		if (record.n > 0)
			break;
	}
	if (message.n == 0 && source->count > before)
		return 0;
	/* What was read so far may be true; that something is missing is told. */
	return add(source,
	        &(struct gb_collect_record){
	                .time = like->time, .refused = "it says that it holds others, and is broken"},
	        sequence);
}

/* "1763750000.123" or "1.763750000123E9": milliseconds since 1970. */
static int64_t time_of(const struct scan_value *value)
{
	char text[40] = "";
	double seconds;

	if (value->type != SCAN_NUMBER || value->text.n >= sizeof(text))
		return 0;
	__builtin_memcpy(text, value->text.p, value->text.n);
	seconds = strtod(text, NULL);
	return seconds > 0 && seconds < 1e11 ? (int64_t)(seconds * 1000) : 0;
}

static int take_record(struct kinesis *source, const struct scan_value *value)
{
	static const char names[] = "Data\0SequenceNumber\0ApproximateArrivalTimestamp\0";
	struct gb_collect_record record = {.value = GB_SPAN_EMPTY};
	struct scan_value members[3];
	struct gb_span data, sequence;
	unsigned char *bytes;
	ssize_t n;

	collect_pick(value, names, members);
	if (members[0].type != SCAN_STRING || members[1].type != SCAN_STRING || members[1].is_escaped)
		return -EBADMSG;
	sequence = members[1].text;
	if (sequence.n == 0 || sequence.n > KINESIS_SEQUENCE_MAX)
		return -EBADMSG;
	if (!scan_text(&members[0], source->answer.arena, &data))
		return -ENOMEM;
	bytes = gb_arena_take(source->answer.arena, GB_BASE64_BYTES(data.n));
	if (bytes == NULL)
		return -ENOMEM;
	n = gb_base64_decode(data, bytes);
	if (n < 0)
		return -EBADMSG;
	record.value = gb_span_of(bytes, (size_t)n);
	record.time = time_of(&members[2]);
	source->last = sequence;
	if (gb_span_starts(record.value, AGGREGATED) && record.value.n > AGGREGATED.n + DIGEST_BYTES)
		return take_aggregated(source,
		        gb_span_sub(record.value, AGGREGATED.n, record.value.n - AGGREGATED.n - DIGEST_BYTES), &record,
		        sequence);
	return add(source, &record, sequence);
}

int kinesis_take_answer(struct kinesis *source)
{
	static const char names[] = "Records\0NextShardIterator\0";
	struct scan_value members[2], value;
	struct scan scan;
	int r = 0;

	collect_pick(&source->answer.object, names, members);
	if (members[0].type != SCAN_ARRAY || members[1].text.n > KINESIS_ITERATOR_MAX)
		return -EBADMSG;
	if (members[1].type == SCAN_STRING && !scan_text(&members[1], source->answer.arena, &source->iterator))
		return -ENOMEM;
	scan = scan_into(&members[0]);
	while (r == 0 && (value = scan_next(&scan)).type != SCAN_NONE)
		r = take_record(source, &value);
	return r;
}
