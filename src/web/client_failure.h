/* SPDX-License-Identifier: Apache-2.0 */
/* web/client_failure: what libcurl's codes are for callers. Private to web. */
#ifndef GB_WEB_CLIENT_FAILURE_H
#define GB_WEB_CLIENT_FAILURE_H

#include "web/client.h"

#include <curl/curl.h>

/* The errno of a FETCH that ended with CODE, with a message in DIAG; ERROR: what a callback refused for, or 0. */
int web_client_failure(CURL *curl, CURLcode code, int error, const struct gb_web_fetch *fetch, struct gb_diag *diag);

#endif
