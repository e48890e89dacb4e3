/* SPDX-License-Identifier: Apache-2.0
 *
 * See audit_view.h: entries and verdicts as JSON. The walk over the chains is in audit_check.c. */
#include "usecase/audit_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "state/heads.h"
#include "support/hex.h"
#include "support/iso8601.h"

#define PAGE_MAX 100u
#define SENTENCE_SIZE 256u

static const char *name_of(const char *const *names, size_t count, uint32_t value)
{
    return value < count ? names[value] : "unknown";
}

static const char *source_name(uint32_t source)
{
    static const char *const names[] = {"unknown",      "ui",   "api",    "cli",
                                        "self-service", "tick", "plugin", "break-glass"};
    return name_of(names, sizeof names / sizeof names[0], source);
}

static void put_guid(bkey_json_builder *builder, bkey_json *row, const char *name,
                     const sup_guid *guid)
{
    char text[SUP_GUID_TEXT_LEN + 1] = "";
    if (!sup_guid_is_zero(guid))
        sup_guid_format(guid, text);
    bkey_json_put_text(builder, row, name, text);
}

static void describe_entry(bkey_json_builder *builder, bkey_json *row,
                           const bkey_audit_entry *entry)
{
    static const char *const results[] = {"unknown", "shown",        "refused",
                                          "failed",  "acknowledged", "imported"};
    static const char *const purposes[] = {"", "show", "copy", "print"};
    char at[SUP_ISO8601_TEXT_SIZE];
    sup_iso8601_format(entry->time_ms, at);
    bkey_json_put_text(builder, row, "at", at);
    bkey_json_put_text(builder, row, "actor", entry->actor);
    bkey_json_put_int(builder, row, "actor_kind", entry->actor_kind);
    bkey_json_put_int(builder, row, "actor_role", entry->actor_role);
    bkey_json_put_text(builder, row, "source", source_name(entry->source));
    bkey_json_put_text(builder, row, "address", entry->address);
    bkey_json_put_int(builder, row, "os_uid",
                      entry->os_uid == UINT32_MAX ? -1 : (int64_t)entry->os_uid);
    bkey_json_put_text(builder, row, "organization_id", entry->organization_id);
    bkey_json_put_text(builder, row, "device", entry->device_name);
    put_guid(builder, row, "device_id", &entry->device_id);
    put_guid(builder, row, "key_id", &entry->key_id);
    put_guid(builder, row, "tenant", &entry->tenant);
    bkey_json_put_text(builder, row, "purpose", name_of(purposes, 4, entry->purpose));
    bkey_json_put_text(builder, row, "result",
                       name_of(results, BKEY_AUDIT_RESULT_COUNT, (uint32_t)entry->result));
    bkey_json_put_text(builder, row, "error",
                       entry->error_reason == 0 ? ""
                                                : bkey_err_name(bkey_fail(entry->error_reason)));
    bkey_json_put_text(builder, row, "reason", entry->reason);
    bkey_json_put_text(builder, row, "ticket", entry->ticket);
    if (entry->gap_first > 0) {
        bkey_json_put_int(builder, row, "gap_first", (int64_t)entry->gap_first);
        bkey_json_put_int(builder, row, "gap_last", (int64_t)entry->gap_last);
    }
}

static bkey_err add_entry(bkey_json_builder *builder, bkey_json *entries, const bkey_place *place,
                          uint64_t seq)
{
    bkey_audit_entry entry;
    bkey_secret *plain = NULL;
    bkey_err err = bkey_audit_get(place, seq, &entry, &plain);
    if (!bkey_is_ok(err) && !bkey_is(err, BKEY_E_NO_STATE) &&
        bkey_err_category(err) != BKEY_CAT_CORRUPT)
        return err;
    bkey_json *row = bkey_json_add_object(builder, entries);
    bkey_json_put_int(builder, row, "seq", (int64_t)seq);
    if (bkey_is_ok(err)) {
        describe_entry(builder, row, &entry);
    } else {
        bkey_json_put_text(builder, row, "result",
                           bkey_is(err, BKEY_E_NO_STATE) ? "missing" : "unreadable");
        bkey_json_put_text(builder, row, "error", bkey_err_name(err));
    }
    bkey_secret_free(&plain);
    return bkey_ok();
}

bkey_err bkey_audit_view_list(const bkey_audit_query *query, sup_buffer *out_json)
{
    const bkey_place place = {
        .vault = query->vault, .call = query->call, .organization_id = query->organization_id};
    bkey_audit_head head;
    bkey_json_builder builder;
    bkey_err err = bkey_audit_head_get(&place, &head);
    if (!bkey_is_ok(err))
        return err;
    uint64_t seq = query->before > 0 && query->before <= head.seq ? query->before - 1 : head.seq;
    uint32_t left = query->limit > 0 && query->limit < PAGE_MAX ? query->limit : PAGE_MAX;
    bkey_json_builder_init(&builder);
    bkey_json *entries = bkey_json_put_array(&builder, builder.root, "entries");
    for (; bkey_is_ok(err) && seq > 0 && left > 0; seq--, left--)
        err = add_entry(&builder, entries, &place, seq);
    bkey_json_put_int(&builder, builder.root, "next", seq > 0 ? (int64_t)seq + 1 : 0);
    if (bkey_is_ok(err))
        err = bkey_json_builder_write(&builder, out_json);
    bkey_json_builder_done(&builder);
    return err;
}

void bkey_audit_view_sentence(const bkey_chain_problem *problem, char *out, size_t cap)
{
    static const char *const one[BKEY_CHAIN_KIND_COUNT] = {
        "was changed or replaced",
        "was removed",
        "stands in another entry's place",
        "is there twice",
        "was cut off: a published head confirms it",
        "is not there"};
    static const char *const many[BKEY_CHAIN_KIND_COUNT] = {
        "were changed or replaced",
        "were removed",
        "stand in other entries' places",
        "are there twice",
        "were cut off: a published head confirms them",
        "are not there"};
    char answer[64] = "";
    if (problem->kind == BKEY_CHAIN_ACKNOWLEDGED)
        (void)snprintf(answer, sizeof answer, " as published; entry %" PRIu64 " answers for it",
                       problem->entry);
    if (problem->first == problem->last)
        (void)snprintf(out, cap, "Entry %" PRIu64 " %s%s.", problem->first, one[problem->kind],
                       answer);
    else
        (void)snprintf(out, cap, "Entries %" PRIu64 " to %" PRIu64 " %s%s.", problem->first,
                       problem->last, many[problem->kind], answer);
}

typedef struct verdict {
    bkey_json_builder builder;
    bkey_json *chains;
    bkey_json *row; /* of the chain whose problems come; NULL before its first */
    bkey_json *problems;
    uint64_t told;
} verdict;

static void open_chain(verdict *v, const bkey_audit_finding *finding)
{
    char chain[BKEY_HEADS_CHAIN_LEN * 2 + 1];
    if (v->row != NULL)
        return;
    sup_hex_format(finding->chain, BKEY_HEADS_CHAIN_LEN, chain);
    v->row = bkey_json_add_object(&v->builder, v->chains);
    bkey_json_put_text(&v->builder, v->row, "chain", chain);
    bkey_json_put_text(&v->builder, v->row, "organization_id", finding->organization_id);
    v->problems = bkey_json_put_array(&v->builder, v->row, "problems");
}

static void take_finding(void *context, const bkey_audit_finding *finding)
{
    verdict *v = context;
    open_chain(v, finding);
    if (finding->problem != NULL) {
        char text[SENTENCE_SIZE];
        bkey_json *row = bkey_json_add_object(&v->builder, v->problems);
        bkey_audit_view_sentence(finding->problem, text, sizeof text);
        bkey_json_put_text(&v->builder, row, "kind", bkey_chain_kind_name(finding->problem->kind));
        bkey_json_put_int(&v->builder, row, "first", (int64_t)finding->problem->first);
        bkey_json_put_int(&v->builder, row, "last", (int64_t)finding->problem->last);
        bkey_json_put_text(&v->builder, row, "text", text);
        if (finding->problem->kind == BKEY_CHAIN_ACKNOWLEDGED)
            bkey_json_put_int(&v->builder, row, "entry", (int64_t)finding->problem->entry);
        else
            v->told++;
        return;
    }
    char at[SUP_ISO8601_TEXT_SIZE] = "";
    uint64_t entries = finding->entries;
    if (finding->published > 0)
        sup_iso8601_format(finding->published_ms, at);
    bkey_json_put_int(&v->builder, v->row, "entries", (int64_t)entries);
    bkey_json_put_int(&v->builder, v->row, "published", (int64_t)finding->published);
    bkey_json_put_text(&v->builder, v->row, "published_at", at);
    bkey_json_put_int(&v->builder, v->row, "unpublished",
                      entries > finding->published ? (int64_t)(entries - finding->published) : 0);
    v->row = NULL;
}

bkey_err bkey_audit_view_verify(const bkey_audit_query *query, sup_buffer *out_json)
{
    uint8_t public_key[BKEY_HEADS_KEY_LEN];
    char key_text[BKEY_HEADS_KEY_LEN * 2 + 1];
    bkey_audit_heads_seen seen = {0, 0};
    verdict v = {.told = 0};
    bkey_err err = bkey_heads_public(query->vault, public_key);
    if (!bkey_is_ok(err))
        return err;
    bkey_json_builder_init(&v.builder);
    v.chains = bkey_json_put_array(&v.builder, v.builder.root, "chains");
    err = bkey_audit_view_check(query, take_finding, &v, &seen);
    sup_hex_format(public_key, sizeof public_key, key_text);
    bkey_json_put_bool(&v.builder, v.builder.root, "ok", v.told == 0 && seen.foreign == 0);
    bkey_json_put_int(&v.builder, v.builder.root, "heads", (int64_t)seen.heads);
    bkey_json_put_int(&v.builder, v.builder.root, "foreign_heads", (int64_t)seen.foreign);
    bkey_json_put_text(&v.builder, v.builder.root, "verify_key", key_text);
    if (bkey_is_ok(err))
        err = bkey_json_builder_write(&v.builder, out_json);
    bkey_json_builder_done(&v.builder);
    return err;
}
