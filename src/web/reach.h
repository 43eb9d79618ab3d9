/* SPDX-License-Identifier: Apache-2.0 */
/* web/reach: which addresses may be asked on behalf of somebody who only names them. */
#ifndef GB_WEB_REACH_H
#define GB_WEB_REACH_H

#include <stdbool.h>
#include <sys/socket.h>

/* Where a request may go. Checked on the address that is connected to, so that no name can change in between. */
enum gb_web_reach {
	GB_WEB_REACH_PUBLIC = 0, /* no loopback, private, link-local (the cloud's metadata) or multicast address */
	GB_WEB_REACH_PRIVATE,    /* those too but link-local, multicast and the unspecified address */
	GB_WEB_REACH_ANY,        /* link-local too: for the platform's own endpoints */
};

/* Whether ADDRESS, which is about to be connected to, is within REACH. IPv4 inside of IPv6 is seen through. */
bool gb_web_reach_has(enum gb_web_reach reach, const struct sockaddr *address);

#endif
