/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/library: which libraries of this process make system calls. The dynamic linker keeps a list of what it has
 * loaded for debuggers, and the program's dynamic section says where (DT_DEBUG); glibc and musl alike.
 */
#include "sensor/sensor.h"

#include "activity/path.h"
#include "site/site.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sys/syscall.h>

#define LIBRARIES_MAX      6u
#define OWN_SITES_MAX      1024u
#define REFUSED_STATUS     126 /* as a shell says of what may not be run */
#define MAPS_WALKED_MAX    4096u
#define SMALL_TEXT_BYTES   (1u << 20)
#define R_VERSION_OF_LISTS 2 /* glibc 2.35: more than one list of libraries */

/* For a library that the warden did not know. */
static struct gb_site own_sites[OWN_SITES_MAX];

/* The program itself, as its headers in memory tell. */
struct program {
	uintptr_t load_address;
	const Elf64_Dyn *dynamic; /* NULL: none */
	struct gb_span text;
	struct gb_span notes;
	const char *path; /* as it was started; NULL: not known */
};

static struct gb_span part_of(const struct program *program, const Elf64_Phdr *segment)
{
	return gb_span_of((const void *)(program->load_address + segment->p_vaddr), segment->p_filesz);
}

static struct program read_program(const unsigned long *auxiliary)
{
	struct program program = {0};
	const Elf64_Phdr *headers = NULL;
	unsigned long count = 0;

	for (; auxiliary[0] != AT_NULL; auxiliary += 2) {
		if (auxiliary[0] == AT_PHDR)
			headers = (const Elf64_Phdr *)auxiliary[1];
		else if (auxiliary[0] == AT_PHNUM)
			count = auxiliary[1];
		else if (auxiliary[0] == AT_EXECFN)
			program.path = (const char *)auxiliary[1];
	}
	for (unsigned long i = 0; headers != NULL && i < count; i++) {
		if (headers[i].p_type == PT_PHDR)
			program.load_address = (uintptr_t)headers - headers[i].p_vaddr;
		else if (headers[i].p_type == PT_DYNAMIC)
			program.dynamic = (const Elf64_Dyn *)part_of(&program, &headers[i]).p;
		else if (headers[i].p_type == PT_LOAD && (headers[i].p_flags & PF_X) != 0 && program.text.n == 0)
			program.text = part_of(&program, &headers[i]);
		else if (headers[i].p_type == PT_NOTE && program.notes.n == 0)
			program.notes = part_of(&program, &headers[i]);
	}
	return program;
}

static const struct r_debug *find_debug(const Elf64_Dyn *dynamic)
{
	for (; dynamic != NULL && dynamic->d_tag != DT_NULL; dynamic++)
		if (dynamic->d_tag == DT_DEBUG)
			return (const struct r_debug *)dynamic->d_un.d_ptr;
	return NULL;
}

/* glibc before 2.34 keeps open, connect and their kind in libpthread a second time. */
bool gb_sensor_is_libc(struct gb_span path)
{
	struct gb_span name = gb_span_basename(path);

	return gb_span_starts(name, GB_SPAN("libc.so")) || gb_span_starts(name, GB_SPAN("libc-")) ||
	       gb_span_starts(name, GB_SPAN("libc.musl")) || gb_span_starts(name, GB_SPAN("libpthread")) ||
	       gb_path_is_loader(path);
}

/* A library of such a name that came with the function is a stranger all the same: anybody can name one so, give it the
 * build id of another, or bring so many that the real one is not come to. */
static bool is_libc_of_image(struct gb_span path)
{
	return gb_sensor_is_libc(path) && (gb_sensor_is_of_image(path) || gb_span_find_byte(path, '/', 0) == SIZE_MAX);
}

static const struct gb_site_table *find_table(struct gb_span build_id)
{
	if (gb_sensor.segment == NULL || build_id.n != GB_SEGMENT_BUILD_ID_BYTES)
		return NULL;
	for (unsigned i = 0; i < GB_SEGMENT_SITE_TABLES; i++) {
		const struct gb_site_table *table = &gb_sensor.segment->site_tables[i];

		if (table->count != 0 && table->count <= sizeof(table->sites) / sizeof(table->sites[0]) &&
		        __builtin_memcmp(table->build_id, build_id.p, sizeof(table->build_id)) == 0)
			return table;
	}
	return NULL;
}

void gb_sensor_report_limited(void)
{
	struct gb_activity activity = {.kind = GB_ACTIVITY_PROCESS_START, .subject = GB_SPAN("/proc/self/exe")};
	struct gb_verdict verdict = {
	        .decision = GB_REPORT, .control = GB_CONTROL_SELF, .reason = GB_R_SENSOR_LIMITED, .input_slot = -1};

	(void)gb_sensor_report(&activity, &verdict, 0);
}

int gb_sensor_patch_program(struct gb_span text, uintptr_t load_address)
{
	/* Not narrowed: it may be anything. */
	struct gb_site_image image = {.text = text,
	        .text_address = (uintptr_t)text.p - load_address,
	        .may_hold_data = gb_span_starts(text, GB_SPAN(ELFMAG))};
	size_t unpatchable = 0;
	int found = gb_site_find(&image, own_sites, OWN_SITES_MAX, &unpatchable);
	struct gb_sensor_library program = {.load_address = load_address,
	        .text = text,
	        .sites = own_sites,
	        .site_count = found < 0 ? 0 : (size_t)found,
	        .has_small_stacks = true};

	if (found == 0 && unpatchable == 0)
		return 0;
	if (found < 0 || !gb_sensor_stacks_make())
		return -ENOMEM;
	return gb_sensor_patch(&program, 1) < 0 || unpatchable != 0 ? -EPERM : 0;
}

static bool take_sites(const struct gb_site_image *image, size_t *own_used, struct gb_sensor_library *ret_library)
{
	const struct gb_site_table *table = find_table(image->build_id);
	int found;

	if (table != NULL) {
		ret_library->sites = table->sites;
		ret_library->site_count = table->count;
		return true;
	}
	found = gb_site_find(image, own_sites + *own_used, OWN_SITES_MAX - *own_used, NULL);
	if (found <= 0)
		return false;
	ret_library->sites = own_sites + *own_used;
	ret_library->site_count = (size_t)found;
	*own_used += (size_t)found;
	return true;
}

static int lay_over(const struct gb_site_image *image, const struct gb_sensor_library *library)
{
	const struct gb_segment *segment = gb_sensor.segment;

	for (unsigned i = 0; segment != NULL && i < GB_SEGMENT_SITE_TABLES; i++) {
		const struct gb_overlay *overlay = &segment->overlays[i];

		if (overlay->run_count != 0 && image->build_id.n == sizeof(overlay->build_id) &&
		        __builtin_memcmp(overlay->build_id, image->build_id.p, sizeof(overlay->build_id)) == 0)
			return gb_sensor_lay_over(library, overlay);
	}
	return -ENOENT;
}

/* Go makes its system calls itself, with libc (cgo) and without; its linker leaves a note of its own. Small programs of
 * any language are looked at too: it costs next to nothing, and some (Rust's rustix) do the same. */
static bool has_own_calls(const struct program *program)
{
	return gb_site_is_go(program->notes) || (program->text.n != 0 && program->text.n <= SMALL_TEXT_BYTES);
}

static int patch_own_calls(const struct program *program)
{
	struct gb_span text = program->text;
	long fd;

	if (gb_span_starts(text, GB_SPAN(ELFMAG))) {
		fd = gb_call4(SYS_openat, AT_FDCWD, (long)"/proc/self/exe", O_RDONLY | O_CLOEXEC, 0);
		if (fd >= 0) {
			gb_sensor_narrow(fd, program->load_address, &text);
			(void)gb_call3(SYS_close, fd, 0, 0);
		}
	}
	return gb_sensor_patch_program(text, program->load_address);
}

/* Whether NAME says by itself that the file lies where the function can make none. */
static bool is_in_firm_place(struct gb_span name)
{
	if (gb_span_starts(name, GB_SPAN("linux-vdso.so")) ||
	        gb_span_equal(name, gb_span_cstr(gb_sensor.segment->sensor_path)))
		return true;
	return name.p[0] == '/' && gb_span_find(name, GB_SPAN("/."), 0) == SIZE_MAX &&
	       gb_span_find(name, GB_SPAN("//"), 0) == SIZE_MAX && !gb_sensor_is_shifting_place(name);
}

/* What the dynamic linker mapped before us (LD_LIBRARY_PATH, a program's own RPATH): of interest where the function can
 * have put it. Its constructors may have run; refused, the process ends before its main. */
static void judge_mapped(const struct r_debug *debug)
{
	const struct link_map *map = debug->r_map;
	bool is_refused = false;

	for (unsigned walked = 0; map != NULL && walked < MAPS_WALKED_MAX; map = map->l_next, walked++) {
		struct gb_span name = gb_span_cstr(map->l_name);

		/* The first is the program itself, which was judged when it was started. */
		if (walked != 0 && name.n != 0 && !is_in_firm_place(name) && gb_sensor_judge_library(name) < 0)
			is_refused = true;
	}
	if (is_refused)
		(void)gb_call3(SYS_exit_group, REFUSED_STATUS, 0, 0);
}

/* Its constructor, not the sensor's, was the first. */
static bool asks_to_be_first(const struct link_map *map)
{
	const Elf64_Dyn *entry = map->l_ld;

	while (entry != NULL && entry->d_tag != DT_NULL && entry->d_tag != DT_FLAGS_1)
		entry++;
	return entry != NULL && entry->d_tag == DT_FLAGS_1 && (entry->d_un.d_val & DF_1_INITFIRST) != 0;
}

/* What ran before the sensor: other first ones, and auditors, whose libraries are in a list of their own. */
static void report_earlier(struct gb_span name)
{
	const struct gb_activity activity = {.kind = GB_ACTIVITY_LIBRARY_MAP, .subject = name};
	const struct gb_verdict verdict = {
	        .decision = GB_REPORT, .control = GB_CONTROL_SELF, .reason = GB_R_TAMPER, .input_slot = -1};

	(void)gb_sensor_report(&activity, &verdict, 0);
}

/* Libraries and a large program that came with the function, and may make system calls of their own. */
static void patch_strangers(const struct program *program, const struct r_debug *debug)
{
	const struct link_map *map = debug->r_map;
	struct gb_site_image image;

	for (unsigned walked = 0; map != NULL && walked < MAPS_WALKED_MAX; map = map->l_next, walked++) {
		struct gb_span name = gb_span_cstr(walked == 0 && program->path != NULL ? program->path : map->l_name);

		if (map->l_addr == 0 || gb_span_find_byte(name, '/', 0) == SIZE_MAX || is_libc_of_image(name) ||
		        !gb_sensor_is_stranger(name) || (walked == 0 && has_own_calls(program)))
			continue;
		if (asks_to_be_first(map))
			report_earlier(name);
		if (gb_site_image_of_library((const void *)map->l_addr, &image) == 0)
			(void)!gb_sensor_patch_stranger(&image, image.text, name);
	}
}

void gb_sensor_patch_libraries(const unsigned long *auxiliary)
{
	const struct program program = read_program(auxiliary);
	const struct r_debug *debug = find_debug(program.dynamic);
	struct gb_sensor_library libraries[LIBRARIES_MAX];
	size_t count = 0, own_used = 0;
	bool is_any_patched = false;
	int result = 0;

	if (debug != NULL) {
		const struct link_map *map = debug->r_map;

		for (unsigned walked = 0; map != NULL && walked < MAPS_WALKED_MAX && count < LIBRARIES_MAX;
		        map = map->l_next, walked++) {
			struct gb_site_image image;
			int laid;

			if (map->l_addr == 0 || map->l_name == NULL || !is_libc_of_image(gb_span_cstr(map->l_name)) ||
			        gb_site_image_of_library((const void *)map->l_addr, &image) < 0)
				continue;
			libraries[count] = (struct gb_sensor_library){.load_address = map->l_addr, .text = image.text};
			laid = lay_over(&image, &libraries[count]);
			if (laid != -ENOENT)
				result |= laid;
			else if (take_sites(&image, &own_used, &libraries[count]))
				count++;
			else
				continue;
			is_any_patched = true;
		}
	}
	if (count != 0)
		result |= gb_sensor_patch(libraries, count);
	else if (!is_any_patched && !has_own_calls(&program))
		result = -ENOENT;
	if (has_own_calls(&program))
		result |= patch_own_calls(&program);
	if (result < 0)
		gb_sensor_report_limited();
	if (debug != NULL) {
		if (debug->r_version >= R_VERSION_OF_LISTS && ((const struct r_debug_extended *)debug)->r_next != NULL)
			report_earlier(GB_SPAN("auditor"));
		patch_strangers(&program, debug);
	}
	if (debug != NULL && gb_sensor.segment != NULL && gb_sensor_is_judging(GB_ACTIVITY_LIBRARY_MAP))
		judge_mapped(debug);
}

void gb_sensor_patch_ahead(const unsigned long *auxiliary, struct gb_span text, uintptr_t interpreter)
{
	const struct program program = read_program(auxiliary);
	struct gb_sensor_library library;
	struct gb_site_image image;
	size_t own_used = 0;
	int result = -ENOENT;

	if (gb_sensor_stacks_make() && gb_site_image_of_library((const void *)interpreter, &image) == 0) {
		library = (struct gb_sensor_library){.load_address = interpreter,
		        .text = image.text,
		        .has_small_stacks = true}; /* musl's posix_spawn() has 5 KB */
		if (take_sites(&image, &own_used, &library))
			result = gb_sensor_patch(&library, 1);
	}
	if (has_own_calls(&program))
		result |= gb_sensor_patch_program(text, program.load_address);
	if (result < 0)
		gb_sensor_report_limited();
}
