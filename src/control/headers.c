/* SPDX-License-Identifier: Apache-2.0 */
#include "control/state.h"

/* An answer of the API is data: nothing in it may be run, framed, guessed at or kept. What serves pages says otherwise. */
static const struct {
	const char *name, *value;
	bool is_for_tls;
} always[] = {
        {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
                false},
        {"X-Content-Type-Options", "nosniff", false},
        {"X-Frame-Options", "DENY", false},
        {"Referrer-Policy", "no-referrer", false},
        {"Cross-Origin-Opener-Policy", "same-origin", false},
        {"Cross-Origin-Resource-Policy", "same-origin", false},
        {"Permissions-Policy", "camera=(), geolocation=(), microphone=()", false},
        {"Cache-Control", "no-store", false},
        {"Strict-Transport-Security", "max-age=31536000", true},
};

static bool has(const struct gb_web_answer *answer, struct gb_span name)
{
	for (size_t i = 0; i < answer->header_count; i++)
		if (gb_span_equal_nocase(answer->headers[i].name, name))
			return true;
	return false;
}

void gb_headers_add(struct gb_arena *arena, struct gb_web_answer *answer, bool is_secure)
{
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
		if ((always[i].is_for_tls && !is_secure) || has(answer, gb_span_cstr(always[i].name)))
			continue;
		/* Without its headers an answer is not given. */
		if (gb_web_answer_header(answer, arena, always[i].name, gb_span_cstr(always[i].value)) < 0)
			*answer = (struct gb_web_answer){.status = 500, .is_last = true, .source = answer->source};
	}
}
