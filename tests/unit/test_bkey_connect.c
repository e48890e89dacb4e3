/* SPDX-License-Identifier: Apache-2.0
 *
 * Connecting a tenant: what a person gives is checked in words, and one connection per tenant. */
/* LINK: tests/support/fake_ports.c tests/support/fake_store*.c tests/support/fake_graph*.c
 * tests/support/sync_world.c plugin/src/usecase/?*.c plugin/src/base/?*.c plugin/src/domain/?*.c
 * plugin/src/state/?*.c plugin/src/graph/decode?*.c plugin/src/graph/decode.c
 * plugin/src/graph/assertion.c plugin/src/graph/challenge.c
 * plugin/src/graph/device_code.c plugin/src/graph/endpoints.c plugin/src/graph/json_batch.c
 * plugin/src/graph/http_date.c plugin/src/graph/origin.c plugin/src/graph/token?*.c
 * plugin/src/graph/token.c host-sdk/support/?*.c
 */
/* LIBS: -lsodium -ljansson -lpcre2-8 -lutf8proc -lcrypto */
#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#include "domain/settings.h"
#include "state/connection.h"
#include "state/credential.h"
#include "tests/support/sync_world.h"
#include "usecase/connect.h"
#include "usecase/units.h"

static fake_store *store;
static fake_ports fake;
static bkey_slab *slab;
static bkey_vault *vault;
static bkey_busy *busy;
static bkey_connect_request request;
static const char *organizations[4];
static char detail[BKEY_CONNECT_DETAIL_SIZE];
static sup_buffer json;

static void begin(void)
{
    store = fake_store_new();
    fake_store_add_organization(store, "org-a", "Org A");
    fake_store_add_organization(store, "org-b", "Org B");
    fake_ports_init(&fake, store, 99);
    fake_ports_set(&fake, "accepted_grants", "delegated");
    cr_assert(bkey_is_ok(bkey_slab_new(&slab)));
    cr_assert(bkey_is_ok(bkey_vault_new(&fake.ports, slab, &vault)));
    cr_assert(bkey_is_ok(bkey_busy_new(&busy)));
    organizations[0] = "Org A";
    request = (bkey_connect_request){.ports = &fake.ports,
                                     .call = &fake.call,
                                     .vault = vault,
                                     .busy = busy,
                                     .tenant = "1A0E5B1C-6B8E-4F7A-9D1A-00000000AAAA",
                                     .client_id = WORLD_CLIENT,
                                     .organizations = organizations,
                                     .organization_count = 1};
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, "the-token", 9, &request.secret)));
    sup_buffer_init(&json, 65536);
}

static void end(void)
{
    sup_buffer_done(&json);
    bkey_secret_free(&request.app);
    bkey_secret_free(&request.secret);
    bkey_busy_free(&busy);
    bkey_vault_free(&vault);
    cr_expect_eq(bkey_slab_used(slab), 0);
    bkey_slab_free(&slab);
    fake_store_free(store);
}

TestSuite(connect, .init = begin, .fini = end);

static bkey_err run(void)
{
    sup_buffer_reset(&json);
    return bkey_connect_run(&request, &json, detail);
}

static bkey_err load(bkey_connection *out)
{
    const bkey_place place = bkey_connection_place(vault, &fake.call);
    sup_guid tenant;
    cr_assert(sup_guid_parse(WORLD_TENANT, strlen(WORLD_TENANT), &tenant));
    return bkey_connection_get(&place, &tenant, out);
}

static void expect_refused(uint32_t reason, const char *word)
{
    bkey_err err = run();
    cr_assert(bkey_is(err, reason), "%s: %s", bkey_err_name(err), detail);
    cr_assert(strstr(detail, word) != NULL, "\"%s\" lacks \"%s\"", detail, word);
    cr_assert_eq(store->state_count, 0);
}

Test(connect, defaults_are_the_global_cloud_and_a_refresh_token)
{
    bkey_connection c;
    cr_assert(bkey_is_ok(run()), "%s", detail);
    cr_assert(bkey_is_ok(load(&c)));
    cr_assert_str_eq(c.login_url, "https://login.microsoftonline.com");
    cr_assert_str_eq(c.graph_url, "https://graph.microsoft.com");
    cr_assert_eq(c.grant, BKEY_GRANT_REFRESH);
    cr_assert_eq(c.organization_count, 1);
    cr_assert_str_eq(c.organization_ids[0], "org-a");
    cr_assert_str_eq(sup_buffer_text(&json),
                     "{\"tenant\":\"" WORLD_TENANT "\",\"organizations\":[\"Org A\"],\"grant\":"
                     "\"refresh\",\"replaced\":false}");
    cr_assert_not(fake_store_contains(store, "the-token", 9));
}

Test(connect, what_is_wrong_is_named_and_nothing_is_written)
{
    request.tenant = "contoso.example";
    expect_refused(BKEY_E_PARAMETER, "tenant");
    request.tenant = WORLD_TENANT;
    request.client_id = "x";
    expect_refused(BKEY_E_PARAMETER, "client id");
    request.client_id = WORLD_CLIENT;
    request.login_url = "http://login.example";
    expect_refused(BKEY_E_URL, "login");
    request.login_url = "https://user@login.example";
    expect_refused(BKEY_E_URL, "login");
    request.login_url = NULL;
    request.graph_url = "https://graph.example/v1.0";
    expect_refused(BKEY_E_URL, "Graph");
    request.graph_url = NULL;
    request.cloud = "moon";
    expect_refused(BKEY_E_PARAMETER, "cloud");
    request.cloud = NULL;
    organizations[0] = "Nobody";
    expect_refused(BKEY_E_PARAMETER, "Nobody");
    request.organization_count = 0;
    expect_refused(BKEY_E_PARAMETER, "organization");
}

Test(connect, unknown_ways_to_sign_in_are_refused_with_what_is_offered)
{
    request.grant = "magic";
    expect_refused(BKEY_E_PARAMETER, "device, code, refresh, secret or cert");
    request.grant = "code";
    expect_refused(BKEY_E_PARAMETER, "`serve` must be running");
    request.redirect = "http://host.example/x";
    expect_refused(BKEY_E_URL, "https://");
    fake_ports_set(&fake, "accepted_grants", "both");
    request.grant = "cert";
    expect_refused(BKEY_E_PARAMETER, "no private key");
}

/* A key and its certificate, which ends so long after the fake clock's now. */
static bkey_secret *make_pem(int64_t left_s)
{
    bkey_secret *pem = NULL;
    char *text = NULL;
    BIO *out = BIO_new(BIO_s_mem());
    EVP_PKEY *key = EVP_RSA_gen(2048);
    X509 *made = X509_new();
    ASN1_TIME_set(X509_getm_notBefore(made), 1500000000);
    ASN1_TIME_set(X509_getm_notAfter(made), (time_t)(fake.wall_ms / 1000 + left_s));
    cr_assert_eq(X509_set_pubkey(made, key), 1);
    cr_assert_gt(X509_sign(made, key, EVP_sha256()), 0);
    cr_assert_eq(PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
    cr_assert_eq(PEM_write_bio_X509(out, made), 1);
    const long len = BIO_get_mem_data(out, &text);
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, text, (size_t)len, &pem)));
    X509_free(made);
    EVP_PKEY_free(key);
    BIO_free(out);
    return pem;
}

static bkey_err load_credential(bkey_credential *out)
{
    bkey_place place = {vault, &fake.call, {{0}}, ""};
    cr_assert(sup_guid_parse(WORLD_TENANT, strlen(WORLD_TENANT), &place.tenant));
    return bkey_credential_get(&place, out);
}

/* S1.18 */
Test(connect, a_certificate_that_has_ended_is_refused)
{
    bkey_credential credential;
    fake_ports_set(&fake, "accepted_grants", "both");
    bkey_secret_free(&request.secret);
    request.grant = "cert";
    request.secret = make_pem(0);
    expect_refused(BKEY_E_PARAMETER, "expired");
    bkey_secret_free(&request.secret);
    request.secret = make_pem(3600);
    cr_assert(bkey_is_ok(run()), "%s", detail);
    cr_assert(bkey_is_ok(load_credential(&credential)));
    cr_expect_eq(credential.cert_ends_ms, (fake.wall_ms / 1000 + 3600) * 1000);
    bkey_credential_done(&credential);
}

/* S1.24: a confidential app proves itself beside the token, by a secret or a certificate. */
Test(connect, a_refresh_token_may_come_with_the_apps_own_secret)
{
    bkey_credential credential;
    request.grant = "refresh";
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, "", 0, &request.app)));
    expect_refused(BKEY_E_PARAMETER, "next line");
    bkey_secret_free(&request.app);
    request.app = make_pem(0);
    expect_refused(BKEY_E_PARAMETER, "expired");
    bkey_secret_free(&request.app);
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, "the-app", 7, &request.app)));
    request.grant = "device";
    expect_refused(BKEY_E_PARAMETER, "goes with");
    fake_ports_set(&fake, "accepted_grants", "both");
    request.grant = "secret";
    expect_refused(BKEY_E_PARAMETER, "goes with");
    request.grant = NULL;
    cr_assert(bkey_is_ok(run()), "%s", detail);
    cr_assert(bkey_is_ok(load_credential(&credential)));
    cr_assert_not_null(credential.app);
    cr_expect(bkey_secret_same(credential.app, request.app));
    cr_expect(bkey_secret_same(credential.token, request.secret));
    cr_expect_eq(credential.cert_ends_ms, 0);
    bkey_credential_done(&credential);
    cr_expect_not(fake_store_contains(store, "the-app", 7));
}

/* S1.108: when a partner signs in anew, all whom that reaches can go on. */
Test(connect, a_partner_is_answered_with_its_customers)
{
    request.partner = WORLD_TENANT;
    cr_assert(bkey_is_ok(run()), "%s", detail);
    cr_expect_not_null(strstr(sup_buffer_text(&json), "\"customers\":[]"));
    bkey_secret *token = request.secret;
    request.secret = NULL;
    request.tenant = WORLD_TENANT_2;
    cr_assert(bkey_is_ok(run()), "%s", detail);
    cr_expect_null(strstr(sup_buffer_text(&json), "customers"));
    request.secret = token;
    request.tenant = WORLD_TENANT;
    cr_assert(bkey_is_ok(run()), "%s", detail);
    cr_expect_not_null(strstr(sup_buffer_text(&json), "\"customers\":[\"" WORLD_TENANT_2 "\"]"),
                       "%s", sup_buffer_text(&json));
}

/* S1.108 */
Test(connect, a_customer_needs_a_connected_partner_and_nothing_else)
{
    request.partner = WORLD_TENANT_2;
    expect_refused(BKEY_E_PARAMETER, "neither grant nor secret");
    bkey_secret_free(&request.secret);
    expect_refused(BKEY_E_PARAMETER, "partner is not connected");
    request.partner = "x";
    expect_refused(BKEY_E_PARAMETER, "tenant id");
}

/* S1.24: what a person has to complete is no connection until then. */
Test(connect, a_sign_in_that_waits_is_no_connection)
{
    bkey_connection c;
    request.grant = "device";
    bkey_secret_free(&request.secret);
    cr_assert(bkey_is_ok(run()), "%s", detail);
    cr_assert(strstr(sup_buffer_text(&json), "\"pending\":true") != NULL);
    cr_assert(bkey_is(load(&c), BKEY_E_NOT_CONNECTED));
}

/* S1.11 */
Test(connect, a_client_secret_needs_the_setting_for_application_permissions)
{
    request.grant = "secret";
    expect_refused(BKEY_E_PERM_TYPE, "accepted_grants");
    fake_ports_set(&fake, "accepted_grants", "both");
    cr_assert(bkey_is_ok(run()), "%s", detail);
}

Test(connect, plain_http_goes_to_this_machine_only)
{
    request.login_url = "http://127.0.0.1:8080/";
    request.graph_url = "http://localhost:8080";
    cr_assert(bkey_is_ok(run()), "%s", detail);
    bkey_connection c;
    cr_assert(bkey_is_ok(load(&c)));
    cr_assert_str_eq(c.login_url, "http://127.0.0.1:8080");
}

static bkey_err count_unit(void *context, const bkey_unit *unit)
{
    unsigned *count = context;
    cr_assert_str_eq(unit->tenant, WORLD_TENANT);
    (*count)++;
    return bkey_ok();
}

Test(connect, a_second_connect_replaces_the_credential_and_keeps_the_rest)
{
    unsigned units = 0;
    bkey_connection c;
    bkey_credential credential;
    request.login_url = "https://login.example";
    cr_assert(bkey_is_ok(run()));
    bkey_secret_free(&request.secret);
    cr_assert(bkey_is_ok(bkey_secret_dup(slab, "second", 6, &request.secret)));
    request.login_url = NULL;
    request.client_id = NULL;
    cr_assert(bkey_is_ok(run()), "%s", detail);
    cr_assert(strstr(sup_buffer_text(&json), "\"replaced\":true"));
    cr_assert(bkey_is_ok(load(&c)));
    cr_assert_str_eq(c.login_url, "https://login.example");
    cr_assert_str_eq(c.client_id, WORLD_CLIENT);
    const bkey_place place = {vault, &fake.call, c.tenant, ""};
    cr_assert(bkey_is_ok(bkey_credential_get(&place, &credential)));
    cr_assert_eq(bkey_secret_len(credential.token), 6);
    bkey_credential_done(&credential);
    cr_assert(bkey_is_ok(bkey_units_list(&fake.ports, &fake.call, vault, count_unit, &units)));
    cr_assert_eq(units, 1);
}

/* S1.51: a key out of sight would be read a second time. */
Test(connect, an_organization_that_holds_keys_cannot_be_dropped)
{
    static const char *const only_b[] = {"org-b", NULL};
    sync_world world;
    sync_world_init(&world);
    fake_device *device = sync_world_device(&world, "PC-1", "SER-1", "org-a");
    (void)fake_graph_add_key(world.graph, device, "operatingSystemVolume", 10);
    cr_assert_eq(sync_world_tick(&world, NULL).result.outcome, BKEY_OUTCOME_DONE);
    cr_assert(bkey_is(sync_world_connect(&world, "refresh", only_b), BKEY_E_PARAMETER));
    sync_world_done(&world);
}

Test(connect, an_empty_credential_is_refused)
{
    bkey_secret_free(&request.secret);
    expect_refused(BKEY_E_PARAMETER, "refresh token");
}
