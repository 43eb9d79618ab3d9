/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policyc/print: pieces of YAML. Private to policyc.
 */
#ifndef GB_POLICYC_PRINT_H
#define GB_POLICYC_PRINT_H

#include "policyc/policyc.h"

/* Whether a star alone at a pattern's end stands for all that lies below. */
enum gb_policyc_path_form {
	GB_POLICYC_NO_PATHS = 0,
	GB_POLICYC_PATHS,
};

/* TEXT plain where no YAML reader can mistake it, else in double quotes. */
void gb_policyc_print_text(const char *text, FILE *out);
void gb_policyc_print_pair(int indent, const char *key, const char *value, FILE *out);
/* Nothing when there are no strings. */
void gb_policyc_print_strings(int indent, const char *key, const struct gb_policyc_strings *strings, FILE *out);

/* Rules or exclusions; and what one of them, or the allowlist, matches. */
void gb_policyc_print_entries(const char *key, const struct gb_policyc_entries *entries, FILE *out);
void gb_policyc_print_matches(int indent, const struct gb_policyc_entry *entry, FILE *out);
/* An item of a list of exceptions. */
void gb_policyc_print_exception(int indent, const struct gb_policyc_exception *exception, FILE *out);

/* The same for people. */
void gb_policyc_print_exception_row(const struct gb_policyc_exception *exception, FILE *out);

/* `firewall:` with all its settings. */
void gb_policyc_print_firewall(const struct gb_policyc_firewall *firewall, FILE *out);
/* The same for people. */
void gb_policyc_print_firewall_table(const struct gb_policyc_firewall *firewall, FILE *out);

#endif
