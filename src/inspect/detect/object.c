/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deserialization: text that makes a careless reader build an object of a class of the sender's choice, in the formats
 * that name classes: PHP, YAML's tags, polymorphic JSON, functions in JSON, XML of Java's beans; binary ones besides.
 */
#include "inspect/bytes.h"
#include "inspect/decode/decode.h"
#include "inspect/detect/object.h"

#define CLASS_NAME_MAX 200u
#define SIGN_STEPS     48u  /* a byte that a format may begin with */
#define NAME_STEPS     256u /* a name behind it */

static bool convict(struct gb_detect_hit *hit, const char *reason, size_t from, size_t length)
{
	*hit = (struct gb_detect_hit){.reason = reason, .from = from, .length = length};
	return true;
}

static bool is_word(unsigned char c)
{
	return gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '_' || c == '$';
}

/* O:4:"Name":2:{ and C:…; a sign before the length is allowed. */
static bool find_php(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text;

	for (size_t brace = gb_bytes_find(text, '{', 0); brace != SIZE_MAX;
	        brace = gb_bytes_find(text, '{', brace + 1)) {
		size_t at = brace, start, name_end;

		/* From the brace back: the count, the name, its length, the letter. */
		if (!gb_detect_spend(input->work, SIGN_STEPS))
			return false;
		if (at < 8 || text.p[--at] != ':')
			continue;
		for (start = at; start > 0 && gb_ascii_is_digit(text.p[start - 1]) && at - start < 10;)
			start--;
		if (start == at || start < 6 || text.p[start - 1] != ':' || text.p[start - 2] != '"')
			continue;
		if (!gb_detect_spend(input->work, NAME_STEPS))
			return false;
		name_end = at = start - 2;
		while (at > 0 && name_end - at < CLASS_NAME_MAX &&
		        (is_word(text.p[at - 1]) || text.p[at - 1] == '\\' || text.p[at - 1] >= 0x80))
			at--;
		if (at == name_end || at < 4 || text.p[at - 1] != '"' || text.p[at - 2] != ':')
			continue;
		for (start = at - 2; start > 0 && gb_ascii_is_digit(text.p[start - 1]) && at - start < 12;)
			start--;
		if (start == at - 2)
			continue;
		start -= start > 0 && text.p[start - 1] == '+';
		if (start >= 2 && text.p[start - 1] == ':' &&
		        (gb_ascii_lower(text.p[start - 2]) == 'o' || text.p[start - 2] == 'C') &&
		        (start == 2 || !is_word(text.p[start - 3])))
			return convict(hit, "object_php", start - 2, brace + 1 - (start - 2));
	}
	return false;
}

/* Length of a dotted name of a class at AT: com.example.Name; *RET_DOTS of them. 0 when the last part is no class's. */
static size_t class_name(struct gb_span text, size_t at, unsigned *ret_dots)
{
	size_t start = at, part = at;

	*ret_dots = 0;
	while (at < text.n && at - start < CLASS_NAME_MAX && (is_word(text.p[at]) || text.p[at] == '.')) {
		if (text.p[at] == '.') {
			if (at == part)
				return 0;
			part = at + 1;
			++*ret_dots;
		}
		at++;
	}
	if (at == part || text.p[part] < 'A' || text.p[part] > 'Z')
		return 0;
	return at - start;
}

/* FROM is behind the mark of a %TAG directive: the prefix that it stands for names a language, or Java's classes. */
static bool is_tag_of_language(struct gb_span text, size_t from)
{
	const size_t at = gb_bytes_find_text(gb_span_sub(text, 0, from + 40), GB_SPAN("tag:yaml.org,2002:"), from);

	return at != SIZE_MAX && at + 18 < text.n && gb_ascii_is_alpha(text.p[at + 18]);
}

/* The tags by which readers of YAML make objects: !!python/…, !ruby/…, !!java.name.Class. */
static bool find_yaml(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text;
	static const struct gb_span languages[] = {{(const unsigned char *)"python/", 7},
	        {(const unsigned char *)"ruby/", 5}, {(const unsigned char *)"php/", 4},
	        {(const unsigned char *)"perl/", 5}, {(const unsigned char *)"js/", 3}};

	for (size_t mark = gb_bytes_find(text, '!', 0); mark != SIZE_MAX; mark = gb_bytes_find(text, '!', mark + 1)) {
		size_t at = mark + 1, length;
		unsigned dots;
		unsigned char before = mark > 0 ? text.p[mark - 1] : ' ';

		if (!gb_detect_spend(input->work, SIGN_STEPS))
			return false;
		if (is_word(before) || before == '!')
			continue;
		at += at < text.n && text.p[at] == '!';
		if (gb_span_starts(gb_span_sub(text, at, 32), GB_SPAN("<tag:yaml.org,2002:")))
			at += 19;
		else if (gb_span_starts(gb_span_sub(text, at, 2), GB_SPAN("<!")))
			at += 2;
		for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
			if (gb_span_starts(gb_span_sub(text, at, 8), languages[i]) && at + languages[i].n < text.n &&
			        gb_ascii_is_alpha(text.p[at + languages[i].n]))
				return convict(hit, "object_yaml_tag", mark, at + languages[i].n - mark);
		/* %TAG ! tag:yaml.org,2002:python/…: a name for such tags. */
		if (mark >= 5 && gb_span_equal(gb_span_sub(text, mark - 5, 5), GB_SPAN("%TAG ")) &&
		        is_tag_of_language(text, at))
			return convict(hit, "object_yaml_tag", mark - 5, 6);
		if (at == mark + 1 && !gb_span_starts(gb_span_sub(text, at, 7), GB_SPAN("System.")))
			continue;
		if (!gb_detect_spend(input->work, NAME_STEPS))
			return false;
		length = class_name(text, at, &dots);
		if (length != 0 && dots >= 2)
			return convict(hit, "object_yaml_tag", mark, length + (at - mark));
	}
	return false;
}

/* A class of Java's platform or of libraries that gadgets are made of, as TEXT's beginning. */
static bool is_platform_class(struct gb_span text)
{
	static const char *const roots[] = {"com.sun.", "javax.", "org.apache.", "org.springframework.",
	        "java.lang.Process", "java.lang.Runtime", "java.net.", "java.util.concurrent.Concurrent", "jdk.",
	        "sun.", "ch.qos.", "com.mchange.", "org.jdom.", "com.zaxxer.", "oracle.", "net.sf.", "org.hibernate.",
	        "groovy.", "com.caucho.", "bsh."};

	if (text.n < 4 || !gb_ascii_is_alpha(text.p[0]))
		return false;
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (roots[i][0] == (char)text.p[0] && gb_span_starts(text, gb_span_cstr(roots[i])))
			return true;
	return false;
}

/* Whether PATH ends with the name of a member, escapes of JSON in it undone: a@\u0074ype. */
static bool ends_with_type(struct gb_span path)
{
	struct gb_span tail = gb_span_sub(path, path.n > 30 ? path.n - 30 : 0, 30);
	unsigned char out[32];
	size_t n;

	if (tail.n < 8 || !gb_span_ends(tail, GB_SPAN("e")) || gb_bytes_find(tail, '\\', 0) == SIZE_MAX)
		return false;
	n = gb_decode_escapes(tail, out);
	return n != SIZE_MAX && gb_span_ends(gb_span_of(out, n), GB_SPAN("@type"));
}

/* The value of "@type", "$type" and the like in JSON: the name of a class with its package or assembly. */
static bool find_typed(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text, path = input->path;
	bool is_net = gb_span_ends(path, GB_SPAN("$type"));
	bool is_first = gb_span_ends(path, GB_SPAN("[0]"));
	unsigned dots;
	size_t length;

	if (input->origin == GB_ORIGIN_KEY)
		return gb_span_starts(text, GB_SPAN("py/")) &&
		       (gb_span_equal(text, GB_SPAN("py/object")) || gb_span_equal(text, GB_SPAN("py/reduce")) ||
		               gb_span_equal(text, GB_SPAN("py/function")) ||
		               gb_span_equal(text, GB_SPAN("py/type"))) &&
		       convict(hit, "object_python_json", 0, text.n);
	if (gb_span_ends(path, GB_SPAN("__js_function")) && gb_span_starts(text, GB_SPAN("function")))
		return convict(hit, "object_function", 0, text.n);
	if ((gb_span_ends(path, GB_SPAN(".^o")) || gb_span_ends(path, GB_SPAN("json_class")) ||
	            gb_span_equal(path, GB_SPAN("^o")) || gb_span_equal(path, GB_SPAN("^c"))) &&
	        gb_bytes_find_text(text, GB_SPAN("::"), 0) != SIZE_MAX && text.p[0] >= 'A' && text.p[0] <= 'Z')
		return convict(hit, "object_ruby_json", 0, text.n);
	is_net |= gb_span_ends(path, GB_SPAN("__type"));
	/* Members that configurations use as well: only classes that none of them names. */
	if ((gb_span_ends(path, GB_SPAN("class")) || gb_span_ends(path, GB_SPAN("Class"))) &&
	        !gb_span_ends(path, GB_SPAN("@class")))
		return (gb_span_starts(text, GB_SPAN("com.sun.")) ||
		               gb_span_starts(text, GB_SPAN("java.lang.Process")) ||
		               gb_span_starts(text, GB_SPAN("java.lang.Runtime")) ||
		               gb_span_starts(text, GB_SPAN("javax.naming.")) ||
		               gb_span_starts(text, GB_SPAN("javax.script."))) &&
		       convict(hit, "object_typed_json", 0, text.n);
	if (!is_net && !is_first && !gb_span_ends(path, GB_SPAN("@type")) && !gb_span_ends(path, GB_SPAN("@class")) &&
	        !ends_with_type(path))
		return false;
	/* Descriptors of the virtual machine: Lcom.x.Y; and [com.x.Y */
	while (text.n > 8 && (text.p[0] == '[' || (text.p[0] == 'L' && text.p[text.n - 1] == ';')))
		text = gb_span_sub(text, 1, text.n - 1 - (text.p[0] == 'L'));
	length = class_name(text, 0, &dots);
	if (length == 0 || dots == 0)
		return false;
	/* Types of an application's own are what such members are for; of the platform's, collections. */
	if (is_net)
		return (dots >= 2 || gb_span_equal(gb_span_sub(text, length, 8), GB_SPAN(":#System"))) &&
		       length + 2 < text.n && (text.p[length] == ',' || text.p[length] == ':') &&
		       (gb_span_starts(text, GB_SPAN("System.")) || gb_span_starts(text, GB_SPAN("Microsoft."))) &&
		       !gb_span_starts(text, GB_SPAN("System.Collections.Generic.")) &&
		       convict(hit, "object_net_type", 0, text.n);
	if (length != text.n || dots < 2)
		return false;
	/* An array whose first element is a class of the platform's own: Jackson's wrapper. */
	if (is_first && !is_platform_class(text))
		return false;
	return convict(hit, "object_typed_json", 0, input->text.n);
}

/* node-serialize writes functions as text behind this mark, and evaluates them. */
static bool find_function(struct gb_span text, struct gb_detect_hit *hit)
{
	size_t at = gb_bytes_find_text(text, GB_SPAN("_$$ND_FUNC$$_"), 0);

	return at != SIZE_MAX && convict(hit, "object_function", at, 13);
}

/* XMLDecoder and XStream: elements that construct and call. */
static bool find_xml(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text;
	static const struct gb_span openers[] = {{(const unsigned char *)"<void method=", 13},
	        {(const unsigned char *)"<object class=\"java", 19}, {(const unsigned char *)"<void class=\"java", 17},
	        {(const unsigned char *)"<dynamic-proxy>", 15}, {(const unsigned char *)"<java.util.PriorityQueue", 24},
	        {(const unsigned char *)"<java version=", 14}, {(const unsigned char *)"<ObjectDataProvider", 19},
	        {(const unsigned char *)"<struct type=\"L", 15}};

	unsigned dots;
	size_t at;

	for (at = gb_bytes_find(text, '<', 0); at != SIZE_MAX; at = gb_bytes_find(text, '<', at + 1)) {
		if (!gb_detect_spend(input->work, SIGN_STEPS))
			return false;
		for (size_t i = 0; i < sizeof(openers) / sizeof(openers[0]); i++)
			if (at + 1 < text.n && text.p[at + 1] == openers[i].p[1] &&
			        gb_span_starts(gb_span_sub(text, at, 32), openers[i]))
				return convict(hit, "object_xml", at, openers[i].n);
		if (is_platform_class(gb_span_sub(text, at + 1, CLASS_NAME_MAX)) &&
		        class_name(text, at + 1, &dots) > 0 && dots >= 2)
			return convict(hit, "object_xml", at, 2);
	}
	/* Types of .NET in attributes. */
	if ((at = gb_bytes_find_text(text, GB_SPAN("clr-namespace:System"), 0)) != SIZE_MAX ||
	        (at = gb_bytes_find_text(text, GB_SPAN("ExpandedWrapper`"), 0)) != SIZE_MAX)
		return convict(hit, "object_xml", at, 16);
	return false;
}

bool gb_detect_deserialization(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	uint32_t mask = input->mask;
	struct gb_span text = input->text;

	if (find_typed(input, ret_hit))
		return true;
	if ((mask & GB_BYTE_BRACE) != 0 && (mask & GB_BYTE_DOUBLE) != 0 && (mask & GB_BYTE_COLON) != 0 &&
	        find_php(input, ret_hit))
		return true;
	if ((input->pairs & GB_PAIR_NOT) != 0 && (mask & (GB_BYTE_SLASH | GB_BYTE_DOT)) != 0 &&
	        find_yaml(input, ret_hit))
		return true;
	if ((mask & GB_BYTE_DOLLAR) != 0 && find_function(text, ret_hit))
		return true;
	if ((mask & GB_BYTE_ANGLE) != 0 && (mask & (GB_BYTE_EQUAL | GB_BYTE_DOT)) != 0 && find_xml(input, ret_hit))
		return true;
	if (gb_detect_object_whole(input, ret_hit))
		return true;
	if ((mask & (GB_BYTE_HIGH | GB_BYTE_CONTROL | GB_BYTE_NEWLINE)) == 0 &&
	        (input->pairs & (GB_PAIR_OBJECT | GB_PAIR_VIEW_STATE | GB_PAIR_HEXADECIMAL)) == 0)
		return false;
	return text.n >= 8 && gb_detect_spend(input->work, text.n) && gb_detect_object_binary(input, ret_hit);
}
