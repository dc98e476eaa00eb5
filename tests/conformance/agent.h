/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the conformance agent share.
 */
#ifndef TESTS_CONFORMANCE_AGENT_H_
#define TESTS_CONFORMANCE_AGENT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest wait for the server. It ends cases by itself long before. */
#define TIMEOUT_MS 60000
/* The longest message of the suite. */
#define MESSAGE_MAX (16 * 1024 * 1024)

/* Octets of data frames in one direction, and their checksum. */
struct sum {
	uint64_t octets;
	uint32_t crc;
};

/* Both directions of one case. */
struct tally {
	struct sum received;
	struct sum sent;
};

void sum_add(struct sum *sum, const void *data, size_t len);

/* Where the server is. */
struct server {
	const char *host;
	const char *port;
	/* File of the certificate that TLS trusts; NULL: plain TCP. */
	const char *authority;
};

/* A connected socket, or a negative errno. */
int connection_open(const struct server *server);
/* The websocket over it, or a negative errno. */
int connection_upgrade(int sock, const struct server *server, const char *path);
/* Waits for the server to end the stream below, which RFC 6455 section 7.1.1 asks of clients, and closes it. */
int connection_finish(int sock);

/*
 * The agents: each echoes until the end of the websocket and returns 0 (the server closed, or was told of its
 * error) or a negative errno.
 */
int echo_message(int websocket, struct tally *tally);
int echo_socket(int websocket, struct tally *tally);
/* These must fail the harness: they prove that it notices. */
int flawed_mute(int sock, const struct server *server, const char *path);
int flawed_naive(int sock, const struct server *server, const char *path, bool corrupts, struct tally *tally);

/* For agents that hold whole messages. Pages that nobody touches are no memory. */
extern uint8_t whole_message[MESSAGE_MAX + 1];

#endif /* TESTS_CONFORMANCE_AGENT_H_ */
