/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What an MQTT 3.1.1 client sends and when; what comes in is in receive.c.
 */
#include "client.h"

#include <errno.h>
#include <string.h>

#include <zephyr/kernel.h>

#include "packet.h"
#include "receive.h"

#define KEEPALIVE_SECONDS 10
#define ANSWER_MS 10000

#define PROTOCOL_LEVEL 4
#define CLEAN_SESSION 0x02
/* SUBSCRIBE has these flags. */
#define SUBSCRIBE_FLAGS 0x02
#define QOS_SHIFT 1
#define STRING_LENGTH_SIZE 2

static int send_packet(struct client *client, const struct packet *packet)
{
	if (packet->len > packet->size) {
		return -EMSGSIZE;
	}
	client->sent_at = k_uptime_get();

	return transport_write(&client->transport, packet->data, packet->len);
}

int client_send_short(struct client *client, uint8_t type_and_flags, uint16_t id)
{
	uint8_t data[4];
	struct packet packet = {.data = data, .size = sizeof(data)};

	packet_begin(&packet, type_and_flags, id == 0 ? 0 : sizeof(id));
	if (id != 0) {
		packet_add_number(&packet, id);
	}

	return send_packet(client, &packet);
}

static uint16_t next_id(struct client *client)
{
	/* 0 is not an identifier. */
	client->last_id = client->last_id == UINT16_MAX ? 1 : client->last_id + 1;

	return client->last_id;
}

int client_connect(struct client *client, const struct broker *broker, const char *name)
{
	static const char protocol[] = "MQTT";
	uint8_t data[64];
	struct packet packet = {.data = data, .size = sizeof(data)};
	int ret;

	*client = (struct client){.on_message = client->on_message};
	ret = transport_connect(&client->transport, broker, ANSWER_MS);
	if (ret < 0) {
		return ret;
	}
	packet_begin(&packet, PACKET_CONNECT,
		     STRING_LENGTH_SIZE + strlen(protocol) + 4 + STRING_LENGTH_SIZE + strlen(name));
	packet_add_string(&packet, protocol);
	packet_add_octet(&packet, PROTOCOL_LEVEL);
	packet_add_octet(&packet, CLEAN_SESSION);
	packet_add_number(&packet, KEEPALIVE_SECONDS);
	packet_add_string(&packet, name);
	client->awaited = PACKET_CONNACK;
	ret = send_packet(client, &packet);
	if (ret == 0) {
		ret = client_settle(client, ANSWER_MS);
	}
	if (ret < 0) {
		client_close(client);
	}

	return ret;
}

int client_subscribe(struct client *client, const char *topic, uint8_t qos)
{
	uint8_t data[128];
	struct packet packet = {.data = data, .size = sizeof(data)};
	const uint16_t id = next_id(client);

	if (client->awaited != 0) {
		return -EBUSY;
	}
	packet_begin(&packet, PACKET_SUBSCRIBE | SUBSCRIBE_FLAGS,
		     sizeof(id) + STRING_LENGTH_SIZE + strlen(topic) + sizeof(qos));
	packet_add_number(&packet, id);
	packet_add_string(&packet, topic);
	packet_add_octet(&packet, qos);
	client->awaited = PACKET_SUBACK;
	client->awaited_id = id;

	return send_packet(client, &packet);
}

int client_publish(struct client *client, const char *topic, uint8_t qos, const uint8_t *payload, size_t len)
{
	static const uint8_t answers[CLIENT_QOS_MAX + 1] = {0, PACKET_PUBACK, PACKET_PUBREC};
	uint8_t data[128];
	struct packet packet = {.data = data, .size = sizeof(data)};
	struct iovec parts[2];
	const struct msghdr message = {.msg_iov = parts, .msg_iovlen = ARRAY_SIZE(parts)};
	size_t rest = STRING_LENGTH_SIZE + strlen(topic) + len;
	int ret;

	if (qos > CLIENT_QOS_MAX) {
		return -EINVAL;
	}
	if (client->awaited != 0) {
		return -EBUSY;
	}
	client->awaited = answers[qos];
	client->awaited_id = qos == 0 ? 0 : next_id(client);
	rest += qos == 0 ? 0 : sizeof(client->awaited_id);
	packet_begin(&packet, PACKET_PUBLISH | qos << QOS_SHIFT, rest);
	packet_add_string(&packet, topic);
	if (qos > 0) {
		packet_add_number(&packet, client->awaited_id);
	}
	if (packet.len > packet.size) {
		return -EMSGSIZE;
	}
	/* The payload is sent from where it is: header and payload are two frames of one message. */
	parts[0] = (struct iovec){.iov_base = data, .iov_len = packet.len};
	parts[1] = (struct iovec){.iov_base = (uint8_t *)payload, .iov_len = len};
	client->sent_at = k_uptime_get();
	ret = transport_write_parts(&client->transport, &message);

	return ret < 0 ? ret : 0;
}

int client_ping(struct client *client)
{
	client->pinged_at = k_uptime_get();

	return client_send_short(client, PACKET_PINGREQ, 0);
}

/* Sends a ping when it is time; a broker that did not answer the last one is gone. */
static int keep_alive(struct client *client)
{
	const int64_t now = k_uptime_get();
	const int64_t limit_ms = KEEPALIVE_SECONDS * MSEC_PER_SEC;

	if (client->pinged_at != 0) {
		return now - client->pinged_at > limit_ms ? -ETIMEDOUT : 0;
	}

	return now - client->sent_at > limit_ms / 2 ? client_ping(client) : 0;
}

bool client_is_settled(const struct client *client)
{
	for (size_t i = 0; i < ARRAY_SIZE(client->unreleased); i++) {
		if (client->unreleased[i] != 0) {
			return false;
		}
	}

	return client->awaited == 0;
}

int client_run(struct client *client, int timeout_ms)
{
	int ret = keep_alive(client);

	if (ret == 0) {
		ret = transport_poll(&client->transport, timeout_ms);
	}
	if (ret > 0) {
		ret = client_receive(client);
	}

	return ret == -EAGAIN ? 0 : ret;
}

int client_settle(struct client *client, int timeout_ms)
{
	const int64_t end = k_uptime_get() + timeout_ms;
	int ret = 0;

	while (ret == 0 && !client_is_settled(client)) {
		const int64_t left = end - k_uptime_get();

		ret = left <= 0 ? -ETIMEDOUT : client_run(client, (int)left);
	}

	return ret;
}

void client_disconnect(struct client *client)
{
	(void)client_send_short(client, PACKET_DISCONNECT, 0);
	client_close(client);
}

void client_close(struct client *client)
{
	transport_disconnect(&client->transport);
}
