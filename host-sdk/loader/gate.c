/* SPDX-License-Identifier: Apache-2.0
 *
 * The decision of a veto. Must not know what is guarded nor why; it only makes sure that nothing
 * but a clear, timely yes counts as yes. */
#include "loader/gate.h"

#include "support/utf8.h"

#include <stdio.h>
#include <string.h>

static int is_over(const dphl_guard *guard, const dph_call *call)
{
    if (call->is_cancelled != NULL && call->is_cancelled(call) != 0)
        return 1;
    if (call->deadline_ns == 0)
        return 0;
    return guard->mono_ns == NULL || guard->mono_ns(guard->clock_context) >= call->deadline_ns;
}

static int32_t refuse(const dphl_guard *guard, uint32_t code, const char *reason_key,
                      const char *format, dph_verdict *out)
{
    char text[sizeof out->message * 2];
    const char *id = guard != NULL && guard->plugin_id != NULL ? guard->plugin_id : "(unnamed)";
    int len = snprintf(text, sizeof text, "Protection by the plugin %.64s %s", id, format);
    memset(out, 0, sizeof *out);
    out->struct_size = sizeof *out;
    out->decision = DPH_DENY;
    out->code = code;
    (void)snprintf(out->reason_key, sizeof out->reason_key, "%s", reason_key);
    (void)sup_utf8_clean(text, len < 0 ? 0 : strlen(text), out->message, sizeof out->message);
    return 0;
}

static int is_key_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

static void copy_reason_key(const char *from, char *to, size_t cap)
{
    size_t len = 0;
    while (is_key_character(from[len]))
        len++;
    if (from[len] != '\0' || len >= cap)
        return;
    memcpy(to, from, len + 1);
}

/* The guard said no in a valid way: its own words go to the person, made harmless. */
static int32_t relay_refusal(const dphl_guard *guard, const dph_verdict *answer, dph_verdict *out)
{
    if (answer->code == 0 || answer->message[0] == '\0')
        (void)refuse(guard, DPHL_GATE_NO_CODE, "gate.no_code", "refused this without a reason.",
                     out);
    else
        memset(out, 0, sizeof *out);
    out->struct_size = sizeof *out;
    out->decision = DPH_DENY;
    if (answer->code != 0) {
        out->code = answer->code;
        out->reason_key[0] = '\0';
    }
    if (answer->reason_key[0] != '\0')
        copy_reason_key(answer->reason_key, out->reason_key, sizeof out->reason_key);
    if (answer->message[0] != '\0')
        (void)sup_utf8_clean(answer->message, strlen(answer->message), out->message,
                             sizeof out->message);
    return 0;
}

static int32_t decide(const dphl_guard *guard, const dph_call *call, dph_status status,
                      dph_verdict *answer, dph_verdict *out)
{
    answer->message[sizeof answer->message - 1] = '\0';
    answer->reason_key[sizeof answer->reason_key - 1] = '\0';
    if (status != DPH_OK)
        return refuse(guard, DPHL_GATE_ERROR, "gate.error", "failed, so this is refused.", out);
    if (answer->decision == DPH_DENY)
        return relay_refusal(guard, answer, out);
    if (answer->decision != DPH_ALLOW)
        return refuse(guard, DPHL_GATE_NO_ANSWER, "gate.no_answer",
                      "gave no valid answer, so this is refused.", out);
    if (is_over(guard, call))
        return refuse(guard, DPHL_GATE_LATE, "gate.late",
                      "did not answer in time, so this is refused.", out);
    memset(out, 0, sizeof *out);
    out->struct_size = sizeof *out;
    out->decision = DPH_ALLOW;
    return 1;
}

static int32_t refuse_unavailable(const dphl_guard *guard, dph_verdict *out)
{
    return refuse(guard, DPHL_GATE_UNAVAILABLE, "gate.unavailable",
                  "is not available, so this is refused. An administrator can repair the plugin or "
                  "release its protection.",
                  out);
}

static void prepare(dph_verdict *answer)
{
    memset(answer, 0, sizeof *answer);
    answer->struct_size = sizeof *answer;
}

int32_t dphl_guard_check(const dphl_guard *guard, const dph_call *call, const dph_op *op,
                         dph_verdict *verdict)
{
    dph_verdict answer;
    if (guard == NULL || call == NULL || op == NULL || guard->plugin == NULL ||
        guard->hook == NULL || !DPH_HAS(guard->hook, check) || guard->hook->check == NULL)
        return refuse_unavailable(guard, verdict);
    prepare(&answer);
    dph_status status = guard->hook->check(guard->plugin, call, op, &answer);
    return decide(guard, call, status, &answer, verdict);
}

int32_t dphl_guard_validate_name(const dphl_guard *guard, const dph_call *call, uint32_t kind,
                                 const dph_str *name, dph_verdict *verdict)
{
    dph_verdict answer;
    if (guard == NULL || call == NULL || name == NULL || guard->plugin == NULL ||
        guard->hook == NULL || !DPH_HAS(guard->hook, validate_name) ||
        guard->hook->validate_name == NULL)
        return refuse_unavailable(guard, verdict);
    prepare(&answer);
    dph_status status = guard->hook->validate_name(guard->plugin, call, kind, name, &answer);
    return decide(guard, call, status, &answer, verdict);
}

int32_t dphl_guard_check_all(const dphl_guard *guards, size_t count, const dph_call *call,
                             const dph_op *op, dph_verdict *verdicts)
{
    int32_t allowed = count > 0;
    for (size_t i = 0; i < count; i++)
        allowed &= dphl_guard_check(&guards[i], call, op, &verdicts[i]);
    return allowed;
}
