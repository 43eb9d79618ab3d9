/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a log service may send: the first byte chooses what it is said to be. Lines that come out are whole and bounded. */
#include "collect/batch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct gb_collect_origin nowhere;
	struct gb_collect_batch *batch = n == 0 ? NULL : gb_collect_batch_new(1795271400000);
	struct gb_diag diag;
	int r;

	if (batch == NULL)
		return 0;
	r = gb_collect_batch_add(batch, gb_span_of(data + 1, n - 1),
	        (enum gb_collect_envelope)(data[0] % (GB_COLLECT_RECORDS + 1)), &nowhere, &diag);
	if (r > 0 || gb_collect_batch_told(batch)->lines != batch->count || batch->expanded > GB_COLLECT_EXPANDED_MAX)
		__builtin_trap();
	for (size_t i = 0; i < batch->count; i++) {
		struct gb_span text = batch->entries[i].line.text;

		if (text.n > COLLECT_LINE_MAX || text.p[0] != '{' || text.p[text.n - 1] != '}')
			__builtin_trap();
	}
	gb_collect_batch_free(batch);
	return 0;
}
