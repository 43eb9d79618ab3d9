/* SPDX-License-Identifier: Apache-2.0 */
/* What an attacker may have caused is not learned: beside a finding, or because of one client only. */
#include "learned.h"

#define FOUND(request, activity)                                                                                       \
	"{\"gambeson\":1,\"kind\":\"finding\",\"seq\":2,\"request\":\"" request "\",\"activity\":" activity "}\n"
static void findings_are_not_learned(void **state)
{
	struct profile profile = learned(OBSERVED("r1", ITEM("file_read", "/good")) OBSERVED("r2",
	        ITEM("file_read", "/beside") "," ITEM("file_read", "/good")) OBSERVED("r3", ITEM("file_read", "/found"))
	                FOUND("r2", ITEM("file_read", "/found")) FOUND("r4", "null"));

	(void)state;
	assert_int_equal(profile.document->allow.read.count, 1);
	assert_string_equal(profile.document->allow.read.items[0].text, "/good");
	assert_int_equal(profile.view->counts[GB_LEARN_FOUND], 1);
	assert_int_equal(profile.view->counts[GB_LEARN_TAINTED], 1);
	profile_done(&profile);
}

/* Of two events in hand when something was found, either may be the attack. */
static void findings_among_events_taint_all_of_them(void **state)
{
	struct profile profile = learned(OBSERVED("r1", ITEM("file_read", "/good")) OBSERVED(
	        "r2", ITEM("file_read", "/beside")) OBSERVED("r3",
	        ITEM("file_read", "/too")) "{\"gambeson\":1,\"kind\":\"finding\",\"among\":[\"r2\",\"r3\"],\"control\":"
	                                   "\"decoys\",\"activity\":" ITEM("file_read", "/key") "}\n");

	(void)state;
	assert_int_equal(profile.document->allow.read.count, 1);
	assert_string_equal(profile.document->allow.read.items[0].text, "/good");
	assert_int_equal(profile.view->counts[GB_LEARN_TAINTED], 2);
	profile_done(&profile);
}

#define FINDING(control, request)                                                                                      \
	"{\"gambeson\":1,\"kind\":\"finding\",\"control\":\"" control "\",\"request\":\"" request "\"}\n"
#define FROM(n)       ",\"source_ip\":\"192.0.2." n "\""
#define BY(n)         SEEN("a", n, n, FROM(n), "/x")
#define EIGHT_SOURCES BY("1") BY("2") BY("3") BY("4") BY("5") BY("6") BY("7") BY("8")

/* What becomes of /s. */
static const struct status_row {
	const char *log;
	enum gb_learn_status status;
} status_rows[] = {
        {SEEN("a", "1", "1", "", "/s"), GB_LEARN_LEARNED},
        {SEEN("a", "1", "1", "", "/s") FINDING("flow", "1"), GB_LEARN_TAINTED},
        {FINDING("firewall", "1") SEEN("a", "1", "1", "", "/s"), GB_LEARN_TAINTED},
        {SEEN("a", "1", "1", "", "/s") FINDING("flow", "2"), GB_LEARN_LEARNED},
        {SEEN("a", "1", "1", "", "/s") SEEN("a", "2", "2", "", "/s") FINDING("decoys", "1"), GB_LEARN_LEARNED},
        {SEEN("a", "1", "1", "", "/s") SEEN("b", "2", "1", "", "/s") FINDING("decoys", "1") FINDING("rule", "2"),
                GB_LEARN_TAINTED},
        {SEEN("a", "1", "1", "", "/s") FINDING("allowlist", "1") FINDING("budgets", "1") FINDING("hygiene", "1"),
                GB_LEARN_LEARNED},
        /* Two events were in hand, and one of them had a finding. */
        {SEEN("a", "", "1", ",\"among\":[\"1\",\"2\"]", "/s") FINDING("flow", "2"), GB_LEARN_TAINTED},
        {SEEN("a", "", "1", ",\"among\":[\"1\",\"2\"]", "/s") FINDING("flow", "3"), GB_LEARN_LEARNED},
        {EIGHT_SOURCES SEEN("b", "9", "1", FROM("9"), "/s"), GB_LEARN_HELD},
        {EIGHT_SOURCES SEEN("b", "9", "1", FROM("9"), "/s") SEEN("c", "10", "1", FROM("1"), "/s"), GB_LEARN_LEARNED},
        {EIGHT_SOURCES SEEN("b", "9", "1", FROM("9"), "/s") SEEN("c", "10", "1", "", "/s"), GB_LEARN_LEARNED},
        {EIGHT_SOURCES SEEN("b", "9", "1", "", "/s"), GB_LEARN_LEARNED},
        {SEEN("b", "9", "1", FROM("9"), "/s"), GB_LEARN_LEARNED},
};

static void what_becomes_of_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(status_rows) / sizeof(status_rows[0]); i++) {
		struct profile profile = learned(status_rows[i].log);
		const struct gb_learn_entry *found = NULL;

		for (size_t k = 0; k < profile.view->count; k++)
			if (gb_span_equal(profile.view->entries[k].subject, GB_SPAN("/s")))
				found = &profile.view->entries[k];
		if (found == NULL || found->status != status_rows[i].status)
			fail_msg("%s\nis %s", status_rows[i].log,
			        found == NULL ? "not there" : gb_learn_status_name(found->status));
		profile_done(&profile);
	}
}

/* Names that are made up come from one address each: what the others' names have in common releases them, not their
 * own. */
static void made_up_names_are_not_held(void **state)
{
	static const char log[] = EIGHT_SOURCES SEEN("b", "b1", "1", FROM("1"), "/tmp/in-qwertz_.csv") SEEN("b", "b2",
	        "2", FROM("2"), "/tmp/in-asdf_ghj.csv") SEEN("b", "b3", "3", FROM("3"), "/tmp/in-yxcv_bnm.csv")
	        SEEN("b", "b4", "4", FROM("4"), "/tmp/in-_poiuztr.csv") SEEN("b", "b5", "5", FROM("5"),
	                "/tmp/in-lkjh_gfd.csv") SEEN("b", "b6", "6", FROM("6"), "/tmp/in-mnb_vcxy.csv")
	                SEEN("b", "b7", "7", FROM("7"), "/tmp/in-trew_q.csv")
	                        SEEN("b", "b8", "8", FROM("8"), "/tmp/in-hgfdsa_.csv")
	                                SEEN("c", "c1", "1", FROM("8"), "/tmp/out-1.csv")
	                                        SEEN("c", "c2", "2", FROM("8"), "/tmp/out-2.csv")
	                                                SEEN("c", "c3", "3", FROM("8"), "/tmp/out-3.csv")
	                                                        SEEN("c", "c4", "4", FROM("8"), "/tmp/out-4.csv");
	struct profile profile = learned(log);
	size_t held = 0;

	(void)state;
	for (size_t i = 0; i < profile.view->count; i++) {
		const struct gb_learn_entry *entry = &profile.view->entries[i];

		if (entry->status != GB_LEARN_HELD)
			continue;
		held++;
		assert_true(gb_span_starts(entry->subject, GB_SPAN("/tmp/out-")));
	}
	assert_int_not_equal(held, 0);
	assert_int_equal(profile.view->counts[GB_LEARN_HELD], held);
	profile_done(&profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(findings_are_not_learned),
	        cmocka_unit_test(findings_among_events_taint_all_of_them),
	        cmocka_unit_test(what_becomes_of_it),
	        cmocka_unit_test(made_up_names_are_not_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
