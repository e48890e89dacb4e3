/* SPDX-License-Identifier: Apache-2.0
 *
 * See transport_fault.h. */
#include "graph/transport_fault.h"

#include <string.h>

/* What OpenSSL calls X509_V_ERR_*; part of its stable interface. */
#define VERIFY_OK 0L
#define VERIFY_UNSPECIFIED 1L
#define VERIFY_NOT_YET_VALID 9L
#define VERIFY_HAS_EXPIRED 10L
#define VERIFY_NAME 62L
#define VERIFY_ADDRESS 64L

/* curl looks at the name itself, after a chain that is good: then OpenSSL has no complaint. */
static uint32_t explain_certificate(const bkey_transport_fault *fault)
{
    long verdict = VERIFY_UNSPECIFIED;
    (void)curl_easy_getinfo(fault->easy, CURLINFO_SSL_VERIFYRESULT, &verdict);
    switch (verdict) {
    case VERIFY_OK:
    case VERIFY_UNSPECIFIED:
    case VERIFY_NAME:
    case VERIFY_ADDRESS:
        return BKEY_E_CERT_NAME;
    case VERIFY_NOT_YET_VALID:
    case VERIFY_HAS_EXPIRED:
        return BKEY_E_CERT_EXPIRED;
    default:
        return BKEY_E_CERT_UNTRUSTED;
    }
}

/* Nothing but words tells a version that was refused from any other handshake that failed. */
static uint32_t explain_handshake(const bkey_transport_fault *fault)
{
    const bool version = strstr(fault->said, "protocol version") != NULL ||
                         strstr(fault->said, "unsupported protocol") != NULL;
    return version ? BKEY_E_TLS_FLOOR : BKEY_E_TLS;
}

static uint32_t explain_tls(const bkey_transport_fault *fault)
{
    switch ((int)fault->result) {
    case CURLE_SSL_CONNECT_ERROR:
        return explain_handshake(fault);
    case CURLE_PEER_FAILED_VERIFICATION:
        return explain_certificate(fault);
    case CURLE_SSL_CACERT_BADFILE:
        return BKEY_E_CA_FILE;
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_USE_SSL_FAILED:
        return BKEY_E_TLS;
    default:
        return 0;
    }
}

/* A new connection that did not get as far as a handshake behind the proxy. */
static bool ended_at_proxy(const bkey_transport_fault *fault)
{
    long opened = 0;
    curl_off_t shaken_us = 0;
    (void)curl_easy_getinfo(fault->easy, CURLINFO_NUM_CONNECTS, &opened);
    (void)curl_easy_getinfo(fault->easy, CURLINFO_APPCONNECT_TIME_T, &shaken_us);
    return opened > 0 && shaken_us == 0;
}

/* 0 when the proxy did its part. */
static uint32_t explain_proxy(const bkey_transport_fault *fault)
{
    long answered = 0;
    const int result = (int)fault->result;
    if (result == CURLE_COULDNT_RESOLVE_PROXY || result == CURLE_PROXY ||
        result == CURLE_COULDNT_CONNECT)
        return BKEY_E_PROXY;
    (void)curl_easy_getinfo(fault->easy, CURLINFO_HTTP_CONNECTCODE, &answered);
    if (answered == 407)
        return BKEY_E_PROXY_LOGIN;
    if (answered != 0 && answered != 200)
        return BKEY_E_PROXY;
    if (explain_tls(fault) != 0)
        return fault->secure_proxy && answered == 0 && result != CURLE_SSL_CACERT_BADFILE
                   ? BKEY_E_PROXY
                   : 0;
    return answered == 0 && ended_at_proxy(fault) ? BKEY_E_PROXY : 0;
}

uint32_t bkey_transport_fault_reason(const bkey_transport_fault *fault)
{
    uint32_t reason = 0;
    if (fault->result == CURLE_OK)
        return 0;
    if (fault->result == CURLE_WRITE_ERROR && fault->overflow)
        return BKEY_E_BODY_SIZE;
    if (fault->result == CURLE_URL_MALFORMAT)
        return BKEY_E_URL;
    if (fault->result == CURLE_OUT_OF_MEMORY)
        return BKEY_E_NOMEM;
    if (fault->through_proxy)
        reason = explain_proxy(fault);
    if (reason == 0)
        reason = explain_tls(fault);
    return reason != 0 ? reason : BKEY_E_NETWORK;
}
