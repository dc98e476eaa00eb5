/*
 * Opens TLS connections: one end connects, the other accepts in a thread of its own, as both handshakes wait.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tls_pair.h"

#if BEHAVIOUR_HAS_TLS

#include <stdlib.h>

#include <zephyr/net/tls_credentials.h>

#include "suite.h"
/* Made by cargo xtask. */
#include "test_certificates.h"

#define TAG_AUTHORITY 1
#define TAG_SERVER 2
#define SERVER_NAME "ws.example"

static K_THREAD_STACK_DEFINE(stack, BEHAVIOUR_STACK_SIZE);
static struct k_thread thread;
static int accepted;
/* Of TLS 1.2 and 1.3; they stay open, so that the numbers of descriptors are as without TLS. */
static struct {
	int sock;
	struct sockaddr_in address;
} listeners[2] = {{.sock = -1}, {.sock = -1}};

bool tls_is_wanted(void)
{
	return getenv("BEHAVIOUR_OVER_TLS") != NULL;
}

static void add_credentials(void)
{
	static bool done;

	if (done) {
		return;
	}
	done = true;
	zassert_ok(tls_credential_add(TAG_AUTHORITY, TLS_CREDENTIAL_CA_CERTIFICATE, test_authority,
				      sizeof(test_authority)));
	zassert_ok(tls_credential_add(TAG_SERVER, TLS_CREDENTIAL_PUBLIC_CERTIFICATE, test_server,
				      sizeof(test_server)));
	zassert_ok(tls_credential_add(TAG_SERVER, TLS_CREDENTIAL_PRIVATE_KEY, test_server_key,
				      sizeof(test_server_key)));
}

static int open_socket(int protocol, sec_tag_t tag)
{
	const int sock = zsock_socket(AF_INET, SOCK_STREAM, protocol);

	zassert_true(sock >= 0, "no socket: errno %d", errno);
	zassert_ok(zsock_setsockopt(sock, SOL_TLS, TLS_SEC_TAG_LIST, &tag, sizeof(tag)), "errno %d", errno);

	return sock;
}

static void accept_one(void *listener, void *unused_1, void *unused_2)
{
	ARG_UNUSED(unused_1);
	ARG_UNUSED(unused_2);
	accepted = zsock_accept(*(int *)listener, NULL, NULL);
}

static void listen_once(int protocol, size_t index)
{
	struct sockaddr_in *const address = &listeners[index].address;
	socklen_t len = sizeof(*address);

	if (listeners[index].sock >= 0) {
		return;
	}
	add_credentials();
	*address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	listeners[index].sock = open_socket(protocol, TAG_SERVER);
	zassert_ok(zsock_bind(listeners[index].sock, (struct sockaddr *)address, len), "errno %d", errno);
	zassert_ok(zsock_listen(listeners[index].sock, 1), "errno %d", errno);
	zassert_ok(zsock_getsockname(listeners[index].sock, (struct sockaddr *)address, &len), "errno %d", errno);
}

void tls_pair(int protocol, int *connecting, int *accepting)
{
	const size_t index = protocol == IPPROTO_TLS_1_3;
	const int on = 1;
	int result, error;

	listen_once(IPPROTO_TLS_1_2, 0);
	listen_once(IPPROTO_TLS_1_3, 1);
	*connecting = open_socket(protocol, TAG_AUTHORITY);
	zassert_ok(zsock_setsockopt(*connecting, SOL_TLS, TLS_HOSTNAME, SERVER_NAME, sizeof(SERVER_NAME)));
	k_thread_create(&thread, stack, K_THREAD_STACK_SIZEOF(stack), accept_one, &listeners[index].sock, NULL, NULL,
			K_PRIO_PREEMPT(8), 0, K_NO_WAIT);
	result = zsock_connect(*connecting, (struct sockaddr *)&listeners[index].address,
			       sizeof(listeners[index].address));
	error = errno;
	(void)k_thread_join(&thread, K_FOREVER);
	*accepting = accepted;
	zassert_ok(result, "no TLS connection: errno %d", error);
	zassert_true(accepted >= 0, "no TLS connection was accepted");
	(void)zsock_setsockopt(*connecting, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	(void)zsock_setsockopt(*accepting, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

struct port_tls_counts tls_counts(int sock)
{
	struct port_tls_counts counts = {0};

	zassert_ok(port_tls_counts(sock, &counts), "errno %d", errno);

	return counts;
}

bool tls_was_repeated_wrongly(int sock)
{
	struct port_tls_counts counts;

	return port_tls_counts(sock, &counts) == 0 && counts.wrong_repetitions > 0;
}

#endif /* BEHAVIOUR_HAS_TLS */
