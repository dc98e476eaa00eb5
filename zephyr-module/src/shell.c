/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The shell command `websocket`: what every connection looks like now.
 *
 * A terminal may be slow, and the shell's output may wait for it: nothing is locked or held while a line is written.
 */
#include "slot.h"

/* The PC port has no shell. */
#if defined(CONFIG_WEBSOCKET_RUST_SHELL)

#include <inttypes.h>

#include <zephyr/shell/shell.h>

/* An IPv6 address, two brackets, a colon and a port. */
#define ADDRESS_SIZE (NET_IPV6_ADDR_LEN + 8)

/* A copy of one connection. */
struct entry {
	int wanted;
	bool is_found;
	bool is_client;
	bool is_open;
	bool has_real_socket;
	int ws_sock;
	int real_sock;
	uint32_t generation;
	uint16_t protocol_len;
	struct zws_connection connection;
	uint8_t protocol[CONFIG_WEBSOCKET_RUST_PROTOCOL_SIZE];
	char peer[ADDRESS_SIZE];
};

static void copy(struct zws_slot *slot, void *user_data)
{
	struct entry *const entry = user_data;

	if (zws_slot_index(slot) != entry->wanted) {
		return;
	}
	entry->is_found = true;
	entry->is_client = slot->real.is_client;
	entry->is_open = zws_life_is_open(&slot->head.life, 0, 1) != 0;
	entry->has_real_socket = zws_is_real(&slot->real);
	entry->ws_sock = slot->head.ws_sock;
	entry->real_sock = slot->real.sock;
	entry->generation = zws_slot_generation(slot);
	zws_connection_describe(slot, &entry->connection);
	if (entry->ws_sock >= 0) {
		/* Before, another thread may be writing it. */
		entry->protocol_len = slot->protocol_len;
		memcpy(entry->protocol, slot->protocol, sizeof(entry->protocol));
	}
}

static void write_address(const struct sockaddr *address, char text[ADDRESS_SIZE])
{
	char host[NET_IPV6_ADDR_LEN];

	if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *const ipv6 = (const struct sockaddr_in6 *)address;

		if (zsock_inet_ntop(AF_INET6, &ipv6->sin6_addr, host, sizeof(host)) != NULL) {
			snprintk(text, ADDRESS_SIZE, "[%s]:%u", host, ntohs(ipv6->sin6_port));
		}
	} else if (address->sa_family == AF_INET) {
		const struct sockaddr_in *const ipv4 = (const struct sockaddr_in *)address;

		if (zsock_inet_ntop(AF_INET, &ipv4->sin_addr, host, sizeof(host)) != NULL) {
			snprintk(text, ADDRESS_SIZE, "%s:%u", host, ntohs(ipv4->sin_port));
		}
	}
}

/* Asks the network stack, so not under the table's mutex: the slot is held, and cannot become another connection's. */
static void find_peer(struct entry *entry)
{
	/* Large enough for either family, also where the stack has only one of them. */
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
	} address = {0};
	socklen_t len = sizeof(address);
	struct zws_slot *const slot = zws_slot_hold_at(entry->wanted);

	if (slot == NULL) {
		return;
	}
	if (zws_slot_generation(slot) == entry->generation && zws_real_lock(&slot->real)) {
		if (zsock_getpeername(slot->real.sock, &address.any, &len) == 0) {
			write_address(&address.any, entry->peer);
		}
		zws_real_unlock(&slot->real);
	}
	zws_slot_put(slot);
}

static void print_state(const struct shell *sh, const struct entry *entry)
{
	const struct zws_connection *const connection = &entry->connection;
	const char *const role = entry->is_client ? "client" : "server";

	if (entry->ws_sock < 0) {
		shell_print(sh, "[-] %s, opening handshake", role);
	} else if (!entry->is_open) {
		shell_print(sh, "[%d] %s, closing", entry->ws_sock, role);
	} else if (connection->peer_close_code != 0) {
		shell_print(sh, "[%d] %s, peer closed %u%s", entry->ws_sock, role, connection->peer_close_code,
			    connection->close_sent ? ", close sent" : "");
	} else {
		shell_print(sh, "[%d] %s, %s", entry->ws_sock, role, connection->close_sent ? "close sent" : "open");
	}
}

static void print(const struct shell *sh, const struct entry *entry)
{
	const struct zws_connection *const connection = &entry->connection;

	print_state(sh, entry);
	shell_print(sh, "  real socket       %d%s", entry->real_sock,
		    entry->has_real_socket ? "" : " (not this websocket's any more)");
	shell_print(sh, "  peer              %s", entry->peer[0] != '\0' ? entry->peer : "unknown");
	if (entry->protocol_len > sizeof(entry->protocol)) {
		shell_print(sh, "  sub-protocol      too long to be remembered");
	} else {
		shell_print(sh, "  sub-protocol      %.*s", entry->protocol_len == 0 ? 4 : (int)entry->protocol_len,
			    entry->protocol_len == 0 ? "none" : (const char *)entry->protocol);
	}
	if (connection->handshake_status != 0) {
		shell_print(sh, "  HTTP status       %u", connection->handshake_status);
	} else {
		shell_print(sh, "  HTTP status       none");
	}
	shell_print(sh, "  received          %" PRIu32 " messages, %" PRIu64 " bytes", connection->messages_received,
		    connection->octets_received);
	shell_print(sh, "  sent              %" PRIu32 " messages, %" PRIu64 " bytes", connection->messages_sent,
		    connection->octets_sent);
	shell_print(sh, "  pings unanswered  %u", connection->pings_unanswered);
	if (connection->peer_close_code != 0) {
		shell_print(sh, "  last close code   %u", connection->peer_close_code);
	} else {
		shell_print(sh, "  last close code   none");
	}
}

static int list(const struct shell *sh, size_t argc, char **argv)
{
	int count = 0;

	ARG_UNUSED(argc);
	ARG_UNUSED(argv);

	/* One at a time: the stack of a shell has no room for all of them. */
	for (int i = 0; i < CONFIG_WEBSOCKET_MAX_CONTEXTS; i++) {
		struct entry entry = {.wanted = i};

		zws_slots_each(copy, &entry);
		if (entry.is_found) {
			find_peer(&entry);
			print(sh, &entry);
			count++;
		}
	}
	if (count == 0) {
		shell_print(sh, "No websocket is open; there is room for %d.", CONFIG_WEBSOCKET_MAX_CONTEXTS);
	} else {
		shell_print(sh, "%d of %d in use", count, CONFIG_WEBSOCKET_MAX_CONTEXTS);
	}

	return 0;
}

SHELL_STATIC_SUBCMD_SET_CREATE(subcommands,
	SHELL_CMD_ARG(list, NULL,
		      "Every websocket by its descriptor: role and state, the socket below it and\n"
		      "its peer, sub-protocol, HTTP status of the handshake, data each way, pings\n"
		      "without an answer, and the status code of the peer's Close frame (1005: it\n"
		      "had none, 1006: the stream ended without one).",
		      list, 1, 0),
	SHELL_SUBCMD_SET_END
);

SHELL_CMD_REGISTER(websocket, &subcommands, "Websockets of this device (RFC 6455)", NULL);

#endif /* CONFIG_WEBSOCKET_RUST_SHELL */
