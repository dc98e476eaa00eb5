/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of the application share: sizes, the server, and what was exchanged.
 */
#ifndef ECHO_CLIENT_H_
#define ECHO_CLIENT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zephyr/kernel.h>

#include "pattern.h"

#if defined(CONFIG_ZEPHYR_HOST)
/* A program of a PC; the server comes from its command line. */
#define LARGE_SIZE (64 * 1024)
#define LARGEST_SIZE (1024 * 1024)
#else
#define LARGE_SIZE CONFIG_ECHO_CLIENT_LARGE
#define LARGEST_SIZE CONFIG_ECHO_CLIENT_LARGEST
#endif

/** Round trips are of 0 octets to this. */
#define ROUND_SIZE_MAX 4096

/** A server that is silent for so long has failed. */
#define TIMEOUT_MS 10000

/** Where the echo server is. */
struct server {
	char host[64];
	char port[6];
	char path[128];
	/* wss:// */
	bool is_tls;
};

/** A TCP connection and the websocket over it. */
struct connection {
	int socket;
	int websocket;
};

/** What was exchanged. */
struct tally {
	unsigned int connections;
	unsigned int messages;
	size_t octets;
};

/* ------------------------------------------------------------------------------------- server.c */

/** Takes ws://host[:port][/path], or wss://, apart. @return 0 or -EINVAL. */
int server_parse(const char *url, struct server *server);

/** Connects and does the opening handshake; says so. @return 0 or a negative errno. */
int server_connect(const struct server *server, struct connection *connection);

/** Waits, not for ever, for the server to end the TCP connection, and closes the socket. */
void server_leave(const struct connection *connection);

/* -------------------------------------------------------------------------------- tls.c, on a PC */

/** Trusts the authorities of a PEM file. @return 0, or a negative errno after a message. */
int tls_trust(const char *path);

/** A TLS socket that connects to no other server than this. @return as zsock_socket(). */
int tls_socket(int family, const char *host);

/* -------------------------------------------------- the exercises: @return 0, or -1 after a message */

/** websocket_send_msg(), websocket_recv_msg(), websocket_disconnect(). */
int exercise_messages(const struct server *server, struct tally *tally);

/** send(), poll(), recv() and close() on the websocket's descriptor. */
int exercise_stream(const struct server *server, struct tally *tally);

/** `count` messages of all sizes there and back. */
int exercise_rounds(const struct server *server, unsigned int count);

/* ---------------------------------------------------------------------- used by several exercises */

/** Memory for one outgoing message, as a frame is sent from contiguous memory. */
extern uint8_t outgoing[MAX(LARGEST_SIZE, ROUND_SIZE_MAX)];

/** Frames and calls of one message. */
struct arrival {
	unsigned int frames;
	unsigned int calls;
};

/**
 * Receives one message with websocket_recv_msg() through a small buffer and compares it on the way.
 * @param flag WEBSOCKET_FLAG_TEXT, _BINARY or _PONG: what it has to be
 */
int receive_message(int websocket, uint32_t flag, const struct pattern *expected, size_t len,
		    struct arrival *arrival);

/** Microseconds since boot. */
static inline uint64_t now_us(void)
{
	return k_ticks_to_us_floor64(k_uptime_ticks());
}

#endif /* ECHO_CLIENT_H_ */
