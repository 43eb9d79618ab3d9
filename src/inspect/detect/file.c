/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Path traversal and local file inclusion: the text is cut into paths; a path convicts by climbing out of where it
 * belongs, by aiming at a file of the system's, or by a scheme that makes a file function read something else.
 */
#include "inspect/bytes.h"
#include "inspect/detect/detect.h"
#include "inspect/lex/lex.h"

/* First directories of a system's tree, and files that lie at its root: what climbing aims at. */
#define S(text)                                                                                                        \
	{                                                                                                              \
		(const unsigned char *)(text), sizeof(text) - 1                                                        \
	}

static const struct gb_span roots[] = {S("etc"), S("proc"), S("var"), S("usr"), S("root"), S("home"), S("dev"),
        S("bin"), S("sbin"), S("opt"), S("tmp"), S("sys"), S("boot"), S("mnt"), S("srv"), S("lib"), S("private"),
        S("windows"), S("winnt"), S("boot.ini"), S("autoexec.bat"), S("inetpub"), S("users"), S("system32"),
        S("program files"), S("programdata"), S("web-inf"), S("meta-inf")};

/* Files that hold secrets or tell about the machine: last names, alone enough behind the given directory. */
struct target {
	struct gb_span directory; /* a name earlier in the path, or none */
	struct gb_span name;
};

static const struct target targets[] = {
        {S("etc"), S("passwd")},
        {S("etc"), S("shadow")},
        {S("etc"), S("group")},
        {S("etc"), S("gshadow")},
        {S("etc"), S("hosts")},
        {S("etc"), S("sudoers")},
        {S("etc"), S("master.passwd")},
        {S("etc"), S("issue")},
        {S("etc"), S("fstab")},
        {S("etc"), S("crontab")},
        {S("etc"), S("resolv.conf")},
        {S("etc"), S("hostname")},
        {S("etc"), S("services")},
        {S("proc"), S("environ")},
        {S("proc"), S("cmdline")},
        {S("proc"), S("maps")},
        {S("proc"), S("mem")},
        {S("proc"), S("version")},
        {S("proc"), S("cpuinfo")},
        {S(".ssh"), S("id_rsa")},
        {S(".ssh"), S("id_dsa")},
        {S(".ssh"), S("id_ed25519")},
        {S(".ssh"), S("id_ecdsa")},
        {S(".ssh"), S("authorized_keys")},
        {S(".ssh"), S("known_hosts")},
        {S(".aws"), S("credentials")},
        {S(".aws"), S("config")},
        {S("windows"), S("win.ini")},
        {S("winnt"), S("win.ini")},
        {S("windows"), S("system.ini")},
        {S("winnt"), S("system.ini")},
        {S("config"), S("sam")},
        {S("repair"), S("sam")},
        {S("repair"), S("system")},
        {S("etc"), S("my.cnf")},
        {S("root"), S(".bash_history")},
        {{NULL, 0}, S("boot.ini")},
        {{NULL, 0}, S(".htpasswd")},
        {S("root"), S(".history")},
        {S("mysql"), S("user.myd")},
        {S("serviceaccount"), S("token")},
        {S(".kube"), S("config")},
        {S(".docker"), S("config.json")},
        {S("etc"), S("hosts.equiv")},
        {S("etc"), S("hosts.allow")},
        {S("etc"), S("hosts.deny")},
        {S("etc"), S("environ")},
        {{NULL, 0}, S(".htaccess")},
        {{NULL, 0}, S(".bash_history")},
        {{NULL, 0}, S(".passwd")},
        {{NULL, 0}, S("master.passwd")},
        {{NULL, 0}, S(".netrc")},
        {{NULL, 0}, S(".pgpass")},
};

/* Schemes that file functions of languages take for more than a file. */
static const struct gb_span wrappers[] = {S("php://filter"), S("php://input"), S("php://fd"), S("expect://"),
        S("phar://"), S("zip://"), S("zlib:"), S("glob://"), S("ogg://"), S("ssh2."), S("compress.zlib://"),
        S("compress.bzip2://"), S("data://text"), S("file://"), S("local_file:"), S("netdoc:"), S("jar:file:"),
        S("jar:http"), S("view-source:file")};

static bool is_any_nocase(struct gb_span name, const struct gb_span *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (name.n == list[i].n && gb_span_equal_nocase(name, list[i]))
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

	unsigned char first;

	if (last.n == 0)
		return false;
	first = gb_ascii_lower(last.p[0]);
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (last.n != targets[i].name.n || first != targets[i].name.p[0] ||
		        !gb_span_equal_nocase(last, targets[i].name))
			continue;
		if (targets[i].directory.n == 0 || has_segment(whole, targets[i].directory))
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
	bool aims_at_root = path->ups > 0 && path->has_name_behind_up &&
	                    is_any_nocase(without_tail(path->first_name), roots, sizeof(roots) / sizeof(roots[0]));
	bool hits_target = is_target(input->text, path);

	/* "../../lib/x.js" in a text is an import or a link. */
	if (aims_at_root && place.has_blanks && place.is_relative_link && path->longest_ups < 4)
		aims_at_root = false;
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

	for (size_t colon = gb_bytes_find(text, ':', 0); colon != SIZE_MAX;
	        colon = gb_bytes_find(text, ':', colon + 1)) {
		size_t start = colon;

		while (start > 0 && colon - start < 16 &&
		        (gb_ascii_is_alpha(text.p[start - 1]) || gb_ascii_is_digit(text.p[start - 1]) ||
		                text.p[start - 1] == '_' || text.p[start - 1] == '.' || text.p[start - 1] == '-'))
			start--;
		/* Numbers and http have colons behind them; no wrapper begins like these. */
		if (start < colon && (gb_ascii_is_digit(text.p[start]) || gb_ascii_lower(text.p[start]) == 'h'))
			continue;
		for (size_t i = 0; start < colon && i < sizeof(wrappers) / sizeof(wrappers[0]); i++) {
			struct gb_span wrapper = wrappers[i];

			if (gb_ascii_lower(text.p[start]) != wrapper.p[0] ||
			        !gb_span_equal_nocase(gb_span_sub(text, start, wrapper.n), wrapper))
				continue;
			if (start != 0 && text.p[start - 1] != '=' && text.p[start - 1] != ':')
				continue;
			*hit = (struct gb_detect_hit){.reason = "file_wrapper", .from = start, .length = wrapper.n};
			return true;
		}
	}
	return false;
}

bool gb_detect_file(const struct gb_detect_input *input, struct gb_detect_hit *ret_hit)
{
	/* Blanks around a path do not make it part of a sentence. */
	struct gb_detect_input inner = *input;
	struct gb_lex_path path;
	bool is_found = false;
	size_t at = 0;

	inner.text = gb_span_trim(input->text);
	if (inner.text.n == 0)
		return false;
	if (inner.text.n != input->text.n)
		inner.mask = gb_bytes_mask(inner.text);
	while (!is_found && gb_lex_path_next(inner.text, &at, &path))
		is_found = judge_path(&inner, &path, ret_hit);
	if (!is_found && (inner.mask & GB_BYTE_COLON) != 0 && (inner.mask & (GB_BYTE_SPACE | GB_BYTE_NEWLINE)) == 0)
		is_found = find_wrapper(&inner, ret_hit);
	if (is_found)
		ret_hit->from += (size_t)(inner.text.p - input->text.p);
	return is_found;
}
