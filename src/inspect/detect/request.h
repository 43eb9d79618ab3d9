/* SPDX-License-Identifier: Apache-2.0 */
/* inspect/detect/request: what the files of server-side request forgery share: request.c judges one address, request_host.c
 * whether it hides its host, request_text.c texts that hold one where something fetches it, request_service.c what answers
 * there. Private to these files. */
#ifndef GB_INSPECT_DETECT_REQUEST_H
#define GB_INSPECT_DETECT_REQUEST_H

#include "inspect/detect/detect.h"
#include "inspect/lex/url.h"

/* A port that answers others than browsers. */
bool gb_request_is_service_port(uint32_t port);
/* One of the first three segments of REST, an address' path, is a word by which servers are managed. */
bool gb_request_is_management(struct gb_span rest);
/* The same of the first label of a name: jenkins.internal. */
bool gb_request_is_management_name(struct gb_span host);

/* good.com@evil.com: the name before the sign is there to please a check of the beginning. */
bool gb_request_is_misleading_userinfo(struct gb_span userinfo);
/* http://good\@evil, http://good#@evil: two readers see two hosts. */
bool gb_request_is_split(const struct gb_lex_url *url);
/* http://localhost\0.example: a reader in C sees a shorter name than a check does. */
bool gb_request_is_cut_by_control(struct gb_span text, const struct gb_lex_url *url);
/* http://a&@b# @c/: whose authority begins at AUTHORITY. Result: how much of TEXT stands before the other host, or 0. */
size_t gb_request_confused(struct gb_span text, size_t authority);

/* url:http://…, view-source:http://…: TEXT up to FROM is a scheme that wraps an address. */
bool gb_request_is_wrapped(struct gb_span text, size_t from);
/* src="…", xlink:href="…", @import '…', url(…), ![x](…): what is from FROM to END of TEXT, whoever renders it fetches. */
bool gb_request_is_fetched(struct gb_span text, size_t from, size_t end);

/* PART of the input's text, as if it were the whole value. */
bool gb_request_judge(const struct gb_detect_input *input, struct gb_span part, struct gb_detect_hit *ret_hit);

/* Lines of a request's head, playlists, drawings in ImageMagick's language, addresses of Java's databases. */
bool gb_request_judge_text(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);

#endif
