/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/arena: memory for starting a program. A few slots in .bss for ordinary ones; memory mapped for the call for
 * large arguments, or when all slots are taken.
 *
 * vfork children run in their parent's memory and, when their exec succeeds, never come back to release a slot. So the
 * slot's owner word is given to the kernel as the child's clear_child_tid address (set_tid_address): it writes 0 there
 * at the moment the child leaves the memory, by exec or death. Threads proper have a use for that address themselves
 * (their join), so only children that share the memory with another process do this. Mapped memory of a vfork child is
 * found again by the same word.
 */
#include "sensor/exec.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define SLOT_BYTES (96u * 1024u)

struct slot {
	_Alignas(4096) unsigned char bytes[SLOT_BYTES];
};

static struct slot slots[GB_SENSOR_EXEC_SLOTS];
/* The small-stack program's stack that a vfork child was on when it left by exec, to be released by the next owner. */
static uintptr_t stacks[GB_SENSOR_EXEC_SLOTS];
/* Mapped instead of the slot's own bytes by its last owner, to be unmapped by the next. */
static struct {
	long at;
	size_t bytes;
} mapped[GB_SENSOR_EXEC_SLOTS];

static struct gb_exec *map_for_call(size_t bytes)
{
	long at = gb_call6(SYS_mmap, 0, (long)bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at < 0 && at > -4096 ? NULL : (struct gb_exec *)at;
}

static struct gb_exec *claim_slot(unsigned slot, size_t bytes)
{
	if (stacks[slot] != 0) {
		gb_sensor_stack_release(stacks[slot]);
		stacks[slot] = 0;
	}
	if (mapped[slot].at != 0) {
		(void)gb_call3(SYS_munmap, mapped[slot].at, (long)mapped[slot].bytes, 0);
		mapped[slot].at = 0;
	}
	if (bytes <= SLOT_BYTES)
		return (struct gb_exec *)(void *)slots[slot].bytes;
	mapped[slot].bytes = bytes;
	mapped[slot].at = (long)map_for_call(bytes);
	return (struct gb_exec *)mapped[slot].at;
}

struct gb_exec *gb_exec_claim(size_t needed)
{
	size_t bytes = sizeof(struct gb_exec) + needed + GB_EXEC_STACK_BYTES + 64;
	int32_t self = (int32_t)gb_call3(SYS_gettid, 0, 0, 0);
	struct gb_exec *exec;
	unsigned slot;

	for (slot = 0; slot < GB_SENSOR_EXEC_SLOTS; slot++) {
		int32_t nobody = 0;

		if (__atomic_compare_exchange_n(&gb_sensor_page.is.exec_owner[slot], &nobody, self, false,
		            __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			break;
	}
	bytes = bytes < SLOT_BYTES ? SLOT_BYTES : (bytes + 4095u) & ~(size_t)4095u;
	exec = slot < GB_SENSOR_EXEC_SLOTS ? claim_slot(slot, bytes) : map_for_call(bytes);
	if (exec == NULL) {
		if (slot < GB_SENSOR_EXEC_SLOTS)
			__atomic_store_n(&gb_sensor_page.is.exec_owner[slot], 0, __ATOMIC_RELEASE);
		return NULL;
	}
	exec->slot = slot;
	exec->mapped_bytes = bytes;
	exec->strings = gb_text_on(exec + 1, bytes - sizeof(*exec) - GB_EXEC_STACK_BYTES);
	return exec;
}

void gb_exec_release(struct gb_exec *exec)
{
	if (exec->slot == GB_SENSOR_EXEC_SLOTS)
		(void)gb_call3(SYS_munmap, (long)exec, (long)exec->mapped_bytes, 0);
	else
		__atomic_store_n(&gb_sensor_page.is.exec_owner[exec->slot], 0, __ATOMIC_RELEASE);
}

/* Forks do not know whether they share their memory with a parent: any thread that leads its process may be such a child,
 * and for others it does no harm. */
static bool may_be_vfork_child(void)
{
	int32_t pid = gb_sensor_page.is.pid, self = (int32_t)gb_call3(SYS_getpid, 0, 0, 0);

	return pid != 0 ? pid != self : self == (int32_t)gb_call3(SYS_gettid, 0, 0, 0);
}

void gb_exec_arm(struct gb_exec *exec)
{
	exec->is_armed = exec->slot < GB_SENSOR_EXEC_SLOTS && may_be_vfork_child();
	if (!exec->is_armed)
		return;
	stacks[exec->slot] = gb_sensor_stack_in_use();
	exec->tid_address = 0;
	(void)gb_call3(SYS_prctl, PR_GET_TID_ADDRESS, (long)&exec->tid_address, 0); /* kernels may be without it */
	(void)gb_call3(SYS_set_tid_address, (long)&gb_sensor_page.is.exec_owner[exec->slot], 0, 0);
}

void gb_exec_disarm(struct gb_exec *exec)
{
	if (!exec->is_armed)
		return;
	stacks[exec->slot] = 0;
	(void)gb_call3(SYS_set_tid_address, exec->tid_address, 0, 0);
}

void gb_exec_on_own_stack(struct gb_exec *exec, void (*function)(struct gb_exec *))
{
	uintptr_t top = ((uintptr_t)exec + exec->mapped_bytes) & ~(uintptr_t)15;

	gb_machine_call_on_stack(top, (uintptr_t)function, (uintptr_t)exec);
}
