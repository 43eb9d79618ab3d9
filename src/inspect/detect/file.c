/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Path traversal and local file inclusion: the text is cut into paths; a path convicts by climbing out of where it
 * belongs, by aiming at a file of the system's, or by a scheme that makes a file function read something else.
 */
#include "inspect/bytes.h"
#include "inspect/detect/detect.h"
#include "inspect/lex/lex.h"

/* First directories of a system's tree, and files that lie at its root: what climbing aims at. */
static const char *const roots[] = {"etc", "proc", "var", "usr", "root", "home", "dev", "bin", "sbin", "opt", "tmp",
        "sys", "boot", "mnt", "srv", "lib", "private", "windows", "winnt", "boot.ini", "autoexec.bat", "inetpub",
        "users", "system32", "program files", "programdata", "web-inf", "meta-inf"};

/* Files that hold secrets or tell about the machine: last names, alone enough behind the given directory. */
struct target {
	const char *directory; /* a name earlier in the path, or NULL */
	const char *name;
};

static const struct target targets[] = {
        {"etc", "passwd"},
        {"etc", "shadow"},
        {"etc", "group"},
        {"etc", "gshadow"},
        {"etc", "hosts"},
        {"etc", "sudoers"},
        {"etc", "master.passwd"},
        {"etc", "issue"},
        {"etc", "fstab"},
        {"etc", "crontab"},
        {"etc", "resolv.conf"},
        {"etc", "hostname"},
        {"etc", "services"},
        {"proc", "environ"},
        {"proc", "cmdline"},
        {"proc", "maps"},
        {"proc", "mem"},
        {"proc", "version"},
        {"proc", "cpuinfo"},
        {".ssh", "id_rsa"},
        {".ssh", "id_dsa"},
        {".ssh", "id_ed25519"},
        {".ssh", "id_ecdsa"},
        {".ssh", "authorized_keys"},
        {".ssh", "known_hosts"},
        {".aws", "credentials"},
        {".aws", "config"},
        {"windows", "win.ini"},
        {"winnt", "win.ini"},
        {"windows", "system.ini"},
        {"winnt", "system.ini"},
        {"config", "sam"},
        {"repair", "sam"},
        {"repair", "system"},
        {"etc", "my.cnf"},
        {"root", ".bash_history"},
        {NULL, "boot.ini"},
        {NULL, ".htpasswd"},
        {"root", ".history"},
        {"mysql", "user.myd"},
        {"serviceaccount", "token"},
        {".kube", "config"},
        {".docker", "config.json"},
        {"etc", "hosts.equiv"},
        {"etc", "hosts.allow"},
        {"etc", "hosts.deny"},
        {"etc", "environ"},
        {NULL, ".htaccess"},
        {NULL, ".bash_history"},
        {NULL, ".passwd"},
        {NULL, "master.passwd"},
        {NULL, ".netrc"},
        {NULL, ".pgpass"},
};

/* Schemes that file functions of languages take for more than a file. */
static const char *const wrappers[] = {"php://filter", "php://input", "php://fd", "expect://", "phar://", "zip://",
        "zlib:", "glob://", "ogg://", "ssh2.", "compress.zlib://", "compress.bzip2://", "data://text", "file://",
        "local_file:", "netdoc:", "jar:file:", "jar:http", "view-source:file"};

static bool is_any_nocase(struct gb_span name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (gb_span_equal_nocase(name, gb_span_cstr(list[i])))
			return true;
	return false;
}

static struct gb_span without_tail(struct gb_span name)
{
	/* `passwd;`, `passwd%00.jpg` decoded, `boot.ini?` */
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == ';' || name.p[i] == '?' || name.p[i] == '#' || name.p[i] == '%')
			return gb_span_sub(name, 0, i);
	return name;
}

/* Whether NAME stands as a whole segment in PATH. */
static bool has_segment(struct gb_span path, struct gb_span name)
{
	for (size_t at = 0; at + name.n <= path.n; at++) {
		bool starts = at == 0 || path.p[at - 1] == '/' || path.p[at - 1] == '\\' || path.p[at - 1] == '~';
		bool ends = at + name.n < path.n && (path.p[at + name.n] == '/' || path.p[at + name.n] == '\\');

		if (starts && ends && gb_span_equal_nocase(gb_span_sub(path, at, name.n), name))
			return true;
	}
	return false;
}

static bool is_target(struct gb_span text, const struct gb_lex_path *path)
{
	struct gb_span whole = gb_span_sub(text, path->offset, path->length < 512 ? path->length : 512);
	struct gb_span last = without_tail(path->last_name);

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (!gb_span_equal_nocase(last, gb_span_cstr(targets[i].name)))
			continue;
		if (targets[i].directory == NULL || has_segment(whole, gb_span_cstr(targets[i].directory)))
			return true;
	}
	return false;
}

static bool convict(struct gb_detect_hit *hit, const char *reason, const struct gb_lex_path *path)
{
	*hit = (struct gb_detect_hit){.reason = reason, .from = path->offset, .length = path->length};
	return true;
}

/* What stands before and behind the path in its text. */
struct place {
	bool is_whole;         /* nothing does */
	bool is_value;         /* only name= or & do, as in a query */
	bool has_blanks;       /* the text has some */
	bool is_relative_link; /* in a URL or a link of a document */
};

static struct place place_of(const struct gb_detect_input *input, const struct gb_lex_path *path)
{
	struct gb_span text = input->text;
	size_t end = path->offset + path->length;
	struct place place = {.has_blanks = (input->mask & (GB_BYTE_SPACE | GB_BYTE_NEWLINE)) != 0};
	unsigned char before = path->offset > 0 ? text.p[path->offset - 1] : 0;

	place.is_whole = path->offset == 0 && (end == text.n || text.p[end] == 0);
	place.is_value = place.is_whole || before == '=' || (path->offset == 0 && end < text.n && text.p[end] == '&');
	place.is_relative_link = before == '(' || before == '"' || before == '\'' || before == '`';
	return place;
}

/* `cat /root/.ssh/id_rsa`: nothing but a command's name and one blank in front. */
static bool is_argument_of_command(struct gb_span text, const struct gb_lex_path *path)
{
	return path->offset > 1 && path->offset < 12 && path->offset + path->length == text.n &&
	       gb_detect_command_name(gb_span_sub(text, 0, path->offset - 1)) >= GB_NAME_COMMAND;
}

static bool judge_path(const struct gb_detect_input *input, const struct gb_lex_path *path, struct gb_detect_hit *hit)
{
	struct place place = place_of(input, path);
	bool aims_at_root = path->has_name_behind_up &&
	                    is_any_nocase(without_tail(path->first_name), roots, sizeof(roots) / sizeof(roots[0]));
	bool hits_target = is_target(input->text, path);

	if (path->ups > 0 && (aims_at_root || hits_target))
		return convict(hit, "path_traversal_target", path);
	if (path->dots >= 4 && hits_target)
		return convict(hit, "path_traversal_target", path);
	if (path->longest_ups >= 3 && (place.is_value || (!place.has_blanks && !place.is_relative_link)))
		return convict(hit, "path_traversal_deep", path);
	if (path->ups >= 1 && path->has_name_behind_up && path->ups == path->longest_ups && place.is_value &&
	        !place.has_blanks)
		return convict(hit, "path_traversal_value", path);
	if (path->ups >= 1 && place.is_whole && !place.has_blanks)
		return convict(hit, "path_traversal_value", path);
	if (hits_target && (place.is_value || path->is_nul_ended || !place.has_blanks ||
	                           is_argument_of_command(input->text, path)))
		return convict(hit, "path_system_file", path);
	if (path->ups >= 1 && path->is_nul_ended)
		return convict(hit, "path_nul", path);
	return false;
}

static bool find_wrapper(const struct gb_detect_input *input, struct gb_detect_hit *hit)
{
	struct gb_span text = input->text;

	for (size_t colon = gb_span_find_byte(text, ':', 0); colon != SIZE_MAX;
	        colon = gb_span_find_byte(text, ':', colon + 1)) {
		size_t start = colon;

		while (start > 0 && colon - start < 16 &&
		        (gb_ascii_is_alpha(text.p[start - 1]) || gb_ascii_is_digit(text.p[start - 1]) ||
		                text.p[start - 1] == '_' || text.p[start - 1] == '.' || text.p[start - 1] == '-'))
			start--;
		for (size_t i = 0; i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
			struct gb_span wrapper = gb_span_cstr(wrappers[i]);

			if (!gb_span_equal_nocase(gb_span_sub(text, start, wrapper.n), wrapper))
				continue;
			if (start != 0 && text.p[start - 1] != '=' && text.p[start - 1] != ':')
				continue;
			if ((input->mask & (GB_BYTE_SPACE | GB_BYTE_NEWLINE)) != 0)
				continue;
			*hit = (struct gb_detect_hit){.reason = "file_wrapper", .from = start, .length = wrapper.n};
			return true;
		}
	}
	return false;
}

bool gb_detect_file(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	struct gb_lex_path path;
	size_t at = 0;

	while (gb_lex_path_next(input->text, &at, &path))
		if (judge_path(input, &path, ret_hit))
			return true;
	return (input->mask & GB_BYTE_COLON) != 0 && find_wrapper(input, ret_hit);
}
