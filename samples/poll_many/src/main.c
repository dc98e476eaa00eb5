/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * One thread, four websockets and a UDP socket in one poll(): everything that is sent has to come back, on each.
 * It runs on boards and, unchanged, on a PC.
 */
#include "channel.h"

#include <errno.h>

#include <zephyr/net/socket.h>

#if defined(CONFIG_POLL_MANY_UDP_ECHO)
#define CHANNELS (WEBSOCKETS + 2)
#else
#define CHANNELS (WEBSOCKETS + 1)
#endif

unsigned int messages_wanted;

static struct channel channels[CHANNELS] = {
	{.name = "websocket 0, send() and recv()"},
	{.name = "websocket 1, websocket_*_msg()"},
	{.name = "websocket 2, send() and recv()"},
	{.name = "websocket 3, websocket_*_msg()"},
	{.name = "UDP"},
#if defined(CONFIG_POLL_MANY_UDP_ECHO)
	{.name = "UDP echo"},
#endif
};

struct addresses {
	const char *server;
	uint16_t port;
	const char *udp_server;
	uint16_t udp_port;
};

static int open_all(const struct addresses *addresses)
{
	int result = 0;

	for (unsigned int i = 0; i < CHANNELS; i++) {
		channels[i].number = i;
		channels[i].socket = -1;
		channels[i].polled = -1;
	}
	for (unsigned int i = 0; i < WEBSOCKETS && result == 0; i++) {
		result = websocket_open(&channels[i], addresses->server, addresses->port);
	}
#if defined(CONFIG_POLL_MANY_UDP_ECHO)
	if (result == 0) {
		result = echo_open(&channels[WEBSOCKETS + 1], addresses->udp_server, addresses->udp_port);
	}
#endif
	if (result == 0) {
		result = datagram_open(&channels[WEBSOCKETS], addresses->udp_server, addresses->udp_port);
	}
	for (unsigned int i = 0; i <= WEBSOCKETS && result == 0; i++) {
		result = channel_send(&channels[i]);
	}

	return result;
}

static bool is_done(void)
{
	for (unsigned int i = 0; i <= WEBSOCKETS; i++) {
		if (!channels[i].is_closed) {
			return false;
		}
	}

	return true;
}

/* One poll() over everything that is open, then each channel's turn. */
static int poll_once(void)
{
	struct zsock_pollfd entries[CHANNELS];

	for (unsigned int i = 0; i < CHANNELS; i++) {
		/* A negative descriptor is passed over. */
		entries[i] = (struct zsock_pollfd){.fd = channels[i].polled, .events = ZSOCK_POLLIN};
	}
	if (zsock_poll(entries, CHANNELS, RESEND_MS) < 0) {
		printk("error: poll(): errno %d\n", errno);
		return -1;
	}
	for (unsigned int i = 0; i < CHANNELS; i++) {
		int result = 0;

		if (channels[i].polled < 0) {
			continue;
		}
		if (entries[i].revents & ZSOCK_POLLIN) {
			result = channels[i].methods->receive(&channels[i]);
		} else if (entries[i].revents != 0) {
			printk("error: %s: poll() says 0x%x\n", channels[i].name,
			       (unsigned int)entries[i].revents);
			result = -1;
		} else {
			result = channels[i].methods->idle(&channels[i]);
		}
		if (result != 0) {
			return result;
		}
	}

	return 0;
}

static int run(const struct addresses *addresses)
{
	unsigned int messages = 0;
	unsigned int polls = 0;
	size_t octets = 0;
	int result = open_all(addresses);

	while (result == 0 && !is_done()) {
		result = poll_once();
		polls++;
	}
	for (unsigned int i = 0; i <= WEBSOCKETS; i++) {
		const struct channel *const channel = &channels[i];

		printk("%s: %u messages, %zu octets, %u sent again, %s\n", channel->name, channel->messages,
		       channel->octets, channel->resent, channel->is_closed ? "closed" : "NOT CLOSED");
		messages += channel->messages;
		octets += channel->octets;
		if (channel->messages != messages_wanted) {
			result = -1;
		}
	}
	printk("poll_many: %s, %d websockets and UDP in one thread, %u messages, %zu octets, %u calls of poll()\n",
	       result == 0 ? "PASS" : "FAIL", WEBSOCKETS, messages, octets, polls);

	return result == 0 ? 0 : 1;
}

#if defined(CONFIG_ZEPHYR_HOST)

int main(int argc, char **argv)
{
	const struct addresses addresses = {
		.server = "127.0.0.1",
		.port = (uint16_t)(argc == 4 ? strtoul(argv[1], NULL, 10) : 0),
		.udp_server = "127.0.0.1",
		.udp_port = (uint16_t)(argc == 4 ? strtoul(argv[2], NULL, 10) : 0),
	};

	messages_wanted = argc == 4 ? (unsigned int)strtoul(argv[3], NULL, 10) : 0;
	if (addresses.port == 0 || addresses.udp_port == 0 || messages_wanted == 0) {
		printk("usage: poll_many PORT UDP-PORT MESSAGES (servers on 127.0.0.1)\n");
		return 2;
	}

	return run(&addresses);
}

#else

int main(void)
{
	const struct addresses addresses = {
		.server = CONFIG_POLL_MANY_SERVER,
		.port = CONFIG_POLL_MANY_PORT,
		.udp_server = CONFIG_POLL_MANY_UDP_SERVER,
		.udp_port = CONFIG_POLL_MANY_UDP_PORT,
	};

	messages_wanted = CONFIG_POLL_MANY_MESSAGES;
	(void)run(&addresses);

	return 0;
}

#endif
