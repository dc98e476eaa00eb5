/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * A thread in user mode that makes one call after another and leaves the results where the test can see them.
 */
#ifndef USERSPACE_USER_H_
#define USERSPACE_USER_H_

#include <stddef.h>
#include <stdint.h>

enum user_call {
	USER_END,
	USER_SEND,      /* `text` */
	USER_RECV,      /* into `data` */
	USER_RECV_KERNEL, /* into memory that is not the thread's */
	USER_POLL,      /* for `events`, at most `timeout_ms` */
	USER_FCNTL,     /* O_NONBLOCK */
	USER_CLOSE,
};

struct user_step {
	enum user_call call;
	const char *text;
	int flags;
	short events;
	int timeout_ms;
	/* What came of it. */
	int result;
	int error;
	short revents;
	char data[16];
};

#define USER_STEPS 8
/* In the thread's own memory. */
extern struct user_step *const user_steps;

/* Lets the thread's memory be its own; once. */
void user_init(void);

/* Which descriptors the thread may use. */
enum user_grant {
	GRANT_NOTHING,
	GRANT_WEBSOCKET,
	GRANT_BOTH,
};

/* Starts the thread: it does `user_steps` on `ws`, which is carried by `tcp`, until USER_END. */
void user_start(int ws, int tcp, enum user_grant grant);

/* Waits for its end. */
void user_join(void);

#endif /* USERSPACE_USER_H_ */
