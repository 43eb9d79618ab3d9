/* SPDX-License-Identifier: Apache-2.0 */
/* Policies in whatever form they are given, as an agent would load them. */
#include "cmd/gambeson/policy_set.h"

#include "base/cleanup.h"
#include "cmd/gambeson/policy_file.h"

#include <errno.h>
#include <string.h>

/* Whether PATH is a compiled policy; what cannot be read is complained about elsewhere. */
static int is_compiled(const struct gb_command *self, const char *path, bool *ret_is_compiled)
{
	GB_CLEANUP(gb_freep) char *data = NULL;
	size_t n = 0;
	int status;

	*ret_is_compiled = false;
	if (gb_policy_is_folder(path))
		return GB_EXIT_OK;
	status = gb_policy_file_read(self, path, &data, &n);
	*ret_is_compiled = status == GB_EXIT_OK && gb_policy_file_is_compiled(gb_span_of(data, n));
	return status;
}

int gb_policy_compile(const struct gb_command *self, const struct gb_strings *paths,
        const struct gb_policy_target *target, unsigned char **ret_blob, size_t *ret_n)
{
	GB_CLEANUP(gb_policyc_resolution_done) struct gb_policyc_resolution resolution = {0};
	struct gb_diag diag = {0};
	bool compiled = false;
	int status = paths->count == 1 ? is_compiled(self, paths->items[0], &compiled) : GB_EXIT_OK, r;

	if (status == GB_EXIT_OK && compiled)
		return gb_policy_file_compile(self, paths->items[0], ret_blob, ret_n);
	if (status == GB_EXIT_OK)
		status = gb_policy_resolve(self, paths, target, &resolution);
	if (status != GB_EXIT_OK)
		return status == GB_EXIT_FINDINGS ? GB_EXIT_USAGE : status;
	r = gb_policyc_compile(resolution.document, 0, ret_blob, ret_n, &diag);
	if (r == -EINVAL || r == -EFBIG)
		return gb_complain(self, GB_EXIT_USAGE, "%s: %s", paths->items[0], diag.message);
	return r < 0 ? gb_complain(self, GB_EXIT_SYSTEM, "%s: %s", paths->items[0], strerror(-r)) : GB_EXIT_OK;
}
