/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prototype pollution: a key, or a path of keys in a form's field name, that leads to the prototype which all objects of
 * a JavaScript program share.
 */
#include "inspect/bytes.h"
#include "inspect/detect/detect.h"

static bool convict(struct gb_detect_hit *hit, const char *reason, size_t from, size_t length)
{
	*hit = (struct gb_detect_hit){.reason = reason, .from = from, .length = length};
	return true;
}

/* Whether WORD at AT stands as a step of a path of keys: a[WORD], a.WORD, WORD[…]; *RET_NEXT behind it and its closers. */
static bool is_step(struct gb_span text, size_t at, struct gb_span word, size_t *ret_next)
{
	unsigned char before = at > 0 ? text.p[at - 1] : '.';
	size_t next = at + word.n;

	if (!gb_span_equal(gb_span_sub(text, at, word.n), word))
		return false;
	if (gb_ascii_is_alpha(before) || gb_ascii_is_digit(before) || before == '_' || before == '$' || before == '-')
		return false;
	while (next < text.n && (text.p[next] == '"' || text.p[next] == '\'' || text.p[next] == ']'))
		next++;
	*ret_next = next;
	return true;
}

/* What follows goes one step further: .name, [name, or the value of a key. */
static bool goes_on(struct gb_span text, size_t at)
{
	if (at + 1 >= text.n)
		return false;
	if (text.p[at] == '[')
		return text.p[at + 1] != ']' || (at + 2 < text.n && text.p[at + 2] == '=');
	/* A pointer (RFC 6901). */
	if (text.p[at] == '/')
		return gb_ascii_is_alpha(text.p[at + 1]) || text.p[at + 1] == '_';
	if (text.p[at] == '.')
		return gb_ascii_is_alpha(text.p[at + 1]) || text.p[at + 1] == '_' || text.p[at + 1] == '$';
	return text.p[at] == '=' || text.p[at] == ':';
}

/* __pro__proto__to__: what is left when a filter takes WORD at AT out of the text is WORD again. */
static bool is_nested(struct gb_span text, size_t at, struct gb_span word)
{
	struct gb_span behind = gb_span_sub(text, at + word.n, SIZE_MAX);

	for (size_t k = 1; k < word.n && k <= at; k++)
		if (gb_span_equal(gb_span_sub(text, at - k, k), gb_span_sub(word, 0, k)) &&
		        gb_span_starts(behind, gb_span_sub(word, k, SIZE_MAX)))
			return true;
	return false;
}

static bool find_path(struct gb_span text, struct gb_detect_hit *hit)
{
	static const struct gb_span proto = {(const unsigned char *)"__proto__", 9};
	static const struct gb_span constructor = {(const unsigned char *)"constructor", 11};
	static const struct gb_span prototype = {(const unsigned char *)"prototype", 9};
	size_t next, behind;

	for (size_t at = gb_bytes_find_text(text, proto, 0); at != SIZE_MAX;
	        at = gb_bytes_find_text(text, proto, at + 1))
		if (is_nested(text, at, proto) ||
		        (is_step(text, at, proto, &next) &&
		                (goes_on(text, next) || (at > 0 && text.p[at - 1] == '[' && text.p[next - 1] == ']'))))
			return convict(hit, "prototype_key_path", at, proto.n);
	for (size_t at = gb_bytes_find_text(text, constructor, 0); at != SIZE_MAX;
	        at = gb_bytes_find_text(text, constructor, at + 1)) {
		if (is_nested(text, at, constructor))
			return convict(hit, "prototype_key_path", at, constructor.n);
		if (!is_step(text, at, constructor, &next) || next >= text.n)
			continue;
		if (text.p[next] != '.' && text.p[next] != '[' && text.p[next] != '/')
			continue;
		next++;
		while (next < text.n && (text.p[next] == '"' || text.p[next] == '\''))
			next++;
		if (is_step(text, next, prototype, &behind) && goes_on(text, behind))
			return convict(hit, "prototype_key_path", at, behind - at);
	}
	/* Object.prototype.x=…, the assignment itself. */
	next = gb_bytes_find_text(text, GB_SPAN("Object.prototype."), 0);
	behind = next == SIZE_MAX ? SIZE_MAX : gb_bytes_find(text, '=', next);
	if (behind != SIZE_MAX && behind + 1 < text.n && text.p[behind + 1] != '=' && next < 8)
		return convict(hit, "prototype_key_path", next, behind - next);
	return false;
}

bool gb_detect_prototype(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	struct gb_span text = input->text;
	uint32_t mask = input->mask;
	bool is_pointer;

	if (input->origin == GB_ORIGIN_KEY) {
		if (gb_span_equal(text, GB_SPAN("__proto__")))
			return convict(ret_hit, "prototype_key", 0, text.n);
		if (gb_span_equal(text, GB_SPAN("prototype")))
			return gb_span_ends(input->path, GB_SPAN("constructor.prototype")) &&
			       convict(ret_hit, "prototype_key", 0, text.n);
	}
	/* What only a pointer has: /constructor/prototype/x */
	is_pointer = text.n <= 128 && text.p[0] == '/' && (mask & GB_BYTE_SPACE) == 0;
	if ((mask & (GB_BYTE_BRACKET | GB_BYTE_DOT | GB_BYTE_COLON | GB_BYTE_SLASH)) == 0 || text.n < 11 ||
	        (!is_pointer && (input->pairs & (GB_PAIR_UNDERSCORES | GB_PAIR_MEMBER)) == 0))
		return false;
	text = gb_span_trim(text);
	if (text.n != input->text.n)
		mask = gb_bytes_mask(text);
	/* In a sentence it is talk. */
	if ((mask & (GB_BYTE_SPACE | GB_BYTE_NEWLINE)) != 0 && input->origin != GB_ORIGIN_KEY)
		return false;
	if (!find_path(text, ret_hit))
		return false;
	ret_hit->from += (size_t)(text.p - input->text.p);
	return true;
}
