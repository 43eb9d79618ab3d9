/* SPDX-License-Identifier: Apache-2.0 */
#include "store/audit.h"

#include "store/driver.h"
#include "store/settings.h"

#include "base/sha256.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 1000u

/* Everything with its length, so that no two entries have the same bytes. */
static size_t put_number(unsigned char *to, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		to[i] = (unsigned char)(value >> (56 - 8 * i));
	return 8;
}

static size_t put_text(unsigned char *to, struct gb_span text)
{
	put_number(to, text.n);
	if (text.n > 0)
		memcpy(to + 8, text.p, text.n);
	return 8 + text.n;
}

static int hash_of(const struct gb_audit_entry *entry, unsigned char ret_hash[GB_AUDIT_HASH_BYTES])
{
	static const char tag[] = "gambeson audit 1";
	size_t cap = sizeof(tag) + 7 * 8 + GB_AUDIT_HASH_BYTES + entry->actor.n + entry->action.n + entry->target.n +
	             entry->detail.n;
	unsigned char *bytes = malloc(cap);
	size_t n = sizeof(tag);

	if (bytes == NULL)
		return -ENOMEM;
	memcpy(bytes, tag, sizeof(tag));
	n += put_text(bytes + n, entry->previous);
	n += put_number(bytes + n, (uint64_t)entry->seq);
	n += put_number(bytes + n, (uint64_t)entry->time);
	n += put_text(bytes + n, entry->actor);
	n += put_text(bytes + n, entry->action);
	n += put_text(bytes + n, entry->target);
	n += put_text(bytes + n, entry->detail);
	gb_sha256(gb_span_of(bytes, n), ret_hash);
	free(bytes);
	return 0;
}

static int hex_digit(unsigned char c)
{
	return gb_ascii_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "SEQ:HASH"; empty before the first entry. */
static bool read_head(struct gb_span head, uint64_t *ret_seq, unsigned char ret_hash[GB_AUDIT_HASH_BYTES])
{
	size_t colon = gb_span_find_byte(head, ':', 0);
	struct gb_span hash = gb_span_sub(head, colon == SIZE_MAX ? head.n : colon + 1, SIZE_MAX);

	*ret_seq = 0;
	memset(ret_hash, 0, GB_AUDIT_HASH_BYTES);
	if (head.n == 0)
		return true;
	if (!gb_span_to_u64(gb_span_sub(head, 0, colon), ret_seq) || hash.n != 2 * GB_AUDIT_HASH_BYTES)
		return false;
	for (size_t i = 0; i < GB_AUDIT_HASH_BYTES; i++) {
		int high = hex_digit(hash.p[2 * i]), low = hex_digit(hash.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret_hash[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static int write_head(struct gb_store *store, const struct gb_audit_entry *entry, struct gb_diag *diag)
{
	char head[24 + 2 * GB_AUDIT_HASH_BYTES];
	struct gb_text text = gb_text_on(head, sizeof(head));

	gb_text_add_i64(&text, entry->seq);
	gb_text_add_byte(&text, ':');
	gb_text_add_hex(&text, entry->hash);
	return gb_setting_put(store, GB_AUDIT_HEAD, gb_text_span(&text), diag);
}

int gb_audit_add(struct gb_store *store, struct gb_audit_entry *entry, struct gb_arena *arena, struct gb_diag *diag)
{
	unsigned char *hashes = gb_arena_take(arena, 2 * GB_AUDIT_HASH_BYTES);
	struct gb_span head = GB_SPAN_EMPTY;
	uint64_t seq;
	int r;

	if (hashes == NULL)
		return -ENOMEM;
	if (!gb_sql_is_clean(entry->actor) || !gb_sql_is_clean(entry->action) || !gb_sql_is_clean(entry->target) ||
	        !gb_sql_is_clean(entry->detail))
		return gb_diag_set(diag, -EINVAL, 0, 0, "an audit entry must be UTF-8");
	r = gb_setting_hold(store, GB_AUDIT_HEAD, arena, &head, diag);
	if (r < 0)
		return r;
	if (!read_head(head, &seq, hashes))
		return gb_diag_set(
		        diag, -EINVAL, 0, 0, "the head of the audit log is malformed: somebody wrote it by hand");
	entry->seq = (int64_t)seq + 1;
	entry->previous = gb_span_of(hashes, GB_AUDIT_HASH_BYTES);
	entry->hash = gb_span_of(hashes + GB_AUDIT_HASH_BYTES, GB_AUDIT_HASH_BYTES);
	r = hash_of(entry, hashes + GB_AUDIT_HASH_BYTES);
	if (r < 0)
		return r;
	const struct gb_sql_value values[] = {
	        gb_sql_integer(entry->seq),
	        gb_sql_integer(entry->time),
	        gb_sql_text(entry->actor),
	        gb_sql_text(entry->action),
	        gb_sql_text(entry->target),
	        gb_sql_text(entry->detail),
	        gb_sql_bytes(entry->previous),
	        gb_sql_bytes(entry->hash),
	};
	r = gb_sql_run(store,
	        "INSERT INTO audit (seq, time, actor, action, target, detail, previous, hash) "
	        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
	        values, 8, NULL, NULL, diag);
	return r < 0 ? r : write_head(store, entry, diag);
}

struct each {
	gb_audit_row *on_row;
	void *context;
};

static int hand_out(void *context, const struct gb_sql_value *columns, size_t count)
{
	const struct each *each = context;
	const struct gb_audit_entry entry = {
	        .seq = columns[0].integer,
	        .time = columns[1].integer,
	        .actor = columns[2].bytes,
	        .action = columns[3].bytes,
	        .target = columns[4].bytes,
	        .detail = columns[5].bytes,
	        .previous = columns[6].bytes,
	        .hash = columns[7].bytes,
	};

	(void)count;
	return each->on_row(each->context, &entry);
}

int gb_audit_list(struct gb_store *store, int64_t after, bool is_down, size_t limit, gb_audit_row *on_row,
        void *context, struct gb_diag *diag)
{
	const struct gb_sql_value values[] = {gb_sql_integer(after), gb_sql_integer((int64_t)limit)};
	struct each each = {on_row, context};

	return gb_sql_run(store,
	        is_down ? "SELECT seq, time, actor, action, target, detail, previous, hash FROM audit "
	                  "WHERE $1 = 0 OR seq < $1 ORDER BY seq DESC LIMIT $2"
	                : "SELECT seq, time, actor, action, target, detail, previous, hash FROM audit "
	                  "WHERE seq > $1 ORDER BY seq LIMIT $2",
	        values, 2, hand_out, &each, diag);
}

/* A hash that the entry of a number must have. */
struct anchor {
	uint64_t seq; /* 0: none */
	unsigned char hash[GB_AUDIT_HASH_BYTES];
	bool is_met;
};

struct check {
	struct gb_audit_finding *finding;
	struct anchor head, given;
	unsigned in_page;
};

static void compare(struct anchor *anchor, const struct gb_audit_entry *entry)
{
	if ((uint64_t)entry->seq == anchor->seq)
		anchor->is_met = gb_span_equal(entry->hash, gb_span_of(anchor->hash, sizeof(anchor->hash)));
}

static int check_entry(void *context, const struct gb_audit_entry *entry)
{
	struct check *check = context;
	struct gb_audit_finding *finding = check->finding;
	unsigned char hash[GB_AUDIT_HASH_BYTES];
	int r = hash_of(entry, hash);

	if (r < 0)
		return r;
	check->in_page++;
	if (entry->seq != finding->entries + 1 ||
	        !gb_span_equal(entry->previous, gb_span_of(finding->head, sizeof(finding->head))) ||
	        !gb_span_equal(entry->hash, gb_span_of(hash, sizeof(hash)))) {
		finding->broken_at = finding->entries + 1;
		return 1;
	}
	finding->entries++;
	memcpy(finding->head, hash, sizeof(hash));
	compare(&check->head, entry);
	compare(&check->given, entry);
	return 0;
}

/* The head is read first: what is added meanwhile comes behind it. */
static int read_stored_head(struct gb_store *store, struct anchor *ret_head, struct gb_diag *diag)
{
	struct gb_arena *arena = gb_arena_new();
	struct gb_span head = GB_SPAN_EMPTY;
	int r = arena != NULL ? gb_setting_get(store, GB_AUDIT_HEAD, arena, &head, diag) : -ENOMEM;

	if (r >= 0 && !read_head(head, &ret_head->seq, ret_head->hash))
		ret_head->seq = UINT64_MAX;
	ret_head->is_met = ret_head->seq == 0;
	gb_arena_free(arena);
	return r < 0 ? r : 0;
}

int gb_audit_verify(struct gb_store *store, int64_t anchor_seq, const unsigned char anchor[GB_AUDIT_HASH_BYTES],
        struct gb_audit_finding *ret_finding, struct gb_diag *diag)
{
	struct check check = {.finding = ret_finding, .given = {.seq = (uint64_t)anchor_seq}};
	int r = read_stored_head(store, &check.head, diag);

	*ret_finding = (struct gb_audit_finding){.is_anchor_met = false};
	if (anchor != NULL)
		memcpy(check.given.hash, anchor, GB_AUDIT_HASH_BYTES);
	while (r >= 0) {
		check.in_page = 0;
		r = gb_audit_list(store, ret_finding->entries, false, PAGE, check_entry, &check, diag);
		if (check.in_page < PAGE || ret_finding->broken_at != 0)
			break;
	}
	if (r < 0)
		return r;
	/* Entries taken off the end. */
	if (ret_finding->broken_at == 0 && !check.head.is_met)
		ret_finding->broken_at = ret_finding->entries + 1;
	ret_finding->is_anchor_met = anchor_seq == 0 || check.given.is_met;
	return 0;
}
