/* SPDX-License-Identifier: Apache-2.0
 *
 * The host and the plugin in one process, killed, without power, on a full disk and on one that
 * does not sync, at the n-th write of what they do: the store is then what it was or what it was
 * about to be, no key is lost, the doctor finds nothing, and doing it again ends well.
 *
 *   test_crash_store [--all] [--seed N] [--points N] [--only PART-OF-NAME] [--verbose]
 *
 * Without --all a seeded share of the points is taken (environment: TEST_SEED).
 */
/* LINK: tests/support/crash_vfs.c tests/support/crash_host.c tests/support/kill_steps.c
 * tests/support/fake_graph.c tests/support/fake_ports.c tests/support/fake_store.c
 * sample-host/src/?*.c sample-host/src/base/?*.c sample-host/src/store/?*.c
 * host-sdk/loader/?*.c host-sdk/support/?*.c plugin/src/plugin.c plugin/src/base/?*.c
 * plugin/src/domain/?*.c plugin/src/graph/?*.c plugin/src/hooks/?*.c plugin/src/state/?*.c
 * plugin/src/usecase/?*.c
 */
/* LIBS: -lsqlite3 -lcurl -lsodium -ljansson -lpcre2-8 -ldl -Wl,--wrap=fsync -Wl,--wrap=rename */
/* LIBS: -Wl,--wrap=link -Wl,--wrap=sqlite3_exec -Wl,--wrap=host_db_write_commit */
/* LIBS: -Wl,--wrap=dphl_open,--wrap=dphl_start,--wrap=dphl_close,--wrap=dphl_manifest */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sanitizer/lsan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sample-host/src/apply.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/call.h"
#include "sample-host/src/store/copy.h"
#include "sample-host/src/store/migrate.h"
#include "tests/support/crash_host.h"
#include "tests/support/crash_vfs.h"
#include "tests/support/kill_steps.h"

#define KEYS 6u
#define BATCHES 12u
#define OLD_PASSWORDS 60
#define VERSIONS_MAX 32
#define LEAKED 98

typedef struct options {
    bool all;
    bool verbose;
    uint64_t seed;
    uint64_t points; /* of each kind of fault in each scene */
    const char *only;
} options;

/* What is done until the fault strikes, and what must hold afterwards. */
typedef struct scene {
    const char *name;
    const char *start; /* under which its files were kept */
    bool (*act)(host *h);
    bool (*check)(host *h); /* without faults; may do it again */
} scene;

typedef enum fault_kind {
    KILLED,
    POWER,
    FULL,
    FULL_FOR_EVER,
    FSYNC,
    FSYNC_FOR_EVER,
    STEP,
    FAULT_KINDS
} fault_kind;

static const char *const fault_names[FAULT_KINDS] = {
    "killed at change", "power lost at change", "disk full at write", "disk full from write",
    "failing sync",     "failing syncs from",   "killed at step"};

typedef struct fault {
    fault_kind kind;
    uint64_t at;
    uint64_t seed;
} fault;

static options opts;
static crash_host world;
static uint8_t versions[VERSIONS_MAX][CRASH_DIGEST]; /* the old store at each schema */
static int version_count;
static bool is_upgrade;
static unsigned passed;
static unsigned failed;
static unsigned struck; /* points at which the fault came to pass */

static bool is(bool fine, const char *what, int line)
{
    if (!fine) {
        (void)fprintf(stderr, "  line %d: not so: %s\n", line, what);
    }
    return fine;
}
#define IS(condition) is((condition), #condition, __LINE__)

static void need(bool fine, const char *what)
{
    if (!fine) {
        (void)fprintf(stderr, "test_crash_store: %s\n", what);
        abort();
    }
}

static uint64_t draw(uint64_t *state)
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
    for (uint32_t i = 0; i < world.graph->key_count && ok; i++) {
        ok = reveal(h, &world.graph->keys[i]);
    }
    return ok;
}

static bool sync_now(host *h)
{
    return crash_host_do(h, "sync", "{}", NULL);
}

static int64_t count(const char *sql)
{
    sqlite3 *db = crash_host_raw(&world);
    int64_t number = crash_host_number(db, sql);
    (void)sqlite3_close(db);
    return number;
}

/* A key that was committed is not asked for again, and none is missing (S1.51). */
static bool check_sync(host *h)
{
    const int64_t kept = count("SELECT count(*) FROM plugin_state WHERE tombstone=0 AND"
                               " substr(key,1,1)=x'53'");
    const uint32_t before = world.graph->key_reads;
    return IS(sync_now(h)) && IS(world.graph->key_reads - before == KEYS - (uint32_t)kept) &&
           IS(count("SELECT count(*) FROM passwords WHERE external_id IS NOT NULL") == KEYS) &&
           IS(count("SELECT count(*) FROM activity WHERE action=1 AND object_id LIKE '%:%'") == KEYS) &&
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
    (void)snprintf(out, 600, "%s/%s", world.dir, name);
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

static void drop_copies(void)
{
    static const char *const names[] = {"copy", "copy.partial", "copy.partial-journal", "again"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[600];
        copy_path(path, names[i]);
        host_file_remove(path);
    }
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
        world.ledger->landed += ok;
    }
    return ok;
}

/* What was told as landed is a replay; the rest lands now, each once. */
static bool check_replay(host *h)
{
    const uint32_t told = world.ledger->landed;
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

static bool do_nothing(host *h)
{
    return h != NULL;
}

static bool check_upgrade(host *h)
{
    (void)h;
    return IS(count("PRAGMA user_version") == version_count) &&
           IS(count("SELECT count(*) FROM passwords") == OLD_PASSWORDS) &&
           IS(count("SELECT count(*) FROM passwords_text WHERE passwords_text MATCH 'Router'") ==
              OLD_PASSWORDS);
}

static const scene scenes[] = {
    {"sync", "connected", sync_now, check_sync},   {"reveal", "synced", reveal_all, check_reveal},
    {"rotation", "synced", rotate, check_rotate},  {"backup", "synced", back_up, check_backup},
    {"replay", "synced", apply_all, check_replay}, {"upgrade", "old", do_nothing, check_upgrade},
};

/* ---- one point ---- */

static void arm(const fault *f)
{
    static const crash_vfs_mode modes[FAULT_KINDS] = {
        CRASH_VFS_DIE,   CRASH_VFS_POWER, CRASH_VFS_FULL, CRASH_VFS_FULL,
        CRASH_VFS_FSYNC, CRASH_VFS_FSYNC, CRASH_VFS_NONE};
    crash_vfs_plan plan = {.mode = CRASH_VFS_NONE};
    if (f != NULL) {
        plan = (crash_vfs_plan){.mode = modes[f->kind],
                                .at = f->at,
                                .for_ever = f->kind == FULL_FOR_EVER || f->kind == FSYNC_FOR_EVER,
                                .seed = f->seed};
    }
    crash_vfs_arm(&plan);
    kill_steps_at(f != NULL && f->kind == STEP ? (int)f->at : 0);
}

static void hush(void)
{
    int nothing = opts.verbose ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nothing >= 0) {
        (void)dup2(nothing, STDERR_FILENO);
    }
}

static void play(const scene *s, const fault *f)
{
    hush();
    arm(f);
    host *h = crash_host_open(&world);
    bool ok = h != NULL && s->act(h);
    host_close(h);
    const crash_vfs_counts seen = crash_vfs_seen();
    world.ledger->counts[0] = seen.all;
    world.ledger->counts[1] = seen.writes;
    world.ledger->counts[2] = seen.syncs;
    world.ledger->counts[3] = (uint64_t)kill_steps_passed();
    _exit(__lsan_do_recoverable_leak_check() != 0 ? LEAKED : ok ? 0 : 1);
}

/* The exit code; -1 for a signal. */
static int run_child(const scene *s, const fault *f)
{
    int status = 0;
    (void)fflush(NULL);
    pid_t child = fork();
    need(child >= 0, "fork");
    if (child == 0) {
        play(s, f);
    }
    need(waitpid(child, &status, 0) == child, "waitpid");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool ended_as_told(const fault *f, int code)
{
    if (f->kind == KILLED || f->kind == POWER) {
        return IS(code == CRASH_VFS_EXIT || code == 0);
    }
    if (f->kind == STEP) {
        return IS(code == KILL_STEPS_EXIT || code == 0);
    }
    return IS(code == 0 || code == 1);
}

/* Old or new, never between. */
static bool is_old_or_new(void)
{
    uint8_t found[CRASH_DIGEST];
    sqlite3_stmt *stmt = NULL;
    sqlite3 *db = crash_host_raw(&world);
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
    bool is_known = memcmp(found, world.ledger->committed, sizeof found) == 0 ||
                    memcmp(found, world.ledger->pending, sizeof found) == 0;
    for (int i = 0; is_upgrade && i < version_count; i++) {
        is_known = is_known || memcmp(found, versions[i], sizeof found) == 0;
    }
    return IS(is_known);
}

static bool is_well(const scene *s)
{
    arm(NULL);
    host *h = crash_host_open(&world);
    bool ok = IS(h != NULL) && IS(crash_host_do(h, "doctor", "{\"state\":true}", NULL)) &&
              s->check(h) && IS(crash_host_do(h, "doctor", "{\"state\":true}", NULL));
    host_close(h);
    return ok;
}

static bool run_point(const scene *s, const fault *f)
{
    arm(NULL);
    drop_copies();
    crash_host_load(&world, s->start);
    const int code = run_child(s, f);
    bool ok = ended_as_told(f, code);
    struck += code != 0;
    if (ok && f->kind == POWER && f->seed % 2 == 0) {
        /* Power is lost again while it recovers. */
        const scene reopen = {s->name, s->start, do_nothing, NULL};
        const fault again = {POWER, 1 + f->seed / 2 % 12, f->seed + 1};
        ok = ended_as_told(&again, run_child(&reopen, &again));
    }
    arm(NULL);
    return ok && is_old_or_new() && is_well(s);
}

static void report(const scene *s, const fault *f, bool fine)
{
    if (fine) {
        passed++;
        return;
    }
    failed++;
    (void)printf("FAILED %s: %s %llu (seed %llu)\n", s->name, fault_names[f->kind],
                 (unsigned long long)f->at, (unsigned long long)f->seed);
}

static uint64_t count_points(fault_kind kind)
{
    static const int of[FAULT_KINDS] = {0, 0, 1, 1, 2, 2, 3};
    return world.ledger->counts[of[kind]];
}

static void run_scene(const scene *s, uint64_t *state)
{
    uint64_t totals[FAULT_KINDS];
    is_upgrade = strcmp(s->start, "old") == 0;
    arm(NULL);
    drop_copies();
    crash_host_load(&world, s->start);
    need(run_child(s, NULL) == 0, s->name);
    for (int kind = 0; kind < FAULT_KINDS; kind++) {
        totals[kind] = count_points((fault_kind)kind);
    }
    (void)printf("%s: %llu changes, %llu writes, %llu syncs, %llu steps\n", s->name,
                 (unsigned long long)totals[KILLED], (unsigned long long)totals[FULL],
                 (unsigned long long)totals[FSYNC], (unsigned long long)totals[STEP]);
    for (int kind = 0; kind < FAULT_KINDS; kind++) {
        const uint64_t total = totals[kind];
        const bool each = opts.all || total <= opts.points;
        for (uint64_t i = 0; i < (each ? total : opts.points); i++) {
            const fault f = {(fault_kind)kind, each ? i + 1 : 1 + draw(state) % total,
                             draw(state) >> 16};
            report(s, &f, run_point(s, &f));
        }
    }
}

/* ---- where the scenes begin ---- */

static void migrate_to(const char *path, int version, uint8_t out[CRASH_DIGEST])
{
    host_conn conn;
    host_error err = {0};
    int newest = 0;
    const char *const *steps = host_migrate_steps(&newest);
    need(host_db_connect(path, false, &conn, &err) &&
             host_migrate_run_steps(&conn, steps, version, &err),
         err.message);
    crash_host_digest(conn.sqlite, out);
    host_db_disconnect(&conn);
}

/* A store of the first version, and what each step makes of it. */
static void make_old(void)
{
    char path[600];
    sqlite3 *db = NULL;
    (void)host_migrate_steps(&version_count);
    need(version_count <= VERSIONS_MAX, "too many versions");
    (void)snprintf(path, sizeof path, "%s/store.db", world.data);
    host_file_remove(path);
    migrate_to(path, 1, versions[0]);
    need(sqlite3_open(path, &db) == SQLITE_OK &&
             sqlite3_exec(db,
                          "INSERT INTO organizations VALUES('o','Fernhill',1,1,1);"
                          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<60)"
                          " INSERT INTO passwords SELECT i,'id'||i,'o','','','Router '||i,'','','',"
                          "NULL,NULL,'','','','',0,1,1,1 FROM n",
                          NULL, NULL, NULL) == SQLITE_OK &&
             sqlite3_close(db) == SQLITE_OK,
         "the old store is not made");
    crash_host_save(&world, "old");
    for (int i = 0; i < version_count; i++) {
        migrate_to(path, i + 1, versions[i]);
    }
}

static void make_starts(void)
{
    crash_host_init(&world);
    for (uint32_t i = 0; i < KEYS; i++) {
        char args[128];
        char name[16];
        (void)snprintf(name, sizeof name, "PC-%u", i);
        (void)snprintf(args, sizeof args,
                       "{\"name\":\"%s\",\"org\":\"Fernhill\",\"serial\":\"SER-%u\"}", name, i);
        char serial[16];
        (void)snprintf(serial, sizeof serial, "SER-%u", i);
        const fake_device *device = fake_graph_add_device(world.graph, name, serial);
        (void)fake_graph_add_key(world.graph, device, "operatingSystemVolume", 10 + i);
        host *h = crash_host_open(&world);
        need(h != NULL && crash_host_do(h, "config add", args, NULL), "configuration");
        host_close(h);
    }
    crash_host_save(&world, "connected");
    host *h = crash_host_open(&world);
    need(h != NULL && sync_now(h) && reveal_all(h) &&
             crash_host_do(h, "password add", "{\"name\":\"Router\",\"org\":\"Fernhill\"}",
                           "hunter22"),
         "sync");
    host_close(h);
    crash_host_save(&world, "synced");
    make_old();
}

static options read_options(int argc, char **argv)
{
    const char *seed = getenv("TEST_SEED");
    options o = {.seed = seed != NULL ? strtoull(seed, NULL, 10) : 1, .points = 5, .only = ""};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--all") == 0) {
            o.all = true;
        } else if (strcmp(argv[i], "--verbose") == 0) {
            o.verbose = true;
        } else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
            o.seed = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--points") == 0 && i + 1 < argc) {
            o.points = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
            o.only = argv[++i];
        }
    }
    return o;
}

int main(int argc, char **argv)
{
    opts = read_options(argc, argv);
    uint64_t state = opts.seed;
    (void)printf("seed %llu\n", (unsigned long long)opts.seed);
    crash_vfs_install();
    make_starts();
    for (size_t i = 0; i < sizeof scenes / sizeof scenes[0]; i++) {
        if (strstr(scenes[i].name, opts.only) != NULL) {
            run_scene(&scenes[i], &state);
        }
    }
    crash_host_done(&world);
    (void)printf("%u faults struck\n%u passed, %u failed\n", struck, passed, failed);
    return failed == 0 && struck > 0 ? 0 : 1;
}
