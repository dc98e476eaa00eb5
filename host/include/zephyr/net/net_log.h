/*
 * The network log macros under the name that some code includes them by.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_NET_NET_LOG_H_
#define ZEPHYR_HOST_NET_NET_LOG_H_

#include <zephyr/net/net_core.h>

#endif /* ZEPHYR_HOST_NET_NET_LOG_H_ */
