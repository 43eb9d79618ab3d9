/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/policy_file.h"
#include "cmd/gambeson/screen.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/text.h"
#include "policyc/set.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FILE_BYTES_MAX (16u * 1024u * 1024u)

int gb_policy_file_read(const struct gb_command *self, const char *path, char **ret_data, size_t *ret_n)
{
	int r = gb_fd_read_file(path, FILE_BYTES_MAX, ret_data, ret_n);

	return r < 0 ? gb_complain(self, GB_EXIT_SYSTEM, "%s cannot be read: %s", path, gb_blob_error_text(r))
	             : GB_EXIT_OK;
}

static int complain_about(const struct gb_command *self, const char *path, int error, const struct gb_diag *diag)
{
	if (error == -ENOMEM)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	fflush(stdout);
	if (diag->line != 0)
		gb_screen_printf(stderr, "%s:%u:%u: %s\n", path, diag->line, diag->column, diag->message);
	else if (gb_span_starts(gb_span_cstr(diag->message), gb_span_cstr(path)))
		gb_screen_printf(stderr, "%s\n", diag->message);
	else
		gb_screen_printf(stderr, "%s: %s\n", path, diag->message);
	return GB_EXIT_FINDINGS;
}

int gb_policy_load_lists(struct gb_policyc_document *document, struct gb_diag *diag)
{
	int r = gb_policyc_load_sources(document, "", diag);

	return r < 0 ? r : gb_policyc_load_forbidden(document, "", diag);
}

int gb_policy_file_document(
        const struct gb_command *self, const char *path, struct gb_span text, struct gb_policyc_document **ret_document)
{
	struct gb_policyc_resolution resolution;
	struct gb_diag diag = {0};
	int r = gb_policyc_resolve_text(path, text, (int64_t)time(NULL), &resolution, &diag);

	if (r == 0) {
		r = gb_policy_load_lists(resolution.document, &diag);
		if (r < 0)
			gb_policyc_resolution_done(&resolution);
	}
	if (r < 0)
		return complain_about(self, path, r, &diag);
	*ret_document = resolution.document;
	return GB_EXIT_OK;
}

bool gb_policy_file_is_compiled(struct gb_span file)
{
	return gb_span_starts(file, GB_SPAN(GB_BLOB_MAGIC));
}

int gb_policy_file_unpack(
        const struct gb_command *self, const char *path, struct gb_span file, struct gb_policyc_document **ret_document)
{
	struct gb_policy policy;
	struct gb_span blob;
	int r = gb_blob_verify(file, NULL, &blob);

	if (r == 0)
		r = gb_policy_open(blob, &policy);
	if (r == 0)
		r = gb_policyc_of_blob(&policy, ret_document);
	return r < 0 ? gb_complain(self, GB_EXIT_FINDINGS, "%s is refused: %s", path, gb_blob_error_text(r))
	             : GB_EXIT_OK;
}

int gb_policy_file_compile(const struct gb_command *self, const char *path, unsigned char **ret_blob, size_t *ret_n)
{
	GB_CLEANUP(gb_policyc_document_freep) struct gb_policyc_document *document = NULL;
	GB_CLEANUP(gb_freep) char *data = NULL;
	struct gb_diag diag = {0};
	struct gb_span blob;
	size_t n = 0;
	int status = gb_policy_file_read(self, path, &data, &n), r;

	if (status == GB_EXIT_OK && gb_policy_file_is_compiled(gb_span_of(data, n))) {
		r = gb_blob_verify(gb_span_of(data, n), NULL, &blob);
		if (r < 0)
			return gb_complain(self, GB_EXIT_USAGE, "%s is refused: %s", path, gb_blob_error_text(r));
		*ret_blob = (unsigned char *)data;
		*ret_n = blob.n;
		data = NULL;
		return GB_EXIT_OK;
	}
	if (status == GB_EXIT_OK)
		status = gb_policy_file_document(self, path, gb_span_of(data, n), &document);
	if (status != GB_EXIT_OK)
		return status == GB_EXIT_FINDINGS ? GB_EXIT_USAGE : status;
	r = gb_policyc_compile(document, 0, ret_blob, ret_n, &diag);
	if (r < 0)
		return gb_complain(self, GB_EXIT_USAGE, "%s: %s", path, r == -EFBIG ? diag.message : strerror(-r));
	return GB_EXIT_OK;
}
