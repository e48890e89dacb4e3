/* SPDX-License-Identifier: Apache-2.0
 *
 * Actions about stored state and its audit. No rule lives here but who may ask: administrators, the
 * local one too, and for what needs no person the host itself. */
#include "hooks/hook_action.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hooks/hook_params.h"
#include "usecase/audit_gap.h"
#include "usecase/audit_view.h"
#include "usecase/doctor.h"
#include "usecase/journal_merge.h"
#include "usecase/reveal.h"
#include "usecase/rewrap.h"

#define ID_SIZE 257u
#define WHY_SIZE 24u
#define KEY_SIZE 129u

bkey_err bkey_hook_action_audit_list(bkey_plugin *plugin, const bkey_call *call,
                                     const dph_params *params, sup_buffer *json,
                                     char detail[BKEY_HOOK_DETAIL_SIZE])
{
    char organization[ID_SIZE];
    bkey_audit_query query = {.ports = &plugin->services.ports,
                              .call = call,
                              .vault = plugin->vault,
                              .organization_id = organization};
    uint64_t limit = 0;
    if (!bkey_hook_params_text(params, "organization", organization, sizeof organization))
        return bkey_hook_params_refuse(detail, "organization");
    if (!bkey_hook_params_number(params, "before", &query.before))
        return bkey_hook_params_refuse(detail, "before");
    if (!bkey_hook_params_number(params, "limit", &limit) || limit > UINT32_MAX)
        return bkey_hook_params_refuse(detail, "limit");
    query.limit = (uint32_t)limit;
    bkey_err err = bkey_hook_params_administrator(call);
    return bkey_is_ok(err) ? bkey_audit_view_list(&query, json) : err;
}

/* Of administrators, without parameters; what waits is published before, so that it is seen. */
static bkey_err begin_survey(bkey_plugin *plugin, const bkey_call *call, const dph_params *params,
                             char detail[BKEY_HOOK_DETAIL_SIZE])
{
    bkey_err err = bkey_hook_params_administrator(call);
    if (bkey_is_ok(err))
        err = bkey_hook_params_none(params, detail);
    if (bkey_is_ok(err))
        bkey_publisher_flush(plugin->publisher, call);
    return err;
}

bkey_err bkey_hook_action_audit_verify(bkey_plugin *plugin, const bkey_call *call,
                                       const dph_params *params, sup_buffer *json,
                                       char detail[BKEY_HOOK_DETAIL_SIZE])
{
    const bkey_audit_query query = {
        .ports = &plugin->services.ports, .call = call, .vault = plugin->vault};
    bkey_err err = begin_survey(plugin, call, params, detail);
    return bkey_is_ok(err) ? bkey_audit_view_verify(&query, json) : err;
}

bkey_err bkey_hook_action_audit_acknowledge(bkey_plugin *plugin, const bkey_call *call,
                                            const dph_params *params, sup_buffer *json,
                                            char detail[BKEY_HOOK_DETAIL_SIZE])
{
    const bkey_audit_log log = {&plugin->services.ports, call, plugin->vault, plugin->publisher};
    char reason[DPH_REASON_MAX + 1];
    char ticket[DPH_TICKET_MAX + 1];
    const bkey_audit_gap_request request = {&log, reason, ticket};
    uint64_t count = 0;
    if (!bkey_hook_params_text(params, "reason", reason, sizeof reason) ||
        !bkey_hook_params_text(params, "ticket", ticket, sizeof ticket))
        return bkey_hook_params_refuse(detail, "reason or ticket");
    bkey_err err = bkey_hook_params_administrator(call);
    if (bkey_is_ok(err)) {
        bkey_publisher_flush(plugin->publisher, call);
        err = bkey_audit_gap_acknowledge(&request, &count);
        bkey_publisher_flush(plugin->publisher, call);
    }
    sodium_memzero(reason, sizeof reason);
    sodium_memzero(ticket, sizeof ticket);
    if (bkey_is_ok(err) && !sup_buffer_printf(json, "{\"acknowledged\":%" PRIu64 "}", count))
        err = bkey_fail(BKEY_E_NOMEM);
    return err;
}

bkey_err bkey_hook_action_audit_merge(bkey_plugin *plugin, const bkey_call *call,
                                      const dph_params *params, sup_buffer *json,
                                      char detail[BKEY_HOOK_DETAIL_SIZE])
{
    const bkey_audit_log log = {&plugin->services.ports, call, plugin->vault, plugin->publisher};
    const dph_param *journal = bkey_hook_params_find(params, "journal");
    uint64_t merged = 0;
    if (journal == NULL)
        return bkey_hook_params_refuse(detail, "journal");
    if (!bkey_hook_params_is_host(call))
        return bkey_fail(BKEY_E_ROLE);
    const bkey_bytes bytes = {journal->value.ptr, journal->value.len};
    bkey_err err = bkey_journal_merge_run(&log, bytes, &merged);
    if (bkey_is_ok(err) && !sup_buffer_printf(json, "{\"merged\":%" PRIu64 "}", merged))
        err = bkey_fail(BKEY_E_NOMEM);
    return err;
}

bkey_err bkey_hook_action_doctor_state(bkey_plugin *plugin, const bkey_call *call,
                                       const dph_params *params, sup_buffer *json,
                                       char detail[BKEY_HOOK_DETAIL_SIZE])
{
    const bkey_doctor_request request = {&plugin->services.ports, call, plugin->vault};
    bkey_err err = begin_survey(plugin, call, params, detail);
    return bkey_is_ok(err) ? bkey_doctor_run(&request, json) : err;
}

bkey_err bkey_hook_action_keyring_rotated(bkey_plugin *plugin, const bkey_call *call,
                                          const dph_params *params, sup_buffer *json,
                                          char detail[BKEY_HOOK_DETAIL_SIZE])
{
    uint64_t generation = 0;
    bkey_rewrap_result result;
    if (!bkey_hook_params_number(params, "generation", &generation) || generation == 0 ||
        generation > UINT32_MAX)
        return bkey_hook_params_refuse(detail, "generation");
    if (!bkey_hook_params_is_host(call))
        return bkey_fail(BKEY_E_ROLE);
    bkey_err err = bkey_rewrap_run(&plugin->services.ports, call, plugin->vault,
                                   (uint32_t)generation, &result);
    if (bkey_is_ok(err) &&
        !sup_buffer_printf(json,
                           "{\"rewrapped\":%" PRIu64 ",\"remaining\":%" PRIu64
                           ",\"unknown\":%" PRIu64 ",\"oldest_generation\":%" PRIu32 "}",
                           result.rewrapped, result.remaining, result.unknown,
                           result.oldest_generation))
        err = bkey_fail(BKEY_E_NOMEM);
    return err;
}

typedef struct refused_texts {
    char key[KEY_SIZE];
    char reason[DPH_REASON_MAX + 1];
    char ticket[DPH_TICKET_MAX + 1];
    char why[WHY_SIZE];
} refused_texts;

static uint32_t refusal_of(const char *why)
{
    return strcmp(why, "no-reason") == 0 ? BKEY_E_REASON_MISSING : BKEY_E_ROLE;
}

/* A refusal cannot show anything; should one ever come here, it is a defect. */
static bkey_err show_nothing(void *context, const uint8_t *secret, size_t len, bool malformed)
{
    (void)context;
    (void)secret;
    (void)len;
    (void)malformed;
    return bkey_fail(BKEY_E_BUG);
}

bkey_err bkey_hook_action_reveal_refused(bkey_plugin *plugin, const bkey_call *call,
                                         const dph_params *params, sup_buffer *json,
                                         char detail[BKEY_HOOK_DETAIL_SIZE])
{
    refused_texts texts;
    bkey_err err = bkey_ok();
    if (!bkey_hook_params_text(params, "key", texts.key, sizeof texts.key) ||
        !bkey_hook_params_text(params, "reason", texts.reason, sizeof texts.reason) ||
        !bkey_hook_params_text(params, "ticket", texts.ticket, sizeof texts.ticket) ||
        !bkey_hook_params_text(params, "why", texts.why, sizeof texts.why)) {
        sodium_memzero(&texts, sizeof texts);
        return bkey_hook_params_refuse(detail, "key, reason, ticket or why");
    }
    const bkey_reveal_request request = {.ports = &plugin->services.ports,
                                         .call = call,
                                         .slab = plugin->slab,
                                         .vault = plugin->vault,
                                         .external_id = texts.key,
                                         .purpose = BKEY_PURPOSE_SHOW,
                                         .reason = texts.reason,
                                         .ticket = texts.ticket,
                                         .publisher = plugin->publisher,
                                         .refusal = refusal_of(texts.why)};
    bkey_err refused = bkey_reveal_run(&request, show_nothing, NULL);
    sodium_memzero(&texts, sizeof texts);
    if (!sup_buffer_printf(json, "{\"result\":\"%s\"}", bkey_err_name(refused)))
        err = bkey_fail(BKEY_E_NOMEM);
    return err;
}
