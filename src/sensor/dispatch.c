/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/sensor.h"

#include <sys/mman.h>
#include <sys/syscall.h>

/* Handlers put copies of what the call points to in its place: in a frame of their own, since the program's registers
 * are to come back as they were. Of the number the kernel looks at 32 bits. */
long gb_sensor_handle(const struct gb_sensor_frame *call)
{
	struct gb_sensor_frame own = *call, *frame = &own;
	const struct gb_syscall *row;

	own.number = (int32_t)call->number;
	/* The frequent ones that hardly ever matter come first: these cost a few instructions. */
	if (frame->number == SYS_close && (int32_t)frame->arguments[0] != gb_sensor.segment_fd &&
	        (int32_t)frame->arguments[0] != gb_sensor.ring_fd) {
		gb_sensor_name_socket_set(frame->arguments[0], false);
		return gb_call3(SYS_close, frame->arguments[0], 0, 0);
	}
	if (frame->number == SYS_mmap && (frame->arguments[3] & MAP_ANONYMOUS) == 0)
		gb_sensor_note_file_mapping();
	if (frame->number == SYS_mmap && (frame->arguments[2] & PROT_EXEC) == 0 &&
	        (frame->arguments[3] & MAP_FIXED) == 0)
		return gb_sensor_run(frame);
	row = gb_syscall_row((uint64_t)frame->number);
	if (row == NULL)
		return gb_sensor_run(frame);
	switch ((enum gb_syscall_family)row->family) {
	case GB_SYSCALL_PATH: return gb_sensor_handle_path(frame, row);
	case GB_SYSCALL_OPEN: return gb_sensor_handle_open(frame, row);
	case GB_SYSCALL_EXEC: return gb_sensor_handle_exec(frame, row);
	case GB_SYSCALL_CONNECT: return gb_sensor_handle_connect(frame);
	case GB_SYSCALL_SEND: return gb_sensor_handle_send(frame);
	case GB_SYSCALL_LISTEN: return gb_sensor_handle_listen(frame);
	case GB_SYSCALL_MEMORY: return gb_sensor_handle_memory(frame);
	case GB_SYSCALL_TRACE: return gb_sensor_handle_trace(frame);
	case GB_SYSCALL_DESCRIPTOR: return gb_sensor_handle_descriptor(frame);
	case GB_SYSCALL_PROCESS: return gb_sensor_handle_process(frame);
	case GB_SYSCALL_RECEIVE: return gb_sensor_handle_receive(frame);
	case GB_SYSCALL_WRITE: return gb_sensor_handle_write(frame);
	case GB_SYSCALL_SOCKET: return gb_sensor_handle_socket(frame);
	case GB_SYSCALL_KERNEL: return gb_sensor_handle_kernel(frame, row);
	case GB_SYSCALL_OWN_NAME: return gb_sensor_handle_own_name(frame, row);
	case GB_SYSCALL_UNWATCHED: break;
	}
	return gb_sensor_run(frame);
}
