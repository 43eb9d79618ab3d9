/* SPDX-License-Identifier: Apache-2.0 */
#include "base/format.h"

#include <errno.h>
#include <limits.h>

/* One conversion, as its letters say it. */
struct conversion {
	bool is_left;
	bool has_zeros;
	bool has_precision;
	unsigned width;
	unsigned precision;
	unsigned longs; /* l, ll; z is as long as l */
};

static void add_cut(struct gb_text *text, struct gb_span s)
{
	const size_t room = text->cap - text->n;

	gb_text_add(text, gb_span_sub(s, 0, room));
	text->truncated |= s.n > room;
}

static void add_padding(struct gb_text *text, char c, size_t n)
{
	while (n-- > 0)
		add_cut(text, gb_span_of(&c, 1));
}

static void add_padded(struct gb_text *text, const struct conversion *conversion, struct gb_span s)
{
	const size_t padding = conversion->width > s.n ? conversion->width - s.n : 0;

	if (!conversion->is_left && conversion->has_zeros && s.n != 0 && s.p[0] == '-') {
		add_cut(text, GB_SPAN("-"));
		s = gb_span_sub(s, 1, SIZE_MAX);
	}
	if (!conversion->is_left)
		add_padding(text, conversion->has_zeros ? '0' : ' ', padding);
	add_cut(text, s);
	if (conversion->is_left)
		add_padding(text, ' ', padding);
}

#define DIGITS_MAX 24u

/* The digits of VALUE to BASE at the end of BUFFER, which has DIGITS_MAX bytes. */
static struct gb_span digits_of(unsigned char *buffer, uint64_t value, unsigned base, bool is_negative)
{
	size_t at = DIGITS_MAX;

	do {
		buffer[--at] = (unsigned char)"0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	if (is_negative)
		buffer[--at] = '-';
	return gb_span_of(buffer + at, DIGITS_MAX - at);
}

/* At most PRECISION bytes of S are looked at: it may lack its NUL. */
static struct gb_span string_of(const char *s, const struct conversion *conversion)
{
	const size_t most = conversion->has_precision ? conversion->precision : SIZE_MAX;
	size_t n = 0;

	if (s == NULL)
		s = "(null)";
	while (n < most && s[n] != '\0')
		n++;
	return gb_span_of(s, n);
}

/* A list that functions can share: an array type on some machines. */
struct arguments {
	va_list list;
};

static const char *read_number(const char *format, struct arguments *arguments, int *ret_number)
{
	*ret_number = 0;
	if (*format == '*') {
		*ret_number = va_arg(arguments->list, int);
		return format + 1;
	}
	for (; gb_ascii_is_digit((unsigned char)*format); format++)
		if (*ret_number < INT_MAX / 16)
			*ret_number = *ret_number * 10 + (*format - '0');
	return format;
}

/* What stands between the % and the letter; the result is the letter's place. */
static const char *read_options(const char *format, struct arguments *arguments, struct conversion *conversion)
{
	int number;

	for (; *format == '-' || *format == '0'; format++) {
		conversion->is_left |= *format == '-';
		conversion->has_zeros |= *format == '0';
	}
	format = read_number(format, arguments, &number);
	conversion->is_left |= number < 0;
	conversion->width = number < 0 ? 0u - (unsigned)number : (unsigned)number;
	if (*format == '.') {
		format = read_number(format + 1, arguments, &number);
		conversion->has_precision = number >= 0;
		conversion->precision = number < 0 ? 0 : (unsigned)number;
	}
	for (; *format == 'l' || *format == 'z' || *format == 'h'; format++)
		conversion->longs += *format != 'h';
	return format;
}

static int64_t take_signed(struct arguments *arguments, unsigned longs)
{
	if (longs > 1)
		return va_arg(arguments->list, long long);
	return longs == 1 ? va_arg(arguments->list, long) : va_arg(arguments->list, int);
}

static uint64_t take_unsigned(struct arguments *arguments, unsigned longs)
{
	if (longs > 1)
		return va_arg(arguments->list, unsigned long long);
	return longs == 1 ? va_arg(arguments->list, unsigned long) : va_arg(arguments->list, unsigned);
}

/* The conversion behind the % at FORMAT; the result is what stands behind it. */
static const char *add_conversion(struct gb_text *text, const char *format, struct arguments *arguments)
{
	struct conversion conversion = {0};
	const char *end = read_options(format + 1, arguments, &conversion);
	unsigned char buffer[DIGITS_MAX];
	int64_t number;

	switch (*end) {
	case '%': add_cut(text, GB_SPAN("%")); break;
	case 's': add_padded(text, &conversion, string_of(va_arg(arguments->list, const char *), &conversion)); break;
	case 'c':
		buffer[0] = (unsigned char)va_arg(arguments->list, int);
		add_padded(text, &conversion, gb_span_of(buffer, 1));
		break;
	case 'd':
	case 'i':
		number = take_signed(arguments, conversion.longs);
		add_padded(text, &conversion,
		        digits_of(buffer, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 10, number < 0));
		break;
	case 'u':
	case 'x':
		add_padded(text, &conversion,
		        digits_of(buffer, take_unsigned(arguments, conversion.longs), *end == 'x' ? 16 : 10, false));
		break;
	default: add_cut(text, gb_span_of(format, (size_t)(end - format) + (*end != '\0'))); break;
	}
	return *end != '\0' ? end + 1 : end;
}

void gb_text_format_list(struct gb_text *text, const char *format, va_list list)
{
	struct arguments arguments;

	va_copy(arguments.list, list);
	while (*format != '\0') {
		const char *start = format;

		while (*format != '\0' && *format != '%')
			format++;
		add_cut(text, gb_span_of(start, (size_t)(format - start)));
		if (*format == '%')
			format = add_conversion(text, format, &arguments);
	}
	va_end(arguments.list);
}

void gb_text_format(struct gb_text *text, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	gb_text_format_list(text, format, list);
	va_end(list);
}

int gb_format(char *to, size_t cap, const char *format, ...)
{
	struct gb_text text = gb_text_on(to, cap);
	va_list list;

	va_start(list, format);
	gb_text_format_list(&text, format, list);
	va_end(list);
	(void)gb_text_cstr(&text);
	return text.truncated ? -ENAMETOOLONG : (int)text.n;
}
