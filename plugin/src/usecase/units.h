/* SPDX-License-Identifier: Apache-2.0
 *
 * The connections as units of scheduled work. */
#ifndef BKEY_UNITS_H
#define BKEY_UNITS_H

#include "base/json.h"
#include "base/ports.h"
#include "state/vault.h"

typedef struct bkey_unit {
    const char *tenant; /* the unit's id */
    const char *name;   /* for people */
} bkey_unit;

/* [hook] Every connection, in the order of its state key, then every open sign-in of a tenant that
 * has none. Texts live until the sink returns. Reads
 * state only. Errors: those of the sink, STORE_BUSY, SEAL, FORMAT, NEWER_FORMAT. */
BKEY_MUST_CHECK bkey_err bkey_units_list(const bkey_ports *ports, const bkey_call *call,
                                         bkey_vault *vault,
                                         bkey_err (*sink)(void *context, const bkey_unit *unit),
                                         void *context);

/* Puts "customers", the tenants that are reached by that partner's sign-in, into the answer: once
 * it is renewed they can go on. `root` is the place of connections. Errors: those of reading. */
BKEY_MUST_CHECK bkey_err bkey_units_put_customers(const bkey_place *root, const sup_guid *partner,
                                                  bkey_json_builder *builder);

#endif
