/* SPDX-License-Identifier: Apache-2.0
 *
 * Do the keys that we are given open what is stored? Asked at start and by the doctor; writes
 * nothing. */
#ifndef BKEY_SELFTEST_H
#define BKEY_SELFTEST_H

#include "usecase/place_list.h"

#define BKEY_SELFTEST_TEXT_SIZE 512u

/* `text` is one sentence that names organization and tenant. */
typedef void (*bkey_selftest_sink)(void *context, const bkey_place *place, bkey_err reason,
                                   const char *text);

/* Checks the canary of every place; each problem is told. A missing canary is NO_STATE. Errors:
 * those of reading the list of places (told too). */
BKEY_MUST_CHECK bkey_err bkey_selftest_run(const bkey_ports *ports, const bkey_call *call,
                                           bkey_vault *vault, bkey_selftest_sink sink,
                                           void *context);
/* The sentence about one place. */
void bkey_selftest_describe(const bkey_ports *ports, const bkey_place *place, bkey_err reason,
                            char out[BKEY_SELFTEST_TEXT_SIZE]);

#endif
