/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.hook.sync/1: the ABI's unit and tick in the words of the use cases and back. No rule lives
 * here. */
#include <string.h>

#include "hooks/hook_error.h"
#include "hooks/hook_text.h"
#include "hooks/hooks.h"
#include "plugin.h"
#include "support/guid.h"
#include "support/utf8.h"
#include "usecase/sync_tick.h"
#include "usecase/units.h"

#define FLAGS (DPH_TICK_DRY_RUN | DPH_TICK_CHECK | DPH_TICK_JOBS | DPH_TICK_CUSTOMERS)

static bkey_err pass_unit(void *context, const bkey_unit *unit)
{
    const dph_unit_sink *sink = context;
    dph_unit_row row;
    memset(&row, 0, sizeof row);
    row.struct_size = sizeof row;
    row.unit_id.ptr = unit->tenant;
    row.unit_id.len = strlen(unit->tenant);
    row.name.ptr = unit->name;
    row.name.len = strlen(unit->name);
    return sink->add(sink->context, &row) == DPH_OK ? bkey_ok() : bkey_fail(BKEY_E_CANCELLED);
}

static dph_status DPH_CALL list_units(dph_plugin *face, const dph_call *call,
                                      const dph_unit_sink *sink, dph_error *err)
{
    bkey_plugin *plugin = bkey_plugin_of(face);
    bkey_host_call host_call;
    dph_unit_sink copy;
    if (sink == NULL || !DPH_HAS(sink, add))
        return bkey_hook_error_fill(err, bkey_fail(BKEY_E_PARAMETER));
    copy = *sink;
    bkey_host_call_init(&host_call, call);
    return bkey_hook_error_fill(err, bkey_units_list(&plugin->services.ports, &host_call.call,
                                                     plugin->vault, pass_unit, &copy));
}

static void fill_result(dph_tick_result *out, const bkey_tick_result *result)
{
    out->outcome = (uint32_t)result->outcome;
    out->next_due_ms = result->next_due_ms;
    out->created = result->created;
    out->updated = result->updated;
    out->archived = result->archived;
    out->unmatched = result->unmatched;
    out->failed = result->failed;
    out->key_reads = result->key_reads;
    out->store_changes = result->store_changes;
    (void)sup_utf8_clean(result->summary, strlen(result->summary), out->summary,
                         sizeof out->summary);
}

static void tell_progress(void *context, bkey_phase phase, uint64_t done, uint64_t total)
{
    const dph_progress_sink *sink = context;
    const dph_progress progress = {sizeof progress, (uint32_t)phase, done, total};
    sink->tell(sink->context, &progress);
}

static bool pass_plan(void *context, const bkey_preview_row *row)
{
    const dph_plan_sink *sink = context;
    const dph_plan_row out = {
        .struct_size = sizeof out,
        .action = (uint32_t)row->action,
        .organization_id = {row->organization_id, strlen(row->organization_id)},
        .device = {row->device, strlen(row->device)},
        .key_id = {row->key_id, strlen(row->key_id)}};
    return sink->add(sink->context, &out) == DPH_OK;
}

static bool pass_customer(void *context, const bkey_customer_row *row)
{
    const dph_customer_sink *sink = context;
    const dph_customer_row out = {
        .struct_size = sizeof out,
        .flags = row->is_connected ? DPH_CUSTOMER_CONNECTED : 0,
        .unit_id = {row->tenant, strlen(row->tenant)},
        .name = {row->name, strlen(row->name)},
        .organization_id = {row->organization_id, strlen(row->organization_id)}};
    return sink->add(sink->context, &out) == DPH_OK;
}

/* What a tick of a newer host may have beside the unit. */
static void take_sinks(const dph_tick *tick, bkey_tick *request)
{
    if (DPH_HAS(tick, progress) && tick->progress != NULL && DPH_HAS(tick->progress, tell) &&
        tick->progress->tell != NULL)
        request->progress = (bkey_progress_sink){tell_progress, (void *)(uintptr_t)tick->progress};
    if (DPH_HAS(tick, plan) && tick->plan != NULL && DPH_HAS(tick->plan, add) &&
        tick->plan->add != NULL)
        request->preview = (bkey_preview_sink){pass_plan, (void *)(uintptr_t)tick->plan};
    if ((tick->flags & DPH_TICK_CUSTOMERS) != 0 && DPH_HAS(tick, customers) &&
        tick->customers != NULL && DPH_HAS(tick->customers, add))
        request->customers =
            (bkey_customer_sink){pass_customer, (void *)(uintptr_t)tick->customers};
}

static dph_status DPH_CALL on_tick(dph_plugin *face, const dph_call *call, const dph_tick *tick,
                                   dph_tick_result *out, dph_error *err)
{
    bkey_plugin *plugin = bkey_plugin_of(face);
    bkey_host_call host_call;
    bkey_tick_result result;
    char unit[SUP_GUID_TEXT_LEN + 1];
    if (tick == NULL || !DPH_HAS(tick, unit_id) || out == NULL || !DPH_HAS(out, summary) ||
        (tick->flags & ~FLAGS) != 0)
        return bkey_hook_error_fill(err, bkey_fail(BKEY_E_PARAMETER));
    if (!bkey_hook_text_copy(&tick->unit_id, unit, sizeof unit))
        return bkey_hook_error_fill(err, bkey_fail(BKEY_E_NOT_CONNECTED));
    bkey_host_call_init(&host_call, call);
    bkey_tick request = {
        .ports = &plugin->services.ports,
        .call = &host_call.call,
        .slab = plugin->slab,
        .vault = plugin->vault,
        .busy = plugin->busy,
        .recall = plugin->recall,
        .tenant = unit,
        .dry_run = (tick->flags & DPH_TICK_DRY_RUN) != 0,
        .is_check = (tick->flags & DPH_TICK_CHECK) != 0,
        .jobs_only = (tick->flags & DPH_TICK_JOBS) != 0,
    };
    take_sinks(tick, &request);
    if ((tick->flags & DPH_TICK_CUSTOMERS) != 0 && request.customers.add == NULL)
        return bkey_hook_error_fill(err, bkey_fail(BKEY_E_PARAMETER));
    bkey_err failed = bkey_sync_tick_run(&request, &result);
    bkey_publisher_flush(plugin->publisher, &host_call.call);
    fill_result(out, &result);
    return bkey_hook_error_say(err, failed, bkey_call_said(&host_call.call, failed));
}

const dph_hook_sync_v1 *bkey_hook_sync_table(void)
{
    static const dph_hook_sync_v1 table = {sizeof table, 0, list_units, on_tick};
    return &table;
}
