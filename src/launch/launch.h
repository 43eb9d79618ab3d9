/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launch: from the settings to a running runtime. Plan (settings, which files, which environment) is apart from apply
 * (memory, descriptors, fork, exec). It never prints: what went wrong is in struct gb_diag, and the stance decides in
 * cmd/ what it means. Used once per sandbox, before anything of the function runs, so it may allocate.
 */
#ifndef GB_LAUNCH_LAUNCH_H
#define GB_LAUNCH_LAUNCH_H

#include "activity/verdict.h"
#include "base/diag.h"
#include "policy/policy.h"
#include "wire/ring.h"
#include "wire/segment.h"

#include <signal.h>
#include <sys/types.h>

#define GB_LAUNCH_PATH_MAX       GB_SEGMENT_PATH_BYTES
#define GB_LAUNCH_BLOCK_BODY_MAX 2048u
#define GB_LAUNCH_CODE_MAX       88u /* base64 of SHA-512 */
#define GB_LAUNCH_CODE_BYTES     33u
#define GB_LAUNCH_INTERVAL_MAX   86400u

/* A setting that may have been left to its default. */
enum gb_launch_choice {
	GB_LAUNCH_DEFAULT = 0,
	GB_LAUNCH_NO,
	GB_LAUNCH_YES,
};

/* docs/ARCHITECTURE.md §4. Strings are borrowed from the environment and the arguments; paths found are held inside. */
struct gb_launch_settings {
	bool has_mode, has_stance, has_firewall_mode, has_flow_mode;
	enum gb_mode mode;
	enum gb_stance stance;
	enum gb_mode firewall_mode;
	enum gb_mode flow_mode;
	enum gb_launch_choice observe;
	const char *policy_path;    /* NULL: <layer>/policy.gbp when it exists */
	const char *key_path;       /* NULL: <layer>/policy.pub when it exists */
	const char *policy_url;     /* of a policy store; NULL: there is none */
	unsigned policy_interval_s; /* 0: the usual one */
	const char *sensor_path;    /* NULL: <layer>/libgambeson.so */
	const char *block_body;     /* NULL: built in */
	const char *code;           /* hash of the function's code; NULL: to be found */
	const char *runtime_api;    /* "host:port" as the platform set it; NULL: no proxy */
};

/* One setting by its name in the environment without GAMBESON_ ("MODE"). -ENOENT: no such setting; -EINVAL: bad value,
 * DIAG says why, without the name. */
__attribute__((warn_unused_result)) int gb_launch_setting_take(
        struct gb_launch_settings *settings, const char *name, const char *value, struct gb_diag *diag);
/* All settings of an environment block. A bad value is left at its default; the first one is told by DIAG, by its name, and the
 * result, -EINVAL, but all others are taken. */
__attribute__((warn_unused_result)) int gb_launch_settings_read(
        struct gb_launch_settings *settings, char *const *environment, struct gb_diag *diag);

/* Files of a launch, absolute. Empty text: there is none. */
struct gb_launch_files {
	char agent[GB_LAUNCH_PATH_MAX];
	char sensor[GB_LAUNCH_PATH_MAX];
	char policy[GB_LAUNCH_PATH_MAX];
	char key[GB_LAUNCH_PATH_MAX];
	char runtime[4096];   /* what argv[0] names, by PATH when it has no slash */
	bool is_policy_named; /* by a setting: then it must exist */
};

/* Find them. ARGV0 is the agent's own name (when /proc is not there), RUNTIME that of the program to start.
 * -ENOENT when there is no such runtime; an absent sensor is left empty. */
__attribute__((warn_unused_result)) int gb_launch_files_find(const struct gb_launch_settings *settings,
        const char *argv0, const char *runtime, struct gb_launch_files *ret_files, struct gb_diag *diag);

/* The file that NAME means, searched in PATH when it has no slash. -ENOENT, -ENAMETOOLONG; DIAG names it. */
__attribute__((warn_unused_result)) int gb_launch_program_find(
        const char *name, char *path, size_t cap, struct gb_diag *diag);

/* Which code lies in COUNT FOLDERS: hexadecimal digits of what names, sizes, times and permissions of their files add up
 * to, four levels deep. What is in the folder LEFT_OUT, and folders that are not there, do not count. False when there
 * is nothing, too much (more than 1024 entries), or something that cannot be read; *ret_code is then empty. */
bool gb_launch_code_find(
        const char *const *folders, size_t count, const char *left_out, char ret_code[GB_LAUNCH_CODE_BYTES]);

/* Shared memory of the sandbox. */
struct gb_launch_memory {
	struct gb_segment *segment; /* mapped writable */
	struct gb_ring *ring;
	int segment_fd; /* read-only, at a high number */
	int ring_fd;
	bool is_sealed; /* nobody else can write the segment, whatever they try */
};

/* Make, map, seal and move both files. Initialise the descriptors to -1; on failure nothing is left open. */
__attribute__((warn_unused_result)) int gb_launch_memory_make(
        struct gb_launch_memory *ret_memory, struct gb_diag *diag);

/* Give back the stack that only the start needed: all that lies deeper than the caller's frame. */
void gb_launch_memory_trim(void);

/* Fill the segment's site tables for programs that INTERPRETER loads: it and the libc (and libpthread, old glibc) beside it.
 * With IS_SEALED (nobody else can write it) the code that processes map too. It may go on while the runtime starts: sensors
 * wait for it from gb_launch_sites_announce() on. Result: how many tables; 0 is fine (the sensor then looks itself). */
void gb_launch_sites_announce(struct gb_segment *segment);
int gb_launch_sites_fill(struct gb_segment *segment, const char *interpreter, bool is_sealed);

/* Path of the ELF interpreter that RUNTIME is loaded by, following `#!`; RUNTIME itself when it is one, started as a
 * program (`ld-linux-x86-64.so.2 PROGRAM`); empty and 0 for a static program.
 * Negative errno when a file on the way cannot be read. PATH has room for GB_LAUNCH_PATH_MAX. */
__attribute__((warn_unused_result)) int gb_launch_interpreter_find(const char *runtime, char *path);

/* A static runtime is loaded by the sensor, which is started in its place. Result: a descriptor of RUNTIME when it is such
 * a program, closed on exec; negative errno when it is not (-ENOEXEC) or cannot be read. */
__attribute__((warn_unused_result)) int gb_launch_static_open(const char *runtime);

/* Decoys of this sandbox. */
struct gb_launch_bait {
	const char *variables[GB_DECOYS_MAX]; /* NAME=value, into `text` */
	size_t variable_count;
	size_t used;
	char text[4096];
	/* Files that were made, and which of the segment's secrets each holds. */
	struct gb_launch_bait_file {
		char path[512];
		size_t place;
	} files[GB_DECOYS_MAX];
	size_t file_count;
	char host[256]; /* named in them */
};

/* Make the decoys that POLICY names: values for variables, files below /tmp, and what the sensors are to watch for. A
 * variable or file that is there already stays as it is. Negative errno: not all could be made. */
__attribute__((warn_unused_result)) int gb_launch_bait_set(
        const struct gb_policy *policy, struct gb_segment *segment, struct gb_launch_bait *bait);
/* Give the files new values: this sandbox was copied. A file that is not as it was made stays as it is. Result: how many have
 * new ones, or negative errno: not all that could have. */
__attribute__((warn_unused_result)) int gb_launch_bait_renew(
        struct gb_segment *segment, const struct gb_launch_bait *bait);
/* Let the sensors watch over the secret keys of the environment. */
void gb_launch_secrets_take(struct gb_segment *segment);

/* What the runtime's environment gets on top of ENVIRONMENT. NULL or empty: left alone. */
struct gb_launch_additions {
	const char *sensor_path;     /* put before what LD_PRELOAD holds */
	const char *sensor_variable; /* value of GAMBESON_SENSOR */
	const char *runtime_api;     /* value of AWS_LAMBDA_RUNTIME_API */
	const char *program;         /* value of GAMBESON_PROGRAM, for a static runtime */
	const struct gb_launch_bait *bait;
};
/* A malloc'ed NULL-terminated block (one allocation, freed by free()), or NULL when there is no memory. */
char **gb_launch_environment_make(char *const *environment, const struct gb_launch_additions *additions);

/* Start of the runtime. */
struct gb_launch_start {
	const char *path;
	const char *loader; /* started in place of PATH, and PATH itself when that fails; NULL: none */
	int program_fd;     /* kept open across exec with the loader; -1: none */
	char *const *argv;
	char *const *environment;
	int segment_fd; /* kept open across exec; -1: none */
	int ring_fd;
	uint32_t *runtime_pid; /* written by the child before exec; NULL: nowhere */
	bool dies_with_parent;
	uint32_t process_limit;      /* of processes and threads of this user, as the kernel counts them; 0: as it is */
	const sigset_t *signal_mask; /* the one the runtime gets */
	const struct sigaction *child_signal; /* SIGCHLD's disposition that the runtime gets */
	void (*meanwhile)(void *context);     /* what to do while the kernel loads the program; NULL: nothing */
	void *context;
};
/* Start a child in the same process group, in our memory until it has become the program. Result: the pid. On failure to
 * exec -errno of it. */
__attribute__((warn_unused_result)) int gb_launch_runtime_start(
        const struct gb_launch_start *start, struct gb_diag *diag);

#endif
