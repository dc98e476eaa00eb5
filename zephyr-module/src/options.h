/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The socket methods that ask and set: options, names, shutdown.
 */
#ifndef ZWS_OPTIONS_H_
#define ZWS_OPTIONS_H_

#include <zephyr/net/socket.h>

int zws_shutdown(void *object, int how);
int zws_getsockopt(void *object, int level, int name, void *value, socklen_t *len);
int zws_setsockopt(void *object, int level, int name, const void *value, socklen_t len);
int zws_getpeername(void *object, struct sockaddr *address, socklen_t *len);
int zws_getsockname(void *object, struct sockaddr *address, socklen_t *len);

#endif /* ZWS_OPTIONS_H_ */
