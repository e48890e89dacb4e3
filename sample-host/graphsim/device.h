/* SPDX-License-Identifier: Apache-2.0
 *
 * managedDevice rows as JSON text: which properties there are, and their values. */
#ifndef SIM_DEVICE_H
#define SIM_DEVICE_H

#include "support/buffer.h"
#include "tenant.h"

/* Property names that v1.0 knows, by bit number in a selection; NULL ends the list. */
const char *const *sim_device_properties(void);
/* The bit of a property, -1 when v1.0 has none of that name (exact case). */
int sim_device_property(const char *name, size_t len);
/* Adds the row at that live position as a JSON object; "id" and the selected properties. */
void sim_device_write(const sim_tenant *tenant, size_t position, uint64_t selected,
                      sup_buffer *out);
/* Adds one property's JSON value. */
void sim_device_write_value(const sim_tenant *tenant, size_t position, int property,
                            sup_buffer *out);

#endif
