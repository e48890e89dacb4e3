/* SPDX-License-Identifier: Apache-2.0
 *
 * Packs an answer for clients that take gzip. */
#ifndef SIM_GZIP_H
#define SIM_GZIP_H

#include "http.h"

/* Packs a large body when the request's Accept-Encoding has gzip, and says so in the headers. */
void sim_gzip_apply(const sim_request *request, sim_response *response);

#endif
