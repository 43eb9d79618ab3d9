/* SPDX-License-Identifier: Apache-2.0 */
/* Reader of the case files of tests/cases/inspect: blocks of three lines, title, input with C escapes, what is wanted. */
#ifndef GB_TEST_INSPECT_CASES_H
#define GB_TEST_INSPECT_CASES_H

#include "base/span.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* Sanitized, an inspection takes ten times as long, and fewer of them do. */
#ifdef __SANITIZE_ADDRESS__
#define CASES_ARE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CASES_ARE_SANITIZED 1
#endif
#endif
#ifndef CASES_ARE_SANITIZED
#define CASES_ARE_SANITIZED 0
#endif

struct inspect_case {
	char *title;
	unsigned char *input; /* a heap block of exactly `input_n` bytes */
	size_t input_n;
	char *want;
};

static inline char *case_line(FILE *file)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n = getline(&line, &cap, file);

	if (n < 0) {
		free(line);
		return NULL;
	}
	if (n > 0 && line[n - 1] == '\n')
		line[n - 1] = '\0';
	return line;
}

static inline size_t case_unescape(char *text)
{
	size_t n = 0;

	for (size_t at = 0; text[at] != '\0'; at++) {
		if (text[at] != '\\') {
			text[n++] = text[at];
			continue;
		}
		at++;
		if (text[at] == 'n') {
			text[n++] = '\n';
		} else if (text[at] == 'x') {
			char digits[3] = {text[at + 1], text[at + 2], '\0'};

			text[n++] = (char)strtoul(digits, NULL, 16);
			at += 2;
		} else {
			text[n++] = text[at];
		}
	}
	return n;
}

/* The next case of FILE into *ret_case, to be freed with case_free(); false at the end. */
static inline bool case_next(FILE *file, struct inspect_case *ret_case)
{
	char *title = case_line(file), *input;
	size_t n;

	while (title != NULL && (title[0] == '\0' || title[0] == '#')) {
		free(title);
		title = case_line(file);
	}
	if (title == NULL)
		return false;
	input = case_line(file);
	ret_case->want = case_line(file);
	if (input == NULL || ret_case->want == NULL) {
		fprintf(stderr, "a case file ends in the middle of '%s'\n", title);
		abort();
	}
	n = case_unescape(input);
	ret_case->title = title;
	ret_case->input = malloc(n == 0 ? 1 : n);
	if (ret_case->input == NULL)
		abort();
	memcpy(ret_case->input, input, n);
	ret_case->input_n = n;
	free(input);
	return true;
}

static inline void case_free(struct inspect_case *one)
{
	free(one->title);
	free(one->input);
	free(one->want);
}

#endif
