/* SPDX-License-Identifier: Apache-2.0
 *
 * The host of tests that kill it. */
#define _GNU_SOURCE
#include "tests/support/crash_host.h"

#include "plugin.h"
#include "sample-host/src/base/log.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/open.h"
#include "tests/support/fake_ports.h"

#include <dirent.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define TENANT "1a0e5b1c-6b8e-4f7a-9d1a-00000000aaaa"

static crash_ledger *ledger;
static fake_ports network; /* lends its network, nothing else */
static const dph_host *services;
static bkey_err (*real_next)(void *self, uint32_t timeout_ms, bkey_net_reply *out_reply,
                             bool *out_got);
void (*crash_host_hold)(bool is_held);
unsigned crash_host_unclear;
bool crash_host_is_safe;

static void need(bool fine, const char *what)
{
    if (!fine) {
        (void)fprintf(stderr, "crash_host: %s\n", what);
        abort();
    }
}

/* ---- the plugin is linked, not loaded ---- */

dph_status __wrap_dphl_open(const dphl_options *options, const dph_host *host, dphl_library **out,
                            dph_error *err);
dph_status __wrap_dphl_start(dphl_library *library, const dph_call *call, dph_plugin **out,
                             dph_error *err);
void __wrap_dphl_close(dphl_library *library, const dph_call *call);
const dph_manifest *__wrap_dphl_manifest(const dphl_library *library);

dph_status __wrap_dphl_open(const dphl_options *options, const dph_host *host, dphl_library **out,
                            dph_error *err)
{
    (void)options;
    (void)err;
    services = host;
    *out = calloc(1, sizeof(dph_plugin *));
    return *out != NULL ? DPH_OK : DPH_E_NOMEM;
}

static void hold(bool is_held)
{
    if (crash_host_hold != NULL) {
        crash_host_hold(is_held);
    }
}

static bkey_err answer(void *self, uint32_t timeout_ms, bkey_net_reply *out_reply, bool *out_got)
{
    hold(true);
    bkey_err err = real_next(self, timeout_ms, out_reply, out_got);
    hold(false);
    return err;
}

static bkey_err lend_net(void *self, const bkey_call *call, uint32_t max_parallel,
                         bkey_net **out_net)
{
    (void)self;
    (void)call;
    hold(true);
    bkey_err err = network.net_new(network.net_context, max_parallel, out_net);
    hold(false);
    if (bkey_is_ok(err)) {
        real_next = (*out_net)->next;
        (*out_net)->next = answer;
    }
    return err;
}

static void take_net(void *self, bkey_net **net)
{
    (void)self;
    network.net_free(network.net_context, net);
}

dph_status __wrap_dphl_start(dphl_library *library, const dph_call *call, dph_plugin **out,
                             dph_error *err)
{
    dph_plugin *made = NULL;
    dph_status status = bkey_plugin_create(services, &made, err);
    if (status != DPH_OK) {
        return status;
    }
    status = made->start(made, call, err);
    if (status != DPH_OK) {
        made->destroy(made);
        return status;
    }
    bkey_plugin_of(made)->services.ports.net_new = lend_net;
    bkey_plugin_of(made)->services.ports.net_free = take_net;
    *(dph_plugin **)(void *)library = made;
    *out = made;
    return DPH_OK;
}

void __wrap_dphl_close(dphl_library *library, const dph_call *call)
{
    dph_plugin *made = library != NULL ? *(dph_plugin **)(void *)library : NULL;
    if (made != NULL) {
        made->stop(made, call);
        made->destroy(made);
    }
    free(library);
}

const dph_manifest *__wrap_dphl_manifest(const dphl_library *library)
{
    (void)library;
    return NULL;
}

/* ---- nobody waits ---- */

bool __wrap_host_clock_wait(uint64_t ns, bool (*stop)(void *context), void *context);

bool __wrap_host_clock_wait(uint64_t ns, bool (*stop)(void *context), void *context)
{
    (void)ns;
    return stop == NULL || !stop(context);
}

/* ---- what the store may hold ---- */

bool __real_host_db_write_commit(host_db *db, host_conn *conn, host_error *err);
bool __wrap_host_db_write_commit(host_db *db, host_conn *conn, host_error *err);

bool __wrap_host_db_write_commit(host_db *db, host_conn *conn, host_error *err)
{
    if (crash_host_is_safe) {
        return __real_host_db_write_commit(db, conn, err);
    }
    hold(true);
    need(ledger->pending_count < CRASH_PENDING, "too many unknown outcomes");
    uint8_t *mine = ledger->pending[ledger->pending_count];
    crash_host_digest(conn->sqlite, mine);
    ledger->pending_count++;
    hold(false);
    bool ok = __real_host_db_write_commit(db, conn, err);
    if (ok && memcmp(ledger->committed, mine, CRASH_DIGEST) == 0) {
        /* Nothing was written, so that nothing is settled either: an earlier one may yet show. */
        ledger->pending_count--;
        ledger->commits++;
    } else if (ok) {
        memcpy(ledger->committed, mine, CRASH_DIGEST);
        ledger->pending_count = 0;
        ledger->commits++;
    } else if (err->status != DPH_E_UNKNOWN_OUTCOME) {
        ledger->pending_count--;
    }
    return ok;
}

static void add_column(crypto_generichash_state *state, sqlite3_stmt *stmt, int column)
{
    const int type = sqlite3_column_type(stmt, column);
    const void *bytes = sqlite3_column_blob(stmt, column);
    const size_t len = (size_t)sqlite3_column_bytes(stmt, column);
    (void)crypto_generichash_update(state, (const uint8_t *)&type, sizeof type);
    (void)crypto_generichash_update(state, (const uint8_t *)&len, sizeof len);
    if (len > 0) {
        (void)crypto_generichash_update(state, bytes, len);
    }
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) {
        need(false, sqlite3_errmsg(db));
    }
    return stmt;
}

static void add_rows(crypto_generichash_state *state, sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = prepare(db, sql);
    int rc = sqlite3_step(stmt);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(stmt)) {
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            add_column(state, stmt, i);
        }
    }
    need(rc == SQLITE_DONE, sql);
    (void)sqlite3_finalize(stmt);
}

void crash_host_digest(sqlite3 *db, uint8_t out[CRASH_DIGEST])
{
    crypto_generichash_state state;
    sqlite3_stmt *stmt = prepare(db, "SELECT name FROM sqlite_master WHERE type='table' AND sql NOT"
                                     " LIKE 'CREATE VIRTUAL%' ORDER BY name");
    (void)crypto_generichash_init(&state, NULL, 0, CRASH_DIGEST);
    add_rows(&state, db, "PRAGMA user_version");
    add_rows(&state, db, "SELECT type, name, sql FROM sqlite_master ORDER BY name");
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", sqlite3_column_text(stmt, 0));
        need(sql != NULL, "memory");
        add_rows(&state, db, sql);
        sqlite3_free(sql);
    }
    (void)sqlite3_finalize(stmt);
    (void)crypto_generichash_final(&state, out, CRASH_DIGEST);
}

sqlite3 *crash_host_raw(const crash_host *world)
{
    char path[512];
    sqlite3 *db = NULL;
    (void)snprintf(path, sizeof path, "%s/store.db", world->data);
    need(sqlite3_open(path, &db) == SQLITE_OK, "the store does not open");
    return db;
}

int64_t crash_host_number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = prepare(db, sql);
    need(sqlite3_step(stmt) == SQLITE_ROW, sql);
    int64_t number = sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return number;
}

/* ---- files ---- */

static void copy_file(const char *from, const char *to)
{
    char bytes[65536];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    need(in >= 0 && out >= 0, from);
    ssize_t got = 0;
    while ((got = read(in, bytes, sizeof bytes)) > 0) {
        need(write(out, bytes, (size_t)got) == got, to);
    }
    need(got == 0, from);
    (void)close(in);
    (void)close(out);
}

/* Only regular files: the host makes no folders in its own. */
static void copy_dir(const char *from, const char *to)
{
    DIR *dir = opendir(from);
    need(dir != NULL, from);
    host_file_remove_dir(to);
    need(mkdir(to, 0700) == 0, to);
    struct dirent *entry = NULL;
    while ((entry = readdir(dir)) != NULL) {
        char source[1024];
        char target[1024];
        struct stat info;
        (void)snprintf(source, sizeof source, "%s/%s", from, entry->d_name);
        (void)snprintf(target, sizeof target, "%s/%s", to, entry->d_name);
        if (stat(source, &info) == 0 && S_ISREG(info.st_mode)) {
            copy_file(source, target);
        }
    }
    (void)closedir(dir);
}

static void add_file(crypto_generichash_state *state, const char *path, const char *name)
{
    uint8_t bytes[65536];
    struct stat info;
    int in = open(path, O_RDONLY | O_CLOEXEC);
    need(in >= 0 && fstat(in, &info) == 0, path);
    (void)crypto_generichash_update(state, (const uint8_t *)name, strlen(name) + 1);
    (void)crypto_generichash_update(state, (const uint8_t *)&info.st_size, sizeof info.st_size);
    (void)crypto_generichash_update(state, (const uint8_t *)&info.st_mode, sizeof info.st_mode);
    ssize_t got = 0;
    while ((got = read(in, bytes, sizeof bytes)) > 0) {
        (void)crypto_generichash_update(state, bytes, (size_t)got);
    }
    need(got == 0, path);
    (void)close(in);
}

static void add_dir(crypto_generichash_state *state, const char *dir)
{
    struct dirent **entries = NULL;
    const int count = scandir(dir, &entries, NULL, alphasort);
    need(count >= 0, dir);
    for (int i = 0; i < count; i++) {
        char path[1024];
        struct stat info;
        (void)snprintf(path, sizeof path, "%s/%s", dir, entries[i]->d_name);
        if (lstat(path, &info) == 0 && S_ISREG(info.st_mode)) {
            add_file(state, path, entries[i]->d_name);
        }
        free(entries[i]);
    }
    free(entries);
}

void crash_host_digest_files(const crash_host *world, uint8_t out[CRASH_DIGEST])
{
    crypto_generichash_state state;
    const crash_ledger *told = world->ledger;
    (void)crypto_generichash_init(&state, NULL, 0, CRASH_DIGEST);
    add_dir(&state, world->dir);
    add_dir(&state, world->data);
    (void)crypto_generichash_update(&state, told->committed, CRASH_DIGEST);
    (void)crypto_generichash_update(&state, told->begun, CRASH_DIGEST);
    (void)crypto_generichash_update(&state, (const uint8_t *)told->pending,
                                    told->pending_count * (size_t)CRASH_DIGEST);
    (void)crypto_generichash_update(&state, (const uint8_t *)&told->landed, sizeof told->landed);
    (void)crypto_generichash_final(&state, out, CRASH_DIGEST);
}

/* The data directory, and what lies beside it: the key file, the published audit
 * heads and the journal of keys that were read without the host. */
static void copy_all(const crash_host *world, const char *name, bool is_back)
{
    static const char *const beside[] = {".key", ".audit", ".key.journal"};
    char kept[600];
    (void)snprintf(kept, sizeof kept, "%s/%s", world->dir, name);
    const char *from = is_back ? kept : world->data;
    const char *to = is_back ? world->data : kept;
    copy_dir(from, to);
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
        char source[640];
        char target[640];
        (void)snprintf(source, sizeof source, "%s%s", from, beside[i]);
        (void)snprintf(target, sizeof target, "%s%s", to, beside[i]);
        host_file_remove(target);
        if (host_file_exists(source)) {
            copy_file(source, target);
        }
    }
}

void crash_host_save(const crash_host *world, const char *name)
{
    copy_all(world, name, false);
}

void crash_host_load(const crash_host *world, const char *name)
{
    copy_all(world, name, true);
    sqlite3 *db = crash_host_raw(world);
    crash_host_digest(db, ledger->committed);
    (void)sqlite3_close(db);
    memcpy(ledger->begun, ledger->committed, CRASH_DIGEST);
    ledger->pending_count = 0;
    ledger->commits = 0;
    ledger->landed = 0;
    ledger->opened = 0;
}

/* ---- the host ---- */

host *crash_host_open(const crash_host *world, uint32_t flags)
{
    const host_open_options options = {.data_dir = world->data, .flags = flags};
    host *h = NULL;
    host_error err = {0};
    if (!host_open(&options, &h, &err)) {
        crash_host_unclear += err.message[0] == '\0';
        (void)fprintf(stderr, "open: %s\n", err.message);
        return NULL;
    }
    ledger->opened++;
    return h;
}

bool crash_host_run(host *h, const char *command, const char *args, const char *secret,
                    host_reply *reply)
{
    host_secret given = {0};
    hold(true);
    json_t *object = json_loads(args, 0, NULL);
    need(object != NULL, args);
    host_request request = {.command = command,
                            .args = object,
                            .actor = {.kind = DPH_ACTOR_LOCAL,
                                      .role = DPH_ROLE_ADMINISTRATOR,
                                      .source = DPH_SOURCE_CLI,
                                      .name = "tester",
                                      .remote_address = ""}};
    if (secret != NULL) {
        need(host_secret_init(&given, strlen(secret)), "memory");
        memcpy(given.ptr, secret, strlen(secret));
        given.len = strlen(secret);
        request.secret = &given;
    }
    hold(false);
    host_reply_init(reply);
    int code = host_command_run(h, &request, reply);
    host_secret_done(&given);
    json_decref(object);
    crash_host_unclear += code != HOST_EXIT_DONE && reply->message[0] == '\0';
    return code == HOST_EXIT_DONE;
}

bool crash_host_do(host *h, const char *command, const char *args, const char *secret)
{
    host_reply reply;
    bool ok = crash_host_run(h, command, args, secret, &reply);
    if (!ok) {
        char *body = reply.body != NULL ? json_dumps(reply.body, 0) : NULL;
        (void)fprintf(stderr, "%s: %s %s\n", command, reply.message, body != NULL ? body : "");
        free(body);
    }
    host_reply_done(&reply);
    return ok;
}

bool crash_host_connect(host *h)
{
    return crash_host_do(h, "connect",
                         "{\"tenant\":\"" TENANT "\",\"org\":[\"Fernhill\"],\"client_id\":"
                         "\"2b1f6c2d-7c9f-4a8b-8e2b-00000000bbbb\",\"login\":"
                         "\"https://login.example\",\"graph\":\"https://graph.example\","
                         "\"grant\":\"refresh\"}",
                         "first-credential");
}

static const char *plugin_path(void)
{
    const char *path = getenv("PLUGIN");
    return path != NULL ? path : "build/san/plugin/bitlocker_keys.so";
}

void crash_host_prepare(crash_host *world)
{
    host_error err = {0};
    memset(world, 0, sizeof *world);
    need(sodium_init() >= 0, "libsodium");
    need(host_file_make_scratch(world->dir, sizeof world->dir, &err), err.message);
    (void)snprintf(world->data, sizeof world->data, "%s/live", world->dir);
    ledger = mmap(NULL, sizeof *ledger, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    need(ledger != MAP_FAILED, "memory");
    world->ledger = ledger;
    world->graph = fake_graph_new(TENANT);
    fake_ports_init(&network, NULL, 1);
    fake_graph_plug(world->graph, &network);
}

void crash_host_make(const crash_host *world)
{
    char library[PATH_MAX];
    host_error err = {0};
    host_init_result made;
    need(realpath(plugin_path(), library) != NULL, "the plugin is not built");
    const host_init_options options = {.data_dir = world->data, .plugin_path = library};
    need(host_init(&options, &made, &err), err.message);
    host *h = crash_host_open(world, 0);
    need(h != NULL && crash_host_do(h, "org add", "{\"name\":\"Fernhill\"}", NULL) &&
             crash_host_connect(h),
         "the world is not made");
    host_close(h);
}

void crash_host_done(crash_host *world)
{
    DIR *dir = opendir(world->dir);
    struct dirent *entry = NULL;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char path[600];
        (void)snprintf(path, sizeof path, "%s/%s", world->dir, entry->d_name);
        if (entry->d_name[0] != '.' && entry->d_type == DT_DIR) {
            host_file_remove_dir(path);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
    host_file_remove_dir(world->dir);
    fake_graph_free(world->graph);
    (void)munmap(world->ledger, sizeof *world->ledger);
}
