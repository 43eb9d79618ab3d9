/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/exec: starting a program: memory for it, its environment, what is judged. Private to the sensor.
 */
#ifndef GB_SENSOR_EXEC_H
#define GB_SENSOR_EXEC_H

#include "sensor/sensor.h"
#include "site/site.h"

#define GB_EXEC_HEAD_BYTES  GB_SITE_HEAD_BYTES
#define GB_EXEC_STRING_MAX  131072u /* the kernel's limit of one argument, with its NUL */
#define GB_EXEC_STACK_BYTES 20480u

/* Everything that one exec needs. The fixed part lies at the start of the memory, `room` is what follows. */
struct gb_exec {
	struct gb_sensor_frame *frame;
	const struct gb_syscall *row;
	long result;
	unsigned slot; /* GB_SENSOR_EXEC_SLOTS: mapped for this call */
	size_t mapped_bytes;
	bool is_armed;
	long tid_address; /* what the thread had before */
	/* Caller's arrays, and how long they are. */
	long argv;
	long envp;
	size_t argument_count;
	size_t argument_bytes;
	size_t variable_count;
	size_t preload_bytes; /* of the caller's own LD_PRELOAD */
	/* Ours. */
	long *arguments;
	long *environment;
	size_t environment_count;
	struct gb_span argument_text; /* one behind the other, each with its NUL */
	struct gb_text strings;       /* what is left of the room */
	struct gb_span program;       /* canonical */
	bool is_uncertain;
	/* A static program: the sensor is started in its place and gets this entry of the environment. */
	int loaded_fd; /* negative: not so */
	long *loaded_arguments;
	char loaded_variable[GB_SENSOR_PATH_MAX + 48];
	long path_n;
	char raw[GB_SENSOR_PATH_MAX + 8];
	char canonical[2 * GB_SENSOR_PATH_MAX + 8];
	char other[2 * GB_SENSOR_PATH_MAX + 8]; /* interpreter, real name */
	unsigned char head[GB_EXEC_HEAD_BYTES];
};

/* arena.c: memory for an exec with NEEDED bytes of room. NULL: none left. */
struct gb_exec *gb_exec_claim(size_t needed);
void gb_exec_release(struct gb_exec *exec);
/* In a vfork child the memory is the parent's, and stays claimed when the exec succeeds: let the kernel give it back. */
void gb_exec_arm(struct gb_exec *exec);
void gb_exec_disarm(struct gb_exec *exec);
/* Call FUNCTION(exec) on a stack of its own. */
void gb_exec_on_own_stack(struct gb_exec *exec, void (*function)(struct gb_exec *));

/* exec.c: an array of COUNT words in the room. */
long *gb_exec_take_array(struct gb_exec *exec, size_t count);

/* environment.c: measure, then build the child's environment. */
int gb_exec_measure_environment(long envp, size_t *ret_count, size_t *ret_preload_bytes);
void gb_exec_build_environment(struct gb_exec *exec);

/* static.c: arrange that the sensor is started and loads the program in FD, which it takes over. False: it cannot be, and
 * FD is still the caller's. */
bool gb_exec_load(struct gb_exec *exec, long fd);
/* Start it. Comes back with an error when the sensor cannot be started. */
long gb_exec_start_loaded(struct gb_exec *exec);

/* facts.c: judge a program of PATH, whose file is open as FD (negative: it is not), with what is known about it. */
__attribute__((warn_unused_result)) int gb_exec_judge_start(struct gb_span path, struct gb_span arguments, long fd);

/* The same for libraries that the child's environment names. */
__attribute__((warn_unused_result)) int gb_exec_judge_environment(struct gb_exec *exec);

/* Refuse the auditor NAME of the dynamic linker, if it is not empty. 0, or -EACCES. */
__attribute__((warn_unused_result)) int gb_exec_refuse_auditor(struct gb_span name);

/* program.c: judge the program, and what it stands for: a script's interpreter, the program behind the loader. */
void gb_exec_judge(struct gb_exec *exec);
/* Tell that the program starts without the sensor in it. */
void gb_exec_report_unwatched(struct gb_exec *exec);
/* Refuse it for that, with ERROR: 0 where it may start so. */
__attribute__((warn_unused_result)) int gb_exec_refuse_unwatched(struct gb_exec *exec, int error);

/* linker.c: the program in FD, which begins with HEAD, names its own dynamic linker. 0, or -EACCES: it is one that loads no
 * sensor, or that the function may not load. */
__attribute__((warn_unused_result)) int gb_exec_judge_linker(struct gb_exec *exec, long fd, struct gb_span head);

#endif
