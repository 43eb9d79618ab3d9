/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/detect: is this one decoded string an attack of a class? One file a class and one row in table.c. A detector
 * judges structure, in linear time, and says which bytes convict. Pure.
 */
#ifndef GB_INSPECT_DETECT_H
#define GB_INSPECT_DETECT_H

#include "inspect/inspect.h"

/* Work that one detector may do on one text beyond a pass over it, in steps of about a nanosecond. Whoever looks again at
 * bytes for each of many places takes from it. */
struct gb_detect_work {
	uint64_t left;
	bool is_spent;
};

/* Takes STEPS; false when they are not left: the detector gives up, the engine says so. WORK may be NULL: no limit. */
static inline bool gb_detect_spend(struct gb_detect_work *work, size_t steps)
{
	if (work == NULL)
		return true;
	if (work->is_spent || work->left < steps) {
		work->is_spent = true;
		return false;
	}
	work->left -= steps;
	return true;
}

struct gb_detect_input {
	struct gb_span text;
	uint32_t mask;  /* classes of its bytes, bytes.h */
	uint32_t pairs; /* of its bytes, likewise; all of them in strict mode, which takes no short cuts */
	enum gb_origin origin;
	unsigned decodings;
	bool is_strict;      /* say also what is doubtful; in balanced mode a doubtful structure is held back */
	struct gb_span path; /* Records[0].body.url; of a key, with the key itself */
	struct gb_detect_work *work;
};

struct gb_detect_hit {
	const char *reason; /* stable name, a row of the class's reasons */
	size_t from;
	size_t length;
};

struct gb_detector {
	enum gb_attack_class attack_class;
	uint32_t any_of; /* byte classes of which the text must hold one for the detector to be entered */
	bool (*find)(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
};

extern const struct gb_detector gb_detectors[];
extern const size_t gb_detector_count;

/* The detector that is most likely to find something in INPUT, or NULL: no guess. likely.c. */
const struct gb_detector *gb_detector_likely(const struct gb_detect_input *input);

bool gb_detect_command(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
bool gb_detect_server_request(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
bool gb_detect_deserialization(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
bool gb_detect_prototype(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
bool gb_detect_naming_lookup(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
bool gb_detect_csv(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
bool gb_detect_code(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
bool gb_detect_template(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
bool gb_detect_forged_token(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
bool gb_detect_header_injection(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
bool gb_detect_redirect(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
bool gb_detect_graphql(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
bool gb_detect_file(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
bool gb_detect_nosql(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
bool gb_detect_xml(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
bool gb_detect_directory(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
bool gb_detect_xss(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);
bool gb_detect_sql(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);

/* Whether TEXT of bytes of MASK and PAIRS shows anything of what SQL injection is made of; most texts do not. */
bool gb_detect_sql_is_hinted(struct gb_span text, uint32_t mask, uint32_t pairs);

/* Whether TEXT is a number first, and then a word that goes on in SQL: 1 or 2 is 2. */
bool gb_detect_sql_is_number_continued(struct gb_span text);

/* How sure a word is the name of a program when it stands where a command may. */
enum gb_command_name {
	GB_NAME_UNKNOWN = 0,
	GB_NAME_WORD,    /* also a word of plain English: find, time, more */
	GB_NAME_COMMAND, /* hardly a word of prose: ls, cat, id */
	GB_NAME_CERTAIN, /* never: whoami, nslookup */
};
/* NAME in lower case, without path and .exe. */
enum gb_command_name gb_detect_command_name(struct gb_span name);
/* WORD in any case is such a name. */
bool gb_detect_is_command(struct gb_span word);

#endif
