/* SPDX-License-Identifier: Apache-2.0 */
/*
 * activity/dns: what is asked and answered in a message of the domain name system (RFC 1035). Pure, freestanding; any
 * bytes are taken.
 */
#ifndef GB_ACTIVITY_DNS_H
#define GB_ACTIVITY_DNS_H

#include "base/text.h"

#define GB_DNS_PORT           53u
#define GB_DNS_NAME_BYTES_MAX 255u
/* Of a question, everything that gb_dns_question() looks at: header, name, type and class, and the length of TCP. */
#define GB_DNS_QUESTION_BYTES (2u + 12u + 256u + 4u)

enum gb_dns_message {
	GB_DNS_NONE = 0, /* no message of this kind, or broken */
	GB_DNS_QUESTION,
	GB_DNS_ANSWER,
};

/* MESSAGE without its two length bytes, should it begin with them as on TCP: they say how long the whole message is,
 * whose first WHOLE_N bytes may be all that there is. */
struct gb_span gb_dns_without_length(struct gb_span message, size_t whole_n);

/* The name asked for, of a question or its answer: lower case, no dot at the end, "." for the root; bytes that no host
 * name has are '?'. Added to NAME. What there is of a longer message is enough. */
enum gb_dns_message gb_dns_read(struct gb_span message, struct gb_text *name);

/* Addresses in a whole answer, 16 bytes each (IPv4 in its mapped form), at most CAP. Result: how many. */
size_t gb_dns_addresses(struct gb_span message, unsigned char (*addresses)[16], size_t cap);

#endif
