/* SPDX-License-Identifier: Apache-2.0
 *
 * One simulated customer: who may sign in, and its devices and keys. */
#ifndef SIM_TENANT_H
#define SIM_TENANT_H

#include "gen.h"
#include "rows.h"

typedef struct sim_tenant {
    size_t index;
    json_t *facts;  /* owns the texts below */
    json_t *filled; /* the facts that the data left out: name -> default given */
    const char *id;
    const char *client_id;
    const char *client_secret;
    const char *refresh_token;
    const char *domain;
    char *scopes;          /* delegated permissions, one space between */
    char *roles;           /* application permissions, likewise */
    const char *user_id;   /* the simulated user who signs in */
    const char *user_name; /* its userPrincipalName */
    bool intune;           /* false: Intune answers that the tenant has no licence */
    sim_gen gen;
    sim_rows devices;   /* Intune's managedDevice */
    sim_rows directory; /* Entra's device; hidden members registeredOwners, registeredUsers */
    sim_rows users;
    sim_rows keys;
    json_t *skus;            /* subscribedSkus */
    json_t *deleted;         /* softly deleted Entra devices: {"row":{...}, "deleted_ms":n} */
    json_t *changes;         /* what delta reports: {"id":..., "reason":text or null} */
    json_t *actions;         /* rotations, oldest first (rotation.h) */
    int64_t audits_since_ms; /* when the audit log was first asked for; 0: never */
    size_t deltas_lost;      /* delta tokens from before this many changes are refused */
    bool owners_may_read;    /* allowedToReadBitlockerKeysForOwnedDevice */
    int64_t challenge_s;     /* claims challenge: tokens must have been asked for with this nbf */
    uint64_t revoked;        /* refresh tokens up to this number are revoked */
    bool first_is_revoked;   /* the refresh token of the data file too */
    uint32_t *key_reads;     /* successful secret reads per key position */
    size_t key_reads_size;
    uint64_t refresh_issued;
} sim_tenant;

/* Makes tenant `index` from an object in the shape of the data file; what it leaves out gets a
 * default derived from the seed. `gen` is for generated rows (zero devices: none). False, with one
 * sentence in `err`, when the object is not usable. */
bool sim_tenant_init(sim_tenant *tenant, json_t *object, const sim_gen *gen, uint64_t seed,
                     char err[256]);
void sim_tenant_done(sim_tenant *tenant);
/* Changes facts (scopes, roles, wids, intune, partners ...) while the simulator runs. */
void sim_tenant_set_facts(sim_tenant *tenant, json_t *fields);
/* {"tenantId":..., "displayName":..., "devices":n, "keys":n, ...}: with `all` every sign-in fact,
 * else only those that were filled in. The caller owns the object. */
json_t *sim_tenant_describe(const sim_tenant *tenant, bool all);
/* An Entra device (new reference) that belongs to a managed device. */
json_t *sim_tenant_derive_object(const json_t *managed, const char *id);
/* The words of a list of permissions (an array, or one text with spaces) with one space between
 * them and without the host of a cloud; the caller frees it. */
char *sim_tenant_permissions(const json_t *value);
/* True when `segment` of /{segment}/oauth2 names this tenant by id or domain. */
bool sim_tenant_is(const sim_tenant *tenant, const char *segment);

/* Keys. A position is dead when the row was removed. */
bool sim_tenant_read_key(const sim_tenant *tenant, size_t position, sim_key *out);
bool sim_tenant_find_key(const sim_tenant *tenant, const char *id, size_t *out_position);
/* The first live key at or after `from`; with `device` (an Entra device id) only of that device.
 * False when there is none. */
bool sim_tenant_next_key(const sim_tenant *tenant, size_t from, const char *device,
                         size_t *out_position);
/* Counts one secret read and returns how many there were of this key. */
uint32_t sim_tenant_count_read(sim_tenant *tenant, size_t position);
void sim_tenant_forget_reads(sim_tenant *tenant);

/* The index of Entra's device with that deviceId or object id. */
bool sim_tenant_find_object(const sim_tenant *tenant, const char *id, size_t *out_position);
/* Finds a device by its Intune id alone. */
bool sim_tenant_find_managed(const sim_tenant *tenant, const char *id, size_t *out_position);
bool sim_tenant_find_user(const sim_tenant *tenant, const char *id, size_t *out_position);
/* True while Entra's device of that deviceId is softly deleted. */
bool sim_tenant_is_deleted(const sim_tenant *tenant, const char *device);
/* Finds a device by Intune id or Entra device id. */
bool sim_tenant_find_device(const sim_tenant *tenant, const char *id, size_t *out_position);
/* Turns a generated row into one held as JSON, so that an event can change it; returns the object
 * (borrowed) and moves the position. */
json_t *sim_tenant_own_key(sim_tenant *tenant, size_t *position);
json_t *sim_tenant_own_device(sim_tenant *tenant, size_t *position);
json_t *sim_tenant_own_object(sim_tenant *tenant, size_t *position);

#endif
