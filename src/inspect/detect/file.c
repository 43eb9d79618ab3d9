/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Path traversal and local file inclusion: the text is cut into paths; a path convicts by climbing out of where it
 * belongs, by aiming at a file of the system's, or by a scheme that makes a file function read something else.
 */
#include "inspect/bytes.h"
#include "inspect/detect/detect.h"
#include "inspect/detect/file_known.h"
#include "inspect/detect/file_near.h"
#include "inspect/lex/lex.h"

#define NAME_BYTES_MAX 256u

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
        {S(".git"), S("config")},
        {S(".git"), S("head")},
        {S(".git"), S("index")},
        {{NULL, 0}, S(".env")},
        {{NULL, 0}, S("wp-config.php")},
        {{NULL, 0}, S("tomcat-users.xml")},
        {S("web-inf"), S("web.xml")},
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

static bool holds_account_name(struct gb_span name)
{
	static const struct gb_span stems[] = {S("passwd"), S("shadow")};

	for (size_t i = 0; i < 2; i++)
		if (name.n > stems[i].n && name.n < stems[i].n + 12 &&
		        (gb_span_equal_nocase(gb_span_sub(name, 0, stems[i].n), stems[i]) ||
		                gb_span_equal_nocase(gb_span_sub(name, name.n - stems[i].n, stems[i].n), stems[i])))
			return true;
	return false;
}

/* /proc/self/…, /proc/1/…, /proc/net/tcp, /dev/fd/3; /var/task/x.py and /var/runtime/… of a function. */
static bool is_of_process(struct gb_span path)
{
	static const struct gb_span parents[] = {S("/proc/self/"), S("/proc/thread-self/"), S("/proc/net/"),
	        S("/proc/sys/"), S("/dev/fd/"), S("/var/task/"), S("/var/runtime/"), S("/var/run/secrets/")};
	size_t at = 6;

	while (path.n > 1 && (path.p[1] == '/' || path.p[1] == '\\'))
		path = gb_span_sub(path, 1, path.n);
	for (size_t i = 0; i < sizeof(parents) / sizeof(parents[0]); i++)
		if (path.n > parents[i].n && gb_span_equal_nocase(gb_span_sub(path, 0, parents[i].n), parents[i]))
			return true;
	if (!gb_span_starts(path, GB_SPAN("/proc/")))
		return false;
	while (at < path.n && gb_ascii_is_digit(path.p[at]))
		at++;
	return (at > 6 && at + 1 < path.n && path.p[at] == '/') || gb_span_equal(path, GB_SPAN("/proc/mounts")) ||
	       gb_span_equal(path, GB_SPAN("/proc/version")) || gb_span_equal(path, GB_SPAN("/proc/partitions"));
}

static bool is_target(struct gb_span text, const struct gb_lex_path *path)
{
	struct gb_span whole = gb_span_sub(text, path->offset, path->length < 512 ? path->length : 512);
	struct gb_span last = without_tail(path->last_name);

	unsigned char first;

	if (last.n == 0)
		return false;
	/* /etc/x.passwd, /etc/shadow-; any file of a process or of the function's own code. */
	if (path->is_absolute && (holds_account_name(last) ? gb_span_equal_nocase(path->first_name, GB_SPAN("etc"))
	                                                   : is_of_process(whole)))
		return true;
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

/* `cat /home/app/.ssh/id_rsa`: nothing but a command's name and one blank in front. */
static bool is_argument_of_command(struct gb_span text, const struct gb_lex_path *path)
{
	return path->offset > 1 && path->offset < 12 && path->offset + path->length == text.n &&
	       gb_detect_command_name(gb_span_sub(text, 0, path->offset - 1)) >= GB_NAME_COMMAND;
}

static bool judge_path(const struct gb_detect_input *input, const struct gb_lex_path *path, struct gb_detect_hit *hit)
{
	static const struct gb_span shared[] = {S("lib"), S("bin"), S("users"), S("home"), S("opt")};
	struct place place = place_of(input, path);
	bool aims_at_root = path->ups > 0 && path->has_name_behind_up &&
	                    is_any_nocase(without_tail(path->first_name), roots, sizeof(roots) / sizeof(roots[0]));
	bool hits_target = is_target(input->text, path), is_near;

	/* "../../lib/x.js" in a text is an import or a link. */
	if (aims_at_root && place.has_blanks && place.is_relative_link && path->longest_ups < 4)
		aims_at_root = false;
	is_near = path->ups > 0 && !hits_target && place.is_whole && gb_detect_is_near_path(input, path);
	/* Folders of projects as well. */
	if (aims_at_root && is_near && is_any_nocase(path->first_name, shared, sizeof(shared) / sizeof(shared[0])))
		return false;
	if (path->ups > 0 && (aims_at_root || hits_target))
		return convict(hit, "path_traversal_target", path);
	if (path->dots >= 4 && hits_target)
		return convict(hit, "path_traversal_target", path);
	if (is_near && !aims_at_root)
		return false;
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

/* A value that is a path and nothing else, maybe behind a command that reads files, is judged by where it leads. */
/* WRITTEN: with the blanks behind it. */
static bool find_known(const struct gb_detect_input *input, struct gb_span written, struct gb_detect_hit *hit)
{
	struct gb_span path = input->text;
	size_t blank = path.n <= NAME_BYTES_MAX ? gb_bytes_find(path, ' ', 0) : SIZE_MAX;

	if (path.n > NAME_BYTES_MAX)
		return false;
	/* Blanks behind a name are one's own when they came in disguise. */
	if (gb_detect_is_disguised_name(input->decodings != 0 ? written : path)) {
		*hit = (struct gb_detect_hit){.reason = "file_disguised_name", .from = 0, .length = path.n};
		return true;
	}
	if (blank != SIZE_MAX && blank < 20 &&
	        gb_detect_command_name(gb_span_basename(gb_span_sub(path, 0, blank))) >= GB_NAME_COMMAND)
		path = gb_span_sub(path, blank + 1, path.n);
	if ((input->mask & GB_BYTE_NEWLINE) != 0 || !gb_detect_is_known_file(path))
		return false;
	*hit = (struct gb_detect_hit){.reason = "path_system_file", .from = input->text.n - path.n, .length = path.n};
	return true;
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
	/* Bytes of no path, and too long for a name. */
	if ((inner.mask & (GB_BYTE_SLASH | GB_BYTE_BACKSLASH)) == 0 &&
	        (inner.text.n > NAME_BYTES_MAX || (inner.mask & (GB_BYTE_DOT | GB_BYTE_COLON)) == 0))
		return false;
	while (!is_found && gb_lex_path_next(inner.text, &at, &path))
		is_found = judge_path(&inner, &path, ret_hit);
	is_found = is_found ||
	           find_known(&inner, gb_span_sub(input->text, (size_t)(inner.text.p - input->text.p), SIZE_MAX),
	                   ret_hit) ||
	           gb_detect_file_trick(&inner, ret_hit);
	if (is_found)
		ret_hit->from += (size_t)(inner.text.p - input->text.p);
	return is_found;
}
