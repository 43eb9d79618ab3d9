/* SPDX-License-Identifier: Apache-2.0 */
/* What log services put around a log, for tests; to be included once, after log.h. */
#ifndef GB_TESTS_COLLECT_PACK_H
#define GB_TESTS_COLLECT_PACK_H

#include <jansson.h>
#include <sodium.h>
#include <zlib.h>

/* malloc'ed bytes. */
struct packed {
	unsigned char *p;
	size_t n;
};

static inline struct packed packed_copy(const void *p, size_t n)
{
	struct packed packed = {malloc(n + 1), n};

	assert_non_null(packed.p);
	memcpy(packed.p, p, n);
	packed.p[n] = '\0';
	return packed;
}

/* Taken. */
static inline struct packed packed_json(json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);
	struct packed packed;

	assert_non_null(text);
	packed = packed_copy(text, strlen(text));
	free(text);
	json_decref(value);
	return packed;
}

static inline struct packed packed_gzip(struct packed from)
{
	struct packed to = {malloc(from.n + from.n / 1000 + 128), 0};
	z_stream z = {.next_in = from.p, .avail_in = (uInt)from.n};

	assert_non_null(to.p);
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_out = to.p;
	z.avail_out = (uInt)(from.n + from.n / 1000 + 128);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	to.n = z.total_out;
	(void)deflateEnd(&z);
	free(from.p);
	return to;
}

static inline struct packed packed_base64(struct packed from)
{
	size_t cap = sodium_base64_encoded_len(from.n, sodium_base64_VARIANT_ORIGINAL);
	struct packed to = {malloc(cap), cap - 1};

	assert_non_null(to.p);
	sodium_bin2base64((char *)to.p, cap, from.p, from.n, sodium_base64_VARIANT_ORIGINAL);
	free(from.p);
	return to;
}

static inline json_t *packed_text(struct packed from)
{
	json_t *text = json_stringn((const char *)from.p, from.n);

	assert_non_null(text);
	free(from.p);
	return text;
}

/* The lines of LOG from FIRST on, COUNT of them, between what the function writes itself. */
static inline struct packed pack_text(const struct log *log, size_t first, size_t count)
{
	struct packed to = packed_copy("", 0);

	for (size_t i = first; i < first + count; i++) {
		const char *before =
		        i % 3 == 0 ? "2026-11-21T14:30:00Z INFO half a line " : "a line of the function {\"x\":1}\n";
		size_t n = strlen(before), line_n = strlen(log->lines[i]);

		to.p = realloc(to.p, to.n + n + line_n + 2);
		assert_non_null(to.p);
		memcpy(to.p + to.n, before, n);
		memcpy(to.p + to.n + n, log->lines[i], line_n);
		to.n += n + line_n + 1;
		to.p[to.n - 1] = '\n';
	}
	return to;
}

static inline struct packed pack_cloudwatch(const struct log *log, size_t first, size_t count)
{
	json_t *events = json_array();

	for (size_t i = first; i < first + count; i++)
		(void)json_array_append_new(
		        events, json_pack("{s:s,s:I,s:o}", "id", "37", "timestamp", (json_int_t)LOG_TIME_MS, "message",
		                        i % 2 == 0 ? json_sprintf("%s\n", log->lines[i]) : json_string(log->lines[i])));
	return packed_json(json_pack("{s:s,s:s,s:s,s:s,s:[s],s:o}", "messageType", "DATA_MESSAGE", "owner",
	        "123456789012", "logGroup", "/aws/lambda/orders", "logStream", "2026/11/21/[$LATEST]abc",
	        "subscriptionFilters", "f", "logEvents", events));
}

static inline struct packed pack_awslogs(const struct log *log, size_t first, size_t count)
{
	return packed_json(json_pack("{s:{s:o}}", "awslogs", "data",
	        packed_text(packed_base64(packed_gzip(pack_cloudwatch(log, first, count))))));
}

static inline struct packed pack_firehose(const struct log *log, size_t first, size_t count)
{
	size_t half = count / 2;

	return packed_json(json_pack("{s:s,s:I,s:[{s:o},{s:o}]}", "requestId", "ed4acda5-034f-9f42-bba1-f29aea6d7d8f",
	        "timestamp", (json_int_t)1578090901599, "records", "data",
	        packed_text(packed_base64(packed_gzip(pack_cloudwatch(log, first, half)))), "data",
	        packed_text(packed_base64(packed_gzip(pack_cloudwatch(log, first + half, count - half))))));
}

static inline struct packed pack_kinesis(const struct log *log, size_t first, size_t count)
{
	return packed_json(json_pack("{s:[{s:s,s:s,s:{s:s,s:o}}]}", "Records", "eventSource", "aws:kinesis",
	        "awsRegion", "eu-west-1", "kinesis", "partitionKey", "1", "data",
	        packed_text(packed_base64(packed_gzip(pack_cloudwatch(log, first, count))))));
}

static inline struct packed pack_otlp(const struct log *log, size_t first, size_t count)
{
	json_t *records = json_array();

	for (size_t i = first; i < first + count; i++)
		(void)json_array_append_new(records, json_pack("{s:s,s:{s:s}}", "timeUnixNano", "1795271400000000000",
		                                             "body", "stringValue", log->lines[i]));
	return packed_json(json_pack(
	        "{s:[{s:{s:[{s:s,s:{s:s}},{s:s,s:{s:s}},{s:s,s:{s:s}},{s:s,s:{s:b}}]},s:[{s:o}]}]}", "resourceLogs",
	        "resource", "attributes", "key", "cloud.account.id", "value", "stringValue", "123456789012", "key",
	        "cloud.region", "value", "stringValue", "eu-west-1", "key", "faas.name", "value", "stringValue",
	        "orders", "key", "odd", "value", "boolValue", 1, "scopeLogs", "logRecords", records));
}

static inline struct packed pack_fluentbit(const struct log *log, size_t first, size_t count)
{
	json_t *records = json_array();

	for (size_t i = first; i < first + count; i++)
		(void)json_array_append_new(records,
		        json_pack("{s:f,s:s,s:s}", "date", 1795271400.5, "log", log->lines[i], "stream", "stdout"));
	return packed_json(records);
}

/* One object a line, as Vector and container runtimes write them. */
static inline struct packed pack_vector(const struct log *log, size_t first, size_t count)
{
	struct packed to = packed_copy("", 0);

	for (size_t i = first; i < first + count; i++) {
		struct packed line =
		        packed_json(json_pack("{s:s,s:s}", "message", log->lines[i], "source_type", "file"));

		to.p = realloc(to.p, to.n + line.n + 2);
		assert_non_null(to.p);
		memcpy(to.p + to.n, line.p, line.n);
		to.n += line.n + 1;
		to.p[to.n - 1] = '\n';
		free(line.p);
	}
	return to;
}

static inline struct packed pack_text_gzip(const struct log *log, size_t first, size_t count)
{
	return packed_gzip(pack_text(log, first, count));
}

static const struct packing {
	const char *name;
	struct packed (*pack)(const struct log *log, size_t first, size_t count);
	bool has_function, has_account, has_region;
} packings[] = {
        {"text", pack_text, false, false, false},
        {"gzip", pack_text_gzip, false, false, false},
        {"cloudwatch", pack_cloudwatch, true, true, false},
        {"awslogs", pack_awslogs, true, true, false},
        {"firehose", pack_firehose, true, true, false},
        {"kinesis", pack_kinesis, true, true, true},
        {"otlp", pack_otlp, true, true, true},
        {"fluentbit", pack_fluentbit, false, false, false},
        {"vector", pack_vector, false, false, false},
};

#define PACKINGS (sizeof(packings) / sizeof(packings[0]))

#endif
