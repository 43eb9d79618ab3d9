/* SPDX-License-Identifier: Apache-2.0 */
/* What the provider says of itself. */
#include "control/oidc_state.h"
#include "control/state.h"

#include <errno.h>
#include <string.h>

#define FRESH_MS   (60 * 60 * 1000LL)
#define AGAIN_MS   5000 /* between two looks for new keys */
#define PAUSE_MS   5000 /* after a failure */
#define ANSWER_MAX (256u * 1024u)

int gb_oidc_ask(struct gb_oidc *oidc, const char *url, struct gb_span form, const char *credential,
        struct gb_arena *arena, json_t **ret_answer, struct gb_diag *diag)
{
	struct gb_web_header headers[3] = {{GB_SPAN("Accept"), GB_SPAN("application/json")}};
	struct gb_web_fetch fetch = {
	        .method = form.n > 0 ? "POST" : "GET",
	        .url = url,
	        .headers = headers,
	        .header_count = 1,
	        .body = form,
	        .reach = GB_WEB_REACH_PRIVATE,
	        .total_ms = 10000,
	        .answer_max = ANSWER_MAX,
	        .ca_file = oidc->ca_file,
	};
	struct gb_web_fetched fetched;
	json_t *answer;
	int r;

	if (form.n > 0)
		headers[fetch.header_count++] =
		        (struct gb_web_header){GB_SPAN("Content-Type"), GB_SPAN("application/x-www-form-urlencoded")};
	if (credential != NULL)
		headers[fetch.header_count++] =
		        (struct gb_web_header){GB_SPAN("Authorization"), gb_span_cstr(credential)};
	r = gb_web_client_fetch(oidc->client, &fetch, arena, &fetched, diag);
	if (r < 0)
		return r == -EACCES ? -EPROTO : r;
	answer = gb_json_load(fetched.body);
	if (fetched.status == 200 && json_is_object(answer)) {
		*ret_answer = answer;
		return 0;
	}
	if (form.n > 0 && fetched.status >= 400 && fetched.status < 500)
		r = gb_diag_set(diag, -EACCES, 0, 0, "the provider takes the code for no good one: %.60s",
		        gb_oidc_text(answer, "error"));
	else
		r = gb_diag_set(diag, -EPROTO, 0, 0, "the provider answers with status %u and no JSON that is of use",
		        fetched.status);
	json_decref(answer);
	return r;
}

/* TLS, or this very machine (to try it out). */
static bool is_safe(const char *url)
{
	struct gb_span text = gb_span_cstr(url);

	return gb_span_starts(text, GB_SPAN("https://")) || gb_span_starts(text, GB_SPAN("http://127.0.0.1:")) ||
	       gb_span_starts(text, GB_SPAN("http://[::1]:"));
}

static int read_provider(struct gb_oidc *oidc, struct gb_arena *arena, struct gb_diag *diag)
{
	static const char *const endpoints[] = {"authorization_endpoint", "token_endpoint", "jwks_uri"};
	size_t n = strlen(oidc->issuer) + 64;
	char *url = gb_arena_take(arena, n);
	json_t *provider;
	int r;

	if (url == NULL)
		return -ENOMEM;
	snprintf(url, n, "%s%s.well-known/openid-configuration", oidc->issuer,
	        gb_span_ends(gb_span_cstr(oidc->issuer), GB_SPAN("/")) ? "" : "/");
	r = gb_oidc_ask(oidc, url, GB_SPAN_EMPTY, NULL, arena, &provider, diag);
	if (r < 0)
		return r;
	if (strcmp(gb_oidc_text(provider, "issuer"), oidc->issuer) != 0)
		r = gb_diag_set(diag, -EPROTO, 0, 0, "the provider calls itself '%.100s', not '%.100s'",
		        gb_oidc_text(provider, "issuer"), oidc->issuer);
	for (size_t i = 0; r == 0 && i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		if (!is_safe(gb_oidc_text(provider, endpoints[i])))
			r = gb_diag_set(diag, -EPROTO, 0, 0, "the provider's %s is no https:// address", endpoints[i]);
	if (r < 0) {
		json_decref(provider);
		return r;
	}
	json_decref(oidc->provider);
	oidc->provider = provider;
	oidc->provider_ms = gb_clock_ms();
	return 0;
}

static int read_keys(struct gb_oidc *oidc, struct gb_arena *arena, struct gb_diag *diag)
{
	json_t *keys;
	int r = gb_oidc_ask(oidc, gb_oidc_text(oidc->provider, "jwks_uri"), GB_SPAN_EMPTY, NULL, arena, &keys, diag);

	if (r < 0)
		return r;
	json_decref(oidc->keys);
	oidc->keys = keys;
	oidc->keys_ms = gb_clock_ms();
	return 0;
}

int gb_oidc_refresh(struct gb_oidc *oidc, bool is_rotated, struct gb_arena *arena, struct gb_diag *diag)
{
	int64_t now = gb_clock_ms();
	bool wants_keys =
	        oidc->keys == NULL || now - oidc->keys_ms > FRESH_MS || (is_rotated && now - oidc->keys_ms > AGAIN_MS);
	int r = 0;

	if (now - oidc->failed_ms < PAUSE_MS && now >= oidc->failed_ms)
		return gb_diag_set(diag, -EAGAIN, 0, 0, "the provider did not answer a moment ago");
	if (oidc->provider == NULL || now - oidc->provider_ms > FRESH_MS)
		r = read_provider(oidc, arena, diag);
	if (r == 0 && wants_keys)
		r = read_keys(oidc, arena, diag);
	if (r < 0)
		oidc->failed_ms = gb_clock_ms();
	return r;
}
