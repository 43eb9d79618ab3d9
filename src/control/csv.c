/* SPDX-License-Identifier: Apache-2.0 */
#include "control/csv.h"

#include <stdbool.h>
#include <string.h>

/* What a spreadsheet takes for a formula: also behind white space, and in full-width forms, which some make plain. */
static bool is_formula(const char *text)
{
	static const char *const wide[] = {"\uff1d", "\uff0b", "\uff0d", "\uff20"};

	if (text[0] != '\0' && strchr("\t\r\n|%", text[0]) != NULL)
		return true;
	text += strspn(text, " \t\r\n");
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (strncmp(text, wide[i], strlen(wide[i])) == 0)
			return true;
	return text[0] != '\0' && strchr("=+-@", text[0]) != NULL;
}

void gb_csv_add(FILE *out, const char *text, bool is_last)
{
	(void)fputc('"', out);
	if (is_formula(text))
		(void)fputc('\'', out);
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"')
			(void)fputc('"', out);
		(void)fputc(*p, out);
	}
	(void)fputs(is_last ? "\"\r\n" : "\",", out);
}
