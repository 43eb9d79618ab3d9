/* SPDX-License-Identifier: Apache-2.0 */
/* launch/probe_calls: the single probes, for the table in probe.c. Each runs in a child of its own, see probe.h. */
#ifndef GB_LAUNCH_PROBE_CALLS_H
#define GB_LAUNCH_PROBE_CALLS_H

#define GB_PROBE_LIMIT_MS 2000

int gb_probe_no_new_privs(int *ret_detail);
int gb_probe_seccomp_filter(int *ret_detail);
int gb_probe_user_notification(int *ret_detail);
int gb_probe_ptrace(int *ret_detail);
int gb_probe_process_memory(int *ret_detail);
int gb_probe_memory_file(int *ret_detail);
int gb_probe_writable_text(int *ret_detail);
int gb_probe_preload(int *ret_detail);
int gb_probe_landlock(int *ret_detail);
int gb_probe_io_uring(int *ret_detail);
int gb_probe_user_namespace(int *ret_detail);
int gb_probe_shared_memory_folder(int *ret_detail);
int gb_probe_temporary_folder(int *ret_detail);
int gb_probe_parent_death_signal(int *ret_detail);
int gb_probe_subreaper(int *ret_detail);
int gb_probe_process_descriptor(int *ret_detail);

#endif
