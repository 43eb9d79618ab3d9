/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire/segment: the memory that the warden shares with every process of the function. One memory file: the warden maps
 * it writable once, then seals it (F_SEAL_FUTURE_WRITE, kernel ≥ 5.1), so that everybody else can only read it. It
 * holds what the sensor needs to judge: settings, the policy blob, where the libc's system call sites are, the pages of
 * the libc with jumps at these sites, and the strings of the events being handled. A second, writable file carries reports back (wire/ring.h).
 *
 * Native byte order and alignment: both ends are the same machine and the same build (`version`).
 */
#ifndef GB_WIRE_SEGMENT_H
#define GB_WIRE_SEGMENT_H

#include "base/span.h"

#include <stddef.h>

#define GB_SEGMENT_MAGIC   0x31474553424d4147u
#define GB_SEGMENT_VERSION 10u

#define GB_SEGMENT_POLICY_BYTES   (256u * 1024u) /* each of GB_SEGMENT_POLICY_AREAS */
#define GB_SEGMENT_POLICY_AREAS   4u             /* so that a new one never overwrites one that somebody still reads */
#define GB_SEGMENT_SITES_BYTES    (16u * 1024u)  /* each of GB_SEGMENT_SITE_TABLES */
#define GB_SEGMENT_SITE_TABLES    4u
#define GB_SEGMENT_CODE_BYTES     (1024u * 1024u) /* of which only what is used takes memory */
#define GB_SEGMENT_INPUT_SLOTS    16u
#define GB_SEGMENT_INPUT_BYTES    (256u * 1024u)
#define GB_SEGMENT_PATH_BYTES     256u
#define GB_SEGMENT_BUILD_ID_BYTES 20u

/* Environment of every watched process: "<segment fd>,<ring fd>,<socket name>", decimal numbers. The sensor puts it
 * back, and LD_PRELOAD, at each exec. The two descriptors stay open at these numbers in every process (the sensor
 * refuses to close them); a process that lost them asks the warden again on the abstract unix socket named last. */
#define GB_SENSOR_VARIABLE "GAMBESON_SENSOR"

/* What the sensor, started as a program, is to load: "<fd>,<path>". A static program has no dynamic linker that would
 * preload the sensor, so the sensor is started in its place and loads it. Only whoever starts a program sets it. */
#define GB_PROGRAM_VARIABLE "GAMBESON_PROGRAM"

/* How x86-64's 2-byte system call instruction can be replaced by a 5-byte jump: with its neighbours, which are straight code
 * that runs as well elsewhere. In the head shapes the instruction itself stays where it is (unless the head is shorter
 * than a jump), so that calls that need no judging can go back to it. */
enum gb_site_shape {
	GB_SITE_UNPATCHABLE = 0, /* none of them; only where that is asked for */
	GB_SITE_MOV_SYSCALL = 1, /* mov $nr,%eax (b8 imm32); syscall: `offset` is that of the mov, `length` 5 */
	GB_SITE_SYSCALL_CMP =
	        2,         /* syscall; cmp $imm32,%rax (48 3d imm32): `offset` is that of the syscall, `length` 6 */
	GB_SITE_HEAD = 3,  /* `length` bytes (3 or more) at `offset`, then the syscall */
	GB_SITE_TAIL = 4,  /* the syscall at `offset`, then `length` bytes (3 or more) */
	GB_SITE_WHOLE = 5, /* arm64: the svc at `offset` is as long as a branch; `length` 0 */
};

#define GB_SITE_NUMBER_UNKNOWN UINT16_MAX

struct gb_site {
	uint32_t offset; /* virtual address as in the file's program headers */
	uint16_t number; /* system call, or GB_SITE_NUMBER_UNKNOWN when only run time tells */
	uint8_t shape;   /* enum gb_site_shape */
	uint8_t length;  /* bytes of straight code beside the syscall that move to the detour */
};

/* Sites of one library, found by the warden while the runtime was loaded (`sites_state`); keyed by the ELF build id. */
struct gb_site_table {
	unsigned char build_id[GB_SEGMENT_BUILD_ID_BYTES];
	uint32_t count; /* 0: table unused */
	struct gb_site
	        sites[(GB_SEGMENT_SITES_BYTES - GB_SEGMENT_BUILD_ID_BYTES - sizeof(uint32_t)) / sizeof(struct gb_site)];
};

#define GB_OVERLAY_RUNS_MAX 8u

/* Adjacent pages of a library's code with the jumps in them, ready to be mapped over the library's own. */
struct gb_overlay_run {
	uint32_t address; /* virtual, as in the file's program headers */
	uint32_t bytes;
	uint32_t code_at; /* where in the segment's `code` they are */
};

/* A library's patched pages and its detours. The jumps count on the detours lying GB_OVERLAY_DISTANCE below the load
 * address, with room at their beginning for what differs from process to process. See site/overlay.h. */
struct gb_overlay {
	unsigned char build_id
	        [GB_SEGMENT_BUILD_ID_BYTES]; /* of the site table: whoever has the overlay need not look there */
	uint32_t run_count;                  /* 0: the sensor patches by itself */
	uint32_t text_bytes;                 /* of the library that this was made from */
	uint32_t text_address;
	uint32_t detours_at; /* in `code` */
	uint32_t detours_bytes;
	struct gb_overlay_run runs[GB_OVERLAY_RUNS_MAX];
};

#define GB_OVERLAY_DISTANCE (64u << 20)

#define GB_SEGMENT_POLICY_GRACE_MS 100u

enum gb_segment_flags {
	GB_SEGMENT_OBSERVE = 1u << 0, /* profiling: everything not on the allowlist is an observation */
};

/* The warden looks for the sites while the runtime is being loaded. */
enum gb_segment_sites {
	GB_SITES_SETTLED = 0, /* what there is of site tables and overlays is there */
	GB_SITES_COMING,
};

/* One event being handled. The warden writes it between two increments of `sequence` (odd: being written). Entries lie
 * one behind the other in `bytes`, each a struct gb_input_entry. See wire/input.h for reader and writer. */
struct gb_input_slot {
	uint32_t sequence;
	uint32_t is_active;
	uint32_t entry_count;
	uint32_t used;         /* bytes of `bytes` in use */
	uint32_t is_truncated; /* the event had more than fits */
	uint32_t request_id_n;
	char request_id[64];
	unsigned char bytes[GB_SEGMENT_INPUT_BYTES - 88];
};

/* What must not leave: the role's secret key and its like, and what the decoys of this sandbox are worth. */
enum gb_secret_kind {
	GB_SECRET_NONE = 0,
	GB_SECRET_CREDENTIAL,
	GB_SECRET_DECOY,
};

#define GB_SECRETS_MAX      16u
#define GB_SECRET_BYTES_MIN 16u
#define GB_DECOYS_MAX       12u /* with a value of their own; the rest is for credentials */

struct gb_secret {
	uint8_t kind; /* enum gb_secret_kind */
	uint8_t n;
	char text[126]; /* the beginning of a longer one */
};

/* A policy and the settings that came with it: they change together. */
struct gb_segment_policy {
	uint32_t bytes;   /* of the blob; 0: there is none */
	uint32_t posture; /* enum gb_mode: cap on every control */
	uint32_t flags;   /* enum gb_segment_flags */
	uint32_t moment;  /* seconds since 1970: what of the policy has expired by then is not there */
};

#define GB_SEGMENT_ROUNDS_APART 2 /* see `round` */

struct gb_segment {
	uint64_t magic;
	uint32_t version;
	uint32_t size_bytes; /* of the whole segment */
	uint32_t warden_pid;
	uint32_t runtime_pid; /* 0 until it is started */
	uint32_t stance;      /* enum gb_stance */
	/* Area generation % GB_SEGMENT_POLICY_AREAS is in force; each change raises it by one and uses the next area. An area is
	 * written anew at the earliest GB_SEGMENT_POLICY_GRACE_MS after it went out of force; who reads longer sees by the
	 * generation that what it read may have been overwritten. */
	uint32_t policy_generation;
	struct gb_segment_policy policies[GB_SEGMENT_POLICY_AREAS];
	/* The real Runtime API: only the warden may turn to it. */
	unsigned char upstream_ip[16];
	uint16_t upstream_port;
	/* The warden's own end, 127.0.0.1:proxy_port. */
	uint16_t proxy_port;
	uint32_t has_many_clients; /* the runtime has processes of its own that ask for events */
	uint32_t exceeded;         /* budgets that the warden found used up: bit 1 << enum gb_usage */
	uint32_t sites_state;      /* enum gb_segment_sites; who waits for it to change sleeps by futex(2) */
	/* What is seen in two rounds that lie two or more apart was seen in two invocations. Start-up's, 0 unless a
	 * snapshot was restored, is one away from the first event's, so that it counts to it. */
	uint32_t round;
	struct gb_secret secrets[GB_SECRETS_MAX];
	char sensor_path[GB_SEGMENT_PATH_BYTES]; /* absolute, NUL-terminated */
	char agent_path[GB_SEGMENT_PATH_BYTES];
	struct gb_overlay overlays[GB_SEGMENT_SITE_TABLES]; /* each of the table with the same index */
	_Alignas(4096) unsigned char policy[GB_SEGMENT_POLICY_AREAS][GB_SEGMENT_POLICY_BYTES];
	_Alignas(4096) struct gb_input_slot input[GB_SEGMENT_INPUT_SLOTS];
	/* Far from what each start reads: the kernel maps what there is of 64 KB around that. */
	struct gb_site_table site_tables[GB_SEGMENT_SITE_TABLES];
	/* Not in what a sensor maps for reading: parts of it are mapped where they run. */
	_Alignas(4096) unsigned char code[GB_SEGMENT_CODE_BYTES];
};

/* What is in force at GENERATION. */
static inline const struct gb_segment_policy *gb_segment_policy_of(
        const struct gb_segment *segment, uint32_t generation)
{
	return &segment->policies[generation % GB_SEGMENT_POLICY_AREAS];
}

/* Whether the area of GENERATION cannot have been overwritten yet when the generation in force is NOW. */
static inline bool gb_segment_policy_stands(uint32_t generation, uint32_t now)
{
	return now - generation < GB_SEGMENT_POLICY_AREAS - 1;
}

#define GB_SEGMENT_READ_BYTES offsetof(struct gb_segment, code)

_Static_assert(sizeof(struct gb_site_table) <= GB_SEGMENT_SITES_BYTES, "a site table fills its area");
_Static_assert(sizeof(struct gb_input_slot) == GB_SEGMENT_INPUT_BYTES, "input slots are whole pages");

#endif
