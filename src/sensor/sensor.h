/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor: the part of Gambeson that lives in every process of the function. It turns the system call sites of the
 * process's libraries into jumps to gb_sensor_handle(), which judges the call and makes it.
 *
 * Rules for all of this directory: no libc, no TLS, no heap, no vector registers
 * (but in one place, which gives them back: site/x86_64/lanes.h), no lock that waits. Every function may
 * run in a signal handler, in a child made by vfork (which shares this memory), on any thread and on a small stack:
 * nothing bigger than a few hundred bytes lies on the stack, large buffers come from the scratch pool.
 */
#ifndef GB_SENSOR_SENSOR_H
#define GB_SENSOR_SENSOR_H

#include "activity/activity.h"
#include "activity/syscall.h"
#include "activity/verdict.h"
#include "base/text.h"
#include "policy/policy.h"
#include "sensor/machine.h"
#include "wire/ring.h"
#include "wire/segment.h"

#define GB_SENSOR_PATH_MAX       4096u
#define GB_SENSOR_OWN_MAX        16u
#define GB_SENSOR_OWN_LAST       3u /* of these, for the sensor's image and the warden's files */
#define GB_SENSOR_LATER_MAX      32u
#define GB_SENSOR_SCRATCH_SLOTS  32u
#define GB_SENSOR_EXEC_SLOTS     8u
#define GB_SENSOR_VARIABLE_BYTES 192u
#define GB_SENSOR_STACKS         64u
#define GB_SENSOR_NAME_BYTES     128u
#define GB_SENSOR_DESCRIPTORS    1024u
#define GB_SENSOR_SOCKADDR_BYTES 128u /* the kernel's struct sockaddr_storage: a longer one is EINVAL */

/* A pointer that the kernel refuses with EFAULT. It stands in for memory that we could not read, so that nobody can make
 * it readable between our look and the kernel's. */
#define GB_SENSOR_BAD_POINTER (-4096L)

/* Registers of the system call as the detour saved them. The order is that of <machine>/entry.c. */
struct gb_sensor_frame {
	long number;
	long arguments[6];
};

/* What memory of the sensor's is. */
enum gb_sensor_owned {
	GB_SENSOR_OWNED_NOT = 0,
	GB_SENSOR_OWNED_CODE,  /* of a library or program, with our jumps in it */
	GB_SENSOR_OWNED_DATA,  /* detours, the sensor's own image, the warden's files */
	GB_SENSOR_OWNED_LATER, /* code of a library that came after the start, and may go */
};

struct gb_sensor_range {
	enum gb_sensor_owned kind;
	uintptr_t from;
	uintptr_t to;
};

/* The one state of the process. Written by the constructor, read-only from then on (own.c). */
struct gb_sensor {
	const struct gb_segment *segment; /* NULL: the sensor found no warden; only exec is followed */
	struct gb_ring *ring;
	int segment_fd;
	int ring_fd;
	int32_t start_pid; /* of the process that the program was started in: its forks keep it */
	size_t preload_n;
	size_t variable_n;
	/* What each child gets: "LD_PRELOAD=<sensor>" and "GAMBESON_SENSOR=…", both NUL-terminated. */
	char preload[GB_SEGMENT_PATH_BYTES + 16];
	char variable[GB_SENSOR_VARIABLE_BYTES];
	bool is_sealing; /* the last ranges are being added */
	bool is_sealed;
	unsigned own_count;
	struct gb_sensor_range own[GB_SENSOR_OWN_MAX];
	struct gb_policy policies[GB_SEGMENT_POLICY_AREAS]; /* views of the segment's areas */
	size_t program_n;                                   /* of gb_sensor_own_program */
};

extern struct gb_sensor gb_sensor;

/* Loaded static programs only: what /proc/self/exe would be without us. NUL-terminated; a page, read-only then. */
extern char gb_sensor_own_program[GB_SENSOR_PATH_MAX];

/* Memory that the kernel empties in a forked child (but not in one made by vfork). */
struct gb_sensor_process {
	int32_t pid; /* of the process that the sensor started in; 0 in its forks */
	uint32_t finding_count;
	uint64_t finding_second;
	uint32_t scratch_used; /* bit per slot */
	uint64_t stacks_used;  /* the same */
	/* Thread that uses the exec slot. In vfork children the kernel itself puts 0 here when they leave this memory. */
	int32_t exec_owner[GB_SENSOR_EXEC_SLOTS];
};

extern union gb_sensor_process_page {
	struct gb_sensor_process is;
	unsigned char bytes[4096];
} gb_sensor_page;

/* Make the call as the program asked for it, with the arguments as they stand in FRAME. */
static inline long gb_sensor_run(const struct gb_sensor_frame *f)
{
	return gb_call6(f->number, f->arguments[0], f->arguments[1], f->arguments[2], f->arguments[3], f->arguments[4],
	        f->arguments[5]);
}

/* <machine>/entry.c: where detours arrive; the second kind changes to a stack of ours first. */
void gb_sensor_entry(void);
void gb_sensor_entry_small(void);
/* dispatch.c: judge and make the call. */
long gb_sensor_handle(const struct gb_sensor_frame *call);

/* stack.c: stacks for handlers. make() once, before there are sites that need them; false without memory. */
bool gb_sensor_stacks_make(void);
/* The top of a stack; the caller is alone on it until it releases it. */
uintptr_t gb_sensor_stack_claim(void);
void gb_sensor_stack_release(uintptr_t top);
/* The top of the stack that this call runs on; 0 when it is none of ours. */
uintptr_t gb_sensor_stack_in_use(void);

/* start.c: find the warden by the process's environment. False: there is none, nothing may be patched. */
bool gb_sensor_join(char **environment);
/* The auxiliary vector lies behind the environment's pointers. */
unsigned long *gb_sensor_auxiliary(char **environment);

/* library.c, patch.c: find and patch this process's libraries. AUXILIARY is the vector of the process start. */
void gb_sensor_patch_libraries(const unsigned long *auxiliary);
/* The same before a program of musl begins: of its INTERPRETER (load address), which is its libc, and of the calls of its
 * own in TEXT. */
void gb_sensor_patch_ahead(const unsigned long *auxiliary, struct gb_span text, uintptr_t interpreter);
/* The same for the code of a program that brings its own system calls: TEXT as mapped, LOAD_ADDRESS what was added to
 * its addresses. */
__attribute__((warn_unused_result)) int gb_sensor_patch_program(struct gb_span text, uintptr_t load_address);
/* image.c: a TEXT that begins with an ELF header holds all that the linker put beside the code, constants too: narrow it
 * to the code by the section headers of FD, if that is the program's file. */
void gb_sensor_narrow(long fd, uintptr_t load_address, struct gb_span *ref_text);
/* By its name: libc, what belongs to it, the dynamic linker. */
bool gb_sensor_is_libc(struct gb_span path);
/* Say that some system calls of this process will not be seen. */
void gb_sensor_report_limited(void);

struct gb_sensor_library {
	uintptr_t load_address;
	struct gb_span text; /* as mapped */
	const struct gb_site *sites;
	size_t site_count;
	bool has_small_stacks;
};
/* Detours for all sites and jumps to them. Negative errno when the process does not allow it; nothing is changed then. */
__attribute__((warn_unused_result)) int gb_sensor_patch(const struct gb_sensor_library *libraries, size_t count);
/* Where detours of this process lead. */
void gb_sensor_put_pointers(unsigned char *to);

/* overlay.c: map the library's patched pages, which the warden made; the library's sites are not looked at. -ENOENT: nothing
 * was changed, patch instead; another negative errno: part of it is not patched, and cannot be. */
__attribute__((warn_unused_result)) int gb_sensor_lay_over(
        const struct gb_sensor_library *library, const struct gb_overlay *overlay);

/* arrivals.c: code that may make system calls of its own. By its PATH: whether it is worth looking. */
struct gb_site_image;
bool gb_sensor_is_stranger(struct gb_span path);
/* Whether it came with the base image, where the function can put nothing. */
bool gb_sensor_is_of_image(struct gb_span path);
/* Patch N bytes at AT, which are those of file FD from OFFSET on. They are readable, and nobody runs them yet. 0, or
 * -EACCES: the library makes calls that would not be seen, and is refused. */
__attribute__((warn_unused_result)) int gb_sensor_patch_mapping(
        uintptr_t at, size_t n, long fd, uint64_t offset, struct gb_span path);
/* The same of a library that was read: TEXT is where its executable part lies. */
__attribute__((warn_unused_result)) int gb_sensor_patch_stranger(
        struct gb_site_image *image, struct gb_span text, struct gb_span path);

/* own.c: memory that nobody but the sensor may change. */
void gb_sensor_own_add(enum gb_sensor_owned kind, uintptr_t from, size_t n);
/* Of what kind the first of it is that lies in N bytes at FROM. */
enum gb_sensor_owned gb_sensor_own_find(uintptr_t from, size_t n);
/* What is LATER goes: it is unmapped, or something else comes in its place. */
void gb_sensor_own_forget(uintptr_t from, size_t n);
/* The last thing at the start: gb_sensor is constant from now on. */
void gb_sensor_own_seal(void);

/* memory.c: the program's memory, which may be anything. All give -EFAULT like the kernel. */
bool gb_sensor_is_readable(uintptr_t address, size_t n);
/* Copy a string of less than CAP bytes and its NUL. Result: its length; CAP when there is no NUL within CAP bytes. */
long gb_sensor_copy_string(char *destination, size_t cap, long source);
long gb_sensor_copy(void *destination, long source, size_t n);
/* Length of a string at SOURCE, at most LIMIT; -EFAULT. */
long gb_sensor_string_length(long source, size_t limit);

/* mapping.c: the first file that lies in part of N bytes at FROM; its name, empty when there is none, is in SCRATCH. */
struct gb_sensor_scratch;
struct gb_sensor_mapped {
	struct gb_span path;
	uintptr_t from; /* where its mapping begins, and with what of the file */
	uint64_t offset;
	bool is_private;
};
struct gb_sensor_mapped gb_sensor_mapped_file(uintptr_t from, size_t n, struct gb_sensor_scratch *scratch);
/* A file is being mapped: what was known about addresses may be so no more. */
void gb_sensor_note_file_mapping(void);

/* scratch.c: buffers for one call. */
struct gb_sensor_scratch {
	char raw[GB_SENSOR_PATH_MAX + 8];
	char second_raw[GB_SENSOR_PATH_MAX + 8];
	char canonical[2 * GB_SENSOR_PATH_MAX + 8];
	char second_canonical[2 * GB_SENSOR_PATH_MAX + 8];
};
/* NULL only when the process has no memory left. */
struct gb_sensor_scratch *gb_sensor_scratch_claim(void);
void gb_sensor_scratch_release(struct gb_sensor_scratch *scratch);

/* location.c: names of places. */
/* Absolute canonical name of PATH seen from DIRECTORY_FD (or AT_FDCWD): in BUFFER, or PATH itself. -EBADF and the like when
 * the directory has no name. *ret_is_uncertain: the name may lead elsewhere by a link that the function can make. */
__attribute__((warn_unused_result)) int gb_sensor_locate(long directory_fd, struct gb_span path, char *buffer,
        size_t cap, struct gb_span *ret_name, bool *ret_is_uncertain);
/* Name of the object behind a descriptor, with this process's own /proc/PID as /proc/self. Negative errno when it has
 * none in the file system (pipes, sockets). */
__attribute__((warn_unused_result)) int gb_sensor_name_of_fd(
        long fd, char *buffer, size_t cap, struct gb_span *ret_name);

/* opens.c: copy the path argument INDEX into RAW, of GB_SENSOR_PATH_MAX bytes, and let the call use the copy. Result: its
 * length; negative: there is nothing to judge, since the kernel will refuse the path itself. */
long gb_sensor_path_take(struct gb_sensor_frame *frame, int index, char *raw);
static inline long gb_sensor_argument(const struct gb_sensor_frame *frame, int index, long otherwise)
{
	return index == GB_SYSCALL_NO_ARGUMENT ? otherwise : frame->arguments[index];
}

/* place.c: openat2(2), by openat where it does for it: not every kernel knows the other (Linux 5.6). */
#define GB_NR_OPENAT2 437
long gb_sensor_open_as(long directory_fd, const char *path, uint64_t flags, uint64_t resolve);

/* The folder that PATH (N bytes and a NUL, in room for GB_SENSOR_PATH_MAX), seen from DIRECTORY_FD, ends in; with
 * FOLLOWS what the whole of it leads to. RESOLVE is openat2(2)'s. PATH is then named by the descriptor. Negative errno: as
 * the kernel would say. */
struct gb_sensor_place {
	long fd;             /* negative: there is none */
	struct gb_span name; /* of what PATH means, in BUFFER; empty: it has none */
	const char *last;    /* in PATH: the name in that folder; only when there is a name */
};
__attribute__((warn_unused_result)) int gb_sensor_place_hold(long directory_fd, char *path, size_t n, uint64_t resolve,
        bool follows, char *buffer, size_t cap, struct gb_sensor_place *ret);
void gb_sensor_place_release(struct gb_sensor_place *place);

/* create.c: the open FRAME with FLAGS finds nothing at PATH and may make a file. It is judged by the folder that this would
 * be in, and FRAME made to open it there. The creation, {.place = {.fd = -1}} at first, is to be released after the call. */
struct gb_sensor_creation {
	struct gb_sensor_place place;
	struct gb_sensor_scratch *room;
};
__attribute__((warn_unused_result)) int gb_sensor_create_ahead(struct gb_sensor_frame *frame,
        const struct gb_activity *activity, long directory_fd, struct gb_span path, uint64_t flags, uint64_t resolve,
        struct gb_sensor_creation *creation);
void gb_sensor_creation_release(struct gb_sensor_creation *creation);

/* facts.c: count something that the policy has a budget for. */
void gb_sensor_count(enum gb_usage kind);
/* Give ACTIVITY the bytes of the file FD, which its subject names, when the policy asks for them; to be released. It is then
 * judged by that policy. */
void gb_sensor_content_take(struct gb_activity *activity, long fd);
void gb_sensor_content_release(struct gb_span content);

/* Judge a library that is or will be mapped without a call of ours, when it lies where the function can write. */
__attribute__((warn_unused_result)) int gb_sensor_judge_library(struct gb_span path);
/* location.c: whether the function itself can make files, and so links, there. */
bool gb_sensor_is_shifting_place(struct gb_span name);

/* judge.c */
/* What is in force. The segment must be there. */
struct gb_sensor_force {
	uint32_t generation;
	struct gb_policy judges; /* no header: there is none */
	enum gb_mode posture;
	bool observes;
};
static inline const struct gb_policy *gb_sensor_policy(const struct gb_sensor_force *force)
{
	return force->judges.header == NULL ? NULL : &force->judges;
}
struct gb_sensor_force gb_sensor_in_force(void);
enum gb_mode gb_sensor_posture(void);
/* Whether anything is judged at all now: false when the mode is off, or nothing is to be said about files. */
bool gb_sensor_is_judging(enum gb_activity_kind kind);
/* Evaluate and report. 0, or ERROR (negative) when it is denied. */
__attribute__((warn_unused_result)) int gb_sensor_judge(const struct gb_activity *activity, int error);
/* The same for calls that may turn out to be about nothing: an observation, and a read that the allowlist does not have,
 * are kept in *ret_pending until the caller knows whether there is such a file. It then reports with
 * gb_sensor_observe(), or with gb_sensor_report() when the pending decision is GB_DENY: that one has yet to be made. */
__attribute__((warn_unused_result)) int gb_sensor_judge_ahead(
        const struct gb_activity *activity, int error, struct gb_verdict *ret_pending);
/* Report what is pending and not denied, unless RESULT says that there is no such file. */
void gb_sensor_observe(const struct gb_activity *activity, const struct gb_verdict *pending, long result);
/* Report what the sensor decided by itself: 0, or ERROR when DECISION is GB_DENY. */
int gb_sensor_report(const struct gb_activity *activity, const struct gb_verdict *verdict, int error);
/* An attack on the product: denied with ERROR in block mode, reported in detect mode; what names the warden's process is
 * denied in both. */
__attribute__((warn_unused_result)) int gb_sensor_refuse(
        const struct gb_activity *activity, enum gb_reason reason, int error);

/* network.c: whether SOCKADDR, of N bytes, is port 53 of somebody. */
bool gb_sensor_is_name_server(const unsigned char *sockaddr, long n);

/* names.c: names looked up. A name socket leads to a name server. */
extern unsigned char gb_sensor_name_sockets[GB_SENSOR_DESCRIPTORS];
static inline void gb_sensor_name_socket_set(long fd, bool is_one)
{
	if ((uint32_t)fd < GB_SENSOR_DESCRIPTORS && gb_sensor_name_sockets[(uint32_t)fd] != is_one)
		gb_sensor_name_sockets[(uint32_t)fd] = is_one;
}
static inline bool gb_sensor_name_socket_is(long fd)
{
	return (uint32_t)fd < GB_SENSOR_DESCRIPTORS && gb_sensor_name_sockets[(uint32_t)fd] != 0;
}
/* Judge N bytes at DATA, or the pieces of a vector, about to be sent to a name server. 0, or -EACCES. */
__attribute__((warn_unused_result)) int gb_sensor_judge_question(long data, size_t n);
__attribute__((warn_unused_result)) int gb_sensor_judge_question_in(long vector, uint64_t count);
/* The name that ADDRESS was last looked up under, copied to BUFFER; empty when it was not. */
struct gb_span gb_sensor_name_of_address(const struct gb_address *address, char *buffer, size_t cap);

/* socket_file.c: judge the unix socket at SOCKADDR by its own name as well, when the one that NAMED was judged by may be a
 * link. *ret_fd: the file, which the caller closes; negative: it is not there, or not of that kind. */
__attribute__((warn_unused_result)) int gb_sensor_judge_socket_file(
        const struct gb_activity *named, const unsigned char *sockaddr, long n, long *ret_fd);
/* Make SOCKADDR, of GB_SENSOR_SOCKADDR_BYTES, mean the file FD. Result: its length. */
long gb_sensor_name_socket_file(unsigned char *sockaddr, long fd);

/* The families of dispatch.c. */
long gb_sensor_handle_path(struct gb_sensor_frame *frame, const struct gb_syscall *row);
long gb_sensor_handle_open(struct gb_sensor_frame *frame, const struct gb_syscall *row);
long gb_sensor_handle_exec(struct gb_sensor_frame *frame, const struct gb_syscall *row);
long gb_sensor_handle_connect(struct gb_sensor_frame *frame);
long gb_sensor_handle_send(struct gb_sensor_frame *frame);
long gb_sensor_handle_listen(struct gb_sensor_frame *frame);
long gb_sensor_handle_memory(struct gb_sensor_frame *frame);
long gb_sensor_handle_descriptor(struct gb_sensor_frame *frame);
long gb_sensor_handle_process(struct gb_sensor_frame *frame);
long gb_sensor_handle_receive(struct gb_sensor_frame *frame);
long gb_sensor_handle_write(struct gb_sensor_frame *frame);
long gb_sensor_handle_socket(struct gb_sensor_frame *frame);
long gb_sensor_handle_kernel(struct gb_sensor_frame *frame, const struct gb_syscall *row);
long gb_sensor_handle_own_name(struct gb_sensor_frame *frame, const struct gb_syscall *row);

/* own_name.c: whether NAME, canonical, means this program's file, but would lead to the sensor's. */
bool gb_sensor_is_own_name(struct gb_span name);
long gb_sensor_handle_trace(struct gb_sensor_frame *frame);

#endif
