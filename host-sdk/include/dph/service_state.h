/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.state/1: the plugin's private key-value space. The host stores bytes that it cannot read;
 * writes go through dph.store/1. Each call sees one snapshot. */
#ifndef DPH_SERVICE_STATE_H
#define DPH_SERVICE_STATE_H

#include "dph/service_store.h"

#define DPH_STATE_ID "dph.state/1"

/* The key was removed: value is empty, revision is the tombstone's. */
#define DPH_STATE_TOMBSTONE 1u

typedef struct dph_state_row {
    uint32_t struct_size; /* bytes */
    uint32_t flags;       /* DPH_STATE_TOMBSTONE */
    uint64_t revision;    /* >= 1 */
    dph_bytes key;
    dph_bytes value;
} dph_state_row;

typedef struct dph_state_sink {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    void *context;
    /* Anything but OK ends the scan and becomes its result. */
    dph_status(DPH_CALL *add)(void *context, const dph_state_row *row);
} dph_state_sink;

typedef struct dph_state_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    /* [control][sync][hook] The row of that key, once, tombstones too. NOT_FOUND when the key was
     * never put. */
    dph_status(DPH_CALL *get)(const dph_host *host, const dph_call *call, const dph_bytes *key,
                              const dph_state_sink *sink, dph_error *err);
    /* [control][sync][hook] Every live row whose key starts with `prefix`, in the order of the
     * keys' bytes; no tombstones. */
    dph_status(DPH_CALL *scan)(const dph_host *host, const dph_call *call, const dph_bytes *prefix,
                               const dph_state_sink *sink, dph_error *err);
} dph_state_v1;

#endif
