/* SPDX-License-Identifier: Apache-2.0 */
#include "firewall/firewall.h"

#define NAME_BYTES_MAX 48u
#define MASK           GB_SPAN("***")

/* Parts of names that mean something to be kept, in lower case, without '-' and '_'. */
static const char parts[] =
        "password passwd passphrase passcode pwd secret token authorization cookie apikey accesskey "
        "privatekey credential session jwt cvv cvc cardnumber creditcard iban ssn";
/* Names that mean it only as a whole. */
static const char wholes[] = "auth pass pin otp bearer";

static bool is_listed(const char *list, struct gb_span name, bool is_whole)
{
	struct gb_span rest = gb_span_cstr(list);

	while (rest.n != 0) {
		size_t blank = gb_span_find_byte(rest, ' ', 0);
		struct gb_span word = gb_span_sub(rest, 0, blank);

		if (is_whole ? gb_span_equal(name, word) : gb_span_find(name, word, 0) != SIZE_MAX)
			return true;
		rest = blank == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(rest, blank + 1, SIZE_MAX);
	}
	return false;
}

static bool is_border(unsigned char c)
{
	return c == '.' || c == '[' || c == ']' || c == '"';
}

bool gb_firewall_is_secret(struct gb_span path)
{
	char buffer[NAME_BYTES_MAX];
	struct gb_text name = gb_text_on(buffer, sizeof(buffer));

	for (size_t i = 0; i <= path.n; i++) {
		if (i < path.n && !is_border(path.p[i])) {
			if (path.p[i] != '-' && path.p[i] != '_')
				gb_text_add_byte(&name, gb_ascii_lower(path.p[i]));
			continue;
		}
		if (is_listed(parts, gb_text_span(&name), false) || is_listed(wholes, gb_text_span(&name), true))
			return true;
		name = gb_text_on(buffer, sizeof(buffer));
	}
	return false;
}

void gb_firewall_redact(enum gb_blob_redaction redaction, const struct gb_input_string *string, size_t from,
        size_t length, char buffer[GB_FIREWALL_SHOWN_BYTES], struct gb_firewall_shown *ret_shown)
{
	struct gb_span value = string->value, evidence = gb_span_sub(value, from, length);
	struct gb_text text = gb_text_on(buffer, GB_FIREWALL_SHOWN_BYTES);

	*ret_shown = (struct gb_firewall_shown){.value = value, .from = from, .length = evidence.n};
	if (redaction == GB_BLOB_REDACT_ALL || string->origin == GB_ORIGIN_COOKIE ||
	        gb_firewall_is_secret(string->path)) {
		*ret_shown = (struct gb_firewall_shown){
		        .value = MASK, .length = MASK.n, .is_masked = true, .is_wholly_masked = true};
		return;
	}
	if (redaction == GB_BLOB_REDACT_NONE || evidence.n == value.n)
		return;
	evidence = gb_span_sub(evidence, 0, GB_FIREWALL_SHOWN_BYTES - 2 * MASK.n);
	if (from != 0)
		gb_text_add(&text, MASK);
	ret_shown->from = text.n;
	gb_text_add(&text, evidence);
	ret_shown->length = evidence.n;
	if (from + evidence.n < value.n)
		gb_text_add(&text, MASK);
	ret_shown->value = gb_text_span(&text);
	ret_shown->is_masked = true;
}
