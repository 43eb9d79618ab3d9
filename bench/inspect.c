/* SPDX-License-Identifier: Apache-2.0 */
/* bench_inspect FILE [SECONDS]: how long the input firewall takes for the event in FILE, one core, all classes, every
 * string told to a callback as the warden does it. The median, the fastest and the 99th of a hundred passes, as one line of JSON. */
#include "inspect/inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FILE_BYTES_MAX (64u << 20)
#define PASSES_MAX     200000u
#define PASSES_MIN     5u

static uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* An exact-size block of the file's bytes, or NULL. */
static unsigned char *read_file(const char *name, size_t *ret_n)
{
	FILE *file = fopen(name, "re");
	unsigned char *p = NULL;
	long n;

	if (file == NULL)
		return NULL;
	if (fseek(file, 0, SEEK_END) == 0 && (n = ftell(file)) > 0 && (size_t)n <= FILE_BYTES_MAX &&
	        fseek(file, 0, SEEK_SET) == 0 && (p = malloc((size_t)n)) != NULL) {
		*ret_n = fread(p, 1, (size_t)n, file);
	}
	fclose(file);
	return p;
}

static void count_string(void *context, const struct gb_inspect_string *string)
{
	*(size_t *)context += string->value.n;
}

static int order(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

static int measure(struct gb_span event, double seconds, struct gb_inspect_scratch *scratch)
{
	size_t told = 0, count = 0;
	struct gb_inspect_options options = {.on_string = count_string, .context = &told};
	struct gb_inspect_report report;
	uint64_t *passes = calloc(PASSES_MAX, sizeof(passes[0]));
	uint64_t end;

	if (passes == NULL)
		return 1;
	gb_inspect_event(&options, event, scratch, &report);
	end = now_ns() + (uint64_t)(seconds * 1e9);
	while (count < PASSES_MAX && (count < PASSES_MIN || now_ns() < end)) {
		uint64_t start = now_ns();

		gb_inspect_event(&options, event, scratch, &report);
		passes[count++] = now_ns() - start;
	}
	qsort(passes, count, sizeof(passes[0]), order);
	printf("{\"bytes\":%zu,\"passes\":%zu,\"median_ns\":%llu,\"fastest_ns\":%llu,\"p99_ns\":%llu,\"mb_s\":%.1f,"
	       "\"findings\":%zu,"
	       "\"steps_per_byte\":%.2f,\"is_limited\":%d}\n",
	        event.n, count, (unsigned long long)passes[count / 2], (unsigned long long)passes[0],
	        (unsigned long long)passes[count * 99 / 100],
	        (double)event.n * 1e3 / (double)(passes[count / 2] != 0 ? passes[count / 2] : 1), report.finding_count,
	        (double)report.steps / (double)event.n, report.is_limited);
	free(passes);
	return 0;
}

int main(int argc, char **argv)
{
	struct gb_inspect_scratch *scratch = malloc(gb_inspect_scratch_bytes());
	unsigned char *p;
	size_t n = 0;
	int status;

	if (argc < 2 || scratch == NULL) {
		fputs("usage: bench_inspect FILE [SECONDS]\n", stderr);
		return 2;
	}
	p = read_file(argv[1], &n);
	if (p == NULL || n == 0) {
		fprintf(stderr, "bench_inspect: cannot read %s\n", argv[1]);
		return 1;
	}
	status = measure(gb_span_of(p, n), argc > 2 ? strtod(argv[2], NULL) : 1.0, scratch);
	free(p);
	free(scratch);
	return status;
}
