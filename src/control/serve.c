/* SPDX-License-Identifier: Apache-2.0 */
/* From a request to its handler and back. */
#include "control/auth.h"
#include "control/state.h"

#include <errno.h>
#include <string.h>

static bool has_body_method(struct gb_span method)
{
	return gb_span_equal(method, GB_SPAN("POST")) || gb_span_equal(method, GB_SPAN("PUT")) ||
	       gb_span_equal(method, GB_SPAN("PATCH"));
}

static int admit(void *context, const struct gb_web_request *request, struct gb_web_admission *ret_admission,
        struct gb_web_answer *answer)
{
	char allowed[GB_ALLOWED_CHARS];
	const struct gb_route *route = gb_router_find(request->method, request->path, allowed);

	(void)context;
	if (route != NULL) {
		ret_admission->is_preceded = route->is_preceded;
		ret_admission->body_max = route->body_max;
		if (route->body_max == 0 && has_body_method(request->method))
			ret_admission->body_max = GB_BODY_MAX_DEFAULT;
		return 0;
	}
	if (allowed[0] != '\0') {
		if (gb_web_answer_header(answer, request->arena, "Allow", gb_span_cstr(allowed)) < 0)
			answer->is_last = true;
		gb_problem_answer(request->arena, answer, 405, NULL, "this path has other methods: see Allow",
		        request->is_secure);
	} else {
		gb_problem_answer(request->arena, answer, 404, NULL, "there is no such path", request->is_secure);
	}
	return 1;
}

static void refuse(
        void *context, unsigned status, const char *why, struct gb_arena *arena, struct gb_web_answer *answer)
{
	(void)context;
	if (status == 503 && gb_web_answer_header(answer, arena, "Retry-After", GB_SPAN("2")) < 0)
		answer->is_last = true;
	gb_problem_answer(arena, answer, status, NULL, why, false);
}

/* What a request must be, whatever it is about. */
static bool is_well_made(struct gb_call *call)
{
	struct gb_span type = gb_web_request_header(call->request, "content-type");
	int r = gb_router_parameters(call);

	/* All of the query at one time: its marks are no part of any escape. */
	if (r == 0)
		r = gb_web_decode(call->arena, call->request->query, true, &(struct gb_span){0});
	if (r < 0) {
		gb_call_problem(call, 400, "bad-request", "an escape in the target is malformed or no UTF-8");
		return false;
	}
	if (call->route->takes_anything || call->request->body.n == 0 ||
	        gb_span_equal_nocase(gb_span_trim(gb_span_sub(type, 0, gb_span_find_byte(type, ';', 0))),
	                GB_SPAN("application/json")))
		return true;
	gb_call_problem(call, 415, "wrong-media-type", "the body must be application/json");
	return false;
}

static void begin_call(struct gb_call *call, struct gb_plane *control, void *worker,
        const struct gb_web_request *request, struct gb_web_answer *answer)
{
	char allowed[GB_ALLOWED_CHARS];

	*call = (struct gb_call){.control = control,
	        .store = worker,
	        .arena = request->arena,
	        .request = request,
	        .answer = answer,
	        .route = gb_router_find(request->method, request->path, allowed)};
}

static void precede(void *context, void *worker, const struct gb_web_request *request, struct gb_web_answer *answer)
{
	struct gb_call call;

	begin_call(&call, context, worker, request, answer);
	/* A large body is read for those only who may send it. */
	if (!gb_auth_permits(&call))
		call.answer->is_last = true;
}

static void handle(void *context, void *worker, const struct gb_web_request *request, struct gb_web_answer *answer)
{
	struct gb_call call;

	begin_call(&call, context, worker, request, answer);
	if (is_well_made(&call) && gb_auth_permits(&call)) {
		int r = call.route->handle(&call);

		if (r < 0)
			gb_call_failed(&call, r, NULL);
	}
	/* A handler that failed half way leaves nothing behind: none of them has to undo anything. */
	gb_store_rollback(call.store);
	json_decref(call.body);
}

/* No query: it may hold a code of a sign-in. */
static void finished(void *context, const struct gb_web_request *request, unsigned status, uint64_t duration_us)
{
	char address[GB_WEB_ADDRESS_CHARS], allowed[GB_ALLOWED_CHARS];
	const struct gb_route *route = gb_router_find(request->method, request->path, allowed);

	gb_web_address_text(request->address, address);
	gb_log(context, GB_LOG_INFO, "request", "{s:s,s:s,s:i,s:I,s:s}", "method", route != NULL ? route->method : "",
	        "route", route != NULL ? route->path : "", "status", (int)status, "us", (json_int_t)duration_us,
	        "address", address);
}

static int worker_begin(void *context, void **ret_worker, struct gb_diag *diag)
{
	struct gb_plane *control = context;
	struct gb_store *store;
	int r = gb_store_open(control->store_url, &store, diag);

	if (r == 0)
		*ret_worker = store;
	return r;
}

static void worker_end(void *context, void *worker)
{
	(void)context;
	gb_store_close(worker);
}

static void notice(void *context, const char *what, const struct gb_diag *diag)
{
	if (diag != NULL)
		gb_log(context, GB_LOG_WARNING, what, "{s:s}", "why", diag->message);
	else
		gb_log(context, GB_LOG_INFO, what, NULL);
}

struct gb_web_handler gb_serve_handler(struct gb_plane *control)
{
	return (struct gb_web_handler){
	        .context = control,
	        .admit = admit,
	        .precede = precede,
	        .handle = handle,
	        .refuse = refuse,
	        .worker_begin = worker_begin,
	        .worker_end = worker_end,
	        .finished = finished,
	        .notice = notice,
	};
}
