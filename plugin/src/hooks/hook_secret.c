/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.hook.secret/1: the ABI's request into reveal, and the shown bytes to the host's sink. No rule
 * lives here. */
#include <sodium.h>
#include <string.h>

#include "hooks/hook_error.h"
#include "hooks/hook_text.h"
#include "hooks/hooks.h"
#include "plugin.h"
#include "usecase/reveal.h"

#define EXTERNAL_ID_SIZE 129u

static bkey_err pass_secret(void *context, const uint8_t *secret, size_t len, bool malformed)
{
    const dph_secret_sink *sink = context;
    const dph_bytes bytes = {secret, len};
    dph_status status = sink->write(sink->context, &bytes, malformed ? DPH_SECRET_MALFORMED : 0);
    return status == DPH_OK ? bkey_ok() : bkey_fail(BKEY_E_CANCELLED);
}

typedef struct reveal_texts {
    char external_id[EXTERNAL_ID_SIZE];
    char reason[DPH_REASON_MAX + 1];
    char ticket[DPH_TICKET_MAX + 1];
} reveal_texts;

static bool copy_texts(const dph_reveal *request, reveal_texts *out)
{
    return bkey_hook_text_copy(&request->external_id, out->external_id, sizeof out->external_id) &&
           bkey_hook_text_copy(&request->reason, out->reason, sizeof out->reason) &&
           bkey_hook_text_copy(&request->ticket, out->ticket, sizeof out->ticket);
}

static dph_status DPH_CALL reveal(dph_plugin *face, const dph_call *call, const dph_reveal *request,
                                  const dph_secret_sink *sink, dph_error *err)
{
    bkey_plugin *plugin = bkey_plugin_of(face);
    bkey_host_call host_call;
    reveal_texts texts;
    dph_secret_sink copy;
    if (request == NULL || !DPH_HAS(request, ticket) || sink == NULL || !DPH_HAS(sink, write) ||
        request->purpose < DPH_PURPOSE_SHOW || request->purpose > DPH_PURPOSE_PRINT)
        return bkey_hook_error_fill(err, bkey_fail(BKEY_E_PARAMETER));
    if (!copy_texts(request, &texts)) {
        sodium_memzero(&texts, sizeof texts);
        return bkey_hook_error_text(err, DPH_E_INVALID, BKEY_E_PARAMETER,
                                    "The key, the reason or the ticket is too long or is not "
                                    "readable text.");
    }
    copy = *sink;
    bkey_host_call_init(&host_call, call);
    const bkey_reveal_request wanted = {
        .ports = &plugin->services.ports,
        .call = &host_call.call,
        .slab = plugin->slab,
        .vault = plugin->vault,
        .external_id = texts.external_id,
        .purpose = (bkey_purpose)request->purpose,
        .reason = texts.reason,
        .ticket = texts.ticket,
    };
    bkey_err result = bkey_reveal_run(&wanted, pass_secret, &copy);
    sodium_memzero(&texts, sizeof texts);
    return bkey_hook_error_say(err, result, bkey_call_said(&host_call.call, result));
}

const dph_hook_secret_v1 *bkey_hook_secret_table(void)
{
    static const dph_hook_secret_v1 table = {sizeof table, 0, reveal};
    return &table;
}
