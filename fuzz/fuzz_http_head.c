/* SPDX-License-Identifier: Apache-2.0 */
/* Heads of requests and responses: what is parsed lies inside the bytes, more bytes never change a parsed head, and no
 * head has two framings. */
#include "http/http.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_span(struct gb_span inner, const uint8_t *data, size_t n)
{
	assert(inner.n == 0 || (inner.p >= data && inner.p + inner.n <= data + n));
}

static void check(const struct gb_http_head *head, const uint8_t *data, ssize_t n)
{
	bool has_length = gb_http_field_value(head, GB_SPAN("content-length")).n != 0;
	bool has_coding = gb_http_field_value(head, GB_SPAN("transfer-encoding")).n != 0;

	assert(!(has_length && has_coding));
	check_span(head->method, data, (size_t)n);
	check_span(head->target, data, (size_t)n);
	for (size_t i = 0; i < head->field_count; i++) {
		check_span(head->fields[i].name, data, (size_t)n);
		check_span(head->fields[i].value, data, (size_t)n);
		assert(gb_span_find_byte(head->fields[i].value, '\n', 0) == SIZE_MAX);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct gb_http_head head, shorter;
	ssize_t request = gb_http_request_parse(gb_span_of(data, n), &head), response;

	assert(request <= (ssize_t)n);
	if (request > 0) {
		check(&head, data, request);
		assert(gb_http_request_parse(gb_span_of(data, (size_t)request), &shorter) == request);
		assert(gb_http_request_parse(gb_span_of(data, (size_t)request - 1), &shorter) == 0);
	}
	response = gb_http_response_parse(gb_span_of(data, n), GB_SPAN("GET"), &head);
	assert(response <= (ssize_t)n && (request <= 0 || response <= 0));
	if (response > 0)
		check(&head, data, response);
	return 0;
}
