/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/walk: one pass over JSON without a tree. Gives every key and every string where it lies, undecoded, and knows
 * the path to it as a person writes it. No recursion: a fixed stack of open containers; below its end strings are still
 * given, with the path of the last known container. The path is put together when somebody asks for it: few do.
 */
#ifndef GB_INSPECT_WALK_H
#define GB_INSPECT_WALK_H

#include "inspect/shape.h"

#define GB_WALK_DEPTH_MAX 64u
#define GB_WALK_PATH_MAX  512u

/* The path being built; the caller's. `n` may be cut back at will. */
struct gb_walk_path {
	char p[GB_WALK_PATH_MAX];
	size_t n;
};

struct gb_walk_frame {
	uint8_t is_array;
	uint8_t node;
	uint8_t origin;
	uint8_t role;       /* of an array's elements */
	uint16_t path_n;    /* of the container, when it is known */
	uint32_t index;     /* of the next element */
	struct gb_span key; /* the last one, undecoded */
};

enum gb_walk_result {
	GB_WALK_END = 0, /* all of the text was one JSON value */
	GB_WALK_KEY,
	GB_WALK_STRING,
	GB_WALK_NUMBERS, /* an array of nothing but numbers of bytes, -128 to 255, between its brackets */
	GB_WALK_BROKEN,  /* not JSON from `at` on */
};

struct gb_walk_string {
	struct gb_span raw; /* between the quotes */
	bool has_escapes;
	uint32_t mask; /* classes of its bytes, see bytes.h */
	enum gb_origin origin;
	enum gb_shape_role role;
};

struct gb_walk {
	struct gb_span text;
	size_t at;
	uint32_t depth; /* containers open; more than GB_WALK_DEPTH_MAX: counted, not kept */
	uint8_t expects;
	bool is_deep;                 /* GB_WALK_DEPTH_MAX was passed somewhere */
	bool is_base64;               /* a member said that the body is */
	uint16_t path_n;              /* of the text itself */
	uint32_t paths_known;         /* frames, from the outermost on, of which path_n holds; 1 at least */
	uint64_t signs;               /* of the shape, gathered so far */
	struct gb_walk_member member; /* of the value that comes next */
	struct gb_walk_frame frames[GB_WALK_DEPTH_MAX];
};

/* TEXT lies at a place of ORIGIN, NODE, of which the path is PATH_N bytes long. */
void gb_walk_start(
        struct gb_walk *walk, struct gb_span text, enum gb_walk_node node, enum gb_origin origin, size_t path_n);
/* The next key or string. Nothing of what earlier calls gave is needed for it. */
enum gb_walk_result gb_walk_next(struct gb_walk *walk, struct gb_walk_string *ret_string);

/* Makes PATH that of the key or string given last; of a key, with the key itself. PATH is the same at every call for one walk:
 * its first PATH_N bytes are the text's own, and what lies behind them is left as it is between calls, up to the end of the last. */
void gb_walk_path_of(struct gb_walk *walk, struct gb_walk_path *path);
/* The last name of that path if it is a member's, undecoded; else empty. */
static inline struct gb_span gb_walk_name(const struct gb_walk *walk)
{
	const struct gb_walk_frame *frame;

	if (walk->depth == 0 || walk->depth > GB_WALK_DEPTH_MAX)
		return GB_SPAN_EMPTY;
	frame = &walk->frames[walk->depth - 1];
	return frame->is_array ? GB_SPAN_EMPTY : frame->key;
}

/* Append to PATH; what does not fit is cut. */
void gb_walk_path_add(struct gb_walk_path *path, struct gb_span s);
void gb_walk_path_add_name(struct gb_walk_path *path, struct gb_span name);

#endif
