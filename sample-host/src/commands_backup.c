/* SPDX-License-Identifier: Apache-2.0
 *
 * backup and restore of the whole store. */
#include "sample-host/src/commands.h"
#include "sample-host/src/store_backup.h"

int host_commands_backup(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    const char *path = host_commands_text(request, "out");
    if (!host_store_backup(h, request, path, &err)) {
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, json_pack("{s:s}", "file", path),
                              "The copy opens with the key file only: keep a `key backup` of the "
                              "same day elsewhere.");
}

int host_commands_restore(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    const char *path = host_commands_text(request, "file");
    if (!host_store_restore(h, request, path, &err)) {
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, json_pack("{s:s}", "restored", path),
                              "Restored. The next sync brings what is newer at the source.");
}
