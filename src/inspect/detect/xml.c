/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML external entities and their like: what makes a parser fetch another resource or grow without bounds. Declarations
 * of entities, DTDs from elsewhere, XInclude, style sheets and schemas from elsewhere.
 */
#include "inspect/bytes.h"
#include "inspect/detect/capability.h"
#include "inspect/detect/detect.h"
#include "inspect/detect/xml_address.h"
#include "inspect/lex/lex.h"

#define TAG_STEPS     64u
#define WORD_MAX      96u   /* longest name or address that is looked at */
#define VALUE_MAX     4096u /* bytes of an entity's value that are looked at */
#define ATTRIBUTE_MAX 40u   /* tokens of one tag */
#define DOCUMENTS_MAX 8u    /* entities whose use in the document is counted */

/* A text, in UTF-8 (stride 1) or UTF-16. */
struct document {
	struct gb_span text;
	size_t stride;
	bool has_include_namespace;
	unsigned counted;
};

#define S(text)                                                                                                        \
	{                                                                                                              \
		(const unsigned char *)(text), sizeof(text) - 1                                                        \
	}

/* Part of a document as plain bytes, cut. */
struct word {
	unsigned char bytes[WORD_MAX];
	struct gb_span span;
};

static struct gb_span narrow(const struct document *document, struct gb_span part, struct word *ret_word)
{
	size_t n = 0;

	if (document->stride == 1)
		return part;
	for (size_t i = 0; i < part.n && n < WORD_MAX; i += document->stride)
		ret_word->bytes[n++] = part.p[i];
	return ret_word->span = gb_span_of(ret_word->bytes, n);
}

static struct gb_span unquoted(struct gb_span literal)
{
	bool is_closed = literal.n >= 2 && literal.p[literal.n - 1] == literal.p[0];

	return gb_span_sub(literal, 1, literal.n - (is_closed ? 2 : 1));
}

static bool convict(
        const struct document *document, struct gb_detect_hit *hit, const char *reason, size_t from, size_t to)
{
	*hit = (struct gb_detect_hit){.reason = reason, .from = from, .length = to - from};
	if (hit->from + hit->length > document->text.n)
		hit->length = document->text.n - hit->from;
	return true;
}

/* `<!DOCTYPE name SYSTEM "…"`: an external subset that is no publisher's. */
static bool judge_doctype(const struct document *document, size_t from, size_t at, struct gb_detect_hit *hit)
{
	struct gb_span part, address;
	struct word word;
	enum gb_xml_token token, kind;

	if (gb_lex_xml_next(document->text, document->stride, &at, &part) != GB_XML_NAME)
		return false;
	kind = gb_lex_xml_next(document->text, document->stride, &at, &part);
	if (kind != GB_XML_SYSTEM && kind != GB_XML_PUBLIC)
		return false;
	token = gb_lex_xml_next(document->text, document->stride, &at, &part);
	if (token != GB_XML_LITERAL)
		return false;
	address = unquoted(narrow(document, part, &word));
	if (kind == GB_XML_PUBLIC) {
		/* ISO 8879's formal public identifiers: registration//owner//class … */
		bool is_formal = gb_bytes_find_text(address, GB_SPAN("//"), 0) != SIZE_MAX;

		if (gb_lex_xml_next(document->text, document->stride, &at, &part) != GB_XML_LITERAL)
			return false;
		address = unquoted(narrow(document, part, &word));
		if (is_formal && !gb_xml_address_is_web(address) && !gb_xml_address_has_odd_scheme(address) &&
		        !gb_span_starts(address, GB_SPAN("/")))
			return false;
	}
	if (address.n == 0 || gb_span_equal_nocase(address, GB_SPAN("about:legacy-compat")) ||
	        gb_span_starts(address, GB_SPAN("urn:")) || gb_xml_address_is_publisher(address))
		return false;
	/* A declaration that a sentence goes on behind, and no document. */
	if (document->stride == 1 && gb_bytes_find(document->text, '<', at) == SIZE_MAX &&
	        gb_code_measure(gb_span_sub(document->text, at, 256)).prose_words > 2)
		return false;
	return convict(document, hit, "xml_external_subset", from, at);
}

/* References to entities other than the five of XML itself and characters: `&name;`, `%name;`. */
static unsigned count_references(const struct document *document, struct gb_span value)
{
	static const struct gb_span own[] = {S("amp"), S("lt"), S("gt"), S("quot"), S("apos"), S("nbsp")};
	unsigned count = 0;
	struct word word;

	for (size_t i = 0; i < value.n; i += document->stride) {
		size_t end = i + document->stride;
		struct gb_span name;
		bool is_own = false;

		if (value.p[i] != '&' && value.p[i] != '%')
			continue;
		while (end < value.n && end - i < WORD_MAX &&
		        (gb_ascii_is_alpha(value.p[end]) || gb_ascii_is_digit(value.p[end]) || value.p[end] == '_' ||
		                value.p[end] == '-' || value.p[end] == '.' || value.p[end] == ':'))
			end += document->stride;
		if (end >= value.n || value.p[end] != ';' || end == i + document->stride)
			continue;
		name = narrow(document, gb_span_sub(value, i + document->stride, end - i - document->stride), &word);
		for (size_t k = 0; k < sizeof(own) / sizeof(own[0]); k++)
			is_own = is_own || gb_span_equal(name, own[k]);
		count += !is_own;
	}
	return count;
}

/* How the document uses the entity NAME: as all of an element's content, or many times one behind the other. */
static bool is_expanded(const struct document *document, struct gb_span name, size_t at)
{
	struct gb_span text = document->text;
	unsigned run = 0;
	size_t end_of_last = 0;

	for (size_t i = gb_bytes_find(text, '&', at); i != SIZE_MAX; i = gb_bytes_find(text, '&', i + 1)) {
		size_t end = i + name.n + 2;

		if (end > text.n || text.p[end - 1] != ';' || !gb_span_equal(gb_span_sub(text, i + 1, name.n), name))
			continue;
		run = i == end_of_last ? run + 1 : 1;
		end_of_last = end;
		if (run >= 4 || (i > 0 && text.p[i - 1] == '>' && end < text.n && text.p[end] == '<'))
			return true;
	}
	return false;
}

/* Characters and namespaces are what ordinary documents declare. */
static bool is_ordinary_value(struct gb_span value)
{
	return value.n <= 1 || (value.n <= 4 && value.p[0] >= 0x80) ||
	       (value.n <= 10 && gb_span_starts(value, GB_SPAN("&#"))) || gb_xml_address_is_web(value) ||
	       gb_xml_starts_nocase(value, GB_SPAN("urn:"));
}

static bool judge_entity(struct document *document, size_t from, size_t at, struct gb_detect_hit *hit)
{
	struct gb_span name, value, part;
	enum gb_xml_token token = gb_lex_xml_next(document->text, document->stride, &at, &name);
	struct word word;
	size_t inner = 0;

	while (token == GB_XML_PERCENT)
		token = gb_lex_xml_next(document->text, document->stride, &at, &name);
	if (token != GB_XML_NAME && token != GB_XML_SYSTEM && token != GB_XML_PUBLIC)
		return false;
	token = gb_lex_xml_next(document->text, document->stride, &at, &value);
	if (token == GB_XML_SYSTEM || token == GB_XML_PUBLIC) {
		token = gb_lex_xml_next(document->text, document->stride, &at, &value);
		return (token == GB_XML_LITERAL || token == GB_XML_OTHER) &&
		       convict(document, hit, "xml_external_entity", from, at);
	}
	if (token != GB_XML_LITERAL)
		return false;
	value = document->stride == 1 ? unquoted(value) : gb_span_sub(value, document->stride, SIZE_MAX);
	value = gb_span_sub(value, 0, VALUE_MAX);
	while (inner < value.n && value.p[inner] != '<')
		inner += document->stride;
	if (gb_lex_xml_next(value, document->stride, &inner, &part) == GB_XML_ENTITY)
		return convict(document, hit, "xml_nested_entity", from, at);
	if (count_references(document, value) != 0)
		return convict(document, hit, "xml_entity_expansion", from, at);
	if (document->stride != 1 || is_ordinary_value(narrow(document, value, &word)) ||
	        ++document->counted > DOCUMENTS_MAX)
		return false;
	return name.n <= WORD_MAX && is_expanded(document, name, at) &&
	       convict(document, hit, "xml_entity_expansion", from, at);
}

static struct gb_span local_name(struct gb_span tag)
{
	size_t colon = gb_span_find_last_byte(tag, ':');

	return colon == SIZE_MAX ? gb_span_sub(tag, 1, tag.n - 1) : gb_span_sub(tag, colon + 1, tag.n - colon - 1);
}

/* http://203.0.113.4/s.xsl: a feed's own style sheet lies at a name. */
static bool has_number_host(struct gb_span address)
{
	size_t at = gb_bytes_find_text(gb_span_sub(address, 0, 16), GB_SPAN("//"), 0), from;

	if (at == SIZE_MAX)
		return false;
	for (from = at += 2; at < address.n && (gb_ascii_is_digit(address.p[at]) || address.p[at] == '.'); at++)
		continue;
	return at > from && (at == address.n || address.p[at] == '/' || address.p[at] == ':');
}

static bool judge_tag(
        const struct document *document, struct gb_span tag, size_t from, size_t at, struct gb_detect_hit *hit)
{
	struct word tag_word, name_word, value_word;
	struct gb_span part, name = GB_SPAN_EMPTY, full = narrow(document, tag, &tag_word), local = local_name(full);
	struct gb_xml_element element = {
	        .is_include = gb_span_equal(local, GB_SPAN("include")) || gb_span_equal(local, GB_SPAN("import"))};
	bool has_equal = false;

	element.is_style =
	        gb_xml_starts_nocase(full, GB_SPAN("<xsl:")) || gb_span_equal(full, GB_SPAN("<?xml-stylesheet"));
	element.is_xi = document->has_include_namespace || gb_xml_starts_nocase(full, GB_SPAN("<xi:"));
	element.is_include = element.is_include || gb_span_equal(full, GB_SPAN("<?xml-stylesheet"));
	for (unsigned i = 0; i < ATTRIBUTE_MAX; i++) {
		enum gb_xml_token token = gb_lex_xml_next(document->text, document->stride, &at, &part);
		const char *reason;

		if (token == GB_XML_NAME || token == GB_XML_SYSTEM || token == GB_XML_PUBLIC) {
			name = narrow(document, part, &name_word);
			has_equal = false;
		} else if (token == GB_XML_EQUAL) {
			has_equal = name.n != 0;
		} else if (token == GB_XML_LITERAL && has_equal) {
			if (full.p[1] == '?' && gb_xml_address_is_web(unquoted(narrow(document, part, &value_word))) &&
			        !has_number_host(unquoted(narrow(document, part, &value_word))))
				continue;
			reason = gb_xml_judge_attribute(name, unquoted(narrow(document, part, &value_word)), &element);
			if (reason != NULL)
				return convict(document, hit, reason, from, at);
			name = GB_SPAN_EMPTY;
		} else if (token != GB_XML_OTHER) {
			break;
		}
	}
	return false;
}

/* Whether an entity is declared and, behind its declaration, referred to: a document within a sentence, no talk of one. */
static bool uses_own_entity(struct gb_span text, size_t at)
{
	struct gb_span name;
	size_t end;

	at = gb_bytes_find_text(text, GB_SPAN("<!ENTITY"), at);
	if (at == SIZE_MAX || gb_lex_xml_next(text, 1, &at, &name) != GB_XML_ENTITY ||
	        gb_lex_xml_next(text, 1, &at, &name) != GB_XML_NAME)
		return false;
	for (at = gb_bytes_find(text, '&', at); at != SIZE_MAX; at = gb_bytes_find(text, '&', at + 1)) {
		end = at + 1 + name.n;
		if (end < text.n && text.p[end] == ';' && gb_span_equal(gb_span_sub(text, at + 1, name.n), name))
			return true;
	}
	return false;
}

/* Where reading begins and how: SIZE_MAX when the text is a sentence that mentions markup further on. */
static size_t open_document(struct document *document)
{
	struct gb_span text = document->text;
	size_t first = gb_bytes_find(text, '<', 0);
	unsigned blanks = 0;

	if (first == SIZE_MAX)
		return SIZE_MAX;
	if (first + 1 < text.n && text.p[first + 1] == 0)
		document->stride = 2;
	else if (first > 0 && first % 2 == 1 && text.p[first - 1] == 0 && first + 2 < text.n && text.p[first + 1] == 0)
		document->stride = 2;
	else if (first > 0 && text.p[first - 1] == 0 && first + 1 < text.n && text.p[first + 1] == 0)
		document->stride = 2;
	for (size_t i = 0; i < first; i++)
		blanks += gb_ascii_is_space(text.p[i]) && i > 0 && !gb_ascii_is_space(text.p[i - 1]) &&
		          text.p[i - 1] != 0;
	return blanks <= 2 || (document->stride == 1 && uses_own_entity(text, first)) ? first : SIZE_MAX;
}

bool gb_detect_xml(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	struct document document = {.text = input->text, .stride = 1};
	size_t at = open_document(&document), step;

	if (at == SIZE_MAX)
		return false;
	document.has_include_namespace = gb_bytes_find_text(input->text, GB_SPAN("/XInclude"), at) != SIZE_MAX;
	for (; at != SIZE_MAX; at = gb_bytes_find(input->text, '<', at + 1)) {
		enum gb_xml_token token;
		struct gb_span part;

		if (!gb_detect_spend(input->work, TAG_STEPS))
			return false;
		step = at;
		token = gb_lex_xml_next(input->text, document.stride, &step, &part);
		if (!gb_detect_spend(input->work, step - at))
			return false;
		if (token == GB_XML_DOCTYPE && judge_doctype(&document, at, step, ret_hit))
			return true;
		if (token == GB_XML_ENTITY && judge_entity(&document, at, step, ret_hit))
			return true;
		if ((token == GB_XML_TAG || token == GB_XML_INSTRUCTION) &&
		        judge_tag(&document, part, at, step, ret_hit))
			return true;
	}
	return false;
}
