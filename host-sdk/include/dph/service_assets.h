/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.assets/1: organizations, configurations and contacts of the host, read-only. Configurations
 * and contacts are created through dph.store/1. Each call sees one snapshot. */
#ifndef DPH_SERVICE_ASSETS_H
#define DPH_SERVICE_ASSETS_H

#include "dph/plugin.h"

#define DPH_ASSETS_ID "dph.assets/1"

typedef struct dph_organization_row {
    uint32_t struct_size; /* bytes */
    uint32_t flags;       /* no flag is defined; 0 */
    dph_str organization_id;
    dph_str name;
} dph_organization_row;

#define DPH_CONFIGURATION_ARCHIVED 1u

typedef struct dph_configuration_row {
    uint32_t struct_size; /* bytes */
    uint32_t flags;       /* DPH_CONFIGURATION_* */
    uint64_t revision;    /* >= 1 */
    dph_str configuration_id;
    dph_str organization_id;
    dph_str name;
    dph_str hostname;
    dph_str serial;
    dph_str mac;
    dph_str manufacturer;
    dph_str model;
} dph_configuration_row;

#define DPH_CONTACT_ARCHIVED 1u
#define DPH_CONTACT_TAKEN 2u /* linked by another plugin: no put of the caller's is taken */

typedef struct dph_contact_row {
    uint32_t struct_size; /* bytes */
    uint32_t flags;       /* DPH_CONTACT_* */
    uint64_t revision;    /* >= 1 */
    dph_str contact_id;
    dph_str organization_id;
    dph_str external_id; /* the caller's own link; empty = none */
    dph_str name;
    dph_str first_name;
    dph_str last_name;
    dph_str emails; /* addresses with one space between */
} dph_contact_row;

typedef struct dph_organization_sink {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    void *context;
    dph_status(DPH_CALL *add)(void *context, const dph_organization_row *row);
} dph_organization_sink;

typedef struct dph_configuration_sink {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    void *context;
    dph_status(DPH_CALL *add)(void *context, const dph_configuration_row *row);
} dph_configuration_sink;

typedef struct dph_contact_sink {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    void *context;
    dph_status(DPH_CALL *add)(void *context, const dph_contact_row *row);
} dph_contact_sink;

typedef struct dph_assets_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    /* [sync][hook] Every organization. */
    dph_status(DPH_CALL *list_organizations)(const dph_host *host, const dph_call *call,
                                             const dph_organization_sink *sink, dph_error *err);
    /* [sync][hook] The organization of that id, or of that exact name when no id fits. The id of
     * one that was merged into another finds that other one, under its own id. NOT_FOUND. */
    dph_status(DPH_CALL *get_organization)(const dph_host *host, const dph_call *call,
                                           const dph_str *id_or_name,
                                           const dph_organization_sink *sink, dph_error *err);
    /* [sync][hook] Every configuration of one organization, archived ones too. */
    dph_status(DPH_CALL *list_configurations)(const dph_host *host, const dph_call *call,
                                              const dph_str *organization_id,
                                              const dph_configuration_sink *sink, dph_error *err);
    /* [sync][hook] Every contact of one organization, archived ones too. An older host ends the
     * table before it. */
    dph_status(DPH_CALL *list_contacts)(const dph_host *host, const dph_call *call,
                                        const dph_str *organization_id,
                                        const dph_contact_sink *sink, dph_error *err);
} dph_assets_v1;

#endif
