/* SPDX-License-Identifier: Apache-2.0 */
/*
 * activity/path: paths as text. Pure, freestanding: no link is followed, no directory asked.
 */
#ifndef GB_ACTIVITY_PATH_H
#define GB_ACTIVITY_PATH_H

#include "base/text.h"

/* Append PATH to the directory that is in DIRECTORY (absolute and canonical, or empty when PATH is absolute), taking
 * out `.`, `..`, doubled and trailing slashes. The result is in DIRECTORY: absolute, canonical, at least "/".
 * *ret_went_up (may be NULL): whether a `..` was taken out, which behind a symbolic link means another place. */
void gb_path_join(struct gb_text *directory, struct gb_span path, bool *ret_went_up);

/* Whether PATH is absolute and canonical for certain: gb_path_join() would leave it as it is. Names that begin with a dot are
 * not looked at closely: false. */
bool gb_path_is_canonical(struct gb_span path);

/* Whether PATH is DIRECTORY or lies below it; both canonical. */
bool gb_path_is_under(struct gb_span path, struct gb_span directory);

/* Whether a program named PATH is an ELF interpreter: ld-linux-x86-64.so.2, ld-musl-x86_64.so.1, ld-2.36.so, ld.so. */
bool gb_path_is_loader(struct gb_span path);

/* The interpreter line of a script: HEAD is the beginning of the file. False when there is none. *ret_argument is the
 * one argument that the kernel passes, empty when there is none. */
bool gb_path_of_shebang(struct gb_span head, struct gb_span *ret_interpreter, struct gb_span *ret_argument);

#endif
