/* SPDX-License-Identifier: Apache-2.0
 *
 * What the host itself gives to the plugins' audit: refusals of its own, and journals of keys that
 * were read without it. */
#ifndef HOST_AUDIT_H
#define HOST_AUDIT_H

#include "sample-host/src/record.h"

/* Tells the plugins that this reveal was refused before it came to them; `why` is "unknown",
 * "no-reason" or "denied". `row` is the record that it was about, NULL when there is none. */
void host_audit_refused(host *h, const host_request *request, const dph_record_row *row,
                        const char *why);
/* Path of the journal that bkey-open writes beside the key file. */
bool host_audit_journal_path(host *h, char *out, size_t cap);
/* Takes the journal over, when there is one, and removes it. One that was altered, or that
 * bkey-open is writing, stays where it is, is logged and told by the doctor. */
void host_audit_merge_journal(host *h);

#endif
