/*
 * The network log macros.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_NET_NET_CORE_H_
#define ZEPHYR_HOST_NET_NET_CORE_H_

#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

#define NET_DBG(format, ...) LOG_DBG("%s(): " format, __func__, ##__VA_ARGS__)
#define NET_ERR(format, ...) LOG_ERR(format, ##__VA_ARGS__)
#define NET_WARN(format, ...) LOG_WRN(format, ##__VA_ARGS__)
#define NET_INFO(format, ...) LOG_INF(format, ##__VA_ARGS__)
#define NET_HEXDUMP_DBG(data, length, title) LOG_HEXDUMP_DBG(data, length, title)
#define NET_ASSERT(condition, ...) __ASSERT(condition, "" __VA_ARGS__)

#endif /* ZEPHYR_HOST_NET_NET_CORE_H_ */
