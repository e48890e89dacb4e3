/* SPDX-License-Identifier: Apache-2.0
 *
 * The network as dph.http-policy/1 wants it, which a host may lack. What cannot be used is refused:
 * nothing goes out another way than the administrator said. Must not know what is asked. */
#include "hooks/host_ports_parts.h"

#include <string.h>

#include "graph/origin.h"
#include "graph/transport.h"
#include "support/utf8.h"

typedef struct opening {
    bkey_transport_options options;
    bkey_net **out_net;
    bkey_err err;
} opening;

static bool copy_text(const dph_str *from, char out[DPH_HTTP_TEXT_MAX + 1])
{
    if (from->len > DPH_HTTP_TEXT_MAX || (from->len > 0 && from->ptr == NULL) ||
        (from->len > 0 && memchr(from->ptr, '\0', from->len) != NULL))
        return false;
    if (from->len > 0)
        memcpy(out, from->ptr, from->len);
    out[from->len] = '\0';
    return true;
}

/* SCHEME://HOST:PORT: curl would guess a port that is left out, and take a name and password. */
static bool is_proxy(const char *url)
{
    bkey_origin origin;
    const size_t len = strlen(url);
    const char *host = strstr(url, "://");
    return bkey_origin_parse(url, len, &origin) && strchr(host + 3, '/') == NULL &&
           strpbrk(host + 3, "?#") == NULL && url[len - 1] != ']' && strchr(host + 3, ':') != NULL;
}

static bool is_printable(const dph_bytes *text)
{
    for (size_t i = 0; i < text->len; i++) {
        if (text->ptr[i] < 0x20 || text->ptr[i] > 0x7e)
            return false;
    }
    return true;
}

static bool is_login(const dph_bytes *login)
{
    return login->len == 0 || (login->ptr != NULL && login->len <= DPH_HTTP_LOGIN_MAX &&
                               is_printable(login) && memchr(login->ptr, ':', login->len) != NULL);
}

static dph_status DPH_CALL take_policy(void *context, const dph_http_policy *policy)
{
    opening *to = context;
    char proxy[DPH_HTTP_TEXT_MAX + 1];
    char ca_file[DPH_HTTP_TEXT_MAX + 1];
    to->err = bkey_fail(BKEY_E_HTTP_POLICY);
    if (policy == NULL || *to->out_net != NULL || !DPH_HAS(policy, proxy_login) ||
        (policy->tls_min != DPH_HTTP_TLS_1_2 && policy->tls_min != DPH_HTTP_TLS_1_3) ||
        !copy_text(&policy->proxy, proxy) || !copy_text(&policy->ca_file, ca_file) ||
        !is_login(&policy->proxy_login) || (proxy[0] != '\0' && !is_proxy(proxy)))
        return DPH_E_INVALID;
    to->options.proxy = proxy;
    to->options.ca_file = ca_file;
    to->options.proxy_login = (bkey_bytes){policy->proxy_login.ptr, policy->proxy_login.len};
    to->options.tls_1_3 = policy->tls_min == DPH_HTTP_TLS_1_3;
    to->options.max_body = policy->max_body;
    to->err = bkey_transport_new(&to->options, to->out_net);
    return bkey_is_ok(to->err) ? DPH_OK : DPH_E_NOMEM;
}

static bkey_err ask_host(const bkey_host_ports *p, const bkey_call *call, opening *to)
{
    const dph_http_policy_sink sink = {sizeof sink, 0, to, take_policy};
    dph_error said = {.struct_size = sizeof said};
    dph_status status = p->http_policy->get(p->host, bkey_host_ports_call(call), &sink, &said);
    if (status == DPH_OK && *to->out_net != NULL)
        return bkey_ok();
    bkey_transport_free(to->out_net);
    if (!bkey_is_ok(to->err))
        return to->err;
    said.message[sizeof said.message - 1] = '\0';
    if (status != DPH_OK && call != NULL && call->said != NULL)
        (void)sup_utf8_clean(said.message, strlen(said.message), call->said, BKEY_SAID_CAP);
    return bkey_fail(BKEY_E_HTTP_POLICY);
}

static bkey_err open_net(void *self, const bkey_call *call, uint32_t max_parallel,
                         bkey_net **out_net)
{
    const bkey_host_ports *p = self;
    bkey_net *net = NULL;
    opening to = {.out_net = &net, .err = bkey_ok()};
    to.options.max_parallel = max_parallel;
    to.options.version = PRODUCT_VERSION;
    bkey_err err =
        p->http_policy != NULL ? ask_host(p, call, &to) : bkey_transport_new(&to.options, &net);
    if (bkey_is_ok(err))
        *out_net = net;
    return err;
}

static void close_net(void *self, bkey_net **net)
{
    (void)self;
    bkey_transport_free(net);
}

bool bkey_host_ports_fill_net(bkey_ports *ports)
{
    const bkey_host_ports *p = ports->self;
    ports->net_new = open_net;
    ports->net_free = close_net;
    return p->http_policy == NULL || DPH_HAS(p->http_policy, get);
}
