/* SPDX-License-Identifier: Apache-2.0
 *
 * One thing that a person can change, whatever its table: what guards and writers need of it. */
#ifndef HOST_OBJECT_H
#define HOST_OBJECT_H

#include "dph/hook_guard.h"
#include "sample-host/src/viewer.h"

#define HOST_OBJECT_ID_SIZE 65
#define HOST_OBJECT_TEXT_SIZE 1024

typedef struct host_object {
    uint32_t kind; /* DPH_OBJECT_* */
    uint64_t revision;
    bool is_archived;
    char id[HOST_OBJECT_ID_SIZE];
    char organization_id[HOST_OBJECT_ID_SIZE]; /* "" for categories */
    char folder_id[HOST_OBJECT_ID_SIZE];       /* where it is; a folder's parent; "" = top level */
    char guard_owner[HOST_PLUGIN_ID_SIZE];
    char external_id[HOST_OBJECT_TEXT_SIZE];
    char plugin_tag[HOST_OBJECT_ID_SIZE];
    char name[HOST_OBJECT_TEXT_SIZE];
} host_object;

/* A password in the trash; what is loaded is a DPH_OBJECT_RECORD. */
#define HOST_OBJECT_TRASHED 6u
/* No plugin guards a contact, so that none is told of it. */
#define HOST_OBJECT_CONTACT 7u

/* NOT_FOUND. */
bool host_object_load(host_conn *conn, uint32_t kind, const char *id, host_object *out,
                      host_error *err);
/* "organization", "folder", ... */
const char *host_object_kind_name(uint32_t kind);
/* Where names are looked up: what the viewer sees (NULL = everything), in one organization ("" = in
 * any). */
typedef struct host_object_place {
    const host_viewer *viewer;
    const char *organization_id;
} host_object_place;

/* Not found, in the same words: what does not exist, what the viewer may not see, and what is
 * hidden now. out_id has HOST_OBJECT_ID_SIZE. */

/* The organization of that id, or of that name ignoring case. */
bool host_object_find_organization(host_conn *conn, const host_viewer *viewer,
                                   const char *id_or_name, char *out_id, host_error *err);
/* The folder of that id, or the only one of that name. */
bool host_object_find_folder(host_conn *conn, const host_object_place *place,
                             const char *id_or_name, char *out_id, host_error *err);
/* Configuration, contact and category by id or by their only name. */
bool host_object_find_configuration(host_conn *conn, const host_object_place *place,
                                    const char *id_or_name, char *out_id, host_error *err);
bool host_object_find_contact(host_conn *conn, const host_object_place *place,
                              const char *id_or_name, char *out_id, host_error *err);
bool host_object_find_category(host_conn *conn, const host_viewer *viewer, const char *id_or_name,
                               char *out_id, host_error *err);

#endif
