/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/loader.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/syscall.h>

#define EXIT_NOT_STARTED 127

extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));
extern const Elf64_Dyn _DYNAMIC[] __attribute__((visibility("hidden")));

/* What the dynamic linker does for the sensor elsewhere. Nothing but addresses within the sensor needs it. */
static void relocate_self(void)
{
	uintptr_t base = (uintptr_t)&__ehdr_start;
	const Elf64_Rela *row = NULL;
	size_t bytes = 0;

	for (const Elf64_Dyn *entry = _DYNAMIC; entry->d_tag != DT_NULL; entry++) {
		if (entry->d_tag == DT_RELA)
			row = (const Elf64_Rela *)(base + entry->d_un.d_ptr);
		else if (entry->d_tag == DT_RELASZ)
			bytes = entry->d_un.d_val;
	}
	for (; row != NULL && bytes >= sizeof(*row); bytes -= sizeof(*row), row++)
		if (ELF64_R_TYPE(row->r_info) == GB_MACHINE_RELATIVE)
			*(uintptr_t *)(base + row->r_offset) = base + (uintptr_t)row->r_addend;
}

__attribute__((noreturn)) static void give_up(const char *why)
{
	struct gb_span text = gb_span_cstr(why);

	(void)gb_call3(SYS_write, 2, (long)text.p, (long)text.n);
	for (;;)
		(void)gb_call3(SYS_exit_group, EXIT_NOT_STARTED, 0, 0);
}

/* The entry "GAMBESON_PROGRAM=<fd>,<path>"; NULL when there is none. */
static char **find_program(char **environment)
{
	for (; *environment != NULL; environment++)
		if (gb_span_starts(gb_span_cstr(*environment), GB_SPAN(GB_PROGRAM_VARIABLE "=")))
			return environment;
	return NULL;
}

static bool parse_program(const char *entry, int *ret_fd, const char **ret_path)
{
	struct gb_span value = gb_span_cstr(entry + sizeof(GB_PROGRAM_VARIABLE));
	size_t comma = gb_span_find_byte(value, ',', 0);
	uint64_t number;

	if (comma == SIZE_MAX || !gb_span_to_u64(gb_span_sub(value, 0, comma), &number) || number > INT32_MAX ||
	        value.n - comma - 1 >= GB_SENSOR_PATH_MAX)
		return false;
	*ret_fd = (int)number;
	*ret_path = (const char *)value.p + comma + 1;
	return true;
}

/* Take one entry out of the environment. What lies behind moves down, the auxiliary vector too: it has to follow at
 * once, and the stack pointer keeps its alignment. */
static void remove_entry(char **entry)
{
	unsigned long *word = (unsigned long *)(void *)entry;

	for (; *word != 0; word++)
		word[0] = word[1];
	do {
		word[0] = word[1];
		word[1] = word[2];
		word += 2;
	} while (word[-2] != AT_NULL);
}

static void set_auxiliary(
        unsigned long *auxiliary, const struct gb_loaded *loaded, uintptr_t interpreter, const char *path)
{
	for (; auxiliary[0] != AT_NULL; auxiliary += 2) {
		switch (auxiliary[0]) {
		case AT_PHDR: auxiliary[1] = loaded->headers; break;
		case AT_PHNUM: auxiliary[1] = loaded->header_count; break;
		case AT_ENTRY: auxiliary[1] = loaded->entry; break;
		case AT_BASE: auxiliary[1] = interpreter; break;
		case AT_EXECFN: auxiliary[1] = (unsigned long)path; break;
		default: break;
		}
	}
}

/* The name that ps and the kernel's messages show. */
static void set_name(struct gb_span path)
{
	struct gb_span name = gb_span_basename(path);
	long fd = gb_call4(SYS_openat, AT_FDCWD, (long)"/proc/self/comm", O_WRONLY | O_CLOEXEC, 0);

	if (fd < 0)
		return;
	(void)gb_call3(SYS_write, fd, (long)name.p, (long)name.n);
	(void)gb_call3(SYS_close, fd, 0, 0);
}

/* The sensor is in memory already: preloaded too, it would patch what is patched. */
static void remove_preload(char **environment)
{
	struct gb_span own = gb_span_of(gb_sensor.preload, gb_sensor.preload_n);

	for (; *environment != NULL; environment++) {
		struct gb_span entry = gb_span_cstr(*environment);

		if (!gb_span_starts(entry, own))
			continue;
		if (entry.n == own.n)
			remove_entry(environment);
		else if (entry.p[own.n] == ':' || entry.p[own.n] == ' ')
			__builtin_memmove(
			        *environment + sizeof("LD_PRELOAD=") - 1, entry.p + own.n + 1, entry.n - own.n);
		return;
	}
}

/* Where to go on: the program's entry, or that of its interpreter, which goes on there. */
static uintptr_t load_interpreter(const struct gb_loaded *loaded, uintptr_t *ret_base)
{
	struct gb_loaded interpreter;
	long fd;

	*ret_base = 0;
	if (loaded->interpreter[0] == '\0')
		return loaded->entry;
	fd = gb_call4(SYS_openat, AT_FDCWD, (long)loaded->interpreter, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0 || gb_loader_map((int)fd, &interpreter) < 0 || interpreter.interpreter[0] != '\0')
		give_up("libgambeson.so: the program's interpreter cannot be loaded into memory\n");
	(void)gb_call3(SYS_close, fd, 0, 0);
	*ret_base = interpreter.load_address;
	return interpreter.entry;
}

struct gb_loader_start gb_loader_run(unsigned long *stack)
{
	char **environment, **entry;
	struct gb_loaded loaded;
	uintptr_t start, interpreter;
	const char *path;
	bool is_joined;
	int fd;

	relocate_self();
	environment = (char **)(void *)(stack + 1 + stack[0] + 1);
	entry = find_program(environment);
	if (entry == NULL || !parse_program(*entry, &fd, &path))
		give_up("libgambeson.so: this is Gambeson's sensor; gambeson-agent loads it, it is no program to "
		        "run\n");
	remove_entry(entry);
	if (gb_loader_map(fd, &loaded) < 0)
		give_up("libgambeson.so: the program cannot be loaded into memory\n");
	(void)gb_call3(SYS_close, fd, 0, 0);
	start = load_interpreter(&loaded, &interpreter);
	set_name(gb_span_cstr(path));
	gb_sensor.program_n = gb_span_cstr(path).n;
	__builtin_memcpy(gb_sensor_own_program, path, gb_sensor.program_n + 1);
	is_joined = gb_sensor_join(environment);
	if (is_joined && interpreter != 0)
		remove_preload(environment);
	set_auxiliary(gb_sensor_auxiliary(environment), &loaded, interpreter, path);
	if (is_joined && interpreter != 0)
		gb_sensor_patch_ahead(gb_sensor_auxiliary(environment), loaded.text, interpreter);
	else if (is_joined && gb_sensor_patch_program(loaded.text, loaded.load_address) < 0)
		gb_sensor_report_limited();
	gb_sensor_own_seal();
	return (struct gb_loader_start){.stack = (uintptr_t)stack, .entry = start};
}
