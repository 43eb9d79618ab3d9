/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JNDI look-ups in logged text: ${…} is evaluated as Log4j's substitutor would, defaults and case look-ups included, with
 * a bounded stack, and the result is judged: a look-up whose name becomes `jndi`, or one that is put together of pieces
 * for no other reason than to hide.
 */
#include "inspect/bytes.h"
#include "inspect/detect/detect.h"

#include <string.h>

#define DEPTH_MAX 8u
#define PLAIN_MAX 512u /* bytes of a look-up that is all of a value */
#define HEAD_MAX  24u  /* bytes kept of what a look-up's text comes to */

struct level {
	unsigned char head[HEAD_MAX]; /* evaluated so far, in lower case */
	size_t n;
	size_t from;
	unsigned pieces; /* look-ups inside that came to one letter or two */
	unsigned char previous;
	bool has_default;   /* :- was passed: what follows is the value */
	bool is_odd;        /* it was passed as -: */
	bool has_lookup_in; /* part of it came from a look-up inside */
	bool is_settled;    /* the head is full and was judged */
};

static void level_add(struct level *level, unsigned char c)
{
	/* ${-:x} as well, which some write for it. */
	bool ends_name = (level->previous == ':' && c == '-') || (level->n == 1 && level->head[0] == '-' && c == ':');

	/* What loggers and their filters drop, or trim. */
	if (c <= ' ')
		return;
	/* ${-:-x}: the name is a dash. */
	if (level->has_default && level->n == 0 && level->is_odd && c == '-') {
		level->is_odd = false;
		return;
	}

	level->previous = c;
	if (level->n < HEAD_MAX)
		level->head[level->n++] = gb_ascii_lower(c);
	if (!level->has_default && ends_name) {
		level->has_default = true;
		level->is_odd = level->previous == ':';
		level->is_settled = false;
		level->n = 0;
	}
}

static bool starts(const struct level *level, const char *text)
{
	return gb_span_starts(gb_span_of(level->head, level->n), gb_span_cstr(text));
}

#define SENTENCE_BYTES 120u

/* `${jndi:...}` and `${jndi:ldap://<host>}` are how people write about it: they look nothing up. REST follows the name. */
static bool is_ellipsis(struct gb_span rest)
{
	size_t at = 0;

	while (at < rest.n && (gb_ascii_is_alpha(rest.p[at]) || rest.p[at] == ':' || rest.p[at] == '/'))
		at++;
	rest = gb_span_sub(rest, at, SIZE_MAX);
	/* "all the ${jndi: stuff": a blank, and no end of it. */
	if (gb_span_starts(rest, GB_SPAN(" ")) &&
	        gb_bytes_find(gb_span_sub(rest, 0, SENTENCE_BYTES), '}', 0) == SIZE_MAX)
		return true;
	return gb_span_starts(rest, GB_SPAN("...}")) || gb_span_starts(rest, GB_SPAN("\xe2\x80\xa6}")) ||
	       gb_span_starts(rest, GB_SPAN("<"));
}

static bool is_hit(const struct level *level, const char **ret_reason)
{
	static const char *const leaks[] = {"env:aws_secret", "env:aws_access", "const:java", "urldecoder:", "xml:/",
	        "resourcebundle:", "env:aws_session", "java:version", "java:runtime", "java:vm", "java:os", "java:hw",
	        "java:locale", "sys:java.", "sys:user.", "sys:os.", "docker:container", "k8s:", "log4j:config",
	        "bundle:", "base64:", "base64decoder:", "ctx:", "jvmrunargs:", "file:utf-8:", "file:iso-"};

	if (level->n < 4 && level->pieces < 3)
		return false;
	if (starts(level, "jndi:")) {
		*ret_reason = level->has_lookup_in ? "jndi_nested_lookup" : "jndi_lookup";
		return true;
	}
	*ret_reason = "jndi_pieced_lookup";
	if (level->pieces >= 3)
		return true;
	/* Look-ups that only Log4j and its kin evaluate, and that tell of the machine. */
	*ret_reason = "jndi_leak_lookup";
	for (size_t i = 0; i < sizeof(leaks) / sizeof(leaks[0]); i++)
		if ((unsigned char)leaks[i][0] == level->head[0] && starts(level, leaks[i]))
			return true;
	*ret_reason = "jndi_url_lookup";
	return starts(level, "url:utf-8:") || starts(level, "script:javascript:") || starts(level, "dns:address|");
}

/* What LEVEL comes to is part of the text around it. */
static void give_value(const struct level *level, struct level *outer)
{
	static const char *const cases[] = {"lower:", "upper:"};
	size_t skip = 0;

	outer->has_lookup_in = true;
	outer->is_settled = false;
	if (!level->has_default) {
		for (size_t i = 0; i < 2; i++)
			if (starts(level, cases[i]))
				skip = strlen(cases[i]);
		/* ${date:'j'}: quoted text stays as it is. */
		if (starts(level, "date:"))
			skip = 5;
		/* What every system of Unix gives. */
		if (starts(level, "sys:path.separator") || starts(level, "sys:file.separator"))
			level_add(outer, level->head[4] == 'p' ? ':' : '/');
		if (skip == 0)
			return;
	}
	outer->pieces += level->n > skip && level->n - skip <= 2;
	for (size_t i = skip; i < level->n; i++)
		if (level->head[i] != '\'')
			level_add(outer, level->head[i]);
}

/* Schemes of providers that answer with an object. */
static bool is_provider(struct gb_span address)
{
	static const char *const schemes[] = {"ldap:", "ldaps:", "rmi:", "dns:", "iiop:", "iiopname:", "corba:",
	        "corbaname:", "corbaloc:", "nis:", "nds:", "t3:", "t3s:"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (gb_span_equal_nocase(gb_span_sub(address, 0, strlen(schemes[i])), gb_span_cstr(schemes[i])))
			return true;
	return false;
}

/* The last name of PATH holds WORD, whatever its case: a setting that is looked up. */
static bool is_setting(struct gb_span path)
{
	static const struct gb_span words[] = {{(const unsigned char *)"jndi", 4},
	        {(const unsigned char *)"datasource", 10}, {(const unsigned char *)"provider", 8},
	        {(const unsigned char *)"naming", 6}};
	struct gb_span name = gb_span_sub(path, path.n > 48 ? path.n - 48 : 0, SIZE_MAX);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		for (size_t at = 0; at + words[i].n <= name.n; at++)
			if (gb_span_equal_nocase(gb_span_sub(name, at, words[i].n), words[i]))
				return true;
	return false;
}

/* A value that is looked up as it is: jndi:ldap://…, service:jmx:rmi:///jndi/ldap://…, a data source's name ldap://…. */
static bool find_plain(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	static const struct gb_span naming[] = {{(const unsigned char *)"corbaname:", 10},
	        {(const unsigned char *)"corbaloc:", 9}, {(const unsigned char *)"iiopname:", 9},
	        {(const unsigned char *)"t3://", 5}, {(const unsigned char *)"t3s://", 6}};
	struct gb_span text = gb_span_trim(input->text);
	size_t inner;

	if (text.n < 8 || text.n > PLAIN_MAX || gb_bytes_find(text, ' ', 0) != SIZE_MAX)
		return false;
	*hit = (struct gb_detect_hit){.reason = "jndi_plain_lookup", .from = 0, .length = input->text.n};
	if (gb_span_equal_nocase(gb_span_sub(text, 0, 5), GB_SPAN("jndi:")))
		return is_provider(gb_span_sub(text, 5, SIZE_MAX));
	if (gb_span_equal_nocase(gb_span_sub(text, 0, 12), GB_SPAN("service:jmx:"))) {
		inner = gb_bytes_find_text(text, GB_SPAN("/jndi/"), 12);
		return inner != SIZE_MAX && is_provider(gb_span_sub(text, inner + 6, SIZE_MAX));
	}
	/* Nothing but a naming service goes by these. */
	for (size_t i = 0; i < sizeof(naming) / sizeof(naming[0]); i++)
		if (gb_span_equal_nocase(gb_span_sub(text, 0, naming[i].n), naming[i]))
			return true;
	return is_provider(text) && is_setting(input->path);
}

static bool is_open(struct gb_span text, size_t at)
{
	return at + 1 < text.n && text.p[at] == '$' && text.p[at + 1] == '{';
}

/* Letters that become ASCII by changing case: dotless i, Kelvin's K, long s. */
static size_t case_folded(struct gb_span text, size_t at, unsigned char *ret_c)
{
	if (at + 1 < text.n && text.p[at] == 0xc4 && (text.p[at + 1] == 0xb1 || text.p[at + 1] == 0xb0))
		*ret_c = 'i';
	else if (at + 1 < text.n && text.p[at] == 0xc5 && text.p[at + 1] == 0xbf)
		*ret_c = 's';
	else
		return 0;
	return 2;
}

#define LOOKUP_STEPS 384u

bool gb_detect_naming_lookup(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	struct gb_span text = input->text;
	struct level levels[DEPTH_MAX + 1] = {0};
	size_t depth = 0;

	if ((input->mask & GB_BYTE_COLON) != 0 && find_plain(input, ret_hit))
		return true;
	for (size_t at = gb_bytes_find(text, '$', 0); at != SIZE_MAX && at < text.n; at++) {
		struct level *level = &levels[depth];
		unsigned char c = text.p[at];
		const char *reason;

		/* $${ is ${ once the dollar in front has been spent on escaping it. */
		if (depth != 0 && c == '$' && is_open(text, at + 1))
			continue;
		if (is_open(text, at) && depth < DEPTH_MAX) {
			if (!gb_detect_spend(input->work, LOOKUP_STEPS))
				return false;
			levels[++depth] = (struct level){.from = at};
			at++;
			continue;
		}
		if (depth == 0) {
			/* The text outside can hold what look-ups come to: ${env:x:-$}{jndi:…}. */
			if (level->has_lookup_in && level->n == 1 && level->head[0] == '$' && c == '{') {
				levels[++depth] = (struct level){.from = level->from, .has_lookup_in = true};
				levels[0].n = 0;
				continue;
			}
			levels[0].n = 0;
			at = gb_bytes_find(text, '$', at + 1);
			if (at == SIZE_MAX)
				return false;
			at--;
			continue;
		}
		if (c == '}') {
			struct level *outer = &levels[depth - 1];

			if (depth == 1)
				levels[0] = (struct level){.from = level->from};
			give_value(level, outer);
			depth--;
		} else if (level->n == 1 && level->head[0] == '$' && level->has_lookup_in && c == '{' &&
		           depth < DEPTH_MAX) {
			level->n = 0;
			level->is_settled = false;
			levels[++depth] = (struct level){.from = at, .has_lookup_in = true};
			continue;
		} else {
			size_t length = case_folded(text, at, &c);

			level_add(level, c);
			at += length != 0 ? length - 1 : 0;
		}
		level = &levels[depth];
		if (depth == 0 || level->is_settled)
			continue;
		if (!is_hit(level, &reason)) {
			level->is_settled = level->n == HEAD_MAX;
			continue;
		}
		if (!is_ellipsis(gb_span_sub(text, at + 1, HEAD_MAX))) {
			*ret_hit = (struct gb_detect_hit){
			        .reason = reason, .from = level->from, .length = at + 1 - level->from};
			return true;
		}
		level->n = 0;
	}
	return false;
}
