/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Takes in packets: the fixed header first, two octets, then as many as it says. A payload is not stored:
 * the application reads it out of the transport.
 */
#include "receive.h"

#include <errno.h>

#include <zephyr/kernel.h>

#include "packet.h"

#define TYPE_MASK 0xf0
/* A PUBREL has these flags. */
#define PUBREL_FLAGS 0x02
#define QOS(first) (((first) >> 1) & 0x03)
#define CODE_FAILURE 0x80

/* Receives without waiting until `total` octets of the packet are there. */
static int complete(struct client *client, size_t total)
{
	int ret;

	if (total > sizeof(client->received)) {
		return -EMSGSIZE;
	}
	if (client->received_len >= total) {
		return 0;
	}
	ret = transport_read(&client->transport, &client->received[client->received_len],
			     total - client->received_len, false);
	if (ret <= 0) {
		return ret == 0 ? -ENOTCONN : ret;
	}
	client->received_len += ret;

	return client->received_len < total ? -EAGAIN : 0;
}

int client_read_payload(struct client *client, uint8_t *data, size_t len)
{
	int ret = 0;

	if (client->payload_left == 0) {
		return 0;
	}
	do {
		/* A ping may come in the middle of a payload and, if the library reports it, ends the wait. */
		client->interruptions += ret == -EAGAIN ? 1 : 0;
		ret = transport_read(&client->transport, data, MIN(len, client->payload_left), true);
	} while (ret == -EAGAIN);
	if (ret <= 0) {
		return ret == 0 ? -ENOTCONN : ret;
	}
	client->payload_left -= ret;

	return ret;
}

static uint16_t *unreleased(struct client *client, uint16_t id)
{
	for (size_t i = 0; i < ARRAY_SIZE(client->unreleased); i++) {
		if (client->unreleased[i] == id) {
			return &client->unreleased[i];
		}
	}

	return NULL;
}

/* Hands a message to the application, but not one of QoS 2 that it has had. */
static int take_message(struct client *client, const struct message *message, uint16_t id)
{
	uint8_t rest[64];
	uint16_t *free = NULL;
	bool is_new = true;
	int ret;

	if (message->qos == CLIENT_QOS_MAX) {
		is_new = unreleased(client, id) == NULL;
		free = unreleased(client, 0);
		if (is_new && free == NULL) {
			return -ENOBUFS;
		}
	}
	client->payload_left = message->payload_len;
	if (is_new) {
		client->on_message(client, message);
	}
	do {
		ret = client_read_payload(client, rest, sizeof(rest));
	} while (ret > 0);
	if (ret < 0 || message->qos == 0) {
		return ret;
	}
	if (message->qos == 1) {
		return client_send_short(client, PACKET_PUBACK, id);
	}
	if (is_new) {
		*free = id;
	}

	return client_send_short(client, PACKET_PUBREC, id);
}

static int receive_message(struct client *client, size_t header_len, size_t rest)
{
	const uint8_t qos = QOS(client->received[0]);
	const size_t id_size = qos == 0 ? 0 : sizeof(uint16_t);
	const uint8_t *rest_of_packet = &client->received[header_len];
	struct message message = {.qos = qos};
	size_t needed = sizeof(uint16_t);
	uint16_t id = 0;
	int ret = complete(client, header_len + needed);

	if (ret < 0) {
		return ret;
	}
	message.topic = (const char *)&rest_of_packet[needed];
	message.topic_len = packet_number(rest_of_packet);
	needed += message.topic_len + id_size;
	if (qos > CLIENT_QOS_MAX || needed > rest) {
		return -EBADMSG;
	}
	ret = complete(client, header_len + needed);
	if (ret < 0) {
		return ret;
	}
	if (qos > 0) {
		id = packet_number(&rest_of_packet[needed - id_size]);
		if (id == 0) {
			return -EBADMSG;
		}
	}
	message.payload_len = rest - needed;
	client->received_len = 0;

	return take_message(client, &message, id);
}

/* Whether it is the answer that is waited for; what is waited for then is `next`. */
static int advance(struct client *client, uint8_t type, uint16_t id, uint8_t next)
{
	if (client->awaited != type || (type != PACKET_CONNACK && client->awaited_id != id)) {
		return -EBADMSG;
	}
	client->awaited = next;

	return 0;
}

/* A packet without payload; `body` are the `len` octets behind the fixed header. */
static int handle(struct client *client, uint8_t first, const uint8_t *body, size_t len)
{
	const uint8_t type = first & TYPE_MASK;
	const uint16_t id = len < sizeof(id) ? 0 : packet_number(body);
	uint16_t *taken;
	int ret;

	if (type == PACKET_PINGRESP && len == 0) {
		client->pinged_at = 0;
		client->pings++;
		return 0;
	}
	if (len < sizeof(id)) {
		return -EBADMSG;
	}
	switch (type) {
	case PACKET_CONNACK:
		/* The second octet says why the broker refuses. */
		return body[1] == 0 ? advance(client, type, 0, 0) : -ECONNREFUSED;
	case PACKET_SUBACK:
		if (len != sizeof(id) + 1 || body[sizeof(id)] >= CODE_FAILURE) {
			return -EACCES;
		}
		return advance(client, type, id, 0);
	case PACKET_PUBACK:
	case PACKET_PUBCOMP:
		return advance(client, type, id, 0);
	case PACKET_PUBREC:
		ret = advance(client, type, id, PACKET_PUBCOMP);
		return ret < 0 ? ret : client_send_short(client, PACKET_PUBREL | PUBREL_FLAGS, id);
	case PACKET_PUBREL:
		taken = id == 0 ? NULL : unreleased(client, id);
		if (taken != NULL) {
			*taken = 0;
		}
		return client_send_short(client, PACKET_PUBCOMP, id);
	default:
		return -EBADMSG;
	}
}

int client_receive(struct client *client)
{
	size_t rest = 0;
	int header_len;
	int ret;

	while ((header_len = packet_length(client->received, client->received_len, &rest)) == -EAGAIN) {
		ret = complete(client, MAX(client->received_len + 1, 2));
		if (ret < 0) {
			return ret;
		}
	}
	if (header_len < 0) {
		return header_len;
	}
	if ((client->received[0] & TYPE_MASK) == PACKET_PUBLISH) {
		return receive_message(client, header_len, rest);
	}
	ret = complete(client, header_len + rest);
	if (ret < 0) {
		return ret;
	}
	client->received_len = 0;

	return handle(client, client->received[0], &client->received[header_len], rest);
}
