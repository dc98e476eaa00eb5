/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the agent share: see README.md for what it is told and what it answers.
 */
#ifndef PEERS_AGENT_H_
#define PEERS_AGENT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zephyr/net/socket.h>
#include <zephyr/net/websocket.h>

#define TIMEOUT_MS  10000
#define MESSAGE_MAX (1024 * 1024)
#define CONTROL_MAX 125

#define TYPE_FLAGS                                                                                 \
	(WEBSOCKET_FLAG_TEXT | WEBSOCKET_FLAG_BINARY | WEBSOCKET_FLAG_CLOSE |                      \
	 WEBSOCKET_FLAG_PING | WEBSOCKET_FLAG_PONG)

/* One line of what the agent is told. */
struct order {
	const char *name;
	/* send() and recv() instead of websocket_send_msg() and websocket_recv_msg(). */
	bool is_stream;
	const char *port;
	const char *path;
	/* The sub-protocol; NULL: none is offered. */
	const char *protocol;
	/* What the name asks for; empty where the line has no more words. */
	const char *argument;
	const char *second_argument;
};

/* The server's response to the handshake, as the application's callbacks saw it. */
struct response {
	unsigned int status;
	char field[64];
	char protocol[64];
	char location[64];
	char authenticate[64];
};

/* The connection of the running order; negative where there is none. */
struct connection {
	int sock;
	int websocket;
	struct response response;
};

/* What came of one message, and of the control frames before its end. */
struct arrival {
	size_t len;
	unsigned int frames;
	uint32_t type;
	unsigned int pings;
	unsigned int pongs;
	uint8_t control[CONTROL_MAX];
	size_t control_len;
};

extern struct connection connection;
extern uint8_t outgoing[MESSAGE_MAX];
extern uint8_t incoming[MESSAGE_MAX];

/* agent.c: ends the order with this reason. */
FUNC_NORETURN void fail(const char *format, ...) __printf_like(1, 2);
void check(bool condition, const char *what);

#define CHECK(condition) check((condition), #condition)

/* connection.c */
int connect_websocket(const struct order *order);
void open_websocket(const struct order *order);
void close_websocket(const struct order *order);
void wait_for_end(void);
unsigned int contexts_in_use(void);
void abandon(void);

/* messages.c */
void fill(uint8_t *data, size_t len, bool is_text);
void send_frame(const void *data, size_t len, enum websocket_opcode opcode, bool final);
void send_stream(const void *data, size_t len);
void receive_message(struct arrival *arrival);
size_t receive_close(uint8_t *payload, size_t size);
void receive_stream(size_t len);

/* echo.c */
void echo(size_t len, bool is_text, bool is_fragmenting);
void echo_sizes(const struct order *order);
void echo_fragmenting_server(const struct order *order);
void client_fragments(const struct order *order);

/* pings.c */
void want_pong(struct arrival *arrival, const void *payload, size_t len);
void client_pings(const struct order *order);
void ping_inside_message(const struct order *order);
void ping_before_message(const struct order *order);
void ping_while_idle(const struct order *order);

/* endings.c */
void disconnect(const struct order *order);
void client_close(const struct order *order);
void server_close_on_go(const struct order *order);
void server_close_on_closeme(const struct order *order);
void refused(const struct order *order);

/* orders.c: does what the line says; does not return where something is not as it should be. */
void carry_out(const struct order *order);

#endif /* PEERS_AGENT_H_ */
