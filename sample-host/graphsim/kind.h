/* SPDX-License-Identifier: Apache-2.0
 *
 * What the rows of one list look like: property names, defaults, what a filter may ask of them. */
#ifndef SIM_KIND_H
#define SIM_KIND_H

#include "support/buffer.h"
#include "tenant.h"

enum {
    SIM_EQUAL = 1 << 0,
    SIM_UNEQUAL = 1 << 1,
    SIM_CONTAINS = 1 << 2,
    SIM_STARTS = 1 << 3,
    SIM_LESS = 1 << 4,     /* lt and gt */
    SIM_RANGE = 1 << 5,    /* ge and le */
    SIM_UNLISTED = 1 << 6, /* comes only when $select names it */
    SIM_SINGLE = 1 << 7    /* has its value only when one row is asked for, else the default */
};

typedef struct sim_property {
    const char *name;
    const char *generated; /* JSON that every generated row says; NULL: ask `generate` */
    const char *otherwise; /* JSON of a row that leaves the property out */
    unsigned flags;
} sim_property;

typedef struct sim_kind {
    const char *type; /* as in microsoft.graph.<type> */
    const sim_property *properties;
    size_t count;   /* at most 64; the first is "id" */
    bool always_id; /* whatever $select says */
    const sim_rows *(*rows)(const sim_tenant *tenant);
    bool (*generate)(const sim_tenant *tenant, uint32_t index, const char *property,
                     sup_buffer *out);
} sim_kind;

/* Managed devices (Intune), devices (Entra) and users. */
extern const sim_kind sim_kind_managed_device;
extern const sim_kind sim_kind_device;
extern const sim_kind sim_kind_user;

/* The index of a property (exact case), -1 when there is none. */
int sim_kind_property(const sim_kind *kind, const char *name, size_t len);
/* Reads a $select; NULL selects what a list shows by default. False for an unknown name. */
bool sim_kind_select(const sim_kind *kind, const char *text, uint64_t *out_bits);
/* Adds one property's JSON value. */
void sim_kind_write_value(const sim_kind *kind, const sim_tenant *tenant, size_t position,
                          int property, sup_buffer *out);
/* Adds the row of a list as a JSON object. */
void sim_kind_write(const sim_kind *kind, const sim_tenant *tenant, size_t position,
                    uint64_t selected, sup_buffer *out);
/* Adds a row that was asked for by id, without its opening brace. */
void sim_kind_write_single(const sim_kind *kind, const sim_tenant *tenant, size_t position,
                           uint64_t selected, sup_buffer *out);

#endif
