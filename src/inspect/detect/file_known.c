/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files by the place they have in a system's tree and by what their kind of name holds. A path that is all of a value is
 * brought into one spelling (small letters, slashes, no drive) and cut into segments; rules then ask where it lies
 * (etc, proc, var/log, a home, a server's folder) and what its last name is: a configuration, a key, a log of a service,
 * hidden. Documents, pictures, programs and archives pass wherever they lie.
 */
#include "inspect/detect/file_known.h"

#include "inspect/bytes.h"
#include "inspect/detect/file_shape.h"

static bool is_digits(struct gb_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!gb_ascii_is_digit(s.p[i]))
			return false;
	return s.n != 0;
}

#define CONFIGURATIONS                                                                                                 \
	"conf cnf cfg config ini inf properties yml yaml toml rules defs allow deny equiv local preload default"
#define KEYS    "key pem p12 pfx jks keystore ppk kdbx"
#define BACKUPS "bak old orig save swp swo backup"

/* Names that mean one thing wherever they lie. */
#define CONFIGURATION_NAMES                                                                                            \
	"httpd.conf apache2.conf nginx.conf lighttpd.conf vhosts.conf php.ini my.cnf my.ini web.config web.xml "       \
	"wp-config.php config.inc.php localsettings.php localconfiguration.php tomcat-users.xml server.xml "           \
	"standalone.xml applicationhost.config metabase.xml global.asa machine.config application.properties "         \
	"application.yml application.yaml bootstrap.yml appsettings.json database.yml secrets.yml "                    \
	"credentials.yml.enc "                                                                                         \
	"master.key parameters.yml proftpd.conf vsftpd.conf pure-ftpd.conf redis.conf mongod.conf pg_hba.conf "        \
	"postgresql.conf sshd_config ssh_config krb5.keytab kubeconfig credentials.xml initialadminpassword "          \
	"jboss-web.xml weblogic.xml filezilla.xml sitemanager.xml ntuser.dat ntds.dit unattend.xml unattended.xml "    \
	"autounattend.xml sysprep.inf sysprep.xml boot.ini win.ini system.ini php.ini-production php.ini-development"

#define SECRET_NAMES                                                                                                   \
	"id_rsa id_dsa id_ecdsa id_ed25519 authorized_keys known_hosts application_default_credentials.json "          \
	"access_tokens.db accesstokens.json credentials.db passwords.txt password.txt secret.txt secrets.txt "         \
	"credentials.txt flag.txt secrets.json"

/* Hidden files and folders of a person, a project or a system that hold secrets or history. */
#define HIDDEN_NAMES                                                                                                   \
	".ssh .aws .azure .gcloud .kube .docker .dockerenv .dockercfg .gnupg .netrc .npmrc .yarnrc .pypirc .pgpass "   \
	".my.cnf .mylogin.cnf .git .git-credentials .gitconfig .svn .hg .bzr .htaccess .htpasswd .passwd .rhosts "     \
	".shosts .forward .profile .viminfo .s3cfg .boto .terraform .terraformrc .vault-token .subversion .ftpconfig " \
	".ds_store .history .lesshst .logout .login .wget-hsts .xauthority .bash_profile .bash_logout .bash_aliases "  \
	".user.ini .composer .gem .msmtprc .muttrc .fetchmailrc .psql_history .env"

#define HOME_SECRETS ".ssh .aws .azure .kube .docker .gnupg .netrc .npmrc .pypirc .pgpass .git-credentials .my.cnf"

static bool is_hidden_secret(struct gb_span name)
{
	if (name.n < 3 || name.p[0] != '.')
		return false;
	if (gb_file_is_in(name, HIDDEN_NAMES) || gb_span_ends(name, GB_SPAN("_history")))
		return true;
	/* .bashrc .zshrc .vimrc; of folders that tools keep for themselves none ends so. */
	if (name.n > 4 && gb_span_ends(name, GB_SPAN("rc")) &&
	        !gb_file_is_in(name, ".eslintrc .babelrc .prettierrc .nvmrc"))
		return true;
	return gb_span_starts(name, GB_SPAN(".env.")) &&
	       !gb_file_is_in(gb_span_sub(name, 5, name.n), "example sample template dist test default defaults");
}

static bool is_backup_of_source(struct gb_span name)
{
	size_t dot = gb_span_find_last_byte(name, '.'), inner;
	struct gb_span stem;

	if (name.n > 1 && name.p[name.n - 1] == '~')
		stem = gb_span_sub(name, 0, name.n - 1);
	else if (dot != SIZE_MAX && gb_file_is_in(gb_span_sub(name, dot + 1, name.n), BACKUPS))
		stem = gb_span_sub(name, 0, dot);
	else
		return false;
	inner = gb_span_find_last_byte(stem, '.');
	return inner != SIZE_MAX && inner != 0 && gb_file_is_in(gb_span_sub(stem, inner + 1, stem.n), GB_FILE_SOURCES);
}

/* index.php.bak may be whatever somebody uploads or asks about; config.php.bak has what to log in with. */
static bool is_about_settings(struct gb_span name)
{
	static const char *const parts[] = {"conf", "setting", "secret", "pass", "credential", "database", "db",
	        "local", "env", "user", "admin", "login", "auth", "key", "token", "private", "connect"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (gb_bytes_find_text(name, gb_span_cstr(parts[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

static bool is_log(const struct gb_file_shape *shape, size_t first)
{
	struct gb_span name = shape->last;

	if (shape->ending.n != 0 && !gb_file_is_in(shape->ending, "log err crit warn notice info gz") &&
	        !is_digits(shape->ending))
		return false;
	if (gb_file_starts_with(name,
	            "access error auth secure syslog messages maillog mail.log wtmp btmp utmp lastlog kern "
	            "cron daemon dmesg faillog boot.log dpkg debug.log audit xferlog vsftpd proftpd "
	            "pure-ftpd pureftpd mysql ssh sudo user.log alternatives ufw fail2ban thttpd lighttpd "
	            "nginx httpd apache postgresql yum dnf cloud-init acct poplog ftp"))
		return true;
	for (size_t i = first; i + 1 < shape->count; i++)
		if (gb_file_starts_with(shape->segments[i],
		            "apache httpd nginx lighttpd mysql postgres exim vsftpd proftpd "
		            "pure-ftpd ftp audit samba squid tomcat cups news mail journal "
		            "amazon sa php logfiles"))
			return true;
	return false;
}

static bool is_of_var(const struct gb_file_shape *shape)
{
	struct gb_span folder = shape->segments[1];
	const bool has_ending = shape->ending.n != 0;

	if (shape->count == 2)
		return gb_file_is_in(shape->ending, "log") && is_log(shape, 1);
	if (gb_file_is_in(folder, "log"))
		return is_log(shape, 2);
	if (gb_file_is_in(folder, "mail spool adm cron saf"))
		return !has_ending;
	if (gb_file_is_in(folder, "lib db"))
		return !has_ending ? shape->count > 3 && !gb_file_is_in(shape->segments[2], "jenkins app data")
		                   : gb_file_is_in(shape->ending,
		                             "txt myd myi frm ibd mdb db sqlite sqlite3 " CONFIGURATIONS " " KEYS);
	if (gb_file_is_in(folder, "www"))
		return gb_file_is_in(shape->ending, GB_FILE_SOURCES " env ini conf yml sql log bak htpasswd");
	if (gb_file_is_in(folder, "backups backup"))
		return gb_file_starts_with(shape->last, "passwd shadow gshadow group dpkg");
	return gb_file_is_in(folder, "run") &&
	       (gb_file_is_in(shape->ending, "sock pid") || gb_file_is_in(shape->segments[2], "secrets") ||
	               gb_file_is_in(shape->last, "utmp"));
}

#define KERNEL_NAMES                                                                                                   \
	"self thread-self net sys config.gz cmdline cpuinfo meminfo mounts modules partitions devices filesystems "    \
	"interrupts iomem ioports kallsyms kcore kmsg loadavg locks mdstat misc sched_debug schedstat slabinfo stat "  \
	"swaps sysvipc timer_list uptime version version_signature vmallocinfo vmstat zoneinfo keys key-users crypto " \
	"diskstats softirqs cgroups buddyinfo consoles scsi bus driver fs irq tty"

static bool is_of_unix(const struct gb_file_shape *shape)
{
	struct gb_span root = shape->segments[0], second = shape->count > 1 ? shape->segments[1] : GB_SPAN_EMPTY;

	if (shape->count < 2)
		return false;
	if (gb_file_is_in(root, "etc"))
		return shape->ending.n == 0
		               ? shape->last.n > 2
		               : gb_file_is_in(shape->ending, CONFIGURATIONS " " KEYS " bak d secrets bashrc");
	if (gb_file_is_in(root, "proc"))
		return is_digits(second) || gb_file_is_in(second, KERNEL_NAMES);
	if (gb_file_is_in(root, "sys"))
		return shape->count >= 4 &&
		       gb_file_is_in(second, "class kernel devices fs module firmware block bus hypervisor");
	if (gb_file_is_in(root, "dev"))
		return gb_file_is_in(second, "zero random urandom full stdin mem kmem kmsg tty fd core port");
	if (gb_file_is_in(root, "boot"))
		return gb_file_is_in(second, "grub grub2 efi loader") ||
		       gb_file_starts_with(second, "vmlinuz config- initrd system.map");
	if (gb_file_is_in(root, "var"))
		return is_of_var(shape);
	if (gb_file_is_in(root, "run"))
		return gb_file_is_in(second, "secrets") || gb_file_is_in(shape->ending, "sock pid");
	if (gb_file_is_in(root, "root"))
		return gb_file_is_in(shape->ending, CONFIGURATIONS " " KEYS " txt history");
	return gb_file_is_in(root, "home users opt usr srv") &&
	       (gb_file_is_in(shape->ending, KEYS) ||
	               (gb_file_is_in(root, "usr") && gb_file_is_in(shape->ending, "conf cnf cfg ini") &&
	                       shape->count > 3));
}

static bool is_of_windows(const struct gb_file_shape *shape)
{
	struct gb_span root = shape->segments[0], second = shape->count > 1 ? shape->segments[1] : GB_SPAN_EMPTY;

	if (gb_file_is_in(root, "windows winnt")) {
		if (gb_file_is_in(second, "repair panther") ||
		        (shape->count > 2 && gb_file_is_in(second, "system32 sysnative") &&
		                gb_file_is_in(shape->segments[2], "config drivers inetsrv logfiles")))
			return !gb_file_is_in(shape->ending, "sys dll exe");
		return gb_file_is_in(shape->ending, "ini inf xml log dat config txt sam bak");
	}
	if (gb_file_is_in(root, "inetpub"))
		return gb_file_is_in(shape->ending, GB_FILE_SOURCES " log txt mdb ini xml");
	if (gb_file_is_in(root, "xampp wamp wamp64 appserv apache apache2 apache24 php mysql nginx tomcat"))
		return gb_file_is_in(shape->ending, "conf ini log err cnf txt htpasswd php xml passwords");
	if (gb_file_starts_with(root, "progra programdata"))
		return gb_file_is_in(shape->ending, "conf ini log cnf config err") && shape->count > 2;
	return shape->count == 1 &&
	       gb_file_is_in(root, "boot.ini autoexec.bat config.sys pagefile.sys ntldr hiberfil.sys");
}

/* \\203.0.113.9\x\y.php, \\host\c$\x, \\?\C:\x, \\.\x */
static bool is_remote_file(const struct gb_file_shape *shape)
{
	struct gb_span host = shape->segments[0];
	bool is_address = gb_span_find_byte(host, '.', 0) != SIZE_MAX;

	if (shape->bytes[2] == '?' || shape->bytes[2] == '.')
		return shape->bytes[3] == '/';
	if (shape->count < 2)
		return false;
	for (size_t i = 0; i < host.n; i++)
		is_address &= gb_ascii_is_digit(host.p[i]) || host.p[i] == '.';
	return is_address || gb_file_is_in(shape->segments[1], "c$ d$ admin$ ipc$") ||
	       gb_span_ends(host, GB_SPAN("@ssl")) || gb_span_find_byte(host, '@', 0) != SIZE_MAX ||
	       gb_file_is_in(shape->ending, "php phtml asp aspx jsp dll exe hta vbs ps1 bat");
}

/* PROGRA~1: the short name of a longer one, in a path as URLs have them. */
static bool is_short_name(struct gb_span segment)
{
	size_t tilde = gb_span_find_byte(segment, '~', 0);

	return tilde != SIZE_MAX && tilde >= 2 && tilde <= 6 && tilde + 1 < segment.n &&
	       gb_ascii_is_digit(segment.p[tilde + 1]) && (tilde + 2 == segment.n || segment.p[tilde + 2] == '.');
}

static bool has_odd_segment(const struct gb_file_shape *shape, bool has_backslash)
{
	for (size_t i = 0; i < shape->count; i++) {
		struct gb_span segment = shape->segments[i];
		const bool is_last = i + 1 == shape->count;

		/* Of ~ settings are talked of; no file function knows what it stands for. */
		if (shape->is_home && !gb_file_is_in(segment, HOME_SECRETS) &&
		        !gb_span_ends(segment, GB_SPAN("_history")))
			continue;
		if (is_hidden_secret(segment) && (is_last || !gb_span_starts(segment, GB_SPAN(".env"))))
			return true;
		/* /static../x climbs where a server's alias has no slash at its end. */
		if (!is_last && segment.n > 3 && gb_span_ends(segment, GB_SPAN("..")) &&
		        gb_ascii_is_alpha(segment.p[0]) && segment.p[segment.n - 3] != '.')
			return true;
		if (!has_backslash && is_short_name(segment))
			return true;
		/* What a servlet container hides. */
		if (!is_last && gb_file_is_in(segment, "web-inf"))
			return true;
		if (gb_file_is_in(segment, "meta-inf") &&
		        gb_file_is_in(shape->last, "context.xml maven pom.properties"))
			return true;
		/* Devices of DOS within a path. */
		if (has_backslash && i != 0 &&
		        gb_file_is_in(segment, "con aux nul prn com1 com2 lpt1 conin$ conout$ clock$"))
			return true;
	}
	return false;
}

bool gb_detect_is_known_file(struct gb_span path)
{
	const bool has_backslash = gb_bytes_find(path, '\\', 0) != SIZE_MAX;
	/* Bytes are written where they are cut: no need to clear them. */
	__attribute__((uninitialized)) struct gb_file_shape shape;

	/* \\?\C:\x is C:\x, of any length. */
	if (path.n > 7 && gb_span_starts(path, GB_SPAN("\\\\?\\")) && path.p[5] == ':')
		path = gb_span_sub(path, 4, path.n);
	if (!gb_file_shape_cut(path, &shape))
		return false;
	if (!shape.is_absolute && !shape.is_home && shape.bytes[0] != '.' &&
	        !gb_file_starts_with(shape.segments[0], "web-inf"))
		return is_backup_of_source(shape.last) &&
		       (shape.count > 1 || is_about_settings(shape.last) || shape.last.p[shape.last.n - 1] == '~');
	if (!shape.is_absolute && !shape.is_home && shape.bytes[0] == '.' && is_backup_of_source(shape.last))
		return true;
	if (!shape.is_absolute && !shape.is_home && shape.bytes[0] == '.')
		/* .ssh/id_rsa; lists of changed files name what is hidden and no secret. */
		return gb_file_is_in(shape.segments[0],
		               ".ssh .aws .kube .gnupg .git .svn .htpasswd .netrc .pgpass .git-credentials "
		               ".bash_history .env") ||
		       (gb_span_starts(shape.segments[0], GB_SPAN(".env.")) && is_hidden_secret(shape.last));
	if (shape.is_remote && is_remote_file(&shape))
		return true;
	if (shape.is_glob)
		return gb_file_is_globbed(&shape);
	if (has_odd_segment(&shape, has_backslash) || is_backup_of_source(shape.last))
		return true;
	if (shape.is_absolute) {
		if (gb_file_is_in(shape.last, CONFIGURATION_NAMES) || gb_file_is_in(shape.last, SECRET_NAMES))
			return true;
		/* What programs can be made to write into, and logs are read back from. */
		if (gb_file_starts_with(shape.last, "access.log access_log error.log error_log sess_") &&
		        (shape.ending.n == 0 || gb_file_is_in(shape.ending, "log 1 gz")))
			return true;
	}
	if (gb_file_is_in(shape.segments[0], "windows winnt inetpub") || shape.has_drive || has_backslash)
		return is_of_windows(&shape) || is_of_unix(&shape);
	return is_of_unix(&shape);
}
