/*
 * Certificates and keys, registered under a tag that a TLS socket names in TLS_SEC_TAG_LIST.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * PEM (with its terminating zero) or DER. The octets are not copied: they stay in place until they are deleted.
 * The PC port's sockets know certificates and private keys, no pre-shared keys.
 */
#ifndef ZEPHYR_HOST_NET_TLS_CREDENTIALS_H_
#define ZEPHYR_HOST_NET_TLS_CREDENTIALS_H_

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum tls_credential_type {
	TLS_CREDENTIAL_NONE = 0,
	TLS_CREDENTIAL_CA_CERTIFICATE = 1,
	TLS_CREDENTIAL_PUBLIC_CERTIFICATE = 2,
	TLS_CREDENTIAL_SERVER_CERTIFICATE = 2,
	TLS_CREDENTIAL_PRIVATE_KEY = 3,
	TLS_CREDENTIAL_PSK = 4,
	TLS_CREDENTIAL_PSK_ID = 5,
};

typedef int sec_tag_t;

/** @return 0, -EEXIST (the tag has one of this type), -ENOMEM (the table is full), -EINVAL. */
int tls_credential_add(sec_tag_t tag, enum tls_credential_type type, const void *cred, size_t credlen);
/** @return 0, -ENOENT, or -EFBIG with the length that is needed in `credlen`. */
int tls_credential_get(sec_tag_t tag, enum tls_credential_type type, void *cred, size_t *credlen);
/** @return 0 or -ENOENT. */
int tls_credential_delete(sec_tag_t tag, enum tls_credential_type type);

#ifdef __cplusplus
}
#endif

#endif /* ZEPHYR_HOST_NET_TLS_CREDENTIALS_H_ */
