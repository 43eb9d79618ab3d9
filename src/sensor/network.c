/* SPDX-License-Identifier: Apache-2.0 */
#include "activity/address.h"
#include "activity/dns.h"
#include "sensor/sensor.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define SOCKADDR_BYTES GB_SENSOR_SOCKADDR_BYTES
#define MESSAGES_MAX   32u /* of a sendmmsg at a time */
#define FAST_OPEN      0x20000000

/* The kernel's struct msghdr and mmsghdr on 64-bit machines. */
struct message {
	long name;
	int32_t name_n;
	long vector;
	uint64_t vector_n;
	long control;
	uint64_t control_n;
	uint32_t flags;
};

struct message_of_many {
	struct message message;
	uint32_t sent;
};

static void make_v4(unsigned char *sockaddr, const unsigned char *ip, uint16_t port)
{
	__builtin_memset(sockaddr, 0, 16);
	sockaddr[0] = AF_INET;
	sockaddr[2] = (unsigned char)(port >> 8);
	sockaddr[3] = (unsigned char)port;
	__builtin_memcpy(sockaddr + 4, ip, 4);
}

static bool is_upstream(const struct gb_address *address)
{
	const struct gb_segment *segment = gb_sensor.segment;
	struct gb_address upstream = {.family = GB_ADDRESS_IP};

	if (address->family != GB_ADDRESS_IP || segment->upstream_port == 0 || address->port != segment->upstream_port)
		return false;
	__builtin_memcpy(upstream.ip, segment->upstream_ip, sizeof(upstream.ip));
	if (gb_address_is_loopback(&upstream) && gb_address_is_loopback(address))
		return true;
	return __builtin_memcmp(address->ip, segment->upstream_ip, sizeof(address->ip)) == 0;
}

static bool is_warden_dead(void)
{
	uint32_t pid = gb_sensor.segment->warden_pid;

	return pid != 0 && gb_call3(SYS_kill, (long)pid, 0, 0) == -ESRCH;
}

/* The warden's own end, at another port in each sandbox: part of the function wherever it runs, never a finding. */
static bool is_proxy(const struct gb_address *address)
{
	const struct gb_segment *segment = gb_sensor.segment;

	return address->family == GB_ADDRESS_IP && segment->proxy_port != 0 && address->port == segment->proxy_port &&
	       gb_address_is_loopback(address);
}

/* A shell that is the runtime talks to the Runtime API by programs that it starts. */
static bool is_runtime_a_shell(void)
{
	char link[40], target[256];
	struct gb_text text = gb_text_on(link, sizeof(link));
	long n;

	gb_text_add(&text, GB_SPAN("/proc/"));
	gb_text_add_u64(&text, gb_sensor.segment->runtime_pid);
	gb_text_add(&text, GB_SPAN("/exe"));
	n = gb_call4(SYS_readlinkat, AT_FDCWD, (long)gb_text_cstr(&text), (long)target, sizeof(target));
	if (n <= 0)
		return true; /* nobody knows: no ground to refuse it */
	return gb_span_is_one_of(
	        gb_span_basename(gb_span_of(target, (size_t)n)), "bash\0dash\0sh\0busybox\0ash\0zsh\0ksh\0");
}

/* Who may ask for events: the runtime, and what it forks without starting another program. */
static bool is_api_client(void)
{
	const struct gb_segment *segment = gb_sensor.segment;

	return segment->runtime_pid == 0 || segment->has_many_clients != 0 ||
	       (uint32_t)gb_sensor.start_pid == segment->runtime_pid || is_runtime_a_shell();
}

/* With the warden gone and the stance open, the runtime talks to the real Runtime API itself: SOCKADDR is rewritten, in
 * the address family of the socket. */
static bool redirect_to_upstream(const struct gb_address *address, unsigned char *sockaddr, long *sockaddr_n)
{
	const struct gb_segment *segment = gb_sensor.segment;

	if (!is_proxy(address) || segment->stance != GB_STANCE_OPEN || segment->upstream_port == 0 || !is_warden_dead())
		return false;
	if (address->family_number == AF_INET) {
		make_v4(sockaddr, segment->upstream_ip + 12, segment->upstream_port);
		*sockaddr_n = 16;
	} else {
		__builtin_memset(sockaddr, 0, 28);
		sockaddr[0] = AF_INET6;
		sockaddr[2] = (unsigned char)(segment->upstream_port >> 8);
		sockaddr[3] = (unsigned char)segment->upstream_port;
		__builtin_memcpy(sockaddr + 8, segment->upstream_ip, 16);
		*sockaddr_n = 28;
	}
	return true;
}

bool gb_sensor_is_name_server(const unsigned char *sockaddr, long n)
{
	return n >= 4 && (sockaddr[0] == AF_INET || sockaddr[0] == AF_INET6) && sockaddr[1] == 0 && sockaddr[2] == 0 &&
	       sockaddr[3] == GB_DNS_PORT;
}

/* Judge a destination. SOCKADDR may be rewritten. 0 or the error to give. *ret_file (may be NULL): see
 * gb_sensor_judge_socket_file(). */
static int judge_destination(
        enum gb_activity_kind kind, unsigned char *sockaddr, long *sockaddr_n, enum gb_address_use use, long *ret_file)
{
	char name[GB_ADDRESS_TEXT_BYTES], host[GB_SENSOR_NAME_BYTES];
	struct gb_text text = gb_text_on(name, sizeof(name));
	struct gb_activity activity = {.kind = kind};
	long file;
	int result;

	activity.address = gb_address_of_sockaddr(gb_span_of(sockaddr, (size_t)*sockaddr_n), use, &text);
	activity.subject = gb_text_span(&text);
	if (activity.address.family_number == AF_UNSPEC || activity.address.family_number == AF_NETLINK)
		return 0;
	if (kind != GB_ACTIVITY_NET_LISTEN) {
		if (is_proxy(&activity.address) && !is_api_client())
			return gb_sensor_refuse(&activity, GB_R_RUNTIME_API_MISUSE, -EACCES);
		if (redirect_to_upstream(&activity.address, sockaddr, sockaddr_n) || is_proxy(&activity.address))
			return 0;
		if (is_upstream(&activity.address))
			return gb_sensor_refuse(&activity, GB_R_RUNTIME_API_MISUSE, -EACCES);
		if (activity.address.family == GB_ADDRESS_IP && !gb_address_is_loopback(&activity.address))
			gb_sensor_count(GB_USAGE_CONNECTIONS);
		activity.object = gb_sensor_name_of_address(&activity.address, host, sizeof(host));
	}
	result = gb_sensor_judge(&activity, -EACCES);
	if (result < 0 || kind == GB_ACTIVITY_NET_LISTEN || activity.address.family != GB_ADDRESS_UNIX)
		return result;
	result = gb_sensor_judge_socket_file(&activity, sockaddr, *sockaddr_n, &file);
	if (ret_file != NULL)
		*ret_file = file;
	else if (file >= 0)
		(void)gb_call3(SYS_close, file, 0, 0);
	return result;
}

/* Copy an address of the program. 0: it is in COPY; 1: the kernel will refuse it itself; *address is then harmless. */
static int take_address(long *address, long n, unsigned char *copy)
{
	/* The kernel reads the length as an int; beyond the range it looks at no byte of the address. */
	if ((int32_t)n < 0 || (int32_t)n > (int32_t)SOCKADDR_BYTES)
		return 1;
	if (gb_sensor_copy(copy, *address, (size_t)(int32_t)n) < 0) {
		*address = GB_SENSOR_BAD_POINTER;
		return 1;
	}
	*address = (long)copy;
	return 0;
}

long gb_sensor_handle_connect(struct gb_sensor_frame *frame)
{
	unsigned char sockaddr[SOCKADDR_BYTES];
	long n = (int32_t)frame->arguments[2], file = -1, result;

	if (gb_sensor.segment == NULL || take_address(&frame->arguments[1], n, sockaddr) != 0)
		return gb_sensor_run(frame);
	result = judge_destination(GB_ACTIVITY_NET_CONNECT, sockaddr, &n, GB_ADDRESS_DESTINATION, &file);
	if (result < 0)
		return result;
	gb_sensor_name_socket_set(frame->arguments[0], gb_sensor_is_name_server(sockaddr, n));
	frame->arguments[2] = file < 0 ? n : gb_sensor_name_socket_file(sockaddr, file);
	result = gb_sensor_run(frame);
	if (file >= 0)
		(void)gb_call3(SYS_close, file, 0, 0);
	return result;
}

/* Datagrams of IPv4 go to addresses of no family, too: FD's kernel reads them as its own. Others have no use for them. */
static void name_family(long fd, unsigned char *sockaddr, long n)
{
	int32_t family = 0, size = sizeof(family);

	if (n >= 16 && sockaddr[0] == AF_UNSPEC && sockaddr[1] == 0 &&
	        gb_call6(SYS_getsockopt, fd, SOL_SOCKET, SO_DOMAIN, (long)&family, (long)&size, 0) == 0 &&
	        family == AF_INET)
		sockaddr[0] = AF_INET;
}

static long send_to(struct gb_sensor_frame *frame)
{
	unsigned char sockaddr[SOCKADDR_BYTES];
	long n = (int32_t)frame->arguments[5];
	bool is_connecting = (frame->arguments[3] & FAST_OPEN) != 0;
	int result;

	if (frame->arguments[4] == 0) {
		result = gb_sensor_name_socket_is(frame->arguments[0])
		                 ? gb_sensor_judge_question(frame->arguments[1], (size_t)frame->arguments[2])
		                 : 0;
		return result < 0 ? result : gb_sensor_run(frame);
	}
	if (take_address(&frame->arguments[4], n, sockaddr) != 0)
		return gb_sensor_run(frame);
	name_family(frame->arguments[0], sockaddr, n);
	result = judge_destination(is_connecting ? GB_ACTIVITY_NET_CONNECT : GB_ACTIVITY_NET_SEND, sockaddr, &n,
	        GB_ADDRESS_DESTINATION, NULL);
	if (result == 0 && gb_sensor_is_name_server(sockaddr, n)) {
		gb_sensor_name_socket_set(frame->arguments[0], true);
		result = gb_sensor_judge_question(frame->arguments[1], (size_t)frame->arguments[2]);
	}
	if (result < 0)
		return result;
	frame->arguments[5] = n;
	return gb_sensor_run(frame);
}

/* Judge one message that is ours, sent on FD; its name goes to SOCKADDR. */
static int judge_message(struct message *message, unsigned char *sockaddr, long fd, long flags)
{
	long n = message->name_n;
	int result;

	if (message->name == 0 || n == 0)
		return gb_sensor_name_socket_is(fd) ? gb_sensor_judge_question_in(message->vector, message->vector_n)
		                                    : 0;
	if (n > (long)SOCKADDR_BYTES)
		n = SOCKADDR_BYTES; /* the kernel cuts it so */
	if (take_address(&message->name, n, sockaddr) != 0)
		return 0;
	name_family(fd, sockaddr, n);
	result = judge_destination((flags & FAST_OPEN) != 0 ? GB_ACTIVITY_NET_CONNECT : GB_ACTIVITY_NET_SEND, sockaddr,
	        &n, GB_ADDRESS_DESTINATION, NULL);
	message->name_n = (int32_t)n;
	if (result == 0 && gb_sensor_is_name_server(sockaddr, n)) {
		gb_sensor_name_socket_set(fd, true);
		result = gb_sensor_judge_question_in(message->vector, message->vector_n);
	}
	return result;
}

static long send_message(struct gb_sensor_frame *frame)
{
	unsigned char sockaddr[SOCKADDR_BYTES];
	struct message message;
	int result;

	if (gb_sensor_copy(&message, frame->arguments[1], sizeof(message)) < 0) {
		frame->arguments[1] = GB_SENSOR_BAD_POINTER;
		return gb_sensor_run(frame);
	}
	result = judge_message(&message, sockaddr, frame->arguments[0], frame->arguments[2]);
	if (result < 0)
		return result;
	frame->arguments[1] = (long)&message;
	return gb_sensor_run(frame);
}

/* Up to MESSAGES_MAX at a time. What the kernel writes back, the lengths sent, is copied to the program's array. */
static long send_some(struct gb_sensor_frame *frame, long vector, uint32_t count, unsigned char *room)
{
	struct message_of_many *messages = (struct message_of_many *)(void *)room;
	unsigned char *names = room + MESSAGES_MAX * sizeof(*messages);
	long sent;

	if (gb_sensor_copy(messages, vector, count * sizeof(*messages)) < 0) {
		/* The good ones before the bad page are sent one by one; the bad one is then the first, and EFAULT. */
		if (count > 1)
			return send_some(frame, vector, count / 2, room);
		return gb_call4(SYS_sendmmsg, frame->arguments[0], GB_SENSOR_BAD_POINTER, count, frame->arguments[3]);
	}
	for (uint32_t i = 0; i < count; i++) {
		int result = judge_message(
		        &messages[i].message, names + i * SOCKADDR_BYTES, frame->arguments[0], frame->arguments[3]);

		if (result < 0 && i == 0)
			return result;
		if (result < 0)
			count = i;
	}
	sent = gb_call4(SYS_sendmmsg, frame->arguments[0], (long)messages, count, frame->arguments[3]);
	for (long i = 0; i < sent; i++)
		((struct message_of_many *)vector)[i].sent = messages[i].sent;
	return sent;
}

static long send_many(struct gb_sensor_frame *frame)
{
	struct gb_sensor_scratch *scratch = gb_sensor_scratch_claim();
	uint32_t count = (uint32_t)frame->arguments[2], done = 0;
	long result = 0;

	_Static_assert(
	        MESSAGES_MAX * (sizeof(struct message_of_many) + SOCKADDR_BYTES) <= sizeof(struct gb_sensor_scratch),
	        "a batch of messages fits the scratch");
	if (scratch == NULL)
		return -ENOMEM;
	if (count > 1024)
		count = 1024;
	do {
		uint32_t some = count - done < MESSAGES_MAX ? count - done : MESSAGES_MAX;

		result = send_some(frame, frame->arguments[1] + (long)(done * sizeof(struct message_of_many)), some,
		        (unsigned char *)scratch);
		if (result <= 0)
			break;
		done += (uint32_t)result;
	} while (done < count);
	gb_sensor_scratch_release(scratch);
	return done > 0 ? (long)done : result;
}

long gb_sensor_handle_send(struct gb_sensor_frame *frame)
{
	if (gb_sensor.segment == NULL)
		return gb_sensor_run(frame);
	if (frame->number == SYS_sendto)
		return send_to(frame);
	if (frame->number == SYS_sendmsg)
		return send_message(frame);
	return send_many(frame);
}

/* A bind to port 0 is what clients do; the port is known, and judged, at listen. */
static bool is_client_bind(const unsigned char *sockaddr, long n)
{
	return n >= 4 && (sockaddr[0] == AF_INET || sockaddr[0] == AF_INET6) && sockaddr[1] == 0 && sockaddr[2] == 0 &&
	       sockaddr[3] == 0;
}

long gb_sensor_handle_listen(struct gb_sensor_frame *frame)
{
	unsigned char sockaddr[SOCKADDR_BYTES];
	int32_t local_n = sizeof(sockaddr);
	long n;
	int result;

	if (!gb_sensor_is_judging(GB_ACTIVITY_NET_LISTEN))
		return gb_sensor_run(frame);
	if (frame->number == SYS_listen) {
		if (gb_call3(SYS_getsockname, frame->arguments[0], (long)sockaddr, (long)&local_n) < 0 || local_n < 0 ||
		        local_n > (int32_t)sizeof(sockaddr))
			return gb_sensor_run(frame);
		n = local_n;
	} else {
		n = (int32_t)frame->arguments[2];
		if (take_address(&frame->arguments[1], n, sockaddr) != 0 || is_client_bind(sockaddr, n))
			return gb_sensor_run(frame);
	}
	result = judge_destination(GB_ACTIVITY_NET_LISTEN, sockaddr, &n, GB_ADDRESS_LOCAL, NULL);
	return result < 0 ? result : gb_sensor_run(frame);
}
