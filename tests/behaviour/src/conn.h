/*
 * Both ends of a connection in one process: the application's TCP socket, the websocket on it, and the peer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BEHAVIOUR_CONN_H_
#define BEHAVIOUR_CONN_H_

#include <zephyr/net/websocket.h>

#include "peer.h"

/* Zephyr has these in lib/os/fdtable.c and in no header. 3.7 knows no offset, and does not look for one. */
ssize_t zvfs_read(int fd, void *buf, size_t sz, const size_t *from_offset);
ssize_t zvfs_write(int fd, const void *buf, size_t sz, const size_t *from_offset);

#define CONN_TMP_SIZE 256
#define CONN_HOST "ws.example:8080"
#define CONN_URL "/chat"

/* Descriptors are -1 when closed. */
struct conn {
	int tcp;            /* the socket that the application gives to the library */
	int ws;             /* the websocket on it */
	int peer;           /* the other end of tcp, which the test plays */
	bool is_server;     /* the library is the server of this connection */
	bool sends_unmasked; /* the library's frames are expected without mask */
	int error;          /* errno after websocket_connect() */
	int64_t elapsed_ms; /* how long it took */
	struct websocket_request request;
	uint8_t tmp[CONN_TMP_SIZE];
};

/* One for every slot and one more. */
#define CONNS (CONFIG_WEBSOCKET_MAX_CONTEXTS + 1)
extern struct conn conns[CONNS];

/* IPPROTO_TLS_1_2 or IPPROTO_TLS_1_3: connections of this test are opened over TLS. 0: over TCP. */
extern int conn_tls_protocol;

/* One end of a TCP connection over the loopback interface; `between` its socket() and its connect(). And the other one. */
int conn_connect(void (*between)(void));
int conn_accept(void);

/* Two ends of a TCP connection over the loopback interface. */
void conn_tcp_pair(int *connecting, int *accepting);

/* A TCP connection and a request for it that a test may change before conn_handshake(). */
void conn_prepare(struct conn *c);

/* websocket_connect() against the script: its result. The script NULL is a server that accepts. */
int conn_handshake(struct conn *c, const struct peer_script *script, int32_t timeout_ms, void *user_data);

/* Both at once, as a client; the handshake must succeed. */
void conn_open(struct conn *c);
/* The same with raw octets of the peer that come in one segment with its response. */
void conn_open_with(struct conn *c, const void *tail, size_t tail_len);

/* The same for websocket_register(). */
void conn_open_server(struct conn *c);

/* A send buffer as small as the system allows, for a peer that does not read; before the handshake. */
void conn_shrink_buffers(struct conn *c);

/* Closes websocket, TCP socket and peer, whatever of them is open. */
void conn_close(struct conn *c);

/* Slots in use, as websocket_context_foreach() shows them. */
int slots_used(void);

/* Waits until data (or the end) has arrived at a socket. */
void wait_readable(int sock);

/* Before and after every test: nothing of the last one is left over. */
void conn_before_test(void *fixture);
void conn_after_test(void *fixture);

#endif /* BEHAVIOUR_CONN_H_ */
