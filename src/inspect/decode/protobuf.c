/* SPDX-License-Identifier: Apache-2.0 */
/* Protocol Buffers (protobuf.dev, encoding): fields, each a tag and what the tag says; no names, no types of texts. */
#include "inspect/decode/decode.h"

#define VARINT_MAX  10u
#define FIELDS_MIN  2u
#define NUMBER_MAX  4096u /* those beyond are not used in practice, and are mostly noise */
#define FRAME_BYTES 5u    /* of gRPC: 0, and the length of the message */

enum wire_type {
	WIRE_VARINT = 0,
	WIRE_64 = 1,
	WIRE_BYTES = 2,
	WIRE_32 = 5,
};

static bool read_varint(struct gb_span s, size_t *ref_at, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < VARINT_MAX && *ref_at < s.n; i++) {
		const unsigned char c = s.p[(*ref_at)++];

		value |= (uint64_t)(c & 127) << (7 * i);
		if (c < 128) {
			*ret_value = value;
			return true;
		}
	}
	return false;
}

/* One field at *REF_AT; *ret_value is empty but of bytes. False: there is none. */
static bool read_field(struct gb_span s, size_t *ref_at, struct gb_span *ret_value)
{
	uint64_t tag, length;

	*ret_value = GB_SPAN_EMPTY;
	if (!read_varint(s, ref_at, &tag) || tag >> 3 == 0 || tag >> 3 > NUMBER_MAX)
		return false;
	switch ((unsigned)(tag & 7)) {
	case WIRE_VARINT: return read_varint(s, ref_at, &length);
	case WIRE_64: length = 8; break;
	case WIRE_32: length = 4; break;
	case WIRE_BYTES:
		if (!read_varint(s, ref_at, &length))
			return false;
		break;
	default: return false;
	}
	if (length > s.n - *ref_at)
		return false;
	if ((tag & 7) == WIRE_BYTES)
		*ret_value = gb_span_sub(s, *ref_at, length);
	*ref_at += length;
	return true;
}

/* Behind the frame of gRPC, if there is one. */
static size_t start_of(struct gb_span s)
{
	const bool is_framed = s.n > FRAME_BYTES && s.p[0] == 0 && s.p[1] == 0 &&
	                       ((size_t)s.p[2] << 16 | (size_t)s.p[3] << 8 | s.p[4]) == s.n - FRAME_BYTES;

	return is_framed ? FRAME_BYTES : 0;
}

bool gb_decode_is_protobuf(struct gb_span s)
{
	struct gb_span value;
	size_t at = start_of(s), fields = 0, of_bytes = 0;

	for (; at < s.n; fields++) {
		if (!read_field(s, &at, &value))
			return false;
		of_bytes += value.n != 0;
	}
	return fields >= FIELDS_MIN && of_bytes != 0;
}

bool gb_decode_protobuf_next(struct gb_span message, size_t *ref_at, struct gb_decode_field *ret_field)
{
	*ret_field = (struct gb_decode_field){0};
	if (*ref_at == 0)
		*ref_at = start_of(message);
	while (*ref_at < message.n && ret_field->value.n == 0)
		if (!read_field(message, ref_at, &ret_field->value))
			return false;
	return ret_field->value.n != 0;
}
