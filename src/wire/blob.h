/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire/blob: the policy as it is published: flat, position-independent, little-endian, used as it lies.
 * This header is the format; policyc writes it, policy reads it. docs/formats/policy-blob.md is its description.
 */
#ifndef GB_WIRE_BLOB_H
#define GB_WIRE_BLOB_H

#include "base/span.h"

#define GB_BLOB_MAGIC	"GBPOLICY"
#define GB_BLOB_VERSION 1u
#define GB_BLOB_BYTES_MAX (256u * 1024u)

/* A part of the blob: offset from its start, and length, in bytes. */
struct gb_blob_part {
	uint32_t offset;
	uint32_t n;
};

struct gb_blob_header {
	char magic[8];
	uint32_t version;
	uint32_t total_bytes;	/* header and everything behind it, signature block not counted */
	uint64_t serial;	/* grows with each publication; an older one is refused (anti-rollback) */
	uint8_t posture;	/* enum gb_mode */
	uint8_t stance;		/* enum gb_stance */
	uint8_t observe;	/* 1: profiling */
	uint8_t flow_on_limit;	/* enum gb_mode: what the flow check does when the input window was too small */
	uint8_t control_modes[12]; /* enum gb_mode by enum gb_control */
	struct gb_blob_part name;  /* of the policy, for reports */
	struct gb_blob_part processes;
	struct gb_blob_part files_read;
	struct gb_blob_part files_write;
	struct gb_blob_part addresses;
	struct gb_blob_part hosts;
	struct gb_blob_part rules;
	struct gb_blob_part exclusions;
	struct gb_blob_part block_body; /* answer to a blocked HTTP event; empty: the built-in one */
};

#endif
