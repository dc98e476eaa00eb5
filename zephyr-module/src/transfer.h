/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The socket methods that carry data.
 */
#ifndef ZWS_TRANSFER_H_
#define ZWS_TRANSFER_H_

#include <zephyr/net/socket.h>

ssize_t zws_recvfrom(void *object, void *buffer, size_t size, int flags, struct sockaddr *source,
		     socklen_t *source_len);
ssize_t zws_recvmsg(void *object, struct msghdr *msg, int flags);
ssize_t zws_sendto(void *object, const void *buffer, size_t len, int flags, const struct sockaddr *target,
		   socklen_t target_len);
ssize_t zws_sendmsg(void *object, const struct msghdr *msg, int flags);

#endif /* ZWS_TRANSFER_H_ */
