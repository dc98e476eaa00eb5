/*
 * Console output.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_SYS_PRINTK_H_
#define ZEPHYR_HOST_SYS_PRINTK_H_

#include <stdarg.h>
#include <stdio.h>

#include <zephyr/toolchain.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Prints to the console, which is standard output. */
__printf_like(1, 2) void printk(const char *format, ...);
/** The same with a started argument list. */
__printf_like(1, 0) void vprintk(const char *format, va_list arguments);

#define snprintk snprintf
#define vsnprintk vsnprintf

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_HOST_SYS_PRINTK_H_ */
