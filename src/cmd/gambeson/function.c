/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson/function.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PYTHON "/usr/bin/python3" /* Debian's, for which scripts/setup installs the client */

static bool is_there(const char *directory, const char *name)
{
	char path[2 * PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	return access(path, F_OK) == 0;
}

static enum gb_runtime guess_runtime(const char *directory)
{
	if (is_there(directory, "bootstrap"))
		return GB_RUNTIME_PROVIDED;
	if (is_there(directory, "index.js") || is_there(directory, "index.mjs") || is_there(directory, "index.cjs") ||
	        is_there(directory, "package.json"))
		return GB_RUNTIME_NODEJS;
	if (is_there(directory, "lambda_function.py") || is_there(directory, "index.py") ||
	        is_there(directory, "app.py"))
		return GB_RUNTIME_PYTHON;
	return GB_RUNTIME_UNKNOWN;
}

static enum gb_runtime runtime_of_name(const char *name)
{
	if (strcmp(name, "nodejs") == 0)
		return GB_RUNTIME_NODEJS;
	return strcmp(name, "python") == 0 ? GB_RUNTIME_PYTHON : GB_RUNTIME_PROVIDED;
}

static const char *usual_handler(const struct gb_function *function)
{
	if (function->runtime != GB_RUNTIME_PYTHON || is_there(function->directory, "index.py"))
		return "index.handler";
	return is_there(function->directory, "app.py") ? "app.handler" : "lambda_function.lambda_handler";
}

/* Look for MARK in DIRECTORY and, so that DIRECTORY may be any that people think of, in what lies below it by custom. */
static bool find_below(const char *directory, enum gb_runtime runtime, char *ric)
{
	static const char *const node_places[] = {"", "/node_modules/aws-lambda-ric",
	        "/node/node_modules/aws-lambda-ric", "/deps/node/node_modules/aws-lambda-ric",
	        "/build/deps/node/node_modules/aws-lambda-ric", NULL};
	static const char *const python_places[] = {
	        "", "/python", "/deps/python", "/build/deps/python", "/site-packages", NULL};
	const char *const *places = runtime == GB_RUNTIME_NODEJS ? node_places : python_places;
	const char *mark = runtime == GB_RUNTIME_NODEJS ? "bin/index.mjs" : "awslambdaric/__main__.py";

	for (; *places != NULL; places++) {
		char candidate[PATH_MAX + 64];

		(void)snprintf(candidate, sizeof(candidate), "%s%s", directory, *places);
		if (is_there(candidate, mark) && realpath(candidate, ric) != NULL)
			return true;
	}
	return false;
}

/* AWS's runtime interface client: as told; in the function's folder; $GAMBESON_RIC; where scripts/setup puts it, looked
 * for from this program's folder and from the current one upwards. */
static int find_ric(const struct gb_function *function, const char *given, const struct gb_parts *parts, char *ric,
        struct gb_diag *diag)
{
	const char *variable = getenv("GAMBESON_RIC");
	const char *name = function->runtime == GB_RUNTIME_NODEJS ? "aws-lambda-ric" : "awslambdaric";
	char directory[PATH_MAX];

	if (given != NULL && find_below(given, function->runtime, ric))
		return 0;
	if (given != NULL)
		return gb_diag_set(diag, -ENOENT, 0, 0, "--ric: no %s in '%s'", name, given);
	if (find_below(function->directory, function->runtime, ric))
		return 0;
	if (variable != NULL && variable[0] != '\0' && find_below(variable, function->runtime, ric))
		return 0;
	(void)snprintf(directory, sizeof(directory), "%s", parts->program_directory);
	for (;;) {
		char *slash = strrchr(directory, '/');

		if (find_below(directory, function->runtime, ric))
			return 0;
		if (slash == NULL || slash == directory)
			break;
		*slash = '\0';
	}
	if (find_below(".", function->runtime, ric))
		return 0;
	return gb_diag_set(diag, -ENOENT, 0, 0,
	        "%s, AWS's runtime interface client, was not found; run scripts/setup, or say where it is with --ric "
	        "DIR",
	        name);
}

static int split_command(struct gb_words *command, const char *text)
{
	GB_CLEANUP(gb_freep) char *copy = strdup(text);
	char *rest = NULL;
	int r = copy != NULL ? 0 : -ENOMEM;

	for (char *word = copy != NULL ? strtok_r(copy, " \t", &rest) : NULL; word != NULL && r == 0;
	        word = strtok_r(NULL, " \t", &rest))
		r = gb_words_add(command, "%s", word);
	return r;
}

static int make_command(struct gb_function *function, const struct gb_function_wish *wish, const struct gb_parts *parts,
        struct gb_diag *diag)
{
	char ric[PATH_MAX];
	int r;

	if (wish->command != NULL) {
		r = split_command(&function->command, wish->command);
		if (r == 0 && function->command.count == 0)
			return gb_diag_set(diag, -EINVAL, 0, 0, "--command is blank; give a program and its arguments");
		return r;
	}
	if (function->runtime == GB_RUNTIME_PROVIDED) {
		if (!is_there(function->directory, "bootstrap"))
			return gb_diag_set(diag, -EINVAL, 0, 0,
			        "no bootstrap in '%s'; a provided runtime needs one, or --command", wish->code);
		return gb_words_add(&function->command, "%s/bootstrap", function->directory);
	}
	r = find_ric(function, wish->ric, parts, ric, diag);
	if (r < 0)
		return r;
	if (function->runtime == GB_RUNTIME_NODEJS) {
		r = gb_words_add(&function->command, "node");
		if (r == 0)
			r = gb_words_add(&function->command, "%s/bin/index.mjs", ric);
		return r == 0 ? gb_words_add(&function->command, "%s", function->handler) : r;
	}
	r = gb_words_add(&function->command, "%s", access(PYTHON, X_OK) == 0 ? PYTHON : "python3");
	if (r == 0)
		r = gb_words_add(&function->command, "-m");
	if (r == 0)
		r = gb_words_add(&function->command, "awslambdaric");
	if (r == 0)
		r = gb_words_add(&function->command, "%s", function->handler);
	return r == 0 ? gb_words_add(&function->environment, "PYTHONPATH=%s", ric) : r;
}

static int set_from_caller(struct gb_words *environment, const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return gb_words_set(environment, name, value != NULL && value[0] != '\0' ? value : otherwise);
}

static int set_lambda_variables(struct gb_function *function)
{
	static const char *const fixed[] = {"AWS_LAMBDA_FUNCTION_VERSION=$LATEST", "AWS_REGION=us-east-1",
	        "AWS_DEFAULT_REGION=us-east-1", "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
	        "AWS_ACCESS_KEY_ID=local-key-id", "AWS_SECRET_ACCESS_KEY=local-secret-key",
	        "AWS_SESSION_TOKEN=local-session-token", "AWS_XRAY_CONTEXT_MISSING=LOG_ERROR",
	        "LAMBDA_RUNTIME_DIR=/var/runtime", "HOME=/tmp", NULL};
	struct gb_words *environment = &function->environment;
	const char *name = strrchr(function->directory, '/') + 1;
	char date[16] = "1970/01/01";
	time_t now = time(NULL);
	struct tm utc;
	int r = 0;

	if (gmtime_r(&now, &utc) != NULL)
		(void)strftime(date, sizeof(date), "%Y/%m/%d", &utc);
	for (const char *const *variable = fixed; *variable != NULL && r == 0; variable++)
		r = gb_words_add(environment, "%s", *variable);
	if (r == 0)
		r = gb_words_add(environment, "AWS_LAMBDA_FUNCTION_NAME=%s", name[0] != '\0' ? name : "function");
	if (r == 0)
		r = gb_words_add(
		        environment, "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/%s", name[0] != '\0' ? name : "function");
	if (r == 0)
		r = gb_words_add(
		        environment, "AWS_LAMBDA_LOG_STREAM_NAME=%s/[$LATEST]%032lx", date, (unsigned long)getpid());
	if (r == 0)
		r = gb_words_add(
		        environment, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=%llu", (unsigned long long)function->memory_mb);
	if (r == 0)
		r = gb_words_add(environment, "LAMBDA_TASK_ROOT=%s", function->directory);
	if (r == 0)
		r = gb_words_add(environment, "_HANDLER=%s", function->handler);
	if (r == 0 && function->concurrency > 1)
		r = gb_words_add(
		        environment, "AWS_LAMBDA_MAX_CONCURRENCY=%llu", (unsigned long long)function->concurrency);
	return r;
}

static int make_environment(struct gb_function *function)
{
	int r = set_lambda_variables(function);

	if (r == 0 && function->runtime == GB_RUNTIME_NODEJS)
		r = gb_words_add(&function->environment, "AWS_EXECUTION_ENV=AWS_Lambda_nodejs");
	if (r == 0 && function->runtime == GB_RUNTIME_PYTHON)
		r = gb_words_add(&function->environment, "AWS_EXECUTION_ENV=AWS_Lambda_python");
	if (r == 0)
		r = set_from_caller(&function->environment, "PATH", "/usr/local/bin:/usr/bin:/bin");
	if (r == 0)
		r = set_from_caller(&function->environment, "LANG", "C.UTF-8");
	return r == 0 ? set_from_caller(&function->environment, "TZ", ":UTC") : r;
}

int gb_function_describe(struct gb_function *function, const struct gb_function_wish *wish,
        const struct gb_parts *parts, struct gb_diag *diag)
{
	struct stat facts;
	int r;

	*function = (struct gb_function){.memory_mb = wish->memory_mb, .concurrency = wish->concurrency};
	if (realpath(wish->code, function->directory) == NULL)
		return gb_diag_set(diag, -errno, 0, 0, "--code: cannot read '%s': %s", wish->code, strerror(errno));
	if (stat(function->directory, &facts) < 0 || !S_ISDIR(facts.st_mode))
		return gb_diag_set(diag, -ENOTDIR, 0, 0, "--code: '%s' is not a folder; give the one the handler is in",
		        wish->code);
	function->runtime = wish->runtime != NULL ? runtime_of_name(wish->runtime) : guess_runtime(function->directory);
	if (function->runtime == GB_RUNTIME_UNKNOWN && wish->command == NULL)
		return gb_diag_set(diag, -EINVAL, 0, 0,
		        "cannot tell the runtime of '%s' from its files; say --runtime nodejs, python or provided",
		        wish->code);
	function->handler = wish->handler != NULL ? wish->handler : usual_handler(function);
	r = make_environment(function);
	return r == 0 ? make_command(function, wish, parts, diag) : r;
}

void gb_function_done(struct gb_function *function)
{
	gb_words_free(&function->command);
	gb_words_free(&function->environment);
}
