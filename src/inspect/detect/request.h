/* SPDX-License-Identifier: Apache-2.0 */
/* inspect/detect/request: what the files of server-side request forgery share: request.c judges one address,
 * request_text.c texts that hold one where something fetches it, request_service.c what answers there. Private to these
 * files. */
#ifndef GB_INSPECT_DETECT_REQUEST_H
#define GB_INSPECT_DETECT_REQUEST_H

#include "inspect/detect/detect.h"

/* A port that answers others than browsers. */
bool gb_request_is_service_port(uint32_t port);
/* One of the first three segments of REST, an address' path, is a word by which servers are managed. */
bool gb_request_is_management(struct gb_span rest);
/* The same of the first label of a name: jenkins.internal. */
bool gb_request_is_management_name(struct gb_span host);

/* url:http://…, view-source:http://…: TEXT up to FROM is a scheme that wraps an address. */
bool gb_request_is_wrapped(struct gb_span text, size_t from);
/* src="…", xlink:href="…", @import '…', url(…), ![x](…): what is from FROM to END of TEXT, whoever renders it fetches. */
bool gb_request_is_fetched(struct gb_span text, size_t from, size_t end);

/* PART of the input's text, as if it were the whole value. */
bool gb_request_judge(const struct gb_detect_input *input, struct gb_span part, struct gb_detect_hit *ret_hit);

/* Lines of a request's head, playlists, drawings in ImageMagick's language, addresses of Java's databases. */
bool gb_request_judge_text(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit);

#endif
