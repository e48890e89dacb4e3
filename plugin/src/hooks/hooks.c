/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds a hook by its id. Must not know what it does. */
#include "hooks/hooks.h"

#include <string.h>

const void *bkey_hooks_find(const char *id)
{
    if (id == NULL)
        return NULL;
    if (strcmp(id, DPH_HOOK_SYNC_ID) == 0)
        return bkey_hook_sync_table();
    if (strcmp(id, DPH_HOOK_FOLDER_ID) == 0)
        return bkey_hook_folder_table();
    if (strcmp(id, DPH_HOOK_GUARD_ID) == 0)
        return bkey_hook_guard_table();
    if (strcmp(id, DPH_HOOK_SECRET_ID) == 0)
        return bkey_hook_secret_table();
    if (strcmp(id, DPH_HOOK_ACTION_ID) == 0)
        return bkey_hook_action_table();
    if (strcmp(id, DPH_HOOK_SETTINGS_ID) == 0)
        return bkey_hook_settings_table();
    if (strcmp(id, DPH_HOOK_ACCESS_ID) == 0)
        return bkey_hook_access_table();
    return NULL;
}
