/*
 * Formatted messages: log lines, the console, assertions and the end of the program.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

#define LINE_SIZE 512
#define HEXDUMP_WIDTH 16

/* Rust: writes a finished line to standard error. */
void port_log_line(const char *line, size_t length);

static size_t clipped(int length)
{
	return length < 0 ? 0 : MIN((size_t)length, (size_t)LINE_SIZE - 1);
}

static size_t start_line(char *line, int level, const char *module)
{
	static const char *const names[] = {"???", "err", "wrn", "inf", "dbg"};
	const int64_t now = k_uptime_get();
	const char *name = level > 0 && level <= LOG_LEVEL_DBG ? names[level] : names[0];

	return clipped(snprintf(line, LINE_SIZE, "[%6lld.%03lld] <%s> %s: ",
				(long long)(now / 1000), (long long)(now % 1000), name, module));
}

static void end_line(char *line, size_t length)
{
	/* The terminator's place is the last one: a line that was cut ends there. */
	line[length] = '\n';
	port_log_line(line, length + 1);
}

void port_log_write(int level, const char *module, const char *format, ...)
{
	const int saved_errno = errno;
	char line[LINE_SIZE];
	size_t length = start_line(line, level, module);
	va_list arguments;

	va_start(arguments, format);
	length += clipped(vsnprintf(&line[length], LINE_SIZE - length, format, arguments));
	va_end(arguments);
	end_line(line, MIN(length, (size_t)LINE_SIZE - 1));
	errno = saved_errno;
}

void port_log_hexdump(int level, const char *module, const void *data, size_t length,
		      const char *title)
{
	const unsigned char *bytes = data;

	port_log_write(level, module, "%s", title);
	for (size_t row = 0; row < length; row += HEXDUMP_WIDTH) {
		char hex[HEXDUMP_WIDTH * 3 + 1] = "";
		char text[HEXDUMP_WIDTH + 1] = "";

		for (size_t i = 0; i < HEXDUMP_WIDTH && row + i < length; i++) {
			const unsigned char byte = bytes[row + i];

			snprintf(&hex[i * 3], 4, "%02x ", byte);
			text[i] = (char)(isprint(byte) ? byte : '.');
		}
		port_log_write(level, module, "%-48s|%s", hex, text);
	}
}

void vprintk(const char *format, va_list arguments)
{
	vprintf(format, arguments);
	fflush(stdout);
}

void printk(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintk(format, arguments);
	va_end(arguments);
}

void port_assert_failed(const char *file, int line, const char *condition, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "ASSERTION FAIL [%s] @ %s:%d", condition, file, line);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	abort();
}

void port_panic(const char *file, int line)
{
	fprintf(stderr, "KERNEL PANIC @ %s:%d\n", file, line);
	abort();
}
