/*
 * getsockopt() and setsockopt() at the websocket's own level, checked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BEHAVIOUR_OPTION_CALLS_H_
#define BEHAVIOUR_OPTION_CALLS_H_

#include <zephyr/net/websocket_socket.h>

#include "conn.h"

/* An option that is an int. */
#define set_number(c, name, value) set_number_at(__LINE__, c, name, value)
void set_number_at(int line, struct conn *c, int name, int value);

#define expect_number(c, name, value) expect_number_at(__LINE__, c, name, value)
void expect_number_at(int line, struct conn *c, int name, int value);

/* setsockopt() with an int fails and changes nothing. */
#define expect_refused(c, name, value, error) expect_refused_at(__LINE__, c, name, value, error)
void expect_refused_at(int line, struct conn *c, int name, int value, int error);

/* An option that is text. */
#define set_text(c, name, text) set_text_at(__LINE__, c, name, text)
void set_text_at(int line, struct conn *c, int name, const char *text);

#define expect_option_text(c, name, text) expect_option_text_at(__LINE__, c, name, text)
void expect_option_text_at(int line, struct conn *c, int name, const char *text);

/* SO_ERROR of SOL_SOCKET. */
#define expect_socket_error(c, error) expect_socket_error_at(__LINE__, c, error)
void expect_socket_error_at(int line, struct conn *c, int error);

/* SO_RCVTIMEO or SO_SNDTIMEO. */
void set_limit_ms(struct conn *c, int name, int limit_ms);

#endif /* BEHAVIOUR_OPTION_CALLS_H_ */
