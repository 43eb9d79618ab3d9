/* SPDX-License-Identifier: Apache-2.0 */
#include "launch/launch.h"

#include "aws/location.h"

#include <errno.h>
#include <string.h>

#define PREFIX "GAMBESON_"

static int take_mode(const char *value, bool *has, enum gb_mode *mode, struct gb_diag *diag)
{
	if (!gb_mode_of_name(gb_span_cstr(value), mode))
		return gb_diag_set(diag, -EINVAL, 0, 0, "'%.40s' is not off, detect or block", value);
	*has = true;
	return 0;
}

static int take_stance(struct gb_launch_settings *settings, const char *value, struct gb_diag *diag)
{
	if (!gb_stance_of_name(gb_span_cstr(value), &settings->stance))
		return gb_diag_set(diag, -EINVAL, 0, 0, "'%.40s' is not open or closed", value);
	settings->has_stance = true;
	return 0;
}

static int take_observe(struct gb_launch_settings *settings, const char *value, struct gb_diag *diag)
{
	if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
		return gb_diag_set(diag, -EINVAL, 0, 0, "'%.40s' is not 0 or 1", value);
	settings->observe = value[0] == '1' ? GB_LAUNCH_YES : GB_LAUNCH_NO;
	return 0;
}

static int take_path(const char *value, const char **path, struct gb_diag *diag)
{
	if (value[0] == '\0')
		return gb_diag_set(diag, -EINVAL, 0, 0, "it must be the path of a file, but is empty");
	if (strlen(value) >= GB_LAUNCH_PATH_MAX)
		return gb_diag_set(diag, -EINVAL, 0, 0, "longer than %u bytes", GB_LAUNCH_PATH_MAX - 1);
	*path = value;
	return 0;
}

static int take_url(const char *value, const char **url, struct gb_diag *diag)
{
	struct gb_location location;
	/* S3's region is found later. */
	int r = gb_location_parse(gb_span_cstr(value), "-", false, &location, diag);

	if (r == 0)
		*url = value;
	return r;
}

static int take_interval(const char *value, unsigned *interval, struct gb_diag *diag)
{
	uint64_t seconds;

	if (!gb_span_to_u64(gb_span_cstr(value), &seconds) || seconds == 0 || seconds > GB_LAUNCH_INTERVAL_MAX)
		return gb_diag_set(diag, -EINVAL, 0, 0, "'%.40s' is not a number of seconds from 1 to %u", value,
		        GB_LAUNCH_INTERVAL_MAX);
	*interval = (unsigned)seconds;
	return 0;
}

int gb_launch_setting_take(
        struct gb_launch_settings *settings, const char *name, const char *value, struct gb_diag *diag)
{
	if (strcmp(name, "MODE") == 0)
		return take_mode(value, &settings->has_mode, &settings->mode, diag);
	if (strcmp(name, "FIREWALL") == 0)
		return take_mode(value, &settings->has_firewall_mode, &settings->firewall_mode, diag);
	if (strcmp(name, "FLOW") == 0)
		return take_mode(value, &settings->has_flow_mode, &settings->flow_mode, diag);
	if (strcmp(name, "STANCE") == 0)
		return take_stance(settings, value, diag);
	if (strcmp(name, "OBSERVE") == 0)
		return take_observe(settings, value, diag);
	if (strcmp(name, "POLICY") == 0)
		return take_path(value, &settings->policy_path, diag);
	if (strcmp(name, "POLICY_KEY") == 0)
		return take_path(value, &settings->key_path, diag);
	if (strcmp(name, "POLICY_URL") == 0)
		return take_url(value, &settings->policy_url, diag);
	if (strcmp(name, "POLICY_INTERVAL") == 0)
		return take_interval(value, &settings->policy_interval_s, diag);
	if (strcmp(name, "SENSOR_PATH") == 0)
		return take_path(value, &settings->sensor_path, diag);
	if (strcmp(name, "CODE") == 0) {
		if (value[0] == '\0' || strlen(value) > GB_LAUNCH_CODE_MAX)
			return gb_diag_set(diag, -EINVAL, 0, 0, "empty, or longer than %u bytes", GB_LAUNCH_CODE_MAX);
		settings->code = value;
		return 0;
	}
	if (strcmp(name, "BLOCK_BODY") == 0) {
		if (strlen(value) > GB_LAUNCH_BLOCK_BODY_MAX)
			return gb_diag_set(diag, -EINVAL, 0, 0, "longer than %u bytes", GB_LAUNCH_BLOCK_BODY_MAX);
		settings->block_body = value;
		return 0;
	}
	return -ENOENT;
}

/* NAME=VALUE without the prefix: the name is copied out, the value stays where it is. */
static int take_variable(struct gb_launch_settings *settings, const char *variable, struct gb_diag *diag)
{
	const char *equals = strchr(variable, '=');
	struct gb_diag inner;
	char name[32];
	size_t n;
	int r;

	if (equals == NULL)
		return -ENOENT;
	n = (size_t)(equals - variable);
	if (n >= sizeof(name))
		return -ENOENT;
	memcpy(name, variable, n);
	name[n] = '\0';
	r = gb_launch_setting_take(settings, name, equals + 1, &inner);
	return r == -EINVAL ? gb_diag_set(diag, r, 0, 0, PREFIX "%s: %s", name, inner.message) : r;
}

int gb_launch_settings_read(struct gb_launch_settings *settings, char *const *environment, struct gb_diag *diag)
{
	static const char api[] = "AWS_LAMBDA_RUNTIME_API=";
	int result = 0;

	for (; *environment != NULL; environment++) {
		int r;

		if (strncmp(*environment, api, sizeof(api) - 1) == 0 && (*environment)[sizeof(api) - 1] != '\0')
			settings->runtime_api = *environment + sizeof(api) - 1;
		if (strncmp(*environment, PREFIX, sizeof(PREFIX) - 1) != 0)
			continue;
		r = take_variable(settings, *environment + sizeof(PREFIX) - 1, result == 0 ? diag : NULL);
		if (r == -EINVAL)
			result = r;
	}
	return result;
}
