/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/gambeson-agent/options.h"

#include "base/fd.h"
#include "base/format.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct option {
	const char *flag;
	const char *setting; /* as in the environment, without GAMBESON_ */
	const char *value;
	const char *help;
	bool is_path; /* of a file that must be there */
};

static const struct option options_table[] = {
        {"--mode", "MODE", "off|detect|block", "cap on what every control does", false},
        {"--stance", "STANCE", "open|closed", "what happens when Gambeson itself fails", false},
        {"--policy", "POLICY", "FILE", "policy blob", true},
        {"--policy-key", "POLICY_KEY", "FILE", "Ed25519 public key; only policies signed by it are taken", true},
        {"--policy-url", "POLICY_URL", "URL", "folder, http:// or s3:// that newer policies are fetched from", false},
        {"--policy-interval", "POLICY_INTERVAL", "SECONDS", "how often", false},
        {"--observe", "OBSERVE", "0|1", "report what is not on the allowlist as observations", false},
        {"--firewall", "FIREWALL", "off|detect|block", "mode of the firewall when there is no policy", false},
        {"--flow", "FLOW", "off|detect|block", "mode of the flow check when there is no policy", false},
        {"--sensor-path", "SENSOR_PATH", "FILE", "the sensor, libgambeson.so", true},
        {"--code", "CODE", "HASH", "which code of the function this is, as its log is to say", false},
        {"--block-body", "BLOCK_BODY", "TEXT", "body of the 403 that answers a blocked HTTP event", false},
};

#define OPTION_COUNT (sizeof(options_table) / sizeof(options_table[0]))

void agent_say(int fd, const char *format, ...)
{
	char room[2048];
	struct gb_text text = gb_text_on(room, sizeof(room));
	va_list list;

	va_start(list, format);
	gb_text_format_list(&text, format, list);
	va_end(list);
	if (gb_fd_write_all(fd, gb_text_span(&text)) < 0)
		return;
}

static void print_help(void)
{
	agent_say(STDOUT_FILENO, "%s",
	        "usage: gambeson-agent run [options] -- RUNTIME [ARGUMENT...]\n"
	        "       gambeson-agent RUNTIME [ARGUMENT...]     as AWS_LAMBDA_EXEC_WRAPPER\n"
	        "       gambeson-agent --version | --help\n\n"
	        "Starts RUNTIME with Gambeson's protection and ends as it ends. Options of run, each also a\n"
	        "variable GAMBESON_... of the environment:\n\n");
	for (size_t i = 0; i < OPTION_COUNT; i++)
		agent_say(STDOUT_FILENO, "  %-17s %-17s %s\n", options_table[i].flag, options_table[i].value,
		        options_table[i].help);
	agent_say(STDOUT_FILENO, "%s",
	        "\nExit status: that of RUNTIME; 2 wrong option or path; 78 protection could not be set up and the\n"
	        "stance is closed; 126, 127 RUNTIME cannot be executed, is not there.\n");
}

static int complain(const char *subject, const char *what)
{
	agent_say(STDERR_FILENO, "gambeson-agent: %s: %s\n", subject, what);
	return AGENT_EXIT_USAGE;
}

static const struct option *option_of(const char *argument)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		size_t n = strlen(options_table[i].flag);

		if (strncmp(argument, options_table[i].flag, n) == 0 && (argument[n] == '\0' || argument[n] == '='))
			return &options_table[i];
	}
	return NULL;
}

static int take_option(struct agent_options *options, const struct option *option, const char *value)
{
	struct gb_diag diag;
	char what[320];

	if (gb_launch_setting_take(&options->settings, option->setting, value, &diag) < 0)
		return complain(option->flag, diag.message);
	if (!option->is_path || access(value, R_OK) == 0)
		return -1;
	(void)gb_format(
	        what, sizeof(what), "%.200s: %s; give the path of a file that can be read", value, strerror(errno));
	return complain(option->flag, what);
}

static int read_run(char **argument, struct agent_options *options)
{
	while (*argument != NULL && (*argument)[0] == '-') {
		const struct option *option = option_of(*argument);
		const char *value;
		int status;

		if (strcmp(*argument, "--") == 0) {
			argument++;
			break;
		}
		if (strcmp(*argument, "--help") == 0) {
			print_help();
			return 0;
		}
		if (option == NULL)
			return complain(*argument, "unknown option; see gambeson-agent --help");
		value = strchr(*argument, '=');
		value = value != NULL ? value + 1 : *++argument;
		if (value == NULL)
			return complain(option->flag, "needs a value; see gambeson-agent --help");
		status = take_option(options, option, value);
		if (status >= 0)
			return status;
		argument++;
	}
	if (*argument == NULL)
		return complain(
		        "run", "no runtime given; write: gambeson-agent run [options] -- RUNTIME [ARGUMENT...]");
	options->runtime = argument;
	return -1;
}

int agent_options_read(int argc, char **argv, char *const *environment, struct agent_options *options)
{
	*options = (struct agent_options){0};
	options->has_bad_setting = gb_launch_settings_read(&options->settings, environment, &options->complaint) < 0;
	if (argc < 2)
		return complain("no runtime given", "write: gambeson-agent run [options] -- RUNTIME [ARGUMENT...]");
	if (strcmp(argv[1], "--version") == 0) {
		agent_say(STDOUT_FILENO, "gambeson-agent %s\n", GB_VERSION);
		return 0;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help();
		return 0;
	}
	if (strcmp(argv[1], "run") == 0)
		return read_run(argv + 2, options);
	if (argv[1][0] == '-')
		return complain(argv[1], "unknown option; see gambeson-agent --help");
	options->is_wrapper = true;
	options->runtime = argv + 1;
	return -1;
}
