/*
 * The server's half of the opening handshake, made without the library under test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BEHAVIOUR_PEER_HANDSHAKE_H_
#define BEHAVIOUR_PEER_HANDSHAKE_H_

#include <stdbool.h>
#include <stddef.h>

/* Characters of Sec-WebSocket-Key and of Sec-WebSocket-Accept. */
#define HANDSHAKE_KEY_LEN 24
#define HANDSHAKE_ACCEPT_LEN 28

/* The answer to a key (RFC 6455 §4.2.2), terminated. */
void handshake_accept(const char key[HANDSHAKE_KEY_LEN], char accept[HANDSHAKE_ACCEPT_LEN + 1]);

/* Whether a key is the base64 of exactly 16 octets. */
bool handshake_key_is_valid(const char key[HANDSHAKE_KEY_LEN]);

/* The key inside a request, or NULL. */
const char *handshake_find_key(const char *request);

/*
 * Writes a response. In the template
 *   $A is the right answer,        $P the right answer without its last character,
 *   $L the right answer and a '=', $X the right answer with another last letter,
 *   $C the right answer with the case of its letters changed.
 * Returns its length.
 */
size_t handshake_response(const char *template, const char *key, char *response, size_t size);

#endif /* BEHAVIOUR_PEER_HANDSHAKE_H_ */
