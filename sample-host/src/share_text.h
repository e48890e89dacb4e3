/* SPDX-License-Identifier: Apache-2.0
 *
 * A share as text that can be printed, and typed in again years later: with the backup it belongs
 * to, its number, and a check that finds a wrong character. docs/key-management.md shows one. */
#ifndef HOST_SHARE_TEXT_H
#define HOST_SHARE_TEXT_H

#include "sample-host/src/command.h"
#include "sample-host/src/shares.h"

#define HOST_SHARE_TEXT_MAX 4096u

/* Writes the text into fresh guarded memory. */
bool host_share_text_write(const host_share *share, host_secret *out, host_error *err);
/* Reads one; case and spaces do not matter. `name` is what the sentence calls it. CORRUPT with
 * HOST_CODE_BAD_SHARE: no share, unreadable, or its check does not fit. */
bool host_share_text_read(const char *name, const host_secret *text, host_share *out,
                          host_error *err);

#endif
