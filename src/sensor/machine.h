/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/machine: what the sensor needs of the processor, each thing under one name. Each machine has a folder:
 *
 *	machine.h  the constants and functions below
 *	entry.c    where detours arrive; where the kernel enters the sensor as a program
 *
 *	GB_MACHINE_ADDRESS_END   where the program's addresses end, at the latest
 *	GB_MACHINE_REACH         how far from it the target of a jump may be
 *	GB_MACHINE_RELATIVE      relocation type of an address within the same file
 *	GB_NR_…                  system calls that not every machine has; below zero where there is none
 *	gb_machine_copy()        N bytes, no overlap, any N
 *	gb_machine_fill()        the same with one value
 *	gb_machine_call_on_stack()  FUNCTION(ARGUMENT) on another stack, whose TOP is aligned to 16
 */
#ifndef GB_SENSOR_MACHINE_H
#define GB_SENSOR_MACHINE_H

#include "base/call.h"

#if defined(__x86_64__)
#include "sensor/x86_64/machine.h"
#elif defined(__aarch64__)
#include "sensor/aarch64/machine.h"
#else
#error "the sensor does not know this machine"
#endif

#endif
