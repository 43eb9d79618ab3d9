/* SPDX-License-Identifier: Apache-2.0 */
#include "tell/seal.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/format.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(GB_SEAL_KEY_BYTES == crypto_secretbox_KEYBYTES, "libsodium's key");

static int read_key(const char *path, struct gb_seal_key *ret_key, struct gb_diag *diag)
{
	GB_CLEANUP(gb_fd_closep) int fd = gb_fd_open(path, O_RDONLY | O_NOFOLLOW, 0);
	struct stat status;
	unsigned char bytes[GB_SEAL_KEY_BYTES + 1];

	if (fd < 0)
		return fd;
	if (fstat(fd, &status) < 0)
		return gb_diag_set(diag, -errno, 0, 0, "cannot look at %s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode) || (status.st_mode & 077) != 0)
		return gb_diag_set(diag, -EACCES, 0, 0, "others may read %s: chmod 600 it", path);
	if (gb_fd_read_upto(fd, bytes, sizeof(bytes)) != GB_SEAL_KEY_BYTES)
		return gb_diag_set(diag, -EINVAL, 0, 0, "%s is no key: it must have 32 bytes", path);
	memcpy(ret_key->bytes, bytes, GB_SEAL_KEY_BYTES);
	sodium_memzero(bytes, sizeof(bytes));
	return 0;
}

/* In one step, and never over another's: two who start at once end with the same key. */
static int make_key(const char *folder, const char *path)
{
	struct gb_seal_key key;
	char temporary[512];
	int r = gb_format(temporary, sizeof(temporary), "%s/keys/.channels.key.%d", folder, (int)getpid());

	if (r < 0)
		return r;
	randombytes_buf(key.bytes, sizeof(key.bytes));
	r = gb_fd_write_file(temporary, gb_span_of(key.bytes, sizeof(key.bytes)), 0600);
	sodium_memzero(&key, sizeof(key));
	if (r < 0)
		return r;
	if (link(temporary, path) < 0 && errno != EEXIST)
		r = -errno;
	unlink(temporary);
	return r;
}

int gb_seal_key_open(const char *folder, struct gb_seal_key *ret_key, struct gb_diag *diag)
{
	char keys[512], path[512];
	int r;

	if (sodium_init() < 0)
		return gb_diag_set(diag, -EIO, 0, 0, "libsodium does not start");
	if (gb_format(keys, sizeof(keys), "%s/keys", folder) < 0 ||
	        gb_format(path, sizeof(path), "%s/channels.key", keys) < 0)
		return gb_diag_set(diag, -ENAMETOOLONG, 0, 0, "the path of the data folder is too long");
	if (mkdir(keys, 0700) < 0 && errno != EEXIST)
		return gb_diag_set(diag, -errno, 0, 0, "cannot make %s: %s", keys, strerror(errno));
	r = read_key(path, ret_key, diag);
	if (r != -ENOENT)
		return r;
	r = make_key(folder, path);
	if (r < 0)
		return gb_diag_set(diag, r, 0, 0, "cannot write %s: %s", path, strerror(-r));
	return read_key(path, ret_key, diag);
}

int gb_seal(const struct gb_seal_key *key, struct gb_span text, struct gb_arena *arena, struct gb_span *ret_sealed)
{
	size_t n = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + text.n;
	unsigned char *box = gb_arena_take(arena, n);

	if (!box)
		return -ENOMEM;
	randombytes_buf(box, crypto_secretbox_NONCEBYTES);
	if (crypto_secretbox_easy(box + crypto_secretbox_NONCEBYTES, text.p, text.n, box, key->bytes) != 0)
		return -EIO;
	*ret_sealed = gb_span_of(box, n);
	return 0;
}

int gb_unseal(const struct gb_seal_key *key, struct gb_span sealed, struct gb_arena *arena, struct gb_span *ret_text)
{
	unsigned char *text;
	size_t n;

	if (sealed.n < crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES)
		return -EBADMSG;
	n = sealed.n - crypto_secretbox_NONCEBYTES - crypto_secretbox_MACBYTES;
	text = gb_arena_take(arena, n + 1);
	if (!text)
		return -ENOMEM;
	if (crypto_secretbox_open_easy(text, sealed.p + crypto_secretbox_NONCEBYTES,
	            sealed.n - crypto_secretbox_NONCEBYTES, sealed.p, key->bytes) != 0)
		return -EBADMSG;
	*ret_text = gb_span_of(text, n);
	return 0;
}
