/* SPDX-License-Identifier: Apache-2.0
 *
 * The one way by which people change organizations, configurations, categories, folders and
 * passwords: every guard is asked before the write, and the write makes sure that what the guards
 * saw still holds. */
#ifndef HOST_MUTATE_H
#define HOST_MUTATE_H

#include "sample-host/src/call.h"
#include "sample-host/src/object.h"

#define HOST_MUTATE_GUARDS_MAX 32

typedef struct host_mutation {
    uint32_t op;           /* DPH_OP_* */
    uint32_t object_kind;  /* DPH_OBJECT_* */
    const char *object_id; /* "" for CREATE */
    /* CREATE, MOVE, COPY: where to. Folder "" = top level. Else NULL. */
    const char *target_organization_id;
    const char *target_folder_id;
    const char *other_id;      /* MERGE: the record or organization that stays; else NULL */
    const char *trashed_id;    /* CREATE: the deleted password that comes back; else NULL */
    bool is_import;            /* CREATE: the log calls it so */
    const json_t *fields;      /* CREATE, EDIT: strings by name; NULL = none. On a rotation, a
                                  number "schedule": days between rotations, instead of one now.
                                  Of a folder also an array "security": see mutate_access.h */
    const host_secret *secret; /* a password's new secret, or NULL */
} host_mutation;

/* Runs it. out_id (HOST_OBJECT_ID_SIZE bytes) gets the id of the changed or new object. A refusal
 * (DENIED) is logged and changes nothing else. Errors: INVALID, NOT_FOUND, DENIED, CONFLICT (it
 * changed meanwhile, or a name is taken), UNAVAILABLE. */
bool host_mutate(host *h, const host_call *call, const host_mutation *mutation, char *out_id,
                 host_error *err);
/* Many changes in one transaction. First, for each: everything that host_mutate checks; a refusal
 * is logged. */
bool host_mutate_may(host *h, const host_call *call, const host_mutation *mutation,
                     host_error *err);
/* Then, in the caller's transaction: looks and asks again, with what was written before it, and
 * writes. When it fails the caller rolls everything back. */
bool host_mutate_in(host *h, host_conn *conn, const host_call *call, const host_mutation *mutation,
                    char *out_id, host_error *err);
/* Those fields of an edit that the guards refuse, each asked for by itself. */
json_t *host_mutate_refused_fields(host *h, const host_call *call, const host_mutation *mutation);
/* May a person give that name? Asks every plugin that claims names. */
bool host_mutate_check_name(host *h, const host_call *call, uint32_t name_kind, const char *name,
                            host_error *err);
/* The same for a name that a plugin gives: asks every plugin but that one. */
bool host_mutate_check_others(host *h, const dph_str *plugin, const dph_call *call,
                              uint32_t name_kind, const dph_str *name, host_error *err);
/* 1..255 code points of UTF-8 without control characters. */
bool host_mutate_name_valid(const char *name);

/* For mutate.c and its parts. */
typedef struct host_mutate_guard {
    uint32_t relation; /* DPH_RELATION_* */
    char owner[HOST_PLUGIN_ID_SIZE];
} host_mutate_guard;

typedef struct host_mutate_facts {
    host_object object; /* all zero for CREATE */
    host_mutate_guard guards[HOST_MUTATE_GUARDS_MAX];
    size_t guard_count;
} host_mutate_facts;

/* Reads the object and who guards what the mutation touches. */
bool host_mutate_collect(host_conn *conn, const host_viewer *viewer, const host_mutation *mutation,
                         host_mutate_facts *out, host_error *err);
/* Asks the guards. DENIED. */
bool host_mutate_ask(host *h, const host_call *call, const host_mutation *mutation,
                     const host_mutate_facts *facts, host_error *err);
/* Writes, inside a transaction, with its activity entry. */
bool host_mutate_write(host_conn *conn, const host_call *call, const host_mutation *mutation,
                       const host_object *object, char *out_id, host_error *err);

/* A field's text, or NULL when it is not given. */
const char *host_mutate_field(const host_mutation *mutation, const char *name);

#endif
