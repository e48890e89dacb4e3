/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses: which are accepted, which share an origin, and those that we build. */
/* LINK: plugin/src/graph/origin.c plugin/src/graph/endpoints.c host-sdk/support/buffer.c
 * host-sdk/support/guid.c host-sdk/support/hex.c */
#include <criterion/criterion.h>
#include <string.h>

#include "plugin/src/graph/endpoints.h"
#include "plugin/src/graph/origin.h"

typedef struct sample {
    const char *url;
    const char *host; /* NULL = refused */
    unsigned port;
    bool allowed;
} sample;

Test(origin, table_of_addresses_reads_as_told)
{
    static const sample samples[] = {
        {"https://graph.microsoft.com", "graph.microsoft.com", 443, true},
        {"HTTPS://Graph.Microsoft.COM/v1.0?x=1", "graph.microsoft.com", 443, true},
        {"https://graph.microsoft.com:8443/", "graph.microsoft.com", 8443, true},
        {"https://graph.microsoft.com?x", "graph.microsoft.com", 443, true},
        {"https://graph.microsoft.com#@evil.example/", "graph.microsoft.com", 443, true},
        {"https://graph.microsoft.com/a@b:c", "graph.microsoft.com", 443, true},
        {"http://127.0.0.1:8080/x", "127.0.0.1", 8080, true},
        {"http://127.255.255.255", "127.255.255.255", 80, true},
        {"http://localhost", "localhost", 80, true},
        {"http://[::1]:99/", "[::1]", 99, true},
        {"http://graph.microsoft.com", "graph.microsoft.com", 80, false},
        {"http://128.0.0.1", "128.0.0.1", 80, false},
        {"http://127.0.0.1.evil.example", "127.0.0.1.evil.example", 80, false},
        {"http://127.1", "127.1", 80, false},
        {"http://127.0.0.256", "127.0.0.256", 80, false},
        {"http://localhost.evil.example", "localhost.evil.example", 80, false},
        {"https://user@graph.microsoft.com/", NULL, 0, false},
        {"https://graph.microsoft.com@evil.example/", NULL, 0, false},
        {"https://user:pw@graph.microsoft.com", NULL, 0, false},
        {"https://graph.microsoft.com\\@evil.example/", NULL, 0, false},
        {"https://graph.microsoft.com/a\\b", NULL, 0, false},
        {"https://graph.microsoft.com/a b", NULL, 0, false},
        {"https://graph.microsoft.com/\r\nX: y", NULL, 0, false},
        {"https://gr\xc3\xa4ph.example/", NULL, 0, false},
        {"https:///v1.0", NULL, 0, false},
        {"https://", NULL, 0, false},
        {"https:graph.microsoft.com", NULL, 0, false},
        {"//graph.microsoft.com", NULL, 0, false},
        {"/v1.0/x", NULL, 0, false},
        {"ftp://graph.microsoft.com", NULL, 0, false},
        {"file:///etc/passwd", NULL, 0, false},
        {"https://graph.microsoft.com:", NULL, 0, false},
        {"https://graph.microsoft.com:0", NULL, 0, false},
        {"https://graph.microsoft.com:65536", NULL, 0, false},
        {"https://graph.microsoft.com:443x", NULL, 0, false},
        {"https://graph.microsoft.com:+443", NULL, 0, false},
        {"https://.microsoft.com", NULL, 0, false},
        {"https://graph.microsoft.com./", NULL, 0, false},
        {"https://[::1", NULL, 0, false},
        {"https://[g::1]/", NULL, 0, false},
        {"https://%67raph.microsoft.com/", NULL, 0, false},
        {"", NULL, 0, false},
    };
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        const sample *one = &samples[i];
        bkey_origin origin;
        bool ok = bkey_origin_parse(one->url, strlen(one->url), &origin);
        cr_expect_eq(ok, one->host != NULL, "%s", one->url);
        if (!ok || one->host == NULL)
            continue;
        cr_expect_str_eq(origin.host, one->host, "%s", one->url);
        cr_expect_eq(origin.port, one->port, "%s", one->url);
        cr_expect_eq(bkey_origin_is_allowed(&origin), one->allowed, "%s", one->url);
    }
}

/* S1.73: a token never leaves the connection's origin. */
Test(origin, link_must_keep_scheme_host_and_port)
{
    static const char base[] = "https://graph.microsoft.com";
    static const char *same[] = {"https://graph.microsoft.com/v1.0/x?$skiptoken=a",
                                 "https://GRAPH.microsoft.com:443/v1.0"};
    static const char *other[] = {"http://graph.microsoft.com/v1.0",
                                  "https://graph.microsoft.com:444/v1.0",
                                  "https://graph.microsoft.us/v1.0",
                                  "https://graph.microsoft.com.evil.example/",
                                  "https://graph.microsoft.com@evil.example/",
                                  "/v1.0/relative",
                                  ""};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        cr_expect(bkey_origin_same(base, same[i], strlen(same[i])), "%s", same[i]);
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        cr_expect_not(bkey_origin_same(base, other[i], strlen(other[i])), "%s", other[i]);
}

Test(origin, base_is_an_origin_alone)
{
    static const char *good[] = {"https://login.example", "https://login.example/",
                                 "http://127.0.0.1:8080"};
    static const char *bad[] = {"https://login.example/x", "https://login.example?x",
                                "https://login.example#", "http://login.example", "https://a@b"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        cr_expect(bkey_origin_is_base(good[i], strlen(good[i])), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_expect_not(bkey_origin_is_base(bad[i], strlen(bad[i])), "%s", bad[i]);
}

Test(endpoints, addresses_are_those_of_the_documents)
{
    static const sup_guid id = {{0x94, 0x5c, 0xae, 0x4d, 0xd9, 0x0a, 0x4f, 0x08, 0xb8, 0x4f, 0xc4,
                                 0xf1, 0x5d, 0x16, 0x1d, 0x23}};
    static const char *expected[] = {
        "https://l/945cae4d-d90a-4f08-b84f-c4f15d161d23/oauth2/v2.0/token",
        "https://g/v1.0/deviceManagement/"
        "managedDevices?$select=id,azureADDeviceId,deviceName,serialNumber,operatingSystem,"
        "manufacturer,model,isEncrypted,userId,lastSyncDateTime&$top=999",
        "https://g/v1.0/informationProtection/bitlocker/recoveryKeys",
        "https://g/v1.0/informationProtection/bitlocker/recoveryKeys/"
        "945cae4d-d90a-4f08-b84f-c4f15d161d23?$select=key",
        "https://g/.default offline_access",
        "https://g/.default"};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        sup_buffer out;
        sup_buffer_init(&out, 1024);
        bool ok = i == 0   ? bkey_endpoints_token("https://l/", &id, &out)
                  : i == 1 ? bkey_endpoints_devices("https://g", &out)
                  : i == 2 ? bkey_endpoints_keys("https://g/", &out)
                  : i == 3 ? bkey_endpoints_key("https://g", &id, &out)
                           : bkey_endpoints_scope("https://g", i == 4, &out);
        cr_expect(ok);
        cr_expect_str_eq(sup_buffer_text(&out), expected[i]);
        sup_buffer_done(&out);
    }
}

Test(endpoints, every_cloud_has_addresses_that_are_bases)
{
    static const char *names[] = {"global", "usgov", "dod", "china"};
    for (size_t i = 0; i < 4; i++) {
        const bkey_cloud *cloud = bkey_endpoints_cloud(names[i]);
        cr_assert_not_null(cloud);
        cr_expect(bkey_origin_is_base(cloud->login_url, strlen(cloud->login_url)));
        cr_expect(bkey_origin_is_base(cloud->graph_url, strlen(cloud->graph_url)));
    }
    cr_expect_null(bkey_endpoints_cloud("mars"));
}
