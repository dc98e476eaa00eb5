/*
 * The time type of sockets.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_NET_SOCKET_TYPES_H_
#define ZEPHYR_HOST_NET_SOCKET_TYPES_H_

#include <sys/time.h>

#include <zephyr/types.h>

#define zsock_timeval timeval

#endif /* ZEPHYR_HOST_NET_SOCKET_TYPES_H_ */
