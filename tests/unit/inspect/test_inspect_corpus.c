/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Detection quality as a budget: share of attacks found, of ordinary texts and of texts about attacks that raise a false
 * alarm. On our own corpora (tests/corpora), or, with the argument `shared`, on those that lie beside the project and are
 * not part of it; it skips, and says so, where these are not.
 */
#include "inspect/inspect.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct budget {
	const char *file;
	bool is_attack;
	bool is_hard; /* of the benign file: the hard tier */
	double limit; /* per cent: at least for attacks, at most for benign text */
};

static const struct budget shared_budgets[] = {
        {"cmdi.jsonl", true, false, 96.0},
        {"lfi.jsonl", true, false, 98.0},
        {"sqli.jsonl", true, false, 96.0},
        {"nosqli.jsonl", true, false, 98.0},
        {"xxe.jsonl", true, false, 100.0},
        {"ldapi.jsonl", true, false, 97.0},
        {"ssrf.jsonl", true, false, 95.0},
        {"deser.jsonl", true, false, 97.0},
        {"jndi.jsonl", true, false, 95.0},
        {"xss.jsonl", true, false, 95.0},
        {"csvi.jsonl", true, false, 97.0},
        {"codei.jsonl", true, false, 98.0},
        {"ssti.jsonl", true, false, 97.0},
        {"benign.jsonl", false, false, 0.05},
        {"benign.jsonl", false, true, 3.0},
};

/* A little below what is reached; `blind`, when there is one, is for nobody to tune on. */
static const struct budget own_budgets[] = {
        {"known/cmdi.jsonl", true, false, 99.0},
        {"known/codei.jsonl", true, false, 98.5},
        {"known/csvi.jsonl", true, false, 98.5},
        {"known/lfi.jsonl", true, false, 98.0},
        {"known/nosqli.jsonl", true, false, 99.0},
        {"known/sqli.jsonl", true, false, 99.0},
        {"known/xss.jsonl", true, false, 99.0},
        {"known/xxe.jsonl", true, false, 99.0},
        {"known/ssrf.jsonl", true, false, 99.0},
        {"known/ssti.jsonl", true, false, 99.0},
        {"known/ldapi.jsonl", true, false, 98.5},
        {"known/deser.jsonl", true, false, 99.0},
        {"known/jndi.jsonl", true, false, 99.0},
        {"known/benign.jsonl", false, false, 0.2},
        {"known/hard.jsonl", false, false, 0.1},
        {"known/benign_second.jsonl", false, false, 0.2},
        {"known/hard_second.jsonl", false, false, 2.0},
        {"known/cmdi_third.jsonl", true, false, 99.0},
        {"known/codei_third.jsonl", true, false, 99.0},
        {"known/csvi_third.jsonl", true, false, 99.0},
        {"known/lfi_third.jsonl", true, false, 99.0},
        {"known/nosqli_third.jsonl", true, false, 99.0},
        {"known/sqli_third.jsonl", true, false, 99.0},
        {"known/xss_third.jsonl", true, false, 99.0},
        {"known/xxe_third.jsonl", true, false, 99.0},
        {"known/ssrf_third.jsonl", true, false, 99.0},
        {"known/ssti_third.jsonl", true, false, 99.0},
        {"known/ldapi_third.jsonl", true, false, 99.0},
        {"known/deser_third.jsonl", true, false, 99.0},
        {"known/jndi_third.jsonl", true, false, 99.0},
        {"known/prose_cmdi_third.jsonl", true, false, 83.0},
        {"known/prose_csvi_third.jsonl", true, false, 99.0},
        {"known/prose_jndi_third.jsonl", true, false, 99.0},
        {"known/prose_lfi_third.jsonl", true, false, 78.0},
        {"known/prose_sqli_third.jsonl", true, false, 95.0},
        {"known/prose_ssrf_third.jsonl", true, false, 7.0},
        {"known/prose_ssti_third.jsonl", true, false, 87.0},
        {"known/prose_xss_third.jsonl", true, false, 99.0},
        {"known/benign_third.jsonl", false, false, 0.4},
        {"known/hard_third.jsonl", false, false, 1.6},
        {"known/hard_fourth.jsonl", false, false, 4.7},
        {"known/benign_second_blind.jsonl", false, false, 0.0},
        {"known/hard_second_blind.jsonl", false, false, 3.7},
        {"known/benign_third_blind.jsonl", false, false, 0.15},
        {"known/hard_third_blind.jsonl", false, false, 2.9},
        {"known/hard_fourth_blind.jsonl", false, false, 4.0},
        {"known/benign_fifth_blind.jsonl", false, false, 0.0},
        {"known/hard_fifth_blind.jsonl", false, false, 3.0},
        {"known/benign_seventh.jsonl", false, false, 0.25},
        {"known/hard_seventh.jsonl", false, false, 1.9},
        {"blind/cmdi.jsonl", true, false, 90.0},
        {"blind/codei.jsonl", true, false, 90.0},
        {"blind/csvi.jsonl", true, false, 90.0},
        {"blind/lfi.jsonl", true, false, 90.0},
        {"blind/nosqli.jsonl", true, false, 90.0},
        {"blind/sqli.jsonl", true, false, 90.0},
        {"blind/xss.jsonl", true, false, 90.0},
        {"blind/xxe.jsonl", true, false, 90.0},
        {"blind/ssrf.jsonl", true, false, 85.0},
        {"blind/ssti.jsonl", true, false, 90.0},
        {"blind/ldapi.jsonl", true, false, 90.0},
        {"blind/deser.jsonl", true, false, 90.0},
        {"blind/jndi.jsonl", true, false, 90.0},
        {"blind/cmdi_third.jsonl", true, false, 99.0},
        {"blind/codei_third.jsonl", true, false, 95.0},
        {"blind/csvi_third.jsonl", true, false, 90.0},
        {"blind/lfi_third.jsonl", true, false, 99.0},
        {"blind/nosqli_third.jsonl", true, false, 95.0},
        {"blind/sqli_third.jsonl", true, false, 99.0},
        {"blind/xss_third.jsonl", true, false, 99.0},
        {"blind/xxe_third.jsonl", true, false, 99.0},
        {"blind/ssrf_third.jsonl", true, false, 99.0},
        {"blind/ssti_third.jsonl", true, false, 99.0},
        {"blind/ldapi_third.jsonl", true, false, 99.0},
        {"blind/deser_third.jsonl", true, false, 99.0},
        {"blind/jndi_third.jsonl", true, false, 99.0},
        {"blind/prose_cmdi_third.jsonl", true, false, 94.0},
        {"blind/prose_csvi_third.jsonl", true, false, 99.0},
        {"blind/prose_jndi_third.jsonl", true, false, 99.0},
        {"blind/prose_lfi_third.jsonl", true, false, 99.0},
        {"blind/prose_sqli_third.jsonl", true, false, 90.0},
        {"blind/prose_ssrf_third.jsonl", true, false, 15.0},
        {"blind/prose_ssti_third.jsonl", true, false, 93.0},
        {"blind/prose_xss_third.jsonl", true, false, 99.0},
        {"blind/cmdi_fifth.jsonl", true, false, 96.0},
        {"blind/codei_fifth.jsonl", true, false, 98.0},
        {"blind/csvi_fifth.jsonl", true, false, 99.0},
        {"blind/lfi_fifth.jsonl", true, false, 99.0},
        {"blind/nosqli_fifth.jsonl", true, false, 98.0},
        {"blind/sqli_fifth.jsonl", true, false, 96.0},
        {"blind/xss_fifth.jsonl", true, false, 99.0},
        {"blind/xxe_fifth.jsonl", true, false, 97.0},
        {"blind/ssrf_fifth.jsonl", true, false, 94.0},
        {"blind/ssti_fifth.jsonl", true, false, 95.0},
        {"blind/ldapi_fifth.jsonl", true, false, 93.0},
        {"blind/deser_fifth.jsonl", true, false, 99.0},
        {"blind/jndi_fifth.jsonl", true, false, 99.0},
        {"blind/prose_cmdi_fifth.jsonl", true, false, 64.0},
        {"blind/prose_csvi_fifth.jsonl", true, false, 99.0},
        {"blind/prose_jndi_fifth.jsonl", true, false, 93.0},
        {"blind/prose_lfi_fifth.jsonl", true, false, 20.0},
        {"blind/prose_sqli_fifth.jsonl", true, false, 84.0},
        /* None are found: the row holds that both ways agree. */
        {"blind/prose_ssrf_fifth.jsonl", true, false, 0.0},
        {"blind/prose_ssti_fifth.jsonl", true, false, 82.0},
        {"blind/prose_xss_fifth.jsonl", true, false, 94.0},
        {"blind/benign_sixth.jsonl", false, false, 0.08},
        {"blind/hard_sixth.jsonl", false, false, 2.7},
        {"blind/benign_seventh.jsonl", false, false, 0.11},
        {"blind/hard_seventh.jsonl", false, false, 1.9},
        {"blind/cmdi_eighth.jsonl", true, false, 98.4},
        {"blind/codei_eighth.jsonl", true, false, 96.9},
        {"blind/csvi_eighth.jsonl", true, false, 98.4},
        {"blind/deser_eighth.jsonl", true, false, 95.3},
        {"blind/jndi_eighth.jsonl", true, false, 99.0},
        {"blind/ldapi_eighth.jsonl", true, false, 99.0},
        {"blind/lfi_eighth.jsonl", true, false, 99.0},
        {"blind/nosqli_eighth.jsonl", true, false, 97.1},
        {"blind/sqli_eighth.jsonl", true, false, 99.0},
        {"blind/ssrf_eighth.jsonl", true, false, 92.1},
        {"blind/ssti_eighth.jsonl", true, false, 99.0},
        {"blind/xss_eighth.jsonl", true, false, 99.0},
        {"blind/xxe_eighth.jsonl", true, false, 98.3},
};

struct count {
	unsigned all;
	unsigned found;
	unsigned others; /* found only on one of the two ways */
};

static void count_line(
        struct count *count, const struct budget *budget, const json_t *row, struct gb_inspect_scratch *scratch)
{
	static const struct gb_inspect_options options, brief = {.is_brief = true};
	const char *note = json_string_value(json_object_get(row, "note"));
	const json_t *payload = json_object_get(row, "payload");
	struct gb_inspect_report report, first;
	size_t n = json_string_length(payload);
	unsigned char *copy;

	if (note == NULL)
		note = "";
	if (budget->is_attack ? strncmp(note, "weak", 4) == 0 : (strncmp(note, "hard", 4) == 0) != budget->is_hard)
		return;
	copy = malloc(n == 0 ? 1 : n);
	if (copy == NULL)
		abort();
	if (n != 0)
		memcpy(copy, json_string_value(payload), n);
	gb_inspect_value(&brief, gb_span_of(copy, n), scratch, &first);
	gb_inspect_value(&options, gb_span_of(copy, n), scratch, &report);
	free(copy);
	count->all++;
	count->found += report.finding_count != 0;
	/* The way that ends at the first finding finds the same payloads. */
	count->others += (first.finding_count != 0) != (report.finding_count != 0);
	if (!budget->is_attack && report.finding_count != 0)
		printf("# false alarm: %s %s\n", json_string_value(json_object_get(row, "id")),
		        report.findings[0].reason);
}

static bool check(unsigned number, const char *folder, const struct budget *budget, struct gb_inspect_scratch *scratch)
{
	char path[1024], *line = NULL;
	size_t cap = 0;
	struct count count = {0};
	double share;
	bool is_good;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, budget->file);
	file = fopen(path, "re");
	while (file != NULL && getline(&line, &cap, file) >= 0) {
		json_t *row = json_loads(line, JSON_ALLOW_NUL, NULL);

		if (row != NULL)
			count_line(&count, budget, row, scratch);
		json_decref(row);
	}
	free(line);
	if (file != NULL)
		fclose(file);
	share = count.all != 0 ? 100.0 * count.found / count.all : -1;
	is_good = count.all != 0 && count.others == 0 &&
	          (budget->is_attack ? share >= budget->limit : share <= budget->limit);
	if (count.others != 0)
		printf("# %u judged otherwise when one finding is enough\n", count.others);
	printf("%s %u - %s%s: %u of %u, %.3f %%, budget %s %.2f %%\n", is_good ? "ok" : "not ok", number, budget->file,
	        budget->is_hard ? " (hard)" : "", count.found, count.all, share,
	        budget->is_attack ? "at least" : "at most", budget->limit);
	return is_good;
}

int main(int argc, char **argv)
{
	const bool is_shared = argc > 1 && strcmp(argv[1], "shared") == 0;
	const char *folder = is_shared ? GB_CORPORA : GB_OWN_CORPORA;
	const struct budget *budgets = is_shared ? shared_budgets : own_budgets;
	unsigned total = is_shared ? sizeof(shared_budgets) / sizeof(shared_budgets[0])
	                           : sizeof(own_budgets) / sizeof(own_budgets[0]);
	struct gb_inspect_scratch *scratch;

	if (is_shared && access(GB_CORPORA "/benign.jsonl", R_OK) != 0) {
		printf("1..0 # SKIP no corpora in " GB_CORPORA "\n");
		fprintf(stderr, "skipped: no corpora in " GB_CORPORA "\n");
		return 0;
	}
	if (!is_shared && access(GB_OWN_CORPORA "/blind", R_OK) != 0)
		while (total > 0 && strncmp(budgets[total - 1].file, "blind/", 6) == 0)
			total--;
	scratch = malloc(gb_inspect_scratch_bytes());
	if (scratch == NULL)
		return 1;
	printf("1..%u\n", total);
	for (unsigned i = 0; i < total; i++)
		check(i + 1, folder, &budgets[i], scratch);
	free(scratch);
	return 0;
}
