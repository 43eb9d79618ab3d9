/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/lex/url: a text cut as URL readers cut it, lenient ones included, and the host in it understood: which network
 * an address leads to however it is spelled. Pure, bounded, no allocation.
 */
#ifndef GB_INSPECT_LEX_URL_H
#define GB_INSPECT_LEX_URL_H

#include "base/span.h"

#define GB_HOST_MAX 255u /* bytes; RFC 1035 */

struct gb_lex_url {
	size_t offset;
	size_t length;
	struct gb_span scheme;   /* without the colon; empty for //host */
	unsigned slashes;        /* between scheme and authority, of both kinds */
	bool has_backslashes;    /* among them */
	struct gb_span userinfo; /* without the @ */
	struct gb_span host;     /* without port and brackets */
	bool is_bracketed;
	bool has_port;
	uint32_t port;       /* 0 when it is none */
	struct gb_span rest; /* from the / ? # or \ on that ends the authority */
};

/* The URL of which SCHEME (maybe empty) lies at FROM in TEXT, colon included where there is a scheme. It ends at a blank,
 * a control byte, a quote or an angle bracket. */
void gb_lex_url_cut(struct gb_span text, size_t from, size_t scheme_n, struct gb_lex_url *ret_url);

/* Networks, from harmless to certainly meant to be out of reach. */
enum gb_lex_network {
	GB_NETWORK_NAME = 0, /* an ordinary name */
	GB_NETWORK_PUBLIC,
	GB_NETWORK_PRIVATE,  /* RFC 1918, RFC 6598, fc00::/7; names of zones of one's own */
	GB_NETWORK_LOOPBACK, /* 127/8, 0/8, ::1, ::, localhost */
	GB_NETWORK_METADATA, /* link-local, and where clouds answer with credentials */
};

struct gb_lex_host {
	enum gb_lex_network network;
	bool is_odd;      /* spelled as no person spells it: octal, hexadecimal, short, mapped, letters in circles */
	bool is_embedded; /* a name made of an address, which a public resolver answers with */
};

void gb_lex_host_read(struct gb_span host, bool is_bracketed, struct gb_lex_host *ret_host);

struct gb_lex_host_text {
	unsigned char p[GB_HOST_MAX + 1];
	size_t n;
};

/* HOST as resolvers ask for it (UTS 46): small letters, ASCII, without the last dots; 0x80 stands for what is neither.
 * Result: letters or digits were dressed up. */
bool gb_lex_host_fold(struct gb_span host, struct gb_lex_host_text *ret_text);

#endif
