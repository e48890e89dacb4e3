/* SPDX-License-Identifier: Apache-2.0
 *
 * Ids that the host makes and that plugins may choose: [A-Za-z0-9_-]. */
#ifndef HOST_ID_H
#define HOST_ID_H

#include <stdbool.h>
#include <stddef.h>

#define HOST_ID_SIZE 25 /* 24 hex digits and a zero byte */
#define HOST_ID_MAX 64  /* bytes of an id that a plugin chose */

/* Writes a fresh random id. */
void host_id_new(char out[HOST_ID_SIZE]);
/* One that begins with the time: ids that are made together are neighbours in an index. */
void host_id_new_ordered(char out[HOST_ID_SIZE]);
/* True for 1..HOST_ID_MAX characters of [A-Za-z0-9_-]. */
bool host_id_valid(const char *text, size_t len);

#endif
