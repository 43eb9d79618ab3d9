/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Spellings of a shape, by a seeded generator. In a shape %w is any name, %n a number, %s a text in quotes, %q a quote (all
 * of a shape are of one kind, %Q of the other), %b blanks, %o blanks or nothing, %h a host, %f a file, %c a command,
 * %e the rest of an event's name, %t an element, %r one with raw text, %d a call that shows a box, %g a browser's global
 * object, %m a member that takes markup, %x and %y functions that run commands; %% is a percent sign.
 */
#ifndef GB_TEST_INSPECT_SPELLING_H
#define GB_TEST_INSPECT_SPELLING_H

#include "inspect/inspect.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct spelling_shape {
	const char *shape;
	const char
	        *freedoms; /* i: case does not matter in the shape's own letters; e: may be percent or entity encoded */
};

static inline uint32_t spelling_random(uint32_t *ref_state)
{
	uint32_t x = *ref_state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *ref_state = x;
}

static inline const char *spelling_choice(char kind, uint32_t *ref_state)
{
	static const char *const names[] = {"abc", "q", "tock", "vidi", "Zeta", "k9", "some_name", "x1", "item"};
	static const char *const events[] = {"load", "error", "focus", "pointerrawupdate", "zzq", "toggle", "click"};
	static const char *const elements[] = {"svg", "img", "body", "details", "zz", "x-y", "marquee", "video"};
	static const char *const raw[] = {"title", "textarea", "style", "noscript"};
	static const char *const boxes[] = {"alert", "confirm", "prompt", "eval"};
	static const char *const globals[] = {"window", "self", "top", "parent", "frames", "globalThis"};
	static const char *const markup[] = {"body.innerHTML", "body.outerHTML", "location", "cookie", "domain"};
	static const char *const numbers[] = {"1", "7", "1337", "20", "999"};
	static const char *const blanks[] = {" ", "  ", "\t", "\n", " \t "};
	static const char *const hosts[] = {"evil.example", "a.b", "x.tld", "cdn-1.example.net"};
	static const char *const files[] = {"/etc/passwd", "/c:/windows/win.ini", "/proc/self/environ", "/etc/shadow"};
	static const char *const commands[] = {"id", "whoami", "cat /etc/passwd", "ls -la", "sleep 5", "uname -a"};
	static const char *const pythons[] = {"system", "popen"};
	static const char *const nodes[] = {"exec", "execSync", "spawn", "spawnSync"};
#define PICK(list) list[spelling_random(ref_state) % (sizeof(list) / sizeof((list)[0]))]
	switch (kind) {
	case 'w': return PICK(names);
	case 'e': return PICK(events);
	case 't': return PICK(elements);
	case 'r': return PICK(raw);
	case 'd': return PICK(boxes);
	case 'g': return PICK(globals);
	case 'm': return PICK(markup);
	case 'n': return PICK(numbers);
	case 'b': return PICK(blanks);
	case 'o': return spelling_random(ref_state) % 2 == 0 ? "" : PICK(blanks);
	case 'h': return PICK(hosts);
	case 'f': return PICK(files);
	case 'c': return PICK(commands);
	case 'x': return PICK(pythons);
	case 'y': return PICK(nodes);
	default: return "%";
	}
#undef PICK
}

/* What a client does to a value on its way: nothing, percent, percent of all, references of HTML. */
static inline size_t spelling_encode(char *text, size_t n, size_t cap, uint32_t *ref_state)
{
	char out[4096];
	size_t m = 0;
	uint32_t how = spelling_random(ref_state) % 6;

	if (how > 2)
		return n;
	for (size_t i = 0; i < n && m + 16 < sizeof(out) && m + 16 < cap; i++) {
		unsigned char c = (unsigned char)text[i];
		bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (how == 2 && (c == '<' || c == '>' || c == '"' || c == '\'' || c == '&'))
			m += (size_t)sprintf(out + m, i % 2 == 0 ? "&#%u;" : "&#x%x;", c);
		else if (how == 1 || (how == 0 && !is_plain))
			m += (size_t)sprintf(out + m, "%%%02X", c);
		else
			out[m++] = (char)c;
	}
	memcpy(text, out, m);
	return m;
}

/* The SEED-th spelling of SHAPE in OUT of CAP bytes; its length. */
static inline size_t spelling_of(const struct spelling_shape *shape, uint32_t seed, char *out, size_t cap)
{
	uint32_t state = seed * 2654435761u | 1u;
	char quote = spelling_random(&state) % 2 == 0 ? '"' : '\'';
	bool is_free = strchr(shape->freedoms, 'i') != NULL && spelling_random(&state) % 3 == 0;
	size_t n = 0;

	for (const char *p = shape->shape; *p != '\0' && n + 64 < cap / 4; p++) {
		const char *piece;

		if (*p != '%') {
			bool is_letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');

			out[n++] = is_free && is_letter && spelling_random(&state) % 2 == 0 ? (char)(*p ^ 0x20) : *p;
			continue;
		}
		p++;
		if (*p == 'q' || *p == 'Q') {
			out[n++] = *p == 'q' ? quote : quote == '"' ? '\'' : '"';
			continue;
		}
		piece = spelling_choice(*p == 's' ? 'w' : *p, &state);
		n += (size_t)snprintf(out + n, cap - n, *p == 's' ? (quote == '"' ? "'%s'" : "\"%s\"") : "%s", piece);
	}
	if (strchr(shape->freedoms, 'e') != NULL)
		n = spelling_encode(out, n, cap, &state);
	return n;
}

#endif
