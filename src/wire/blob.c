/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/blob.h"

#include "base/ed25519.h"
#include "base/sha512.h"

#include <errno.h>
#include <string.h>

uint64_t gb_blob_checksum(struct gb_span blob)
{
	const size_t own = offsetof(struct gb_blob_header, checksum);
	uint64_t sum = GB_HASH_START;

	for (size_t at = 0; at < blob.n; at += sizeof(uint64_t)) {
		struct gb_span part = gb_span_sub(blob, at, sizeof(uint64_t));
		uint64_t word = 0;

		if (at == own)
			continue;
		__builtin_memcpy(&word, part.p, part.n);
		/* Each step is one-to-one in `sum`: a difference in one word never vanishes. */
		sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
		sum ^= sum >> 32;
	}
	return sum;
}

void gb_blob_key_id(const unsigned char public_key[GB_BLOB_KEY_BYTES], unsigned char ret_id[GB_BLOB_KEY_ID_BYTES])
{
	unsigned char digest[GB_SHA512_BYTES];

	gb_sha512_of(gb_span_of(public_key, GB_BLOB_KEY_BYTES), digest);
	__builtin_memcpy(ret_id, digest, GB_BLOB_KEY_ID_BYTES);
}

static int check_header(struct gb_span file, struct gb_blob_header *ret_header)
{
	if (file.n < sizeof(ret_header->magic) + sizeof(ret_header->version) ||
	        __builtin_memcmp(file.p, GB_BLOB_MAGIC, sizeof(ret_header->magic)) != 0)
		return -EBADMSG;
	__builtin_memcpy(&ret_header->version, file.p + offsetof(struct gb_blob_header, version), sizeof(uint32_t));
	if (ret_header->version > GB_BLOB_VERSION)
		return -EPROTONOSUPPORT;
	if (ret_header->version != GB_BLOB_VERSION || file.n < sizeof(*ret_header))
		return -EBADMSG;
	__builtin_memcpy(ret_header, file.p, sizeof(*ret_header));
	if (ret_header->total_bytes > GB_BLOB_BYTES_MAX)
		return -EFBIG;
	if (ret_header->total_bytes < sizeof(*ret_header) || ret_header->total_bytes % 8 != 0 ||
	        file.n != (size_t)ret_header->total_bytes + sizeof(struct gb_blob_signature))
		return -EBADMSG;
	return 0;
}

static bool signature_is_shaped(const struct gb_blob_signature *signature)
{
	unsigned char any = 0;

	if (__builtin_memcmp(signature->magic, GB_BLOB_SIGNATURE_MAGIC, sizeof(signature->magic)) != 0 ||
	        signature->algorithm >= _GB_BLOB_ALGORITHM_MAX || signature->reserved != 0)
		return false;
	for (size_t i = 0; i < sizeof(signature->signature); i++)
		any |= signature->signature[i];
	for (size_t i = 0; i < sizeof(signature->key_id); i++)
		any |= signature->key_id[i];
	return signature->algorithm != GB_BLOB_UNSIGNED || any == 0;
}

int gb_blob_verify(struct gb_span file, const unsigned char *public_key, struct gb_span *ret_blob)
{
	struct gb_blob_signature signature;
	struct gb_blob_header header;
	struct gb_span blob;
	int r;

	r = check_header(file, &header);
	if (r < 0)
		return r;
	blob = gb_span_sub(file, 0, header.total_bytes);
	__builtin_memcpy(&signature, file.p + blob.n, sizeof(signature));
	if (!signature_is_shaped(&signature))
		return -EBADMSG;
	if (public_key != NULL) {
		unsigned char id[GB_BLOB_KEY_ID_BYTES];

		gb_blob_key_id(public_key, id);
		if (signature.algorithm != GB_BLOB_ED25519 || __builtin_memcmp(id, signature.key_id, sizeof(id)) != 0 ||
		        !gb_ed25519_verify(blob, signature.signature, public_key))
			return -EKEYREJECTED;
	}
	if (header.checksum != gb_blob_checksum(blob))
		return -EBADMSG;
	*ret_blob = blob;
	return 0;
}

const char *gb_blob_error_text(int error)
{
	switch (error) {
	case -EBADMSG: return "it is corrupt, cut short, or no compiled policy";
	case -EPROTONOSUPPORT: return "its format is newer than this version of Gambeson; update it";
	case -EKEYREJECTED: return "no pinned key has signed it, or it was changed after signing";
	case -EKEYEXPIRED: return "the pinned key that signed it is trusted no longer";
	case -ESTALE: return "its serial is smaller than the least that the pinned keys' file takes";
	case -EFBIG: return "it is larger than 4 MB, or what the sensors need of it is larger than 256 KB";
	default: return strerror(-error);
	}
}
