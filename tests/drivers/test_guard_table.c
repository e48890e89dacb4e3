/* SPDX-License-Identifier: Apache-2.0
 *
 * Every row of tests/expect/guard.tsv for every role, inside one process over one store: with the
 * plugin, with the plugin gone, and with a guard that answers "allow" together with an error. A
 * refusal leaves the store as it was, but for its one entry in the activity log. S1.3 S1.6 S1.7
 * S1.8 S1.14 S1.20 S1.21 S1.31 S1.33 S1.34 S1.35 S1.37 S1.38 S1.39 S1.40 S1.41 S1.42 S1.43 S1.53
 * S1.54 S1.55 S1.56 S1.57 S1.58 S1.60 S1.61 S1.62 S1.63 S1.64 S1.65 S1.66 S1.70 S1.74 S1.80 S1.82
 * S1.85 S1.100 S1.109 S1.114 S1.115 S1.118
 *
 *   test_guard_table [--only ACTION] [--verbose]
 */
/* LINK: tests/support/crash_host.c tests/support/guard_table.c
 * tests/support/fake_graph*.c tests/support/fake_ports.c tests/support/fake_store*.c
 * sample-host/src/?*.c sample-host/src/base/?*.c sample-host/src/store/?*.c
 * host-sdk/loader/?*.c host-sdk/support/?*.c plugin/src/plugin.c plugin/src/base/?*.c
 * plugin/src/domain/?*.c plugin/src/graph/?*.c plugin/src/hooks/?*.c plugin/src/state/?*.c
 * plugin/src/usecase/?*.c
 */
/* LIBS: -lcrypto -lsqlite3 -lcurl -lsodium -ljansson -lpcre2-8 -ldl -lutf8proc -lcsv */
/* LIBS: -Wl,--wrap=dphl_open,--wrap=dphl_start,--wrap=dphl_close,--wrap=dphl_manifest */
/* LIBS: -Wl,--wrap=host_db_write_commit */
#define _GNU_SOURCE
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/crash_host.h"
#include "tests/support/guard_table.h"

#define RESERVED "BitLocker Keys (via Network Glue)"
#define ID_SIZE 80

typedef enum guard_mode { LOADED, GONE, LYING, MODE_COUNT } guard_mode;

static const char *const mode_names[MODE_COUNT] = {"loaded", "gone", "lying"};

typedef struct named_id {
    const char *name;
    char id[ID_SIZE];
} named_id;

static crash_host world;
static host *h;
static guard_table table;
static named_id ids[] = {{"current", ""},       {"superseded", ""},    {"managed", ""},
                         {"parent", ""},        {"plain", ""},         {"other", ""},
                         {"partner", ""},       {"mine", ""},          {"category", ""},
                         {"org", ""},           {"configuration", ""}, {"key current", ""},
                         {"key superseded", ""}};
static unsigned passed;
static unsigned failed;
static bool is_verbose;

static void need(bool fine, const char *what)
{
    if (!fine) {
        (void)fprintf(stderr, "test_guard_table: %s\n", what);
        abort();
    }
}

static char *id_of(const char *name)
{
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        if (strcmp(ids[i].name, name) == 0) {
            return ids[i].id;
        }
    }
    return NULL;
}

/* ---- the world ---- */

/* Runs a command that must work and keeps the id that it answers with. */
static void make(const char *command, const char *args, const char *secret, char *out)
{
    host_reply reply;
    bool ok = crash_host_run(h, command, args, secret, &reply);
    need(ok, ok ? command : reply.message);
    if (out != NULL) {
        const char *id = json_string_value(json_object_get(reply.body, "id"));
        (void)snprintf(out, ID_SIZE, "%s", id != NULL ? id : "");
    }
    host_reply_done(&reply);
}

static void read_text(const char *sql, char *out)
{
    host_error err = {0};
    host_conn *conn = host_db_read_begin(h->db, &err);
    need(conn != NULL && host_rows_text(conn, &err, (host_rows_space){out, ID_SIZE}, sql, "") &&
             out[0] != '\0',
         sql);
    host_db_read_end(h->db, conn);
}

static void make_users(void)
{
    for (size_t i = 0; i < GUARD_TABLE_ROLES; i++) {
        char args[200];
        (void)snprintf(args, sizeof args,
                       "{\"name\":\"%s\",\"role\":\"%s\",\"org\":[\"Fernhill\",\"Other\"]}",
                       guard_table_roles[i], guard_table_roles[i]);
        make("user add", args, NULL, NULL);
    }
}

static void make_world(void)
{
    char args[300];
    crash_host_prepare(&world);
    crash_host_make(&world);
    fake_device *device = fake_graph_add_device(world.graph, "PC-001", "SN-1");
    (void)fake_graph_add_key(world.graph, device, "operatingSystemVolume", 60);
    (void)fake_graph_add_key(world.graph, device, "operatingSystemVolume", 10);
    h = crash_host_open(&world, 0);
    need(h != NULL, "the host does not open");
    make("config add", "{\"org\":\"Fernhill\",\"name\":\"PC-001\",\"serial\":\"SN-1\"}", NULL,
         id_of("configuration"));
    make("sync", "{}", NULL, NULL);
    make("sync", "{}", NULL, NULL);
    make("org add", "{\"name\":\"Other\"}", NULL, NULL);
    make("folder add", "{\"name\":\"Parent\",\"org\":\"Fernhill\"}", NULL, id_of("parent"));
    make("folder add", "{\"name\":\"Plain\",\"org\":\"Fernhill\"}", NULL, id_of("plain"));
    make("folder add", "{\"name\":\"Elsewhere\",\"org\":\"Other\"}", NULL, id_of("other"));
    make("category add", "{\"name\":\"Mine\"}", NULL, id_of("mine"));
    make("password add", "{\"name\":\"partner\",\"org\":\"Fernhill\"}", "secret", id_of("partner"));
    read_text("SELECT id FROM passwords WHERE plugin_tag='current'", id_of("current"));
    read_text("SELECT id FROM passwords WHERE archived=1", id_of("superseded"));
    read_text("SELECT username FROM passwords WHERE plugin_tag='current'", id_of("key current"));
    read_text("SELECT username FROM passwords WHERE archived=1", id_of("key superseded"));
    read_text("SELECT id FROM folders WHERE guard_owner<>''", id_of("managed"));
    read_text("SELECT id FROM categories WHERE guard_owner<>''", id_of("category"));
    read_text("SELECT id FROM organizations WHERE name='Fernhill'", id_of("org"));
    (void)snprintf(args, sizeof args, "{\"folder\":\"%s\",\"parent\":\"%s\"}", id_of("managed"),
                   id_of("parent"));
    make("folder move", args, NULL, NULL);
    make_users();
}

/* ---- what a refusal must leave alone ---- */

typedef struct snapshot {
    uint8_t digest[32];
    int64_t refusals;
} snapshot;

static void add_rows(crypto_generichash_state *state, sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    need(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK, sql);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            size_t len = (size_t)sqlite3_column_bytes(stmt, i);
            const void *bytes = sqlite3_column_blob(stmt, i);
            (void)crypto_generichash_update(state, (const uint8_t *)&len, sizeof len);
            if (len > 0) {
                (void)crypto_generichash_update(state, bytes, len);
            }
        }
    }
    need(sqlite3_finalize(stmt) == SQLITE_OK, sql);
}

static void take_snapshot(snapshot *out)
{
    static const char *const tables[] = {
        "passwords",      "folders",  "categories",    "organizations",
        "configurations", "trash",    "folder_access", "rotation_schedules",
        "record_links",   "settings", "entitlements",  "user_organizations"};
    host_error err = {0};
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, sizeof out->digest);
    host_conn *conn = host_db_read_begin(h->db, &err);
    need(conn != NULL, err.message);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        char sql[120];
        (void)snprintf(sql, sizeof sql, "SELECT * FROM %s ORDER BY 1, 2", tables[i]);
        add_rows(&state, conn->sqlite, sql);
    }
    need(host_rows_number(conn, &err, &out->refusals,
                          "SELECT count(*) FROM activity WHERE action=10", ""),
         err.message);
    host_db_read_end(h->db, conn);
    (void)crypto_generichash_final(&state, out->digest, sizeof out->digest);
}

/* ---- one case ---- */

/* What a name in braces stands for. */
static const char *resolve(const guard_row *row, const char *name, char *made)
{
    bool is_me = strcmp(name, "me") == 0;
    bool is_trashed = is_me && strcmp(row->object, "trashed") == 0;
    if (is_trashed || strcmp(name, "spare") == 0 || (is_me && strcmp(row->object, "own") == 0)) {
        make("password add", "{\"name\":\"own\",\"org\":\"Fernhill\"}", "secret", made);
        if (is_trashed) {
            char args[160];
            (void)snprintf(args, sizeof args, "{\"record\":\"%s\"}", made);
            make("password delete", args, NULL, NULL);
        }
        return made;
    }
    if (strcmp(name, "reserved") == 0) {
        return RESERVED;
    }
    if (strcmp(name, "entitlement") == 0) {
        return "entitlement.network_glue";
    }
    if (strcmp(name, "add-on") == 0) {
        return row->is_on ? "active" : "expired";
    }
    if (strcmp(name, "key_id") == 0) {
        return strcmp(row->object, "current") == 0 ? id_of("key current") : id_of("key superseded");
    }
    const char *id = id_of(is_me ? row->object : name);
    need(id != NULL, name);
    return id;
}

/* `value` with its names in braces and its \n replaced. */
static void expand(const guard_row *row, const char *value, char *out, size_t cap)
{
    size_t used = 0;
    char made[ID_SIZE];
    while (*value != '\0' && used + 1 < cap) {
        const char *end = *value == '{' ? strchr(value, '}') : NULL;
        if (end != NULL) {
            char name[40];
            (void)snprintf(name, sizeof name, "%.*s", (int)(end - value - 1), value + 1);
            used += (size_t)snprintf(out + used, cap - used, "%s", resolve(row, name, made));
            value = end + 1;
        } else if (value[0] == '\\' && value[1] == 'n') {
            out[used++] = '\n';
            value += 2;
        } else {
            out[used++] = *value++;
        }
    }
    need(used < cap, "too long");
    out[used] = '\0';
}

static json_t *make_value(const host_command *command, const char *name, const char *text)
{
    uint32_t flags = 0;
    for (size_t i = 0; i < command->option_count; i++) {
        flags |= strcmp(command->options[i].name, name) == 0 ? command->options[i].flags : 0;
    }
    if ((flags & HOST_OPTION_REPEAT) != 0) {
        return json_pack("[s]", text);
    }
    if ((flags & HOST_OPTION_FLAG) != 0) {
        return json_true();
    }
    return (flags & HOST_OPTION_INT) != 0 ? json_integer(strtoll(text, NULL, 10))
                                          : json_string(text);
}

/* The arguments of the action's command; a secret goes into `secret`. */
static json_t *make_args(const guard_row *row, const guard_action *action, host_secret *secret)
{
    const host_command *command = host_command_find(action->command);
    need(command != NULL, action->command);
    json_t *args = json_object();
    char words[400];
    char *rest = NULL;
    (void)snprintf(words, sizeof words, "%s",
                   strcmp(action->arguments, "-") == 0 ? "" : action->arguments);
    for (char *word = strtok_r(words, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        char text[400];
        char *equals = strchr(word, '=');
        need(equals != NULL, word);
        *equals = '\0';
        expand(row, equals + 1, text, sizeof text);
        if (strcmp(word, "secret") == 0) {
            need(host_secret_init(secret, strlen(text)), "memory");
            memcpy(secret->ptr, text, strlen(text));
            secret->len = strlen(text);
            continue;
        }
        json_t *value = make_value(command, word, text);
        for (char *c = word; *c != '\0'; c++) {
            *c = *c == '-' ? '_' : *c;
        }
        (void)json_object_set_new(args, word, value);
    }
    return args;
}

static void name_outcome(const host_reply *reply, char out[32])
{
    if (reply->exit_code == HOST_EXIT_DONE) {
        (void)snprintf(out, 32, "ok");
    } else if (reply->code == HOST_CODE_ROLE) {
        (void)snprintf(out, 32, "role");
    } else if (reply->status == DPH_E_NOT_FOUND) {
        (void)snprintf(out, 32, "404");
    } else {
        (void)snprintf(out, 32, "%u", (unsigned)reply->code);
    }
}

static void run(const char *role, const guard_row *row, const guard_action *action,
                host_reply *reply, snapshot *before)
{
    host_secret secret = {0};
    json_t *args = make_args(row, action, &secret);
    host_request request = {.command = action->command,
                            .args = args,
                            .secret = secret.len > 0 ? &secret : NULL,
                            .actor = {.kind = DPH_ACTOR_LOCAL,
                                      .role = DPH_ROLE_ADMINISTRATOR,
                                      .source = DPH_SOURCE_CLI,
                                      .name = "local",
                                      .remote_address = "",
                                      .as_user = role}};
    take_snapshot(before);
    host_reply_init(reply);
    (void)host_command_run(h, &request, reply);
    host_secret_done(&secret);
    json_decref(args);
}

/* What a rule refused before is refused by the gate when the rules are not there; what was allowed
 * on a guarded thing, too. NULL = the row does not apply. */
static const char *translate(guard_mode mode, const guard_row *row, const char *expected)
{
    const char *gate = mode == GONE ? "9001" : "9003";
    const char *name = mode == GONE ? "9101" : "9003";
    bool is_guarded = strcmp(row->object, "current") == 0 ||
                      strcmp(row->object, "superseded") == 0 || strcmp(row->object, "managed") == 0;
    bool is_change = strcmp(row->action, "link") == 0 || strcmp(row->action, "unarchive") == 0 ||
                     strcmp(row->action, "move-in-org") == 0;
    if (mode == LOADED) {
        return expected;
    }
    if (expected[0] == '1' || (is_guarded && is_change && strcmp(expected, "ok") == 0)) {
        return gate;
    }
    if (expected[0] == '2') {
        return name;
    }
    if (strcmp(row->action, "reveal") == 0 && is_guarded && strcmp(expected, "ok") == 0) {
        return "9109";
    }
    if (strcmp(row->action, "settings") == 0) {
        return NULL;
    }
    /* A guard that reports errors cannot say that a name is free. */
    bool is_name = strcmp(row->action, "rename") == 0 &&
                   (strcmp(row->object, "parent") == 0 || strcmp(row->object, "plain") == 0);
    return mode == LYING && is_name && strcmp(expected, "role") != 0 ? name : expected;
}

static bool judge(guard_mode mode, const guard_row *row, const char *expected, host_reply *reply,
                  const snapshot *before)
{
    char got[32];
    snapshot after;
    name_outcome(reply, got);
    take_snapshot(&after);
    bool fine = strcmp(got, expected) == 0;
    bool is_ok = strcmp(expected, "ok") == 0;
    bool is_audited = strcmp(row->action, "reveal") == 0 && mode == LOADED;
    bool is_silent = is_ok || (strcmp(expected, "404") == 0 && !is_audited);
    if (!is_ok) {
        fine = fine && memcmp(before->digest, after.digest, sizeof after.digest) == 0;
    }
    fine = fine && after.refusals - before->refusals == (is_silent ? 0 : 1);
    if (!fine || is_verbose) {
        (void)fprintf(stderr, "%s: got %s, %ld entries, %s: %s\n", fine ? "ok" : "WRONG", got,
                      (long)(after.refusals - before->refusals),
                      memcmp(before->digest, after.digest, sizeof after.digest) == 0 ? "unchanged"
                                                                                     : "changed",
                      reply->message);
    }
    return fine;
}

static void check(guard_mode mode, const guard_row *row, size_t role)
{
    host_reply reply;
    snapshot before;
    const char *expected = translate(mode, row, row->expected[role]);
    if (expected == NULL) {
        return;
    }
    run(guard_table_roles[role], row, guard_table_action(&table, row), &reply, &before);
    bool fine = judge(mode, row, expected, &reply, &before);
    if (!fine || is_verbose) {
        (void)fprintf(stderr, "  %s %s %s, add-on %s, plugin %s: expected %s\n",
                      guard_table_roles[role], row->action, row->object, row->is_on ? "on" : "off",
                      mode_names[mode], expected);
    }
    host_reply_done(&reply);
    passed += fine ? 1 : 0;
    failed += fine ? 0 : 1;
    if (strcmp(row->action, "unarchive") == 0 && strcmp(expected, "ok") == 0) {
        char args[160];
        (void)snprintf(args, sizeof args, "{\"record\":\"%s\"}", id_of(row->object));
        make("password archive", args, NULL, NULL);
    }
}

static dph_status DPH_CALL lie(dph_plugin *plugin, const dph_call *call, const dph_op *op,
                               dph_verdict *verdict)
{
    (void)plugin;
    (void)call;
    (void)op;
    verdict->decision = DPH_ALLOW;
    return DPH_E_UNAVAILABLE;
}

static dph_status DPH_CALL lie_of_names(dph_plugin *plugin, const dph_call *call, uint32_t kind,
                                        const dph_str *name, dph_verdict *verdict)
{
    (void)kind;
    (void)name;
    return lie(plugin, call, NULL, verdict);
}

/* The host as it is when the plugin's code is not there, or is another that offers a guard alone.
 * Returns what it was. */
static host_plugin enter(guard_mode mode)
{
    static const dph_hook_guard_v1 liar = {sizeof liar, 0, lie, lie_of_names};
    host_plugin *plugin = h->plugins[0];
    host_plugin was = *plugin;
    if (mode == LOADED) {
        return was;
    }
    plugin->guard = mode == LYING ? &liar : NULL;
    plugin->instance = mode == LYING ? was.instance : NULL;
    plugin->folder = NULL;
    plugin->secret = NULL;
    plugin->action = NULL;
    plugin->sync = NULL;
    plugin->settings = NULL;
    plugin->access = NULL;
    return was;
}

static void run_all(guard_mode mode, const char *only)
{
    for (int on = 1; on >= 0; on--) {
        make("settings set",
             on ? "{\"key\":\"entitlement.network_glue\",\"value\":\"active\"}"
                : "{\"key\":\"entitlement.network_glue\",\"value\":\"expired\"}",
             NULL, NULL);
        for (size_t i = 0; i < table.row_count; i++) {
            const guard_row *row = &table.rows[i];
            bool is_meant = only == NULL || strcmp(only, row->action) == 0;
            for (size_t role = 0; is_meant && row->is_on == (on != 0) && role < GUARD_TABLE_ROLES;
                 role++) {
                check(mode, row, role);
            }
        }
    }
}

int main(int argc, char **argv)
{
    const char *only = NULL;
    for (int i = 1; i < argc; i++) {
        is_verbose = is_verbose || strcmp(argv[i], "--verbose") == 0;
        only = strcmp(argv[i], "--only") == 0 && i + 1 < argc ? argv[i + 1] : only;
    }
    guard_table_read(&table);
    crash_host_is_safe = true;
    make_world();
    for (guard_mode mode = LOADED; mode < MODE_COUNT; mode++) {
        host_plugin was = enter(mode);
        run_all(mode, only);
        *h->plugins[0] = was;
    }
    host_close(h);
    crash_host_done(&world);
    guard_table_done(&table);
    (void)printf("%u passed, %u failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
