/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diag.h"

#include "base/format.h"

int gb_diag_set(struct gb_diag *diag, int negative_errno, uint32_t line, uint32_t column, const char *format, ...)
{
	struct gb_text message;
	va_list args;

	if (diag == NULL)
		return negative_errno;
	diag->line = line;
	diag->column = column;
	va_start(args, format);
	message = gb_text_on(diag->message, sizeof(diag->message));
	gb_text_format_list(&message, format, args);
	(void)gb_text_cstr(&message);
	va_end(args);
	return negative_errno;
}
