/* SPDX-License-Identifier: Apache-2.0 */
/* What the ARN of a function tells: arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME[:VERSION or ALIAS]. */
#include "policyc/scope.h"

#include "base/arena.h"

#include <errno.h>
#include <string.h>

enum part { PARTITION = 1, SERVICE, REGION, ACCOUNT, KIND, NAME, QUALIFIER, PARTS_MAX };

static int complain(struct gb_diag *diag, struct gb_span arn)
{
	return gb_diag_set(diag, -EINVAL, 0, 0,
	        "'%.*s' is no function's ARN: arn:aws:lambda:REGION:ACCOUNT:function:NAME is expected",
	        (int)(arn.n < 120 ? arn.n : 120), (const char *)arn.p);
}

static int copy(struct gb_arena *arena, struct gb_span s, const char **ret_copy)
{
	char *bytes = gb_arena_take(arena, s.n + 1);

	if (bytes == NULL)
		return -ENOMEM;
	memcpy(bytes, s.p, s.n);
	*ret_copy = bytes;
	return 0;
}

/* WHAT was told as *FIELD, too, or is told now by PART. */
static int take(struct gb_arena *arena, struct gb_span part, const char *what, const char **field, struct gb_diag *diag)
{
	if (*field == NULL)
		return copy(arena, part, field);
	if (gb_span_equal(part, gb_span_cstr(*field)))
		return 0;
	return gb_diag_set(diag, -EINVAL, 0, 0, "the %s is '%.60s', and '%.*s' by its ARN", what, *field,
	        (int)(part.n < 60 ? part.n : 60), (const char *)part.p);
}

static bool is_version(struct gb_span text)
{
	uint64_t number;

	return gb_span_equal(text, GB_SPAN("$LATEST")) || gb_span_to_u64(text, &number);
}

int gb_policyc_function_fill(struct gb_arena *arena, const struct gb_policyc_function *function,
        struct gb_policyc_function *ret_function, struct gb_diag *diag)
{
	struct gb_span arn = gb_span_cstr(function->arn), parts[PARTS_MAX] = {GB_SPAN_EMPTY};
	size_t count = 0, from = 0, end;
	int r;

	*ret_function = *function;
	if (arn.n == 0)
		return 0;
	for (end = gb_span_find_byte(arn, ':', 0);; end = gb_span_find_byte(arn, ':', from)) {
		if (count == PARTS_MAX)
			return complain(diag, arn);
		parts[count++] = gb_span_sub(arn, from, end == SIZE_MAX ? SIZE_MAX : end - from);
		if (end == SIZE_MAX)
			break;
		from = end + 1;
	}
	if (count < QUALIFIER || !gb_span_equal(parts[0], GB_SPAN("arn")) ||
	        !gb_span_equal(parts[SERVICE], GB_SPAN("lambda")) || !gb_span_equal(parts[KIND], GB_SPAN("function")) ||
	        parts[REGION].n == 0 || parts[ACCOUNT].n == 0 || parts[NAME].n == 0)
		return complain(diag, arn);
	r = take(arena, parts[REGION], "region", &ret_function->region, diag);
	if (r == 0)
		r = take(arena, parts[ACCOUNT], "account", &ret_function->account, diag);
	if (r == 0)
		r = take(arena, parts[NAME], "name", &ret_function->name, diag);
	if (r < 0 || count <= QUALIFIER)
		return r;
	r = is_version(parts[QUALIFIER]) ? take(arena, parts[QUALIFIER], "version", &ret_function->version, diag)
	                                 : take(arena, parts[QUALIFIER], "alias", &ret_function->alias, diag);
	return r < 0 ? r
	             : copy(arena, gb_span_sub(arn, 0, (size_t)(parts[QUALIFIER].p - arn.p) - 1), &ret_function->arn);
}
