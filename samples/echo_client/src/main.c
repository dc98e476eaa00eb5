/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * An application over Zephyr's WebSocket API: sends messages to an echo server in every way there is and compares
 * what comes back. It runs on boards and, unchanged, on a PC.
 */
#include "echo_client.h"

#include <errno.h>
#include <string.h>

static int finish(int result)
{
	printk("%s\n", result == 0 ? "PASS" : "FAIL");

	return result == 0 ? 0 : 1;
}

/* Both APIs, one connection each. */
static int exercise(const struct server *server)
{
	struct tally tally = {0};

	if (exercise_messages(server, &tally) != 0 || exercise_stream(server, &tally) != 0) {
		return -1;
	}
	printk("\nchecked: %u connections opened and closed, %u messages echoed, %zu octets each way,\n"
	       "         every octet, type and frame; a ping's pong; poll() with nothing to read\n",
	       tally.connections, tally.messages, tally.octets);

	return 0;
}

#if defined(CONFIG_ZEPHYR_HOST)

/* Debian's, as ca-certificates makes it. */
#define SYSTEM_AUTHORITIES "/etc/ssl/certs/ca-certificates.crt"

static int usage(void)
{
	printk("usage: echo_client [--rounds N] [--authority FILE.pem] ws[s]://host:port/path\n");

	return 2;
}

int main(int argc, char **argv)
{
	const char *authority = SYSTEM_AUTHORITIES;
	unsigned long rounds = 0;
	struct server server;
	int at;

	for (at = 1; at + 2 < argc; at += 2) {
		if (strcmp(argv[at], "--authority") == 0) {
			authority = argv[at + 1];
		} else if (strcmp(argv[at], "--rounds") != 0 || (rounds = strtoul(argv[at + 1], NULL, 10)) == 0) {
			return usage();
		}
	}
	if (at + 1 != argc || server_parse(argv[at], &server) != 0) {
		return usage();
	}
	if (server.is_tls && tls_trust(authority) != 0) {
		return finish(-1);
	}

	return finish(rounds > 0 ? exercise_rounds(&server, (unsigned int)rounds) : exercise(&server));
}

#else

int main(void)
{
	const struct server server = {
		.host = CONFIG_ECHO_CLIENT_SERVER,
		.port = STRINGIFY(CONFIG_ECHO_CLIENT_PORT),
		.path = CONFIG_ECHO_CLIENT_PATH,
	};
	int result = exercise(&server);

	if (result == 0 && CONFIG_ECHO_CLIENT_ROUNDS > 0) {
		result = exercise_rounds(&server, CONFIG_ECHO_CLIENT_ROUNDS);
	}
	finish(result);

	return 0;
}

#endif
