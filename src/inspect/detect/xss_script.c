/* SPDX-License-Identifier: Apache-2.0 */
/* Script without markup: which calls and assignments reach the browser, and where prose begins. */
#include "inspect/bytes.h"
#include "inspect/detect/xss.h"
#include "inspect/lex/script.h"

#define HISTORY 4u

static const char *const dialogs[] = {"alert", "confirm", "prompt", "eval", "execscript"};
static const char *const globals[] = {"window", "self", "top", "parent", "frames", "globalthis", "this", "document",
        "opener", "view", "defaultview", "contentwindow", "global"};
static const char *const document_members[] = {"cookie", "domain", "write", "writeln", "location", "execcommand",
        "createelement", "createtextnode", "implementation", "forms"};
static const char *const html_members[] = {"innerhtml", "outerhtml", "insertadjacenthtml", "srcdoc", "sendbeacon",
        "createcontextualfragment", "sethtmlunsafe", "globaleval"};
static const char *const takers[] = {"map", "find", "foreach", "filter", "some", "every", "sort", "reduce", "call",
        "apply", "bind", "with", "findindex", "flatmap", "then", "replace", "from", "concat", "catch", "of", "push"};
static const char *const keywords[] = {"var", "let", "const", "new", "return", "throw", "typeof", "function", "class",
        "extends", "in", "of", "else", "if", "for", "while", "do", "void", "delete", "instanceof", "async", "await",
        "yield", "try", "catch", "case", "import", "export", "default", "from", "as", "static", "get", "set"};
#define KEYWORDS                   (sizeof(keywords) / sizeof(keywords[0]))
#define IN_LIST(text, token, list) in_list(word_of(text, token), list, sizeof(list) / sizeof((list)[0]))

static struct gb_span word_of(struct gb_span text, const struct gb_script_token *token)
{
	return token->kind == GB_SCRIPT_WORD ? gb_span_sub(text, token->offset, token->length) : GB_SPAN_EMPTY;
}

static bool in_list(struct gb_span word, const char *const *list, size_t count)
{
	if (word.n == 0)
		return false;
	for (size_t i = 0; i < count; i++)
		if (gb_ascii_lower(word.p[0]) == (unsigned char)list[i][0] &&
		        gb_span_equal_nocase(word, gb_span_cstr(list[i])))
			return true;
	return false;
}

static bool is_mark(const struct gb_script_token *token, unsigned char mark)
{
	return token->kind == GB_SCRIPT_MARK && token->mark == mark;
}

static bool is_word(struct gb_span text, const struct gb_script_token *token, const char *word)
{
	return gb_span_equal_nocase(word_of(text, token), gb_span_cstr(word)) && token->kind == GB_SCRIPT_WORD;
}

struct scan {
	struct gb_span text;
	enum gb_xss_place place;
	size_t at;
	struct gb_script_token now;
	struct gb_script_token past[HISTORY]; /* [0] is the token before */
	struct gb_script_token peeked;        /* the one behind `now` */
	unsigned brackets;                    /* open ones since a global object's */
	bool is_in_global;                    /* window[ … */
	bool has_built_name;                  /* a string or a regular expression stands in it */
	bool was_global;                      /* … ] just closed */
	bool is_joining;                      /* since the [ of a member only texts and + stood */
	unsigned joined_texts;
	struct gb_span alias; /* a variable that a dialog's function was put into */
};

static bool advance(struct scan *scan)
{
	for (size_t i = HISTORY - 1; i > 0; i--)
		scan->past[i] = scan->past[i - 1];
	scan->past[0] = scan->now;
	scan->now = scan->peeked;
	gb_script_next(scan->text, &scan->at, &scan->peeked);
	return scan->now.kind != GB_SCRIPT_END;
}

/* A string that names what an attack reaches for, or hides its name by escapes. */
static bool is_telling_name(const struct scan *scan)
{
	const struct gb_script_token *now = &scan->now;
	struct gb_span name = gb_span_sub(scan->text, now->offset + 1, now->length - 2);

	if (now->kind != GB_SCRIPT_STRING || now->length < 3)
		return false;
	return gb_bytes_find(name, '\\', 0) != SIZE_MAX ||
	       in_list(name, dialogs, sizeof(dialogs) / sizeof(dialogs[0])) ||
	       in_list(name, globals, sizeof(globals) / sizeof(globals[0])) ||
	       in_list(name, document_members, sizeof(document_members) / sizeof(document_members[0])) ||
	       gb_span_equal(name, GB_SPAN("Function")) || gb_span_equal(name, GB_SPAN("constructor"));
}

/* x['con'+'structor'](…): any member whose name is put together of texts alone, and called. */
static bool judge_joined_member(struct scan *scan)
{
	const struct gb_script_token *now = &scan->now, *before = &scan->past[0];
	bool was_joined = scan->joined_texts >= 2;

	if (is_mark(now, '[')) {
		scan->joined_texts = 0;
		scan->is_joining = is_mark(before, ']') || is_mark(before, ')') || before->kind == GB_SCRIPT_WORD;
	} else if (is_mark(now, ']')) {
		scan->is_joining = false;
		return was_joined && (is_mark(&scan->peeked, '(') || is_mark(&scan->peeked, '`'));
	} else if (scan->is_joining && now->kind == GB_SCRIPT_STRING) {
		scan->joined_texts++;
	} else if (!is_mark(now, '+')) {
		scan->is_joining = false;
		scan->joined_texts = 0;
	}
	return false;
}

/* window['al'+'ert'](1), top[/al/.source+…]: a member whose name is built, then called or read on. */
static bool judge_built_name(struct scan *scan)
{
	const struct gb_script_token *now = &scan->now;

	if (scan->was_global) {
		scan->was_global = false;
		if (now->kind == GB_SCRIPT_MARK && (now->mark == '(' || now->mark == ')' || now->mark == '[' ||
		                                           now->mark == '`' || now->mark == '.' || now->mark == '='))
			return true;
	}
	if (!scan->is_in_global) {
		if (judge_joined_member(scan))
			return true;
		if (is_mark(now, '[') &&
		        (IN_LIST(scan->text, &scan->past[0], globals) ||
		                (is_mark(&scan->past[0], '.') && IN_LIST(scan->text, &scan->past[1], globals)))) {
			scan->is_in_global = true;
			scan->has_built_name = false;
			scan->brackets = 1;
		}
		return false;
	}
	scan->has_built_name |= is_telling_name(scan) ||
	                        (now->kind == GB_SCRIPT_STRING && !is_mark(&scan->past[0], '[')) || is_mark(now, '/') ||
	                        is_mark(now, '`') || is_mark(now, '(') || is_mark(now, '+');
	if (is_mark(now, '['))
		scan->brackets++;
	if (is_mark(now, ']') && --scan->brackets == 0) {
		scan->is_in_global = false;
		/* A plain text is a name too, when the member is called or read on at once. */
		scan->was_global =
		        scan->has_built_name || (scan->past[0].kind == GB_SCRIPT_STRING &&
		                                        (is_mark(&scan->peeked, '(') || is_mark(&scan->peeked, '[')));
	}
	return false;
}

/* `eval`, `--eval`: the backtick closes what another opened right before the word. */
static bool is_quoted_callee(const struct scan *scan)
{
	size_t at = scan->past[0].offset;

	while (at > 0 && (scan->text.p[at - 1] == '-' || scan->text.p[at - 1] == '.'))
		at--;
	return at > 0 && scan->text.p[at - 1] == '`';
}

static bool is_call(const struct scan *scan)
{
	if (is_mark(&scan->now, '`'))
		return scan->now.is_joined && !is_quoted_callee(scan);
	return is_mark(&scan->now, '(') && (scan->now.is_joined || scan->place != GB_XSS_WHOLE);
}

/* A module's name with a scheme or a host: neither a path nor a package. */
static bool is_foreign_module(struct gb_span name)
{
	return gb_xss_url(name) != GB_XSS_URL_PLAIN ||
	       (gb_span_ends(name, GB_SPAN(".com")) && gb_bytes_find(name, '/', 0) == SIZE_MAX);
}

/* alert(s), prompt(ly) answered: the end of a word in brackets, before prose. */
static bool is_ending(const struct scan *scan)
{
	struct gb_script_token token;
	size_t at = scan->at;

	if (is_word(scan->text, &scan->peeked, "s"))
		return true;
	if (scan->peeked.kind != GB_SCRIPT_WORD)
		return false;
	gb_script_next(scan->text, &at, &token);
	if (!is_mark(&token, ')'))
		return false;
	gb_script_next(scan->text, &at, &token);
	return token.kind == GB_SCRIPT_WORD && !in_list(word_of(scan->text, &token), keywords, KEYWORDS);
}

/* button.addEventListener('click', () => alert('Saved!')): a page's own code tells its reader something. */
static bool is_notice(const struct scan *scan)
{
	return scan->peeked.kind == GB_SCRIPT_STRING && scan->peeked.length >= 7 &&
	       gb_bytes_find_text(gb_span_sub(scan->text, 0, scan->past[0].offset), GB_SPAN(".addEventListener("), 1) !=
	               SIZE_MAX;
}

/* now is ( or a backtick behind a callee. */
static bool judge_call(const struct scan *scan)
{
	struct gb_span text = scan->text;
	const struct gb_script_token *callee = &scan->past[0];
	bool is_member = is_mark(&scan->past[1], '.');
	bool is_of_global = is_member && IN_LIST(text, &scan->past[2], globals);

	if (callee->kind != GB_SCRIPT_WORD && !is_mark(callee, ')'))
		return false;
	if (scan->place == GB_XSS_WHOLE && (is_ending(scan) || is_notice(scan)))
		return false;
	if (IN_LIST(text, callee, dialogs))
		return !is_member || is_of_global || is_mark(&scan->past[2], ')') || is_mark(&scan->past[2], ']') ||
		       scan->place == GB_XSS_BROKEN_OUT;
	if (is_word(text, callee, "constructor"))
		return is_member || is_mark(&scan->now, '`');
	if (is_word(text, callee, "Function"))
		return callee->length == 8 && text.p[callee->offset] == 'F' &&
		       (is_mark(&scan->now, '`') || is_word(text, &scan->past[1], "new") ||
		               scan->peeked.kind == GB_SCRIPT_STRING || is_mark(&scan->peeked, '`') ||
		               is_word(text, &scan->peeked, "location") || scan->place != GB_XSS_WHOLE);
	if (is_word(text, callee, "setTimeout") || is_word(text, callee, "setInterval"))
		return is_mark(&scan->now, '`') || scan->peeked.kind == GB_SCRIPT_STRING ||
		       is_mark(&scan->peeked, '`') || is_word(text, &scan->peeked, "location") ||
		       (scan->place == GB_XSS_BROKEN_OUT && !is_word(text, &scan->peeked, "function"));
	if (is_word(text, callee, "atob") && scan->place == GB_XSS_WHOLE)
		return !is_member || is_of_global;
	if (is_word(text, callee, "getScript") || is_word(text, callee, "importScripts"))
		return true;
	/* import('//h/x.js'): a module of another host. */
	if (is_word(text, callee, "import") && !is_member && scan->peeked.kind == GB_SCRIPT_STRING &&
	        scan->place == GB_XSS_WHOLE)
		return is_foreign_module(gb_span_sub(text, scan->peeked.offset + 1, scan->peeked.length - 2));
	if (is_word(text, callee, "import") || is_word(text, callee, "fetch") || is_word(text, callee, "print"))
		return scan->place == GB_XSS_BROKEN_OUT && !is_member;
	if (is_member &&
	        (is_word(text, callee, "call") || is_word(text, callee, "apply") || is_word(text, callee, "bind")) &&
	        IN_LIST(text, &scan->past[2], dialogs))
		return true;
	if (is_member && (is_word(text, callee, "assign") || is_word(text, callee, "replace")) &&
	        is_word(text, &scan->past[2], "location"))
		return true;
	/* (alert)(1) */
	return is_mark(callee, ')') && IN_LIST(text, &scan->past[1], dialogs) && is_mark(&scan->past[2], '(');
}

/* x=alert,x(1): called by another name. */
static bool judge_alias(struct scan *scan)
{
	struct gb_span name = word_of(scan->text, &scan->past[0]);

	if (scan->now.kind == GB_SCRIPT_WORD && IN_LIST(scan->text, &scan->now, dialogs) &&
	        is_mark(&scan->past[0], '=') && scan->past[1].kind == GB_SCRIPT_WORD && !is_mark(&scan->peeked, '(') &&
	        !is_mark(&scan->peeked, '.'))
		scan->alias = word_of(scan->text, &scan->past[1]);
	return scan->alias.n != 0 && (is_mark(&scan->now, '(') || is_mark(&scan->now, '`')) && name.n != 0 &&
	       gb_span_equal(name, scan->alias);
}

/* A dialog's function handed on: [1].map(alert), `${alert}1`, onerror=eval, {a:alert}. */
static bool judge_handed_on(const struct scan *scan)
{
	const struct gb_script_token *now = &scan->now, *before = &scan->past[1];

	if (!IN_LIST(scan->text, &scan->past[0], dialogs))
		return false;
	if ((is_mark(before, '{') && is_word(scan->text, &scan->past[2], "$") && is_mark(now, '}')) ||
	        (is_mark(before, '[') && is_mark(now, ']') && is_mark(&scan->peeked, '[')))
		return true;
	/* alert?.() */
	if (is_mark(now, '.') && now->length == 2 && is_mark(&scan->peeked, '('))
		return true;
	if (is_mark(before, '(') && (is_mark(now, ')') || is_mark(now, ',')))
		return IN_LIST(scan->text, &scan->past[2], takers);
	/* {toString:alert}: called when the object is read. */
	if (is_mark(before, ':') && (is_mark(now, '}') || is_mark(now, ',')) &&
	        (is_word(scan->text, &scan->past[2], "valueOf") || is_word(scan->text, &scan->past[2], "toString") ||
	                is_word(scan->text, &scan->past[2], "get") || is_word(scan->text, &scan->past[2], "set")))
		return true;
	if (is_mark(now, ')') && (is_mark(before, ',') || (is_mark(before, '=') && is_mark(&scan->peeked, '('))))
		return true;
	if (is_mark(before, '=') && (is_mark(now, ';') || is_mark(now, ',') || is_mark(now, '}')) &&
	        scan->past[2].kind == GB_SCRIPT_WORD && scan->past[2].length > 2)
		return gb_span_equal_nocase(gb_span_sub(scan->text, scan->past[2].offset, 2), GB_SPAN("on"));
	return false;
}

/* Whether the name read last is assigned to; a line may end before the sign. */
static bool is_assigned_next(const struct scan *scan)
{
	struct gb_script_token next = scan->peeked;
	size_t at = scan->at;

	if (next.kind == GB_SCRIPT_LINE)
		gb_script_next(scan->text, &at, &next);
	return is_mark(&next, '=') && at < scan->text.n && scan->text.p[at] != '=';
}

static bool judge_member(const struct scan *scan)
{
	struct gb_span text = scan->text;
	const struct gb_script_token *now = &scan->now, *object = &scan->past[1];
	bool is_assigned = is_assigned_next(scan);

	if (is_word(text, now, "location") && is_assigned)
		return scan->place != GB_XSS_WHOLE || (is_mark(&scan->past[0], '.') && IN_LIST(text, object, globals));
	if (is_word(text, now, "constructor") && scan->place == GB_XSS_TEMPLATE)
		return is_mark(&scan->past[0], '.');
	if (!is_mark(&scan->past[0], '.'))
		return false;
	if (is_word(text, object, "document") && IN_LIST(text, now, document_members))
		return true;
	if (is_word(text, object, "location") && is_word(text, now, "href"))
		return is_assigned;
	return IN_LIST(text, now, html_members) && (is_assigned || is_mark(&scan->peeked, '('));
}

/* Two words side by side that are none of the language's. */
static bool is_prose(const struct scan *scan)
{
	if (scan->now.kind == GB_SCRIPT_OTHER)
		return scan->place == GB_XSS_WHOLE;
	return scan->now.kind == GB_SCRIPT_WORD && scan->past[0].kind == GB_SCRIPT_WORD && !scan->now.is_joined &&
	       !IN_LIST(scan->text, &scan->now, keywords) && !IN_LIST(scan->text, &scan->past[0], keywords);
}

bool gb_xss_code(struct gb_span text, size_t from, enum gb_xss_place place, size_t *ret_hit_at)
{
	struct scan scan = {.text = text, .place = place, .at = from};

	gb_script_next(text, &scan.at, &scan.peeked);
	while (advance(&scan)) {
		*ret_hit_at = scan.past[0].kind != GB_SCRIPT_END ? scan.past[0].offset : scan.now.offset;
		if (is_prose(&scan))
			return false;
		if (judge_built_name(&scan) || (is_call(&scan) && judge_call(&scan)) || judge_handed_on(&scan) ||
		        judge_alias(&scan) || (scan.now.kind == GB_SCRIPT_WORD && judge_member(&scan)))
			return true;
		if (scan.now.kind == GB_SCRIPT_STRING && place == GB_XSS_TEMPLATE &&
		        gb_bytes_find_text(gb_span_sub(text, scan.now.offset, scan.now.length), GB_SPAN("constructor"),
		                0) != SIZE_MAX)
			return true;
		if (scan.now.kind == GB_SCRIPT_STRING && is_mark(&scan.past[0], '[') && is_mark(&scan.peeked, ']') &&
		        gb_span_equal(
		                gb_span_sub(text, scan.now.offset + 1, scan.now.length - 2), GB_SPAN("constructor")))
			return true;
		if (place == GB_XSS_TEMPLATE && is_mark(&scan.now, '}') && is_mark(&scan.peeked, '}'))
			return false;
	}
	return false;
}

bool gb_xss_acts(struct gb_span text)
{
	struct scan scan = {.text = gb_span_sub(text, 0, 4096), .place = GB_XSS_BROKEN_OUT};

	gb_script_next(scan.text, &scan.at, &scan.peeked);
	while (advance(&scan)) {
		const struct gb_script_token *now = &scan.now, *before = &scan.past[0];
		bool is_operand = before->kind == GB_SCRIPT_WORD || is_mark(before, ')') || is_mark(before, ']');

		if (is_prose(&scan))
			return false;
		if (is_mark(now, '(') && is_operand &&
		        (now->is_joined || before->kind == GB_SCRIPT_MARK || IN_LIST(scan.text, before, dialogs)))
			return true;
		if ((is_mark(now, '`') && is_operand && now->is_joined) || (is_mark(now, '=') && is_operand) ||
		        is_word(scan.text, now, "throw"))
			return true;
	}
	return false;
}

bool gb_xss_is_wordy(struct gb_span text)
{
	struct scan scan = {.text = gb_span_sub(text, 0, 4096), .place = GB_XSS_BROKEN_OUT};
	bool has_text = false;

	gb_script_next(scan.text, &scan.at, &scan.peeked);
	while (advance(&scan)) {
		if (is_prose(&scan))
			return true;
		has_text |= scan.now.kind == GB_SCRIPT_WORD || scan.now.kind == GB_SCRIPT_NUMBER ||
		            scan.now.kind == GB_SCRIPT_STRING;
	}
	return !has_text;
}
