/*
 * The server: its socket, its half of the handshake, what it has received.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef DIFFERENTIAL_PEER_H_
#define DIFFERENTIAL_PEER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER_PORT 9001

void peer_start(void);

/* For the next connection: what follows the response in the same segment. */
void peer_expect(const uint8_t *behind, size_t len);

bool peer_is_connected(void);

/* Sends now, or while the application waits in its next call. */
void peer_send(const uint8_t *octets, size_t len);
void peer_send_in(int delay_ms, const uint8_t *octets, size_t len);

/* Sends no more. */
void peer_end_stream(void);

/* Whether it reads what comes. */
void peer_pause(bool is_paused);

/* Lets the network come to rest and prints every frame that the peer has received meanwhile. */
void peer_print_received(void);

/* Closes the connection. */
void peer_close(void);

uint32_t digest_of(const uint8_t *octets, size_t len);

#endif /* DIFFERENTIAL_PEER_H_ */
