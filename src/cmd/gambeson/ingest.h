/* SPDX-License-Identifier: Apache-2.0 */
/* cmd/gambeson/ingest: where lines go that `gambeson ingest` reads: into a store, or to a server. */
#ifndef GB_CMD_INGEST_H
#define GB_CMD_INGEST_H

#include "cmd/gambeson/commands.h"
#include "collect/collect.h"

struct gb_store;
struct gb_web_client;

struct ingest_sink {
	const struct gb_command *command;
	const char *server, *token; /* NULL: into the store */
	const char *query;          /* of the URL, for the server */
	struct gb_collect_origin origin;
	struct gb_store *store;
	struct gb_web_client *client;
	const volatile bool *must_stop;
	/* So far. */
	uint64_t lines, broken, forged, others, refused;
	char first_broken[128];
};

/* URL: of the store; NULL for a server. Result: enum gb_exit, the complaint printed. */
int ingest_sink_open(struct ingest_sink *sink, const char *url);
void ingest_sink_close(struct ingest_sink *sink);

/* Whole lines (or a whole envelope); durable, or taken by the server, when it returns GB_EXIT_OK. Waits as long as a server is not
 * there or asks to come again. */
int ingest_sink_put(struct ingest_sink *sink, struct gb_span bytes);

/* What was taken, for a person or as JSON. */
void ingest_sink_print(const struct ingest_sink *sink, bool is_json);

/* What can be said of the lines as a whole, once there will be no more of them now. */
int ingest_sink_settle(struct ingest_sink *sink);

#endif
