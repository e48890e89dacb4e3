/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files host_ports*.c share. Nothing outside hooks/ includes it. */
#ifndef BKEY_HOST_PORTS_PARTS_H
#define BKEY_HOST_PORTS_PARTS_H

#include "hooks/host_ports.h"
#include "support/buffer.h"

/* An answer of a service as one of our reasons. NOT_FOUND becomes `not_found`. */
bkey_err bkey_host_ports_error(dph_status status, uint32_t not_found);
const dph_call *bkey_host_ports_call(const bkey_call *call);

/* Terminated copies of a row's texts, alive until the next row. */
#define BKEY_ROW_TEXTS 10u
typedef struct bkey_host_row {
    sup_buffer bytes;
    size_t offset[BKEY_ROW_TEXTS];
    size_t count;
} bkey_host_row;

void bkey_host_row_init(bkey_host_row *row);
void bkey_host_row_done(bkey_host_row *row);
/* Copies the texts of one row; NOMEM. A zero byte inside a text ends it. */
bkey_err bkey_host_row_fill(bkey_host_row *row, const dph_str *const *texts, size_t count);
const char *bkey_host_row_text(const bkey_host_row *row, size_t index);

/* Each fills the ports of one service. */
void bkey_host_ports_fill_store(bkey_ports *ports);
void bkey_host_ports_fill_rows(bkey_ports *ports);
/* Leaves the two ports NULL when the host has no such service. */
void bkey_host_ports_fill_audit(bkey_ports *ports);
/* False when the host's table for it is too short to be one. */
bool bkey_host_ports_fill_net(bkey_ports *ports);

#endif
