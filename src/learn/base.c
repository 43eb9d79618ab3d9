/* SPDX-License-Identifier: Apache-2.0 */
/* What is known without having been seen: documents of runtimes, and lists of APIs that somebody found in the code. */
#include "learn/store.h"

#include <errno.h>

static int add_patterns(struct gb_policyc_document *document, struct gb_policyc_patterns *list,
        const struct gb_policyc_patterns *from,
        int (*add)(struct gb_policyc_document *document, struct gb_policyc_patterns *list, struct gb_span pattern,
                struct gb_diag *diag))
{
	int r = 0;

	for (size_t i = 0; i < from->count && r == 0; i++) {
		struct gb_span text = gb_span_cstr(from->items[i].text);

		r = from->items[i].kind == GB_POLICYC_REGEX ? gb_policyc_add_regex(document, list, text, NULL)
		                                            : add(document, list, text, NULL);
	}
	return r;
}

static int add_processes(struct gb_policyc_document *document, const struct gb_policyc_entry *from)
{
	int r = 0;

	for (size_t i = 0; i < from->process_count && r == 0; i++) {
		const struct gb_policyc_process *theirs = &from->processes[i];
		struct gb_policyc_process *process;

		r = gb_policyc_add_process(document, &document->allow, gb_span_cstr(theirs->executable),
		        gb_span_cstr(theirs->name), &process, NULL);
		for (size_t k = 0; k < theirs->argument_count && r == 0; k++)
			r = gb_policyc_add_argument(document, process, gb_span_cstr(theirs->arguments[k].text),
			        theirs->arguments[k].is_shell, NULL);
	}
	return r;
}

static int add_apis(struct gb_policyc_document *document, const struct gb_policyc_entry *from)
{
	int r = 0;

	for (size_t i = 0; i < from->api_count && r == 0; i++) {
		const struct gb_policyc_api *theirs = &from->apis[i];
		struct gb_policyc_api *api;

		r = gb_policyc_add_api(document, &document->allow, gb_span_cstr(theirs->action), &api, NULL);
		for (size_t k = 0; k < theirs->resources.count && r == 0; k++)
			r = gb_policyc_add_resource(document, api, gb_span_cstr(theirs->resources.items[k].text), NULL);
	}
	return r;
}

static int add_requests(struct gb_policyc_document *document, const struct gb_policyc_entry *from)
{
	int r = 0;

	for (size_t i = 0; i < from->request_count && r == 0; i++) {
		const struct gb_policyc_http *theirs = &from->requests[i];
		struct gb_policyc_http *request;

		if (theirs->host.kind == GB_POLICYC_REGEX || theirs->path.kind == GB_POLICYC_REGEX)
			continue;
		r = gb_policyc_add_request(document, &document->allow, gb_span_cstr(theirs->method),
		        gb_span_cstr(theirs->host.text), gb_span_cstr(theirs->path.text), &request, NULL);
	}
	return r;
}

static int add_base(struct gb_policyc_document *document, const struct gb_policyc_entry *from)
{
	struct gb_policyc_entry *allow = &document->allow;
	int r = add_patterns(document, &allow->read, &from->read, gb_policyc_add_path);

	allow->kinds |= from->kinds;
	if (r == 0)
		r = add_patterns(document, &allow->write, &from->write, gb_policyc_add_path);
	if (r == 0)
		r = add_patterns(document, &allow->map, &from->map, gb_policyc_add_path);
	if (r == 0)
		r = add_patterns(document, &allow->any, &from->any, gb_policyc_add_path);
	if (r == 0)
		r = add_patterns(document, &allow->commands, &from->commands, gb_policyc_add_command);
	if (r == 0)
		r = add_patterns(document, &allow->addresses, &from->addresses, gb_policyc_add_address);
	if (r == 0)
		r = add_patterns(document, &allow->hosts, &from->hosts, gb_policyc_add_host);
	if (r == 0)
		r = add_processes(document, from);
	if (r == 0)
		r = add_apis(document, from);
	return r < 0 ? r : add_requests(document, from);
}

int gb_learn_bases(const struct gb_learn_settings *settings, struct gb_policyc_document *document)
{
	int r = 0;

	for (size_t i = 0; i < settings->base_count && r == 0; i++)
		r = add_base(document, &settings->bases[i]->allow);
	return r;
}

/* service:Action [ARN…] [# comment] */
static int take_api(struct gb_policyc_document *document, struct gb_span line, struct gb_diag *diag)
{
	struct gb_span rest = gb_span_sub(line, 0, gb_span_find_byte(line, '#', 0));
	struct gb_span word = gb_span_take_word(&rest);
	struct gb_policyc_api *api;
	int r;

	if (word.n == 0)
		return 0;
	r = gb_policyc_add_api(document, &document->allow, word, &api, diag);
	for (word = gb_span_take_word(&rest); word.n != 0 && r == 0; word = gb_span_take_word(&rest))
		r = gb_policyc_add_resource(document, api, word, diag);
	return r;
}

int gb_learn_apis_parse(struct gb_span text, struct gb_policyc_document **ret_document, struct gb_diag *diag)
{
	struct gb_policyc_document *document = gb_policyc_document_new();
	uint32_t number = 1;
	int r = document == NULL ? -ENOMEM : 0;

	for (; text.n > 0 && r == 0; number++) {
		size_t end = gb_span_find_byte(text, '\n', 0);

		r = take_api(document, gb_span_sub(text, 0, end), diag);
		text = gb_span_sub(text, end == SIZE_MAX ? text.n : end + 1, SIZE_MAX);
		if (r < 0 && diag != NULL)
			diag->line = number;
	}
	if (r < 0) {
		gb_policyc_document_free(document);
		return r;
	}
	*ret_document = document;
	return 0;
}
