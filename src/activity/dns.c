/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/dns.h"

#define HEADER_BYTES 12u
#define RECORD_BYTES 10u /* type, class, time to live, length */
#define RECORDS_MAX  64u
#define POINTER_MASK 0xc0u
#define IS_ANSWER    0x80u
#define OPCODE_MASK  0x78u
#define TYPE_A       1u
#define TYPE_AAAA    28u
#define CLASS_IN     1u
#define LABEL_BYTES  63u

static const unsigned char mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static unsigned number16(struct gb_span message, size_t at)
{
	return (unsigned)message.p[at] << 8 | message.p[at + 1];
}

struct gb_span gb_dns_without_length(struct gb_span message, size_t whole_n)
{
	if (message.n < 2 + HEADER_BYTES || number16(message, 0) != whole_n - 2)
		return message;
	return gb_span_sub(message, 2, message.n);
}

static unsigned char letter_of(unsigned char c)
{
	c = gb_ascii_lower(c);
	return (c >= 'a' && c <= 'z') || gb_ascii_is_digit(c) || c == '-' || c == '_' ? c : '?';
}

/* The name of a question stands whole at its place. Result: where it ends, or 0. */
static size_t read_name(struct gb_span message, size_t at, struct gb_text *name)
{
	size_t begin = at;

	while (at < message.n && message.p[at] != 0) {
		size_t n = message.p[at];

		if (n > LABEL_BYTES || at + 1 + n >= message.n || at - begin + n > GB_DNS_NAME_BYTES_MAX)
			return 0;
		if (at != begin)
			gb_text_add_byte(name, '.');
		for (size_t i = 1; i <= n; i++)
			gb_text_add_byte(name, letter_of(message.p[at + i]));
		at += 1 + n;
	}
	if (at >= message.n)
		return 0;
	if (at == begin)
		gb_text_add_byte(name, '.');
	return at + 1;
}

enum gb_dns_message gb_dns_read(struct gb_span message, struct gb_text *name)
{
	if (message.n < HEADER_BYTES || (message.p[2] & OPCODE_MASK) != 0 || number16(message, 4) == 0 ||
	        read_name(message, HEADER_BYTES, name) == 0)
		return GB_DNS_NONE;
	return (message.p[2] & IS_ANSWER) != 0 ? GB_DNS_ANSWER : GB_DNS_QUESTION;
}

/* Step over a name, which may end in a pointer. Result: where it ends, or SIZE_MAX. */
static size_t skip_name(struct gb_span message, size_t at)
{
	while (at < message.n) {
		unsigned n = message.p[at];

		if ((n & POINTER_MASK) == POINTER_MASK)
			return at + 2;
		if ((n & POINTER_MASK) != 0)
			return SIZE_MAX;
		at += 1 + n;
		if (n == 0)
			return at;
	}
	return SIZE_MAX;
}

static size_t skip_questions(struct gb_span message)
{
	size_t at = HEADER_BYTES;

	for (unsigned left = number16(message, 4); left > 0; left--) {
		at = left > RECORDS_MAX ? SIZE_MAX : skip_name(message, at);
		if (at == SIZE_MAX)
			return SIZE_MAX;
		at += 4;
	}
	return at;
}

size_t gb_dns_addresses(struct gb_span message, unsigned char (*addresses)[16], size_t cap)
{
	size_t at, count = 0;

	if (message.n < HEADER_BYTES || (message.p[2] & IS_ANSWER) == 0)
		return 0;
	at = skip_questions(message);
	for (unsigned record = 0; record < RECORDS_MAX && record < number16(message, 6) && count < cap; record++) {
		unsigned type, class, n;

		at = at >= message.n ? SIZE_MAX : skip_name(message, at);
		if (at > message.n || message.n - at < RECORD_BYTES)
			break;
		type = number16(message, at);
		class = number16(message, at + 2);
		n = number16(message, at + 8);
		at += RECORD_BYTES;
		if (n > message.n - at)
			break;
		if (class == CLASS_IN && type == TYPE_A && n == 4) {
			__builtin_memcpy(addresses[count], mapped_prefix, sizeof(mapped_prefix));
			__builtin_memcpy(addresses[count++] + sizeof(mapped_prefix), message.p + at, 4);
		} else if (class == CLASS_IN && type == TYPE_AAAA && n == 16) {
			__builtin_memcpy(addresses[count++], message.p + at, 16);
		}
		at += n;
	}
	return count;
}
