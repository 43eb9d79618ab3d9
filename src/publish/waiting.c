/* SPDX-License-Identifier: Apache-2.0 */
#include "publish/waiting.h"

#include "base/text.h"
#include "wire/json.h"

#include <errno.h>
#include <stdlib.h>

#define START_LINE_BYTES 4096u

int waiting_open(struct waiting *waiting, struct gb_span function)
{
	*waiting = (struct waiting){.function = function};
	waiting->starts_file = open_memstream(&waiting->starts, &waiting->starts_n);
	waiting->lines_file = open_memstream(&waiting->lines, &waiting->lines_n);
	return waiting->starts_file == NULL || waiting->lines_file == NULL ? -ENOMEM : 0;
}

int waiting_finish(struct waiting *waiting)
{
	int r = fclose(waiting->starts_file) == 0 ? 0 : -ENOMEM;

	if (fclose(waiting->lines_file) != 0)
		r = -ENOMEM;
	waiting->starts_file = waiting->lines_file = NULL;
	return r;
}

void waiting_done(struct waiting *waiting)
{
	if (waiting->starts_file != NULL)
		(void)fclose(waiting->starts_file);
	if (waiting->lines_file != NULL)
		(void)fclose(waiting->lines_file);
	free(waiting->starts);
	free(waiting->lines);
}

static bool is_known(struct waiting *waiting, uint64_t sandbox)
{
	for (size_t i = 0; i < waiting->known_count; i++)
		if (waiting->known[i] == sandbox)
			return true;
	if (waiting->known_count < SANDBOXES_KNOWN)
		waiting->known[waiting->known_count++] = sandbox;
	return false;
}

/* The collector knows the version of a sandbox whose own start line came long ago, or to another server. */
static void add_start(struct waiting *waiting, const struct gb_observation *observation)
{
	char room[START_LINE_BYTES];
	struct gb_text text = gb_text_on(room, sizeof(room));
	unsigned char id[8];

	for (size_t i = 0; i < sizeof(id); i++)
		id[i] = (unsigned char)(observation->sandbox >> (56 - 8 * i));
	gb_text_add_cstr(&text, "{\"gambeson\":1,\"kind\":\"start\",\"sandbox\":\"");
	gb_text_add_hex(&text, gb_span_of(id, sizeof(id)));
	gb_text_add_cstr(&text, "\",\"function\":");
	gb_json_add_string(&text, waiting->function);
	if (observation->code.n != 0) {
		gb_text_add_cstr(&text, ",\"code\":");
		gb_json_add_string(&text, observation->code);
	}
	if (observation->number.n != 0) {
		gb_text_add_cstr(&text, ",\"function_version\":");
		gb_json_add_string(&text, observation->number);
	}
	gb_text_add_cstr(&text, "}\n");
	if (!text.truncated)
		(void)fwrite(text.p, 1, text.n, waiting->starts_file);
}

int waiting_add(void *context, const struct gb_observation *observation)
{
	struct waiting *waiting = context;

	if (observation->sandbox != 0 && (observation->code.n != 0 || observation->number.n != 0) &&
	        !is_known(waiting, observation->sandbox))
		add_start(waiting, observation);
	(void)fwrite(observation->line.p, 1, observation->line.n, waiting->lines_file);
	(void)fputc('\n', waiting->lines_file);
	return 0;
}
