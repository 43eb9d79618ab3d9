/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launch/bait: decoys that look like what an attacker comes for, worth something else in every sandbox, and the secrets
 * that the sensors watch over.
 */
#include "launch/launch.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_CHARACTERS 40u /* as an AWS secret access key has */
#define ID_CHARACTERS     16u
#define CONTENT_BYTES     512u

/* What never stands in a URL, a name, or an argument. Access key ids and session tokens do, in signed URLs. */
static const char *const credential_variables[] = {"AWS_SECRET_ACCESS_KEY", "AWS_CONTAINER_AUTHORIZATION_TOKEN"};

static void keep_secret(struct gb_secret *secret, enum gb_secret_kind kind, struct gb_span value)
{
	value = gb_span_sub(value, 0, sizeof(secret->text));
	memcpy(secret->text, value.p, value.n);
	secret->n = (uint8_t)value.n;
	secret->kind = (uint8_t)kind;
}

void gb_launch_secrets_take(struct gb_segment *segment)
{
	size_t place = GB_DECOYS_MAX;

	for (size_t i = 0; i < sizeof(credential_variables) / sizeof(credential_variables[0]); i++) {
		struct gb_span value = gb_span_cstr(getenv(credential_variables[i]));

		if (value.n >= GB_SECRET_BYTES_MIN)
			keep_secret(&segment->secrets[place++], GB_SECRET_CREDENTIAL, value);
	}
}

static int add_random(struct gb_text *text, const char *alphabet, size_t count)
{
	unsigned char random[SECRET_CHARACTERS];
	size_t letters = strlen(alphabet);

	if (getrandom(random, count, 0) != (ssize_t)count)
		return -EIO;
	for (size_t i = 0; i < count; i++)
		gb_text_add_byte(text, (unsigned char)alphabet[random[i] % letters]);
	return 0;
}

static bool holds(const char *name, const char *word)
{
	return gb_span_find(gb_span_cstr(name), gb_span_cstr(word), 0) != SIZE_MAX;
}

/* The part of a decoy that is watched for. */
static int make_secret(const char *name, struct gb_text *text)
{
	if (holds(name, "KEY_ID")) {
		gb_text_add_cstr(text, "AKIA");
		return add_random(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ID_CHARACTERS);
	}
	return add_random(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", SECRET_CHARACTERS);
}

static void add_value(const char *name, struct gb_span secret, const char *host, struct gb_text *text)
{
	if (holds(name, "URL") || holds(name, "URI") || holds(name, "DSN")) {
		gb_text_add_cstr(text, "postgres://admin:");
		gb_text_add(text, secret);
		gb_text_add_byte(text, '@');
		gb_text_add_cstr(text, host);
		gb_text_add_cstr(text, ":5432/main");
	} else if (holds(name, "HOST") || holds(name, "ENDPOINT")) {
		gb_text_add_cstr(text, host);
	} else {
		gb_text_add(text, secret);
	}
}

static int make_directories(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

static int write_content(int fd, struct gb_span secret, const char *host)
{
	char content[CONTENT_BYTES];
	struct gb_text text = gb_text_on(content, sizeof(content));
	int r;

	gb_text_add_cstr(&text, "[backup-admin]\naws_access_key_id = AKIA");
	r = add_random(&text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", ID_CHARACTERS);
	gb_text_add_cstr(&text, "\naws_secret_access_key = ");
	gb_text_add(&text, secret);
	gb_text_add_cstr(&text, "\nhost = ");
	gb_text_add_cstr(&text, host);
	gb_text_add_byte(&text, '\n');
	if (r == 0 && pwrite(fd, text.p, text.n, 0) != (ssize_t)text.n)
		r = -EIO;
	return r;
}

/* Never over a file that is there. */
static int write_file(char *path, struct gb_span secret, const char *host)
{
	GB_CLEANUP(gb_fd_closep) int fd = -1;
	int r = make_directories(path);

	if (r < 0)
		return r;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : write_content(fd, secret, host);
}

/* 1: PATH holds the new secret, 0: it is not what was made. */
static int rewrite_file(const char *path, struct gb_secret *secret, const char *host)
{
	GB_CLEANUP(gb_fd_closep) int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char before[CONTENT_BYTES], value[64];
	struct gb_text fresh = gb_text_on(value, sizeof(value));
	ssize_t n = fd < 0 ? 0 : pread(fd, before, sizeof(before), 0);
	int r;

	if (n <= 0 || gb_span_find(gb_span_of(before, (size_t)n), gb_span_of(secret->text, secret->n), 0) == SIZE_MAX)
		return 0;
	r = make_secret("", &fresh);
	if (r == 0)
		r = write_content(fd, gb_text_span(&fresh), host);
	if (r == 0)
		keep_secret(secret, GB_SECRET_DECOY, gb_text_span(&fresh));
	return r < 0 ? r : 1;
}

int gb_launch_bait_renew(struct gb_segment *segment, const struct gb_launch_bait *bait)
{
	int renewed = 0, result = 0;

	for (size_t i = 0; i < bait->file_count; i++) {
		const struct gb_launch_bait_file *file = &bait->files[i];
		int r = rewrite_file(file->path, &segment->secrets[file->place], bait->host);

		if (r < 0)
			result = r;
		else
			renewed += r;
	}
	return result < 0 ? result : renewed;
}

static void copy_text(const struct gb_policy *policy, enum gb_blob_guard guard, size_t index, char *buffer, size_t cap)
{
	const struct gb_blob_text *texts = (const void *)(policy->blob.p + policy->header->guards.texts[guard].offset);
	struct gb_text text = gb_text_on(buffer, cap);

	gb_text_add(
	        &text, gb_span_of(policy->blob.p + policy->header->text.offset + texts[index].offset, texts[index].n));
	(void)gb_text_cstr(&text);
}

static int make_file(struct gb_launch_bait *bait, char *name, size_t place, struct gb_span secret)
{
	struct gb_launch_bait_file *file = &bait->files[bait->file_count];
	int r = write_file(name, secret, bait->host);

	if (r < 0)
		return r == -EEXIST ? 0 : r;
	memcpy(file->path, name, sizeof(file->path));
	file->place = place;
	bait->file_count++;
	return 0;
}

int gb_launch_bait_set(const struct gb_policy *policy, struct gb_segment *segment, struct gb_launch_bait *bait)
{
	const struct gb_blob_part *parts = policy->header->guards.texts;
	char name[sizeof(bait->files[0].path)];
	size_t place = 0;
	int r = 0;

	*bait = (struct gb_launch_bait){.host = "db.internal"};
	if (parts[GB_BLOB_DECOY_HOSTS].count != 0)
		copy_text(policy, GB_BLOB_DECOY_HOSTS, 0, bait->host, sizeof(bait->host));
	for (int guard = GB_BLOB_DECOY_VARIABLES; guard <= GB_BLOB_DECOY_FILES; guard++)
		for (size_t i = 0; i < parts[guard].count && place < GB_DECOYS_MAX && r == 0; i++, place++) {
			char value[64];
			struct gb_text secret = gb_text_on(value, sizeof(value));
			struct gb_text entry = gb_text_on(bait->text + bait->used, sizeof(bait->text) - bait->used);

			copy_text(policy, (enum gb_blob_guard)guard, i, name, sizeof(name));
			r = make_secret(guard == GB_BLOB_DECOY_FILES ? "" : name, &secret);
			if (r < 0)
				break;
			keep_secret(&segment->secrets[place], GB_SECRET_DECOY, gb_text_span(&secret));
			if (guard == GB_BLOB_DECOY_FILES) {
				r = make_file(bait, name, place, gb_text_span(&secret));
				continue;
			}
			/* What the function has set itself stays. */
			if (getenv(name) != NULL)
				continue;
			gb_text_add_cstr(&entry, name);
			gb_text_add_byte(&entry, '=');
			add_value(name, gb_text_span(&secret), bait->host, &entry);
			if (entry.truncated || entry.n + 1 > entry.cap)
				return -ENOSPC;
			bait->variables[bait->variable_count++] = gb_text_cstr(&entry);
			bait->used += entry.n + 1;
		}
	return r;
}
