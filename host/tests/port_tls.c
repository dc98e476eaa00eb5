/*
 * The port's TLS sockets behave as the kernel's: verification, records, repeated sends, and poll with decrypted data.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <port/tls_counts.h>
#include <zephyr/net/socket.h>
#include <zephyr/net/tls_credentials.h>
#include <zephyr/ztest.h>

#include "port_helper_thread.h"
#include "test_certificates.h"
#include "sockets_internal.h"

#define TAG_AUTHORITY 1
#define TAG_SERVER 2
#define TAG_STRANGER 3
#define TAG_DER 4

static int listener = -1;
static int client = -1;
static int server = -1;
static struct sockaddr_in address;

static void *add_credentials(void)
{
	zassert_ok(tls_credential_add(TAG_AUTHORITY, TLS_CREDENTIAL_CA_CERTIFICATE, test_authority,
				      sizeof(test_authority)));
	zassert_ok(tls_credential_add(TAG_DER, TLS_CREDENTIAL_CA_CERTIFICATE, test_authority_der,
				      sizeof(test_authority_der)));
	zassert_ok(tls_credential_add(TAG_STRANGER, TLS_CREDENTIAL_CA_CERTIFICATE, test_stranger,
				      sizeof(test_stranger)));
	zassert_ok(tls_credential_add(TAG_SERVER, TLS_CREDENTIAL_PUBLIC_CERTIFICATE, test_server,
				      sizeof(test_server)));
	zassert_ok(tls_credential_add(TAG_SERVER, TLS_CREDENTIAL_PRIVATE_KEY, test_server_key,
				      sizeof(test_server_key)));
	return NULL;
}

static void delete_credentials(void *fixture)
{
	ARG_UNUSED(fixture);
	(void)tls_credential_delete(TAG_AUTHORITY, TLS_CREDENTIAL_CA_CERTIFICATE);
	(void)tls_credential_delete(TAG_DER, TLS_CREDENTIAL_CA_CERTIFICATE);
	(void)tls_credential_delete(TAG_STRANGER, TLS_CREDENTIAL_CA_CERTIFICATE);
	(void)tls_credential_delete(TAG_SERVER, TLS_CREDENTIAL_PUBLIC_CERTIFICATE);
	(void)tls_credential_delete(TAG_SERVER, TLS_CREDENTIAL_PRIVATE_KEY);
}

static int tls_socket(int protocol, sec_tag_t tag)
{
	const int sock = zsock_socket(AF_INET, SOCK_STREAM, protocol);

	zassert_true(sock >= 0, "errno %d", errno);
	zassert_ok(zsock_setsockopt(sock, SOL_TLS, TLS_SEC_TAG_LIST, &tag, sizeof(tag)));

	return sock;
}

static void listen_with(int protocol)
{
	socklen_t length = sizeof(address);

	address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	listener = tls_socket(protocol, TAG_SERVER);
	zassert_ok(zsock_bind(listener, (struct sockaddr *)&address, sizeof(address)));
	zassert_ok(zsock_listen(listener, 1));
	zassert_ok(zsock_getsockname(listener, (struct sockaddr *)&address, &length));
}

static void accept_one(void *unused_1, void *unused_2, void *unused_3)
{
	ARG_UNUSED(unused_1);
	ARG_UNUSED(unused_2);
	ARG_UNUSED(unused_3);
	server = zsock_accept(listener, NULL, NULL);
}

/* The result of connect(), with errno. */
static int connect_to_listener(int sock)
{
	int result, error;

	start_helper(accept_one, NULL);
	result = zsock_connect(sock, (struct sockaddr *)&address, sizeof(address));
	error = errno;
	join_helper();
	errno = error;

	return result;
}

static void open_pair(int protocol)
{
	listen_with(protocol);
	client = tls_socket(protocol, TAG_AUTHORITY);
	zassert_ok(zsock_setsockopt(client, SOL_TLS, TLS_HOSTNAME, "localhost", sizeof("localhost")));
	zassert_ok(connect_to_listener(client), "errno %d", errno);
	zassert_true(server >= 0);
}

static void close_one(int *sock)
{
	if (*sock >= 0) {
		(void)zsock_close(*sock);
		*sock = -1;
	}
}

static void close_all(void *fixture)
{
	ARG_UNUSED(fixture);
	close_one(&client);
	close_one(&server);
	close_one(&listener);
}

static struct port_tls_counts counts_of(int sock)
{
	struct port_tls_counts counts;

	zassert_ok(port_tls_counts(sock, &counts), "errno %d", errno);

	return counts;
}

static void check_exchange(int protocol)
{
	char buffer[8] = "";
	socklen_t length = sizeof(int);
	int value = 0;

	open_pair(protocol);
	zassert_equal(zsock_send(client, "abc", 3, 0), 3);
	zassert_equal(zsock_recv(server, buffer, sizeof(buffer), 0), 3);
	zassert_mem_equal(buffer, "abc", 3);
	zassert_equal(zsock_send(server, "defg", 4, 0), 4);
	zassert_equal(zsock_recv(client, buffer, 4, ZSOCK_MSG_WAITALL), 4);
	zassert_mem_equal(buffer, "defg", 4);
	zassert_equal(zsock_recv(client, buffer, sizeof(buffer), ZSOCK_MSG_DONTWAIT), -1);
	zassert_equal(errno, EAGAIN);
	zassert_ok(zsock_getsockopt(client, SOL_SOCKET, SO_PROTOCOL, &value, &length));
	zassert_equal(value, protocol);
	zassert_true(net_socket_is_tls(zsock_get_context_object(client)));
	zassert_false(net_socket_is_tls(&value));
	/* The end of the session is the end of the stream. */
	close_one(&client);
	zassert_ok(zsock_recv(server, buffer, sizeof(buffer), 0));
}

ZTEST(port_tls, octets_both_ways_with_tls_1_2)
{
	check_exchange(IPPROTO_TLS_1_2);
}

ZTEST(port_tls, octets_both_ways_with_tls_1_3)
{
	check_exchange(IPPROTO_TLS_1_3);
}

static void check_connect(sec_tag_t tag, const char *hostname, int verify, bool is_accepted)
{
	int result;

	listen_with(IPPROTO_TLS_1_2);
	client = tls_socket(IPPROTO_TLS_1_2, tag);
	if (hostname == NULL || hostname[0] != '\0') {
		zassert_ok(zsock_setsockopt(client, SOL_TLS, TLS_HOSTNAME, hostname,
					    hostname == NULL ? 0 : strlen(hostname) + 1));
	}
	if (verify >= 0) {
		zassert_ok(zsock_setsockopt(client, SOL_TLS, TLS_PEER_VERIFY, &verify, sizeof(verify)));
	}
	result = connect_to_listener(client);
	zassert_equal(result, is_accepted ? 0 : -1);
	zassert_true(is_accepted || errno == ECONNABORTED, "errno %d", errno);
	close_all(NULL);
}

ZTEST(port_tls, certificate_is_checked_as_far_as_the_options_say)
{
	check_connect(TAG_AUTHORITY, "localhost", -1, true);
	check_connect(TAG_DER, "localhost", -1, true);
	check_connect(TAG_AUTHORITY, "127.0.0.1", -1, true);
	check_connect(TAG_AUTHORITY, "elsewhere.example", -1, false);
	check_connect(TAG_STRANGER, "localhost", -1, false);
	check_connect(TAG_STRANGER, "localhost", TLS_PEER_VERIFY_REQUIRED, false);
	check_connect(TAG_STRANGER, "elsewhere.example", TLS_PEER_VERIFY_NONE, true);
	check_connect(TAG_STRANGER, "localhost", TLS_PEER_VERIFY_OPTIONAL, true);
	/* Not set is a name that no certificate has; NULL is every name, and still no other authority. */
	check_connect(TAG_AUTHORITY, "", -1, false);
	check_connect(TAG_AUTHORITY, NULL, -1, true);
	check_connect(TAG_STRANGER, NULL, -1, false);
}

ZTEST(port_tls, handshake_does_not_wait_for_ever)
{
	const int silent = zsock_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	socklen_t length = sizeof(address);
	const int64_t start = k_uptime_get();

	address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	zassert_ok(zsock_bind(silent, (struct sockaddr *)&address, sizeof(address)));
	zassert_ok(zsock_listen(silent, 1));
	zassert_ok(zsock_getsockname(silent, (struct sockaddr *)&address, &length));
	client = tls_socket(IPPROTO_TLS_1_2, TAG_AUTHORITY);
	zassert_equal(zsock_connect(client, (struct sockaddr *)&address, sizeof(address)), -1);
	zassert_equal(errno, ETIMEDOUT);
	zassert_true(k_uptime_get() - start >= CONFIG_NET_SOCKETS_CONNECT_TIMEOUT - 1);
	zassert_ok(zsock_close(silent));
}

ZTEST(port_tls, credentials_and_options_are_refused_as_by_the_kernel)
{
	char buffer[sizeof(test_authority)];
	size_t len = 1;
	const sec_tag_t tags[5] = {0};
	const int wrong = 7;
	struct port_tls_counts counts;

	zassert_equal(tls_credential_add(TAG_AUTHORITY, TLS_CREDENTIAL_CA_CERTIFICATE, "x", 1), -EEXIST);
	zassert_equal(tls_credential_get(TAG_AUTHORITY, TLS_CREDENTIAL_CA_CERTIFICATE, buffer, &len), -EFBIG);
	zassert_equal(len, sizeof(test_authority));
	zassert_ok(tls_credential_get(TAG_AUTHORITY, TLS_CREDENTIAL_CA_CERTIFICATE, buffer, &len));
	zassert_mem_equal(buffer, test_authority, len);
	zassert_equal(tls_credential_get(TAG_AUTHORITY, TLS_CREDENTIAL_PSK, buffer, &len), -ENOENT);
	zassert_equal(tls_credential_delete(99, TLS_CREDENTIAL_CA_CERTIFICATE), -ENOENT);

	zassert_equal(zsock_socket(AF_INET, SOCK_DGRAM, IPPROTO_TLS_1_2), -1);
	zassert_equal(errno, EPROTOTYPE);
	client = tls_socket(IPPROTO_TLS_1_2, TAG_AUTHORITY);
	zassert_equal(zsock_setsockopt(client, SOL_TLS, TLS_SEC_TAG_LIST, tags, sizeof(tags)), -1);
	zassert_equal(errno, EINVAL);
	zassert_equal(zsock_setsockopt(client, SOL_TLS, TLS_PEER_VERIFY, &wrong, sizeof(wrong)), -1);
	zassert_equal(errno, EINVAL);
	zassert_equal(zsock_setsockopt(client, SOL_TLS, TLS_ALPN_LIST, NULL, 0), -1);
	zassert_equal(errno, ENOPROTOOPT);
	zassert_equal(zsock_send(client, "x", 1, 0), -1);
	zassert_equal(errno, ENOTCONN);
	zassert_equal(zsock_ioctl(client, ZFD_IOCTL_FIONREAD, &len), -1);
	zassert_equal(errno, EOPNOTSUPP);
	zassert_equal(port_tls_counts(client, &counts), -1);
	zassert_equal(errno, ENOTCONN);
	zassert_equal(zsock_fcntl(client, ZVFS_F_GETFL), 0);
	zassert_ok(zsock_fcntl(client, ZVFS_F_SETFL, ZVFS_O_NONBLOCK));
	zassert_equal(zsock_fcntl(client, ZVFS_F_GETFL), ZVFS_O_NONBLOCK);
}

ZTEST(port_tls, each_send_is_one_record_and_each_receive_at_most_one)
{
	static uint8_t big[CONFIG_MBEDTLS_SSL_MAX_CONTENT_LEN + 100];
	static uint8_t buffer[sizeof(big)];
	struct iovec parts[] = {{"ab", 2}, {NULL, 0}, {"cde", 3}};
	const struct msghdr message = {.msg_iov = parts, .msg_iovlen = 3};

	open_pair(IPPROTO_TLS_1_2);
	zassert_equal(counts_of(client).records_sent, 0);
	zassert_equal(zsock_send(client, "x", 1, 0), 1);
	zassert_equal(zsock_send(client, "yz", 2, 0), 2);
	zassert_equal(counts_of(client).records_sent, 2);
	zassert_equal(zsock_recv(server, buffer, sizeof(buffer), 0), 1);
	zassert_equal(zsock_recv(server, buffer, sizeof(buffer), 0), 2);
	zassert_equal(zsock_sendmsg(client, &message, 0), 5);
	zassert_equal(counts_of(client).records_sent, 4);
	zassert_equal(zsock_recv(server, buffer, sizeof(buffer), 0), 2);
	zassert_equal(zsock_recv(server, buffer, sizeof(buffer), 0), 3);
	zassert_equal(zsock_send(client, big, sizeof(big), 0), CONFIG_MBEDTLS_SSL_MAX_CONTENT_LEN);
	zassert_equal(zsock_recv(server, buffer, sizeof(buffer), 0), CONFIG_MBEDTLS_SSL_MAX_CONTENT_LEN);
}

/* The data is in the session, and TCP knows nothing of it. */
ZTEST(port_tls, decrypted_data_is_readable)
{
	struct zsock_pollfd entry = {.events = ZSOCK_POLLIN};
	char buffer[8];

	open_pair(IPPROTO_TLS_1_2);
	entry.fd = client;
	zassert_equal(zsock_poll(&entry, 1, SHORT_MS), 0);
	zassert_equal(zsock_send(server, "abcd", 4, 0), 4);
	zassert_equal(zsock_poll(&entry, 1, LONG_MS), 1);
	zassert_equal(entry.revents, ZSOCK_POLLIN);
	zassert_equal(zsock_recv(client, buffer, 1, 0), 1);
	zassert_equal(zsock_poll(&entry, 1, LONG_MS), 1);
	zassert_equal(entry.revents, ZSOCK_POLLIN);
	zassert_equal(zsock_recv(client, buffer, sizeof(buffer), 0), 3);
	zassert_equal(zsock_poll(&entry, 1, SHORT_MS), 0);
	close_one(&server);
	zassert_equal(zsock_poll(&entry, 1, LONG_MS), 1);
	zassert_equal(entry.revents & (ZSOCK_POLLIN | ZSOCK_POLLHUP), ZSOCK_POLLIN | ZSOCK_POLLHUP, "%x",
		      entry.revents);
	zassert_ok(zsock_recv(client, buffer, sizeof(buffer), 0));
}

/* A TLS 1.3 server sends tickets after the handshake: TCP is readable, and there is no data. */
ZTEST(port_tls, records_without_data_are_not_readable)
{
	struct zsock_pollfd entry = {.events = ZSOCK_POLLIN};
	const int64_t start = k_uptime_get();
	uint32_t before;

	open_pair(IPPROTO_TLS_1_3);
	before = counts_of(client).records_received;
	entry.fd = client;
	zassert_equal(zsock_poll(&entry, 1, SHORT_MS), 0);
	zassert_true(counts_of(client).records_received > before, "no tickets: nothing was tested");
	zassert_true(k_uptime_get() - start >= SHORT_MS - 1);
}

static int fill(void)
{
	static uint8_t block[1024];
	int sent = 0, before;

	/* What is on its way makes room again for a moment. */
	do {
		before = sent;
		while (zsock_send(client, block, sizeof(block), ZSOCK_MSG_DONTWAIT) == sizeof(block)) {
			sent++;
		}
		zassert_equal(errno, EAGAIN);
		k_msleep(SHORT_MS);
	} while (sent > before);

	return sent;
}

ZTEST(port_tls, refused_send_is_repeated_with_the_same_octets)
{
	static uint8_t block[1024];
	static uint8_t other[sizeof(block)] = {1};
	static uint8_t buffer[sizeof(block)];
	const struct timeval limit = {.tv_usec = SHORT_MS * 1000};
	uint32_t records;
	int sent;

	open_pair(IPPROTO_TLS_1_2);
	sent = fill();
	records = counts_of(client).records_sent;
	/* The record is made, and on its way. */
	zassert_equal(records, (uint32_t)sent + 1);
	zassert_true(counts_of(client).sends_refused >= 1);
	zassert_equal(zsock_send(client, other, sizeof(other), ZSOCK_MSG_DONTWAIT), -1);
	zassert_equal(errno, EINVAL);
	zassert_equal(zsock_send(client, block, sizeof(block) - 1, ZSOCK_MSG_DONTWAIT), -1);
	zassert_equal(errno, EINVAL);
	zassert_equal(zsock_send(client, block, sizeof(block) + 1, ZSOCK_MSG_DONTWAIT), -1);
	zassert_equal(errno, EINVAL);
	zassert_equal(counts_of(client).wrong_repetitions, 3);
	zassert_ok(zsock_setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)));
	zassert_equal(zsock_send(client, block, sizeof(block), 0), -1);
	zassert_equal(errno, EAGAIN);
	for (int i = 0; i < sent; i++) {
		zassert_equal(zsock_recv(server, buffer, sizeof(buffer), ZSOCK_MSG_WAITALL), (ssize_t)sizeof(buffer));
	}
	zassert_equal(zsock_send(client, block, sizeof(block), 0), sizeof(block));
	zassert_equal(counts_of(client).records_sent, records);
	zassert_equal(zsock_recv(server, buffer, sizeof(buffer), ZSOCK_MSG_WAITALL), (ssize_t)sizeof(buffer));
	zassert_equal(zsock_send(client, other, sizeof(other), 0), sizeof(other));
	zassert_equal(zsock_recv(server, buffer, sizeof(buffer), ZSOCK_MSG_WAITALL), (ssize_t)sizeof(buffer));
	zassert_mem_equal(buffer, other, sizeof(buffer));
}

static int received_errno;

static void receive_one(void *unused_1, void *unused_2, void *unused_3)
{
	char byte;

	ARG_UNUSED(unused_1);
	ARG_UNUSED(unused_2);
	ARG_UNUSED(unused_3);
	received_errno = zsock_recv(client, &byte, 1, 0) == 1 ? 0 : errno;
}

ZTEST(port_tls, blocked_receive_lets_others_send_and_ends_with_close)
{
	char byte;

	open_pair(IPPROTO_TLS_1_2);
	start_helper(receive_one, NULL);
	k_msleep(SHORT_MS);
	zassert_equal(zsock_send(client, "x", 1, 0), 1, "the lock is free meanwhile");
	zassert_equal(zsock_recv(server, &byte, 1, 0), 1);
	close_one(&client);
	join_helper();
	zassert_equal(received_errno, EBADF);
}

/* Without the peer's goodbye too, as mbedTLS and Zephyr's socket have it. */
ZTEST(port_tls, end_of_tcp_alone_is_the_end)
{
	struct zsock_pollfd pollfd = {.events = ZSOCK_POLLIN};
	char byte;

	open_pair(IPPROTO_TLS_1_2);
	zassert_equal(zsock_send(server, "x", 1, 0), 1);
	zassert_ok(zsock_shutdown(server, ZSOCK_SHUT_WR));
	zassert_equal(zsock_recv(client, &byte, 1, 0), 1);
	pollfd.fd = client;
	zassert_equal(zsock_poll(&pollfd, 1, SHORT_MS), 1);
	zassert_equal(pollfd.revents, ZSOCK_POLLIN | ZSOCK_POLLHUP, "0x%x", pollfd.revents);
	zassert_equal(zsock_recv(client, &byte, 1, 0), 0);
	zassert_equal(zsock_recv(client, &byte, 1, ZSOCK_MSG_DONTWAIT), 0, "it stays so");
}

ZTEST_SUITE(port_tls, NULL, add_credentials, NULL, close_all, delete_credentials);
