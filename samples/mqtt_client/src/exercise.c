/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Publishes to a topic it is subscribed to. A payload is made from its message's number, and compared while it is read.
 */
#include "exercise.h"

#include <errno.h>
#include <string.h>

#include <zephyr/kernel.h>

#define TOPIC "zephyr-websocket/mqtt_client"
/* So many octets of a packet are counted by its length field, beside the payload. */
#define TOPIC_SIZE (sizeof(uint16_t) + sizeof(TOPIC) - 1)

/* The message that is under way. */
static struct {
	uint32_t number;
	size_t len;
	uint8_t qos;
	uint32_t came;
	int error;
} expected;

static uint8_t payload[PAYLOAD_MAX];

/* A multiplicative hash of the position, so that swapped, lost or repeated pieces differ. */
static uint8_t octet_at(uint32_t number, size_t position)
{
	return (uint8_t)((((uint32_t)position + number * 7919U) * 2654435761U) >> 24);
}

static int compare_payload(struct client *client)
{
	static uint8_t piece[1024];
	size_t position = 0;
	int ret;

	while ((ret = client_read_payload(client, piece, sizeof(piece))) > 0) {
		for (int i = 0; i < ret; i++, position++) {
			if (piece[i] != octet_at(expected.number, position)) {
				printk("error: octet %zu of %zu is not what was sent\n", position, expected.len);
				return -EILSEQ;
			}
		}
	}

	return ret;
}

static void on_message(struct client *client, const struct message *message)
{
	const bool is_ours = message->topic_len == strlen(TOPIC) &&
			     memcmp(message->topic, TOPIC, message->topic_len) == 0;

	if (!is_ours || message->qos != expected.qos || message->payload_len != expected.len ||
	    expected.came > 0) {
		printk("error: a message of %zu octets and QoS %u came, expected one of %zu and %u, %u times before\n",
		       message->payload_len, message->qos, expected.len, expected.qos, expected.came);
		expected.error = -EILSEQ;
		return;
	}
	expected.error = compare_payload(client);
	expected.came++;
}

void exercise_prepare(struct client *client)
{
	client->on_message = on_message;
}

int exercise_subscribe(struct client *client)
{
	int ret = client_subscribe(client, TOPIC, CLIENT_QOS_MAX);

	/* A number for none: nothing may come before something is sent. */
	expected.came = UINT32_MAX;
	expected.error = 0;
	if (ret == 0) {
		ret = client_settle(client, EXERCISE_STEP_MS);
	}

	return ret < 0 ? ret : expected.error;
}

int exercise_one(struct client *client, uint8_t qos, size_t len, struct tally *tally)
{
	const int64_t end = k_uptime_get() + EXERCISE_STEP_MS;
	int ret;

	expected.number++;
	expected.len = len;
	expected.qos = qos;
	expected.came = 0;
	expected.error = 0;
	for (size_t i = 0; i < len; i++) {
		payload[i] = octet_at(expected.number, i);
	}
	ret = client_publish(client, TOPIC, qos, payload, len);
	while (ret == 0 && expected.error == 0 && (expected.came == 0 || !client_is_settled(client))) {
		const int64_t left = end - k_uptime_get();

		ret = left <= 0 ? -ETIMEDOUT : client_run(client, (int)left);
	}
	if (ret < 0 || expected.error < 0) {
		return expected.error == -EILSEQ || ret == 0 ? expected.error : ret;
	}
	tally->messages[qos]++;
	tally->octets += len;

	return 0;
}

static int exercise_lengths(struct client *client, const size_t *lengths, size_t count, struct tally *tally)
{
	int ret = 0;

	for (uint8_t qos = 0; qos <= CLIENT_QOS_MAX; qos++) {
		for (size_t i = 0; ret == 0 && i < count; i++) {
			if (lengths[i] <= PAYLOAD_MAX) {
				ret = exercise_one(client, qos, lengths[i], tally);
			}
		}
	}

	return ret;
}

/* The answer to a ping is also the end of what the broker had to send. */
static int exercise_ping(struct client *client)
{
	int ret = client_ping(client);

	while (ret == 0 && client->pinged_at != 0) {
		ret = client_run(client, EXERCISE_STEP_MS);
	}

	return ret < 0 ? ret : expected.error;
}

int exercise_all(struct client *client, struct tally *tally)
{
	/* Edges of the length field of a frame, edges of the one of an MQTT packet, and the longest. */
	static const size_t lengths[] = {0,
					 1,
					 2,
					 3,
					 125,
					 126,
					 127,
					 128,
					 1024,
					 16383,
					 16384,
					 16385,
					 65535,
					 65536,
					 127 - TOPIC_SIZE,
					 128 - TOPIC_SIZE,
					 16383 - TOPIC_SIZE,
					 16384 - TOPIC_SIZE,
					 127 - TOPIC_SIZE - sizeof(uint16_t),
					 128 - TOPIC_SIZE - sizeof(uint16_t),
					 16383 - TOPIC_SIZE - sizeof(uint16_t),
					 16384 - TOPIC_SIZE - sizeof(uint16_t),
					 PAYLOAD_MAX};
	const int ret = exercise_lengths(client, lengths, ARRAY_SIZE(lengths), tally);

	return ret == 0 ? exercise_ping(client) : ret;
}

int exercise_few(struct client *client, struct tally *tally)
{
	static const size_t lengths[] = {0, 100, 16384, PAYLOAD_MAX};
	const int ret = exercise_lengths(client, lengths, ARRAY_SIZE(lengths), tally);

	return ret == 0 ? exercise_ping(client) : ret;
}
