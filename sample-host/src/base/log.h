/* SPDX-License-Identifier: Apache-2.0
 *
 * Structured log lines on standard error. A secret or a reason never goes here. */
#ifndef HOST_LOG_H
#define HOST_LOG_H

#include "dph/service_log.h"
#include "sample-host/src/command.h"

/* Lines above it are dropped. DPH_LOG_WARNING until set. */
void host_log_set_level(uint32_t level);
uint32_t host_log_level(void);
/* Cuts at 1,024 bytes and replaces control characters. The caller owns the result. */
json_t *host_log_text(const char *text, size_t len);

#endif
