/* SPDX-License-Identifier: Apache-2.0 */
/* An environment block, entries with a NUL behind each: any may be what somebody wrote into the function's configuration. */
#include "launch/launch.h"

#include <stdlib.h>
#include <string.h>

#define VARIABLES_MAX 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1), *environment[VARIABLES_MAX + 1];
	struct gb_launch_settings settings;
	struct gb_diag diag = {0};
	size_t count = 0;
	int r;

	if (text == NULL)
		return 0;
	if (n != 0)
		memcpy(text, data, n);
	text[n] = '\0';
	for (size_t at = 0; at < n && count < VARIABLES_MAX; at += strlen(text + at) + 1)
		environment[count++] = text + at;
	environment[count] = NULL;
	memset(&settings, 0, sizeof(settings));
	r = gb_launch_settings_read(&settings, environment, &diag);
	if ((r < 0) != (diag.message[0] != '\0'))
		abort();
	if (settings.block_body != NULL && strlen(settings.block_body) > GB_LAUNCH_BLOCK_BODY_MAX)
		abort();
	if (settings.code != NULL && (settings.code[0] == '\0' || strlen(settings.code) > GB_LAUNCH_CODE_MAX))
		abort();
	if (settings.policy_interval_s > GB_LAUNCH_INTERVAL_MAX)
		abort();
	free(text);
	return 0;
}
