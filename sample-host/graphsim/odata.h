/* SPDX-License-Identifier: Apache-2.0
 *
 * Query options as OData writes them. */
#ifndef SIM_ODATA_H
#define SIM_ODATA_H

#include "call.h"

#define SIM_ODATA_LITERAL_MAX 512

/* A single "property eq 'literal'". */
typedef struct sim_odata_filter {
    int property;
    char literal[SIM_ODATA_LITERAL_MAX];
} sim_odata_filter;

/* Sets one bit per name of the NULL-ended list that the comma-separated text holds. False when it
 * holds any other name or none. */
bool sim_odata_select(const char *text, const char *const *names, uint64_t *out_bits);
/* Reads a filter over one of the names; doubled quotes stand for one. False for anything else,
 * and nothing promised of *out. */
bool sim_odata_filter_read(const char *text, const char *const *names, sim_odata_filter *out);
/* Reads a whole number from 1 to 1,000,000. */
bool sim_odata_top(const char *text, size_t *out);
/* The opaque page token for a position, and back. */
void sim_odata_skip_token(size_t position, char out[64]);
bool sim_odata_skip_token_read(const char *text, size_t *out_position);
/* Reads the page token of a request. False, and a 400 in the answer, when it is noise or of another
 * epoch than the switch tells. */
bool sim_odata_page_read(sim_call *call, const char *text, size_t *out_position);
/* Adds ,"@odata.nextLink":"..." to the answer: this request's own URL from another position. */
void sim_odata_next_link(const sim_call *call, size_t position, sup_buffer *out);
/* Adds {"@odata.context":"https://graph.microsoft.com/<version>/$metadata#<what>". */
void sim_odata_context(const sim_call *call, const char *what, sup_buffer *out);
/* True when no query option but those of the NULL-ended list begins with $; else *out_name is the
 * first that may not be there. */
bool sim_odata_only(const sim_params *query, const char *const *allowed, const char **out_name);

#endif
