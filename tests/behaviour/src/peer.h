/*
 * A scripted server: reads a request, answers as the script says. It runs during the handshake only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BEHAVIOUR_PEER_H_
#define BEHAVIOUR_PEER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER_SWITCH "HTTP/1.1 101 Switching Protocols\r\n"
#define PEER_UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define PEER_ACCEPT "Sec-WebSocket-Accept: $A\r\n"
#define PEER_GOOD PEER_SWITCH PEER_UPGRADE PEER_ACCEPT "\r\n"

/* All-zero is a server that accepts. */
struct peer_script {
	const char *response;  /* with $A and so on, see peer_handshake.h; NULL: PEER_GOOD */
	const void *tail;      /* raw octets that leave together with the response */
	size_t tail_len;
	uint16_t first;        /* octets in the first piece; 0: everything in one piece */
	uint16_t piece;        /* octets in each further piece; 0: the rest */
	uint16_t pause_ms;     /* between pieces */
	uint16_t delay_ms;     /* before the response */
	uint16_t filler_lines; /* header lines of 64 octets after the first line */
	bool silent;           /* never answers */
	bool closes;           /* closes the connection in the end */
};

/* What the last handshake looked like. */
extern char peer_request[1024];
extern size_t peer_request_len;
/* Octets of the last response, without its tail. */
extern size_t peer_response_len;

/* Serves one handshake on `sock` in a thread of its own. */
void peer_start(int sock, const struct peer_script *script);

/* Waits for the end of that thread. Returns whether it has closed its socket. */
bool peer_join(void);

#endif /* BEHAVIOUR_PEER_H_ */
