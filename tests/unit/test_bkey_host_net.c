/* SPDX-License-Identifier: Apache-2.0
 *
 * The network as the host's dph.http-policy/1 wants it: what cannot be used is refused with the
 * host's own sentence, and a host without the service is no worse off. */
/* LINK: plugin/src/hooks/host_ports*.c plugin/src/graph/transport*.c plugin/src/graph/challenge.c
 * plugin/src/graph/origin.c plugin/src/base/jsonscan*.c plugin/src/base/secret.c
 * plugin/src/base/error.c host-sdk/support/?*.c
 */
/* LIBS: -lsodium -lcurl */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "plugin/src/graph/transport_request.h"
#include "plugin/src/hooks/host_ports_parts.h"

#define TEXT(literal)                                                                              \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
#define BYTES(literal)                                                                             \
    {                                                                                              \
        (const uint8_t *)(literal), sizeof(literal) - 1                                            \
    }
#define GOOD .struct_size = sizeof(dph_http_policy), .tls_min = DPH_HTTP_TLS_1_2

static dph_http_policy policy;
static uint32_t times;    /* that the sink is called */
static dph_status answer; /* of get, when it is not the sink's */
static dph_http_policy_v1 service;
static bkey_host_ports ports;
static char said[BKEY_SAID_CAP];
static const bkey_call call = {.said = said};

static dph_status get(const dph_host *host, const dph_call *host_call,
                      const dph_http_policy_sink *sink, dph_error *err)
{
    dph_status status = answer;
    (void)host;
    (void)host_call;
    for (uint32_t i = 0; i < times; i++)
        status = sink->take(sink->context, &policy);
    if (answer != DPH_OK)
        (void)snprintf(err->message, sizeof err->message, "The setting http_proxy is odd.");
    return status;
}

static void start(void)
{
    cr_assert(sodium_init() >= 0);
    service = (dph_http_policy_v1){sizeof service, 0, get};
    policy = (dph_http_policy){GOOD};
    times = 1;
    answer = DPH_OK;
    memset(&ports, 0, sizeof ports);
    ports.ports.self = &ports;
    ports.http_policy = &service;
    said[0] = '\0';
}

TestSuite(host_net, .init = start, .timeout = 60);

static bkey_err open_it(bkey_net **out_net)
{
    cr_assert(bkey_host_ports_fill_net(&ports.ports));
    return ports.ports.net_new(&ports, &call, 4, out_net);
}

static void expect_refused(const char *what)
{
    bkey_net *net = NULL;
    bkey_err err = open_it(&net);
    cr_expect(bkey_is(err, BKEY_E_HTTP_POLICY), "%s: %s", what, bkey_err_name(err));
    cr_expect_null(net, "%s", what);
}

static bkey_transport *open_good(void)
{
    bkey_net *net = NULL;
    cr_assert(bkey_is_ok(open_it(&net)));
    return net->self;
}

static void close_it(bkey_transport *transport)
{
    bkey_net *net = &transport->net;
    ports.ports.net_free(&ports, &net);
    cr_expect_null(net);
}

Test(host_net, host_without_the_service_gets_the_usual)
{
    ports.http_policy = NULL;
    bkey_transport *transport = open_good();
    cr_expect_str_empty(transport->proxy);
    cr_expect_str_empty(transport->ca_file);
    cr_expect_null(transport->proxy_login);
    cr_expect_eq(transport->tls_min, CURL_SSLVERSION_TLSv1_2);
    close_it(transport);
}

Test(host_net, policy_reaches_the_transport)
{
    policy = (dph_http_policy){.struct_size = sizeof policy,
                               .tls_min = DPH_HTTP_TLS_1_3,
                               .max_body = 4096,
                               .proxy = TEXT("https://[::1]:3128"),
                               .ca_file = TEXT("/etc/ca.pem"),
                               .proxy_login = BYTES("Aladdin:open sesame")};
    bkey_transport *transport = open_good();
    cr_expect_str_eq(transport->proxy, "https://[::1]:3128");
    cr_expect_str_eq(transport->ca_file, "/etc/ca.pem");
    cr_expect_str_eq(transport->proxy_login,
                     "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    cr_expect_eq(transport->tls_min, CURL_SSLVERSION_TLSv1_3);
    cr_expect_eq(transport->max_body, 4096);
    close_it(transport);
}

/* A later host gives more than we know. */
Test(host_net, longer_policy_is_taken)
{
    policy.struct_size += 16;
    close_it(open_good());
}

Test(host_net, table_that_is_too_short_is_none)
{
    service.struct_size = offsetof(dph_http_policy_v1, get);
    cr_expect_not(bkey_host_ports_fill_net(&ports.ports));
}

Test(host_net, policies_that_make_no_sense_are_refused)
{
    static const uint8_t long_login[DPH_HTTP_LOGIN_MAX + 1] = "a:b";
    static char long_path[DPH_HTTP_TEXT_MAX + 2];
    memset(long_path, 'x', sizeof long_path - 1);
    const dph_http_policy bad[] = {
        {.struct_size = offsetof(dph_http_policy, proxy_login), .tls_min = DPH_HTTP_TLS_1_2},
        {.struct_size = sizeof policy},
        {.struct_size = sizeof policy, .tls_min = 0x0302u},
        {.struct_size = sizeof policy, .tls_min = 0xffffu},
        {GOOD, .proxy = TEXT("proxy")},
        {GOOD, .proxy = TEXT("socks5://127.0.0.1:1080")},
        {GOOD, .proxy = TEXT("http://127.0.0.1")},
        {GOOD, .proxy = TEXT("http://127.0.0.1:")},
        {GOOD, .proxy = TEXT("http://[::1]")},
        {GOOD, .proxy = TEXT("http://127.0.0.1:80/path")},
        {GOOD, .proxy = TEXT("http://127.0.0.1:80?q")},
        {GOOD, .proxy = TEXT("http://a:b@127.0.0.1:80")},
        {GOOD, .proxy = TEXT("http://127.0.0.1:80\0.evil.example:80")},
        {GOOD, .proxy = {NULL, 5}},
        {GOOD, .ca_file = TEXT("/ca.pem\0")},
        {GOOD, .ca_file = {long_path, sizeof long_path - 1}},
        {GOOD, .proxy_login = BYTES("nobody")},
        {GOOD, .proxy_login = BYTES("a:b\r\nX-Evil: 1")},
        {GOOD, .proxy_login = {NULL, 3}},
        {GOOD, .proxy_login = {long_login, sizeof long_login}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char what[24];
        (void)snprintf(what, sizeof what, "policy %zu", i);
        policy = bad[i];
        expect_refused(what);
    }
}

Test(host_net, host_that_cannot_say_is_quoted)
{
    times = 0;
    answer = DPH_E_UNAVAILABLE;
    expect_refused("no policy");
    cr_expect_str_eq(said, "The setting http_proxy is odd.");
    cr_expect_str_eq(bkey_call_said(&call, bkey_fail(BKEY_E_HTTP_POLICY)), said);
}

Test(host_net, host_that_breaks_the_contract_opens_nothing)
{
    times = 0;
    expect_refused("no policy and no error");
    times = 2;
    expect_refused("two policies");
    times = 1;
    answer = DPH_E_UNAVAILABLE;
    policy.tls_min = 0;
    expect_refused("a bad one and an error");
}
