/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/shape: what the members of well-known events mean: where their text comes from, which need a decoder of their
 * own, which tell the client's address, and what they say about the event's shape. Data: data/events.txt. A member means
 * the same wherever it stands in its object. All of it is a hint: anybody who may invoke a function can fake any event.
 */
#ifndef GB_INSPECT_SHAPE_H
#define GB_INSPECT_SHAPE_H

#include "inspect/inspect.h"

/* Kinds of objects; the others are numbers of the generated table only. */
enum gb_walk_node {
	GB_NODE_OTHER = 0,
	GB_NODE_ROOT,    /* of the event */
	GB_NODE_MESSAGE, /* JSON inside of a string of the event */
};

/* What is done with a member's string beyond the ordinary. */
enum gb_shape_role {
	GB_ROLE_NONE = 0,
	GB_ROLE_BASE64,  /* bytes in base64, whatever comes out */
	GB_ROLE_COOKIES, /* name=value; name=value */
	GB_ROLE_QUERY,   /* name=value&name=value */
	GB_ROLE_TOKEN,   /* credentials or a signed token */
	GB_ROLE_BODY,
	GB_ROLE_BASE64_FLAG,    /* whether the body is base64 */
	GB_ROLE_DOMAIN,         /* tells function URLs from APIs */
	GB_ROLE_ADDRESS,        /* of the client, as AWS saw it; the last of several */
	GB_ROLE_ADDRESS_RECORD, /* the same, in each record; that of the first counts */
	GB_ROLE_FORWARDED,      /* x-forwarded-for */
	GB_ROLE_CLAIMED,        /* the client's address as the message says */
};

#define GB_ORIGIN_INHERITED _GB_ORIGIN_MAX

struct gb_walk_member {
	uint8_t node;   /* enum gb_walk_node */
	uint8_t origin; /* enum gb_origin, in tables also GB_ORIGIN_INHERITED */
	uint8_t role;   /* enum gb_shape_role */
	uint8_t sign;   /* 1 + the bit of what it says about the shape, or 0 */
};

/* The sign that is found by a value: the domain name of a function URL. */
#define GB_SIGN_FUNCTION_URL UINT64_C(1)

/* What member NAME of an object of kind NODE is; a value's name where the value tells. ORIGIN is the object's. */
struct gb_walk_member gb_shape_member_of(unsigned node, enum gb_origin origin, struct gb_span name);
/* The shape that SIGNS, bits, make. */
enum gb_event_shape gb_shape_of(uint64_t signs);

/* The strings found in the roles of addresses, as they lie in the event; empty when there was none. */
struct gb_shape_addresses {
	struct gb_span platform;
	struct gb_span record;
	struct gb_span forwarded;
	struct gb_span claimed;
};

/* The client's address of an event of SHAPE, and what it rests on. */
struct gb_span gb_shape_source(
        enum gb_event_shape shape, const struct gb_shape_addresses *addresses, enum gb_source_trust *ret_trust);

/* The generated tables. */
struct gb_shape_row {
	uint16_t name_at;
	uint8_t name_n;
	uint8_t node;
	struct gb_walk_member member;
};
struct gb_shape_node {
	bool is_folded;
	struct gb_walk_member others;
};
struct gb_shape_rule {
	uint64_t signs;
	enum gb_event_shape shape;
};
extern const struct gb_shape_row gb_shape_rows[];
extern const uint8_t gb_shape_buckets[];
extern const char gb_shape_names[];
extern const struct gb_shape_node gb_shape_nodes[];
extern const struct gb_shape_rule gb_shape_rules[];
extern const size_t gb_shape_rule_count;

#endif
