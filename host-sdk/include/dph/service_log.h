/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.log/1: structured log lines. A key, token, password or reason text never goes here (S1.94).
 */
#ifndef DPH_SERVICE_LOG_H
#define DPH_SERVICE_LOG_H

#include "dph/plugin.h"

#define DPH_LOG_ID "dph.log/1"

#define DPH_LOG_ERROR 1u
#define DPH_LOG_WARNING 2u
#define DPH_LOG_INFO 3u
#define DPH_LOG_DEBUG 4u

typedef struct dph_log_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t max_level;   /* DPH_LOG_*: lines above it are dropped, so need not be built */
    /* [any] Writes one line; never blocks long, never fails. `event` is the plugin's own stable
     * number. The host cuts text at 1,024 bytes and strips control bytes. call may be NULL. */
    void(DPH_CALL *write)(const dph_host *host, const dph_call *call, uint32_t level,
                          uint32_t event, dph_str const *text, const dph_kv *kv, size_t kv_count);
} dph_log_v1;

#endif
