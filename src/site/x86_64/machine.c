/* SPDX-License-Identifier: Apache-2.0 */
#include "site/machine.h"

#include <elf.h>

const uint16_t gb_site_elf_machine = EM_X86_64;

const uint16_t gb_site_watched[] = {0, 1, 2, 3, 9, 10, 11, 16, 20, 25, 28, 30, 33, 41, 42, 44, 45, 46, 47, 49, 50, 59,
        62, 72, 76, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 101, 129, 132, 133, 135, 141, 142, 144, 154,
        155, 157, 161, 165, 166, 175, 200, 203, 216, 234, 235, 246, 251, 257, 258, 259, 260, 261, 263, 264, 265, 266,
        267, 268, 272, 280, 292, 297, 298, 302, 304, 307, 308, 310, 311, 313, 314, 316, 317, 319, 321, 322, 323, 329,
        424, 425, 428, 429, 430, 432, 434, 436, 437, 438, 440, 442, 447, 452};

const size_t gb_site_watched_count = sizeof(gb_site_watched) / sizeof(gb_site_watched[0]);

const uint16_t gb_site_watched_for_some[] = {0, 1, 20, 45, 47};

const size_t gb_site_watched_for_some_count = sizeof(gb_site_watched_for_some) / sizeof(gb_site_watched_for_some[0]);

/* fcntl F_SETOWN to F_SETOWN_EX; ioctl FIOSETOWN and SIOCSPGRP. */
const struct gb_site_window gb_site_windows[] = {{16, 0x8901, 0x8902}, {72, 8, 15}};

const size_t gb_site_window_count = sizeof(gb_site_windows) / sizeof(gb_site_windows[0]);
