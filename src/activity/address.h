/* SPDX-License-Identifier: Apache-2.0 */
/*
 * activity/address: a socket address as the kernel takes it → struct gb_address and its text. Pure, freestanding.
 */
#ifndef GB_ACTIVITY_ADDRESS_H
#define GB_ACTIVITY_ADDRESS_H

#include "activity/activity.h"
#include "base/text.h"

enum gb_address_use {
	GB_ADDRESS_DESTINATION = 0, /* the any-address means loopback, as Linux connects it */
	GB_ADDRESS_LOCAL,           /* the any-address stays: all interfaces */
};

/* Longest text of an IP address: "[8 groups]:65535"; a unix address needs up to 109 bytes. */
#define GB_ADDRESS_TEXT_BYTES 128u

/* Read SOCKADDR (a struct sockaddr of that many bytes). IPv4-mapped IPv6 is IPv4. Bytes too few for the family give GB_ADDRESS_OTHER. The text,
 * "10.0.0.1:80", "[::1]:80", "/run/x.sock", "@name", "family 16", is added to TEXT. */
struct gb_address gb_address_of_sockaddr(struct gb_span sockaddr, enum gb_address_use use, struct gb_text *text);

/* The address of such a text; false when it is none, *ret_address is then of no family that anything matches. Hosted, not
 * in the sensor. */
__attribute__((warn_unused_result)) bool gb_address_of_text(struct gb_span text, struct gb_address *ret_address);

/* 127.0.0.0/8, ::1, and the first written as IPv6. */
bool gb_address_is_loopback(const struct gb_address *address);

#endif
