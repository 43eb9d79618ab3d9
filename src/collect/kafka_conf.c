/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/kafka.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAME_BYTES  128u
#define VALUE_BYTES 16384u

/* Ours unless somebody says otherwise. Whoever is killed is soon replaced. A partition's queue and an answer are bounded, since memory is; an answer may hold a record that
 * is far too large, so that it can be passed over. */
static const char *const defaults[][2] = {
        {"client.id", "gambeson"},
        {"session.timeout.ms", "10000"},
        {"queued.min.messages", "10000"},
        {"queued.max.messages.kbytes", "16384"},
        {"fetch.max.bytes", "16777216"},
        {"max.partition.fetch.bytes", "4194304"},
        {"receive.message.max.bytes", "1000000000"},
        {"socket.keepalive.enable", "true"},
};

/* Given otherwise, or what "nothing is lost" stands on. */
static const char *const fixed[] = {"bootstrap.servers", "metadata.broker.list", "group.id", "auto.offset.reset",
        "enable.auto.commit", "enable.auto.offset.store", "enable.partition.eof", "log.queue"};

static int set(rd_kafka_conf_t *conf, const char *name, const char *value, uint32_t line, struct gb_diag *diag)
{
	char reason[8];

	/* The library's own words have the value in them, which may be a password. */
	switch (rd_kafka_conf_set(conf, name, value, reason, sizeof(reason))) {
	case RD_KAFKA_CONF_OK: return 0;
	case RD_KAFKA_CONF_UNKNOWN:
		return gb_diag_set(diag, -EINVAL, line, 0, "Kafka: there is no property %.100s", name);
	case RD_KAFKA_CONF_INVALID: break;
	}
	return gb_diag_set(diag, -EINVAL, line, 0, "Kafka: that is no value for %.100s", name);
}

static int set_line(rd_kafka_conf_t *conf, struct gb_span line, uint32_t number, struct gb_diag *diag)
{
	size_t equals = gb_span_find_byte(line, '=', 0);
	struct gb_span name = gb_span_trim(gb_span_sub(line, 0, equals)), value;
	char name_room[NAME_BYTES], value_room[VALUE_BYTES];
	int r;

	if (line.n == 0 || line.p[0] == '#')
		return 0;
	value = equals == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_trim(gb_span_sub(line, equals + 1, SIZE_MAX));
	if (equals == SIZE_MAX || name.n == 0 || name.n >= sizeof(name_room) || value.n >= sizeof(value_room) ||
	        gb_span_find_byte(line, '\0', 0) != SIZE_MAX)
		return gb_diag_set(diag, -EINVAL, number, 0, "Kafka: write NAME=VALUE, one a line");
	memcpy(name_room, name.p, name.n);
	name_room[name.n] = '\0';
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (strcmp(fixed[i], name_room) == 0)
			return gb_diag_set(diag, -EINVAL, number, 0, "Kafka: %s is not to be set here", name_room);
	if (value.n != 0)
		memcpy(value_room, value.p, value.n);
	value_room[value.n] = '\0';
	r = set(conf, name_room, value_room, number, diag);
	explicit_bzero(value_room, value.n);
	return r;
}

int kafka_conf_make(const struct gb_collect_kafka *settings, rd_kafka_conf_t **ret_conf, struct gb_diag *diag)
{
	const char *const own[][2] = {
	        {"bootstrap.servers", settings->brokers},
	        {"group.id", settings->group},
	        {"auto.offset.reset", settings->is_from_end ? "latest" : "earliest"},
	        {"enable.auto.commit", "false"},
	        {"enable.auto.offset.store", "false"},
	        {"log.queue", "true"},
	};
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	struct gb_span rest = settings->properties;
	int r = 0;

	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]) && r == 0; i++)
		r = set(conf, defaults[i][0], defaults[i][1], 0, diag);
	for (uint32_t number = 1; rest.n > 0 && r == 0; number++) {
		struct gb_span line = gb_span_sub(rest, 0, gb_span_find_byte(rest, '\n', 0));

		rest = gb_span_sub(rest, line.n + 1, SIZE_MAX);
		r = set_line(conf, gb_span_trim(line), number, diag);
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]) && r == 0; i++)
		r = set(conf, own[i][0], own[i][1], 0, diag);
	if (r < 0) {
		rd_kafka_conf_destroy(conf);
		return r;
	}
	*ret_conf = conf;
	return 0;
}
