/* SPDX-License-Identifier: Apache-2.0 */
/* control/state: what the files of this directory share. */
#ifndef GB_CONTROL_STATE_H
#define GB_CONTROL_STATE_H

#include "control/rate.h"
#include "control/secret.h"
#include "control/server.h"
#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>

#define GB_TASKS_MAX 32u

struct gb_running_task {
	struct gb_task task;
	struct gb_plane *control;
	pthread_t thread;
	pthread_cond_t is_wanted;
	bool is_woken, has_thread;
};

struct gb_collect_writer;
struct gb_group_cache;
struct gb_oidc;

struct gb_plane {
	const struct gb_control_settings *settings;
	struct gb_web_settings web;
	struct gb_web_server *server;
	pthread_mutex_t tasks_lock;
	struct gb_running_task tasks[GB_TASKS_MAX];
	size_t task_count;
	atomic_bool is_stopping;
	int64_t started_ms;
	char store_url[4200];
	char host[256]; /* our name, for messages */
	struct gb_rates *rates;
	struct gb_hashing hashing;
	struct gb_group_cache *groups;
	struct gb_collect_writer *collect;
	atomic_size_t unpacked_bytes;       /* of bodies that are being read */
	atomic_int_least64_t clock_ahead;   /* of the steady clock: the most that the wall clock was */
	struct gb_oidc *oidc;               /* NULL: none */
	char setup_secret[GB_SECRET_CHARS]; /* empty: there are users */
};

/* routes.c: every table of routes; NULL ends the list. */
extern const struct gb_route *const gb_routes[];

/* router.c: the route for METHOD and PATH (as sent, checked). NULL with *ret_allowed: the path is known, with these
 * methods ("GET, POST"); NULL without: it is not. */
#define GB_ALLOWED_CHARS 64u
const struct gb_route *gb_router_find(struct gb_span method, struct gb_span path, char ret_allowed[GB_ALLOWED_CHARS]);
/* Fill call->parameters from the path. 0, -EINVAL: an escape that is no text, -ENOMEM. */
__attribute__((warn_unused_result)) int gb_router_parameters(struct gb_call *call);

/* serve.c: what web/server.h asks of a handler. */
struct gb_web_handler gb_serve_handler(struct gb_plane *control);

/* problem.c: a problem document in ARENA for an answer outside of a call. */
void gb_problem_answer(struct gb_arena *arena, struct gb_web_answer *answer, unsigned status, const char *slug,
        const char *detail, bool is_secure);

/* headers.c: what every answer carries, where the handler did not say otherwise. */
void gb_headers_add(struct gb_arena *arena, struct gb_web_answer *answer, bool is_secure);

/* stream.c: have SOURCE end with the session or token of CALL. 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int gb_stream_guard(const struct gb_call *call, struct gb_web_source *source);

/* task.c */
__attribute__((warn_unused_result)) int gb_tasks_begin(struct gb_plane *control, struct gb_diag *diag);
void gb_tasks_end(struct gb_plane *control);
/* retention.c */
__attribute__((warn_unused_result)) int gb_retention_task_add(struct gb_plane *control);
/* tasks.c: where each area adds its tasks. */
__attribute__((warn_unused_result)) int gb_tasks_start(struct gb_plane *control, struct gb_diag *diag);

int64_t gb_clock_ms(void); /* since 1970 */

#endif
