/* SPDX-License-Identifier: Apache-2.0 */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>

int gb_diag_set(struct gb_diag *diag, int negative_errno, uint32_t line, uint32_t column, const char *format, ...)
{
	va_list args;

	if (diag == NULL)
		return negative_errno;
	diag->line = line;
	diag->column = column;
	va_start(args, format);
	(void)vsnprintf(diag->message, sizeof(diag->message), format, args);
	va_end(args);
	return negative_errno;
}
