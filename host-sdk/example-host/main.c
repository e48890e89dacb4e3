/* SPDX-License-Identifier: Apache-2.0
 *
 * A complete small host: loads the example plugin, asks it about three names and prints the
 * verdicts. Must not know more of a plugin than the ABI tells.
 *
 *   example-host LIBRARY MANIFEST PROBE      all absolute paths */
#include "example-host/os_clock.h"
#include "loader/gate.h"
#include "loader/loader.h"

#include <stdio.h>
#include <string.h>

#define CALL_NS 250000000u /* how long a guard may take */

static void write_log(const dph_host *host, const dph_call *call, uint32_t level, uint32_t event,
                      const dph_str *text, const dph_kv *kv, size_t kv_count)
{
    (void)host;
    (void)call;
    (void)kv;
    (void)kv_count;
    int len = text->len > 1024 ? 1024 : (int)text->len;
    (void)printf("log level %u event %u: %.*s\n", (unsigned)level, (unsigned)event, len, text->ptr);
}

static const dph_log_v1 log_service = {sizeof log_service, DPH_LOG_INFO, write_log};

static const void *get_service(const dph_host *host, const char *id)
{
    (void)host;
    return strcmp(id, DPH_LOG_ID) == 0 ? &log_service : NULL;
}

static void init_call(dph_call *call, uint32_t lane)
{
    memset(call, 0, sizeof *call);
    call->struct_size = sizeof *call;
    call->lane = lane;
    call->actor_kind = DPH_ACTOR_LOCAL;
    call->source = DPH_SOURCE_CLI;
    call->os_uid = DPH_UID_UNKNOWN;
    call->deadline_ns = lane == DPH_LANE_HOOK ? os_clock_ns(NULL) + CALL_NS : 0;
}

static void ask(const dphl_guard *guard, const char *name)
{
    dph_call call;
    dph_verdict verdict;
    const dph_str text = {name, strlen(name)};
    init_call(&call, DPH_LANE_HOOK);
    int32_t allowed = dphl_guard_validate_name(guard, &call, DPH_NAME_CATEGORY, &text, &verdict);
    (void)printf("category \"%s\": %s%s\n", name, allowed ? "allowed" : "refused. ",
                 verdict.message);
}

static int fail(const dph_error *err)
{
    (void)fprintf(stderr, "example-host: %s\n", err->message);
    return 1;
}

/* A real host pins both hashes once, when an administrator installs the plugin, and keeps them
 * where the plugin's files are not. */
static dph_status open_plugin(char **paths, const dph_host *host, dphl_library **out,
                              dph_error *err)
{
    uint8_t library_hash[DPHL_HASH_SIZE];
    uint8_t manifest_hash[DPHL_HASH_SIZE];
    dphl_options options = {paths[1], paths[2], library_hash, manifest_hash, paths[3], 0, 0, NULL};
    dph_status status = dphl_hash_file(paths[1], library_hash, err);
    if (status == DPH_OK)
        status = dphl_hash_file(paths[2], manifest_hash, err);
    if (status == DPH_OK)
        status = dphl_open(&options, host, out, err);
    return status;
}

int main(int argc, char **argv)
{
    const dph_host host = {sizeof host, DPH_ABI_MAJOR, DPH_ABI_MINOR, "example-host",
                           "0.1.0",     NULL,          get_service};
    dph_error err = {sizeof err, 0, 0, 0, ""};
    dph_call call;
    dphl_library *library = NULL;
    dph_plugin *plugin = NULL;
    if (argc != 4) {
        (void)fputs("usage: example-host LIBRARY MANIFEST PROBE\n", stderr);
        return 2;
    }
    if (open_plugin(argv, &host, &library, &err) != DPH_OK)
        return fail(&err);
    init_call(&call, DPH_LANE_CONTROL);
    if (dphl_start(library, &call, &plugin, &err) != DPH_OK) {
        dphl_close(library, &call);
        return fail(&err);
    }
    const dph_hook_guard_v1 *hook = plugin->get_interface(plugin, DPH_HOOK_GUARD_ID);
    const dphl_guard guard = {dphl_manifest(library)->id, plugin, hook, os_clock_ns, NULL};
    const dphl_guard missing = {"a_missing_plugin", NULL, NULL, os_clock_ns, NULL};
    ask(&guard, "Routers");
    ask(&guard, "Example Records");
    ask(&missing, "Routers");
    dphl_close(library, &call);
    return 0;
}
