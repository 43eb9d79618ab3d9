/* SPDX-License-Identifier: Apache-2.0 */
/* gambeson inspect: judge events, or payloads one a line, as the input firewall would. */
#include "cmd/gambeson/commands.h"
#include "cmd/gambeson/screen.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "inspect/decode/decode.h"
#include "inspect/inspect.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Lambda gives an event of 6 MB at most; a file may hold many. */
#define FILE_BYTES_MAX (256u * 1024u * 1024u)

struct settings {
	bool json;
	bool batch;
	bool explain;
	bool value;
	const char *classes;
};

static const struct gb_option options[] = {
        GB_FLAG(struct settings, json, "json", "print one JSON object a file"),
        GB_FLAG(struct settings, batch, "batch",
                "read one base64 payload a line; print 'attack<TAB>CLASS<TAB>REASON' or 'benign' for each"),
        GB_FLAG(struct settings, value, "value", "take the file's bytes as one string, not as an event"),
        GB_TEXT(struct settings, classes, "class", "LIST", "look for these classes only: cmdi,lfi"),
        GB_FLAG(struct settings, explain, "explain", "print every string found, layer by layer"),
        {.name = NULL},
};

struct session {
	const struct gb_command *command;
	const struct settings *settings;
	struct gb_inspect_options options;
	struct gb_inspect_scratch *scratch;
	bool has_findings;
	bool is_first;
};

static void print_report(const char *name, const struct gb_inspect_report *report)
{
	printf("%s: %s (%s event%s)\n", name, report->finding_count != 0 ? "attack" : "nothing found",
	        gb_inspect_shape_name(report->shape), report->is_limited ? "; a limit cut the inspection short" : "");
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct gb_inspect_finding *finding = &report->findings[i];

		printf("  %s: %s in ", gb_inspect_class_facts(finding->attack_class)->alert, finding->reason);
		gb_screen_text(stdout, finding->path.n != 0 ? finding->path : GB_SPAN("the whole input"));
		printf(" (%s)\n", gb_inspect_origin_name(finding->origin));
		gb_screen_evidence(
		        stdout, gb_has_colour(STDOUT_FILENO), 4, finding->value, finding->from, finding->length);
	}
}

/* A JSON string. Bytes that are no UTF-8 become U+FFFD, so that the line is always valid. */
static void print_json_string(struct gb_span s)
{
	putchar('"');
	for (size_t i = 0; i < s.n;) {
		unsigned char c = s.p[i];
		size_t tail = c >= 0xf0 && c <= 0xf4 ? 3 : c >= 0xe0 ? 2 : 1;

		if (c < 0x80) {
			if (c == '"' || c == '\\')
				printf("\\%c", c);
			else if (c < 0x20 || c == 0x7f)
				printf("\\u%04x", c);
			else
				putchar(c);
			i++;
			continue;
		}
		for (size_t k = 1; k <= tail; k++)
			if (c < 0xc2 || c > 0xf4 || i + k >= s.n || (s.p[i + k] & 0xc0) != 0x80)
				tail = 0;
		if (tail == 0)
			fputs("\\ufffd", stdout);
		else
			fwrite(s.p + i, 1, tail + 1, stdout);
		i += tail + 1;
	}
	putchar('"');
}

static void print_json_report(const char *name, const struct gb_inspect_report *report)
{
	fputs("{\"file\":", stdout);
	print_json_string(gb_span_cstr(name));
	printf(",\"shape\":\"%s\",\"limited\":%s,\"steps\":%llu", gb_inspect_shape_name(report->shape),
	        report->is_limited ? "true" : "false", (unsigned long long)report->steps);
	if (report->source_ip.n != 0) {
		fputs(",\"source_ip\":", stdout);
		print_json_string(report->source_ip);
	}
	fputs(",\"findings\":[", stdout);
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct gb_inspect_finding *finding = &report->findings[i];
		const struct gb_class_facts *facts = gb_inspect_class_facts(finding->attack_class);

		printf("%s{\"class\":\"%s\",\"type\":\"%s\",\"reason\":\"%s\",\"attack\":\"%s\",\"cwe\":%u,\"origin\":"
		       "\"%s\",\"path\":",
		        i == 0 ? "" : ",", facts->code, facts->alert, finding->reason, facts->attack, facts->cwe,
		        gb_inspect_origin_name(finding->origin));
		print_json_string(finding->path);
		fputs(",\"value\":", stdout);
		print_json_string(finding->value);
		printf(",\"from\":%zu,\"length\":%zu}", finding->from, finding->length);
	}
	puts("]}");
}

static void explain_string(void *context, const struct gb_inspect_string *string)
{
	(void)context;
	printf("  %-9s %u  ", gb_inspect_origin_name(string->origin), string->decodings);
	gb_screen_text(stdout, string->path);
	fputs(" = ", stdout);
	gb_screen_text(stdout, gb_span_sub(string->value, 0, 200));
	putchar('\n');
}

/* One input as it was read from NAME. */
static int inspect_text(struct session *session, const char *name, struct gb_span text)
{
	struct gb_inspect_report report;

	if (session->settings->explain)
		printf("%s: strings (origin, decodings, path = value)\n", name);
	if (session->settings->value)
		gb_inspect_value(&session->options, text, session->scratch, &report);
	else
		gb_inspect_event(&session->options, text, session->scratch, &report);
	session->has_findings |= report.finding_count != 0;
	if (session->settings->json)
		print_json_report(name, &report);
	else
		print_report(name, &report);
	return GB_EXIT_OK;
}

static int batch_line(struct session *session, struct gb_span line, unsigned char *buffer)
{
	struct gb_inspect_report report;
	size_t n = gb_decode_base64_bytes(line, buffer);

	if (n == SIZE_MAX)
		return -EINVAL;
	gb_inspect_value(&session->options, gb_span_of(buffer, n), session->scratch, &report);
	if (report.finding_count == 0)
		puts("benign");
	else
		printf("attack\t%s\t%s\n", gb_inspect_class_facts(report.findings[0].attack_class)->code,
		        report.findings[0].reason);
	return 0;
}

static int inspect_batch(struct session *session, const char *name, FILE *in)
{
	GB_CLEANUP(gb_freep) char *line = NULL;
	GB_CLEANUP(gb_freep) unsigned char *buffer = NULL;
	size_t cap = 0, room = 0, number = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, in)) >= 0) {
		struct gb_span text = gb_span_trim(gb_span_of(line, (size_t)n));

		number++;
		if (cap > room) {
			unsigned char *larger = realloc(buffer, cap);

			if (larger == NULL)
				return gb_complain(session->command, GB_EXIT_SYSTEM, "out of memory");
			buffer = larger;
			room = cap;
		}
		if (batch_line(session, text, buffer) < 0)
			return gb_complain(session->command, GB_EXIT_USAGE,
			        "%s:%zu: not base64; --batch wants one base64 payload a line", name, number);
	}
	if (ferror(in))
		return gb_complain(session->command, GB_EXIT_SYSTEM, "%s: %s", name, strerror(errno));
	return GB_EXIT_OK;
}

static int inspect_file(struct session *session, const char *path)
{
	const char *name = strcmp(path, "-") == 0 ? "stdin" : path;
	GB_CLEANUP(gb_freep) char *data = NULL;
	size_t n;
	int r;

	if (session->settings->batch) {
		FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
		int status;

		if (in == NULL)
			return gb_complain(
			        session->command, GB_EXIT_SYSTEM, "cannot read %s: %s", path, strerror(errno));
		status = inspect_batch(session, name, in);
		if (in != stdin)
			(void)fclose(in);
		return status;
	}
	r = gb_fd_read_file(path, FILE_BYTES_MAX, &data, &n);
	if (r == -EFBIG)
		return gb_complain(
		        session->command, GB_EXIT_SYSTEM, "%s is larger than 256 MB; give one event a file", path);
	if (r < 0)
		return gb_complain(session->command, GB_EXIT_SYSTEM, "cannot read %s: %s", path, strerror(-r));
	return inspect_text(session, name, gb_span_of(data, n));
}

static int is_event_file(const struct dirent *entry)
{
	return gb_span_ends(gb_span_cstr(entry->d_name), GB_SPAN(".json")) && entry->d_name[0] != '.';
}

/* The .json files of a directory, by name. */
static int inspect_directory(struct session *session, const char *path)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, is_event_file, alphasort), status = GB_EXIT_OK;

	if (count < 0)
		return gb_complain(session->command, GB_EXIT_SYSTEM, "cannot read %s: %s", path, strerror(errno));
	if (count == 0)
		status = gb_complain(
		        session->command, GB_EXIT_USAGE, "%s holds no .json file; name a file instead", path);
	for (int i = 0; i < count; i++) {
		char full[4096];

		if (status == GB_EXIT_OK) {
			snprintf(full, sizeof(full), "%s/%s", path, entries[i]->d_name);
			status = inspect_file(session, full);
		}
		free(entries[i]);
	}
	free(entries);
	return status;
}

static int parse_classes(const struct gb_command *command, const char *list, uint32_t *ret_classes)
{
	struct gb_span rest = gb_span_cstr(list);

	while (rest.n != 0) {
		size_t comma = gb_span_find_byte(rest, ',', 0);
		struct gb_span code = gb_span_sub(rest, 0, comma);
		enum gb_attack_class attack_class = gb_inspect_class_of_code(code);

		if (attack_class == GB_CLASS_NONE)
			return gb_complain(command, GB_EXIT_USAGE,
			        "--class: unknown class '%.*s'; there are cmdi, codei, csvi, lfi, nosqli, sqli, xss, "
			        "xxe",
			        (int)code.n, (const char *)code.p);
		*ret_classes |= 1u << attack_class;
		rest = comma == SIZE_MAX ? GB_SPAN_EMPTY : gb_span_sub(rest, comma + 1, SIZE_MAX);
	}
	return GB_EXIT_OK;
}

static int inspect_path(struct session *session, const char *path)
{
	struct stat status;

	if (strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return inspect_directory(session, path);
	return inspect_file(session, path);
}

static int run(const struct gb_command *self, void *settings_memory, const struct gb_strings *operands)
{
	const struct settings *settings = settings_memory;
	GB_CLEANUP(gb_freep) struct gb_inspect_scratch *scratch = malloc(gb_inspect_scratch_bytes());
	struct session session = {.command = self, .settings = settings, .scratch = scratch};
	int status = GB_EXIT_OK;

	if (scratch == NULL)
		return gb_complain(self, GB_EXIT_SYSTEM, "out of memory");
	if (settings->batch && (settings->json || settings->explain))
		return gb_complain(self, GB_EXIT_USAGE, "--batch has its own output; leave out --json and --explain");
	if (settings->json && settings->explain)
		return gb_complain(self, GB_EXIT_USAGE, "--explain is for people; leave out --json");
	if (settings->classes != NULL) {
		status = parse_classes(self, settings->classes, &session.options.classes);
		if (status != GB_EXIT_OK)
			return status;
	}
	if (settings->explain)
		session.options.on_string = explain_string;
	if (operands->count == 0)
		status = inspect_file(&session, "-");
	for (size_t i = 0; i < operands->count && status == GB_EXIT_OK; i++)
		status = inspect_path(&session, operands->items[i]);
	if (status != GB_EXIT_OK)
		return status;
	return session.has_findings ? GB_EXIT_FINDINGS : GB_EXIT_OK;
}

const struct gb_command gb_cmd_inspect = {
        .name = "inspect",
        .summary = "judge events as the input firewall would",
        .operands = "[FILE|DIR|-]...",
        .notes = "Without a FILE, or with '-', the event is read from standard input. A DIR stands for its .json "
                 "files.\n"
                 "Exit status: 0 nothing found, 1 an attack found (with --batch always 0), 2 usage, 3 cannot read.\n",
        .operands_max = GB_OPERANDS_ANY,
        .options = options,
        .settings_bytes = sizeof(struct settings),
        .run = run,
};
