/* SPDX-License-Identifier: Apache-2.0 */
/* A policy of the firewall's settings alone, for the tests of this directory. Include after cmocka. */
#ifndef GB_TESTS_UNIT_FIREWALL_POLICY_H
#define GB_TESTS_UNIT_FIREWALL_POLICY_H

#include "policy/firewall.h"

#include "../../lib/policy.h"

/* SETTINGS: what stands in `firewall: {…}`. */
static struct loaded load(const char *settings)
{
	char spec[2048];
	struct loaded out;

	snprintf(spec, sizeof(spec), "firewall: {%s}", settings);
	out = load_spec(spec);
	assert_int_equal(gb_policy_firewall_open(&out.policy), 0);
	return out;
}

#endif
