/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.audit/1: a place outside the store where a plugin's signed audit heads are kept, so that
 * entries which were cut off or put back are found. Optional: a host may not have one. */
#ifndef DPH_SERVICE_AUDIT_H
#define DPH_SERVICE_AUDIT_H

#include "dph/plugin.h"

#define DPH_AUDIT_ID "dph.audit/1"

#define DPH_AUDIT_LINE_MAX 1024u /* bytes of a head */

typedef struct dph_audit_sink {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    void *context;
    /* Anything but OK ends the list and becomes its result. */
    dph_status(DPH_CALL *add)(void *context, const dph_str *head);
} dph_audit_sink;

typedef struct dph_audit_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    /* [any] Appends one head: 1..DPH_AUDIT_LINE_MAX printable ASCII characters (0x20 to 0x7e). It
     * is kept outside the store and its backups, durable when OK is returned, and given to the
     * system log. Never a secret. Errors: INVALID, UNAVAILABLE (it could not be kept). May block.
     */
    dph_status(DPH_CALL *publish_head)(const dph_host *host, const dph_call *call,
                                       const dph_str *head, dph_error *err);
    /* [any] Every head that this plugin published, in that order. None is no error. What others
     * made of the file is given as it is, cut where it is longer than any head. */
    dph_status(DPH_CALL *list_heads)(const dph_host *host, const dph_call *call,
                                     const dph_audit_sink *sink, dph_error *err);
} dph_audit_v1;

#endif
