/* SPDX-License-Identifier: Apache-2.0
 *
 * Who looks: the organizations and plugins whose things exist for the asker of one request. What a
 * viewer does not see is "not found" everywhere, in the words used for what does not exist. */
#ifndef HOST_VIEWER_H
#define HOST_VIEWER_H

#include "sample-host/src/host.h"

#define HOST_VIEWER_ID_SIZE 65
#define HOST_VIEWER_NAME_SIZE 1024
#define HOST_VIEWER_LITE_MAX 5 /* organizations of a Lite user (S1.109) */

struct host_viewer {
    uint32_t role;                /* DPH_ROLE_* */
    bool sees_all;                /* every organization, also later ones */
    bool is_denied_passwords;     /* by a group: there are no passwords for this user (S1.110) */
    char id[HOST_VIEWER_ID_SIZE]; /* of the user; "" = the local administrator */
    char name[HOST_VIEWER_NAME_SIZE]; /* "" for the local administrator */
    char *organizations;              /* JSON array of ids for SQL; NULL = all */
    char *hidden;                     /* JSON array of plugins whose things are not shown now */
    char *closed; /* JSON array of folders that name others alone (S1.111); NULL = none */
};

/* Loads whoever the actor stands for. DENIED when there is no such user. The caller ends *out. */
bool host_viewer_load(host *h, const host_actor *actor, host_viewer *out, host_error *err);
/* Frees. NULL-safe. */
void host_viewer_done(host_viewer *viewer);

/* What SQL binds: NULL where nothing is left out. viewer NULL = the host itself, which sees all. */
const char *host_viewer_organizations(const host_viewer *viewer);
const char *host_viewer_hidden(const host_viewer *viewer);
const char *host_viewer_closed(const host_viewer *viewer);

/* Conditions for a statement; `n` is the number of the parameter that binds the text above. */
#define HOST_VIEWER_SEES(column, n)                                                                \
    "(?" #n " IS NULL OR " column " IN (SELECT value FROM json_each(?" #n ")))"
#define HOST_VIEWER_SHOWN(column, n)                                                               \
    "(?" #n " IS NULL OR " column " NOT IN (SELECT value FROM json_each(?" #n ")))"

#define HOST_VIEWER_OPEN(column, n) HOST_VIEWER_SHOWN(column, n)

/* One organization, owner or folder, without SQL. "" is seen by all. */
bool host_viewer_sees(const host_viewer *viewer, const char *organization_id);
bool host_viewer_shown(const host_viewer *viewer, const char *guard_owner);
bool host_viewer_open(const host_viewer *viewer, const char *folder_id);

#endif
