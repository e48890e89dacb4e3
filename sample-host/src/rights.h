/* SPDX-License-Identifier: Apache-2.0
 *
 * The one table of who may run what. Knows roles and commands, no object. */
#ifndef HOST_RIGHTS_H
#define HOST_RIGHTS_H

#include "sample-host/src/viewer.h"

/* "Administrator", ...; "Nobody" for what is no role. */
const char *host_rights_role_name(uint32_t role);
/* The role of that name, ignoring case, '-' and ' ' alike; 0 when there is none. */
uint32_t host_rights_role_parse(const char *name);
/* May this viewer run that command? DENIED (code HOST_CODE_ROLE) with the roles that may. For a
 * viewer whose group is denied passwords, their commands are NOT_FOUND. A command that the table
 * does not know is for administrators alone. */
bool host_rights_check(const host_viewer *viewer, const char *command, host_error *err);

#endif
