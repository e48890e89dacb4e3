/* SPDX-License-Identifier: Apache-2.0
 *
 * dph.hook.guard/1: the ABI's operation into the guard rules and their answer back. Calls no
 * service, takes no lock; what it cannot read it refuses. */
#include <string.h>

#include "domain/guard_rules.h"
#include "hooks/hook_error.h"
#include "hooks/hooks.h"
#include "plugin.h"

static bool is_same(const dph_str *a, const dph_str *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->ptr, b->ptr, a->len) == 0);
}

static bool is_link(const dph_str *field)
{
    static const dph_str link = {"link", 4};
    static const dph_str unlink = {"unlink", 6};
    return is_same(field, &link) || is_same(field, &unlink);
}

static bool changes_links_only(const dph_op *op)
{
    bool links = op->changed_count > 0 && op->changed_fields != NULL;
    for (uint64_t i = 0; links && i < op->changed_count; i++)
        links = is_link(&op->changed_fields[i]);
    return links;
}

/* The rules' own texts: ASCII that fits, a unit test sees to it. */
static void copy_text(const char *text, char *out, size_t cap)
{
    size_t len = strlen(text);
    len = len < cap ? len : cap - 1;
    memcpy(out, text, len);
    out[len] = '\0';
}

static dph_status answer(dph_verdict *verdict, const bkey_guard_rule *rule)
{
    if (rule->code == 0) {
        verdict->code = 0;
        verdict->decision = DPH_ALLOW;
        return DPH_OK;
    }
    verdict->decision = DPH_DENY;
    verdict->code = rule->code;
    copy_text(rule->reason_key, verdict->reason_key, sizeof verdict->reason_key);
    copy_text(rule->message, verdict->message, sizeof verdict->message);
    return DPH_OK;
}

static dph_status DPH_CALL check(dph_plugin *face, const dph_call *call, const dph_op *op,
                                 dph_verdict *verdict)
{
    (void)face;
    (void)call;
    if (verdict == NULL || !DPH_HAS(verdict, message) || op == NULL || !DPH_HAS(op, plugin_tag))
        return DPH_E_INVALID;
    const bkey_guard_op asked = {
        .kind = op->kind,
        .object = op->object_kind,
        .relation = op->relation,
        .other_organization = !is_same(&op->organization_id, &op->target_organization_id),
        .other_folder = !is_same(&op->folder_id, &op->target_folder_id),
        .links_only = changes_links_only(op),
        .tag = op->plugin_tag.ptr,
        .tag_len = op->plugin_tag.len,
    };
    return answer(verdict, bkey_guard_rules_check(&asked));
}

static dph_status DPH_CALL validate_name(dph_plugin *face, const dph_call *call, uint32_t kind,
                                         const dph_str *name, dph_verdict *verdict)
{
    (void)call;
    if (verdict == NULL || !DPH_HAS(verdict, message) || name == NULL)
        return DPH_E_INVALID;
    return answer(verdict, bkey_guard_rules_name(kind, name->len > 0 ? name->ptr : "", name->len,
                                                 bkey_plugin_reserved_name(bkey_plugin_of(face))));
}

const dph_hook_guard_v1 *bkey_hook_guard_table(void)
{
    static const dph_hook_guard_v1 table = {sizeof table, 0, check, validate_name};
    return &table;
}
