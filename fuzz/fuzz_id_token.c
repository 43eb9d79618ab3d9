/* SPDX-License-Identifier: Apache-2.0 */
/* ID tokens from anywhere, against a key set whose private keys nobody has: none may be taken. And claims from anywhere. */
#include "control/oidc.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char keys_text[] =
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"one\",\"e\":\"AQAB\",\"n\":"
        "\"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_"
        "BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_"
        "FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-"
        "bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw\"},"
        "{\"kty\":\"EC\",\"kid\":\"two\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\",\"y\":"
        "\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"}]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *keys = json_loads(keys_text, 0, NULL), *claims;
	struct gb_diag diag;
	bool is_unknown;

	assert(keys != NULL);
	claims = gb_oidc_token_open(gb_span_of(data, size), keys, &is_unknown, &diag);
	assert(claims == NULL);
	json_decref(keys);
	claims = gb_json_load(gb_span_of(data, size));
	if (gb_oidc_claims_check(claims, "https://id", "client", GB_SPAN("0123456789"), 1000000, &diag) == 0) {
		double expires = json_number_value(json_object_get(claims, "exp"));

		assert(expires > 1000000 - 61 && json_is_string(json_object_get(claims, "sub")));
	}
	json_decref(claims);
	return 0;
}
