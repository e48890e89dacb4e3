/* SPDX-License-Identifier: Apache-2.0
 *
 * Since when the sync of keys is switched off (S1.26): who looks at a record that nobody updates
 * has to know. Must not use the network. */
#ifndef BKEY_SWITCH_OFF_H
#define BKEY_SWITCH_OFF_H

#include "usecase/findings_view.h"

/* [hook] Remembers that somebody switched the sync off or on now. Writes only a change. Errors:
 * those of sealing and of the store. */
BKEY_MUST_CHECK bkey_err bkey_switch_off_note(const bkey_findings_query *query, bool is_on);
/* [hook] Whether it is off, and since when (0 = not known). */
BKEY_MUST_CHECK bkey_err bkey_switch_off_read(const bkey_findings_query *query, bool *out_is_off,
                                              int64_t *out_since_ms);

#endif
