/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/print.h"

#include "policyc/guards.h"
#include "policyc/moment.h"

#include <string.h>

static bool is_plain_byte(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '/' || c == '.' || c == '_' || c == '-' || c == '+';
}

/* Words that some YAML reader takes for something else than text. */
static bool is_word_of_yaml(const char *text)
{
	static const char *const words[] = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (gb_span_equal_nocase(gb_span_cstr(text), gb_span_cstr(words[i])))
			return true;
	return false;
}

static bool is_plain(const char *text)
{
	if (text[0] != '/' && !gb_ascii_is_alpha((unsigned char)text[0]))
		return false;
	for (const char *c = text; *c != '\0'; c++)
		if (!is_plain_byte((unsigned char)*c))
			return false;
	return !is_word_of_yaml(text);
}

/* Characters that YAML takes for line ends or not at all: C1 controls, U+2028, U+2029, the byte order mark, U+FFFE and
 * U+FFFF. Their length in bytes, or 0. */
static size_t odd_character(const unsigned char *c, unsigned *ret_code)
{
	if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f) {
		*ret_code = c[1];
		return 2;
	}
	if (c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0xa8 || c[2] == 0xa9)) {
		*ret_code = 0x2000u + (c[2] & 0x3fu);
		return 3;
	}
	if (c[0] == 0xef && ((c[1] == 0xbb && c[2] == 0xbf) || (c[1] == 0xbf && c[2] >= 0xbe))) {
		*ret_code = 0xf000u + ((c[1] & 0x3fu) << 6) + (c[2] & 0x3fu);
		return 3;
	}
	return 0;
}

void gb_policyc_print_text(const char *text, FILE *out)
{
	if (is_plain(text)) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (const char *c = text; *c != '\0'; c++) {
		unsigned code = 0;
		size_t n = odd_character((const unsigned char *)c, &code);

		if (n != 0) {
			fprintf(out, "\\u%04X", code);
			c += n - 1;
		} else if (*c == '"' || *c == '\\')
			fprintf(out, "\\%c", *c);
		else if (*c == '\n')
			fputs("\\n", out);
		else if ((unsigned char)*c < 0x20 || *c == 0x7f)
			fprintf(out, "\\x%02X", (unsigned char)*c);
		else
			fputc(*c, out);
	}
	fputc('"', out);
}

void gb_policyc_print_pair(int indent, const char *key, const char *value, FILE *out)
{
	fprintf(out, "%*s%s: ", indent, "", key);
	gb_policyc_print_text(value, out);
	fputc('\n', out);
}

void gb_policyc_print_strings(int indent, const char *key, const struct gb_policyc_strings *strings, FILE *out)
{
	if (strings->count == 0)
		return;
	fprintf(out, "%*s%s:\n", indent, "", key);
	for (size_t i = 0; i < strings->count; i++) {
		fprintf(out, "%*s- ", indent + 2, "");
		gb_policyc_print_text(strings->items[i], out);
		fputc('\n', out);
	}
}

static void print_controls(const struct gb_policyc_document *document, FILE *out)
{
	static const struct {
		const char *name;
		enum gb_control control;
	} controls[] = {
	        {"firewall", GB_CONTROL_FIREWALL},
	        {"flow", GB_CONTROL_FLOW},
	        {"rules", GB_CONTROL_RULE},
	        {"allowlist", GB_CONTROL_ALLOWLIST},
	        {"drift", GB_CONTROL_DRIFT},
	        {"forbidden", GB_CONTROL_FORBIDDEN},
	        {"decoys", GB_CONTROL_DECOY},
	        {"credentials", GB_CONTROL_CREDENTIAL},
	        {"budgets", GB_CONTROL_BUDGET},
	        {"hygiene", GB_CONTROL_HYGIENE},
	};
	bool is_begun = false;

	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
		uint8_t mode = document->control_modes[controls[i].control];

		if (mode == GB_BLOB_MODE_POSTURE)
			continue;
		/* Off is what they are when nothing is said. */
		if (mode == GB_MODE_OFF && controls[i].control >= GB_CONTROL_DRIFT &&
		        controls[i].control != GB_CONTROL_CREDENTIAL &&
		        !gb_policyc_has_guard(document, controls[i].control))
			continue;
		if (!is_begun)
			fputs("  controls:\n", out);
		is_begun = true;
		gb_policyc_print_pair(4, controls[i].name, gb_mode_name((enum gb_mode)mode), out);
	}
}

static void print_enforce(const struct gb_policyc_document *document, FILE *out)
{
	char buffer[40];
	struct gb_text text = gb_text_on(buffer, sizeof(buffer));

	if (document->enforce == GB_POLICYC_AT_ONCE)
		return;
	gb_text_add_cstr(&text, document->enforce == GB_POLICYC_AFTER_LEARNING ? "after learning" : "at ");
	if (document->enforce == GB_POLICYC_AT_TIME)
		gb_policyc_moment_print(document->enforce_at, GB_POLICYC_DAY_FIRST, &text);
	gb_policyc_print_pair(2, "enforce", gb_text_cstr(&text), out);
}

void gb_policyc_print(const struct gb_policyc_document *document, FILE *out)
{
	fputs("apiVersion: gambeson/v1\nkind: FunctionPolicy\n", out);
	if (document->name[0] != '\0') {
		fputs("metadata:\n", out);
		gb_policyc_print_pair(2, "name", document->name, out);
	}
	fputs("spec:\n", out);
	gb_policyc_print_pair(2, "posture", gb_mode_name(document->posture), out);
	gb_policyc_print_pair(2, "stance", gb_stance_name(document->stance), out);
	print_enforce(document, out);
	if (document->observe)
		fputs("  observe: true\n", out);
	if (document->review_unlisted)
		fputs("  unlisted: review\n", out);
	print_controls(document, out);
	fputs("  flow:\n", out);
	gb_policyc_print_pair(4, "onLimit", gb_mode_name(document->flow_on_limit), out);
	if (document->block_body != NULL) {
		fputs("  block:\n", out);
		gb_policyc_print_pair(4, "body", document->block_body, out);
	}
	gb_policyc_print_firewall(&document->firewall, out);
	/* An allowlist in force with nothing on it still has to be said. */
	if (!gb_policyc_entry_is_empty(&document->allow) ||
	        document->control_modes[GB_CONTROL_ALLOWLIST] == GB_BLOB_MODE_POSTURE) {
		fputs("  allow:\n", out);
		gb_policyc_print_matches(4, &document->allow, out);
	}
	gb_policyc_print_guards(document, out);
	gb_policyc_print_entries("rules", &document->rules, out);
	gb_policyc_print_entries("exclusions", &document->exclusions, out);
}
