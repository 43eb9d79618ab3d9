/* SPDX-License-Identifier: Apache-2.0 */
#include "site/machine.h"

#include <elf.h>

const uint16_t gb_site_elf_machine = EM_AARCH64;

const uint16_t gb_site_watched[] = {24, 25, 29, 30, 33, 34, 35, 36, 37, 38, 39, 40, 41, 45, 51, 52, 53, 54, 55, 56, 57,
        63, 64, 66, 78, 88, 92, 97, 104, 105, 117, 118, 119, 122, 129, 130, 131, 138, 140, 167, 196, 198, 200, 201, 203,
        206, 207, 211, 212, 215, 216, 221, 222, 226, 233, 234, 240, 241, 261, 265, 268, 269, 270, 271, 273, 274, 276,
        277, 279, 280, 281, 282, 288, 424, 425, 428, 429, 430, 432, 434, 436, 437, 438, 440, 442, 447, 452};

const size_t gb_site_watched_count = sizeof(gb_site_watched) / sizeof(gb_site_watched[0]);

const uint16_t gb_site_watched_for_some[] = {63, 64, 66, 207, 212};

const size_t gb_site_watched_for_some_count = sizeof(gb_site_watched_for_some) / sizeof(gb_site_watched_for_some[0]);

/* fcntl F_SETOWN to F_SETOWN_EX; ioctl FIOSETOWN and SIOCSPGRP. */
const struct gb_site_window gb_site_windows[] = {{25, 8, 15}, {29, 0x8901, 0x8902}};

const size_t gb_site_window_count = sizeof(gb_site_windows) / sizeof(gb_site_windows[0]);
