/* SPDX-License-Identifier: Apache-2.0 */
/* Chunked bodies: whole and byte by byte give the same end and the same content. */
#include "http/http.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct gb_http_head head = {.framing = GB_HTTP_CHUNKED};
	unsigned char *whole = malloc(n + 1), *pieces = malloc(n + 1);
	size_t whole_n = 0, pieces_n = 0, at = 0;
	struct gb_http_body body;
	ssize_t r, step = 0;
	bool is_done;

	assert(whole != NULL && pieces != NULL);
	gb_http_body_begin(&body, &head);
	r = gb_http_body_follow(&body, gb_span_of(data, n), whole, &whole_n);
	is_done = body.is_done;
	assert(r <= (ssize_t)n && whole_n <= n);
	gb_http_body_begin(&body, &head);
	while (at < n && !body.is_done) {
		size_t decoded = 0;

		step = gb_http_body_follow(&body, gb_span_of(data + at, 1), pieces + pieces_n, &decoded);
		if (step < 0)
			break;
		assert(step == 1 && decoded <= 1);
		pieces_n += decoded;
		at++;
	}
	if (r < 0) {
		assert(step < 0);
	} else {
		assert(step >= 0 && at == (size_t)r && body.is_done == is_done);
		assert(pieces_n == whole_n && memcmp(whole, pieces, whole_n) == 0);
	}
	free(whole);
	free(pieces);
	return 0;
}
