/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.settings/1: the plugin's settings, typed by the schema in its manifest.json. */
#ifndef DPH_SERVICE_SETTINGS_H
#define DPH_SERVICE_SETTINGS_H

#include "dph/plugin.h"

#define DPH_SETTINGS_ID "dph.settings/1"

typedef struct dph_settings_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    /* [any] Grows with every change. Read it before and after: equal = one consistent snapshot. */
    uint64_t(DPH_CALL *generation)(const dph_host *host);
    /* [any] Copies the text value and a zero byte to buf. *need gets its length without that byte
     * also on TOO_LARGE. A setting that nobody set has the schema's default. NOT_FOUND: not in the
     * schema; INVALID: not a text. */
    dph_status(DPH_CALL *get_text)(const dph_host *host, const dph_str *key, char *buf, size_t cap,
                                   size_t *need, dph_error *err);
    /* [any] Integers, and booleans as 0 or 1. NOT_FOUND, INVALID as above. */
    dph_status(DPH_CALL *get_int)(const dph_host *host, const dph_str *key, int64_t *out,
                                  dph_error *err);
} dph_settings_v1;

#endif
