/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Zephyr's own MQTT library over a websocket: publishes to a topic it subscribes to, and checks every octet.
 *
 * It waits on transport.websocket.sock, as an application with a poll loop does.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <zephyr/kernel.h>
#include <zephyr/net/mqtt.h>
#include <zephyr/net/socket.h>
#include <zephyr/version.h>

#define TOPIC "zephyr-websocket/mqtt_intree"
#define PAYLOAD_MAX 256
#define STEP_MS 5000

static uint8_t rx_buffer[512];
static uint8_t tx_buffer[512];
static uint8_t tmp_buf[512];

static struct mqtt_client client;
static struct sockaddr_in broker;
static char client_id[32];

/* What one round has seen. */
static struct {
	bool connected;
	bool subscribed;
	bool failed;
	int acknowledged;
	int received;
	int pings;
} seen;

static size_t payload_len_of(int number)
{
	return (number * 37) % (PAYLOAD_MAX - 4) + 4;
}

static uint8_t octet_at(int number, size_t offset)
{
	return (uint8_t)(number * 31 + offset * 7);
}

static void fill(uint8_t *payload, int number, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		payload[i] = octet_at(number, i);
	}
}

static void take_publish(const struct mqtt_publish_param *publish)
{
	static uint8_t payload[PAYLOAD_MAX];
	const size_t len = publish->message.payload.len;
	const int number = seen.received;

	if (len != payload_len_of(number) || mqtt_readall_publish_payload(&client, payload, len) != 0) {
		printk("mqtt_intree: message %d has %u octets or could not be read\n", number, (unsigned int)len);
		seen.failed = true;
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (payload[i] != octet_at(number, i)) {
			printk("mqtt_intree: message %d differs at octet %u\n", number, (unsigned int)i);
			seen.failed = true;
			return;
		}
	}
	if (publish->message.topic.qos == MQTT_QOS_1_AT_LEAST_ONCE) {
		const struct mqtt_puback_param ack = {.message_id = publish->message_id};

		(void)mqtt_publish_qos1_ack(&client, &ack);
	}
	seen.received++;
}

static void on_event(struct mqtt_client *const which, const struct mqtt_evt *event)
{
	ARG_UNUSED(which);

	switch (event->type) {
	case MQTT_EVT_CONNACK:
		seen.connected = event->result == 0;
		break;
	case MQTT_EVT_SUBACK:
		seen.subscribed = true;
		break;
	case MQTT_EVT_PUBACK:
		seen.acknowledged++;
		break;
	case MQTT_EVT_PINGRESP:
		seen.pings++;
		break;
	case MQTT_EVT_PUBLISH:
		take_publish(&event->param.publish);
		break;
	case MQTT_EVT_DISCONNECT:
		seen.failed = true;
		break;
	default:
		break;
	}
}

/* Handles what comes until `done` or the time is up. */
static bool run_until(bool (*done)(int goal), int goal)
{
	const int64_t end = k_uptime_get() + STEP_MS;

	while (!seen.failed && !done(goal) && k_uptime_get() < end) {
		struct zsock_pollfd entry = {
			.fd = client.transport.websocket.sock,
			.events = ZSOCK_POLLIN,
		};

		if (zsock_poll(&entry, 1, 100) > 0 && mqtt_input(&client) != 0) {
			printk("mqtt_intree: mqtt_input failed\n");
			return false;
		}
		(void)mqtt_live(&client);
	}

	return !seen.failed && done(goal);
}

static bool is_connected(int goal)
{
	ARG_UNUSED(goal);
	return seen.connected;
}

static bool is_subscribed(int goal)
{
	ARG_UNUSED(goal);
	return seen.subscribed;
}

static bool has_received(int goal)
{
	return seen.received >= goal;
}

static bool has_pinged(int goal)
{
	return seen.pings >= goal;
}

static int connect_broker(int round)
{
	memset(&seen, 0, sizeof(seen));
	mqtt_client_init(&client);
	snprintf(client_id, sizeof(client_id), "zephyr-%d", round);

	broker.sin_family = AF_INET;
	broker.sin_port = htons(CONFIG_MQTT_INTREE_PORT);
	zsock_inet_pton(AF_INET, CONFIG_MQTT_INTREE_BROKER, &broker.sin_addr);

	client.broker = &broker;
	client.evt_cb = on_event;
	client.client_id.utf8 = (uint8_t *)client_id;
	client.client_id.size = strlen(client_id);
	client.protocol_version = MQTT_VERSION_3_1_1;
	client.clean_session = 1U;
	client.rx_buf = rx_buffer;
	client.rx_buf_size = sizeof(rx_buffer);
	client.tx_buf = tx_buffer;
	client.tx_buf_size = sizeof(tx_buffer);
	client.transport.type = MQTT_TRANSPORT_NON_SECURE_WEBSOCKET;
	client.transport.websocket.config.host = CONFIG_MQTT_INTREE_BROKER;
	client.transport.websocket.config.url = CONFIG_MQTT_INTREE_URL;
	client.transport.websocket.config.tmp_buf = tmp_buf;
	client.transport.websocket.config.tmp_buf_len = sizeof(tmp_buf);
	client.transport.websocket.timeout = STEP_MS;

	return mqtt_connect(&client);
}

static int subscribe(void)
{
	struct mqtt_topic topic = {
		.topic = {.utf8 = (uint8_t *)TOPIC, .size = strlen(TOPIC)},
		.qos = MQTT_QOS_1_AT_LEAST_ONCE,
	};
	const struct mqtt_subscription_list list = {.list = &topic, .list_count = 1, .message_id = 1};

	return mqtt_subscribe(&client, &list);
}

static int publish(int number)
{
	static uint8_t payload[PAYLOAD_MAX];
	const size_t len = payload_len_of(number);
	const struct mqtt_publish_param param = {
		.message = {
			.topic = {
				.topic = {.utf8 = (uint8_t *)TOPIC, .size = strlen(TOPIC)},
				.qos = number % 2 == 0 ? MQTT_QOS_0_AT_MOST_ONCE : MQTT_QOS_1_AT_LEAST_ONCE,
			},
			.payload = {.data = payload, .len = len},
		},
		.message_id = number + 2,
	};

	fill(payload, number, len);

	return mqtt_publish(&client, &param);
}

static int disconnect(void)
{
/* The second argument came with MQTT 5.0. */
#if ZEPHYR_VERSION_CODE >= ZEPHYR_VERSION(4, 2, 0)
	return mqtt_disconnect(&client, NULL);
#else
	return mqtt_disconnect(&client);
#endif
}

static bool run_round(int round)
{
	int result = connect_broker(round);

	if (result != 0) {
		printk("mqtt_intree: connect failed: %d\n", result);
		return false;
	}
	if (!run_until(is_connected, 0)) {
		printk("mqtt_intree: no CONNACK\n");
		return false;
	}
	if (subscribe() != 0 || !run_until(is_subscribed, 0)) {
		printk("mqtt_intree: no SUBACK\n");
		return false;
	}
	for (int number = 0; number < CONFIG_MQTT_INTREE_MESSAGES; number++) {
		result = publish(number);
		if (result != 0 || !run_until(has_received, number + 1)) {
			printk("mqtt_intree: message %d was not sent (%d) or did not come back\n", number, result);
			return false;
		}
	}
	if (mqtt_ping(&client) != 0 || !run_until(has_pinged, 1)) {
		printk("mqtt_intree: no PINGRESP\n");
		return false;
	}
	printk("mqtt_intree: round %d: %d messages received, %d acknowledged\n", round, seen.received,
	       seen.acknowledged);

	return disconnect() == 0;
}

int main(void)
{
	for (int round = 1; round <= CONFIG_MQTT_INTREE_ROUNDS; round++) {
		if (!run_round(round)) {
			printk("mqtt_intree: FAIL\n");
			return 1;
		}
	}
	printk("mqtt_intree: PASS, %d rounds of %d messages\n", CONFIG_MQTT_INTREE_ROUNDS,
	       CONFIG_MQTT_INTREE_MESSAGES);

	return 0;
}
