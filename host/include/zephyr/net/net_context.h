/*
 * The native stack's connection, which the PC port has not: a name only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef ZEPHYR_HOST_NET_NET_CONTEXT_H_
#define ZEPHYR_HOST_NET_NET_CONTEXT_H_

#include <zephyr/kernel.h>
#include <zephyr/net/net_core.h>
#include <zephyr/net/net_ip.h>

struct net_context;

#endif /* ZEPHYR_HOST_NET_NET_CONTEXT_H_ */
