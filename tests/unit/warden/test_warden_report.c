/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include "../../lib/policy.h"

#include "wire/input.h"

static void put(struct bench *bench, enum gb_activity_kind kind, enum gb_decision decision, enum gb_control control,
        enum gb_reason reason, const char *subject, const char *arguments, size_t arguments_n)
{
	struct gb_ring_report report = {.head = {.pid = 5,
	                                        .kind = (uint16_t)kind,
	                                        .decision = (uint8_t)decision,
	                                        .control = (uint8_t)control,
	                                        .reason = (uint16_t)reason,
	                                        .input_slot = -1},
	        .subject = gb_span_cstr(subject),
	        .arguments = gb_span_of(arguments, arguments_n)};

	assert_true(gb_ring_put(bench->ring, &report));
}

static void observations_come_once_and_in_one_line(void **state)
{
	struct bench *bench = *state;

	for (int round = 0; round < 3; round++) {
		put(bench, GB_ACTIVITY_FILE_READ, GB_OBSERVE, GB_CONTROL_ALLOWLIST, GB_R_NOT_ON_ALLOWLIST, "/a", NULL,
		        0);
		put(bench, GB_ACTIVITY_FILE_WRITE, GB_OBSERVE, GB_CONTROL_ALLOWLIST, GB_R_NOT_ON_ALLOWLIST, "/a", NULL,
		        0);
		put(bench, GB_ACTIVITY_PROCESS_START, GB_OBSERVE, GB_CONTROL_ALLOWLIST, GB_R_NOT_ON_ALLOWLIST, "/s",
		        "s\0-c", 5);
	}
	warden_drain(bench->warden);
	count(log_of(bench), "\n", 1);
	count(bench->log, "\"phase\":\"init\"", 1);
	count(bench->log, "\"subject\":", 3);
	count(bench->log, "{\"kind\":\"process_start\",\"subject\":\"/s\",\"arguments\":[\"s\",\"-c\"]}", 1);
	put(bench, GB_ACTIVITY_FILE_READ, GB_OBSERVE, GB_CONTROL_ALLOWLIST, GB_R_NOT_ON_ALLOWLIST, "/a", NULL, 0);
	warden_drain(bench->warden);
	count(log_of(bench), "\n", 0);
}

static void what_the_ring_cut_is_marked(void **state)
{
	struct bench *bench = *state;
	char arguments[GB_RING_TEXT_BYTES + 1];

	memset(arguments, 'a', sizeof(arguments));
	put(bench, GB_ACTIVITY_PROCESS_START, GB_OBSERVE, GB_CONTROL_ALLOWLIST, GB_R_NOT_ON_ALLOWLIST, "/s", arguments,
	        GB_RING_TEXT_BYTES - 2);
	warden_drain(bench->warden);
	count(log_of(bench), "\"cut\":true", 0);
	put(bench, GB_ACTIVITY_PROCESS_START, GB_OBSERVE, GB_CONTROL_ALLOWLIST, GB_R_NOT_ON_ALLOWLIST, "/s", arguments,
	        GB_RING_TEXT_BYTES - 1);
	put(bench, GB_ACTIVITY_PROCESS_START, GB_DENY, GB_CONTROL_ALLOWLIST, GB_R_NOT_ON_ALLOWLIST, "/s", arguments,
	        GB_RING_TEXT_BYTES - 1);
	warden_drain(bench->warden);
	count(log_of(bench), "\"cut\":true", 2);
}

static void flow_finding_carries_its_evidence(void **state)
{
	struct bench *bench = *state;
	struct gb_ring_report report = {.head = {.pid = 7,
	                                        .kind = GB_ACTIVITY_PROCESS_START,
	                                        .decision = GB_DENY,
	                                        .control = GB_CONTROL_FLOW,
	                                        .reason = GB_R_FLOW_SHELL_COMMAND,
	                                        .input_slot = 2,
	                                        .input_entry = 1,
	                                        .input_from = 14,
	                                        .input_length = 5},
	        .subject = GB_SPAN("/bin/sh"),
	        .arguments = GB_SPAN("sh\0-c\0curl http://foobar;env #\0")};

	gb_input_begin(&bench->segment->input[2], GB_SPAN("r-2"));
	assert_true(gb_input_add(&bench->segment->input[2], (struct gb_input_string){GB_SPAN("a"), GB_SPAN("b c"), 0}));
	assert_true(gb_input_add(
	        &bench->segment->input[2], (struct gb_input_string){GB_SPAN("queryStringParameters.document_url"),
	                                           GB_SPAN("http://foobar ;env #"), 3}));
	gb_input_commit(&bench->segment->input[2]);
	bench->warden->invocations[2] =
	        (struct warden_invocation){.is_active = true, .request_id = "r-2", .request_id_n = 3};
	assert_true(gb_ring_put(bench->ring, &report));
	warden_drain(bench->warden);
	count(log_of(bench), "\"message\":\"`queryStringParameters.document_url` tried to make the shell run `env`\"",
	        1);
	count(bench->log, "\"request\":\"r-2\"", 1);
	count(bench->log,
	        "\"type\":\"Command Injection Attack\",\"class\":\"cmdi\",\"control\":\"flow\",\"action\":\"blocked\"",
	        1);
	count(bench->log, "\"value\":\"***;env ***\",\"from\":3,\"length\":5,\"masked\":true", 1);
	count(bench->log, "\"cwe\":78", 1);
}

static const struct sentence_row {
	enum gb_reason reason;
	const char *value;
	uint32_t from, length;
	const char *sentence;
} sentence_rows[] = {
        {GB_R_FLOW_SHELL_COMMAND, "http://foobar;env #", 13, 4, "`q` made the shell run `env`"},
        {GB_R_FLOW_SHELL_COMMAND, "http://example.com ; cat /etc/passwd #", 19, 17,
                "`q` made the shell run `cat /etc/passwd`"},
        {GB_R_FLOW_SHELL_COMMAND, "a && ls -l / | wc", 2, 15, "`q` made the shell run `ls -l /`"},
        {GB_R_FLOW_SHELL_COMMAND, "reboot", 0, 6, "`q` made the shell run `reboot`"},
        {GB_R_FLOW_SHELL_COMMAND, "ls -l; id", 0, 9, "`q` made the shell run `ls -l`"},
        {GB_R_FLOW_SHELL_QUOTE, "O'Brien", 1, 1, "`q` broke out of its quotes with `'`"},
        {GB_R_FLOW_SHELL_COMMAND, ";;", 0, 2, "`q` made the shell run `;;`"},
        {GB_R_FLOW_SHELL_SUBSTITUTION, "x $(id)", 2, 5, "`q` made the shell expand `$(id)`"},
        {GB_R_FLOW_SHELL_REDIRECTION, "x >/tmp/y", 2, 7, "`q` redirected the shell by `>/tmp/y`"},
        {GB_R_FLOW_SHELL_COMMENT, "x #", 2, 1, "`q` cut off the command with `#`"},
};

static void flow_is_told_in_plain_words(void **state)
{
	struct bench *bench = *state;

	for (size_t i = 0; i < sizeof(sentence_rows) / sizeof(sentence_rows[0]); i++) {
		const struct sentence_row *row = &sentence_rows[i];
		struct gb_ring_report report = {.head = {.kind = GB_ACTIVITY_PROCESS_START,
		                                        .decision = GB_REPORT,
		                                        .control = GB_CONTROL_FLOW,
		                                        .reason = (uint16_t)row->reason,
		                                        .input_from = row->from,
		                                        .input_length = row->length},
		        .subject = GB_SPAN("/bin/sh")};
		char want[128];

		gb_input_begin(&bench->segment->input[0], GB_SPAN("r"));
		assert_true(gb_input_add(&bench->segment->input[0],
		        (struct gb_input_string){GB_SPAN("q"), gb_span_cstr(row->value), 0}));
		gb_input_commit(&bench->segment->input[0]);
		assert_true(gb_ring_put(bench->ring, &report));
		warden_drain(bench->warden);
		(void)snprintf(want, sizeof(want), "\"message\":\"%s\"", row->sentence);
		count(log_of(bench), want, 1);
	}
}

static const struct alert_row {
	enum gb_activity_kind kind;
	const char *type;
} alert_rows[] = {{GB_ACTIVITY_PROCESS_START, "Process Event"}, {GB_ACTIVITY_FILE_READ, "File Event"},
        {GB_ACTIVITY_FILE_DELETE, "File Event"}, {GB_ACTIVITY_NET_CONNECT, "IP Event"},
        {GB_ACTIVITY_NET_LISTEN, "IP Event"}, {GB_ACTIVITY_MEMORY_FILE, "Process Event"},
        {GB_ACTIVITY_LIBRARY_MAP, "File Event"}, {GB_ACTIVITY_NAME_LOOKUP, "Host Event"},
        {GB_ACTIVITY_AWS_API, "API Event"}, {GB_ACTIVITY_HTTP_REQUEST, "HTTP Event"}};

static void kinds_have_their_alerts(void **state)
{
	struct bench *bench = *state;

	for (size_t i = 0; i < sizeof(alert_rows) / sizeof(alert_rows[0]); i++) {
		char want[64];

		put(bench, alert_rows[i].kind, GB_REPORT, GB_CONTROL_ALLOWLIST, GB_R_NOT_ON_ALLOWLIST, "/x", NULL, 0);
		warden_drain(bench->warden);
		(void)snprintf(want, sizeof(want), "\"type\":\"%s\",\"class\":\"%s\"", alert_rows[i].type,
		        gb_activity_kind_name(alert_rows[i].kind));
		count(log_of(bench), want, 1);
		count(bench->log, "\"action\":\"observed\"", 1);
	}
}

static void named_destinations_are_hosts(void **state)
{
	struct bench *bench = *state;
	struct gb_ring_report report = {.head = {.kind = GB_ACTIVITY_NET_CONNECT,
	                                        .decision = GB_REPORT,
	                                        .control = GB_CONTROL_ALLOWLIST,
	                                        .reason = GB_R_NOT_ON_ALLOWLIST},
	        .subject = GB_SPAN("10.0.0.1:443"),
	        .object = GB_SPAN("db.example.com")};

	assert_true(gb_ring_put(bench->ring, &report));
	warden_drain(bench->warden);
	count(log_of(bench), "\"type\":\"Host Event\",\"class\":\"net_connect\"", 1);
}

/* Records are the function's to write: numbers out of range and evidence that is not there. */
static void lies_do_no_harm(void **state)
{
	struct bench *bench = *state;

	for (unsigned i = 0; i < 8; i++) {
		struct gb_ring_report report = {.head = {.kind = 999,
		                                        .decision = GB_DENY,
		                                        .control = 200,
		                                        .reason = 9999,
		                                        .input_slot = (int8_t)(i * 31),
		                                        .input_entry = i,
		                                        .input_from = UINT32_MAX,
		                                        .input_length = UINT32_MAX,
		                                        .pid = -1},
		        .subject = GB_SPAN("\xff\n\"")};

		assert_true(gb_ring_put(bench->ring, &report));
	}
	put(bench, GB_ACTIVITY_FILE_READ, (enum gb_decision)77, GB_CONTROL_ALLOWLIST, GB_R_NONE, "/never", NULL, 0);
	put(bench, (enum gb_activity_kind)500, GB_OBSERVE, GB_CONTROL_ALLOWLIST, GB_R_NONE, "/never", NULL, 0);
	warden_drain(bench->warden);
	count(log_of(bench), "\n", 8);
	count(bench->log, "\"subject\":\"\\ufffd\\n\\\"\"", 8);
	count(bench->log, "\"input\"", 0);
	count(bench->log, "never", 0);
}

static void a_flood_is_cut_and_counted(void **state)
{
	struct bench *bench = *state;

	for (unsigned i = 0; i < 300; i++)
		put(bench, GB_ACTIVITY_PROCESS_START, GB_DENY, GB_CONTROL_ALLOWLIST, GB_R_NOT_ON_ALLOWLIST, "/f", NULL,
		        0);
	warden_drain(bench->warden);
	count(log_of(bench), "\"kind\":\"finding\"", FINDINGS_PER_EVENT);
	count(bench->log, "\"reason\":\"reports_lost\",\"message\":\"200 reports", 1);
}

static void a_full_ring_is_told(void **state)
{
	struct bench *bench = *state;
	struct gb_ring_report report = {
	        .head = {.kind = GB_ACTIVITY_FILE_READ, .decision = GB_OBSERVE}, .subject = GB_SPAN("/a")};

	for (unsigned i = 0; i < GB_RING_RECORDS + 7; i++)
		(void)gb_ring_put(bench->ring, &report);
	warden_drain(bench->warden);
	count(log_of(bench), "\"reason\":\"reports_lost\",\"message\":\"7 reports", 1);
}

/* What is told up to there still counts. */
static void a_loss_says_at_which_event(void **state)
{
	struct bench *bench = *state;

	bench->warden->observing.invocations = 437;
	gb_warden_write_notice(bench->warden, "medium", "observation_limit", "full");
	count(log_of(bench), "\"reason\":\"observation_limit\",\"invocations\":437,", 1);
}

/* A log that nobody reads: lines wait, then are lost with their numbers, and nothing blocks. */
static void a_full_log_loses_whole_lines(void **state)
{
	struct bench *bench = *state;
	size_t total = 0;

	for (unsigned i = 0; i < 2000; i++)
		gb_warden_write_notice(bench->warden, "low", "test", "line %u", i);
	assert_true(bench->warden->output.lost_lines > 0);
	for (;;) {
		const char *log = log_of(bench);

		if (bench->log_n == 0)
			break;
		for (const char *at = log; (at = strchr(at, '\n')) != NULL; at++)
			total++;
		warden_output_flush(bench->warden, 0);
	}
	assert_int_equal(total + bench->warden->output.lost_lines, 2000);
	assert_int_equal(bench->warden->output.seq, 2000);
}

static void single_modes_without_a_policy_reach_the_sensors(void **state)
{
	struct bench *bench = *state;
	struct gb_diag diag;
	struct gb_policy seen;

	bench->warden->options.mode = (struct gb_warden_mode_setting){true, GB_MODE_BLOCK};
	bench->warden->options.flow = (struct gb_warden_mode_setting){true, GB_MODE_DETECT};
	assert_int_equal(gb_warden_policy_load(bench->warden, &diag), 0);
	assert_int_equal(bench->segment->policy_generation, 1);
	assert_int_equal(
	        gb_policy_open(gb_span_of(bench->segment->policy[1], bench->segment->policies[1].bytes), &seen), 0);
	assert_int_equal(gb_policy_mode(&seen, GB_CONTROL_FLOW, GB_MODE_BLOCK), GB_MODE_DETECT);
	assert_int_equal(gb_policy_mode(&seen, GB_CONTROL_FIREWALL, GB_MODE_BLOCK), GB_MODE_BLOCK);
	assert_int_equal(gb_policy_mode(&seen, GB_CONTROL_ALLOWLIST, GB_MODE_BLOCK), GB_MODE_OFF);
	assert_true(gb_warden_observes(bench->warden));
}

/* What OFFERED has is put in force, and stays the warden's. */
static void put_in_force(struct bench *bench, const char *spec)
{
	struct loaded offered = load_spec(spec);
	char *file = (char *)offered.blob;

	assert_int_equal(warden_policy_put(bench->warden, &file, gb_span_of(offered.blob, offered.n)), 0);
}

static void report_by_rule(struct bench *bench, uint16_t tag, uint16_t generation)
{
	struct gb_ring_report report = {.head = {.kind = GB_ACTIVITY_FILE_READ,
	                                        .decision = GB_DENY,
	                                        .control = GB_CONTROL_RULE,
	                                        .reason = GB_R_RULE_DENIES,
	                                        .tag = tag,
	                                        .policy = generation},
	        .subject = GB_SPAN("/etc/passwd")};

	assert_true(gb_ring_put(bench->ring, &report));
	warden_drain(bench->warden);
}

/* By the policy that judged, not by the one in force now; a process may tell any number. */
static void the_rule_is_named(void **state)
{
	struct bench *bench = *state;

	put_in_force(bench, "rules: [{name: no-passwords, files: {read: [/etc/passwd]}}]");
	report_by_rule(bench, 1, 1);
	count(log_of(bench), "\"rule\":{\"name\":\"no-passwords\"}", 1);
	count(bench->log, "a rule of the policy forbids this: `no-passwords`\"", 1);
	put_in_force(bench, "rules: [{name: another, files: {read: [/etc/passwd]}}]");
	report_by_rule(bench, 1, 1);
	count(log_of(bench), "\"rule\":{\"name\":\"no-passwords\"}", 1);
	report_by_rule(bench, 1, 2);
	count(log_of(bench), "\"rule\":{\"name\":\"another\"}", 1);
	for (unsigned i = 0; i < 70; i++)
		report_by_rule(bench, (uint16_t)(i * 937), (uint16_t)(i * 631));
	count(log_of(bench), "\"rule\":", 0);
}

/* As if time had passed since the policy was put in force. */
static void what_expires_while_it_runs(void **state)
{
	struct bench *bench = *state;
	struct gb_policy seen;

	bench->warden->options.policy_path = "/nowhere/policy.gbp";
	put_in_force(bench, "enforce: at 2020-01-02, rules: [{name: old, expires: 2020-01-01, files: {read: [/x]}}]");
	assert_int_equal(bench->segment->policies[1].posture, GB_MODE_BLOCK);
	warden_policy_follow_dates(bench->warden);
	assert_int_equal(bench->segment->policy_generation, 1);
	bench->warden->policy.view.moment = 1577750400; /* 2019-12-31 */
	assert_int_equal(warden_policy_posture(bench->warden), GB_MODE_DETECT);
	assert_true(gb_warden_observes(bench->warden));
	warden_policy_follow_dates(bench->warden);
	assert_int_equal(bench->segment->policy_generation, 2);
	assert_int_equal(bench->segment->policies[2].posture, GB_MODE_BLOCK);
	count(log_of(bench), "\"reason\":\"policy_changed\"", 1);
	assert_int_equal(
	        gb_policy_open(gb_span_of(bench->segment->policy[2], bench->segment->policies[2].bytes), &seen), 0);
	seen.moment = bench->segment->policies[2].moment;
	assert_int_equal(gb_policy_next_change(&seen), 0);
	warden_policy_follow_dates(bench->warden);
	assert_int_equal(bench->segment->policy_generation, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        BENCH_TEST(observations_come_once_and_in_one_line),
	        BENCH_TEST(what_the_ring_cut_is_marked),
	        BENCH_TEST(flow_finding_carries_its_evidence),
	        BENCH_TEST(flow_is_told_in_plain_words),
	        BENCH_TEST(kinds_have_their_alerts),
	        BENCH_TEST(named_destinations_are_hosts),
	        BENCH_TEST(lies_do_no_harm),
	        BENCH_TEST(a_flood_is_cut_and_counted),
	        BENCH_TEST(a_full_ring_is_told),
	        BENCH_TEST(a_loss_says_at_which_event),
	        BENCH_TEST(a_full_log_loses_whole_lines),
	        BENCH_TEST(single_modes_without_a_policy_reach_the_sensors),
	        BENCH_TEST(the_rule_is_named),
	        BENCH_TEST(what_expires_while_it_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
