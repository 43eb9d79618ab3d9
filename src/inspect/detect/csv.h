/* SPDX-License-Identifier: Apache-2.0 */
/* inspect/detect/csv: what the files of formula injection share: cells (csv.c), and a formula in one (csv_formula.c). */
#ifndef GB_INSPECT_DETECT_CSV_H
#define GB_INSPECT_DETECT_CSV_H

#include "inspect/detect/detect.h"

#define GB_CSV_NAME_MAX 24u /* of a function's or program's name */

struct gb_csv_formula {
	struct gb_span text;
	size_t at;
	bool has_operator;
	bool has_name;
	bool has_call; /* of a function that only calculates */
};

/* Reads FORMULA, which TRIGGER introduced; whether it convicts, and the reason. */
bool gb_csv_judge_formula(struct gb_csv_formula *formula, unsigned char trigger, const char **ret_reason);

/* Whether NAME is one of LIST, in any case. */
bool gb_csv_is_one_of(struct gb_span name, const char *const *list, size_t count);

/* Whether C may stand in a name. */
bool gb_csv_is_name_byte(unsigned char c);

#endif
