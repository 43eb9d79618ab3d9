/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/walk: one pass over JSON without a tree. Gives every key and every string where it lies, undecoded, and keeps
 * the path to it as a person writes it. No recursion: a fixed stack of open containers; below its end strings are still
 * given, with the path of the last known container.
 */
#ifndef GB_INSPECT_WALK_H
#define GB_INSPECT_WALK_H

#include "inspect/inspect.h"

#define GB_WALK_DEPTH_MAX 64u
#define GB_WALK_PATH_MAX  512u

/* Where in a well-known event a container lies; names in nodes.c. */
enum gb_walk_node {
	GB_NODE_OTHER = 0,
	GB_NODE_ROOT,
	GB_NODE_CONTEXT,  /* requestContext */
	GB_NODE_IDENTITY, /* requestContext.identity */
	GB_NODE_HTTP,     /* requestContext.http */
	GB_NODE_HEADERS,
	GB_NODE_RECORDS,
	GB_NODE_RECORD, /* Records[n] */
	GB_NODE_S3,
	GB_NODE_S3_OBJECT,
	GB_NODE_S3_PARAMETERS, /* requestParameters */
	GB_NODE_SNS,
	GB_NODE_KINESIS,
	_GB_NODE_MAX,
};

/* What a member says about the event's shape; bits. */
enum gb_walk_sign {
	GB_SIGN_HTTP_METHOD = 1u << 0,
	GB_SIGN_CONTEXT = 1u << 1,
	GB_SIGN_CONTEXT_HTTP = 1u << 2,
	GB_SIGN_ELB = 1u << 3,
	GB_SIGN_RECORD_S3 = 1u << 4,
	GB_SIGN_RECORD_SNS = 1u << 5,
	GB_SIGN_RECORD_BODY = 1u << 6,
	GB_SIGN_DETAIL_TYPE = 1u << 7,
	/* The member's string is the client's address, by kind of event. */
	GB_SIGN_ADDRESS = 1u << 8,
	GB_SIGN_FORWARDED_FOR = 1u << 9,
	GB_SIGN_BODY = 1u << 10,
	GB_SIGN_BODY_BASE64 = 1u << 11, /* isBase64Encoded, and true */
};

struct gb_walk_member {
	enum gb_walk_node node;
	enum gb_origin origin;
	uint16_t signs;
};

/* What member NAME of a container at NODE with ORIGIN is. */
struct gb_walk_member gb_walk_member_of(enum gb_walk_node node, enum gb_origin origin, struct gb_span name);

/* The path being built; the caller's. `n` may be cut back at will. */
struct gb_walk_path {
	char p[GB_WALK_PATH_MAX];
	size_t n;
};

struct gb_walk_frame {
	uint8_t is_array;
	uint8_t node;
	uint8_t origin;
	uint16_t path_n; /* of the container */
	uint32_t index;  /* of the next element */
};

enum gb_walk_result {
	GB_WALK_END = 0, /* all of the text was one JSON value */
	GB_WALK_KEY,
	GB_WALK_STRING,
	GB_WALK_BROKEN, /* not JSON from `at` on */
};

struct gb_walk_string {
	struct gb_span raw; /* between the quotes */
	bool has_escapes;
	uint32_t mask; /* classes of its bytes, see bytes.h */
	enum gb_origin origin;
	uint16_t signs;
};

struct gb_walk {
	struct gb_span text;
	size_t at;
	uint32_t depth; /* containers open; more than GB_WALK_DEPTH_MAX: counted, not kept */
	uint8_t expects;
	bool is_deep;                 /* GB_WALK_DEPTH_MAX was passed somewhere */
	uint16_t signs;               /* gathered so far */
	struct gb_walk_member member; /* of the value that comes next */
	struct gb_walk_frame frames[GB_WALK_DEPTH_MAX];
};

/* TEXT continues at a place of ORIGIN, NODE; the path so far is what PATH holds at the first call of next. */
void gb_walk_start(struct gb_walk *walk, struct gb_span text, enum gb_walk_node node, enum gb_origin origin);
/* PATH is the path of the string given. It must come back as it was left (longer is fine). */
enum gb_walk_result gb_walk_next(struct gb_walk *walk, struct gb_walk_path *path, struct gb_walk_string *ret_string);

/* Append to PATH; what does not fit is cut. */
void gb_walk_path_add(struct gb_walk_path *path, struct gb_span s);
void gb_walk_path_add_name(struct gb_walk_path *path, struct gb_span name);

#endif
