/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes JSON text straight into a buffer, for answers with many rows. Reading is jansson's. */
#ifndef SIM_JSON_H
#define SIM_JSON_H

#include "support/buffer.h"

#include <jansson.h>

/* Adds `text` as a quoted JSON string; NULL becomes null. */
void sim_json_string(sup_buffer *buffer, const char *text);
/* Adds any value as compact JSON; NULL becomes null. */
void sim_json_value(sup_buffer *buffer, const json_t *value);
/* The member's text, or `otherwise` when it is absent or no string. */
const char *sim_json_text(const json_t *object, const char *name, const char *otherwise);
/* The member's number (a true counts as 1), or `otherwise`. */
json_int_t sim_json_number(const json_t *object, const char *name, json_int_t otherwise);

#endif
