/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests: one plugin in a folder of its own, with manifest, pinned hashes and marker path, so
 * that a test changes only what it is about. Must not know what a test expects. */
#ifndef TESTS_PLUGIN_BOX_H
#define TESTS_PLUGIN_BOX_H

#include "loader/loader.h"

typedef struct plugin_box {
    char id[64];
    char folder[64];
    char library[192];
    char manifest[192];
    char marker[192];
    char probe[512];
    uint8_t library_hash[DPHL_HASH_SIZE];
    uint8_t manifest_hash[DPHL_HASH_SIZE];
    dphl_options options; /* of all the above; the probe is on */
    dph_error err;        /* empty */
    int open_files;       /* of the process when the box was made */
} plugin_box;

/* Copies build/san/bad-plugins/ID.so, or ID.so of build/san/example-plugin, into a new folder and
 * writes a manifest.json that is right for it. Ends the test when that cannot be done. */
void plugin_box_init(plugin_box *box, const char *id);
/* Removes the folder and all in it. */
void plugin_box_done(plugin_box *box);

/* A manifest.json with these lists (JSON text of the members) and this ABI. */
void plugin_box_set_manifest(plugin_box *box, const char *hooks, const char *required, int major,
                             int minor);
/* Replaces a file's whole content; it keeps its mode, or gets 0644. */
void plugin_box_write(const char *path, const void *bytes, size_t len);
/* Pins both files as they are now. */
void plugin_box_pin(plugin_box *box);
/* Cuts the library to `len` bytes; flips one bit of the byte at `at`. Neither pins. */
void plugin_box_truncate(plugin_box *box, size_t len);
void plugin_box_flip(plugin_box *box, size_t at);

/* Files that this process has open. */
int plugin_box_count_open(void);
/* Files in the box's folder. */
int plugin_box_count_files(const plugin_box *box);

/* A host with dph.log/1, which counts lines, and nothing else. */
const dph_host *plugin_box_host(void);
int plugin_box_log_lines(void);
/* A call of the control lane. */
dph_call plugin_box_call(void);

#endif
