/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.records/1: the plugin's own records and folders, read-only. Writes go through dph.store/1.
 * There is no hard delete and no slot that returns a secret. Each call sees one snapshot. */
#ifndef DPH_SERVICE_RECORDS_H
#define DPH_SERVICE_RECORDS_H

#include "dph/service_store.h"

#define DPH_RECORDS_ID "dph.records/1"

/* One record as the host holds it. Made by the host. */
typedef struct dph_record_row {
    uint32_t struct_size; /* bytes */
    uint32_t flags;       /* DPH_RECORD_* */
    uint64_t revision;    /* >= 1 */
    int64_t created_ms;   /* wall clock */
    int64_t updated_ms;
    dph_str record_id; /* the host's id */
    dph_str external_id;
    dph_str organization_id;
    dph_str folder_id;
    dph_str category;
    dph_str title;
    dph_str username;
    dph_str configuration_id;
    dph_str configuration_name; /* empty when there is none or it is gone */
    dph_str guard_owner;        /* set by the host: id of the plugin whose guard decides */
    dph_str plugin_tag;         /* set by the plugin */
    dph_str plugin_data;        /* set by the plugin */
} dph_record_row;

typedef struct dph_record_sink {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    void *context;
    /* Anything but OK ends the list and becomes its result. */
    dph_status(DPH_CALL *add)(void *context, const dph_record_row *row);
} dph_record_sink;

typedef struct dph_folder_row {
    uint32_t struct_size; /* bytes */
    uint32_t flags;       /* DPH_FOLDER_* */
    uint64_t revision;    /* >= 1 */
    dph_str folder_id;
    dph_str organization_id;
    dph_str name;
} dph_folder_row;

typedef struct dph_folder_sink {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    void *context;
    dph_status(DPH_CALL *add)(void *context, const dph_folder_row *row);
} dph_folder_sink;

typedef struct dph_records_v1 {
    uint32_t struct_size; /* bytes */
    uint32_t reserved0;   /* 0 */
    /* [sync][hook] The record of that external id, once, to the sink. NOT_FOUND when there is
     * none; UNAVAILABLE on I/O trouble. */
    dph_status(DPH_CALL *find)(const dph_host *host, const dph_call *call,
                               const dph_str *external_id, const dph_record_sink *sink,
                               dph_error *err);
    /* [sync][hook] All records of the plugin in one organization, archived ones too, in no promised
     * order. Empty organization_id = all organizations. */
    dph_status(DPH_CALL *list)(const dph_host *host, const dph_call *call,
                               const dph_str *organization_id, const dph_record_sink *sink,
                               dph_error *err);
    /* [sync][hook] The plugin's folder of one organization, once. NOT_FOUND when there is none. */
    dph_status(DPH_CALL *folder)(const dph_host *host, const dph_call *call,
                                 const dph_str *organization_id, const dph_folder_sink *sink,
                                 dph_error *err);
} dph_records_v1;

#endif
