/*
 * One entry of zsock_poll().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_NET_SOCKET_POLL_H_
#define ZEPHYR_HOST_NET_SOCKET_POLL_H_

#include <zephyr/sys/fdtable.h>

#define zsock_pollfd zvfs_pollfd

#endif /* ZEPHYR_HOST_NET_SOCKET_POLL_H_ */
