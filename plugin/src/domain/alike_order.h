/* SPDX-License-Identifier: Apache-2.0
 *
 * The order in which a reader sees letters that bidirectional overrides turn round. Pure. */
#ifndef BKEY_ALIKE_ORDER_H
#define BKEY_ALIKE_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BKEY_ALIKE_ORDER_MAX 4590u /* a longer text is left as it is */

/* Puts the code points into the order of the screen, as Unicode's bidirectional algorithm does for
 * letters written left to right; brackets that are turned round are mirrored on request. False when
 * nothing overrides their order; then nothing is changed. */
bool bkey_alike_order(uint32_t *text, size_t len, bool mirrors);

#endif
