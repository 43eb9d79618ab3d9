/* SPDX-License-Identifier: Apache-2.0 */
/* Values that a browser gives a meaning of their own: addresses, style sheets, event handlers. */
#include "inspect/bytes.h"
#include "inspect/detect/xss.h"

#define SCHEME_MAX 24u
#define STYLE_MAX  2048u

static const char *const script_schemes[] = {"javascript", "vbscript", "livescript", "mocha", "jscript"};
/* Schemes that take another address inside. */
static const char *const outer_schemes[] = {"feed", "view-source", "pcast", "jar", "x"};
/* Types that a browser parses for script when it shows them in a frame, or runs: prefixes. */
static const char *const live_types[] = {"text/html", "image/svg", "text/xml", "application/xml", "application/xhtml",
        "text/javascript", "application/javascript", "application/x-javascript", "text/ecmascript", "text/x-scriptlet",
        "application/x-shockwave", "text/css", ",", ";"};

static bool is_one_of(struct gb_span text, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (gb_span_equal(text, gb_span_cstr(list[i])))
			return true;
	return false;
}
#define IS_ONE_OF(text, list) is_one_of(text, list, sizeof(list) / sizeof((list)[0]))

/* URL standard §4.4: tab and newline are dropped anywhere, controls and blanks in front; older browsers dropped more. */
static size_t read_scheme(struct gb_span value, size_t at, unsigned char *scheme, size_t *ret_n)
{
	size_t n = 0;

	for (; at < value.n && n < SCHEME_MAX; at++) {
		unsigned char c = gb_ascii_lower(value.p[at]);

		if (c == ':') {
			*ret_n = n;
			return at + 1;
		}
		if ((c >= 'a' && c <= 'z') || c == '-')
			scheme[n++] = c;
		else if (c == '<' || c == ']') {
			/* The seams of a comment or of CDATA: old XML islands joined their text. */
			size_t end = gb_bytes_find(gb_span_sub(value, 0, at + 24), c == '<' ? '>' : '[', at);

			if (end == SIZE_MAX)
				return SIZE_MAX;
			if (c == ']')
				end = gb_bytes_find(gb_span_sub(value, 0, at + 24), '[', end + 1);
			if (end == SIZE_MAX)
				return SIZE_MAX;
			at = end;
		} else if (c > 0x20 && c != 0x7f && c != '\\')
			return SIZE_MAX;
	}
	return SIZE_MAX;
}

static bool is_live_data(struct gb_span rest)
{
	unsigned char type[32];
	size_t n = 0;

	for (size_t i = 0; i < rest.n && n < sizeof(type); i++)
		if (rest.p[i] > 0x20)
			type[n++] = gb_ascii_lower(rest.p[i]);
	for (size_t i = 0; i < sizeof(live_types) / sizeof(live_types[0]); i++)
		if (gb_span_starts(gb_span_of(type, n), gb_span_cstr(live_types[i])))
			return true;
	return false;
}

enum gb_xss_url gb_xss_url(struct gb_span value)
{
	unsigned char scheme[SCHEME_MAX];
	size_t at = 0, next, n;

	while (at < value.n && (value.p[at] <= 0x20 || gb_bytes_find(GB_SPAN("`'\";"), value.p[at], 0) != SIZE_MAX))
		at++;
	if (at + 2 < value.n && (value.p[at] == '/' || value.p[at] == '\\') &&
	        (value.p[at + 1] == '/' || value.p[at + 1] == '\\'))
		return GB_XSS_URL_EXTERNAL;
	for (unsigned round = 0; round < 3; round++) {
		struct gb_span name;

		next = read_scheme(value, at, scheme, &n);
		if (next == SIZE_MAX)
			return GB_XSS_URL_PLAIN;
		name = gb_span_of(scheme, n);
		if (IS_ONE_OF(name, script_schemes)) {
			struct gb_span rest = gb_span_sub(value, next, SIZE_MAX);

			return gb_xss_is_idle(rest) ? GB_XSS_URL_PLAIN : GB_XSS_URL_SCRIPT;
		}
		if (gb_span_equal(name, GB_SPAN("data")))
			return is_live_data(gb_span_sub(value, next, 64)) ? GB_XSS_URL_DATA : GB_XSS_URL_PLAIN;
		if (gb_span_equal(name, GB_SPAN("http")) || gb_span_equal(name, GB_SPAN("https")) ||
		        gb_span_equal(name, GB_SPAN("ftp")) || gb_span_equal(name, GB_SPAN("mhtml")))
			return GB_XSS_URL_EXTERNAL;
		if (!IS_ONE_OF(name, outer_schemes))
			return GB_XSS_URL_PLAIN;
		at = next;
	}
	return GB_XSS_URL_PLAIN;
}

/* CSS as a parser joins it: lower case, without comments and blanks, escapes undone (CSS Syntax §4.3.7). */
static size_t fold_style(struct gb_span css, unsigned char *out, unsigned *ret_disguised)
{
	size_t n = 0;

	*ret_disguised = 0;

	for (size_t at = 0; at < css.n && n < STYLE_MAX;) {
		unsigned char c = css.p[at];

		if (c == '/' && at + 1 < css.n && css.p[at + 1] == '*') {
			size_t end = gb_bytes_find_text(css, GB_SPAN("*/"), at + 2);

			if (end == SIZE_MAX)
				break;
			at = end + 2;
			continue;
		}
		if (c == '\\' && at + 1 < css.n) {
			unsigned code = 0;
			size_t digits = 0;

			while (digits < 6 && at + 1 + digits < css.n && gb_hex_value(css.p[at + 1 + digits]) >= 0)
				code = code * 16 + (unsigned)gb_hex_value(css.p[at + 1 + digits++]);
			at += 1 + digits;
			if (digits > 0 && at < css.n && css.p[at] == ' ')
				at++;
			*ret_disguised += digits > 1 && code < 0x7f && gb_ascii_is_alpha((unsigned char)code);
			if (digits > 0 && code > 0x20 && code < 0x7f)
				out[n++] = gb_ascii_lower((unsigned char)code);
			continue;
		}
		if (c > 0x20)
			out[n++] = gb_ascii_lower(c);
		at++;
	}
	return n;
}

static bool has(struct gb_span text, const char *needle)
{
	return gb_bytes_find_text(text, gb_span_cstr(needle), 0) != SIZE_MAX;
}

static bool leaks_value(struct gb_span text)
{
	static const char *const operators[] = {"value^=", "value*=", "value$="};

	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		size_t at = gb_bytes_find_text(text, gb_span_cstr(operators[i]), 0), url;

		url = at == SIZE_MAX ? SIZE_MAX : gb_bytes_find_text(text, GB_SPAN("url("), at);
		if (url != SIZE_MAX && has(gb_span_sub(text, url, 16), "//"))
			return true;
	}
	return false;
}

bool gb_xss_style(struct gb_span css, bool is_element)
{
	unsigned char folded[STYLE_MAX];
	unsigned disguised;
	struct gb_span text = gb_span_of(folded, fold_style(gb_span_sub(css, 0, 4 * STYLE_MAX), folded, &disguised));
	size_t import = gb_bytes_find_text(text, GB_SPAN("@import"), 0);

	if (has(text, "expression(") || has(text, "-moz-binding:") || has(text, "behavior:url") ||
	        has(text, "behaviour:url") || has(text, "binding:url(") || has(text, "-o-link:") ||
	        has(text, "javascript:") || has(text, "vbscript:") || has(text, "livescript:"))
		return true;
	/* Letters need no escape: what they spell is hidden. */
	if (disguised >= 3)
		return true;
	/* [value^=a]{background:url(//h/a)}: tells another host what a field holds. */
	if (leaks_value(text))
		return true;
	if (import == SIZE_MAX)
		return false;
	if (is_element)
		return true;
	text = gb_span_sub(text, import, 28);
	return has(text, "//") || has(text, "data:");
}

bool gb_xss_is_disguised(struct gb_span url)
{
	size_t at = gb_bytes_find_text(gb_span_sub(url, 0, 16), GB_SPAN("//"), 0), dots = 0, digits = 0, others = 0;
	bool has_percent = false, is_hex = false;

	if (at == SIZE_MAX)
		return false;
	for (at += 2; at < url.n && url.p[at] != '/' && url.p[at] != '?' && url.p[at] != '#'; at++) {
		unsigned char c = url.p[at];

		if (c == '@' || c == '$' || c == '{')
			return c == '@' && digits + others > 0;
		/* A port is a number. */
		if (c == ':')
			return at + 1 < url.n && gb_ascii_is_alpha(url.p[at + 1]);
		has_percent |= c == '%' && at + 2 < url.n && gb_hex_value(url.p[at + 1]) >= 0;
		is_hex |= c == 'x' && url.p[at - 1] == '0';
		dots += c == '.';
		if (gb_ascii_is_digit(c))
			digits++;
		else if (c != '.' && c > 0x20 && c != 'x' && gb_hex_value(c) < 0)
			others++;
	}
	return has_percent || (others == 0 && digits > 0 && (is_hex || (dots == 0 && digits >= 8)));
}

/* Words that only look like on + an event. */
static const char *const plain_words[] = {
        "one", "ones", "once", "only", "onto", "onus", "online", "ongoing", "onset", "onboarding"};

bool gb_xss_handler(struct gb_span name, struct gb_span value, unsigned char quote)
{
	unsigned char lower[40];
	struct gb_span event = gb_html_name(name, lower, sizeof(lower));
	size_t colon = gb_span_find_last_byte(event, ':'), hit_at;

	if (colon != SIZE_MAX)
		event = gb_span_sub(event, colon + 1, SIZE_MAX);
	if (event.n < 4 || event.p[0] != 'o' || event.p[1] != 'n' || value.n == 0 || IS_ONE_OF(event, plain_words))
		return false;
	for (size_t i = 2; i < event.n; i++)
		if (!gb_ascii_is_alpha(event.p[i]))
			return false;
	if (gb_xss_is_idle(value) && gb_span_find_byte(value, '(', 0) == SIZE_MAX && !gb_ascii_is_digit(value.p[0]))
		return false;
	/* JSX: onClick={…} hands a function over; the braces run nothing. */
	if (quote == 0 && value.p[0] == '{' && name.n > 2 && name.p[0] == 'o' && name.p[2] >= 'A' && name.p[2] <= 'Z')
		return gb_xss_code(value, 1, GB_XSS_WHOLE, &hit_at);
	return true;
}

/* A brace in a style attribute ends nothing by the grammar of CSS: it is there to end a rule when the value is copied into
 * a sheet. Braces of templates come in twos or behind a $. */
static bool breaks_declaration(const struct gb_html_token *attribute)
{
	struct gb_span value = attribute->value;
	size_t open = gb_bytes_find(value, '{', 0), close = gb_bytes_find(value, '}', 0);

	size_t comment = gb_bytes_find_text(value, GB_SPAN("/*"), 0);

	/* A comment that the sheet would have to close. */
	if (comment != SIZE_MAX && gb_bytes_find_text(value, GB_SPAN("*/"), comment + 2) == SIZE_MAX)
		return true;
	if (attribute->quote == 0 || close == SIZE_MAX)
		return false;
	if (open == SIZE_MAX || close < open)
		return true;
	value = gb_span_sub(value, open, close - open);
	return gb_bytes_find(value, ';', 0) != SIZE_MAX && gb_bytes_find(value, ':', 0) != SIZE_MAX;
}

/* x|orderBy:'(f=alert)(1)': an expression whose text is one again. */
static bool has_code_in_text(struct gb_span value)
{
	size_t hit_at, close;

	value = gb_span_sub(value, 0, 256);
	for (size_t at = 0; at < value.n; at++) {
		if (value.p[at] != '\'' && value.p[at] != '"')
			continue;
		close = gb_span_find_byte(value, value.p[at], at + 1);
		if (close == SIZE_MAX)
			return false;
		if (gb_xss_code(gb_span_sub(value, at + 1, close - at - 1), 0, GB_XSS_TEMPLATE, &hit_at))
			return true;
		at = close;
	}
	return false;
}

const char *gb_xss_attribute(const struct gb_html_token *attribute)
{
	unsigned char lower[16];
	struct gb_span name = gb_html_name(attribute->name, lower, sizeof(lower));
	enum gb_xss_url url;
	size_t hit_at;

	if (!attribute->has_equal)
		return NULL;
	if (gb_xss_handler(attribute->name, attribute->value, attribute->quote))
		return "xss_event_handler";
	/* htmx takes a handler for every event's name. */
	if (gb_span_starts(
	            gb_span_sub(name, gb_span_starts(name, GB_SPAN("data-")) ? 5 : 0, SIZE_MAX), GB_SPAN("hx-on")))
		return gb_xss_acts(attribute->value) ? "xss_event_handler" : NULL;
	if (gb_span_equal(name, GB_SPAN("style")))
		return gb_xss_style(attribute->value, false) || breaks_declaration(attribute) ? "xss_style" : NULL;
	/* Internet Explorer's data binding writes markup. */
	if (gb_span_equal(name, GB_SPAN("datasrc")) || gb_span_equal(name, GB_SPAN("dataformatas")))
		return attribute->value.n != 0 ? "xss_data_binding" : NULL;
	if (gb_span_equal(name, GB_SPAN("srcdoc")))
		return gb_bytes_find(attribute->value, '<', 0) != SIZE_MAX ||
		                       gb_bytes_find(attribute->value, '&', 0) != SIZE_MAX
		               ? "xss_frame_document"
		               : NULL;
	/* Attributes that Vue, Angular and Alpine evaluate. */
	if (name.n > 1 && (name.p[0] == '@' || name.p[0] == ':' || name.p[0] == '(' || name.p[0] == '[' ||
	                          gb_span_starts(name, GB_SPAN("v-")) || gb_span_starts(name, GB_SPAN("x-")) ||
	                          gb_span_starts(name, GB_SPAN("ng-")) || gb_span_starts(name, GB_SPAN("data-ng-")) ||
	                          gb_span_equal(name, GB_SPAN("data-bind"))))
		return gb_xss_code(attribute->value, 0, GB_XSS_TEMPLATE, &hit_at) || has_code_in_text(attribute->value)
		               ? "xss_template_expression"
		               : NULL;
	url = gb_xss_url(attribute->value);
	if (url == GB_XSS_URL_SCRIPT)
		return "xss_script_url";
	return NULL;
}
