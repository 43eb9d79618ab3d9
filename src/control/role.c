/* SPDX-License-Identifier: Apache-2.0 */
#include "control/control.h"

static const char *const names[_GB_ROLE_MAX] = {"nobody", "viewer", "analyst", "operator", "admin"};

const char *gb_role_text(enum gb_role role)
{
	return role < _GB_ROLE_MAX ? names[role] : names[0];
}

enum gb_role gb_role_of(struct gb_span text)
{
	for (enum gb_role role = GB_ROLE_VIEWER; role < _GB_ROLE_MAX; role++)
		if (gb_span_equal(text, gb_span_cstr(names[role])))
			return role;
	return GB_ROLE_NOBODY;
}
