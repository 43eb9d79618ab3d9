/* SPDX-License-Identifier: Apache-2.0 */
#include "control/state.h"

#include "base/fd.h"

#include <stdarg.h>
#include <string.h>

static const char *const levels[_GB_LOG_MAX] = {"error", "warning", "info", "debug"};

int64_t gb_clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One write(2) a line, so that lines of threads do not mix. */
static void write_line(int fd, const json_t *line)
{
	char *text = json_dumps(line, JSON_COMPACT);
	size_t n = text != NULL ? strlen(text) : 0;

	if (n == 0)
		return;
	text[n] = '\n';
	/* Nobody is left to be told that the log cannot be written. */
	if (gb_fd_write_all(fd, gb_span_of(text, n + 1)) < 0)
		n = 0;
	free(text);
}

void gb_log(struct gb_plane *control, enum gb_log_level level, const char *message, const char *format, ...)
{
	json_t *line, *more = NULL;
	va_list list;

	if (control == NULL || level > control->settings->log_level || level >= _GB_LOG_MAX)
		return;
	line = json_pack(
	        "{s:o,s:s,s:s}", "time", gb_json_time(gb_clock_ms()), "level", levels[level], "message", message);
	if (format != NULL) {
		va_start(list, format);
		more = json_vpack_ex(NULL, 0, format, list);
		va_end(list);
	}
	if (more != NULL && json_object_update_missing_new(line, more) < 0)
		more = NULL;
	if (line != NULL)
		write_line(control->settings->log_fd, line);
	json_decref(line);
}
