/* SPDX-License-Identifier: Apache-2.0 */
#include "launch/launch.h"

#include "base/format.h"

#include <stdlib.h>
#include <string.h>

#define ADDED_MAX 4u

static bool is_variable(const char *entry, const char *name)
{
	size_t n = strlen(name);

	return strncmp(entry, name, n) == 0 && entry[n] == '=';
}

static const char *value_of(char *const *environment, const char *name)
{
	for (; *environment != NULL; environment++)
		if (is_variable(*environment, name))
			return *environment + strlen(name) + 1;
	return "";
}

static bool is_set(const char *s)
{
	return s != NULL && s[0] != '\0';
}

char **gb_launch_environment_make(char *const *environment, const struct gb_launch_additions *additions)
{
	const char *preloaded = value_of(environment, "LD_PRELOAD");
	const char *names[ADDED_MAX] = {is_set(additions->sensor_path) ? "LD_PRELOAD" : NULL,
	        is_set(additions->sensor_variable) ? GB_SENSOR_VARIABLE : NULL,
	        is_set(additions->runtime_api) ? "AWS_LAMBDA_RUNTIME_API" : NULL,
	        is_set(additions->program) ? GB_PROGRAM_VARIABLE : NULL};
	const char *values[ADDED_MAX] = {
	        additions->sensor_path, additions->sensor_variable, additions->runtime_api, additions->program};
	size_t count = 0, text_bytes = 0, used = 0,
	       bait_count = additions->bait == NULL ? 0 : additions->bait->variable_count;
	char **made, *text;

	while (environment[count] != NULL)
		count++;
	for (size_t i = 0; i < ADDED_MAX; i++)
		if (names[i] != NULL)
			text_bytes += strlen(names[i]) + strlen(values[i]) + strlen(preloaded) + 3;
	made = malloc((count + bait_count + ADDED_MAX + 1) * sizeof(*made) + text_bytes);
	if (made == NULL)
		return NULL;
	text = (char *)(made + count + bait_count + ADDED_MAX + 1);
	for (size_t i = 0; i < count; i++) {
		bool is_replaced = false;

		for (size_t k = 0; k < ADDED_MAX; k++)
			is_replaced |= names[k] != NULL && is_variable(environment[i], names[k]);
		if (!is_replaced)
			made[used++] = environment[i];
	}
	for (size_t i = 0; i < ADDED_MAX; i++) {
		bool is_joined = i == 0 && preloaded[0] != '\0';
		int n;

		if (names[i] == NULL)
			continue;
		n = gb_format(text, text_bytes, "%s=%s%s%s", names[i], values[i], is_joined ? ":" : "",
		        is_joined ? preloaded : "");
		if (n < 0)
			break;
		made[used++] = text;
		text += n + 1;
		text_bytes -= (size_t)n + 1;
	}
	for (size_t i = 0; i < bait_count; i++)
		made[used++] = (char *)(uintptr_t)additions->bait->variables[i];
	made[used] = NULL;
	return made;
}
