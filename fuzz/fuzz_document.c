/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy documents: any text, as a set. An error has a message and leaves the set as it was; a set that is taken resolves
 * for a function or says why not; what it resolves to compiles or says why not, its blob is taken, and its printed form
 * is printed alike again and gives the same blob.
 */
#include "policyc/set.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NOW 1795219200 /* 2026-11-21 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void need(bool is_so)
{
	if (!is_so)
		abort();
}

static char *printed(const struct gb_policyc_document *document, size_t *ret_n)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_n);

	need(out != NULL);
	gb_policyc_print(document, out);
	need(fclose(out) == 0);
	return text;
}

static unsigned char *compiled(const struct gb_policyc_document *document, size_t *ret_n)
{
	unsigned char *blob = NULL;
	struct gb_diag diag = {0};
	struct gb_policy policy;

	if (gb_policyc_compile(document, 1, &blob, ret_n, &diag) < 0) {
		need(diag.message[0] != '\0');
		return NULL;
	}
	need(gb_policy_open(gb_span_of(blob, *ret_n), &policy) >= 0);
	return blob;
}

static void check(const struct gb_policyc_document *document)
{
	size_t n = 0, again_n = 0, text_n = 0, again_text_n = 0;
	unsigned char *blob = compiled(document, &n), *again;
	char *text = printed(document, &text_n), *again_text;
	struct gb_policyc_document *back = NULL;
	struct gb_diag diag = {0};

	/* The printed form may be longer than a document may be. */
	if (text_n <= GB_POLICYC_DOCUMENT_BYTES_MAX) {
		need(gb_policyc_parse(gb_span_of(text, text_n), &back, &diag) == 0);
		back->is_resolved = true;
		again_text = printed(back, &again_text_n);
		need(text_n == again_text_n && memcmp(text, again_text, text_n) == 0);
		again = compiled(back, &again_n);
		need((blob == NULL) == (again == NULL));
		need(blob == NULL || (n == again_n && memcmp(blob, again, n) == 0));
		gb_policyc_document_free(back);
		free(again_text);
		free(again);
	}
	free(text);
	free(blob);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct gb_policyc_tag tags[] = {{"env", "prod"}};
	const struct gb_policyc_function function = {
	        .arn = "arn:aws:lambda:us-east-1:123456789012:function:goat:live",
	        .version = "3",
	        .runtime = "nodejs20.x",
	        .tags = tags,
	        .tag_count = 1,
	        .has_tags = true,
	};
	struct gb_policyc_set *set = gb_policyc_set_new();
	struct gb_policyc_resolution resolution;
	struct gb_policyc_notes notes;
	struct gb_diag diag = {0};

	need(set != NULL);
	if (gb_policyc_set_add(set, "f.yaml", gb_span_of(data, n), &diag) < 0) {
		need(diag.message[0] != '\0' && gb_policyc_set_count(set) == 0);
		gb_policyc_set_free(set);
		return 0;
	}
	need(gb_policyc_set_notes(set, NOW, &function, 1, &notes) == 0);
	if (gb_policyc_resolve(set, &function, NOW, &resolution, &diag) < 0) {
		need(diag.message[0] != '\0');
	} else {
		check(resolution.document);
		gb_policyc_resolution_done(&resolution);
	}
	/* And for the function that it names, if that is enough. */
	if (gb_policyc_resolve(set, &(struct gb_policyc_function){0}, NOW, &resolution, &diag) == 0) {
		check(resolution.document);
		gb_policyc_resolution_done(&resolution);
	}
	gb_policyc_set_free(set);
	return 0;
}
