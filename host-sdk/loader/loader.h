/* SPDX-License-Identifier: Apache-2.0
 *
 * For host authors: loads, verifies and negotiates one plugin. Knows nothing of what a plugin does,
 * nothing of any host's store. Link with libdph.a.
 *
 * A bad plugin file cannot hurt the host: the name and the path are checked before anything is
 * opened; owner and permissions must keep others from writing; the file's SHA-256 must equal the
 * pinned one; a hash that was not seen to load before is first tried by a spawned program
 * (dph-probe); what is loaded is a sealed copy in memory, hashed after the copy; a `loading` marker
 * tells, after a crash, which plugin killed the host. */
#ifndef DPHL_LOADER_H
#define DPHL_LOADER_H

#include "dph/dph.h"

DPH_BEGIN_DECLS

#define DPHL_HASH_SIZE 32 /* bytes of SHA-256 */

/* Codes in dph_error.code. Values are never reused. */
#define DPHL_CODE_PATH 101u        /* not an absolute path, or a bad file name */
#define DPHL_CODE_PERMISSIONS 102u /* others may write the file or its folder */
#define DPHL_CODE_UNREADABLE 103u
#define DPHL_CODE_HASH 104u        /* the file is not the one that was pinned */
#define DPHL_CODE_PROBE 105u       /* the spawned trial load failed or did not answer in time */
#define DPHL_CODE_QUARANTINED 106u /* a load of this very file killed the host before */
#define DPHL_CODE_LINK 107u        /* the dynamic linker refused it */
#define DPHL_CODE_SYMBOL 108u
#define DPHL_CODE_ABI 109u /* the text names both versions */
#define DPHL_CODE_MANIFEST                                                                         \
    110u /* id, version or lists are malformed or differ from manifest.json */
#define DPHL_CODE_REQUIRES 111u /* the host lacks an interface that the plugin requires */
#define DPHL_CODE_CREATE 112u   /* create failed, or made an incomplete instance */
#define DPHL_CODE_MARKER 113u   /* the loading marker cannot be written, read or removed */
#define DPHL_CODE_START 114u

typedef struct dphl_options {
    const char *path;          /* absolute path of the library; file name = id + ".so" or ".dll" */
    const char *manifest_path; /* absolute path of its manifest.json */
    const uint8_t *library_hash;  /* DPHL_HASH_SIZE bytes, required */
    const uint8_t *manifest_hash; /* DPHL_HASH_SIZE bytes, required */
    const char *probe_path;    /* absolute path of dph-probe; NULL = do not probe. The host must not
                                * ignore SIGCHLD, nor collect children that it did not start */
    int32_t already_probed;    /* 1 = this very hash loaded before: skip the probe */
    uint32_t probe_timeout_ms; /* 0 = 10,000 */
    const char *marker_path;   /* file written before the load and removed after, one for each
                                * plugin; NULL = none */
} dphl_options;

typedef struct dphl_library dphl_library;

/* [control] SHA-256 of a regular file, for pinning. Asks nothing of its owner or permissions;
 * `path` is absolute and its last part no symbolic link. Errors: INVALID (code PATH), UNAVAILABLE
 * (code UNREADABLE), NOMEM. */
dph_status dphl_hash_file(const char *path, uint8_t out[DPHL_HASH_SIZE], dph_error *err);

/* [control] Opens, verifies and negotiates; runs no code of the plugin but its library constructors
 * and the pure entry function, and those only after everything that the files alone can tell has
 * been checked. `host` outlives the library. One sentence in err says what is wrong and, for
 * versions, both numbers; what the probe finds is told with the code that the host itself would
 * have given. Nothing stays behind on failure. Errors: INVALID, DENIED, UNAVAILABLE, UNSUPPORTED,
 * CORRUPT, NOMEM; err->code is DPHL_CODE_*. */
dph_status dphl_open(const dphl_options *options, const dph_host *host, dphl_library **out,
                     dph_error *err);

/* [any] The manifest inside the library; valid until the process ends. */
const dph_manifest *dphl_manifest(const dphl_library *library);
/* [any] The verified text of manifest.json, terminated; valid until dphl_close. */
const char *dphl_manifest_json(const dphl_library *library, size_t *len);

/* [control] Makes and starts the plugin's instance: create, interface checks, start, all under the
 * loading marker. *out belongs to the library and ends with it. On failure the instance is gone
 * again and the library stays open. Errors: INVALID (there is an instance already), DENIED (code
 * QUARANTINED), UNAVAILABLE (code MARKER), and with the codes CREATE, MANIFEST and START whatever
 * the plugin returned, INTERNAL where that is no status. */
dph_status dphl_start(dphl_library *library, const dph_call *call, dph_plugin **out,
                      dph_error *err);

/* [control] Stops and destroys the instance made by dphl_start, if any, and frees the handle. The
 * code stays mapped: unloading breaks thread-exit destructors. `call` may be NULL when there is no
 * instance. NULL-safe. */
void dphl_close(dphl_library *library, const dph_call *call);

/* [any] True when a marker of this file's hash is present: the last load did not come back. */
int32_t dphl_is_quarantined(const dphl_options *options);

DPH_END_DECLS

#endif
