/* SPDX-License-Identifier: Apache-2.0
 *
 * See audit_gap.h. */
#include "usecase/audit_gap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state/heads.h"
#include "usecase/audit_view.h"
#include "usecase/vec.h"

#define DETAIL_SIZE 64u

typedef struct gap {
    bkey_gap_line line;
    char *organization_id; /* "" also for a chain of an organization that is not known */
} gap;

typedef struct collecting {
    bkey_vec gaps;
    bkey_err err;
} collecting;

static void take_finding(void *context, const bkey_audit_finding *finding)
{
    collecting *to = context;
    const char *organization = finding->organization_id != NULL ? finding->organization_id : "";
    if (finding->problem != NULL || finding->gap_first == 0)
        return;
    gap *kept = bkey_vec_add(&to->gaps);
    char *copy = malloc(strlen(organization) + 1);
    if (kept == NULL || copy == NULL) {
        free(copy);
        to->gaps.count -= kept != NULL;
        to->err = bkey_fail(BKEY_E_NOMEM);
        return;
    }
    memcpy(copy, organization, strlen(organization) + 1);
    kept->organization_id = copy;
    memcpy(kept->line.chain, finding->chain, sizeof kept->line.chain);
    kept->line.first = finding->gap_first;
    kept->line.last = finding->gap_last;
    kept->line.time_ms = finding->gap_ms;
}

static bkey_item make_activity(const gap *one, char *detail)
{
    bkey_item item;
    memset(&item, 0, sizeof item);
    (void)snprintf(detail, DETAIL_SIZE, "entries %llu to %llu acknowledged",
                   (unsigned long long)one->line.first, (unsigned long long)one->line.last);
    item.kind = BKEY_ITEM_ACTIVITY;
    item.action = BKEY_ACTION_UPDATED;
    item.organization_id = one->organization_id;
    item.external_id = "";
    item.title = "gap of the audit";
    item.detail = detail;
    return item;
}

static bkey_err write_entry(const bkey_audit_gap_request *request, gap *one)
{
    char detail[DETAIL_SIZE];
    const bkey_item activity = make_activity(one, detail);
    const bkey_place place = {.vault = request->log->vault,
                              .call = request->log->call,
                              .organization_id = one->organization_id};
    uint8_t prefix[BKEY_PREFIX_LEN];
    bkey_audit_entry entry;
    memset(&entry, 0, sizeof entry);
    bkey_audit_log_who(request->log, &entry);
    entry.organization_id = one->organization_id;
    entry.reason = request->reason;
    entry.ticket = request->ticket;
    entry.result = BKEY_AUDIT_ACKNOWLEDGED;
    entry.gap_first = one->line.first;
    entry.gap_last = one->line.last;
    bkey_vault_prefix(&place, BKEY_KIND_AUDIT, prefix);
    memcpy(one->line.entry_chain, prefix + 1, sizeof one->line.entry_chain);
    /* Behind the newest of its heads, whatever the clock says; and so is an earlier answer. */
    one->line.time_ms = entry.time_ms > one->line.time_ms ? entry.time_ms : one->line.time_ms + 1;
    const bkey_audit_write write = {&entry, &activity, NULL, &one->line.entry};
    return bkey_audit_log_write(request->log, &write);
}

static bkey_err acknowledge(const bkey_audit_gap_request *request, gap *one)
{
    const bkey_ports *ports = request->log->ports;
    char line[BKEY_HEADS_LINE_SIZE];
    bkey_err err = write_entry(request, one);
    if (bkey_is_ok(err))
        err = bkey_heads_sign_gap(request->log->vault, &one->line, line);
    return bkey_is_ok(err) ? ports->publish_head(ports->self, request->log->call, line) : err;
}

bkey_err bkey_audit_gap_acknowledge(const bkey_audit_gap_request *request, uint64_t *out_count)
{
    const bkey_audit_query query = {
        .ports = request->log->ports, .call = request->log->call, .vault = request->log->vault};
    collecting found = {.err = bkey_ok()};
    bkey_audit_heads_seen seen;
    if (request->reason[strspn(request->reason, " \t\r\n")] == '\0')
        return bkey_fail(BKEY_E_REASON_MISSING);
    bkey_vec_init(&found.gaps, sizeof(gap));
    bkey_err err = bkey_audit_view_check(&query, take_finding, &found, &seen);
    if (bkey_is_ok(err))
        err = found.err;
    gap *gaps = found.gaps.items;
    for (size_t i = 0; bkey_is_ok(err) && i < found.gaps.count; i++)
        err = acknowledge(request, &gaps[i]);
    if (bkey_is_ok(err))
        *out_count = found.gaps.count;
    for (size_t i = 0; i < found.gaps.count; i++)
        free(gaps[i].organization_id);
    bkey_vec_done(&found.gaps);
    return err;
}
