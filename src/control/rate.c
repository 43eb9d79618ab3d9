/* SPDX-License-Identifier: Apache-2.0 */
#include "control/rate.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SETS 1024u
#define WAYS 8u

static const struct {
	unsigned burst;
	unsigned every_ms; /* one more each */
} rules[_GB_RATE_MAX] = {
        [GB_RATE_SIGN_IN_ADDRESS] = {20, 15000},
        [GB_RATE_SIGN_IN_ACCOUNT] = {10, 60000},
        [GB_RATE_WRONG_ADDRESS] = {30, 2000},
        [GB_RATE_CALLER] = {400, 10},
        [GB_RATE_INGEST] = {4000, 1},
};

struct bucket {
	uint64_t who;    /* 0: free */
	int64_t full_ms; /* when it will be full again */
	enum gb_rate_kind kind;
};

struct gb_rates {
	pthread_mutex_t lock;
	unsigned char key[crypto_shorthash_KEYBYTES];
	struct bucket buckets[SETS][WAYS];
};

int gb_rates_new(struct gb_rates **ret_rates)
{
	struct gb_rates *rates = calloc(1, sizeof(*rates));

	if (rates == NULL)
		return -ENOMEM;
	pthread_mutex_init(&rates->lock, NULL);
	/* Nobody outside can choose names that fall into one set. */
	crypto_shorthash_keygen(rates->key);
	*ret_rates = rates;
	return 0;
}

void gb_rates_free(struct gb_rates *rates)
{
	if (rates == NULL)
		return;
	pthread_mutex_destroy(&rates->lock);
	free(rates);
}

static uint64_t name_of(const struct gb_rates *rates, enum gb_rate_kind kind, struct gb_span who)
{
	uint64_t hash;

	crypto_shorthash((unsigned char *)&hash, who.p, who.n, rates->key);
	hash ^= (uint64_t)kind * 0x9e3779b97f4a7c15u;
	return hash != 0 ? hash : 1;
}

/* Under the lock: the bucket of WHO, a new one when he has none. */
static struct bucket *bucket_of(struct gb_rates *rates, enum gb_rate_kind kind, struct gb_span who)
{
	uint64_t name = name_of(rates, kind, who);
	struct bucket *set = rates->buckets[name % SETS], *fullest = set;

	for (unsigned i = 0; i < WAYS; i++) {
		if (set[i].who == name && set[i].kind == kind)
			return &set[i];
		if (set[i].full_ms < fullest->full_ms)
			fullest = &set[i];
	}
	*fullest = (struct bucket){.who = name, .kind = kind};
	return fullest;
}

/* What is missing is time: a bucket is its moment of being full again, and empty when that is burst × every away. */
static unsigned wait_of(const struct bucket *bucket, int64_t now_ms)
{
	int64_t every = rules[bucket->kind].every_ms, span = every * rules[bucket->kind].burst;
	int64_t late = bucket->full_ms - now_ms - (span - every);

	/* More than a burst: the clock was set back. */
	return late > 0 && late <= span ? (unsigned)((late + 999) / 1000) : 0;
}

unsigned gb_rates_take(struct gb_rates *rates, enum gb_rate_kind kind, struct gb_span who, int64_t now_ms)
{
	struct bucket *bucket;
	unsigned wait;

	pthread_mutex_lock(&rates->lock);
	bucket = bucket_of(rates, kind, who);
	/* A clock that was set back must not lock anybody out for longer than a burst. */
	if (bucket->full_ms > now_ms + (int64_t)rules[kind].every_ms * rules[kind].burst)
		bucket->full_ms = now_ms;
	wait = wait_of(bucket, now_ms);
	if (wait == 0)
		bucket->full_ms = (bucket->full_ms > now_ms ? bucket->full_ms : now_ms) + rules[kind].every_ms;
	pthread_mutex_unlock(&rates->lock);
	return wait;
}

unsigned gb_rates_look(struct gb_rates *rates, enum gb_rate_kind kind, struct gb_span who, int64_t now_ms)
{
	unsigned wait;

	pthread_mutex_lock(&rates->lock);
	wait = wait_of(bucket_of(rates, kind, who), now_ms);
	pthread_mutex_unlock(&rates->lock);
	return wait;
}

void gb_rates_return(struct gb_rates *rates, enum gb_rate_kind kind, struct gb_span who)
{
	pthread_mutex_lock(&rates->lock);
	bucket_of(rates, kind, who)->full_ms -= rules[kind].every_ms;
	pthread_mutex_unlock(&rates->lock);
}

void gb_rates_forgive(struct gb_rates *rates, enum gb_rate_kind kind, struct gb_span who)
{
	pthread_mutex_lock(&rates->lock);
	bucket_of(rates, kind, who)->full_ms = 0;
	pthread_mutex_unlock(&rates->lock);
}
