/* SPDX-License-Identifier: Apache-2.0
 *
 * Making a data directory. Opening one is in command.h. */
#ifndef HOST_OPEN_H
#define HOST_OPEN_H

#include "sample-host/src/host.h"

typedef struct host_init_options {
    const char *data_dir;
    const char *key_file;               /* NULL = data_dir with ".key" */
    const char *plugin_path;            /* NULL = the default one, when it is there */
    host_keyring_protection protection; /* of the key file */
} host_init_options;

typedef struct host_init_result {
    char data_dir[PATH_MAX];
    char key_file[PATH_MAX];
    char token_file[PATH_MAX];
    char plugin[HOST_PLUGIN_ID_SIZE]; /* "" = none */
} host_init_result;

/* Makes DIR, store, key file and token. Interrupted at any point it leaves nothing that opens. */
bool host_init(const host_init_options *options, host_init_result *out, host_error *err);

#endif
