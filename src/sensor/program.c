/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/program: what an exec would run. The path that was named; where it leads when it lies where the function can
 * make links; the interpreter of a script; the program that ld-linux is told to run.
 */
#include "sensor/exec.h"

#include "activity/path.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INTERPRETERS_MAX      4u   /* behind the first: the kernel follows five */
#define INTERPRETER_BYTES_MAX 520u /* the kernel reads 256 bytes of a script */

/* Directory argument of execveat; AT_FDCWD for execve. */
static long directory_of(const struct gb_exec *exec)
{
	return exec->row->directory == GB_SYSCALL_NO_ARGUMENT ? AT_FDCWD : exec->frame->arguments[exec->row->directory];
}

static bool is_of_descriptor(const struct gb_exec *exec)
{
	return exec->row->directory != GB_SYSCALL_NO_ARGUMENT && exec->path_n == 0 &&
	       (exec->frame->arguments[4] & AT_EMPTY_PATH) != 0;
}

/* Open the program to look at it; O_NONBLOCK since it may be a FIFO. */
static long open_program(const struct gb_exec *exec)
{
	char path[40];
	struct gb_text text = gb_text_on(path, sizeof(path));

	if (!is_of_descriptor(exec))
		return gb_call4(SYS_openat, directory_of(exec), (long)exec->raw,
		        O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
	gb_text_add(&text, GB_SPAN("/proc/self/fd/"));
	gb_text_add_u64(&text, (uint64_t)(uint32_t)directory_of(exec));
	return gb_call4(SYS_openat, AT_FDCWD, (long)gb_text_cstr(&text), O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
}

static struct gb_span read_head(struct gb_exec *exec, long fd)
{
	long n = gb_call4(SYS_pread64, fd, (long)exec->head, sizeof(exec->head), 0);

	return gb_span_of(exec->head, n < 0 ? 0 : (size_t)n);
}

void gb_exec_report_unwatched(struct gb_exec *exec)
{
	struct gb_activity activity = {
	        .kind = GB_ACTIVITY_PROCESS_START, .subject = exec->program, .arguments = exec->argument_text};
	struct gb_verdict verdict = {
	        .decision = GB_OBSERVE, .control = GB_CONTROL_SELF, .reason = GB_R_UNWATCHED_PROGRAM, .input_slot = -1};

	if (gb_sensor_is_judging(activity.kind))
		(void)gb_sensor_report(&activity, &verdict, 0);
}

int gb_exec_refuse_unwatched(struct gb_exec *exec, int error)
{
	const struct gb_activity activity = {
	        .kind = GB_ACTIVITY_PROCESS_START, .subject = exec->program, .arguments = exec->argument_text};

	return gb_sensor_refuse(&activity, GB_R_UNWATCHED_PROGRAM, error);
}

/* What the dynamic linker does for others must be done for a static program and for musl's, with ARGUMENTS. True: FD is
 * taken. */
static bool load_if_static(struct gb_exec *exec, long fd, struct gb_span head, long *arguments)
{
	enum gb_site_program kind = gb_site_program_kind(head);

	if (kind == GB_PROGRAM_OTHER || kind == GB_PROGRAM_DYNAMIC)
		return false;
	exec->loaded_arguments = arguments;
	if ((kind == GB_PROGRAM_STATIC || kind == GB_PROGRAM_MUSL) && gb_exec_load(exec, fd))
		return true;
	gb_exec_report_unwatched(exec);
	return false;
}

/* Pointers to the strings of TEXT, one behind the other; the third or second is the script as the caller named it. */
static long *interpreter_arguments(struct gb_exec *exec, struct gb_span text, bool has_argument)
{
	long *arguments;
	size_t count = 0, at = 0;

	exec->strings.n += text.n;
	arguments = gb_exec_take_array(exec, exec->argument_count + 3);
	while (at < text.n && count < exec->argument_count + 2) {
		arguments[count++] = (long)(text.p + at);
		at = gb_span_find_byte(text, '\0', at) + 1;
	}
	arguments[count] = 0;
	if (exec->row->directory == GB_SYSCALL_NO_ARGUMENT)
		arguments[has_argument ? 2 : 1] = (long)exec->raw;
	return arguments;
}

/* Judge the interpreter PATH (a NUL behind it), started with ARGUMENTS; by where a link leads, too. *ret_fd: the file,
 * open for reading; negative: it is not there, or refused. */
static int judge_one_interpreter(struct gb_exec *exec, struct gb_span path, struct gb_span arguments, long *ret_fd)
{
	struct gb_span name, real;
	bool is_uncertain;
	int result = 0;

	*ret_fd = -ENOENT;
	if (gb_sensor_locate(AT_FDCWD, path, exec->other, sizeof(exec->other), &name, &is_uncertain) < 0)
		return 0;
	result = gb_exec_judge_start(name, arguments, -1);
	if (result < 0)
		return result;
	*ret_fd = gb_call4(SYS_openat, AT_FDCWD, (long)path.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
	if (*ret_fd >= 0 && is_uncertain &&
	        gb_sensor_name_of_fd(*ret_fd, (char *)exec->head, sizeof(exec->head), &real) == 0 &&
	        !gb_span_equal(real, name))
		result = gb_exec_judge_start(real, arguments, *ret_fd);
	if (result < 0) {
		(void)gb_call3(SYS_close, *ret_fd, 0, 0);
		*ret_fd = result;
	}
	return result;
}

/* What the kernel puts in front of the arguments: the interpreter, its argument if it has one, the script. Result: the
 * interpreter in TEXT. */
static struct gb_span put_interpreter(
        struct gb_text *text, struct gb_span interpreter, struct gb_span argument, struct gb_span script)
{
	gb_text_add(text, interpreter);
	gb_text_add_byte(text, '\0');
	if (argument.n != 0) {
		gb_text_add(text, argument);
		gb_text_add_byte(text, '\0');
	}
	gb_text_add(text, script);
	gb_text_add_byte(text, '\0');
	return gb_span_of(text->p, interpreter.n);
}

/* An interpreter may be a script itself, and so on, as deep as the kernel goes. SCRIPT is the first such, open as FD,
 * which is closed. */
static int judge_further_interpreters(struct gb_exec *exec, struct gb_span script, long fd)
{
	char room[2][INTERPRETER_BYTES_MAX];
	struct gb_span interpreter, argument;
	int result = 0;

	for (unsigned depth = 0; depth < INTERPRETERS_MAX && result == 0 && fd >= 0; depth++) {
		struct gb_text text = gb_text_on(room[depth & 1u], sizeof(room[0]));
		struct gb_span head = read_head(exec, fd);
		enum gb_site_program kind = gb_site_program_kind(head);

		result = gb_exec_judge_linker(exec, fd, head);
		(void)gb_call3(SYS_close, fd, 0, 0);
		fd = -ENOENT;
		/* It is not what the caller starts: the sensor cannot be put in its place. */
		if (result == 0 && (kind == GB_PROGRAM_STATIC || kind == GB_PROGRAM_FOREIGN))
			result = gb_exec_refuse_unwatched(exec, -EACCES);
		if (result < 0 || !gb_path_of_shebang(head, &interpreter, &argument))
			break;
		script = put_interpreter(&text, interpreter, argument, script);
		result = judge_one_interpreter(exec, script, gb_text_span(&text), &fd);
	}
	if (fd >= 0)
		(void)gb_call3(SYS_close, fd, 0, 0);
	return result;
}

/* Options of ld.so that take a value. */
static bool takes_value(struct gb_span option)
{
	return gb_span_equal(option, GB_SPAN("--library-path")) || gb_span_equal(option, GB_SPAN("--inhibit-rpath")) ||
	       gb_span_equal(option, GB_SPAN("--audit")) || gb_span_equal(option, GB_SPAN("--preload")) ||
	       gb_span_equal(option, GB_SPAN("--argv0")) || gb_span_equal(option, GB_SPAN("--glibc-hwcaps-prepend")) ||
	       gb_span_equal(option, GB_SPAN("--glibc-hwcaps-mask"));
}

/* ARGUMENTS `ld-linux.so [options] program …`: judge the program with the rest as its arguments. */
static int judge_loaded(struct gb_exec *exec, struct gb_span arguments)
{
	struct gb_span rest = arguments, name;
	enum gb_site_program kind;
	bool is_first = true, skips_next = false, is_auditor = false, is_uncertain;
	int result = 0;
	long fd;

	while (rest.n != 0 && result == 0) {
		size_t end = gb_span_find_byte(rest, '\0', 0);
		struct gb_span argument = gb_span_sub(rest, 0, end);

		if (!is_first && !skips_next && !gb_span_starts(argument, GB_SPAN("--")))
			break;
		if (is_auditor)
			result = gb_exec_refuse_auditor(argument);
		is_auditor = !is_first && !skips_next && gb_span_equal(argument, GB_SPAN("--audit"));
		skips_next = !skips_next && takes_value(argument);
		is_first = false;
		rest = gb_span_sub(rest, argument.n + 1, rest.n);
	}
	if (result < 0)
		return result;
	if (rest.n == 0 || gb_sensor_locate(AT_FDCWD, gb_span_sub(rest, 0, gb_span_find_byte(rest, '\0', 0)),
	                           exec->other, sizeof(exec->other), &name, &is_uncertain) < 0)
		return 0;
	/* The loader opens it once more: what is looked at here is what lies there now. */
	fd = gb_call4(SYS_openat, AT_FDCWD, (long)rest.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0);
	result = gb_exec_judge_start(name, rest, fd);
	if (fd < 0)
		return result;
	kind = gb_site_program_kind(read_head(exec, fd));
	(void)gb_call3(SYS_close, fd, 0, 0);
	/* It needs no linker: its calls are its own, and nobody would look for them. */
	if (result == 0 && (kind == GB_PROGRAM_STATIC || kind == GB_PROGRAM_FOREIGN))
		result = gb_exec_refuse_unwatched(exec, -EACCES);
	return result;
}

/* The interpreter gets its own path, its argument, the script and the script's arguments. */
static int judge_interpreter(struct gb_exec *exec, struct gb_span head)
{
	struct gb_span interpreter, argument, path;
	struct gb_text text = gb_text_on(exec->strings.p + exec->strings.n, exec->strings.cap - exec->strings.n);
	size_t first = gb_span_find_byte(exec->argument_text, '\0', 0);
	bool has_argument;
	long fd;
	int result;

	if (!gb_path_of_shebang(head, &interpreter, &argument))
		return 0;
	has_argument = argument.n != 0;
	path = put_interpreter(&text, interpreter, argument, exec->program);
	if (first != SIZE_MAX)
		gb_text_add(&text, gb_span_sub(exec->argument_text, first + 1, exec->argument_text.n));
	result = judge_one_interpreter(exec, path, gb_text_span(&text), &fd);
	if (result < 0 || fd < 0)
		return result;
	head = read_head(exec, fd);
	if (gb_path_of_shebang(head, &interpreter, &argument))
		return judge_further_interpreters(exec, path, fd);
	/* There is room for all that the kernel takes; beyond that nobody knows what would be started. */
	result = text.truncated ? gb_exec_refuse_unwatched(exec, -ENAMETOOLONG) : gb_exec_judge_linker(exec, fd, head);
	if (result == 0 && gb_path_is_loader(path)) {
		result = judge_loaded(exec, gb_text_span(&text));
		head = read_head(exec, fd);
	}
	if (result < 0 || text.truncated ||
	        !load_if_static(exec, fd, head, interpreter_arguments(exec, gb_text_span(&text), has_argument)))
		(void)gb_call3(SYS_close, fd, 0, 0);
	return result;
}

/* The file itself. */
static int judge_file(struct gb_exec *exec, long fd)
{
	struct gb_span head = read_head(exec, fd), name;
	int result;

	if (exec->is_uncertain && gb_sensor_name_of_fd(fd, exec->other, sizeof(exec->other), &name) == 0 &&
	        !gb_span_equal(name, exec->program)) {
		result = gb_exec_judge_start(name, exec->argument_text, fd);
		if (result < 0)
			return result;
	}
	if (gb_path_is_loader(exec->program))
		return judge_loaded(exec, exec->argument_text);
	if (load_if_static(exec, fd, head, exec->arguments))
		return 0;
	result = gb_exec_judge_linker(exec, fd, head);
	return result < 0 ? result : judge_interpreter(exec, head);
}

/* The program could not be opened, but may still start: nobody knows where a link leads, what interpreter a script has,
 * whether the sensor has to be loaded. */
static int judge_unopened(struct gb_exec *exec, long error)
{
	if (error == -EMFILE || error == -ENFILE)
		return gb_exec_refuse_unwatched(exec, (int)error);
	if (error != -EACCES || gb_call3(SYS_faccessat, directory_of(exec), (long)exec->raw, X_OK) < 0)
		return 0;
	if (exec->is_uncertain)
		return gb_exec_refuse_unwatched(exec, -EACCES);
	gb_exec_report_unwatched(exec);
	return 0;
}

void gb_exec_judge(struct gb_exec *exec)
{
	struct gb_span path = gb_span_of(exec->raw, (size_t)exec->path_n);
	long fd;
	int located;

	if (!gb_sensor_is_judging(GB_ACTIVITY_PROCESS_START))
		return;
	exec->is_uncertain = false;
	if (is_of_descriptor(exec))
		located = gb_sensor_name_of_fd(
		        directory_of(exec), exec->canonical, sizeof(exec->canonical), &exec->program);
	else
		located = gb_sensor_locate(directory_of(exec), path, exec->canonical, sizeof(exec->canonical),
		        &exec->program, &exec->is_uncertain);
	if (located < 0)
		return;
	if (gb_sensor_is_own_name(exec->program)) {
		exec->program = gb_span_of(gb_sensor_own_program, gb_sensor.program_n);
		__builtin_memcpy(exec->raw, gb_sensor_own_program, gb_sensor.program_n + 1);
	}
	fd = open_program(exec);
	/* Shells and execvp() try one directory of PATH after the other: what is not there is nothing to judge. */
	if (fd == -ENOENT || fd == -ENOTDIR) {
		exec->result = fd; /* not asking the kernel again: the file may have come into being by then */
		return;
	}
	gb_sensor_count(GB_USAGE_PROCESSES);
	exec->result = gb_exec_judge_start(exec->program, exec->argument_text, fd);
	if (exec->result == 0)
		exec->result = gb_exec_judge_environment(exec);
	if (exec->result == 0)
		exec->result = fd >= 0 ? judge_file(exec, fd) : judge_unopened(exec, fd);
	if (fd >= 0 && fd != exec->loaded_fd)
		(void)gb_call3(SYS_close, fd, 0, 0);
}
