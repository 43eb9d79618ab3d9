/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/exec: starting a program: memory for it, its environment, what is judged. Private to the sensor.
 */
#ifndef GB_SENSOR_EXEC_H
#define GB_SENSOR_EXEC_H

#include "sensor/sensor.h"

#define GB_EXEC_HEAD_BYTES  256u
#define GB_EXEC_STRING_MAX  131072u /* the kernel's limit of one argument, with its NUL */
#define GB_EXEC_STACK_BYTES 20480u

/* Everything that one exec needs. The fixed part lies at the start of the memory, `room` is what follows. */
struct gb_exec {
	struct gb_sensor_frame *frame;
	const struct gb_syscall *row;
	long result;
	unsigned slot; /* GB_SENSOR_EXEC_SLOTS: mapped for this call */
	size_t mapped_bytes;
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
	struct gb_span argument_text; /* one behind the other, each with its NUL */
	struct gb_text strings;       /* what is left of the room */
	struct gb_span program;       /* canonical */
	bool is_uncertain;
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

/* environment.c: measure, then build the child's environment. */
int gb_exec_measure_environment(long envp, size_t *ret_count, size_t *ret_preload_bytes);
void gb_exec_build_environment(struct gb_exec *exec);

/* program.c: judge the program, and what it stands for: a script's interpreter, the program behind the loader. */
void gb_exec_judge(struct gb_exec *exec);

#endif
