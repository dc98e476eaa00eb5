/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The client that the Autobahn suite tests: runs the cases it is given, one connection each, and says of each what
 * went through it. README.md has the words of the command line and of the output.
 */
#include "agent.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>

uint8_t whole_message[MESSAGE_MAX + 1];

void sum_add(struct sum *sum, const void *data, size_t len)
{
	static uint32_t table[256];
	const uint8_t *octets = data;
	uint32_t crc = ~sum->crc;

	if (table[1] == 0) {
		for (uint32_t i = 0; i < ARRAY_SIZE(table); i++) {
			table[i] = i;
			for (int bit = 0; bit < 8; bit++) {
				table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xEDB88320U : 0);
			}
		}
	}
	for (size_t i = 0; i < len; i++) {
		crc = crc >> 8 ^ table[(crc ^ octets[i]) & 0xFF];
	}
	sum->crc = ~crc;
	sum->octets += len;
}

/* Starts the measurement of the peak anew: the number of getrusage() never falls, and begins with the parent's. */
static void forget_peak(void)
{
	FILE *file = fopen("/proc/self/clear_refs", "w");

	if (file != NULL) {
		fputs("5", file);
		fclose(file);
	}
}

/* Peak of resident memory in KiB; 0: not known. */
static unsigned long peak_kib(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	unsigned long peak = 0;
	char line[128];

	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "VmHWM: %lu", &peak) == 1) {
			break;
		}
	}
	if (file != NULL) {
		fclose(file);
	}

	return peak;
}

/* An agent over the library: the upgrade, the echo, the end. */
static int run_library(int sock, const struct server *server, const char *path, bool is_message, struct tally *tally)
{
	const int websocket = connection_upgrade(sock, server, path);
	int result;

	if (websocket < 0) {
		return websocket;
	}
	result = is_message ? echo_message(websocket, tally) : echo_socket(websocket, tally);
	if (is_message ? websocket_disconnect(websocket) : zsock_close(websocket)) {
		return -errno;
	}

	return result;
}

static int run_case(const struct server *server, const char *agent, const char *path, struct tally *tally)
{
	const int sock = connection_open(server);
	int result;
	int finished;

	if (sock < 0) {
		return sock;
	}
	if (strcmp(agent, "message") == 0) {
		result = run_library(sock, server, path, true, tally);
	} else if (strcmp(agent, "socket") == 0) {
		result = run_library(sock, server, path, false, tally);
	} else if (strcmp(agent, "mute") == 0) {
		result = flawed_mute(sock, server, path);
	} else if (strcmp(agent, "naive") == 0) {
		result = flawed_naive(sock, server, path, false, tally);
	} else if (strcmp(agent, "corrupt") == 0) {
		result = flawed_naive(sock, server, path, true, tally);
	} else {
		result = -EINVAL;
	}
	finished = connection_finish(sock);

	return result < 0 ? result : finished;
}

int main(int argc, char **argv)
{
	struct server server = {.host = "127.0.0.1"};

	if (argc < 5) {
		fprintf(stderr, "usage: agent PORT AUTHORITY|- message|socket|mute|naive|corrupt CASE...\n");
		return 2;
	}
	server.port = argv[1];
	server.authority = strcmp(argv[2], "-") == 0 ? NULL : argv[2];
	for (int i = 4; i < argc; i++) {
		struct tally tally = {0};
		char path[128];
		int result;

		snprintf(path, sizeof(path), "/runCase?casetuple=%s&agent=%s", argv[i], argv[3]);
		printf("begin %s\n", argv[i]);
		fflush(stdout);
		forget_peak();
		result = run_case(&server, argv[3], path, &tally);
		printf("end %s %d %llu %08x %llu %08x %lu\n", argv[i], result,
		       (unsigned long long)tally.received.octets, tally.received.crc,
		       (unsigned long long)tally.sent.octets, tally.sent.crc, peak_kib());
		fflush(stdout);
	}

	return 0;
}
