/* SPDX-License-Identifier: Apache-2.0 */
#include "learn/statistics.h"

#include <math.h>
#include <stdbool.h>

/* Above it, summing single terms takes long and gains little. */
#define EXACT_MAX 200u

#define LOOK_GROWTH 1.5

static double log_factorial(double n)
{
	int sign;

	return lgamma_r(n + 1, &sign);
}

/* Logarithm of the chance of at most COUNT of N trials: the last term, and how many times that all of them are. */
static double log_at_most(uint64_t count, uint64_t n, double p)
{
	double k = (double)count, m = (double)n, times = 1, ratio = 1;
	double last = log_factorial(m) - log_factorial(k) - log_factorial(m - k) + k * log(p) + (m - k) * log1p(-p);

	for (uint64_t i = count; i > 0; i--) {
		ratio *= (double)i / (double)(n - i + 1) * ((1 - p) / p);
		times += ratio;
	}
	return last + log(times);
}

/* Chernoff: the chance of at most N·Q is at most exp(-N·KL(Q, p)). */
static double log_chernoff(uint64_t count, uint64_t n, double p)
{
	double q = (double)count / (double)n;

	if (p <= q)
		return 0;
	return -(double)n * (q * log(q / p) + (1 - q) * (log1p(-q) - log1p(-p)));
}

double gb_learn_upper_limit(uint64_t count, uint64_t n, double delta)
{
	double low, high = 1, wanted = log(delta);

	if (n <= count)
		return 1;
	low = (double)count / (double)n;
	for (int i = 0; i < 60; i++) {
		double middle = (low + high) / 2;
		double log_chance = count <= EXACT_MAX ? log_at_most(count, n, middle) : log_chernoff(count, n, middle);

		if (log_chance > wanted)
			low = middle;
		else
			high = middle;
	}
	return high;
}

/* P(at most COUNT of N) ≤ DELTA at the chance EPSILON: the upper limit is EPSILON or less. */
static bool is_enough(uint64_t count, uint64_t n, double epsilon, double delta)
{
	double log_chance = count <= EXACT_MAX ? log_at_most(count, n, epsilon) : log_chernoff(count, n, epsilon);

	return n > count && log_chance <= log(delta);
}

uint64_t gb_learn_trials_wanted(uint64_t count, double epsilon, double delta)
{
	uint64_t low = count, high = count + 1;

	if (count > UINT64_MAX / 8)
		return UINT64_MAX;
	while (high < UINT64_MAX / 4 && !is_enough(count, high, epsilon, delta)) {
		low = high;
		high *= 2;
	}
	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (is_enough(count, middle, epsilon, delta))
			high = middle;
		else
			low = middle;
	}
	return high;
}

double gb_learn_share_of_look(unsigned look)
{
	return 1.0 / ((double)look * ((double)look + 1));
}

unsigned gb_learn_look(uint64_t m, uint64_t first)
{
	double at = (double)first;
	unsigned look = 0;

	while (at <= (double)m && look < 1000) {
		at *= LOOK_GROWTH;
		look++;
	}
	return look;
}

double gb_learn_chao2(uint64_t seen, uint64_t once, uint64_t twice, uint64_t m)
{
	double q1 = (double)once, q2 = (double)twice;

	if (m == 0)
		return (double)seen;
	return (double)seen + ((double)m - 1) / (double)m * q1 * (q1 > 1 ? q1 - 1 : 0) / (2 * (q2 + 1));
}
