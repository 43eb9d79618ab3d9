/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy documents: any text. An error has a message; a document that is taken compiles, its blob is taken, and its
 * printed form gives the same blob.
 */
#include "policyc/policyc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(const struct gb_policyc_document *document)
{
	struct gb_policyc_document *back = NULL;
	unsigned char *blob = NULL, *again = NULL;
	struct gb_diag diag = {0};
	struct gb_policy policy;
	size_t n = 0, again_n = 0, text_n = 0;
	char *text = NULL;
	FILE *out;

	if (gb_policyc_compile(document, 1, &blob, &n, &diag) < 0) {
		if (diag.message[0] == '\0')
			abort();
		return;
	}
	if (gb_policy_open(gb_span_of(blob, n), &policy) < 0)
		abort();
	out = open_memstream(&text, &text_n);
	if (out == NULL)
		abort();
	gb_policyc_print(document, out);
	if (fclose(out) != 0)
		abort();
	/* The printed form may be longer than a document may be. */
	if (text_n <= GB_POLICYC_DOCUMENT_BYTES_MAX) {
		if (gb_policyc_parse(gb_span_of(text, text_n), &back, &diag) < 0 ||
		        gb_policyc_compile(back, 1, &again, &again_n, &diag) < 0)
			abort();
		if (n != again_n || memcmp(blob, again, n) != 0)
			abort();
	}
	gb_policyc_document_free(back);
	free(text);
	free(blob);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct gb_policyc_document *document;
	struct gb_diag diag = {0};

	if (gb_policyc_parse(gb_span_of(data, n), &document, &diag) < 0) {
		if (diag.message[0] == '\0')
			abort();
		return 0;
	}
	check(document);
	gb_policyc_document_free(document);
	return 0;
}
