/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of kind F: what is put is read back, as docs/state-format.md says; and what may be switched
 * on, or is off since when. */
/* LINK: tests/support/fake_ports.c tests/support/fake_store*.c plugin/src/usecase/?*.c
 * plugin/src/base/?*.c plugin/src/domain/?*.c plugin/src/state/?*.c plugin/src/graph/decode?*.c
 * plugin/src/graph/decode.c plugin/src/graph/assertion.c plugin/src/graph/challenge.c
 * plugin/src/graph/device_code.c plugin/src/graph/endpoints.c plugin/src/graph/json_batch.c
 * plugin/src/graph/http_date.c plugin/src/graph/origin.c plugin/src/graph/token?*.c
 * plugin/src/graph/token.c host-sdk/support/?*.c
 */
/* LIBS: -lsodium -ljansson -lpcre2-8 -lutf8proc -lcrypto */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "state/connection.h"
#include "state/findings.h"
#include "support/hex.h"
#include "tests/support/fake_ports.h"
#include "usecase/switch_off.h"

static fake_store *store;
static fake_ports fake;
static bkey_slab *slab;
static bkey_vault *vault;
static bkey_place place;
static bkey_findings_query query;

static void begin(void)
{
    store = fake_store_new();
    fake_ports_init(&fake, store, 7);
    fake_ports_set(&fake, "sync_bitlocker_keys", "true");
    cr_assert(bkey_is_ok(bkey_slab_new(&slab)));
    cr_assert(bkey_is_ok(bkey_vault_new(&fake.ports, slab, &vault)));
    place = (bkey_place){.vault = vault, .call = &fake.call, .organization_id = ""};
    place.tenant.bytes[0] = 7;
    query = (bkey_findings_query){&fake.ports, &fake.call, vault};
}

static void end(void)
{
    bkey_vault_free(&vault);
    cr_expect_eq(bkey_slab_used(slab), 0);
    bkey_slab_free(&slab);
    fake_store_free(store);
}

TestSuite(findings, .init = begin, .fini = end);

static void put(bkey_sealed *sealed)
{
    const bkey_item item = bkey_sealed_put(sealed);
    char op_key[40];
    uint64_t rows = 0;
    size_t conflict = 0;
    (void)snprintf(op_key, sizeof op_key, "op-%llu", (unsigned long long)store->row_changes);
    cr_assert(bkey_is_ok(fake_store_apply(store, &item, 1, op_key, &rows, &conflict)));
    bkey_sealed_done(sealed);
}

static void connect(uint8_t number)
{
    static bkey_connection connection;
    const bkey_place root = bkey_connection_place(vault, &fake.call);
    bkey_sealed sealed;
    memset(&connection, 0, sizeof connection);
    memset(&sealed, 0, sizeof sealed);
    connection.tenant.bytes[0] = number;
    connection.grant = BKEY_GRANT_REFRESH;
    cr_assert(bkey_is_ok(bkey_vault_ensure(&root)));
    cr_assert(bkey_is_ok(bkey_connection_seal(&root, &connection, &sealed)));
    put(&sealed);
}

static void find(uint8_t number, bkey_preflight_code code)
{
    bkey_findings findings = {.checked_ms = 1773214940528};
    bkey_sealed sealed;
    memset(&sealed, 0, sizeof sealed);
    place.tenant.bytes[0] = number;
    cr_assert(bkey_is_ok(bkey_vault_ensure(&place)));
    if (code != 0)
        bkey_preflight_add(&findings.found, code, 1000);
    bkey_err err = bkey_findings_get(&place, &findings);
    cr_assert(bkey_is_ok(err) || bkey_is(err, BKEY_E_NO_STATE));
    findings.found.count = 0;
    if (code != 0)
        bkey_preflight_add(&findings.found, code, 1000);
    cr_assert(bkey_is_ok(bkey_findings_seal(&place, &findings, &sealed)));
    put(&sealed);
}

/* The content of the row is that of the document's vector. */
static void expect_documented(const uint8_t *plain, size_t len)
{
    char line[1024];
    char text[512];
    bool found = false;
    FILE *document = fopen("docs/state-format.md", "r");
    cr_assert_not_null(document);
    cr_assert_lt(len * 2, sizeof text);
    sup_hex_format(plain, len, text);
    while (!found && fgets(line, sizeof line, document) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        found = strncmp(line, "findings_content = ", 19) == 0 && strcmp(line + 19, text) == 0;
    }
    (void)fclose(document);
    cr_expect(found, "not in the document: %s", text);
}

Test(findings, what_was_kept_is_read_back_as_the_document_says)
{
    const bkey_bytes id = {(const uint8_t *)"check", 5};
    bkey_findings findings = {.checked_ms = 1773214940528};
    bkey_findings read;
    bkey_secret *plain = NULL;
    bkey_sealed sealed;
    memset(&sealed, 0, sizeof sealed);
    memset(&read, 0, sizeof read);
    cr_expect(bkey_is(bkey_findings_get(&place, &read), BKEY_E_NO_STATE));
    cr_assert(bkey_is_ok(bkey_vault_ensure(&place)));
    bkey_preflight_add(&findings.found, BKEY_PREFLIGHT_CLOCK, 1000);
    bkey_preflight_add(&findings.found, BKEY_PREFLIGHT_PERM_KEY_READ, 0);
    cr_assert(bkey_is_ok(bkey_findings_seal(&place, &findings, &sealed)));
    put(&sealed);
    cr_assert(bkey_is_ok(bkey_findings_get(&place, &read)));
    cr_expect_eq(read.checked_ms, findings.checked_ms);
    cr_expect_eq(read.revision, 1);
    cr_expect_eq(memcmp(&read.found, &findings.found, sizeof read.found), 0);
    cr_assert(bkey_is_ok(bkey_open_row(&place, BKEY_KIND_FINDINGS, id, &plain, NULL)));
    expect_documented(bkey_secret_borrow(plain), bkey_secret_len(plain));
    bkey_secret_return(plain);
    bkey_secret_free(&plain);
}

/* S1.10 S1.23 S1.108 */
Test(findings, key_sync_may_be_switched_on_when_one_tenant_grants_it)
{
    char text[512];
    cr_expect(bkey_is_ok(bkey_findings_view_may_switch_on(&query, text, sizeof text)));
    connect(1);
    cr_expect(
        bkey_is(bkey_findings_view_may_switch_on(&query, text, sizeof text), BKEY_E_PERM_KEY_READ));
    cr_expect_not_null(strstr(text, "never checked"));
    find(1, BKEY_PREFLIGHT_PERM_KEY_READ);
    cr_expect(
        bkey_is(bkey_findings_view_may_switch_on(&query, text, sizeof text), BKEY_E_PERM_KEY_READ));
    cr_expect_not_null(strstr(text, "BitlockerKey.Read.All"));
    connect(2);
    find(2, BKEY_PREFLIGHT_NO_DEVICES);
    cr_expect_not(bkey_is_ok(bkey_findings_view_may_switch_on(&query, text, sizeof text)));
    find(2, BKEY_PREFLIGHT_KEYS_OFF); /* that is what is to be changed */
    cr_expect(bkey_is_ok(bkey_findings_view_may_switch_on(&query, text, sizeof text)));
    find(2, BKEY_PREFLIGHT_CLOCK);
    cr_expect(bkey_is_ok(bkey_findings_view_may_switch_on(&query, text, sizeof text)));
    find(2, 0);
    cr_expect(bkey_is_ok(bkey_findings_view_may_switch_on(&query, text, sizeof text)));
}

/* S1.26: the time is that of the first switching off, and only a change is written. */
Test(findings, since_when_the_sync_is_off_is_remembered)
{
    bool is_off = true;
    int64_t since_ms = 1;
    cr_assert(bkey_is_ok(bkey_switch_off_read(&query, &is_off, &since_ms)));
    cr_expect_not(is_off);
    cr_assert(bkey_is_ok(bkey_switch_off_note(&query, true)));
    cr_expect_eq(store->row_changes, 0);
    fake_ports_set(&fake, "sync_bitlocker_keys", "false");
    cr_assert(bkey_is_ok(bkey_switch_off_read(&query, &is_off, &since_ms)));
    cr_expect(is_off);
    cr_expect_eq(since_ms, 0);
    const int64_t when = fake.wall_ms;
    cr_assert(bkey_is_ok(bkey_switch_off_note(&query, false)));
    const uint64_t rows = store->row_changes;
    fake.wall_ms += 5000;
    cr_assert(bkey_is_ok(bkey_switch_off_note(&query, false)));
    cr_expect_eq(store->row_changes, rows);
    cr_assert(bkey_is_ok(bkey_switch_off_read(&query, &is_off, &since_ms)));
    cr_expect_eq(since_ms, when);
    cr_assert(bkey_is_ok(bkey_switch_off_note(&query, true)));
    cr_assert(bkey_is_ok(bkey_switch_off_read(&query, &is_off, &since_ms)));
    cr_expect_eq(since_ms, 0);
}

/* S1.18: all of them fit what a host keeps of a run. */
Test(findings, the_longest_list_of_errors_fits_one_summary)
{
    static const bkey_preflight_code codes[] = {
        BKEY_PREFLIGHT_KEYS_OFF,      BKEY_PREFLIGHT_INTUNE_OFF,   BKEY_PREFLIGHT_CONTACTS_OFF,
        BKEY_PREFLIGHT_LICENCES_OFF,  BKEY_PREFLIGHT_PERM_TYPE,    BKEY_PREFLIGHT_PERM_DEVICES,
        BKEY_PREFLIGHT_PERM_KEY_LIST, BKEY_PREFLIGHT_PERM_KEY_READ};
    bkey_preflight list = {.count = 0};
    char text[512];
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        bkey_preflight_add(&list, codes[i], 1);
    bkey_findings_view_sentence(&list, text, sizeof text);
    cr_expect_not_null(strstr(text, "BitlockerKey.Read.All"), "%s", text);
    cr_expect_eq(text[strlen(text) - 1], '.', "%s", text);
}

Test(findings, one_error_is_told_in_full_and_warnings_beside_it_are_not)
{
    bkey_preflight list = {.count = 0};
    char text[512];
    bkey_preflight_add(&list, BKEY_PREFLIGHT_CLOCK, 4000);
    bkey_preflight_fail(&list, BKEY_PREFLIGHT_ACCESS, bkey_fail(BKEY_E_SIGN_IN), 50076);
    bkey_findings_view_sentence(&list, text, sizeof text);
    cr_expect_not_null(strstr(text, "second factor"), "%s", text);
    cr_expect_not_null(strstr(text, "AADSTS50076"), "%s", text);
    cr_expect_not_null(strstr(text, "connect again"), "%s", text);
    cr_expect_null(strstr(text, "clock"), "%s", text);
}
