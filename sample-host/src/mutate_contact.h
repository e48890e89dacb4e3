/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing contacts, for mutate_write.c alone. */
#ifndef HOST_MUTATE_CONTACT_H
#define HOST_MUTATE_CONTACT_H

#include "sample-host/src/mutate.h"

/* CREATE, EDIT, ARCHIVE, UNARCHIVE or DELETE; a change to what it was is not one. INVALID when the
 * addresses are none. */
bool host_mutate_contact_write(host_conn *conn, const host_mutation *mutation, const char *id,
                               int64_t now_ms, host_error *err);
/* The contacts of an organization that another one takes in. A link that the other one has already
 * stays with its contact alone. */
bool host_mutate_contact_move(host_conn *conn, const char *from, const char *into, host_error *err);

#endif
