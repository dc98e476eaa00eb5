/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * A small MQTT 3.1.1 client: one packet at a time in each direction, QoS 0 to 2, payloads of any length.
 *
 * All functions are for one thread. A negative result means that the connection is of no use any more, unless
 * it says otherwise: call client_close() and connect again.
 */
#ifndef CLIENT_H_
#define CLIENT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transport.h"

#define CLIENT_QOS_MAX 2

/** A message that arrives; its payload is read with client_read_payload(). */
struct message {
	/** Not terminated. */
	const char *topic;
	size_t topic_len;
	size_t payload_len;
	uint8_t qos;
};

struct client {
	/** Called for every message, once for a message of QoS 2. Payload that it leaves is thrown away. */
	void (*on_message)(struct client *client, const struct message *message);
	struct transport transport;
	/** Header of the packet that is being received, or all of it. */
	uint8_t received[160];
	size_t received_len;
	size_t payload_left;
	/** Type of the answer that is waited for, 0 for none, and its packet identifier. */
	uint8_t awaited;
	uint16_t awaited_id;
	uint16_t last_id;
	/** Identifiers of messages of QoS 2 that were taken and not yet released; 0 is free. */
	uint16_t unreleased[4];
	/** Times of the last packet sent and of the ping that was not answered (0: none). */
	int64_t sent_at;
	int64_t pinged_at;
	/** So often, a read that waits for payload returned without any. */
	uint32_t interruptions;
	uint32_t pings;
};

/** Connects with a clean session; the broker's answer is in when it returns. @return 0 or a negative errno */
int client_connect(struct client *client, const struct broker *broker, const char *name);

/** Sends a subscription. @return 0 or a negative errno */
int client_subscribe(struct client *client, const char *topic, uint8_t qos);

/** Sends a message; -EBUSY before client_is_settled(). @return 0 or a negative errno */
int client_publish(struct client *client, const char *topic, uint8_t qos, const uint8_t *payload, size_t len);

/** Sends a ping, as client_run() does when nothing else was sent for long. @return 0 or a negative errno */
int client_ping(struct client *client);

/** Nothing that was sent waits for its answer, and nothing that came for its release. */
bool client_is_settled(const struct client *client);

/** Waits for at most so long and takes in one packet, or a part of it. @return 0 or a negative errno */
int client_run(struct client *client, int timeout_ms);

/** client_run() until client_is_settled(). @return 0, -ETIMEDOUT or another negative errno */
int client_settle(struct client *client, int timeout_ms);

/** Reads payload in on_message(): waits for at least one octet. @return octets, 0 at the end, or a negative errno */
int client_read_payload(struct client *client, uint8_t *data, size_t len);

/** Says goodbye and closes. */
void client_disconnect(struct client *client);

/** Closes without a word. */
void client_close(struct client *client);

#endif /* CLIENT_H_ */
