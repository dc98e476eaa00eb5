/*
 * Logging to standard error.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * A line is written if its level is within the module's (LOG_MODULE_REGISTER) and within ZEPHYR_LOG, an environment
 * variable with the value off, err, wrn (the default), inf or dbg.
 */
#ifndef ZEPHYR_HOST_LOGGING_LOG_H_
#define ZEPHYR_HOST_LOGGING_LOG_H_

#include <stdbool.h>
#include <stddef.h>

#include <zephyr/sys/printk.h>
#include <zephyr/sys/util.h>
#include <zephyr/toolchain.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LOG_LEVEL_NONE 0
#define LOG_LEVEL_ERR 1
#define LOG_LEVEL_WRN 2
#define LOG_LEVEL_INF 3
#define LOG_LEVEL_DBG 4

/** Is a line of this level written? */
bool port_log_enabled(int level);
__printf_like(3, 4) void port_log_write(int level, const char *module, const char *format, ...);
void port_log_hexdump(int level, const char *module, const void *data, size_t length,
		      const char *title);

/* LOG_MODULE_REGISTER(name) or LOG_MODULE_REGISTER(name, level). */
#define LOG_MODULE_REGISTER(...) PORT_LOG_MODULE(__VA_ARGS__, CONFIG_LOG_DEFAULT_LEVEL, ~)
#define LOG_MODULE_DECLARE(...) PORT_LOG_MODULE(__VA_ARGS__, CONFIG_LOG_DEFAULT_LEVEL, ~)
#define PORT_LOG_MODULE(name, level, ...)                                                          \
	static const char port_log_module[] __unused = STRINGIFY(name);                            \
	enum { port_log_level = (level) }

#define PORT_LOG(level, ...)                                                                       \
	do {                                                                                       \
		if ((level) <= (int)port_log_level && port_log_enabled(level)) {                   \
			port_log_write(level, port_log_module, __VA_ARGS__);                       \
		}                                                                                  \
	} while (0)
#define LOG_ERR(...) PORT_LOG(LOG_LEVEL_ERR, __VA_ARGS__)
#define LOG_WRN(...) PORT_LOG(LOG_LEVEL_WRN, __VA_ARGS__)
#define LOG_INF(...) PORT_LOG(LOG_LEVEL_INF, __VA_ARGS__)
#define LOG_DBG(...) PORT_LOG(LOG_LEVEL_DBG, __VA_ARGS__)
#define LOG_PRINTK(...) printk(__VA_ARGS__)
#define LOG_RAW(...) printk(__VA_ARGS__)

#define PORT_LOG_HEXDUMP(level, data, length, title)                                               \
	do {                                                                                       \
		if ((level) <= (int)port_log_level && port_log_enabled(level)) {                   \
			port_log_hexdump(level, port_log_module, data, length, title);             \
		}                                                                                  \
	} while (0)
#define LOG_HEXDUMP_ERR(data, length, title) PORT_LOG_HEXDUMP(LOG_LEVEL_ERR, data, length, title)
#define LOG_HEXDUMP_WRN(data, length, title) PORT_LOG_HEXDUMP(LOG_LEVEL_WRN, data, length, title)
#define LOG_HEXDUMP_INF(data, length, title) PORT_LOG_HEXDUMP(LOG_LEVEL_INF, data, length, title)
#define LOG_HEXDUMP_DBG(data, length, title) PORT_LOG_HEXDUMP(LOG_LEVEL_DBG, data, length, title)

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_HOST_LOGGING_LOG_H_ */
