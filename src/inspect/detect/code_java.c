/* SPDX-License-Identifier: Apache-2.0 */
/* Java's expression languages, and paths of names that a framework walks by itself: class.module.classLoader… */
#include "inspect/bytes.h"
#include "inspect/detect/code.h"
#include "inspect/lex/lex.h"

static bool is_alone(const struct gb_code_reading *reading)
{
	return !gb_code_is_about(reading, GB_PLACE_BREAK);
}

/* user.class.module.classLoader.…, class['module'][…]: a path without blanks that leads over a class to its loader. */
static bool find_loader_path(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text;
	size_t at = gb_bytes_find_text(text, GB_SPAN("lass"), 0), loader;

	if (at == SIZE_MAX || at == 0 || text.n - at < 8)
		return false;
	loader = gb_bytes_find_text(gb_span_sub(text, 0, at + 96), GB_SPAN("lassLoader"), at + 4);
	if (loader == SIZE_MAX)
		return false;
	for (size_t i = 0; i < loader; i++)
		if (!gb_code_is_name_byte(text.p[i]) && text.p[i] != '.' && text.p[i] != '[' && text.p[i] != ']' &&
		        text.p[i] != '\'' && text.p[i] != '"' && text.p[i] != '(' && text.p[i] != ')' &&
		        text.p[i] != '#')
			return false;
	/* An element of the path is no more than `class`, `getClass` or a call of it. */
	if (text.p[at + 4] != '.' && text.p[at + 4] != '[' && text.p[at + 4] != '\'' && text.p[at + 4] != '"' &&
	        text.p[at + 4] != '(' && text.p[at + 4] != ']')
		return false;
	return gb_code_convict(reading, "code_object_walk", at - 1, loader + 10);
}

/* @java.lang.Runtime@…, @org.apache.X@y(…): a static member to OGNL. */
static bool find_static_member(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text;

	for (size_t at = gb_bytes_find(text, '@', 0), next; at != SIZE_MAX; at = gb_bytes_find(text, '@', next)) {
		unsigned dots = 0;
		size_t member;
		bool has_type = false;

		for (next = at + 1; next < text.n && next - at < 100; next++) {
			if (text.p[next] == '.') {
				dots++;
				has_type = next + 1 < text.n && text.p[next + 1] >= 'A' && text.p[next + 1] <= 'Z';
			} else if (!gb_code_is_name_byte(text.p[next])) {
				break;
			}
		}
		for (member = next + 1; member < text.n && gb_code_is_name_byte(text.p[member]); member++)
			continue;
		/* @Ada.L@example.org is a person. */
		if (member < text.n && (text.p[member] == '.' || text.p[member] == '-'))
			continue;
		if (next + 1 < text.n && text.p[next] == '@' && dots >= 1 &&
		        (has_type || gb_span_starts(gb_span_sub(text, at, 5), GB_SPAN("@java"))) &&
		        gb_ascii_is_alpha(text.p[next + 1]) && is_alone(reading))
			return gb_code_convict(reading, "code_type_named", at, next + 1);
	}
	return false;
}

/* #context['…'], #root.class, @systemProperties['…']: the objects that OGNL and SpEL give to every expression. */
static bool find_root_object(const struct gb_code_reading *reading)
{
	static const char *const roots[] = {"context", "root", "this", "session", "application", "parameters", "attr",
	        "request", "systemProperties", "systemEnvironment", "environment", "_memberAccess"};
	struct gb_span text = reading->text, name;
	size_t end = 1;

	if (text.n < 8 || text.n > 512 || (text.p[0] != '#' && text.p[0] != '@'))
		return false;
	while (end < text.n && end < 24 && gb_code_is_name_byte(text.p[end]))
		end++;
	name = gb_span_sub(text, 1, end - 1);
	if (end + 2 >= text.n || (text.p[end] != '.' && text.p[end] != '[') || gb_ascii_is_space(text.p[end + 1]))
		return false;
	/* #session.title is a style; an index of a string, a call or a class is none. */
	if (text.p[end] == '.' && gb_bytes_find(text, '(', end) == SIZE_MAX &&
	        !gb_span_starts(gb_span_sub(text, end, 6), GB_SPAN(".class")))
		return false;
	if (text.p[end] == '[' && text.p[end + 1] != '\'' && text.p[end + 1] != '"' && text.p[end + 1] != '\\')
		return false;
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++)
		if (gb_span_equal(name, gb_span_cstr(roots[i])))
			return is_alone(reading) && gb_code_convict(reading, "code_object_walk", 0, end + 1);
	return false;
}

/* index/\think\app/invokefunction: a class with its namespace within a route. */
static bool find_route(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text;
	size_t at = gb_bytes_find_text(text, GB_SPAN("/\\"), 0), next;
	unsigned steps = 0;

	if (at == SIZE_MAX || text.n > 256 || gb_bytes_find(text, ' ', 0) != SIZE_MAX)
		return false;
	for (next = at + 2; next < text.n && (gb_code_is_name_byte(text.p[next]) || text.p[next] == '\\'); next++)
		steps += text.p[next] == '\\' && gb_ascii_is_alpha(text.p[next - 1]);
	return steps >= 1 && next + 1 < text.n && text.p[next] == '/' && gb_ascii_is_alpha(text.p[next + 1]) &&
	       gb_code_convict(reading, "code_type_named", at, next);
}

/* class.module.classLoader…, (#_memberAccess…), @java.lang.Runtime@…, getClass().forName(…): Java's expression languages. */
bool gb_code_find_java(const struct gb_code_reading *reading)
{
	struct gb_span text = reading->text;
	size_t at = gb_bytes_find_text(text, GB_SPAN("#_memberAccess"), 0), next;

	if (at != SIZE_MAX && is_alone(reading))
		return gb_code_convict(reading, "code_object_walk", at, at + 14);
	if (text.n > 3 && text.p[0] == '(' && text.p[1] == '#' && gb_ascii_is_alpha(text.p[2])) {
		for (next = 3; next < text.n && gb_code_is_name_byte(text.p[next]); next++)
			continue;
		if (next < text.n && (text.p[next] == '=' || text.p[next] == '[' || text.p[next] == '.') &&
		        is_alone(reading))
			return gb_code_convict(reading, "code_object_walk", 0, next + 1);
	}
	if (find_loader_path(reading) || find_static_member(reading) || find_root_object(reading) ||
	        find_route(reading))
		return true;
	at = gb_bytes_find_text(text, GB_SPAN(".getClass()."), 0);
	if (at == SIZE_MAX)
		return false;
	for (next = at + 12; next < text.n && next - at < 44 && gb_code_is_name_byte(text.p[next]); next++)
		continue;
	return (gb_capability_of(gb_span_sub(text, at + 12, next - at - 12)) & GB_CAPABILITY_WALK) != 0 &&
	       is_alone(reading) && gb_code_convict(reading, "code_object_walk", at, next);
}
