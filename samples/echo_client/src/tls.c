/*
 * SPDX-License-Identifier: Apache-2.0
 *
 * Sockets for wss:// on a PC: TLS to a server whose certificate an authority has signed.
 */
#include "echo_client.h"

#if defined(CONFIG_ZEPHYR_HOST)

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zephyr/net/socket.h>
#include <zephyr/net/tls_credentials.h>

#define TAG 1

int tls_trust(const char *path)
{
	FILE *const file = fopen(path, "rb");
	char *pem = NULL;
	long size;
	int result = -EIO;

	if (file == NULL) {
		result = -errno;
		printk("error: %s with certificates of authorities: %s\n", path, strerror(-result));
		return result;
	}
	if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) > 0 && fseek(file, 0, SEEK_SET) == 0) {
		pem = malloc((size_t)size + 1);
		if (pem != NULL && fread(pem, 1, (size_t)size, file) == (size_t)size) {
			/* PEM is told by its terminating zero. The TLS layer keeps the memory. */
			pem[size] = '\0';
			result = tls_credential_add(TAG, TLS_CREDENTIAL_CA_CERTIFICATE, pem, (size_t)size + 1);
		}
	}
	(void)fclose(file);
	if (result != 0) {
		printk("error: no certificates from %s (%d)\n", path, result);
		free(pem);
	}

	return result;
}

int tls_socket(int family, const char *host)
{
	const sec_tag_t tags[] = {TAG};
	const int verify = TLS_PEER_VERIFY_REQUIRED;
	const int sock = zsock_socket(family, SOCK_STREAM, IPPROTO_TLS_1_2);

	if (sock >= 0 && (zsock_setsockopt(sock, SOL_TLS, TLS_SEC_TAG_LIST, tags, sizeof(tags)) != 0 ||
			  zsock_setsockopt(sock, SOL_TLS, TLS_HOSTNAME, host, strlen(host) + 1) != 0 ||
			  zsock_setsockopt(sock, SOL_TLS, TLS_PEER_VERIFY, &verify, sizeof(verify)) != 0)) {
		const int error = errno;

		zsock_close(sock);
		errno = error;
		return -1;
	}

	return sock;
}

#endif /* CONFIG_ZEPHYR_HOST */
