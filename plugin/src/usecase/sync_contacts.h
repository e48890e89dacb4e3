/* SPDX-License-Identifier: Apache-2.0
 *
 * The step of a tick that makes contacts of users. For sync_*.c alone. */
#ifndef BKEY_SYNC_CONTACTS_H
#define BKEY_SYNC_CONTACTS_H

#include "usecase/sync.h"

/* Lists users and contacts, and writes what is new or missing; in a dry run it only counts. Does
 * nothing without the permissions, and nothing when the connection names several organizations:
 * nobody then knows whose the users are. What Microsoft answers is no error, only why contacts stay
 * as they are. CONFLICT when somebody else wrote meanwhile; what was committed stays. */
BKEY_MUST_CHECK bkey_err bkey_sync_contacts_run(bkey_sync *sync);
/* Adds to the findings of a check why contacts are not synced. Asks nobody. */
void bkey_sync_contacts_check(bkey_sync *sync);
/* Appends a sentence about contacts to the terminated text; nothing when there is nothing to say.
 */
void bkey_sync_contacts_tell(const bkey_sync *sync, char *text, size_t cap);

#endif
