/* SPDX-License-Identifier: Apache-2.0
 *
 * The order in which one plugin is checked, loaded, started and ended. Must not know what the
 * plugin does. */
#include "loader/loader.h"

#include "loader/fail.h"
#include "loader/instance.h"
#include "loader/manifest_check.h"
#include "loader/negotiate.h"
#include "loader/os_file.h"
#include "loader/os_library.h"
#include "loader/os_marker.h"
#include "loader/probe.h"
#include "loader/verify.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define MANIFEST_MAX ((size_t)1024 * 1024) /* bytes; a manifest has a few thousand */

struct dphl_library {
    char id[DPHL_ID_MAX + 1];
    uint8_t hash[DPHL_HASH_SIZE];
    char *marker_path;    /* NULL = none */
    char *text;           /* of manifest.json */
    size_t text_len;      /* without the terminating zero */
    json_t *json;         /* the same, read */
    int image;            /* open as long as the code may be looked at by name */
    dphl_code code;       /* handle NULL = not loaded */
    const dph_host *host; /* the host's */
    dph_plugin *plugin;   /* NULL = no instance */
};

dph_status dphl_hash_file(const char *path, uint8_t out[DPHL_HASH_SIZE], dph_error *err)
{
    uint8_t hash[DPHL_HASH_SIZE];
    int fd = -1;
    if (path == NULL || sodium_init() < 0)
        return dphl_fail(err, DPH_E_INVALID, DPHL_CODE_PATH, "No file to hash is named.");
    dph_status status = dphl_os_file_open_any(path, &fd, err);
    if (status == DPH_OK)
        status = dphl_os_file_hash(fd, path, hash, err);
    dphl_os_file_close(fd);
    if (status == DPH_OK)
        memcpy(out, hash, sizeof hash);
    return status;
}

static dph_status check_arguments(const dphl_options *options, const dph_host *host, dph_error *err)
{
    if (options == NULL || options->library_hash == NULL || options->manifest_hash == NULL ||
        options->manifest_path == NULL)
        return dphl_fail(err, DPH_E_INVALID, DPHL_CODE_PATH,
                         "The manifest's path and the pinned hashes are required.");
    if (host == NULL || !DPH_HAS(host, get_interface) || host->get_interface == NULL ||
        host->abi_major != DPH_ABI_MAJOR)
        return dphl_fail(err, DPH_E_INVALID, DPHL_CODE_ABI,
                         "The host's own description is incomplete or not of ABI %d.%d.",
                         DPH_ABI_MAJOR, DPH_ABI_MINOR);
    if (sodium_init() < 0)
        return dphl_fail(err, DPH_E_INTERNAL, DPHL_CODE_HASH, "libsodium cannot be used.");
    return DPH_OK;
}

static dph_status take_manifest(dphl_library *library, const dphl_options *options, dph_error *err)
{
    const char *path = options->manifest_path;
    int fd = -1;
    dph_status status = dphl_os_file_open(path, &fd, err);
    if (status == DPH_OK)
        status = dphl_os_file_read(fd, path, MANIFEST_MAX, &library->text, &library->text_len, err);
    dphl_os_file_close(fd);
    if (status != DPH_OK)
        return status;
    uint8_t found[DPHL_HASH_SIZE];
    (void)crypto_hash_sha256(found, (const unsigned char *)library->text, library->text_len);
    if (sodium_memcmp(found, options->manifest_hash, sizeof found) != 0)
        return dphl_fail(err, DPH_E_CORRUPT, DPHL_CODE_HASH,
                         "%s is not the manifest that was pinned: it was altered or replaced.",
                         path);
    status = dphl_manifest_check_text(library->text, library->text_len, library->id, &library->json,
                                      err);
    if (status == DPH_OK)
        status = dphl_manifest_check_host(library->json, library->host, err);
    return status;
}

/* All that can be told without running a line of the plugin. */
static dph_status check_files(dphl_library *library, const dphl_options *options, dph_error *err)
{
    dph_status status = dphl_verify_path(options->path, library->id, err);
    if (status == DPH_OK)
        status = dphl_os_library_copy(options->path, &library->image, err);
    if (status == DPH_OK)
        status = dphl_verify_hash(library->image, options->path, options->library_hash, err);
    if (status == DPH_OK)
        status = take_manifest(library, options, err);
    if (status != DPH_OK || options->marker_path == NULL)
        return status;
    size_t size = strlen(options->marker_path) + 1;
    library->marker_path = malloc(size);
    if (library->marker_path == NULL)
        return dphl_fail(err, DPH_E_NOMEM, DPHL_CODE_MARKER, "Out of memory.");
    memcpy(library->marker_path, options->marker_path, size);
    return DPH_OK;
}

static dph_status check_quarantine(const dphl_library *library, dph_error *err)
{
    int names = dphl_os_marker_names(library->marker_path, library->hash);
    if (names > 0)
        return dphl_fail(err, DPH_E_DENIED, DPHL_CODE_QUARANTINED,
                         "Plugin %s is quarantined: the host did not survive its last load. "
                         "Install another version, or delete %s to try this one again.",
                         library->id, library->marker_path);
    if (names < 0)
        return dphl_fail(err, DPH_E_UNAVAILABLE, DPHL_CODE_MARKER,
                         "The loading marker %s cannot be read.", library->marker_path);
    return DPH_OK;
}

/* A marker that stays would quarantine a good plugin, so its removal is part of the success. */
static dph_status end_marked(const dphl_library *library, dph_status status, dph_error *err)
{
    dph_status removed = dphl_os_marker_remove(library->marker_path, status == DPH_OK ? err : NULL);
    return status == DPH_OK ? removed : status;
}

static dph_status run_code(dphl_library *library, const dphl_options *options, dph_error *err)
{
    dph_status status = check_quarantine(library, err);
    if (status == DPH_OK && options->probe_path != NULL && !options->already_probed)
        status = dphl_probe_run(options, library->id, library->image, err);
    if (status == DPH_OK)
        status = dphl_os_marker_write(library->marker_path, library->hash, err);
    if (status != DPH_OK)
        return status;
    status = dphl_negotiate_load(&library->image, library->id, library->host, &library->code, err);
    if (status == DPH_OK)
        status = dphl_manifest_check_same(library->json, &library->code.entry, err);
    if (status != DPH_OK) {
        dphl_os_library_unload(library->code.handle);
        library->code.handle = NULL;
    }
    return end_marked(library, status, err);
}

static void free_library(dphl_library *library)
{
    dphl_os_file_close(library->image);
    json_decref(library->json);
    free(library->text);
    free(library->marker_path);
    free(library);
}

dph_status dphl_open(const dphl_options *options, const dph_host *host, dphl_library **out,
                     dph_error *err)
{
    dph_status status = check_arguments(options, host, err);
    if (status != DPH_OK)
        return status;
    dphl_library *library = calloc(1, sizeof *library);
    if (library == NULL)
        return dphl_fail(err, DPH_E_NOMEM, DPHL_CODE_UNREADABLE, "Out of memory.");
    library->image = -1;
    library->host = host;
    memcpy(library->hash, options->library_hash, sizeof library->hash);
    status = check_files(library, options, err);
    if (status == DPH_OK)
        status = run_code(library, options, err);
    if (status == DPH_OK)
        *out = library;
    else
        free_library(library);
    return status;
}

const dph_manifest *dphl_manifest(const dphl_library *library)
{
    return library->code.entry.manifest;
}

const char *dphl_manifest_json(const dphl_library *library, size_t *len)
{
    if (len != NULL)
        *len = library->text_len;
    return library->text;
}

dph_status dphl_start(dphl_library *library, const dph_call *call, dph_plugin **out, dph_error *err)
{
    dph_plugin *plugin = NULL;
    if (library->plugin != NULL || call == NULL)
        return dphl_fail(err, DPH_E_INVALID, DPHL_CODE_START,
                         "Plugin %s is started already, or without a call.", library->id);
    dph_status status = check_quarantine(library, err);
    if (status == DPH_OK)
        status = dphl_os_marker_write(library->marker_path, library->hash, err);
    if (status != DPH_OK)
        return status;
    const dphl_instance_source source = {&library->code.entry, library->id, library->host};
    status = dphl_instance_make(&source, call, &plugin, err);
    dph_status ended = end_marked(library, status, err);
    if (status == DPH_OK && ended != DPH_OK) {
        plugin->stop(plugin, call);
        plugin->destroy(plugin);
    }
    if (ended != DPH_OK)
        return ended;
    library->plugin = plugin;
    *out = plugin;
    return DPH_OK;
}

void dphl_close(dphl_library *library, const dph_call *call)
{
    if (library == NULL)
        return;
    if (library->plugin != NULL) {
        library->plugin->stop(library->plugin, call);
        library->plugin->destroy(library->plugin);
    }
    free_library(library);
}

int32_t dphl_is_quarantined(const dphl_options *options)
{
    return dphl_os_marker_names(options->marker_path, options->library_hash) > 0;
}
