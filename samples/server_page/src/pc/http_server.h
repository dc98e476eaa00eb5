/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The HTTP server of the PC: the page's files, and the way to the websocket.
 */
#ifndef SERVER_PAGE_HTTP_SERVER_H_
#define SERVER_PAGE_HTTP_SERVER_H_

#include <stdint.h>

#include <zephyr/kernel.h>

/** Listens on 127.0.0.1. @return the port, or a negative errno. */
int http_server_open(uint16_t port);

/** Serves until `is_ending` is set. */
void http_server_run(const atomic_t *is_ending);

#endif /* SERVER_PAGE_HTTP_SERVER_H_ */
