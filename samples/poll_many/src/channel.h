/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * One entry of the poll: a descriptor, what is done when it is readable, and how much went over it.
 */
#ifndef POLL_MANY_CHANNEL_H_
#define POLL_MANY_CHANNEL_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zephyr/kernel.h>

#if defined(CONFIG_ZEPHYR_HOST)
/* A program of a PC. */
#define LARGEST_SIZE 4096
#else
#define LARGEST_SIZE CONFIG_POLL_MANY_LARGEST
#endif

#define WEBSOCKETS 4
/** A datagram that has not come back after this time is sent again. */
#define RESEND_MS 500
/** A server that is silent for so long has failed. */
#define SILENCE_MS 10000

struct channel;

/** What kinds of channels do differently. All return 0, or -1 after a message. */
struct channel_methods {
	/** Sends message number `sent` of channel->len octets from `outgoing`. */
	int (*send)(struct channel *channel);
	/** Takes what is there, without waiting. */
	int (*receive)(struct channel *channel);
	/** Time has passed and nothing came. */
	int (*idle)(struct channel *channel);
	/** All messages came back: begins the end, which may take more of receive(). */
	int (*finish)(struct channel *channel);
};

struct channel {
	const struct channel_methods *methods;
	const char *name;
	unsigned int number;
	int polled;     /* the descriptor in the poll, -1 when there is nothing to wait for any more */
	int socket;     /* the TCP or UDP socket */
	bool is_closing;
	bool is_closed; /* as it should be */

	/* The message on its way. */
	size_t len;
	size_t received;
	int64_t last_ms; /* when something was last sent or received */

	/* What has come back. */
	unsigned int messages;
	size_t octets;
	unsigned int resent;
};

/** Memory for one outgoing message. */
extern uint8_t outgoing[LARGEST_SIZE];

/** The pattern of a channel's message on its way. */
static inline uint32_t channel_seed(const struct channel *channel)
{
	return channel->number * 1000003U + channel->messages;
}

/** Sends the next message. */
int channel_send(struct channel *channel);

/** Compares octets of the message on its way. @return 0, or -1 after a message. */
int channel_compare(struct channel *channel, const uint8_t *octets, size_t len);

/** The message is complete: counts it, then sends the next or begins the end. */
int channel_next(struct channel *channel, unsigned int wanted);

/** How many messages each channel exchanges. */
extern unsigned int messages_wanted;

/* ---------------------------------------------------------------------------------- websocket.c */

/** Connects a channel through TCP and the opening handshake. */
int websocket_open(struct channel *channel, const char *server, uint16_t port);

/* ----------------------------------------------------------------------------------- datagram.c */

/** A UDP socket that talks to an echo server. */
int datagram_open(struct channel *channel, const char *server, uint16_t port);

/** A UDP socket that is the echo server. */
int echo_open(struct channel *channel, const char *server, uint16_t port);

#endif /* POLL_MANY_CHANNEL_H_ */
