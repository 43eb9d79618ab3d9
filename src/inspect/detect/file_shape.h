/* SPDX-License-Identifier: Apache-2.0 */
/* inspect/detect/file_shape: a path that is all of a value in one spelling, cut into segments. Private to file_*.c. */
#ifndef GB_INSPECT_DETECT_FILE_SHAPE_H
#define GB_INSPECT_DETECT_FILE_SHAPE_H

#include "base/span.h"

#define GB_FILE_PATH_MAX     256u
#define GB_FILE_SEGMENTS_MAX 24u

/* Endings of what a server runs or reads as its settings. */
#define GB_FILE_SOURCES                                                                                                \
	"php phtml php3 php4 php5 php7 phps asp aspx asa asax ascx ashx asmx jsp jspx jsf cfm cgi inc cs vb cshtml "   \
	"config"

struct gb_file_shape {
	size_t count;
	bool is_absolute;
	bool has_drive;
	bool is_home;          /* ~ or ~name in front */
	bool is_remote;        /* \\host\share */
	bool is_glob;          /* ? * or [ in a segment */
	struct gb_span last;   /* segment */
	struct gb_span ending; /* behind the last dot that is not the first byte */
	/* Last, and never cleared: only what was written is read. In small letters, with slashes, without a drive. */
	struct gb_span segments[GB_FILE_SEGMENTS_MAX];
	unsigned char bytes[GB_FILE_PATH_MAX];
};

/* Cuts PATH; false when it is none, too long, or ends in a slash. Blanks only in Windows' paths. */
bool gb_file_shape_cut(struct gb_span path, struct gb_file_shape *ret_shape);

/* Whether WORD, in small letters, is one of LIST's, which have a blank between; whether it begins with one. */
bool gb_file_is_in(struct gb_span word, const char *list);
bool gb_file_starts_with(struct gb_span word, const char *list);

/* Whether a path with ? * [ in it can only mean one of the system's files. */
bool gb_file_is_globbed(const struct gb_file_shape *shape);

#endif
