/* SPDX-License-Identifier: Apache-2.0
 *
 * The scenes of tests that end or starve the host, and what must hold afterwards. */
#define _GNU_SOURCE
#include "tests/support/crash_scenes.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sample-host/src/apply.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/call.h"
#include "sample-host/src/store/copy.h"
#include "sample-host/src/store/migrate.h"

#define KEYS 6u
#define BATCHES 12u
#define OLD_PASSWORDS 60
#define VERSIONS_MAX 32
/* Data keys less rows of that kind; the root place has no name. */
#define PLACES_WITHOUT(kind)                                                                       \
    "SELECT sum(substr(key,1,1)=x'57') - sum(substr(key,1,1)=x'" kind                              \
    "') FROM plugin_state WHERE plugin='bitlocker_keys' AND tombstone=0"
#define WITH_PLUGINS 3 /* the first schema that had them */

crash_host crash_world;
static int version_count;

/* The old stores at each schema; shared with the child that makes them. */
typedef struct old_stores {
    int count;
    uint8_t digests[VERSIONS_MAX][CRASH_DIGEST];
} old_stores;
static old_stores *versions;

bool crash_scenes_is(bool fine, const char *what, int line)
{
    if (!fine) {
        (void)fprintf(stderr, "  line %d: not so: %s\n", line, what);
    }
    return fine;
}

void crash_scenes_need(bool fine, const char *what)
{
    if (!fine) {
        (void)fprintf(stderr, "crash_scenes: %s\n", what);
        abort();
    }
}

uint64_t crash_scenes_draw(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* ---- scenes ---- */

static bool reveal(host *h, const fake_key *key)
{
    char args[160];
    host_reply reply;
    (void)snprintf(args, sizeof args, "{\"key\":\"%s\",\"reason\":\"drill\"}", key->id);
    bool ok = crash_host_run(h, "reveal", args, NULL, &reply) &&
              reply.secret.len == strlen(key->password) &&
              memcmp(reply.secret.ptr, key->password, reply.secret.len) == 0;
    if (!ok) {
        (void)fprintf(stderr, "  reveal: %s\n", reply.message);
    }
    host_reply_done(&reply);
    return ok;
}

static bool reveal_all(host *h)
{
    bool ok = true;
    for (uint32_t i = 0; i < crash_world.graph->key_count && ok; i++) {
        ok = reveal(h, &crash_world.graph->keys[i]);
    }
    return ok;
}

static bool sync_now(host *h)
{
    return crash_host_do(h, "sync", "{}", NULL);
}

static int64_t count(const char *sql)
{
    sqlite3 *db = crash_host_raw(&crash_world);
    int64_t number = crash_host_number(db, sql);
    (void)sqlite3_close(db);
    return number;
}

/* A key that was committed is not asked for again, and none is missing (S1.51). */
static bool check_sync(host *h)
{
    const int64_t kept = count("SELECT count(*) FROM plugin_state WHERE tombstone=0 AND"
                               " substr(key,1,1)=x'53'");
    const uint32_t before = crash_world.graph->key_reads;
    return IS(sync_now(h)) && IS(crash_world.graph->key_reads - before == KEYS - (uint32_t)kept) &&
           IS(count("SELECT count(*) FROM passwords WHERE external_id IS NOT NULL") == KEYS) &&
           IS(count("SELECT count(*) FROM activity WHERE action=1 AND object_id LIKE '%:%'") ==
              KEYS) &&
           IS(reveal_all(h));
}

static bool check_reveal(host *h)
{
    return IS(reveal_all(h)) && IS(crash_host_do(h, "audit", "{\"verify\":true}", NULL));
}

static bool rotate(host *h)
{
    return crash_host_do(h, "key rotate", "{}", NULL);
}

static bool check_rotate(host *h)
{
    host_reply reply;
    bool ok = IS(crash_host_do(h, "key check", "{}", NULL)) && IS(reveal_all(h)) && IS(rotate(h)) &&
              IS(reveal_all(h)) && IS(crash_host_do(h, "key check", "{}", NULL));
    ok = IS(crash_host_run(h, "key status", "{}", NULL, &reply)) && ok &&
         IS(json_array_size(json_object_get(reply.body, "generations")) == 1) &&
         IS(json_is_false(json_object_get(reply.body, "rotation_unfinished")));
    host_reply_done(&reply);
    return ok;
}

static void copy_path(char out[600], const char *name)
{
    (void)snprintf(out, 600, "%s/%s", crash_world.dir, name);
}

static bool back_up_to(host *h, const char *name)
{
    char path[600];
    char args[700];
    copy_path(path, name);
    (void)snprintf(args, sizeof args, "{\"out\":\"%s\"}", path);
    return crash_host_do(h, "backup", args, NULL);
}

static bool back_up(host *h)
{
    return back_up_to(h, "copy");
}

void crash_scenes_begin(const crash_scene *s)
{
    static const char *const names[] = {"copy", "copy.partial", "copy.partial-journal", "again"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[600];
        copy_path(path, names[i]);
        host_file_remove(path);
    }
    crash_host_load(&crash_world, s->start);
}

/* There is no copy, or a whole one. */
static bool check_backup(host *h)
{
    char path[600];
    host_copy_mark mark;
    host_error err = {0};
    copy_path(path, "copy");
    bool ok = IS(!host_file_exists(path) || host_copy_check(path, &mark, &err)) &&
              IS(back_up_to(h, "again"));
    copy_path(path, "again");
    return ok && IS(host_copy_check(path, &mark, &err)) && IS(reveal_all(h));
}

/* One batch under a fixed operation key. */
static dph_status apply_batch(host *h, uint32_t number, bool *out_replayed)
{
    char key[16];
    char op_key[16];
    host_call call;
    host_error err = {0};
    host_actor actor = host_call_scheduler();
    host_call_init(&call, h, &actor, DPH_LANE_SYNC, "");
    (void)snprintf(key, sizeof key, "key %u", number);
    (void)snprintf(op_key, sizeof op_key, "op %u", number);
    dph_item_state_put put = {.head = {sizeof put, DPH_ITEM_STATE_PUT}};
    put.key = (dph_bytes){(const uint8_t *)key, strlen(key)};
    put.value = put.key;
    const dph_item *items[] = {&put.head};
    dph_batch batch = {sizeof batch, 1, items};
    dph_str plugin = host_str("another");
    dph_str op = host_str(op_key);
    dph_apply_result result = {.struct_size = sizeof result};
    dph_status status = host_apply(h, &plugin, &call.abi, &batch, &op, &result, &err);
    *out_replayed = result.replayed != 0;
    return status;
}

static bool apply_all(host *h)
{
    bool replayed = false;
    bool ok = true;
    for (uint32_t i = 0; i < BATCHES && ok; i++) {
        ok = apply_batch(h, i, &replayed) == DPH_OK;
        crash_world.ledger->landed += ok;
    }
    return ok;
}

/* What was told as landed is a replay; the rest lands now, each once. */
static bool check_replay(host *h)
{
    const uint32_t told = crash_world.ledger->landed;
    uint32_t replays = 0;
    for (uint32_t i = 0; i < BATCHES; i++) {
        bool replayed = false;
        if (!IS(apply_batch(h, i, &replayed) == DPH_OK) || !IS(!replayed || replays == i)) {
            return false;
        }
        replays += replayed;
    }
    return IS(replays == told || replays == told + 1) &&
           IS(count("SELECT count(*) FROM plugin_state WHERE plugin='another' AND revision=1") ==
              BATCHES);
}

bool crash_scenes_do_nothing(host *h)
{
    return h != NULL;
}

bool crash_scenes_play(const crash_scene *s)
{
    host *h = crash_host_open(&crash_world, s->flags);
    bool ok = h != NULL && s->act(h);
    host_close(h);
    return ok;
}

static bool restore(host *h)
{
    char path[600];
    char args[700];
    copy_path(path, "earlier");
    (void)snprintf(args, sizeof args, "{\"file\":\"%s\"}", path);
    return crash_host_do(h, "restore", args, NULL);
}

/* Restored or not, every key opens, and the audit is whole. */
static bool check_restore(host *h)
{
    const bool is_back = count("SELECT count(*) FROM passwords WHERE name='Later'") == 0;
    return IS(is_back ==
              (count("SELECT count(*) FROM activity WHERE detail='restored from a copy'") == 1)) &&
           IS(reveal_all(h)) && IS(sync_now(h)) &&
           IS(crash_host_do(h, "audit", "{\"verify\":true}", NULL));
}

/* Taken over, each record once, and gone; or still there whole. */
static bool check_journal(host *h)
{
    char path[600];
    (void)snprintf(path, sizeof path, "%s.key.journal", crash_world.data);
    return IS(!host_file_exists(path)) &&
           IS(count("SELECT count(*) FROM plugin_state WHERE tombstone=0 AND "
                    "substr(key,1,1)=x'4a'") == KEYS) &&
           IS(count("SELECT count(*) FROM activity WHERE detail='break-glass'") == KEYS) &&
           IS(reveal_all(h)) && IS(crash_host_do(h, "audit", "{\"verify\":true}", NULL));
}

/* What plugins kept is as it was: it opens, nothing is fetched again, and the audit verifies. */
static bool check_upgrade_synced(host *h)
{
    const uint32_t before = crash_world.graph->key_reads;
    return IS(count("PRAGMA user_version") == version_count) &&
           IS(count(PLACES_WITHOUT("59")) == 0) && IS(count(PLACES_WITHOUT("50")) == 1) &&
           IS(reveal_all(h)) && IS(sync_now(h)) && IS(crash_world.graph->key_reads == before) &&
           IS(crash_host_do(h, "audit", "{\"verify\":true}", NULL));
}

static bool check_upgrade(host *h)
{
    (void)h;
    return IS(count("PRAGMA user_version") == version_count) &&
           IS(count("SELECT count(*) FROM passwords") == OLD_PASSWORDS) &&
           IS(count("SELECT count(*) FROM passwords_text WHERE passwords_text MATCH 'Router'") ==
              OLD_PASSWORDS);
}

const crash_scene crash_scenes[] = {
    {"connect", "connected", crash_host_connect, check_sync, 0},
    {"sync", "connected", sync_now, check_sync, 0},
    {"reveal", "synced", reveal_all, check_reveal, 0},
    {"rotation", "synced", rotate, check_rotate, 0},
    {"backup", "synced", back_up, check_backup, 0},
    {"replay", "synced", apply_all, check_replay, 0},
    {"restore", "later", restore, check_restore, HOST_OPEN_BARE},
    {"journal", "journalled", crash_scenes_do_nothing, check_journal, 0},
    {"upgrade", "old", crash_scenes_do_nothing, check_upgrade, 0},
    {"upgrade with plugin data", "old synced", crash_scenes_do_nothing, check_upgrade_synced, 0},
};
const size_t crash_scene_count = sizeof crash_scenes / sizeof crash_scenes[0];

/* Old or new, never between. */
static bool is_old_or_new(const crash_scene *s)
{
    uint8_t found[CRASH_DIGEST];
    sqlite3_stmt *stmt = NULL;
    sqlite3 *db = crash_host_raw(&crash_world);
    bool ok = sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &stmt, NULL) == SQLITE_OK &&
              sqlite3_step(stmt) == SQLITE_ROW &&
              strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") == 0;
    (void)sqlite3_finalize(stmt);
    if (!IS(ok)) {
        (void)sqlite3_close(db);
        return false;
    }
    crash_host_digest(db, found);
    (void)sqlite3_close(db);
    const crash_ledger *ledger = crash_world.ledger;
    bool is_known = memcmp(found, ledger->committed, sizeof found) == 0;
    for (uint32_t i = 0; i < ledger->pending_count; i++) {
        is_known = is_known || memcmp(found, ledger->pending[i], sizeof found) == 0;
    }
    for (int i = 0; i < versions->count; i++) {
        is_known = is_known || memcmp(found, versions->digests[i], sizeof found) == 0;
    }
    /* What is restored is written beside the store; until it takes its place nothing happened. */
    is_known = is_known || ((s->flags & HOST_OPEN_BARE) != 0 &&
                            memcmp(found, ledger->begun, sizeof found) == 0);
    return IS(is_known);
}

bool crash_scenes_is_well(const crash_scene *s)
{
    if (!is_old_or_new(s)) {
        return false;
    }
    host *h = crash_host_open(&crash_world, 0);
    bool ok = IS(h != NULL) && IS(crash_host_do(h, "doctor", "{\"state\":true}", NULL)) &&
              s->check(h) && IS(crash_host_do(h, "doctor", "{\"state\":true}", NULL));
    host_close(h);
    return ok;
}

/* ---- where the scenes begin ---- */

static void migrate_to(const char *path, int version)
{
    host_conn conn;
    host_error err = {0};
    int newest = 0;
    const char *const *steps = host_migrate_steps(&newest);
    crash_scenes_need(host_db_connect(path, false, &conn, &err) &&
                          host_migrate_run_steps(&conn, steps, version, &err),
                      err.message);
    crash_scenes_need(versions->count < VERSIONS_MAX, "too many versions");
    crash_host_digest(conn.sqlite, versions->digests[versions->count++]);
    host_db_disconnect(&conn);
}

static void run_sql(sqlite3 *db, const char *sql)
{
    crash_scenes_need(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sqlite3_errmsg(db));
}

static sqlite3 *open_path(const char *path)
{
    sqlite3 *db = NULL;
    crash_scenes_need(sqlite3_open(path, &db) == SQLITE_OK, path);
    return db;
}

/* Keeps the store that lies there, and what each later step makes of it. */
static void keep_old(const char *name, const char *path, int version)
{
    crash_host_save(&crash_world, name);
    for (int i = version; i <= version_count; i++) {
        migrate_to(path, i);
    }
}

/* A store of the first version. */
static void make_old(void)
{
    char path[600];
    (void)snprintf(path, sizeof path, "%s/store.db", crash_world.data);
    host_file_remove(path);
    migrate_to(path, 1);
    sqlite3 *db = open_path(path);
    run_sql(db, "INSERT INTO organizations VALUES('o','Fernhill',1,1,1);"
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<60)"
                " INSERT INTO passwords SELECT i,'id'||i,'o','','','Router '||i,'','','',"
                "NULL,NULL,'','','','',0,1,1,1 FROM n");
    (void)sqlite3_close(db);
    keep_old("old", path, 1);
}

/* Every table of the old store gets what the new one has for it. */
static void fill_old(sqlite3 *old)
{
    sqlite3_stmt *stmt = NULL;
    const char *tables = "SELECT m.name, (SELECT group_concat(name) FROM pragma_table_info(m.name))"
                         " FROM main.sqlite_master m WHERE m.type='table' AND m.name NOT LIKE"
                         " 'sqlite%' AND m.name NOT LIKE 'passwords_text%'";
    crash_scenes_need(sqlite3_prepare_v2(old, tables, -1, &stmt, NULL) == SQLITE_OK, "tables");
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(stmt, 0);
        const char *columns = (const char *)sqlite3_column_text(stmt, 1);
        char *sql = sqlite3_mprintf("INSERT OR REPLACE INTO main.%s(%s) SELECT %s FROM new.%s",
                                    name, columns, columns, name);
        crash_scenes_need(sql != NULL, "memory");
        run_sql(old, sql);
        sqlite3_free(sql);
    }
    (void)sqlite3_finalize(stmt);
}

/* The synced store as the first version that had plugins would have kept it. */
static void make_old_synced(void)
{
    char path[600];
    char newer[600];
    host_error err = {0};
    crash_host_load(&crash_world, "synced");
    (void)snprintf(path, sizeof path, "%s/store.db", crash_world.data);
    copy_path(newer, "newer.db");
    crash_scenes_need(host_file_replace(path, newer, &err), err.message);
    migrate_to(path, WITH_PLUGINS);
    sqlite3 *old = open_path(path);
    char *sql = sqlite3_mprintf("ATTACH %Q AS new", newer);
    crash_scenes_need(sql != NULL, "memory");
    run_sql(old, sql);
    sqlite3_free(sql);
    fill_old(old);
    /* Neither check values nor places had names then. */
    run_sql(old, "DELETE FROM plugin_state WHERE substr(key,1,1) IN (x'50',x'59')");
    (void)sqlite3_close(old);
    keep_old("old synced", path, WITH_PLUGINS);
}

/* A copy, and a store that went on after it. */
static void make_later(void)
{
    crash_host_load(&crash_world, "synced");
    host *h = crash_host_open(&crash_world, 0);
    crash_scenes_need(h != NULL && back_up_to(h, "earlier") &&
                          crash_host_do(h, "password add",
                                        "{\"name\":\"Later\",\"org\":\"Fernhill\"}", "hunter23"),
                      "a later store");
    host_close(h);
    crash_host_save(&crash_world, "later");
}

/* The tool itself reads every key of the synced store, without its host. */
static void make_journalled(void)
{
    const char *tool = getenv("BKEY_OPEN");
    char store[600];
    char key_file[600];
    int status = 0;
    crash_host_load(&crash_world, "synced");
    (void)snprintf(store, sizeof store, "%s/store.db", crash_world.data);
    (void)snprintf(key_file, sizeof key_file, "%s.key", crash_world.data);
    const pid_t child = fork();
    if (child == 0) {
        const int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
        (void)dup2(nothing, STDOUT_FILENO);
        (void)execl(tool != NULL ? tool : "build/san/bin/bkey-open", "bkey-open", "--store", store,
                    "--key-file", key_file, "--org", "Fernhill", "--reason", "drill", (char *)NULL);
        _exit(127);
    }
    crash_scenes_need(child > 0 && waitpid(child, &status, 0) == child && status == 0,
                      "bkey-open is not built, or does not open the store");
    crash_host_save(&crash_world, "journalled");
}

void crash_scenes_init(void)
{
    crash_host_prepare(&crash_world);
    (void)host_migrate_steps(&version_count);
    versions =
        mmap(NULL, sizeof *versions, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    crash_scenes_need(versions != MAP_FAILED, "memory");
    for (uint32_t i = 0; i < KEYS; i++) {
        char name[16];
        char serial[16];
        (void)snprintf(name, sizeof name, "PC-%u", i);
        (void)snprintf(serial, sizeof serial, "SER-%u", i);
        const fake_device *device = fake_graph_add_device(crash_world.graph, name, serial);
        (void)fake_graph_add_key(crash_world.graph, device, "operatingSystemVolume", 10 + i);
    }
}

static bool add_configurations(host *h)
{
    bool ok = h != NULL;
    for (uint32_t i = 0; i < KEYS && ok; i++) {
        char args[128];
        (void)snprintf(args, sizeof args,
                       "{\"name\":\"PC-%u\",\"org\":\"Fernhill\",\"serial\":\"SER-%u\"}", i, i);
        ok = crash_host_do(h, "config add", args, NULL);
    }
    return ok;
}

void crash_scenes_make(void)
{
    crash_host_make(&crash_world);
    host *h = crash_host_open(&crash_world, 0);
    crash_scenes_need(add_configurations(h), "configuration");
    host_close(h);
    crash_host_save(&crash_world, "connected");
    h = crash_host_open(&crash_world, 0);
    crash_scenes_need(h != NULL && sync_now(h) && reveal_all(h) &&
                          crash_host_do(h, "password add",
                                        "{\"name\":\"Router\",\"org\":\"Fernhill\"}", "hunter22"),
                      "sync");
    host_close(h);
    crash_host_save(&crash_world, "synced");
    make_later();
    make_journalled();
    make_old_synced();
    make_old();
}
