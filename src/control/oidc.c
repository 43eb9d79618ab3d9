/* SPDX-License-Identifier: Apache-2.0 */
#include "control/oidc_state.h"
#include "control/state.h"

#include "base/fd.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX   65536u
#define SECRET_MAX 1024u
#define WAIT_S     5

static int complain(struct gb_diag *diag, const char *path, const char *what)
{
	return gb_diag_set(diag, -EINVAL, 0, 0, "%.100s: %s", path, what);
}

/* The secret stands in a file of its own, so that the settings can be shown to anybody. */
static int read_secret(struct gb_oidc *oidc, const char *path, struct gb_diag *diag)
{
	const char *file = gb_oidc_text(oidc->file, "client_secret_file");
	size_t n;
	int r;

	if (json_object_get(oidc->file, "client_secret") != NULL)
		return complain(diag, path,
		        "client_secret does not stand here: put it in a file, and its name in client_secret_file");
	if (file[0] == '\0')
		return 0;
	r = gb_fd_read_file(file, SECRET_MAX, &oidc->client_secret, &n);
	if (r < 0)
		return gb_diag_set(
		        diag, -EINVAL, 0, 0, "cannot read client_secret_file %.100s: %s", file, strerror(-r));
	oidc->client_secret[strcspn(oidc->client_secret, "\r\n")] = '\0';
	return 0;
}

static int check_roles(struct gb_oidc *oidc, const char *path, struct gb_diag *diag)
{
	const char *fallback = gb_oidc_text(oidc->file, "default_role"), *value;
	const json_t *role;

	oidc->default_role = gb_role_of(gb_span_cstr(fallback));
	if (fallback[0] != '\0' && oidc->default_role == GB_ROLE_NOBODY)
		return complain(diag, path, "default_role is viewer, analyst, operator or admin");
	json_object_foreach(json_object_get(oidc->file, "roles"), value,
	        role) if (gb_role_of(gb_span_cstr(json_string_value(role))) == GB_ROLE_NOBODY) return complain(diag,
	        path, "roles gives each value of the claim a role: viewer, analyst, operator or admin");
	return 0;
}

static int check_members(const struct gb_oidc *oidc, const char *path, struct gb_diag *diag)
{
	static const char known[] =
	        "issuer\0client_id\0client_secret\0client_secret_file\0role_claim\0roles\0default_role\0scopes\0"
	        "home\0ca_file\0";
	const char *name;
	json_t *value;

	json_object_foreach(oidc->file, name, value)
	{
		if (!gb_span_is_one_of(gb_span_cstr(name), known))
			return gb_diag_set(diag, -EINVAL, 0, 0, "%.100s: '%.40s' is no setting of it", path, name);
		if (strcmp(name, "roles") == 0 ? !json_is_object(value) : !json_is_string(value))
			return gb_diag_set(diag, -EINVAL, 0, 0, "%.100s: '%.40s' is of another kind", path, name);
	}
	return 0;
}

static int fill(struct gb_oidc *oidc, const char *path, struct gb_diag *diag)
{
	const char *ca_file = gb_oidc_text(oidc->file, "ca_file"), *home = gb_oidc_text(oidc->file, "home");
	int r = check_members(oidc, path, diag);

	oidc->issuer = gb_oidc_text(oidc->file, "issuer");
	oidc->client_id = gb_oidc_text(oidc->file, "client_id");
	oidc->role_claim = gb_oidc_text(oidc->file, "role_claim");
	oidc->scopes = gb_oidc_text(oidc->file, "scopes");
	oidc->ca_file = ca_file[0] != '\0' ? ca_file : NULL;
	if (oidc->scopes[0] == '\0')
		oidc->scopes = "openid profile email";
	if (r == 0 && (oidc->issuer[0] == '\0' || oidc->client_id[0] == '\0' || home[0] == '\0'))
		r = complain(diag, path, "issuer, client_id and home must be there");
	if (r == 0 && strncmp(oidc->issuer, "https://", 8) != 0 && strncmp(oidc->issuer, "http://127.0.0.1:", 17) != 0)
		r = complain(diag, path, "issuer begins with https://");
	if (r == 0)
		r = check_roles(oidc, path, diag);
	if (r == 0)
		r = read_secret(oidc, path, diag);
	if (r == 0 && asprintf(&oidc->redirect_uri, "%s/v1/sign-in/oidc/callback", home) < 0)
		r = -ENOMEM;
	return r < 0 ? r : gb_web_client_new(&oidc->client);
}

int gb_oidc_new(const char *path, struct gb_oidc **ret_oidc, struct gb_diag *diag)
{
	struct gb_oidc *oidc = calloc(1, sizeof(*oidc));
	char *text = NULL;
	size_t n = 0;
	int r = oidc != NULL ? gb_fd_read_file(path, FILE_MAX, &text, &n) : -ENOMEM;

	if (r < 0) {
		free(oidc);
		return gb_diag_set(diag, r, 0, 0, "cannot read %.100s: %s", path, strerror(-r));
	}
	pthread_mutex_init(&oidc->lock, NULL);
	oidc->file = gb_json_load(gb_span_of(text, n));
	free(text);
	r = json_is_object(oidc->file) ? fill(oidc, path, diag) : complain(diag, path, "this is no JSON object");
	if (r < 0) {
		gb_oidc_free(oidc);
		return r;
	}
	*ret_oidc = oidc;
	return 0;
}

void gb_oidc_free(struct gb_oidc *oidc)
{
	if (oidc == NULL)
		return;
	gb_web_client_free(oidc->client);
	json_decref(oidc->provider);
	json_decref(oidc->keys);
	json_decref(oidc->file);
	if (oidc->client_secret != NULL)
		sodium_memzero(oidc->client_secret, strlen(oidc->client_secret));
	free(oidc->client_secret);
	free(oidc->redirect_uri);
	pthread_mutex_destroy(&oidc->lock);
	free(oidc);
}

/* A slow provider holds up one worker, and others a few seconds. */
static int lock(struct gb_oidc *oidc, struct gb_diag *diag)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_S;
	if (pthread_mutex_timedlock(&oidc->lock, &until) == 0)
		return 0;
	return gb_diag_set(diag, -EBUSY, 0, 0, "the provider is being asked by others");
}

struct form {
	char *p;
	size_t n, cap;
};

static void add(struct form *form, const char *name, struct gb_span value)
{
	static const char digits[] = "0123456789ABCDEF";

	form->n += (size_t)snprintf(form->p + form->n, form->cap - form->n, "%s%s=", form->n > 0 ? "&" : "", name);
	for (size_t i = 0; i < value.n && form->n + 4 < form->cap; i++) {
		unsigned char c = value.p[i];

		if (gb_ascii_is_alpha(c) || gb_ascii_is_digit(c) || c == '-' || c == '_' || c == '.' || c == '~') {
			form->p[form->n++] = (char)c;
			continue;
		}
		form->p[form->n++] = '%';
		form->p[form->n++] = digits[c >> 4];
		form->p[form->n++] = digits[c & 15];
	}
}

static bool form_new(struct form *form, struct gb_arena *arena)
{
	form->cap = 16384;
	form->p = gb_arena_take(arena, form->cap);
	return form->p != NULL;
}

static void add_challenge(struct form *form, struct gb_span verifier)
{
	unsigned char hash[GB_SHA256_BYTES];
	char text[GB_SECRET_CHARS];

	gb_sha256(verifier, hash);
	sodium_bin2base64(text, sizeof(text), hash, sizeof(hash), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	add(form, "code_challenge", gb_span_cstr(text));
	add(form, "code_challenge_method", GB_SPAN("S256"));
}

int gb_oidc_begin(struct gb_oidc *oidc, const struct gb_oidc_trip *trip, struct gb_arena *arena,
        struct gb_span *ret_url, struct gb_diag *diag)
{
	struct form form = {0};
	char *url = NULL;
	size_t n;
	int r = lock(oidc, diag);

	if (r < 0)
		return r;
	r = form_new(&form, arena) ? gb_oidc_refresh(oidc, false, arena, diag) : -ENOMEM;
	if (r == 0) {
		const char *endpoint = gb_oidc_text(oidc->provider, "authorization_endpoint");

		add(&form, "response_type", GB_SPAN("code"));
		add(&form, "client_id", gb_span_cstr(oidc->client_id));
		add(&form, "redirect_uri", gb_span_cstr(oidc->redirect_uri));
		add(&form, "scope", gb_span_cstr(oidc->scopes));
		add(&form, "state", trip->state);
		add(&form, "nonce", trip->nonce);
		add_challenge(&form, trip->verifier);
		n = strlen(endpoint) + form.n + 2;
		url = gb_arena_take(arena, n);
		if (url != NULL)
			snprintf(url, n, "%s%c%.*s", endpoint, strchr(endpoint, '?') != NULL ? '&' : '?', (int)form.n,
			        form.p);
		*ret_url = gb_span_cstr(url);
		r = url != NULL ? 0 : -ENOMEM;
	}
	pthread_mutex_unlock(&oidc->lock);
	return r;
}

/* client_secret_basic (RFC 6749 §2.3.1), whose parts are escaped as in a form. */
static const char *credential_of(const struct gb_oidc *oidc, struct gb_arena *arena)
{
	struct form id = {0}, secret = {0};
	char *pair, *text;
	size_t n;

	if (!form_new(&id, arena) || !form_new(&secret, arena))
		return NULL;
	add(&id, "", gb_span_cstr(oidc->client_id));
	add(&secret, "", gb_span_cstr(oidc->client_secret));
	n = id.n + secret.n;
	pair = gb_arena_take(arena, n + 1);
	text = gb_arena_take(arena, sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_ORIGINAL) + 8);
	if (pair == NULL || text == NULL)
		return NULL;
	/* Each begins with the '=' behind its empty name. */
	n = (size_t)snprintf(pair, n + 1, "%.*s:%.*s", (int)id.n - 1, id.p + 1, (int)secret.n - 1, secret.p + 1);
	memcpy(text, "Basic ", 6);
	sodium_bin2base64(text + 6, sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_ORIGINAL),
	        (const unsigned char *)pair, n, sodium_base64_VARIANT_ORIGINAL);
	return text;
}

static int change_code(struct gb_oidc *oidc, const struct gb_oidc_trip *trip, struct gb_span code,
        struct gb_arena *arena, json_t **ret_answer, struct gb_diag *diag)
{
	const char *credential = NULL;
	struct form form = {0};

	if (!form_new(&form, arena))
		return -ENOMEM;
	add(&form, "grant_type", GB_SPAN("authorization_code"));
	add(&form, "code", code);
	add(&form, "redirect_uri", gb_span_cstr(oidc->redirect_uri));
	add(&form, "client_id", gb_span_cstr(oidc->client_id));
	add(&form, "code_verifier", trip->verifier);
	if (oidc->client_secret != NULL) {
		credential = credential_of(oidc, arena);
		if (credential == NULL)
			return -ENOMEM;
	}
	return gb_oidc_ask(oidc, gb_oidc_text(oidc->provider, "token_endpoint"), gb_span_of(form.p, form.n), credential,
	        arena, ret_answer, diag);
}

/* The best role that any value of the claim has. */
static enum gb_role role_of(const struct gb_oidc *oidc, const json_t *claims)
{
	const json_t *roles = json_object_get(oidc->file, "roles"), *claim = json_object_get(claims, oidc->role_claim),
	             *one;
	enum gb_role best = oidc->default_role, role;
	size_t count = json_is_array(claim) ? json_array_size(claim) : 1;

	for (size_t i = 0; i < count; i++) {
		one = json_is_array(claim) ? json_array_get(claim, i) : claim;
		if (!json_is_string(one))
			continue;
		role = gb_role_of(gb_span_cstr(json_string_value(json_object_get(roles, json_string_value(one)))));
		best = role > best ? role : best;
	}
	return best;
}

static struct gb_span copy(struct gb_arena *arena, const char *text)
{
	size_t n = strlen(text);
	char *to = gb_arena_take(arena, n + 1);

	if (to == NULL)
		return GB_SPAN_EMPTY;
	memcpy(to, text, n);
	return gb_span_of(to, n);
}

static int read_person(
        const struct gb_oidc *oidc, const json_t *claims, struct gb_arena *arena, struct gb_oidc_person *to)
{
	const char *name = gb_oidc_text(claims, "preferred_username");

	to->issuer = copy(arena, oidc->issuer);
	to->subject = copy(arena, gb_oidc_text(claims, "sub"));
	to->email = copy(arena, gb_oidc_text(claims, "email"));
	to->name = name[0] != '\0' ? copy(arena, name) : to->email;
	to->role = role_of(oidc, claims);
	return to->issuer.n > 0 && to->subject.n > 0 ? 0 : -ENOMEM;
}

/* Under the lock. Keys are asked for once more when none fits: the provider may have changed them. */
static json_t *open_token(struct gb_oidc *oidc, const json_t *answer, struct gb_arena *arena, struct gb_diag *diag)
{
	struct gb_span token = gb_span_cstr(gb_oidc_text(answer, "id_token"));
	bool is_unknown = false;
	json_t *claims = gb_oidc_token_open(token, oidc->keys, &is_unknown, diag);

	if (claims == NULL && is_unknown && gb_oidc_refresh(oidc, true, arena, diag) == 0)
		claims = gb_oidc_token_open(token, oidc->keys, &is_unknown, diag);
	return claims;
}

int gb_oidc_finish(struct gb_oidc *oidc, const struct gb_oidc_trip *trip, struct gb_span code, struct gb_span issuer,
        struct gb_arena *arena, struct gb_oidc_person *ret_person, struct gb_diag *diag)
{
	json_t *answer = NULL, *claims = NULL;
	int r;

	if (issuer.n > 0 && !gb_span_equal(issuer, gb_span_cstr(oidc->issuer)))
		return gb_diag_set(diag, -EACCES, 0, 0, "the answer is of another issuer");
	r = lock(oidc, diag);
	if (r < 0)
		return r;
	r = gb_oidc_refresh(oidc, false, arena, diag);
	if (r == 0)
		r = change_code(oidc, trip, code, arena, &answer, diag);
	if (r == 0)
		claims = open_token(oidc, answer, arena, diag);
	if (r == 0 && claims == NULL)
		r = -EACCES;
	if (r == 0)
		r = gb_oidc_claims_check(
		        claims, oidc->issuer, oidc->client_id, trip->nonce, gb_clock_ms() / 1000, diag);
	if (r == 0)
		r = read_person(oidc, claims, arena, ret_person);
	pthread_mutex_unlock(&oidc->lock);
	json_decref(answer);
	json_decref(claims);
	return r;
}
