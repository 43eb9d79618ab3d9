/* SPDX-License-Identifier: Apache-2.0 */
/*
 * activity: the closed set of things that a function can be about to do, and the words for judging them. Every tier
 * (patched sites, later the kernel) turns what it saw into one of these, so that everything behind it exists once.
 * Freestanding, pure: no I/O, no allocation, any thread.
 */
#ifndef GB_ACTIVITY_ACTIVITY_H
#define GB_ACTIVITY_ACTIVITY_H

#include "base/span.h"

enum gb_activity_kind {
	GB_ACTIVITY_NONE = 0,
	GB_ACTIVITY_FILE_READ,
	GB_ACTIVITY_FILE_WRITE, /* opened for writing, created, truncated */
	GB_ACTIVITY_FILE_DELETE,
	GB_ACTIVITY_FILE_RENAME, /* `object` is the new path */
	GB_ACTIVITY_FILE_LINK,   /* hard or symbolic; `object` is the new path */
	GB_ACTIVITY_FILE_MODE,   /* permission change */
	GB_ACTIVITY_PROCESS_START,
	GB_ACTIVITY_NET_CONNECT,
	GB_ACTIVITY_NET_SEND, /* datagram with an address */
	GB_ACTIVITY_NET_LISTEN,
	GB_ACTIVITY_MEMORY_FILE,       /* memfd_create */
	GB_ACTIVITY_PROCESS_TRACE,     /* ptrace */
	GB_ACTIVITY_MEMORY_EXECUTABLE, /* anonymous memory made executable */
	GB_ACTIVITY_LIBRARY_MAP,       /* a file mapped executable */
	GB_ACTIVITY_NET_SOCKET,        /* a socket of another family than IP and unix, or a raw one */
	GB_ACTIVITY_NAME_LOOKUP,       /* a question to a name server; subject is the name */
	GB_ACTIVITY_SANDBOX_CHANGE,    /* mount, unshare, chroot and their like; subject is the call */
	GB_ACTIVITY_KERNEL_ACCESS,     /* io_uring, bpf, userfaultfd and their like; subject is the call */
	GB_ACTIVITY_AWS_API,           /* subject is "service:Action", object the resource's ARN, or empty */
	GB_ACTIVITY_HTTP_REQUEST,      /* subject is "METHOD host", object the path without the query */
	_GB_ACTIVITY_KIND_MAX,
};

enum gb_address_family {
	GB_ADDRESS_NONE = 0,
	GB_ADDRESS_IP,    /* 16 bytes; IPv4 in its mapped form ::ffff:a.b.c.d */
	GB_ADDRESS_UNIX,  /* subject is the path, or '@' and the abstract name */
	GB_ADDRESS_OTHER, /* `family_number` says which AF_… */
};

/* Canonical: IPv4-mapped addresses are IPv4, the any-address counts as loopback (Linux connects it there). */
struct gb_address {
	enum gb_address_family family;
	uint16_t family_number;
	uint16_t port; /* host byte order */
	unsigned char ip[16];
};

struct gb_activity {
	enum gb_activity_kind kind;
	struct gb_span subject;   /* canonical absolute path; for addresses their text, "10.0.0.1:80" or "[::1]:80" */
	struct gb_span object;    /* second path of a rename or link; name that a destination was looked up under; of a
	                        * process the script that an interpreter is given: a path, or "stdin:pipe" */
	struct gb_span content;   /* process: bytes of the program's file, when the policy asks for them */
	struct gb_span arguments; /* process: argv, each with its NUL behind it; the first is argv[0] */
	struct gb_address address;
	uint32_t policy; /* generation of the policy that `content` was asked for by; 0: any may judge */
};

/* Stable name as it stands in events and policy documents: "file_read", "process_start", …; never NULL. */
const char *gb_activity_kind_name(enum gb_activity_kind kind);

/* The kind of a name, or GB_ACTIVITY_NONE. */
enum gb_activity_kind gb_activity_kind_of_name(struct gb_span name);

#endif
