/* SPDX-License-Identifier: Apache-2.0
 *
 * See hook_action_state.h. No rule lives here but who may ask: administrators, the local one too,
 * and for what needs no person the host itself. */
#include "hooks/hook_action_state.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hooks/hook_text.h"
#include "usecase/audit_view.h"
#include "usecase/doctor.h"
#include "usecase/journal_merge.h"
#include "usecase/reveal.h"
#include "usecase/rewrap.h"

#define ID_SIZE 257u
#define NUMBER_SIZE 24u
#define KEY_SIZE 129u

static const dph_param *find_param(const dph_params *params, const char *name)
{
    size_t len = strlen(name);
    for (uint32_t i = 0; i < params->count; i++) {
        const dph_param *param = params->items[i];
        if (param != NULL && DPH_HAS(param, value) && param->name.len == len &&
            memcmp(param->name.ptr, name, len) == 0)
            return param;
    }
    return NULL;
}

/* "" when it was not given; false when it was and cannot be used. */
static bool read_text(const dph_params *params, const char *name, char *out, size_t cap)
{
    const dph_param *param = find_param(params, name);
    out[0] = '\0';
    if (param == NULL)
        return true;
    const dph_str text = {(const char *)param->value.ptr, param->value.len};
    return bkey_hook_text_copy(&text, out, cap);
}

static bool read_number(const dph_params *params, const char *name, uint64_t *out)
{
    char text[NUMBER_SIZE];
    char *end = NULL;
    if (!read_text(params, name, text, sizeof text))
        return false;
    *out = 0;
    if (text[0] == '\0')
        return true;
    *out = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

static bkey_err refuse_param(char detail[BKEY_CONNECT_DETAIL_SIZE], const char *name)
{
    (void)snprintf(detail, BKEY_CONNECT_DETAIL_SIZE, "The parameter \"%s\" cannot be used.", name);
    return bkey_fail(BKEY_E_PARAMETER);
}

static bool is_host(const bkey_call *call)
{
    return call->actor_kind == DPH_ACTOR_LOCAL || call->actor_kind == DPH_ACTOR_SCHEDULER;
}

static bkey_err check_administrator(const bkey_call *call)
{
    bool may = is_host(call) ||
               (call->actor_kind == DPH_ACTOR_USER && call->actor_role == DPH_ROLE_ADMINISTRATOR);
    return may ? bkey_ok() : bkey_fail(BKEY_E_ROLE);
}

bkey_err bkey_hook_action_audit_list(bkey_plugin *plugin, const bkey_call *call,
                                     const dph_params *params, sup_buffer *json,
                                     char detail[BKEY_CONNECT_DETAIL_SIZE])
{
    char organization[ID_SIZE];
    bkey_audit_query query = {.ports = &plugin->services.ports,
                              .call = call,
                              .vault = plugin->vault,
                              .organization_id = organization};
    uint64_t limit = 0;
    if (!read_text(params, "organization", organization, sizeof organization))
        return refuse_param(detail, "organization");
    if (!read_number(params, "before", &query.before))
        return refuse_param(detail, "before");
    if (!read_number(params, "limit", &limit) || limit > UINT32_MAX)
        return refuse_param(detail, "limit");
    query.limit = (uint32_t)limit;
    bkey_err err = check_administrator(call);
    return bkey_is_ok(err) ? bkey_audit_view_list(&query, json) : err;
}

bkey_err bkey_hook_action_audit_verify(bkey_plugin *plugin, const bkey_call *call,
                                       const dph_params *params, sup_buffer *json,
                                       char detail[BKEY_CONNECT_DETAIL_SIZE])
{
    const bkey_audit_query query = {
        .ports = &plugin->services.ports, .call = call, .vault = plugin->vault};
    bkey_err err = check_administrator(call);
    (void)params;
    (void)detail;
    if (!bkey_is_ok(err))
        return err;
    bkey_publisher_flush(plugin->publisher, call);
    return bkey_audit_view_verify(&query, json);
}

bkey_err bkey_hook_action_audit_merge(bkey_plugin *plugin, const bkey_call *call,
                                      const dph_params *params, sup_buffer *json,
                                      char detail[BKEY_CONNECT_DETAIL_SIZE])
{
    const bkey_audit_log log = {&plugin->services.ports, call, plugin->vault, plugin->publisher};
    const dph_param *journal = find_param(params, "journal");
    uint64_t merged = 0;
    if (journal == NULL)
        return refuse_param(detail, "journal");
    if (!is_host(call))
        return bkey_fail(BKEY_E_ROLE);
    const bkey_bytes bytes = {journal->value.ptr, journal->value.len};
    bkey_err err = bkey_journal_merge_run(&log, bytes, &merged);
    if (bkey_is_ok(err) && !sup_buffer_printf(json, "{\"merged\":%" PRIu64 "}", merged))
        err = bkey_fail(BKEY_E_NOMEM);
    return err;
}

bkey_err bkey_hook_action_doctor_state(bkey_plugin *plugin, const bkey_call *call,
                                       const dph_params *params, sup_buffer *json,
                                       char detail[BKEY_CONNECT_DETAIL_SIZE])
{
    const bkey_doctor_request request = {&plugin->services.ports, call, plugin->vault};
    bkey_err err = check_administrator(call);
    (void)params;
    (void)detail;
    if (!bkey_is_ok(err))
        return err;
    bkey_publisher_flush(plugin->publisher, call);
    return bkey_doctor_run(&request, json);
}

bkey_err bkey_hook_action_keyring_rotated(bkey_plugin *plugin, const bkey_call *call,
                                          const dph_params *params, sup_buffer *json,
                                          char detail[BKEY_CONNECT_DETAIL_SIZE])
{
    uint64_t generation = 0;
    bkey_rewrap_result result;
    if (!read_number(params, "generation", &generation) || generation == 0 ||
        generation > UINT32_MAX)
        return refuse_param(detail, "generation");
    if (!is_host(call))
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
    char why[NUMBER_SIZE];
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
                                         char detail[BKEY_CONNECT_DETAIL_SIZE])
{
    refused_texts texts;
    bkey_err err = bkey_ok();
    if (!read_text(params, "key", texts.key, sizeof texts.key) ||
        !read_text(params, "reason", texts.reason, sizeof texts.reason) ||
        !read_text(params, "ticket", texts.ticket, sizeof texts.ticket) ||
        !read_text(params, "why", texts.why, sizeof texts.why)) {
        sodium_memzero(&texts, sizeof texts);
        return refuse_param(detail, "key, reason, ticket or why");
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
