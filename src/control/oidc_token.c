/* SPDX-License-Identifier: Apache-2.0 */
/* ID tokens: JWS (RFC 7515) by the algorithms of RFC 7518 that have a public key, and the checks of OpenID Connect Core
 * §3.1.3.7. */
#include "control/oidc.h"

#include "control/secret.h"

#include <cjose/cjose.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>

#define TOKEN_MAX     16384u
#define SKEW_S        60
#define AGE_MAX_S     600
#define RSA_CHARS_MIN 342u /* 2,048 bits in base64url */
#define SUBJECT_MAX   255u

/* "none" and the HMACs are no signatures of the provider: who knows its public key could make them. */
static const struct {
	const char *algorithm, *type, *curve;
} algorithms[] = {
        {"RS256", "RSA", NULL},
        {"RS384", "RSA", NULL},
        {"RS512", "RSA", NULL},
        {"PS256", "RSA", NULL},
        {"PS384", "RSA", NULL},
        {"PS512", "RSA", NULL},
        {"ES256", "EC", "P-256"},
        {"ES384", "EC", "P-384"},
        {"ES512", "EC", "P-521"},
};

const char *gb_oidc_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static json_t *header_of(struct gb_span token)
{
	struct gb_span part = gb_span_sub(token, 0, gb_span_find_byte(token, '.', 0));
	unsigned char bytes[2048];
	size_t n;

	if (part.n == token.n || sodium_base642bin(bytes, sizeof(bytes), (const char *)part.p, part.n, NULL, &n, NULL,
	                                 sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return NULL;
	return gb_json_load(gb_span_of(bytes, n));
}

/* cjose 0.6.2 ends the whole program over base64 that is malformed ("AA===A"): it gets none. */
static bool is_base64(struct gb_span text)
{
	unsigned char bytes[TOKEN_MAX];
	size_t n;

	return text.n > 0 && text.n <= TOKEN_MAX &&
	       sodium_base642bin(bytes, sizeof(bytes), (const char *)text.p, text.n, NULL, &n, NULL,
	               sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0;
}

static bool has_three_parts(struct gb_span token)
{
	size_t first = gb_span_find_byte(token, '.', 0), last = gb_span_find_last_byte(token, '.');

	return first != SIZE_MAX && first != last && is_base64(gb_span_sub(token, 0, first)) &&
	       is_base64(gb_span_sub(token, first + 1, last - first - 1)) &&
	       is_base64(gb_span_sub(token, last + 1, SIZE_MAX));
}

/* Whether KEY may have signed what HEADER says. */
static bool is_key(const json_t *key, const json_t *header, size_t algorithm)
{
	const char *kid = gb_oidc_text(header, "kid"), *use = gb_oidc_text(key, "use"), *alg = gb_oidc_text(key, "alg");

	if (kid[0] != '\0' && strcmp(kid, gb_oidc_text(key, "kid")) != 0)
		return false;
	if (strcmp(gb_oidc_text(key, "kty"), algorithms[algorithm].type) != 0 ||
	        (use[0] != '\0' && strcmp(use, "sig") != 0) ||
	        (alg[0] != '\0' && strcmp(alg, algorithms[algorithm].algorithm) != 0))
		return false;
	if (algorithms[algorithm].curve != NULL)
		return strcmp(gb_oidc_text(key, "crv"), algorithms[algorithm].curve) == 0;
	return strlen(gb_oidc_text(key, "n")) >= RSA_CHARS_MIN;
}

/* The only key that fits; NULL when none or several do. */
static const json_t *key_of(const json_t *keys, const json_t *header)
{
	const json_t *list = json_object_get(keys, "keys"), *key, *found = NULL;
	size_t algorithm = 0, at;

	while (algorithm < sizeof(algorithms) / sizeof(algorithms[0]) &&
	        strcmp(algorithms[algorithm].algorithm, gb_oidc_text(header, "alg")) != 0)
		algorithm++;
	if (algorithm == sizeof(algorithms) / sizeof(algorithms[0]))
		return NULL;
	json_array_foreach(list, at, key)
	{
		if (!is_key(key, header, algorithm))
			continue;
		if (found != NULL)
			return NULL;
		found = key;
	}
	return found;
}

/* Only what is public of KEY reaches the library, so that no set of keys can have it do anything else. */
static cjose_jwk_t *import(const json_t *key)
{
	enum { NAMES = 2 }; /* the others are numbers in base64 */
	static const char *const members[] = {"kty", "crv", "n", "e", "x", "y"};
	json_t *bare = json_object();
	char *text;
	cjose_jwk_t *jwk = NULL;
	cjose_err error;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		json_t *value = json_object_get(key, members[i]);

		if (value == NULL)
			continue;
		if ((i < NAMES ? !json_is_string(value) : !is_base64(gb_span_cstr(json_string_value(value)))) ||
		        json_object_set(bare, members[i], value) < 0) {
			json_decref(bare);
			return NULL;
		}
	}
	text = json_dumps(bare, JSON_COMPACT);
	if (text != NULL)
		jwk = cjose_jwk_import(text, strlen(text), &error);
	free(text);
	json_decref(bare);
	return jwk;
}

static json_t *verified(struct gb_span token, const json_t *key)
{
	cjose_err error;
	cjose_jwk_t *jwk = import(key);
	cjose_jws_t *jws = jwk != NULL ? cjose_jws_import((const char *)token.p, token.n, &error) : NULL;
	json_t *claims = NULL;
	uint8_t *payload;
	size_t n;

	if (jws != NULL && cjose_jws_verify(jws, jwk, &error) && cjose_jws_get_plaintext(jws, &payload, &n, &error))
		claims = gb_json_load(gb_span_of(payload, n));
	if (jws != NULL)
		cjose_jws_release(jws);
	if (jwk != NULL)
		cjose_jwk_release(jwk);
	return claims;
}

json_t *gb_oidc_token_open(struct gb_span token, const json_t *keys, bool *ret_is_unknown, struct gb_diag *diag)
{
	json_t *header = token.n <= TOKEN_MAX ? header_of(token) : NULL, *claims = NULL;
	const json_t *key = NULL, *kid = json_object_get(header, "kid");
	int r = 0;

	*ret_is_unknown = false;
	/* Extensions that one does not know must not be passed over (RFC 7515 §4.1.11). */
	if (!has_three_parts(token) || !json_is_object(header) || json_object_get(header, "crit") != NULL ||
	        (kid != NULL && !json_is_string(kid)))
		r = gb_diag_set(diag, -EACCES, 0, 0, "the ID token is malformed");
	else
		key = key_of(keys, header);
	if (r == 0 && key == NULL) {
		*ret_is_unknown = true;
		r = gb_diag_set(diag, -EACCES, 0, 0, "the provider has no key for the ID token's algorithm '%.20s'",
		        gb_oidc_text(header, "alg"));
	}
	if (r == 0)
		claims = verified(token, key);
	if (r == 0 && !json_is_object(claims)) {
		r = gb_diag_set(diag, -EACCES, 0, 0, "the ID token's signature is wrong");
		json_decref(claims);
		claims = NULL;
	}
	json_decref(header);
	return r == 0 ? claims : NULL;
}

/* `aud` is a text or a list; with several, `azp` must say that it was made for us. */
static bool is_for(const json_t *claims, const char *client)
{
	const json_t *audience = json_object_get(claims, "aud"), *party = json_object_get(claims, "azp"), *one;
	bool is_named = json_is_string(audience) && strcmp(json_string_value(audience), client) == 0;
	size_t at;

	json_array_foreach(audience, at, one) is_named =
	        is_named || (json_is_string(one) && strcmp(json_string_value(one), client) == 0);
	if (party != NULL || json_array_size(audience) > 1)
		is_named = is_named && json_is_string(party) && strcmp(json_string_value(party), client) == 0;
	return is_named;
}

/* Times may be written with a fraction. */
static bool time_of(const json_t *claims, const char *name, double *ret_time)
{
	const json_t *value = json_object_get(claims, name);

	*ret_time = json_number_value(value);
	return json_is_number(value);
}

int gb_oidc_claims_check(const json_t *claims, const char *issuer, const char *client, struct gb_span nonce,
        int64_t now, struct gb_diag *diag)
{
	const char *subject = gb_oidc_text(claims, "sub");
	double expires, issued, begins, at = (double)now;

	if (strcmp(gb_oidc_text(claims, "iss"), issuer) != 0)
		return gb_diag_set(diag, -EACCES, 0, 0, "the ID token is of another issuer");
	if (!is_for(claims, client))
		return gb_diag_set(diag, -EACCES, 0, 0, "the ID token is for another client");
	if (!time_of(claims, "exp", &expires) || !(expires > at - SKEW_S))
		return gb_diag_set(diag, -EACCES, 0, 0, "the ID token has expired");
	if (!time_of(claims, "iat", &issued) || !(issued <= at + SKEW_S) || !(issued >= at - AGE_MAX_S - SKEW_S))
		return gb_diag_set(diag, -EACCES, 0, 0, "the ID token is not of now: do the clocks agree?");
	if (json_object_get(claims, "nbf") != NULL && (!time_of(claims, "nbf", &begins) || !(begins <= at + SKEW_S)))
		return gb_diag_set(diag, -EACCES, 0, 0, "the ID token does not hold yet");
	if (nonce.n == 0 || !gb_secret_equal(gb_span_cstr(gb_oidc_text(claims, "nonce")), nonce))
		return gb_diag_set(diag, -EACCES, 0, 0, "the ID token answers another sign-in");
	if (subject[0] == '\0' || strlen(subject) > SUBJECT_MAX)
		return gb_diag_set(diag, -EACCES, 0, 0, "the ID token names nobody");
	return 0;
}
