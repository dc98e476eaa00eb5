/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * An MQTT client that stays connected: publishes and receives, and when the broker goes it connects and subscribes
 * again. It runs on boards and, unchanged, on a PC.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/kernel.h>

#include "exercise.h"

/* A device's own; a broker ends an older connection of the same name. */
#define CLIENT_NAME "zephyr-websocket"
/* Between two attempts to connect; twice as long after each. */
#define RETRY_FIRST_MS 50
#define RETRY_MAX_MS 1000
/* A broker that is away for longer does not come back. */
#define AWAY_MAX_MS 30000

/* What the application was told to do. */
struct plan {
	struct broker broker;
	uint32_t sessions;
	/* Stay until the broker goes, but for the last session. */
	bool is_staying;
};

static struct client client;

/* Connects, and tries again for as long as it makes sense. */
static int connect_again(const struct plan *plan, uint32_t session)
{
	const int64_t end = k_uptime_get() + AWAY_MAX_MS;
	int32_t pause_ms = RETRY_FIRST_MS;
	int ret;

	for (uint32_t attempt = 1;; attempt++) {
		ret = client_connect(&client, &plan->broker, CLIENT_NAME);
		if (ret == 0) {
			printk("mqtt_client: session %u: connected, attempt %u\n", session, attempt);
			return 0;
		}
		if (k_uptime_get() > end) {
			return ret;
		}
		k_msleep(pause_ms);
		pause_ms = MIN(2 * pause_ms, RETRY_MAX_MS);
	}
}

/* Uses the connection until it is lost: in turn idle, with short messages and with long ones. */
static int stay(uint32_t session, struct tally *tally)
{
	int ret = 0;

	printk("mqtt_client: session %u: stays until the broker goes\n", session);
	while (ret == 0) {
		switch (session % 3) {
		case 1:
			ret = client_run(&client, 1000);
			break;
		case 2:
			ret = exercise_one(&client, session / 3 % 3, 64, tally);
			break;
		default:
			ret = exercise_one(&client, session / 3 % 3, PAYLOAD_MAX, tally);
			break;
		}
	}
	printk("mqtt_client: session %u: connection lost: %d\n", session, ret);

	return ret;
}

static int run_session(const struct plan *plan, uint32_t session, struct tally *total)
{
	struct tally tally = {0};
	int ret;

	exercise_prepare(&client);
	ret = connect_again(plan, session);
	if (ret < 0) {
		printk("error: session %u: no connection: %d\n", session, ret);
		return ret;
	}
	ret = exercise_subscribe(&client);
	if (ret == 0) {
		ret = session == 1 ? exercise_all(&client, &tally) : exercise_few(&client, &tally);
	}
	printk("mqtt_client: session %u: %u messages of QoS 0, %u of QoS 1, %u of QoS 2, there and back, "
	       "%u octets each way, %u pings\n",
	       session, tally.messages[0], tally.messages[1], tally.messages[2], (uint32_t)tally.octets,
	       client.pings);
	for (size_t qos = 0; qos <= CLIENT_QOS_MAX; qos++) {
		total->messages[qos] += tally.messages[qos];
	}
	total->octets += tally.octets;
	if (ret < 0) {
		printk("error: session %u: %d\n", session, ret);
		client_close(&client);
		return ret;
	}
	if (!plan->is_staying || session == plan->sessions) {
		client_disconnect(&client);
		return 0;
	}
	ret = stay(session, &tally);
	client_close(&client);

	/* A lost connection is what was waited for; a wrong message is not. */
	return ret == -EILSEQ || ret == -EBADMSG || ret == -ETIMEDOUT ? ret : 0;
}

static int run(const struct plan *plan)
{
	struct tally total = {0};
	uint32_t interruptions = 0;
	uint32_t done = 0;

	while (done < plan->sessions && run_session(plan, done + 1, &total) == 0) {
		interruptions += client.interruptions;
		done++;
	}
	printk("mqtt_client: %s: %u of %u sessions, %u+%u+%u messages of QoS 0+1+2, %u KiB each way, "
	       "%u interrupted reads\n",
	       done == plan->sessions ? "PASS" : "FAIL", done, plan->sessions, total.messages[0], total.messages[1],
	       total.messages[2], (uint32_t)(total.octets / 1024), interruptions);

	return done == plan->sessions ? 0 : 1;
}

#if defined(CONFIG_ZEPHYR_HOST)

/* Takes ws://address:port/path apart. */
static bool parse_url(const char *url, struct broker *broker)
{
	static const char scheme[] = "ws://";
	const char *port = strchr(url + MIN(strlen(url), strlen(scheme)), ':');
	const char *path = port == NULL ? NULL : strchr(port, '/');
	const size_t address_len = port == NULL ? 0 : port - url - strlen(scheme);

	if (strncmp(url, scheme, strlen(scheme)) != 0 || path == NULL ||
	    address_len >= sizeof(broker->address) || strlen(path) >= sizeof(broker->path)) {
		return false;
	}
	memcpy(broker->address, url + strlen(scheme), address_len);
	broker->port = (uint16_t)strtoul(port + 1, NULL, 10);
	strcpy(broker->path, path);

	return true;
}

int main(int argc, char **argv)
{
	struct plan plan = {.sessions = 1};
	int next = 1;

	if (next + 1 < argc && strcmp(argv[next], "--sessions") == 0) {
		plan.sessions = strtoul(argv[next + 1], NULL, 10);
		next += 2;
	}
	if (next < argc && strcmp(argv[next], "--stay") == 0) {
		plan.is_staying = true;
		next++;
	}
	if (next + 1 != argc || plan.sessions == 0 || !parse_url(argv[next], &plan.broker)) {
		printk("usage: mqtt_client [--sessions N] [--stay] ws://address:port/path\n");
		return 2;
	}

	return run(&plan);
}

#else

int main(void)
{
	const struct plan plan = {
		.broker = {
			.address = CONFIG_MQTT_CLIENT_BROKER,
			.port = CONFIG_MQTT_CLIENT_PORT,
			.path = CONFIG_MQTT_CLIENT_PATH,
		},
		.sessions = CONFIG_MQTT_CLIENT_SESSIONS,
		.is_staying = IS_ENABLED(CONFIG_MQTT_CLIENT_STAY),
	};

	(void)run(&plan);

	return 0;
}

#endif
