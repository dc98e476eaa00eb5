/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Sec-WebSocket-Accept.
 */
#ifndef SERVER_PAGE_ACCEPT_KEY_H_
#define SERVER_PAGE_ACCEPT_KEY_H_

#include <stddef.h>
#include <stdint.h>

#define ACCEPT_KEY_LEN 28
#define SHA1_LEN 20

/** The answer to a Sec-WebSocket-Key of 24 characters; ended by a zero. */
void accept_key(const char *key, char accept[ACCEPT_KEY_LEN + 1]);

/** The SHA-1 of a message. */
void sha1(const uint8_t *message, size_t len, uint8_t digest[SHA1_LEN]);

#endif /* SERVER_PAGE_ACCEPT_KEY_H_ */
