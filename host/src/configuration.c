/*
 * The program's Kconfig values for the Rust part of the port, which is compiled once for all programs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <zephyr/kernel.h>

struct port_configuration {
	int open_max;
	int poll_max;
	int connect_timeout_ms;
	int max_send_wait_ms;
	int tls_content_len;
};

extern const struct port_configuration port_configuration;

const struct port_configuration port_configuration = {
	.open_max = CONFIG_ZVFS_OPEN_MAX,
	.poll_max = CONFIG_ZVFS_POLL_MAX,
	.connect_timeout_ms = CONFIG_NET_SOCKETS_CONNECT_TIMEOUT,
	.max_send_wait_ms = CONFIG_NET_SOCKET_MAX_SEND_WAIT,
	.tls_content_len = CONFIG_MBEDTLS_SSL_MAX_CONTENT_LEN,
};
