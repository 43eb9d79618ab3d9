/* SPDX-License-Identifier: Apache-2.0 */
/* Which detector is most likely to find something, by the few bytes that attacks of its class begin with. Wrong guesses
 * cost time, nothing else. */
#include "inspect/bytes.h"
#include "inspect/detect/detect.h"

/* Bytes that join commands of a shell. */
#define JOINS (GB_BYTE_SEMICOLON | GB_BYTE_PIPE | GB_BYTE_AMPERSAND | GB_BYTE_NEWLINE)

#define SCHEME_MAX 12u

static bool has(struct gb_span text, struct gb_span sign)
{
	return gb_bytes_find_text(text, sign, 0) != SIZE_MAX;
}

/* By the byte behind the first <. */
static enum gb_attack_class class_of_angle(struct gb_span text)
{
	const size_t at = gb_bytes_find(text, '<', 0);
	const struct gb_span rest = at == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(text, at + 1, 3);

	if (rest.n == 0)
		return GB_CLASS_NONE;
	if (rest.p[0] == '!')
		return gb_span_equal(rest, GB_SPAN("!--")) ? GB_CLASS_CODE_INJECTION : GB_CLASS_XML_ENTITY;
	if (rest.p[0] == '?')
		return gb_span_equal(rest, GB_SPAN("?xm")) ? GB_CLASS_XML_ENTITY : GB_CLASS_CODE_INJECTION;
	return gb_ascii_is_alpha(rest.p[0]) || rest.p[0] == '/' ? GB_CLASS_XSS : GB_CLASS_NONE;
}

/* Variables of a shell, operators of a store, expressions of templates. */
static enum gb_attack_class class_of_dollar(struct gb_span text, uint32_t mask)
{
	const size_t at = gb_bytes_find(text, '$', 0);
	const unsigned char next = at != SIZE_MAX && at + 1 < text.n ? text.p[at + 1] : 0;

	if (next == '{')
		return (mask & GB_BYTE_COLON) != 0 ? GB_CLASS_NAMING_LOOKUP : GB_CLASS_TEMPLATE;
	if (next == '(')
		return GB_CLASS_COMMAND_INJECTION;
	if (next >= 'a' && next <= 'z' && at > 0 && (gb_byte_classes[text.p[at - 1]] & GB_BYTE_ALNUM) == 0)
		return GB_CLASS_NOSQL_INJECTION;
	return (mask & JOINS) != 0 ? GB_CLASS_COMMAND_INJECTION : GB_CLASS_NONE;
}

static enum gb_attack_class class_of_first(struct gb_span text)
{
	switch (text.n == 0 ? 0 : text.p[0]) {
	case '=':
	case '+':
	case '@': return GB_CLASS_CSV_INJECTION;
	case '-': return text.n > 1 && gb_ascii_is_digit(text.p[1]) ? GB_CLASS_NONE : GB_CLASS_CSV_INJECTION;
	case ';':
	case '|':
	case '&': return GB_CLASS_COMMAND_INJECTION;
	case '/':
	case '.': return GB_CLASS_FILE_INCLUSION;
	default: return GB_CLASS_NONE;
	}
}

static enum gb_attack_class class_of(const struct gb_detect_input *input)
{
	const struct gb_span text = gb_span_trim(input->text);
	const uint32_t mask = input->mask;
	enum gb_attack_class likely = GB_CLASS_NONE;
	size_t colon;

	if ((mask & GB_BYTE_BRACE) != 0 && has(text, GB_SPAN("{{")))
		return GB_CLASS_TEMPLATE;
	if ((mask & GB_BYTE_ANGLE) != 0)
		likely = class_of_angle(text);
	if (likely == GB_CLASS_NONE && (mask & GB_BYTE_DOLLAR) != 0)
		likely = class_of_dollar(text, mask);
	if (likely == GB_CLASS_NONE && (mask & GB_BYTE_BACKTICK) != 0)
		likely = GB_CLASS_COMMAND_INJECTION;
	if (likely == GB_CLASS_NONE)
		likely = class_of_first(text);
	if (likely != GB_CLASS_NONE)
		return likely;
	if ((mask & GB_BYTE_PAREN) != 0 && (has(text, GB_SPAN(")(")) || has(text, GB_SPAN("*)"))))
		return GB_CLASS_DIRECTORY_QUERY;
	if ((input->pairs & GB_PAIR_DOTS) != 0)
		return GB_CLASS_FILE_INCLUSION;
	colon = (mask & GB_BYTE_COLON) != 0 ? gb_bytes_find_text(text, GB_SPAN("://"), 0) : SIZE_MAX;
	if (colon <= SCHEME_MAX)
		return GB_CLASS_SERVER_REQUEST;
	if (gb_detect_sql_is_hinted(text, mask, input->pairs))
		return GB_CLASS_SQL_INJECTION;
	return (mask & JOINS) != 0 ? GB_CLASS_COMMAND_INJECTION : GB_CLASS_NONE;
}

const struct gb_detector *gb_detector_likely(const struct gb_detect_input *input)
{
	const enum gb_attack_class likely = class_of(input);

	for (size_t i = 0; i < gb_detector_count; i++)
		if (gb_detectors[i].attack_class == likely)
			return &gb_detectors[i];
	return NULL;
}
