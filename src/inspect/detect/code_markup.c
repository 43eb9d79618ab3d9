/* SPDX-License-Identifier: Apache-2.0 */
/* Code between tags that a server runs when it delivers a page: PHP, server side includes, edge side includes. */
#include "inspect/bytes.h"
#include "inspect/detect/code.h"
#include "inspect/lex/lex.h"

static size_t word_end(struct gb_span text, size_t at)
{
	while (at < text.n && gb_ascii_is_alpha(text.p[at]))
		at++;
	return at;
}

static bool is_one_of(struct gb_span word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (gb_span_equal_nocase(word, gb_span_cstr(words[i])))
			return true;
	return false;
}

/* <cfinclude …>, <jsp:include …>: tags that ColdFusion and Java's pages run. */
static bool find_page_tag(const struct gb_code_reading *reading, size_t at)
{
	static const char *const names[] = {"include", "execute", "file", "set", "script", "output", "query", "http",
	        "dump", "object", "invoke", "registry", "directory", "param", "module", "import", "if", "loop", "abort",
	        "header", "usebean", "forward", "plugin", "getproperty", "setproperty", "scriptlet", "expression",
	        "directive", "mail", "ftp", "ldap", "storedproc", "thread", "throw", "try", "content", "location",
	        "log", "savecontent"};
	struct gb_span text = reading->text;
	size_t start = at + 3, end;

	if (!gb_span_equal_nocase(gb_span_sub(text, at, 3), GB_SPAN("<cf"))) {
		start = at + 5;
		if (!gb_span_equal_nocase(gb_span_sub(text, at, 5), GB_SPAN("<jsp:")))
			return false;
	}
	end = word_end(text, start);
	return is_one_of(gb_span_sub(text, start, end - start), names, sizeof(names) / sizeof(names[0])) &&
	       gb_code_place(text, at) >= GB_PLACE_BREAK && !gb_code_is_about(reading, GB_PLACE_ENTRY) &&
	       gb_code_convict(reading, "code_page_tag", at, end);
}

/* \write18{…}, \directlua{…}, \input{/etc/hosts}: what TeX runs and reads. */
static bool find_tex(const struct gb_code_reading *reading)
{
	static const char *const running[] = {"write", "directlua", "luadirect", "luaexec", "ShellEscape", "pythonc"};
	static const char *const reading_files[] = {"input", "include", "lstinputlisting", "verbatiminput",
	        "VerbatimInput", "includegraphics", "inputminted"};
	struct gb_span text = reading->text;
	size_t at = gb_bytes_find(text, '\\', 0);

	for (; at != SIZE_MAX && text.n <= 1024; at = gb_bytes_find(text, '\\', at + 1)) {
		size_t name = at + 1, end = word_end(text, name), open = end, start;
		struct gb_span word = gb_span_sub(text, name, end - name);
		bool runs = is_one_of(word, running, sizeof(running) / sizeof(running[0]));

		if (!runs && !is_one_of(word, reading_files, sizeof(reading_files) / sizeof(reading_files[0])))
			continue;
		while (open < text.n && gb_ascii_is_digit(text.p[open]))
			open++;
		if (word.n == 5 && word.p[0] == 'w' && open - end != 2)
			continue;
		if (open >= text.n || text.p[open] != '{')
			continue;
		start = open + 1;
		while (start < text.n && (gb_ascii_is_space(text.p[start]) || text.p[start] == '"'))
			start++;
		if (!runs && !(start + 1 < text.n && (text.p[start] == '/' || text.p[start] == '|' ||
		                                             (text.p[start] == '.' && text.p[start + 1] == '.'))))
			continue;
		if (!gb_code_is_about(reading, GB_PLACE_BREAK))
			return gb_code_convict(reading, "code_tex_command", at, start);
	}
	return false;
}

/* form[#post_render][]: a field whose name reaches for a property that only the server sets. */
static bool find_property_field(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text;
	size_t at = gb_bytes_find_text(text, GB_SPAN("[#"), 1), end;

	if (at == SIZE_MAX || text.n > 256 || !gb_code_is_name_byte(text.p[at - 1]))
		return false;
	for (end = at + 2; end < text.n && gb_code_is_name_byte(text.p[end]); end++)
		continue;
	for (size_t i = 0; i < at; i++)
		if (!gb_code_is_name_byte(text.p[i]) && text.p[i] != '[' && text.p[i] != ']' && text.p[i] != '/')
			return false;
	return end > at + 3 && end < text.n && text.p[end] == ']' && gb_ascii_is_alpha(text.p[at + 2]) &&
	       (end + 1 == text.n || text.p[end + 1] == '[' || text.p[end + 1] == '=') &&
	       gb_code_convict(reading, "code_property_named", at, end + 1);
}

/* <!--#exec cmd="…" -->: the number sign touches the comment, a directive touches the number sign. */
static bool find_include(const struct gb_code_reading *reading, size_t at)
{
	static const char *const directives[] = {"echo", "exec", "include", "config", "fsize", "flastmod", "printenv",
	        "set", "if", "elif", "else", "endif", "odbc", "email", "counter"};
	static const char *const edge[] = {"include", "inline", "vars", "debug", "assign", "remove", "choose", "when",
	        "try", "attempt", "eval", "invalidate", "function", "foreach", "text"};
	struct gb_span text = reading->text;
	size_t end;

	if (gb_span_starts(gb_span_sub(text, at, 5), GB_SPAN("<!--#"))) {
		end = word_end(text, at + 5);
		if (is_one_of(gb_span_sub(text, at + 5, end - at - 5), directives,
		            sizeof(directives) / sizeof(directives[0])))
			return gb_code_convict(reading, "code_server_include", at, end);
	}
	if (gb_span_equal_nocase(gb_span_sub(text, at, 5), GB_SPAN("<esi:"))) {
		end = word_end(text, at + 5);
		if (is_one_of(gb_span_sub(text, at + 5, end - at - 5), edge, sizeof(edge) / sizeof(edge[0])))
			return gb_code_convict(reading, "code_edge_include", at, end);
	}
	if (gb_span_equal_nocase(gb_span_sub(text, at, 7), GB_SPAN("<!--esi")) && at + 7 < text.n &&
	        gb_ascii_is_space(text.p[at + 7]))
		return gb_code_convict(reading, "code_edge_include", at, at + 7);
	return false;
}

/* Whether <? at AT opens code and no declaration of XML; *ret_inner is behind the tag. */
static bool opens_php(struct gb_span text, size_t at, size_t *ret_inner)
{
	size_t inner = at + 2, end;
	struct gb_span name;
	struct gb_lex_code token;

	if (inner >= text.n)
		return false;
	*ret_inner = inner + 1;
	if (text.p[inner] == '=')
		return true;
	while (inner < text.n && gb_ascii_is_space(text.p[inner]))
		inner++;
	end = word_end(text, inner);
	name = gb_span_sub(text, inner, end - inner);
	*ret_inner = inner;
	if (gb_span_equal_nocase(name, GB_SPAN("php"))) {
		*ret_inner = end;
		return end == text.n || gb_ascii_is_space(text.p[end]) || text.p[end] == '/' || text.p[end] == '?';
	}
	if (gb_span_equal_nocase(name, GB_SPAN("xml"))) {
		/* <?xml goes on with a name and =; as short tag it is a label or a call. */
		*ret_inner = end;
		if (!gb_lex_code_next(text, &end, &token))
			return false;
		return text.p[token.offset] == ':' || text.p[token.offset] == '(' || text.p[token.offset] == ';';
	}
	/* The short tag: blanks and a statement, which no processing instruction has. */
	return inner > at + 2 && inner < text.n;
}

static bool has_capability(struct gb_span code)
{
	struct gb_lex_code token;
	size_t at = 0;

	while (gb_lex_code_next(code, &at, &token)) {
		struct gb_span word = gb_span_sub(code, token.offset, token.length);

		if (token.kind == GB_CODE_STRING && code.p[token.offset] == '`' && token.content.n != 0)
			return true;
		if (token.kind != GB_CODE_WORD)
			continue;
		if (gb_span_starts(word, GB_SPAN("$_")) ||
		        (gb_capability_of(word) & (GB_CAPABILITY_FUNCTION | GB_CAPABILITY_WORD)) != 0)
			return true;
	}
	return false;
}

/* echo $title, foreach ($rows as $row), h($name): variables are read, none is set or called. */
static bool shows_variable(struct gb_span code)
{
	struct gb_lex_code token, next;
	bool has_variable = false;
	size_t at = 0, behind;

	while (gb_lex_code_next(code, &at, &token)) {
		behind = at;
		if (token.kind != GB_CODE_WORD || code.p[token.offset] != '$')
			continue;
		if (token.length < 2 || (gb_lex_code_next(code, &behind, &next) &&
		                                (code.p[next.offset] == '(' || code.p[next.offset] == '{' ||
		                                        (code.p[next.offset] == '=' && next.length == 1))))
			return false;
		has_variable = true;
	}
	return has_variable;
}

static bool find_php(const struct gb_code_reading *reading, size_t at)
{
	struct gb_span text = reading->text, code;
	enum gb_code_place place;
	size_t inner;

	if (!opens_php(text, at, &inner))
		return false;
	place = gb_code_place(text, at);
	/* To the next tag: none is read twice. */
	code = gb_span_sub(text, inner, 2048);
	code = gb_span_sub(code, 0, gb_bytes_find_text(code, GB_SPAN("<?"), 0));
	if (gb_code_is_about(reading, GB_PLACE_ENTRY))
		return false;
	/* Page source is pasted too; alone and short it is a probe, unless it shows what the page's program set. */
	if (has_capability(code) || (place >= GB_PLACE_BREAK && text.n < 256 && !shows_variable(code)))
		return gb_code_convict(reading, "code_php_tag", at, inner);
	return false;
}

/* [php]…, {/php}: tags of boards and of Smarty. */
static bool find_php_block(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text;

	if (text.n < 5 || text.n > 512)
		return false;
	if (gb_span_equal_nocase(gb_span_sub(text, 0, 5), GB_SPAN("{php}")) ||
	        gb_span_equal_nocase(gb_span_sub(text, 0, 5), GB_SPAN("[php]")))
		return gb_code_convict(reading, "code_php_tag", 0, 5);
	if (text.n > 6 && (gb_span_equal_nocase(gb_span_sub(text, text.n - 6, 6), GB_SPAN("{/php}")) ||
	                          gb_span_equal_nocase(gb_span_sub(text, text.n - 6, 6), GB_SPAN("[/php]"))))
		return gb_code_convict(reading, "code_php_tag", text.n - 6, text.n);
	return false;
}

bool gb_code_find_markup(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text;

	if ((reading->mask & (GB_BYTE_BRACE | GB_BYTE_BRACKET)) != 0 && find_php_block(reading))
		return true;
	if ((reading->mask & GB_BYTE_BRACKET) != 0 && find_property_field(reading))
		return true;
	if ((reading->mask & GB_BYTE_BACKSLASH) != 0 && (reading->mask & GB_BYTE_BRACE) != 0 && find_tex(reading))
		return true;
	if ((reading->mask & GB_BYTE_ANGLE) == 0)
		return false;
	for (size_t at = gb_bytes_find(text, '<', 0); at != SIZE_MAX; at = gb_bytes_find(text, '<', at + 1)) {
		if (at + 2 >= text.n)
			break;
		if (text.p[at + 1] == '?' ? find_php(reading, at)
		                          : find_include(reading, at) || find_page_tag(reading, at))
			return true;
	}
	return false;
}
