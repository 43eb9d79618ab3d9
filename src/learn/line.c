/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/line.h"

#include <errno.h>

#define LINE_HEAD GB_SPAN("{\"gambeson\":1,")

bool gb_learn_is_line(struct gb_span text)
{
	return gb_span_starts(text, LINE_HEAD);
}

bool gb_learn_is_log(struct gb_span text)
{
	return gb_span_find(text, LINE_HEAD, 0) != SIZE_MAX;
}

struct gb_span gb_learn_line_text(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	struct gb_span s = gb_span_of(json_string_value(value), json_string_length(value));

	return s.n <= GB_PROFILE_TEXT_MAX ? s : GB_SPAN_EMPTY;
}

uint64_t gb_learn_line_number(const json_t *object, const char *name, uint64_t otherwise)
{
	const json_t *value = json_object_get(object, name);

	return json_is_integer(value) && json_integer_value(value) >= 0 ? (uint64_t)json_integer_value(value)
	                                                                : otherwise;
}

bool gb_learn_line_item(
        const json_t *object, struct gb_profile_item *ret, struct gb_span arguments[GB_LEARN_ARGUMENTS_MAX])
{
	const json_t *list = json_object_get(object, "arguments");
	size_t n;

	*ret = (struct gb_profile_item){.kind = gb_activity_kind_of_name(gb_learn_line_text(object, "kind")),
	        .subject = gb_learn_line_text(object, "subject"),
	        .arguments = arguments,
	        .argument_count = json_array_size(list),
	        .is_cut = json_is_true(json_object_get(object, "cut"))};
	if (ret->kind == GB_ACTIVITY_NONE || !json_is_string(json_object_get(object, "subject")) ||
	        ret->argument_count > GB_LEARN_ARGUMENTS_MAX)
		return false;
	/* Of a program the script that it is given: the arguments have it. */
	if (ret->kind != GB_ACTIVITY_PROCESS_START)
		ret->object = gb_learn_line_text(object, "object");
	n = ret->subject.n + ret->object.n;
	for (size_t i = 0; i < ret->argument_count; i++) {
		const json_t *argument = json_array_get(list, i);

		arguments[i] = gb_span_of(json_string_value(argument), json_string_length(argument));
		n += arguments[i].n;
	}
	return n <= GB_PROFILE_TEXT_MAX;
}

int gb_learn_line_next(struct gb_span *ref_log, uint64_t *ref_number, json_t **ret_line)
{
	while (ref_log->n > 0) {
		size_t end = gb_span_find_byte(*ref_log, '\n', 0);
		struct gb_span line = gb_span_sub(*ref_log, 0, end);
		size_t at = gb_span_find(line, LINE_HEAD, 0);

		*ref_log = gb_span_sub(*ref_log, end == SIZE_MAX ? ref_log->n : end + 1, SIZE_MAX);
		if (ref_number != NULL)
			(*ref_number)++;
		/* A log service may put a time in front. */
		if (at == SIZE_MAX)
			continue;
		line = gb_span_trim(gb_span_sub(line, at, SIZE_MAX));
		*ret_line = json_loadb((const char *)line.p, line.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
		return *ret_line == NULL ? -EINVAL : 1;
	}
	return 0;
}
