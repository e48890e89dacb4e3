/* SPDX-License-Identifier: Apache-2.0
 *
 * The hook tables of the plugin, one file each. */
#ifndef BKEY_HOOKS_H
#define BKEY_HOOKS_H

#include "dph/dph.h"

/* [any] The hook of that id, or NULL. Static. */
const void *bkey_hooks_find(const char *id);

const dph_hook_sync_v1 *bkey_hook_sync_table(void);
const dph_hook_folder_v1 *bkey_hook_folder_table(void);
const dph_hook_guard_v1 *bkey_hook_guard_table(void);
const dph_hook_secret_v1 *bkey_hook_secret_table(void);
const dph_hook_action_v1 *bkey_hook_action_table(void);
const dph_hook_settings_v1 *bkey_hook_settings_table(void);
const dph_hook_access_v1 *bkey_hook_access_table(void);

#endif
