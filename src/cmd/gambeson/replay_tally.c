/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson replay: what a policy would have done, each different thing once. */
#include "cmd/gambeson/replay.h"

#include "base/cleanup.h"
#include "base/sha256.h"
#include "cmd/gambeson/screen.h"

#include <stdlib.h>
#include <string.h>

#define KEY_CHARS 33u

const char *gb_replay_decision_name(enum gb_decision decision)
{
	static const char *const names[_GB_DECISION_MAX] = {"block", "alert", "observe", "allow"};

	return (unsigned)decision < _GB_DECISION_MAX ? names[decision] : "allow";
}

void gb_replay_tally_init(struct gb_replay_tally *tally)
{
	tally->offences = json_array();
	tally->by_key = json_object();
	tally->counts = json_object();
	tally->sandboxes = json_object();
	tally->requests = json_object();
	tally->is_short_of_memory = tally->offences == NULL || tally->by_key == NULL || tally->counts == NULL ||
	                            tally->sandboxes == NULL || tally->requests == NULL;
}

void gb_replay_tally_done(struct gb_replay_tally *tally)
{
	json_decref(tally->offences);
	json_decref(tally->by_key);
	json_decref(tally->counts);
	json_decref(tally->sandboxes);
	json_decref(tally->requests);
}

/* Of PARTS, which may hold anything, a name for tables: no two are alike, and nobody chooses them. */
static bool key_of(const struct gb_span *parts, size_t count, char ret_key[KEY_CHARS])
{
	GB_CLEANUP(gb_freep) char *all = NULL;
	unsigned char digest[GB_SHA256_BYTES];
	size_t n = 0;
	FILE *out = open_memstream(&all, &n);

	if (out == NULL)
		return false;
	for (size_t i = 0; i < count; i++) {
		fprintf(out, "%zu:", parts[i].n);
		(void)fwrite(parts[i].p, 1, parts[i].n, out);
	}
	if (fclose(out) != 0)
		return false;
	gb_sha256(gb_span_of(all, n), digest);
	for (size_t i = 0; i < (KEY_CHARS - 1) / 2; i++)
		(void)snprintf(ret_key + 2 * i, 3, "%02x", digest[i]);
	return true;
}

/* Text that is no UTF-8 as a person would be shown it. */
static json_t *text_of(struct gb_span s)
{
	GB_CLEANUP(gb_freep) char *shown = NULL;
	json_t *text = json_stringn(s.n == 0 ? "" : (const char *)s.p, s.n);
	size_t n = 0;
	FILE *out;

	if (text != NULL)
		return text;
	out = open_memstream(&shown, &n);
	if (out == NULL)
		return NULL;
	(void)gb_screen_text(out, s);
	return fclose(out) == 0 ? json_stringn(shown, n) : NULL;
}

static json_t *arguments_of(struct gb_span arguments)
{
	json_t *list = json_array();

	while (arguments.n != 0) {
		size_t end = gb_span_find_byte(arguments, '\0', 0);

		json_array_append_new(list, text_of(gb_span_sub(arguments, 0, end)));
		arguments = gb_span_sub(arguments, end == SIZE_MAX ? arguments.n : end + 1, SIZE_MAX);
	}
	return list;
}

static json_t *new_offence(const struct gb_replay_offence *offence, const struct gb_replay_place *place)
{
	json_t *all = json_pack("{s:s,s:s,s:s,s:s,s:o,s:I,s:o}", "decision", gb_replay_decision_name(offence->decision),
	        "control", offence->control, "reason", offence->reason, "kind", offence->kind, "subject",
	        text_of(offence->subject), "times", (json_int_t)0, "file", text_of(gb_span_cstr(place->file)));

	if (all == NULL)
		return NULL;
	if (place->line != 0)
		json_object_set_new(all, "line", json_integer((json_int_t)place->line));
	if (place->request.n != 0)
		json_object_set_new(all, "request", text_of(place->request));
	if (offence->object.n != 0)
		json_object_set_new(all, "object", text_of(offence->object));
	if (offence->arguments.n != 0)
		json_object_set_new(all, "arguments", arguments_of(offence->arguments));
	if (offence->rule.n != 0)
		json_object_set_new(all, "rule", text_of(offence->rule));
	return all;
}

/* How many times more it happened: an observation tells how often its sandbox has seen it in all. */
static json_int_t more(struct gb_replay_tally *tally, const char *offence_key, const struct gb_replay_offence *offence,
        const struct gb_replay_place *place)
{
	struct gb_span parts[] = {gb_span_cstr(offence_key), place->sandbox};
	char key[KEY_CHARS] = "";
	json_int_t before, count = (json_int_t)offence->count;

	if (count == 0 || place->sandbox.n == 0)
		return 1;
	if (!key_of(parts, 2, key))
		return 0;
	before = json_integer_value(json_object_get(tally->counts, key));
	if (count <= before)
		return 0;
	json_object_set_new(tally->counts, key, json_integer(count));
	return count - before;
}

static void note_request(struct gb_replay_tally *tally, enum gb_decision decision, struct gb_span request)
{
	json_t *before = json_object_getn(tally->requests, (const char *)request.p, request.n);

	if (decision < GB_OBSERVE && (before == NULL || json_integer_value(before) > (json_int_t)decision))
		json_object_setn_new(
		        tally->requests, (const char *)request.p, request.n, json_integer((json_int_t)decision));
}

void gb_replay_tally_add(
        struct gb_replay_tally *tally, const struct gb_replay_offence *offence, const struct gb_replay_place *place)
{
	struct gb_span parts[] = {gb_span_cstr(gb_replay_decision_name(offence->decision)),
	        gb_span_cstr(offence->control), gb_span_cstr(offence->reason), gb_span_cstr(offence->kind),
	        offence->subject, offence->object, offence->arguments};
	char key[KEY_CHARS];
	json_t *known;

	if (!key_of(parts, sizeof(parts) / sizeof(parts[0]), key)) {
		tally->is_short_of_memory = true;
		return;
	}
	known = json_object_get(tally->by_key, key);
	if (known == NULL) {
		known = new_offence(offence, place);
		tally->is_short_of_memory |= known == NULL || json_array_append(tally->offences, known) < 0 ||
		                             json_object_set_new(tally->by_key, key, known) < 0;
	}
	if (tally->is_short_of_memory)
		return;
	json_object_set_new(known, "times",
	        json_integer(json_integer_value(json_object_get(known, "times")) + more(tally, key, offence, place)));
	if (place->request.n != 0)
		note_request(tally, offence->decision, place->request);
}

void gb_replay_tally_sandbox(struct gb_replay_tally *tally, struct gb_span sandbox, uint64_t invocations)
{
	const json_t *before = json_object_getn(tally->sandboxes, (const char *)sandbox.p, sandbox.n);

	if (before == NULL || (uint64_t)json_integer_value(before) < invocations)
		json_object_setn_new(tally->sandboxes, (const char *)sandbox.p, sandbox.n,
		        json_integer((json_int_t)(invocations > INT64_MAX ? INT64_MAX : invocations)));
}

size_t gb_replay_tally_count(const struct gb_replay_tally *tally, enum gb_decision decision)
{
	const char *name = gb_replay_decision_name(decision);
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(tally->offences); i++)
		count += strcmp(json_string_value(json_object_get(json_array_get(tally->offences, i), "decision")),
		                 name) == 0;
	return count;
}
