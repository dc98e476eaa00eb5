/*
 * Assertions that end the program with the place they stand at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_SYS_ASSERT_H_
#define ZEPHYR_HOST_SYS_ASSERT_H_

#include <zephyr/toolchain.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Prints the place and the message and aborts. */
FUNC_NORETURN __printf_like(4, 5)
void port_assert_failed(const char *file, int line, const char *condition, const char *format, ...);

#ifdef __cplusplus
}
#endif

#if defined(CONFIG_ASSERT) && CONFIG_ASSERT
#define __ASSERT(condition, ...)                                                                   \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			port_assert_failed(__FILE__, __LINE__, #condition, " " __VA_ARGS__);       \
		}                                                                                  \
	} while (0)
#else
#define __ASSERT(condition, ...)                                                                   \
	do {                                                                                       \
	} while (0 && (condition))
#endif
#define __ASSERT_NO_MSG(condition) __ASSERT(condition, "")
#define __ASSERT_EVAL(expression_if_off, expression_if_on, condition, ...)                         \
	do {                                                                                       \
		expression_if_on;                                                                  \
		__ASSERT(condition, __VA_ARGS__);                                                  \
	} while (0)

#endif /* ZEPHYR_HOST_SYS_ASSERT_H_ */
