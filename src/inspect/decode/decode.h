/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inspect/decode: undo one encoding each. Pure. Every decoder writes at most as many bytes as it reads, so a buffer of
 * the input's length is always enough; what it cannot decode it copies. OUT and IN must not overlap.
 */
#ifndef GB_INSPECT_DECODE_H
#define GB_INSPECT_DECODE_H

#include "base/span.h"

/* Bytes written to OUT. The text is unchanged exactly when the result is IN.n. */

/* %XX and %uXXXX; bytes beyond ASCII of %u as UTF-8. */
size_t gb_decode_percent(struct gb_span in, unsigned char *out);
/* The same, and + is a blank, as in forms and S3 keys. Changed is then told by `*ret_changed`. */
size_t gb_decode_percent_plus(struct gb_span in, unsigned char *out, bool *ret_changed);
/* Inside of a JSON string. Lone surrogates become U+FFFD, unknown escapes stay. */
size_t gb_decode_json(struct gb_span in, unsigned char *out);
/* Escapes of C, JavaScript, Python: \xHH \uHHHH \u{H…} \OOO \n \r \t \\ \/ \' \", of signs also \OO; 0x2e 0x2f 0x5c
 * standing for . / \ in paths; U+HHHH as Unicode writes it; ASCII in UTF-7. */
size_t gb_decode_escapes(struct gb_span in, unsigned char *out);
/* Whether IN has forms that gb_decode_escapes() knows by their +: U+0041, +AEE- (UTF-7). */
bool gb_decode_has_plus_forms(struct gb_span in);
/* &lt; &#60; &#x3c; without the semicolon where HTML 5 §13.2.5.73 permits it. */
size_t gb_decode_entities(struct gb_span in, unsigned char *out);
/* Other spellings of ASCII: overlong UTF-8, full-width forms, look-alikes of dot, slash, backslash; zero-width and
 * no-break blanks; CR and CRLF for LF. */
size_t gb_decode_fold(struct gb_span in, unsigned char *out);
/* Base64 and base64url, padded or not, whole text. SIZE_MAX when it is not that, or when what comes out is not text
 * (binary data is no way to hide text from an application that reads text). */
size_t gb_decode_base64(struct gb_span in, unsigned char *out);
/* Bytes of base64 or base64url TEXT, padded or not, into OUT, which has room for TEXT.n bytes. Result: how many, or
 * SIZE_MAX when TEXT is not base64. OUT may be TEXT's own bytes. */
size_t gb_decode_base64_bytes(struct gb_span text, unsigned char *out);
/* Whether BYTES are text as gb_decode_base64() means it. */
bool gb_decode_is_text(struct gb_span bytes);
/* Whether what of BYTES is beyond ASCII has the form of UTF-8. */
bool gb_decode_is_utf8(struct gb_span bytes);

/* UTF-8 of CODE (≤ 0x10ffff) at OUT, at most 4 bytes. */
size_t gb_decode_put_utf8(uint32_t code, unsigned char *out);

/* What deflated data is wrapped in. */
enum gb_deflate_coat {
	GB_DEFLATE_NONE = 0, /* bare, RFC 1951 */
	GB_DEFLATE_ZLIB,     /* RFC 1950 */
	GB_DEFLATE_GZIP,     /* RFC 1952, one member or several */
};

struct gb_inflated {
	size_t n;       /* bytes at OUT */
	uint64_t total; /* what all of it would be: more than `n` when there was no room */
};

/* The coat that IN shows by its first bytes. */
enum gb_deflate_coat gb_decode_deflate_coat(struct gb_span in);
/* Inflate IN into OUT, which has ROOM bytes. False when it is not that, or ends early; *ret_result then tells what was
 * read before. Work is linear in IN.n, however large the total. Sums are not checked. */
bool gb_decode_inflate(
        struct gb_span in, enum gb_deflate_coat coat, unsigned char *out, size_t room, struct gb_inflated *ret_result);

/* UTF-16 by its mark or by its zeros, as UTF-8. SIZE_MAX when it is not that, or mostly other than
 * ASCII. Code points from U+0800 on, which take more
 * room than they had, become what they look like in ASCII, or U+00BF. */
size_t gb_decode_utf16(struct gb_span in, unsigned char *out);
/* Text in hexadecimal: 6964, 0x6964, 69 64, 69:64, 0x69,0x64. SIZE_MAX when it is not that, is short, or gives no text. */
size_t gb_decode_hex(struct gb_span in, unsigned char *out);
/* Numbers of bytes as JSON writes them, signed as Java's or not: 105, 100, -17. SIZE_MAX when one is none. */
size_t gb_decode_numbers(struct gb_span in, unsigned char *out);

/* ASCII that a code point is taken for by lenient software, 0 for nothing at all, or -1 when it stays. */
int gb_decode_look_alike(uint32_t code);

/* A field of a structure: form, multipart body, cookies, markup, token. Spans point into its text (the names of a token's
 * parts: into constants); all may still be encoded. */
struct gb_decode_field {
	struct gb_span owner; /* of an attribute: its element */
	struct gb_span name;
	struct gb_span file_name;
	struct gb_span extended_name; /* filename*= */
	struct gb_span value;
	bool is_verbatim; /* CDATA: references in it stand for themselves */
};

/* Each `is` looks at the whole of S; each `next` gives the field at *REF_AT (0 at first), which moves on, and is false at
 * the end. */

/* name=value(&name=value)*: whole, with tame names, without blanks. */
bool gb_decode_is_form(struct gb_span s);
bool gb_decode_form_next(struct gb_span form, size_t *ref_at, struct gb_decode_field *ret_field);
/* The query of an address or path that has one which is a form; else empty. */
struct gb_span gb_decode_query_of(struct gb_span s);

/* A multipart body: near its begin a boundary with a header behind it. */
bool gb_decode_is_multipart(struct gb_span s);
bool gb_decode_multipart_next(struct gb_span body, size_t *ref_at, struct gb_decode_field *ret_field);

/* A message of Protocol Buffers to its last byte, alone or in a frame of gRPC's. Fields of bytes only, without names. */
bool gb_decode_is_protobuf(struct gb_span s);
bool gb_decode_protobuf_next(struct gb_span message, size_t *ref_at, struct gb_decode_field *ret_field);

/* Cookie and Set-Cookie: name=value; name=value; Name. */
bool gb_decode_is_cookies(struct gb_span s);
bool gb_decode_cookie_next(struct gb_span cookies, size_t *ref_at, struct gb_decode_field *ret_field);

/* What holds base64 behind a head or between dots: a signed token, with or without its scheme; credentials; a data:
 * address. */
bool gb_decode_is_token(struct gb_span s);
bool gb_decode_token_next(struct gb_span token, size_t *ref_at, struct gb_decode_field *ret_field);

/* Where a look through XML is; all zero at first. */
struct gb_decode_markup {
	size_t at;
	struct gb_span element;
	bool is_in_tag;
};

/* An XML document: what begins with an element ends with it, and it is no web page. Texts, CDATA and attributes. */
bool gb_decode_is_markup(struct gb_span s);
bool gb_decode_markup_next(struct gb_span s, struct gb_decode_markup *ref_markup, struct gb_decode_field *ret_field);

#endif
