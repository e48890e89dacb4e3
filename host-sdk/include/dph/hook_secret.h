/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.hook.secret/1: the only way a secret leaves the plugin. */
#ifndef DPH_HOOK_SECRET_H
#define DPH_HOOK_SECRET_H

#include "dph/plugin.h"

#define DPH_HOOK_SECRET_ID "dph.hook.secret/1"

#define DPH_PURPOSE_SHOW 1u
#define DPH_PURPOSE_COPY 2u
#define DPH_PURPOSE_PRINT 3u

#define DPH_REASON_MAX 1024u /* bytes */
#define DPH_TICKET_MAX 128u  /* bytes */

typedef struct dph_reveal {
    uint32_t struct_size; /* bytes */
    uint32_t purpose;     /* DPH_PURPOSE_* */
    dph_str external_id;  /* of the record; its organization is call->organization_id */
    dph_str reason;       /* 1..DPH_REASON_MAX bytes, not only blanks; kept sealed, never logged */
    dph_str ticket;       /* 0..DPH_TICKET_MAX bytes */
} dph_reveal;

typedef struct dph_secret_sink {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    void *context;
    /* Called exactly once on success. The bytes are wiped when it returns; the host copies what it
     * needs into memory that it wipes itself. flags: DPH_SECRET_*. */
    dph_status(DPH_CALL *write)(void *context, const dph_bytes *secret, uint32_t flags);
} dph_secret_sink;

#define DPH_SECRET_MALFORMED 1u /* kept verbatim: not a valid recovery password (S2.3) */

typedef struct dph_hook_secret_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    /* [hook] Writes exactly one "viewed" activity entry through dph.store/1 before the sink is
     * called; when that entry cannot be written, the sink is not called (S1.92, S1.95). The host
     * has checked the actor's rights and writes no entry itself. Errors: INVALID (no reason),
     * NOT_FOUND, CORRUPT, UNAVAILABLE (the entry could not be written), DENIED. */
    dph_status(DPH_CALL *reveal)(dph_plugin *plugin, const dph_call *call,
                                 const dph_reveal *request, const dph_secret_sink *sink,
                                 dph_error *err);
} dph_hook_secret_v1;

#endif
