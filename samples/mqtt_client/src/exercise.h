/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the application does with its connection: messages that come back to it, and what was seen of them.
 */
#ifndef EXERCISE_H_
#define EXERCISE_H_

#include "client.h"

#if defined(CONFIG_ZEPHYR_HOST)
/* A program of a PC. */
#define PAYLOAD_MAX 300000
#else
#define PAYLOAD_MAX CONFIG_MQTT_CLIENT_PAYLOAD_MAX
#endif

/** A broker that is silent for so long has failed. */
#define EXERCISE_STEP_MS 10000

/** What was exchanged. */
struct tally {
	/** Messages that came back right, by QoS. */
	uint32_t messages[CLIENT_QOS_MAX + 1];
	uint64_t octets;
};

/** Prepares a client for the functions below. */
void exercise_prepare(struct client *client);

/** Subscribes to the topic that the application publishes to. @return 0 or a negative errno */
int exercise_subscribe(struct client *client);

/**
 * Publishes messages of QoS 0, 1 and 2 and of every length that may matter, and compares what comes back.
 * @return 0, -EILSEQ: a message came back wrong, twice or uncalled for; another negative errno: the connection is lost
 */
int exercise_all(struct client *client, struct tally *tally);

/** The same with a few lengths, after a reconnect. @return as exercise_all() */
int exercise_few(struct client *client, struct tally *tally);

/** One message there and back. @return as exercise_all() */
int exercise_one(struct client *client, uint8_t qos, size_t len, struct tally *tally);

#endif /* EXERCISE_H_ */
