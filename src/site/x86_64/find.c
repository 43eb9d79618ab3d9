/* SPDX-License-Identifier: Apache-2.0 */
#include "site/site.h"
#include "site/x86_64/code.h"
#include "site/x86_64/lanes.h"

#include <sys/syscall.h>

#define JUMP_BYTES    5u
#define SYSCALL_BYTES 2u
#define LOOK_BACK     64u /* bytes of straight code that are looked at before a system call */
#define CHAIN_MAX     32u
#define NEAR          24u /* the like, where the boundaries of instructions are known: fits a chain */

/* Straight code that ends at a system call: the boundaries of its instructions, from the first. */
struct chain {
	unsigned count; /* instructions */
	size_t starts[CHAIN_MAX];
	bool is_movable[CHAIN_MAX];
	bool has_number;
	size_t number_at; /* where the instruction that set it is */
	uint32_t number;
	size_t untargeted_from; /* nobody jumps behind it, up to the call; SIZE_MAX: not known */
};

/* Walk from FROM; true when an instruction boundary falls on SYSCALL_AT. */
static bool walk(struct gb_span text, size_t from, size_t syscall_at, struct chain *ret_chain)
{
	ret_chain->count = 0;
	ret_chain->has_number = false;
	while (from < syscall_at) {
		struct gb_code_instruction i = gb_code_decode(gb_span_sub(text, from, 16));

		if (i.length == 0 || ret_chain->count == CHAIN_MAX)
			return false;
		ret_chain->starts[ret_chain->count] = from;
		ret_chain->is_movable[ret_chain->count] = i.is_movable;
		ret_chain->count++;
		if (i.sets_eax) {
			ret_chain->has_number = true;
			ret_chain->number = i.eax;
			ret_chain->number_at = from;
		} else if (i.spoils_eax) {
			ret_chain->has_number = false;
		}
		from += i.length;
	}
	return from == syscall_at;
}

/* Whether a prefix REX makes another register of eax: B extends the operand that is written, R the other one of xor. */
static bool is_other_register(unsigned char before, bool is_xor)
{
	return (before & 0xf0u) == 0x40 && (before & (is_xor ? 0x05u : 0x01u)) != 0;
}

/* The longest chain that starts with `mov $nr,%eax` (b8, 48 c7 c0) or `xor %eax,%eax` and ends at the call. */
static bool find_numbered_chain(struct gb_span text, size_t syscall_at, struct chain *ret_chain)
{
	size_t floor = syscall_at > LOOK_BACK ? syscall_at - LOOK_BACK : 0;

	for (size_t at = syscall_at; at-- > floor;) {
		const unsigned char *p = text.p + at;
		bool is_mov = p[0] == 0xb8 && p[2] <= 1 && p[3] == 0 && p[4] == 0 && syscall_at - at >= 5;
		bool is_wide_mov =
		        p[0] == 0xc7 && p[1] == 0xc0 && p[3] <= 1 && p[4] == 0 && p[5] == 0 && syscall_at - at >= 6;
		bool is_xor = p[0] == 0x31 && p[1] == 0xc0 && syscall_at - at >= 2;

		if (!is_mov && !is_wide_mov && !is_xor)
			continue;
		if (at > 0 && is_other_register(text.p[at - 1], is_xor))
			continue;
		if (walk(text, at, syscall_at, ret_chain))
			return ret_chain->has_number;
	}
	return false;
}

/* The shortest run of whole movable instructions before the call that has room for a jump. A run of 3 or 4 bytes does
 * together with the call itself. 0 when there is none. */
static unsigned head_length(const struct chain *chain, size_t syscall_at, unsigned least)
{
	for (unsigned i = chain->count; i-- > 0;) {
		size_t length = syscall_at - chain->starts[i];

		if (!chain->is_movable[i] || length > 32)
			return 0;
		if (length >= least)
			return (unsigned)length;
	}
	return 0;
}

static unsigned tail_length(struct gb_span text, size_t after)
{
	unsigned length = 0;

	while (length < JUMP_BYTES - SYSCALL_BYTES) {
		struct gb_code_instruction i = gb_code_decode(gb_span_sub(text, after + length, 16));

		if (i.length == 0 || !i.is_movable)
			return 0;
		length += i.length;
	}
	return length;
}

static bool try_head(
        struct gb_span text, const struct chain *chain, size_t syscall_at, unsigned least, struct gb_site *site)
{
	unsigned length = head_length(chain, syscall_at, least);
	size_t start = syscall_at - length;

	/* Whoever jumps behind the patched place would pass it by; whoever jumps into it would crash. */
	if (length == 0 ||
	        (start < chain->untargeted_from && gb_code_is_target(text, start + 1, syscall_at, GB_CODE_REACH)))
		return false;
	site->offset = (uint32_t)start;
	site->length = (uint8_t)length;
	site->shape = length == 5 && text.p[start] == 0xb8 ? GB_SITE_MOV_SYSCALL : GB_SITE_HEAD;
	return true;
}

static bool try_tail(struct gb_span text, size_t syscall_at, struct gb_site *site)
{
	size_t after = syscall_at + SYSCALL_BYTES;
	unsigned length = tail_length(text, after);
	bool is_cmp;

	if (length == 0 || gb_code_is_target(text, syscall_at + 1, after + length - 1, GB_CODE_REACH))
		return false;
	is_cmp = length == 6 && text.p[after] == 0x48 && text.p[after + 1] == 0x3d;
	site->offset = (uint32_t)syscall_at;
	site->length = (uint8_t)length;
	site->shape = is_cmp ? GB_SITE_SYSCALL_CMP : GB_SITE_TAIL;
	return true;
}

enum outcome { SITE_NONE = 0, SITE_FOUND, SITE_UNPATCHABLE };

/* What the functions of a library say about an address in its text. */
enum certainty {
	CODE_NOBODY_KNOWS = 0, /* no function: data, or code without a frame */
	CODE_UNREAD,           /* in a function with instructions that are not known here */
	CODE_INSTRUCTION,
	CODE_INSIDE, /* of an instruction */
};

/* *ret_near: an instruction at most NEAR bytes before AT. */
static enum certainty ask_frames(const struct gb_site_image *image, size_t at, size_t *ret_near)
{
	uint64_t function;

	if (!gb_site_frames_find(&image->frames, image->text_address + at, &function) || function < image->text_address)
		return CODE_NOBODY_KNOWS;
	*ret_near = (size_t)(function - image->text_address);
	for (size_t from = *ret_near; from != at;) {
		unsigned length = gb_code_length(gb_span_sub(image->text, from, 16));

		if (length == 0)
			return CODE_UNREAD;
		if (from > at)
			return CODE_INSIDE;
		if (at - *ret_near > NEAR)
			*ret_near = from;
		from += length;
	}
	return CODE_INSTRUCTION;
}

/* musl's thread that nobody joins unmaps its own stack and ends by the next call. Nothing that would go through here
 * could come back: there is no stack any more. */
static bool is_end_of_thread(struct gb_span text, const struct chain *chain, size_t syscall_at)
{
	size_t after = syscall_at + SYSCALL_BYTES;
	struct chain following;

	if (chain->number != SYS_munmap)
		return false;
	for (size_t next = after; next < after + 16 && next + SYSCALL_BYTES <= text.n; next++)
		if (text.p[next] == 0x0f && text.p[next + 1] == 0x05)
			return find_numbered_chain(text, next, &following) && following.number == SYS_exit &&
			       following.number_at >= after;
	return false;
}

/* NEAR: an instruction a little before the call, when that is known for certain. */
static enum outcome judge(struct gb_span text, size_t syscall_at, const size_t *near, struct gb_site *ret_site)
{
	struct chain chain;
	size_t from;
	bool has_chain = find_numbered_chain(text, syscall_at, &chain);
	bool is_watched = has_chain && gb_site_is_watched(chain.number);
	/* Where the number says that nobody cares, compilers that share one call between two numbers do it by a short jump. */
	bool has_number =
	        has_chain && !gb_code_is_target(text, chain.number_at + 1, syscall_at, is_watched ? GB_CODE_REACH : 0);
	size_t untargeted_from = has_number && is_watched ? chain.number_at : SIZE_MAX;

	if (has_number && (!is_watched || is_end_of_thread(text, &chain, syscall_at)))
		return SITE_NONE;
	if (!has_chain && near != NULL) {
		if (!walk(text, *near, syscall_at, &chain))
			return SITE_UNPATCHABLE;
	} else if (!has_chain) {
		/* The bytes 0f 05 may be the inside of something else. */
		enum gb_code_opinion opinion = gb_code_judge(text, syscall_at, &from);

		if (opinion == GB_CODE_INSIDE)
			return SITE_NONE;
		if (opinion == GB_CODE_UNKNOWN || !walk(text, from, syscall_at, &chain))
			return SITE_UNPATCHABLE;
	}
	*ret_site = (struct gb_site){.number = has_number ? (uint16_t)chain.number : GB_SITE_NUMBER_UNKNOWN};
	chain.untargeted_from = untargeted_from;
	if (try_head(text, &chain, syscall_at, JUMP_BYTES, ret_site))
		return SITE_FOUND;
	if (try_tail(text, syscall_at, ret_site))
		return SITE_FOUND;
	if (try_head(text, &chain, syscall_at, JUMP_BYTES - SYSCALL_BYTES, ret_site))
		return SITE_FOUND;
	return SITE_UNPATCHABLE;
}

/* Offset of the next 0f 05 at or after FROM, or SIZE_MAX. */
static size_t next_syscall(struct gb_span text, size_t from)
{
	from += gb_lanes_without_call(text.p + from, text.n - from);
	for (; from + SYSCALL_BYTES <= text.n; from++)
		if (text.p[from] == 0x0f && text.p[from + 1] == 0x05)
			return from;
	return SIZE_MAX;
}

/* Where data may lie between functions, what is known of them decides; of the rest a number that is set right before the
 * call is proof enough. */
static enum outcome judge_with_frames(const struct gb_site_image *image, size_t syscall_at, struct gb_site *ret_site)
{
	size_t near = 0;
	enum certainty certainty = ask_frames(image, syscall_at, &near);
	enum outcome outcome;
	struct chain chain;

	if (certainty == CODE_INSIDE ||
	        (certainty == CODE_NOBODY_KNOWS && !find_numbered_chain(image->text, syscall_at, &chain)))
		return SITE_NONE;
	outcome = judge(image->text, syscall_at, certainty == CODE_INSTRUCTION ? &near : NULL, ret_site);
	if (certainty == CODE_INSTRUCTION || outcome == SITE_NONE ||
	        (outcome == SITE_FOUND && ret_site->number != GB_SITE_NUMBER_UNKNOWN))
		return outcome;
	return certainty == CODE_UNREAD ? SITE_UNPATCHABLE : SITE_NONE;
}

int gb_site_find(const struct gb_site_image *image, struct gb_site *sites, size_t cap, size_t *ret_unpatchable)
{
	size_t count = 0, unpatchable = 0;
	struct gb_span text = image->text;

	for (size_t at = next_syscall(text, 0); at != SIZE_MAX; at = next_syscall(text, at + SYSCALL_BYTES)) {
		struct gb_site site = {.number = GB_SITE_NUMBER_UNKNOWN};
		enum outcome outcome =
		        image->may_hold_data ? judge_with_frames(image, at, &site) : judge(text, at, NULL, &site);

		if (outcome == SITE_UNPATCHABLE)
			unpatchable++;
		if (outcome == SITE_UNPATCHABLE && image->tells_unpatchable && site.number != GB_SITE_NUMBER_UNKNOWN)
			site = (struct gb_site){
			        .offset = (uint32_t)at, .number = site.number, .shape = GB_SITE_UNPATCHABLE};
		else if (outcome != SITE_FOUND)
			continue;
		if (count == cap)
			return -28; /* ENOSPC */
		site.offset += (uint32_t)image->text_address;
		sites[count++] = site;
	}
	if (ret_unpatchable != NULL)
		*ret_unpatchable = unpatchable;
	return (int)count;
}
