/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a life's store as the product does, with ports and a vault of its own. For tests only. */
#ifndef LIFE_EYE_H
#define LIFE_EYE_H

#include "tests/support/life.h"

typedef struct life_eye {
    fake_ports fake;
    bkey_slab *slab;
    bkey_vault *vault;
    life *l;
    life_tenant *tenant;
    bkey_place place;
} life_eye;

life_eye *life_eye_open(life *l);
void life_eye_close(life_eye *e);
/* Aborts when it is not. */
void life_eye_need(bool fine);

#endif
