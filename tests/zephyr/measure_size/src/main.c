/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * The calls that a TCP application makes, and with CONFIG_WEBSOCKET_CLIENT those of a websocket: linked, never run.
 */
#include <zephyr/kernel.h>
#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>

static uint8_t data[256];

static void exchange(int sock)
{
	struct zsock_pollfd entry = {.fd = sock, .events = ZSOCK_POLLIN};

	(void)zsock_send(sock, data, sizeof(data), 0);
	(void)zsock_poll(&entry, 1, 100);
	printk("%d\n", (int)zsock_recv(sock, data, sizeof(data), 0));
}

#if defined(CONFIG_WEBSOCKET_CLIENT)
static void use_websocket(int sock)
{
	static uint8_t tmp[512];
	struct websocket_request request = {
		.host = "192.0.2.1", .url = "/", .tmp_buf = tmp, .tmp_buf_len = sizeof(tmp),
	};
	const int ws = websocket_connect(sock, &request, 3000, NULL);
	uint32_t type;
	uint64_t remaining;

	if (ws < 0) {
		return;
	}
	(void)websocket_send_msg(ws, data, sizeof(data), WEBSOCKET_OPCODE_DATA_BINARY, true, true, 1000);
	printk("%d\n", websocket_recv_msg(ws, data, sizeof(data), &type, &remaining, 1000));
	exchange(ws);
	(void)websocket_disconnect(ws);
}
#endif

int main(void)
{
	struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(8080)};
	const int sock = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

	(void)zsock_inet_pton(AF_INET, "192.0.2.1", &peer.sin_addr);
	if (zsock_connect(sock, (struct sockaddr *)&peer, sizeof(peer)) != 0) {
		return 1;
	}
#if defined(CONFIG_WEBSOCKET_CLIENT)
	use_websocket(sock);
#endif
	exchange(sock);
	(void)zsock_close(sock);

	return 0;
}
