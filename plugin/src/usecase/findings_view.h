/* SPDX-License-Identifier: Apache-2.0
 *
 * Problems of connections in words: for a run's summary, for the doctor, and for whoever wants to
 * switch the sync on. Must not use the network. */
#ifndef BKEY_FINDINGS_VIEW_H
#define BKEY_FINDINGS_VIEW_H

#include "domain/preflight.h"
#include "state/vault.h"
#include "support/buffer.h"

/* All errors of the list: one in full, several as clauses of one sentence. Cut at cap. */
void bkey_findings_view_sentence(const bkey_preflight *list, char *out, size_t cap);
/* What Microsoft's refusal of a sign-in means, in one line. */
void bkey_findings_view_refusal(bkey_err err, uint32_t aadsts, char *out, size_t cap);

/* The sentence of a refused certificate or TLS version, with the host of `url` that it is about.
 * False for other errors, and when `url` names none; then nothing is written. */
bool bkey_findings_view_at(const char *url, bkey_err err, char *out, size_t cap);

typedef struct bkey_findings_query {
    const bkey_ports *ports;
    const bkey_call *call;
    bkey_vault *vault;
} bkey_findings_query;

/* [hook] What the last checks found: {"connections": [{"connection", "name", "checked_ms",
 * "problems": [{"code", "severity", "what", "hides", "who"}]}]}; one without a connection when
 * there is none (S1.9). checked_ms 0: never checked. */
BKEY_MUST_CHECK bkey_err bkey_findings_view_list(const bkey_findings_query *query,
                                                 sup_buffer *out_json);
/* [hook] May key sync be switched on? OK when there is no connection yet, or one whose last check
 * found nothing at Microsoft that keeps it from working. Else PERM_KEY_READ or the reason of the
 * first such problem, with the sentence for people in `out` (S1.10, S1.23). */
BKEY_MUST_CHECK bkey_err bkey_findings_view_may_switch_on(const bkey_findings_query *query,
                                                          char *out, size_t cap);

#endif
