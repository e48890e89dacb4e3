/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole numbers in decimal, read strictly. */
#ifndef SIM_NUMBER_H
#define SIM_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads exactly `len` digits (at least one) whose value is at most `most`. False, and *out
 * untouched, for anything else. */
bool sim_number_read(const char *text, size_t len, uint64_t most, uint64_t *out);

#endif
