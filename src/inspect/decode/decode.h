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
/* Escapes of C, JavaScript, Python: \xHH \uHHHH \u{H…} \OOO \n \r \t \\ \/ \' \"; and 0x2e 0x2f 0x5c standing for
 * . / \ in paths. */
size_t gb_decode_escapes(struct gb_span in, unsigned char *out);
/* &lt; &#60; &#x3c; with or without the semicolon for numbers. */
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

/* UTF-8 of CODE (≤ 0x10ffff) at OUT, at most 4 bytes. */
size_t gb_decode_put_utf8(uint32_t code, unsigned char *out);

/* A field of a form or a part of a multipart body. Spans point into the body; names may still be encoded. */
struct gb_decode_field {
	struct gb_span name;
	struct gb_span file_name;
	struct gb_span value;
};

/* Whether S is name=value(&name=value)*: whole, with tame names, without blanks. */
bool gb_decode_is_form(struct gb_span s);
/* The field at *REF_AT, which moves on; false at the end. */
bool gb_decode_form_next(struct gb_span form, size_t *ref_at, struct gb_decode_field *ret_field);

/* Whether S is a multipart body with form fields: its first line is the boundary. */
bool gb_decode_is_multipart(struct gb_span s);
bool gb_decode_multipart_next(struct gb_span body, size_t *ref_at, struct gb_decode_field *ret_field);

#endif
