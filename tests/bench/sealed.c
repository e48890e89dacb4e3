/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealed state for `make bench`: the plugin's own code on the real key file and store of a data
 * folder that nobody serves. Prints seconds as JSON. Fills what would take days to come about;
 * times only single records and the bare calls beside them. Knows no sync and no network.
 *
 *   sealed DIR record          seal and open one recovery password, beside bare libsodium
 *   sealed DIR places N        a data key for each of N organizations
 *   sealed DIR keys N T ORG    N keys of tenant T in that organization (an id)
 *   sealed DIR audit N         N entries in the chain of what has no organization, and the head of
 *                              each published: as many as there can be
 *   sealed DIR bare-rewrap     open and seal every wrapped key, update its row: bare calls alone
 *   sealed DIR bare-verify     read every audit entry and hash it: bare calls alone */
#define _GNU_SOURCE
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "sample-host/src/keyring.h"
#include "state/heads.h"
#include "state/held.h"

#define PLUGIN_ID "bitlocker_keys"
#define ROUNDS 200000u
#define PUT                                                                                        \
    "INSERT OR REPLACE INTO plugin_state(plugin, key, value, revision, tombstone)"                 \
    " VALUES('" PLUGIN_ID "', ?1, ?2, ?3, 0)"
#define GET                                                                                        \
    "SELECT key, value, revision, tombstone FROM plugin_state WHERE plugin='" PLUGIN_ID "'"        \
    " AND key=?1"
#define SCAN                                                                                       \
    "SELECT key, value FROM plugin_state WHERE plugin='" PLUGIN_ID "' AND key>=?1 AND key<?2"

typedef struct world {
    sqlite3 *db;
    sqlite3_stmt *put;
    sqlite3_stmt *get;
    host_keyring *ring;
    bkey_ports ports;
    bkey_call call;
    bkey_slab *slab;
    bkey_vault *vault;
} world;

static void need(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "sealed: %s\n", what);
        exit(1);
    }
}

static double clock_of(clockid_t clock)
{
    struct timespec ts;
    clock_gettime(clock, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double now(void)
{
    return clock_of(CLOCK_MONOTONIC);
}

/* Of the processor: one record's sealing waits for nobody. */
static double spent(void)
{
    return clock_of(CLOCK_PROCESS_CPUTIME_ID);
}

static void run_sql(world *w, const char *sql)
{
    need(sqlite3_exec(w->db, sql, NULL, NULL, NULL) == SQLITE_OK, sqlite3_errmsg(w->db));
}

static void fill_random(void *self, void *out, size_t len)
{
    (void)self;
    randombytes_buf(out, len);
}

static bkey_err get_state(void *self, const bkey_call *call, bkey_bytes key, bkey_state_sink sink,
                          void *context)
{
    world *w = self;
    bkey_err err = bkey_fail(BKEY_E_NO_STATE);
    (void)call;
    sqlite3_bind_blob(w->get, 1, key.ptr, (int)key.len, SQLITE_STATIC);
    if (sqlite3_step(w->get) == SQLITE_ROW) {
        const bkey_state_row row = {
            .key = key,
            .value = {sqlite3_column_blob(w->get, 1), (size_t)sqlite3_column_bytes(w->get, 1)},
            .revision = (uint64_t)sqlite3_column_int64(w->get, 2)};
        err = sink(context, &row);
    }
    sqlite3_reset(w->get);
    return err;
}

static void put_row(world *w, bkey_bytes key, bkey_bytes value, uint64_t revision)
{
    sqlite3_bind_blob(w->put, 1, key.ptr, (int)key.len, SQLITE_STATIC);
    sqlite3_bind_blob(w->put, 2, value.ptr, (int)value.len, SQLITE_STATIC);
    sqlite3_bind_int64(w->put, 3, (sqlite3_int64)revision);
    need(sqlite3_step(w->put) == SQLITE_DONE, sqlite3_errmsg(w->db));
    sqlite3_reset(w->put);
}

static bkey_err apply(void *self, const bkey_call *call, const bkey_item *items, size_t count,
                      const char *op_key, uint64_t *out_rows, size_t *out_conflict)
{
    (void)call, (void)op_key, (void)out_conflict;
    for (size_t i = 0; i < count; i++)
        put_row(self, items[i].key, items[i].value, items[i].expect_revision + 1);
    *out_rows = count;
    return bkey_ok();
}

static host_keyring_name name_of(const char *label)
{
    return (host_keyring_name){{PLUGIN_ID, sizeof PLUGIN_ID - 1}, {label, strlen(label)}};
}

static uint32_t generation(void *self)
{
    return host_keyring_generation(((world *)self)->ring);
}

static bkey_err derive(void *self, const char *label, uint32_t number, uint8_t *out, size_t len)
{
    const host_keyring_name name = name_of(label);
    host_error err = {0};
    return host_keyring_derive(((world *)self)->ring, &name, number, out, len, &err)
               ? bkey_ok()
               : bkey_fail(BKEY_E_KEYRING);
}

static bkey_err slot_make(void *self, const char *slot)
{
    const host_keyring_name name = name_of(slot);
    host_error err = {0};
    return host_keyring_slot_make(((world *)self)->ring, &name, &err) ? bkey_ok()
                                                                      : bkey_fail(BKEY_E_KEYRING);
}

static bkey_err slot_get(void *self, const char *slot, uint8_t out[32])
{
    const host_keyring_name name = name_of(slot);
    host_error err = {0};
    return host_keyring_slot_get(((world *)self)->ring, &name, out, &err)
               ? bkey_ok()
               : bkey_fail(BKEY_E_KEYRING);
}

static void open_world(world *w, const char *dir)
{
    char path[4096];
    host_error err = {0};
    memset(w, 0, sizeof *w);
    (void)snprintf(path, sizeof path, "%s/store.db", dir);
    need(sqlite3_open(path, &w->db) == SQLITE_OK, "cannot open the store");
    run_sql(w, "PRAGMA cache_size=-1000000; PRAGMA synchronous=OFF");
    need(sqlite3_prepare_v2(w->db, PUT, -1, &w->put, NULL) == SQLITE_OK, "put");
    need(sqlite3_prepare_v2(w->db, GET, -1, &w->get, NULL) == SQLITE_OK, "get");
    (void)snprintf(path, sizeof path, "%s.key", dir);
    need(host_keyring_open(path, &w->ring, &err), err.message);
    w->ports = (bkey_ports){.self = w,
                            .random = fill_random,
                            .state_get = get_state,
                            .apply = apply,
                            .generation = generation,
                            .derive = derive,
                            .slot_make = slot_make,
                            .slot_get = slot_get};
    w->call = (bkey_call){.organization_id = "", .actor = "bench", .remote_address = ""};
    need(bkey_is_ok(bkey_slab_new(&w->slab)), "slab");
    need(bkey_is_ok(bkey_vault_new(&w->ports, w->slab, &w->vault)), "vault");
}

static void close_world(world *w)
{
    bkey_vault_free(&w->vault);
    bkey_slab_free(&w->slab);
    host_keyring_close(w->ring);
    sqlite3_finalize(w->put);
    sqlite3_finalize(w->get);
    need(sqlite3_close(w->db) == SQLITE_OK, "close");
}

/* What sealing and opening cost beneath: padded to 32 bytes, a new nonce each time. */
static double time_bare(void)
{
    uint8_t key[32];
    uint8_t nonce[24];
    uint8_t data[120];
    uint8_t plain[32];
    uint8_t sealed[sizeof plain + 16];
    randombytes_buf(key, sizeof key);
    randombytes_buf(data, sizeof data);
    randombytes_buf(plain, sizeof plain);
    double start = spent();
    for (uint32_t i = 0; i < ROUNDS; i++) {
        randombytes_buf(nonce, sizeof nonce);
        crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, plain, sizeof plain, data,
                                                   sizeof data, NULL, nonce, key);
        need(crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, sealed, sizeof sealed,
                                                        data, sizeof data, nonce, key) == 0,
             "bare open");
    }
    return (spent() - start) / ROUNDS;
}

static void time_record(world *w)
{
    const bkey_place place = {w->vault, &w->call, {{1}}, ""};
    const sup_guid id = {{7, 7, 7}};
    bkey_secret *plain = NULL;
    need(bkey_is_ok(bkey_vault_ensure(&place)), "data key");
    need(bkey_is_ok(bkey_secret_dup(w->slab, "sixteen bytes ab", 16, &plain)), "slot");
    double bare = time_bare();
    double start = spent();
    for (uint32_t i = 0; i < ROUNDS; i++) {
        const bkey_ref ref = {BKEY_KIND_SECRET, {id.bytes, sizeof id.bytes}, i + 1};
        bkey_secret *back = NULL;
        bkey_sealed sealed = {.value = NULL};
        need(bkey_is_ok(bkey_seal_value(&place, &ref, plain, &sealed)), "seal");
        const bkey_bytes value = {sealed.value, sealed.value_len};
        need(bkey_is_ok(bkey_open_value(&place, &ref, value, &back)), "open");
        bkey_secret_free(&back);
        bkey_sealed_done(&sealed);
    }
    printf("{\"seconds\": %.9f, \"bare\": %.9f}\n", (spent() - start) / ROUNDS, bare);
    bkey_secret_free(&plain);
}

static void fill_places(world *w, uint32_t count)
{
    char name[32];
    double start = now();
    for (uint32_t i = 0; i < count; i++) {
        const bkey_place place = {w->vault, &w->call, {{1}}, name};
        (void)snprintf(name, sizeof name, "bench-org-%u", i);
        need(bkey_is_ok(bkey_vault_ensure(&place)), "data key");
    }
    printf("{\"seconds\": %.6f}\n", now() - start);
}

static void put_sealed(world *w, bkey_sealed *sealed)
{
    put_row(w, (bkey_bytes){sealed->key, BKEY_STATE_KEY_LEN},
            (bkey_bytes){sealed->value, sealed->value_len}, sealed->expect_revision + 1);
}

/* The host's file of heads, line for line as its service writes it. */
static FILE *open_heads(const char *dir)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s.audit", dir);
    umask(077);
    FILE *file = fopen(path, "a");
    need(file != NULL, "cannot open the heads");
    return file;
}

static void publish(world *w, FILE *heads, const bkey_sealed *entry, const bkey_audit_head *newest)
{
    char line[BKEY_HEADS_LINE_SIZE];
    bkey_head_line head = {.point.seq = newest->seq, .time_ms = 1787216400000};
    memcpy(head.chain, entry->key + 1, sizeof head.chain);
    memcpy(head.point.hash, newest->hash, sizeof head.point.hash);
    need(bkey_is_ok(bkey_heads_sign(w->vault, &head, line)), "sign");
    need(fprintf(heads, "%s %s\n", PLUGIN_ID, line) > 0, "write a head");
}

/* The key ids that tests/e2e/harness.py makes: guid(5, number). */
static void name_key(uint32_t number, sup_guid *out)
{
    const uint64_t n = number;
    char text[SUP_GUID_TEXT_LEN + 12];
    (void)snprintf(text, sizeof text, "%08x-%04x-4005-8%03x-%012llx",
                   (uint32_t)(n * 2654435761u + 5 * 97), number & 0xffffu, (number >> 4) & 0xfffu,
                   (unsigned long long)(n * 1000003 + 5));
    need(sup_guid_parse(text, strlen(text), out), "key id");
}

static void fill_keys(world *w, uint32_t count, const char *tenant, const char *organization)
{
    bkey_place place = {.vault = w->vault, .call = &w->call, .organization_id = organization};
    double start = now();
    need(sup_guid_parse(tenant, strlen(tenant), &place.tenant), "tenant");
    need(bkey_is_ok(bkey_vault_ensure(&place)), "data key");
    for (uint32_t i = 0; i < count; i++) {
        bkey_held_key key = {.created_ms = 1787216400000};
        bkey_secret *secret = NULL;
        bkey_sealed sealed = {.value = NULL};
        name_key(i, &key.id);
        key.device_id = key.id;
        need(bkey_is_ok(bkey_secret_dup(w->slab, "sixteen bytes ab", 16, &secret)), "slot");
        need(bkey_is_ok(bkey_held_seal_secret(&place, &key, secret, &sealed)), "seal");
        put_sealed(w, &sealed);
        bkey_sealed_done(&sealed);
        bkey_secret_free(&secret);
        key.secret_revision = 1;
        need(bkey_is_ok(bkey_held_seal(&place, &key, &sealed)), "seal");
        put_sealed(w, &sealed);
        bkey_sealed_done(&sealed);
    }
    printf("{\"seconds\": %.6f}\n", now() - start);
}

static void fill_audit(world *w, uint32_t count, const char *dir)
{
    FILE *heads = open_heads(dir);
    const bkey_place place = {.vault = w->vault, .call = &w->call, .organization_id = ""};
    bkey_audit_entry entry = {.time_ms = 1787216400000,
                              .actor = "somebody",
                              .address = "192.0.2.7",
                              .device_name = "PC-0001",
                              .reason = "the device asks for its key",
                              .ticket = "T-1",
                              .result = BKEY_AUDIT_REFUSED};
    bkey_audit_head head;
    uint8_t previous[BKEY_AUDIT_HASH_LEN];
    double start = now();
    need(bkey_is_ok(bkey_vault_ensure(&place)), "data key");
    need(bkey_is_ok(bkey_audit_head_get(&place, &head)), "head");
    for (uint32_t i = 0; i < count; i++) {
        bkey_sealed sealed = {.value = NULL};
        bkey_sealed newest = {.value = NULL};
        entry.time_ms++;
        need(bkey_is_ok(bkey_audit_append(&place, &head, &entry, &sealed, &newest)), "append");
        need(bkey_audit_link((bkey_bytes){sealed.value, sealed.value_len}, &head.seq, previous,
                             head.hash),
             "link");
        head.revision++;
        put_sealed(w, &sealed);
        publish(w, heads, &sealed, &head);
        if (i + 1 == count)
            put_sealed(w, &newest);
        bkey_sealed_done(&sealed);
        bkey_sealed_done(&newest);
    }
    need(fclose(heads) == 0, "write the heads");
    printf("{\"seconds\": %.6f}\n", now() - start);
}

static sqlite3_stmt *scan_kind(world *w, uint8_t kind)
{
    const uint8_t next = (uint8_t)(kind + 1);
    sqlite3_stmt *stmt = NULL;
    need(sqlite3_prepare_v2(w->db, SCAN, -1, &stmt, NULL) == SQLITE_OK, "scan");
    sqlite3_bind_blob(stmt, 1, &kind, 1, SQLITE_TRANSIENT);
    sqlite3_bind_blob(stmt, 2, &next, 1, SQLITE_TRANSIENT);
    return stmt;
}

static void time_bare_verify(world *w)
{
    uint8_t hash[32];
    uint64_t count = 0;
    double start = now();
    sqlite3_stmt *stmt = scan_kind(w, BKEY_KIND_AUDIT);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        crypto_generichash(hash, sizeof hash, sqlite3_column_blob(stmt, 1),
                           (unsigned long long)sqlite3_column_bytes(stmt, 1), NULL, 0);
        count++;
    }
    sqlite3_finalize(stmt);
    printf("{\"seconds\": %.6f, \"count\": %llu}\n", now() - start, (unsigned long long)count);
}

/* Each row is put back as it was: a sealed value of the same length is only made. */
static void time_bare_rewrap(world *w)
{
    uint8_t key[32] = {1};
    uint8_t nonce[24] = {2};
    uint8_t sealed[48];
    uint64_t count = 0;
    double start = now();
    run_sql(w, "PRAGMA synchronous=FULL; BEGIN IMMEDIATE");
    sqlite3_stmt *stmt = scan_kind(w, BKEY_KIND_WRAPPED);
    sqlite3_stmt *update = NULL;
    need(sqlite3_prepare_v2(
             w->db, "UPDATE plugin_state SET value=?2 WHERE plugin='" PLUGIN_ID "' AND key=?1", -1,
             &update, NULL) == SQLITE_OK,
         "update");
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, key, sizeof key, NULL, 0, NULL,
                                                   nonce, key);
        need(crypto_aead_xchacha20poly1305_ietf_decrypt(key, NULL, NULL, sealed, sizeof sealed,
                                                        NULL, 0, nonce, key) == 0,
             "bare open");
        sqlite3_bind_value(update, 1, sqlite3_column_value(stmt, 0));
        sqlite3_bind_value(update, 2, sqlite3_column_value(stmt, 1));
        need(sqlite3_step(update) == SQLITE_DONE, "update");
        sqlite3_reset(update);
        count++;
    }
    sqlite3_finalize(update);
    sqlite3_finalize(stmt);
    run_sql(w, "COMMIT");
    printf("{\"seconds\": %.6f, \"count\": %llu}\n", now() - start, (unsigned long long)count);
}

int main(int argc, char **argv)
{
    world w;
    const uint32_t count = argc > 3 ? (uint32_t)strtoull(argv[3], NULL, 10) : 0;
    if (argc < 3 || sodium_init() < 0)
        return 2;
    open_world(&w, argv[1]);
    const char *mode = argv[2];
    if (strcmp(mode, "bare-rewrap") == 0) {
        time_bare_rewrap(&w);
    } else if (strcmp(mode, "bare-verify") == 0) {
        time_bare_verify(&w);
    } else {
        run_sql(&w, "BEGIN IMMEDIATE");
        if (strcmp(mode, "record") == 0)
            time_record(&w);
        else if (strcmp(mode, "places") == 0)
            fill_places(&w, count);
        else if (strcmp(mode, "keys") == 0 && argc == 6)
            fill_keys(&w, count, argv[4], argv[5]);
        else
            fill_audit(&w, count, argv[1]);
        run_sql(&w, "COMMIT");
    }
    close_world(&w);
    return 0;
}
