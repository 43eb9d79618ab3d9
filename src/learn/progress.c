/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/learn.h"

#include <inttypes.h>

void gb_learn_decision_print(
        const struct gb_learn_decision *decision, const struct gb_learn_settings *settings, FILE *out)
{
	double confidence = 100 * (1 - settings->delta);

	if (decision->is_done)
		fprintf(out,
		        "learned: the next invocation does something unlisted with a chance below %.3g %% (%.3g %% "
		        "sure)\n",
		        100 * decision->bound, confidence);
	else if (decision->percent == 99 || decision->needed == UINT64_MAX)
		fprintf(out, "learning %u %%: %s\n", decision->percent, decision->missing);
	else
		fprintf(out, "learning %u %%, about %" PRIu64 " invocations to go\n", decision->percent,
		        decision->needed - decision->invocations);
}
