/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire/event_time: dates in lines.
 */
#ifndef GB_WIRE_EVENT_TIME_H
#define GB_WIRE_EVENT_TIME_H

#include "base/text.h"

/* 2026-11-21; DAYS since 1970-01-01. */
void gb_event_add_date(struct gb_text *text, uint64_t days);
/* The member `time`, with a comma before it; TIME_MS since 1970, UTC. */
void gb_event_add_time(struct gb_text *text, uint64_t time_ms);

#endif
