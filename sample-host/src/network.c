/* SPDX-License-Identifier: Apache-2.0
 *
 * See network.h. */
#include "sample-host/src/network.h"

#include "dph/service_http_policy.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/settings.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#define CA_FILE_MAX ((size_t)4 << 20)
#define MIB ((uint64_t)1 << 20)

static const char schema[] =
    "{\"settings\":["
    "{\"key\":\"http_proxy\",\"type\":\"text\",\"default\":\"\"},"
    "{\"key\":\"http_proxy_login_file\",\"type\":\"text\",\"default\":\"\"},"
    "{\"key\":\"http_ca_file\",\"type\":\"text\",\"default\":\"\"},"
    "{\"key\":\"http_tls_min\",\"type\":\"choice\",\"choices\":[\"1.2\",\"1.3\"],"
    "\"default\":\"1.2\"},"
    "{\"key\":\"http_max_body_mib\",\"type\":\"int\",\"min\":0,\"max\":1024,\"default\":0}]}";

bool host_network_open(host *h, host_error *err)
{
    h->own.host = h;
    h->own.manifest = json_loads(schema, 0, NULL);
    return h->own.manifest != NULL || host_error_set(err, DPH_E_NOMEM, 0, "Out of memory.");
}

void host_network_close(host *h)
{
    json_decref(h->own.manifest);
    h->own.manifest = NULL;
}

static size_t span_host(const char *at)
{
    if (at[0] == '[') {
        size_t inner = strspn(at + 1, "0123456789abcdefABCDEF:.");
        return inner > 0 && at[1 + inner] == ']' ? inner + 2 : 0;
    }
    return strspn(at, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-");
}

static bool is_proxy(const char *url)
{
    size_t scheme = strncmp(url, "http://", 7) == 0 ? 7 : strncmp(url, "https://", 8) == 0 ? 8 : 0;
    size_t name = scheme > 0 ? span_host(url + scheme) : 0;
    if (name == 0 || url[scheme + name] != ':') {
        return false;
    }
    uint32_t port = 0;
    const char *at = url + scheme + name + 1;
    for (; *at >= '0' && *at <= '9' && port <= UINT16_MAX; at++) {
        port = port * 10 + (uint32_t)(*at - '0');
    }
    return *at == '\0' && port >= 1 && port <= UINT16_MAX;
}

static bool check_proxy(const char *value, host_error *err)
{
    if (strchr(value, '@') != NULL) {
        return host_error_set(err, DPH_E_INVALID, 0,
                              "http_proxy is shown to everyone: put the proxy's user name and "
                              "password into a file and name it in http_proxy_login_file.");
    }
    if (strlen(value) >= sizeof((host_network *)0)->proxy || !is_proxy(value)) {
        return host_error_set(err, DPH_E_INVALID, 0,
                              "http_proxy wants http://HOST:PORT or https://HOST:PORT.");
    }
    return true;
}

static bool check_path(const char *key, const char *value, host_error *err)
{
    if (value[0] != '/' || strlen(value) >= PATH_MAX) {
        return host_error_set(err, DPH_E_INVALID, 0, "%s wants the absolute path of a file.", key);
    }
    return true;
}

static bool is_login(const host_secret *login)
{
    const unsigned char *colon = login->len > 0 ? memchr(login->ptr, ':', login->len) : NULL;
    if (colon == NULL || colon == login->ptr || login->len > DPH_HTTP_LOGIN_MAX) {
        return false;
    }
    for (size_t i = 0; i < login->len; i++) {
        if (login->ptr[i] < 0x20 || login->ptr[i] > 0x7e) {
            return false;
        }
    }
    return true;
}

static bool read_login(const char *path, host_secret *out, host_error *err)
{
    host_secret login = {0};
    if (!host_file_read(path, DPH_HTTP_LOGIN_MAX + 2, true, &login, err)) {
        return false;
    }
    while (login.len > 0 &&
           (login.ptr[login.len - 1] == '\n' || login.ptr[login.len - 1] == '\r')) {
        login.len--;
    }
    if (!is_login(&login)) {
        host_secret_done(&login);
        return host_error_set(err, DPH_E_INVALID, 0,
                              "%s wants one line USER:PASSWORD of printable characters.", path);
    }
    *out = login;
    return true;
}

/* curl takes what it can read and drops the rest, so a file with one bad entry is no good file. */
static bool is_authorities(const host_secret *pem)
{
    size_t count = 0;
    BIO *bio = BIO_new_mem_buf(pem->ptr, (int)pem->len);
    X509 *one = NULL;
    while (bio != NULL && (one = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        X509_free(one);
        count++;
    }
    unsigned long why = ERR_peek_last_error();
    ERR_clear_error();
    BIO_free(bio);
    return count > 0 && ERR_GET_LIB(why) == ERR_LIB_PEM &&
           ERR_GET_REASON(why) == PEM_R_NO_START_LINE;
}

/* Such files are often links into the system's folders. */
static bool check_authorities(const char *path, host_error *err)
{
    host_secret pem = {0};
    char real[PATH_MAX];
    if (!host_file_resolve(path, real, err) ||
        !host_file_read(real, CA_FILE_MAX, false, &pem, err)) {
        return false;
    }
    bool good = pem.len > 0 && is_authorities(&pem);
    host_secret_done(&pem);
    return good || host_error_set(err, DPH_E_INVALID, 0,
                                  "%s holds no certificates in PEM, or one that is damaged.", path);
}

bool host_network_check(const char *key, const char *value, host_error *err)
{
    if (value[0] == '\0') {
        return true;
    }
    if (strcmp(key, "http_proxy") == 0) {
        return check_proxy(value, err);
    }
    if (strcmp(key, "http_ca_file") == 0) {
        return check_path(key, value, err) && check_authorities(value, err);
    }
    if (strcmp(key, "http_proxy_login_file") == 0) {
        host_secret login = {0};
        bool ok = check_path(key, value, err) && read_login(value, &login, err);
        host_secret_done(&login);
        return ok;
    }
    return true;
}

static bool read_setting(const host *h, const char *key, char *out, size_t cap, host_error *err)
{
    char value[HOST_SETTINGS_VALUE_MAX];
    dph_str name = host_str(key);
    if (!host_settings_get(&h->own, &name, value, sizeof value, err)) {
        return false;
    }
    if (strlen(value) >= cap) {
        return host_error_set(err, DPH_E_CORRUPT, 0, "The value is too long.");
    }
    memcpy(out, value, strlen(value) + 1);
    return true;
}

static bool load(const host *h, const char **out_key, host_network *out, host_error *err)
{
    char tls[8] = "";
    char mib[24] = "";
    char login[PATH_MAX] = "";
    *out_key = "http_proxy";
    if (!read_setting(h, *out_key, out->proxy, sizeof out->proxy, err)) {
        return false;
    }
    *out_key = "http_ca_file";
    if (!read_setting(h, *out_key, out->ca_file, sizeof out->ca_file, err)) {
        return false;
    }
    *out_key = "http_tls_min";
    if (!read_setting(h, *out_key, tls, sizeof tls, err)) {
        return false;
    }
    *out_key = "http_max_body_mib";
    if (!read_setting(h, *out_key, mib, sizeof mib, err)) {
        return false;
    }
    out->tls_min = strcmp(tls, "1.3") == 0 ? DPH_HTTP_TLS_1_3 : DPH_HTTP_TLS_1_2;
    out->max_body = strtoull(mib, NULL, 10) * MIB;
    *out_key = "http_proxy_login_file";
    return read_setting(h, *out_key, login, sizeof login, err) &&
           (login[0] == '\0' || out->proxy[0] == '\0' || read_login(login, &out->login, err));
}

bool host_network_load(const host *h, host_network *out, host_error *err)
{
    const char *key = "";
    host_error why = {0};
    memset(out, 0, sizeof *out);
    if (load(h, &key, out, &why)) {
        return true;
    }
    host_network_done(out);
    return host_error_set(err, DPH_E_UNAVAILABLE, 0,
                          "The setting %s cannot be used, so nothing is sent: %.300s The host's "
                          "administrator must correct it.",
                          key, why.message);
}

void host_network_done(host_network *network)
{
    if (network != NULL) {
        host_secret_done(&network->login);
    }
}
