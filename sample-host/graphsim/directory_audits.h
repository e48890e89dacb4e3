/* SPDX-License-Identifier: Apache-2.0
 *
 * GET /auditLogs/directoryAudits. */
#ifndef SIM_DIRECTORY_AUDITS_H
#define SIM_DIRECTORY_AUDITS_H

#include "call.h"

/* Newest first. Tenants whose subscriptions hold no Entra ID P1 or P2 collect only since their log
 * was first asked for, and keep 7 days instead of 30. */
void sim_directory_audits_list(sim_call *call);

#endif
