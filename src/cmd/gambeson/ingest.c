/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson ingest: logs from files, standard input or a service into a data folder, a database or a server. */
#include "cmd/gambeson/ingest.h"
#include "cmd/gambeson/remote.h"

#include "base/text.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct gb_option options[] = {
        GB_LIST(struct ingest_settings, files, "file", "FILE", "a log file (default: standard input)"),
        GB_FLAG(struct ingest_settings, follow, "follow", "go on as the files grow, are rotated and truncated"),
        GB_FLAG(struct ingest_settings, from_end, "from-end",
                "of what is not known yet take only what is written from now on"),
        GB_TEXT(struct ingest_settings, kafka, "kafka", "BROKERS",
                "from Apache Kafka: HOST:PORT, several with commas between"),
        GB_LIST(struct ingest_settings, topics, "topic", "NAME", "its topic, or ^PATTERN of topics"),
        GB_TEXT(struct ingest_settings, group, "group", "NAME",
                "the consumer group that shares the topics (default: gambeson)"),
        GB_TEXT(struct ingest_settings, properties, "properties", "FILE",
                "librdkafka's properties, NAME=VALUE a line: for TLS and passwords"),
        GB_LIST(struct ingest_settings, groups, "cloudwatch", "GROUP",
                "from that log group of CloudWatch Logs, or its ARN"),
        GB_TEXT(struct ingest_settings, kinesis, "kinesis", "STREAM",
                "from that stream of Kinesis Data Streams, or its ARN"),
        GB_TEXT(struct ingest_settings, endpoint, "endpoint", "URL", "ask there in place of AWS's own endpoint"),
        GB_NUMBER(struct ingest_settings, until_idle, "until-idle", "SECONDS",
                "end when nothing came for so long; 0: never", .minimum = 0, .maximum = 86400, .fallback = 0),
        GB_NUMBER(struct ingest_settings, late, "late", "SECONDS",
                "of log groups: how late events may come; it is looked back so far now and then", .minimum = 1,
                .maximum = 1209600, .fallback = 3600),
        GB_TEXT(struct ingest_settings, resume, "resume", "FILE", "keep there how far was read, and go on from there"),
        GB_TEXT(struct ingest_settings, server, "server", "URL",
                "to that server, with the token of GAMBESON_TOKEN or of gambeson login"),
        GB_TEXT(struct ingest_settings, data, "data", "FOLDER",
                "into the data folder of a server (default: ./gambeson-data)"),
        GB_TEXT(struct ingest_settings, store, "store", "URL", "into that database: sqlite:FILE or postgresql://..."),
        GB_TEXT(struct ingest_settings, account, "account", "ID",
                "the account that the logs are from, where they do not say"),
        GB_TEXT(struct ingest_settings, region, "region", "NAME", "the region, likewise"),
        GB_TEXT(struct ingest_settings, function, "function", "NAME", "the function, likewise"),
        GB_TEXT(struct ingest_settings, stream, "stream", "NAME",
                "the log stream, likewise: of each, one sandbox writes into one; a server learns from no others"),
        GB_FLAG(struct ingest_settings, json, "json", "print the summary as JSON"),
        {.name = NULL},
};

struct work {
	const struct gb_command *self;
	const struct ingest_settings *settings;
	struct ingest_sink sink;
	char *token, *ca;
	char query[1024];
};

static volatile sig_atomic_t is_interrupted;
static volatile bool must_stop;

static void on_signal(int number)
{
	(void)number;
	is_interrupted = 1;
	must_stop = true;
	ingest_pull_cancel();
}

/* NAME=VALUE for the URL; what is not plain is escaped. */
static void add_query(struct gb_text *text, const char *name, const char *value)
{
	static const char digits[] = "0123456789ABCDEF";

	if (value == NULL)
		return;
	gb_text_add_byte(text, text->n == 0 ? '?' : '&');
	gb_text_add_cstr(text, name);
	gb_text_add_byte(text, '=');
	for (const char *at = value; *at != '\0'; at++) {
		unsigned char c = (unsigned char)*at;

		if (gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '-' || c == '_' || c == '.') {
			gb_text_add_byte(text, c);
			continue;
		}
		gb_text_add_byte(text, '%');
		gb_text_add_byte(text, (unsigned char)digits[c >> 4]);
		gb_text_add_byte(text, (unsigned char)digits[c & 15]);
	}
}

static int open_sink(struct work *work)
{
	const struct ingest_settings *settings = work->settings;
	struct gb_text query = gb_text_on(work->query, sizeof(work->query) - 1);
	char url[4200];

	if ((settings->server != NULL) + (settings->data != NULL) + (settings->store != NULL) > 1)
		return gb_complain(work->self, GB_EXIT_USAGE, "give only one of --server, --data and --store");
	add_query(&query, "account", settings->account);
	add_query(&query, "region", settings->region);
	add_query(&query, "function", settings->function);
	add_query(&query, "stream", settings->stream);
	if (query.truncated)
		return gb_complain(work->self, GB_EXIT_USAGE, "account, region, function and stream are too long");
	work->token = settings->server != NULL ? gb_remote_token(settings->server) : NULL;
	work->ca = settings->server != NULL ? gb_remote_ca(NULL, settings->server) : NULL;
	work->sink = (struct ingest_sink){.command = work->self,
	        .server = settings->server,
	        .token = work->token,
	        .ca = work->ca,
	        .query = gb_text_cstr(&query),
	        .origin = {.account = gb_span_cstr(settings->account),
	                .region = gb_span_cstr(settings->region),
	                .function = gb_span_cstr(settings->function),
	                .stream = gb_span_cstr(settings->stream)},
	        .is_text = settings->follow,
	        .must_stop = &must_stop};
	if (settings->server != NULL && work->token == NULL)
		return gb_complain(work->self, GB_EXIT_USAGE,
		        "no token: put one of scope ingest, or a group's KEY:SECRET, into the environment's "
		        "GAMBESON_TOKEN, or run gambeson login --server %s",
		        settings->server);
	if (settings->server == NULL && settings->store == NULL) {
		const char *data = settings->data != NULL ? settings->data : "./gambeson-data";

		if (mkdir(data, 0700) < 0 && errno != EEXIST)
			return gb_complain(work->self, GB_EXIT_SYSTEM, "%s: %s", data, strerror(errno));
		(void)snprintf(url, sizeof(url), "sqlite:%s/gambeson.db", data);
		return ingest_sink_open(&work->sink, url);
	}
	return ingest_sink_open(&work->sink, settings->store);
}

/* What does not go together. GB_EXIT_OK: all of it does. */
static int check(const struct gb_command *self, const struct ingest_settings *settings)
{
	bool has_files = settings->files.count > 0, has_aws = settings->groups.count > 0 || settings->kinesis != NULL;
	bool has_service = settings->kafka != NULL || has_aws;

	if (has_files + (settings->kafka != NULL) + (settings->groups.count > 0) + (settings->kinesis != NULL) > 1)
		return gb_complain(self, GB_EXIT_USAGE, "give only one of --file, --kafka, --cloudwatch and --kinesis");
	if (!has_files && settings->follow)
		return gb_complain(self, GB_EXIT_USAGE, "--follow is for files: name some with --file");
	if (!has_files && !has_aws && settings->resume != NULL)
		return gb_complain(self, GB_EXIT_USAGE, "--resume is for --file, --cloudwatch and --kinesis");
	if (!has_files && !has_service && settings->from_end)
		return gb_complain(self, GB_EXIT_USAGE, "--from-end is not for standard input");
	if (settings->kafka != NULL && settings->topics.count == 0)
		return gb_complain(self, GB_EXIT_USAGE, "name the topic with --topic");
	if (settings->kafka == NULL &&
	        (settings->topics.count > 0 || settings->group != NULL || settings->properties != NULL))
		return gb_complain(self, GB_EXIT_USAGE, "--topic, --group and --properties are for --kafka");
	if (!has_aws && settings->endpoint != NULL)
		return gb_complain(self, GB_EXIT_USAGE, "--endpoint is for --cloudwatch and --kinesis");
	if (!has_service && settings->until_idle != 0)
		return gb_complain(self, GB_EXIT_USAGE, "--until-idle is for --kafka, --cloudwatch and --kinesis");
	return GB_EXIT_OK;
}

static int run(const struct gb_command *self, void *context, const struct gb_strings *operands)
{
	const struct ingest_settings *settings = context;
	struct sigaction action = {.sa_handler = on_signal};
	struct work work = {.self = self, .settings = settings};
	int status = check(self, settings);

	(void)operands;
	if (status != GB_EXIT_OK)
		return status;
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
	status = open_sink(&work);
	if (status == GB_EXIT_OK)
		status = settings->kafka != NULL || settings->groups.count > 0 || settings->kinesis != NULL
		                 ? ingest_pull(settings, &work.sink)
		         : settings->files.count > 0 ? ingest_files(settings, &work.sink)
		                                     : ingest_stream(&work.sink);
	ingest_sink_close(&work.sink);
	free(work.token);
	free(work.ca);
	if (status == GB_EXIT_OK || is_interrupted != 0)
		ingest_sink_print(&work.sink, settings->json);
	return status;
}

const struct gb_command gb_cmd_ingest = {
        .name = "ingest",
        .summary = "take Gambeson's lines out of logs, into a data folder or to a server",
        .options = options,
        .settings_bytes = sizeof(struct ingest_settings),
        .run = run,
        .notes = "Logs may be plain text, gzip, or an envelope of CloudWatch, Firehose, Kinesis, Fluent Bit, Vector or "
                 "OTLP.\n"
                 "What is read twice is stored once.\n",
};
