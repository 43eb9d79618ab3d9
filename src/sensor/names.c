/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sensor/names: which name an address was looked up under. Questions to port 53 are judged; answers that come in on the
 * same descriptor are kept, so that a connection can be judged by its name. The tables are this process's own: a child
 * by fork has a copy, a program that was started looks its names up itself.
 */
#include "activity/dns.h"
#include "sensor/sensor.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define NAMES         64u
#define NAME_BYTES    107u
#define ADDRESSES_MAX 16u
#define ANSWER_BYTES  4096u
#define VECTORS_MAX   8u

/* Descriptors that lead to a name server. */
unsigned char gb_sensor_name_sockets[GB_SENSOR_DESCRIPTORS];

/* Written between two increments of `sequence` (odd: being written); a reader that meets a writer finds nothing. */
struct known_name {
	uint32_t sequence;
	unsigned char ip[16];
	uint8_t n;
	char name[NAME_BYTES];
};

static struct known_name known[NAMES];
static uint32_t next_place;

static bool begin_change(struct known_name *entry, uint32_t *sequence)
{
	*sequence = __atomic_load_n(&entry->sequence, __ATOMIC_RELAXED);
	return (*sequence & 1u) == 0 && __atomic_compare_exchange_n(&entry->sequence, sequence, *sequence + 1, false,
	                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static void keep(const unsigned char *ip, struct gb_span name)
{
	struct known_name *entry = NULL;
	uint32_t sequence;

	for (unsigned i = 0; i < NAMES && entry == NULL; i++)
		if (__builtin_memcmp(known[i].ip, ip, 16) == 0)
			entry = &known[i];
	if (entry == NULL)
		entry = &known[__atomic_fetch_add(&next_place, 1, __ATOMIC_RELAXED) % NAMES];
	if (!begin_change(entry, &sequence))
		return;
	__builtin_memcpy(entry->ip, ip, 16);
	__builtin_memcpy(entry->name, name.p, name.n);
	entry->n = (uint8_t)name.n;
	__atomic_store_n(&entry->sequence, sequence + 2, __ATOMIC_RELEASE);
}

struct gb_span gb_sensor_name_of_address(const struct gb_address *address, char *buffer, size_t cap)
{
	if (address->family != GB_ADDRESS_IP)
		return GB_SPAN_EMPTY;
	for (unsigned i = 0; i < NAMES; i++) {
		const struct known_name *entry = &known[i];
		uint32_t sequence = __atomic_load_n(&entry->sequence, __ATOMIC_ACQUIRE);
		size_t n = entry->n;

		if (n == 0 || (sequence & 1u) != 0 || n > cap || n > NAME_BYTES ||
		        __builtin_memcmp(entry->ip, address->ip, 16) != 0)
			continue;
		__builtin_memcpy(buffer, entry->name, n);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (__atomic_load_n(&entry->sequence, __ATOMIC_RELAXED) == sequence)
			return gb_span_of(buffer, n);
	}
	return GB_SPAN_EMPTY;
}

static int judge_message(struct gb_span message, size_t whole_n)
{
	char name[GB_DNS_NAME_BYTES_MAX + 1];
	struct gb_text text = gb_text_on(name, sizeof(name));
	struct gb_activity activity = {.kind = GB_ACTIVITY_NAME_LOOKUP};

	if (gb_dns_read(gb_dns_without_length(message, whole_n), &text) != GB_DNS_QUESTION)
		return 0;
	activity.subject = gb_text_span(&text);
	return gb_sensor_judge(&activity, -EACCES);
}

int gb_sensor_judge_question(long data, size_t n)
{
	unsigned char message[GB_DNS_QUESTION_BYTES];
	size_t some = n < sizeof(message) ? n : sizeof(message);

	if (!gb_sensor_is_judging(GB_ACTIVITY_NAME_LOOKUP) || gb_sensor_copy(message, data, some) < 0)
		return 0;
	return judge_message(gb_span_of(message, some), n);
}

/* A question may lie in pieces: its length and the rest, on TCP. */
int gb_sensor_judge_question_in(long vector, uint64_t count)
{
	unsigned char message[GB_DNS_QUESTION_BYTES];
	struct iovec pieces[VECTORS_MAX];
	size_t n = 0, whole = 0;

	if (!gb_sensor_is_judging(GB_ACTIVITY_NAME_LOOKUP) || count > VECTORS_MAX ||
	        gb_sensor_copy(pieces, vector, count * sizeof(pieces[0])) < 0)
		return 0;
	for (uint64_t i = 0; i < count; i++) {
		size_t some = pieces[i].iov_len;

		whole += some;
		some = some < sizeof(message) - n ? some : sizeof(message) - n;
		if (gb_sensor_copy(message + n, (long)(uintptr_t)pieces[i].iov_base, some) < 0)
			return 0;
		n += some;
	}
	return judge_message(gb_span_of(message, n), whole);
}

static void take_answer(long data, size_t n)
{
	struct gb_sensor_scratch *scratch = gb_sensor_scratch_claim();
	unsigned char addresses[ADDRESSES_MAX][16];
	char name[GB_DNS_NAME_BYTES_MAX + 1];
	struct gb_text text = gb_text_on(name, sizeof(name));
	struct gb_span message;
	size_t count = 0;

	if (scratch == NULL)
		return;
	if (n <= ANSWER_BYTES && gb_sensor_copy(scratch->raw, data, n) == 0) {
		message = gb_dns_without_length(gb_span_of(scratch->raw, n), n);
		if (gb_dns_read(message, &text) == GB_DNS_ANSWER && text.n <= NAME_BYTES)
			count = gb_dns_addresses(message, addresses, ADDRESSES_MAX);
	}
	for (size_t i = 0; i < count; i++)
		keep(addresses[i], gb_text_span(&text));
	gb_sensor_scratch_release(scratch);
}

/* Where a datagram came from, as the kernel told the program. */
struct source {
	unsigned char sockaddr[GB_SENSOR_SOCKADDR_BYTES];
	int32_t n;
};

static void take_source(struct source *source, long address, int32_t n)
{
	source->n = n;
	if (n < 0 || n > (int32_t)sizeof(source->sockaddr) || gb_sensor_copy(source->sockaddr, address, (size_t)n) < 0)
		source->n = 0;
}

/* A socket that is connected hears its name server only. To another anybody can send: the source tells. */
static bool is_from_name_server(long fd, const struct source *source)
{
	struct source peer = {.n = sizeof(peer.sockaddr)};

	if (gb_call3(SYS_getpeername, fd, (long)peer.sockaddr, (long)&peer.n) == 0)
		return gb_sensor_is_name_server(peer.sockaddr, peer.n);
	return gb_sensor_is_name_server(source->sockaddr, source->n);
}

static long receive_from(struct gb_sensor_frame *frame, struct source *source)
{
	bool is_asked = frame->arguments[4] != 0;
	int32_t n = 0;
	long result;

	source->n = sizeof(source->sockaddr);
	if (!is_asked) {
		frame->arguments[4] = (long)source->sockaddr;
		frame->arguments[5] = (long)&source->n;
	}
	result = gb_sensor_run(frame);
	if (is_asked && gb_sensor_copy(&n, frame->arguments[5], sizeof(n)) == 0)
		take_source(source, frame->arguments[4], n);
	return result;
}

long gb_sensor_handle_receive(struct gb_sensor_frame *frame)
{
	long result, data = frame->arguments[1];
	struct source source = {.n = 0};
	struct iovec first;

	if (gb_sensor.segment == NULL || !gb_sensor_name_socket_is(frame->arguments[0]))
		return gb_sensor_run(frame);
	result = frame->number == SYS_recvfrom ? receive_from(frame, &source) : gb_sensor_run(frame);
	if (result <= 0)
		return result;
	if (frame->number == SYS_recvmsg) {
		struct msghdr message;

		if (gb_sensor_copy(&message, data, sizeof(message)) < 0 ||
		        gb_sensor_copy(&first, (long)(uintptr_t)message.msg_iov, sizeof(first)) < 0 ||
		        first.iov_len < (size_t)result)
			return result;
		data = (long)(uintptr_t)first.iov_base;
		take_source(&source, (long)(uintptr_t)message.msg_name, (int32_t)message.msg_namelen);
	}
	if (is_from_name_server(frame->arguments[0], &source))
		take_answer(data, (size_t)result);
	return result;
}

long gb_sensor_handle_write(struct gb_sensor_frame *frame)
{
	int result = 0;

	if (gb_sensor_name_socket_is(frame->arguments[0]) && gb_sensor.segment != NULL)
		result = frame->number == SYS_write
		                 ? gb_sensor_judge_question(frame->arguments[1], (size_t)frame->arguments[2])
		                 : gb_sensor_judge_question_in(frame->arguments[1], (uint64_t)frame->arguments[2]);
	return result < 0 ? result : gb_sensor_run(frame);
}
