/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands about the key file. */
#include "sample-host/src/activity.h"
#include "sample-host/src/base/os_file.h"
#include "sample-host/src/commands.h"
#include "sample-host/src/key_backup.h"
#include "sample-host/src/key_check.h"
#include "sample-host/src/key_reseal.h"
#include "sample-host/src/key_restore.h"
#include "sample-host/src/key_rotate.h"

#include "support/iso8601.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static json_t *describe_generations(host *h, const host_keyring_facts *facts, host_error *err)
{
    json_t *counts = NULL;
    json_t *list = json_array();
    if (!host_key_reseal_count(h, &counts, err)) {
        json_decref(list);
        return NULL;
    }
    for (uint32_t i = 0; i < facts->generation_count; i++) {
        char name[16];
        bool is_newest = i + 1 == facts->generation_count;
        (void)snprintf(name, sizeof name, "%u", facts->generations[i]);
        (void)json_array_append_new(
            list, json_pack("{s:i,s:s,s:I}", "generation", (int)facts->generations[i], "state",
                            is_newest ? "current" : "old", "passwords",
                            json_integer_value(json_object_get(counts, name))));
    }
    json_decref(counts);
    return list;
}

static json_t *describe_backup(const host_key_backup_note *note)
{
    char at[SUP_ISO8601_TEXT_SIZE] = "never";
    if (note->is_made) {
        sup_iso8601_format(note->at_ms, at);
    }
    return json_string(at);
}

int host_commands_key_status(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    host_keyring_facts facts;
    host_key_backup_note note = {.is_made = false};
    json_t *warnings = json_array();
    (void)request;
    host_keyring_describe(h->keyring, &facts);
    bool ok =
        host_key_backup_read_note(h->dir, &note, &err) && host_key_backup_warn(h, warnings, &err);
    json_t *generations = ok ? describe_generations(h, &facts, &err) : NULL;
    if (generations == NULL) {
        json_decref(warnings);
        return host_commands_fail(reply, &err);
    }
    bool is_unfinished = facts.generation_count > 1;
    json_t *body = json_pack("{s:s,s:s,s:i,s:I,s:o,s:s,s:b,s:o,s:o}", "file", facts.path, "source",
                             facts.source, "slots", (int)facts.slot_count, "changes",
                             (json_int_t)facts.counter, "newest_backup", describe_backup(&note),
                             "backup_kind", note.kind, "rotation_unfinished", is_unfinished ? 1 : 0,
                             "generations", generations, "warnings", warnings);
    return host_commands_done(reply, body,
                              is_unfinished ? "A rotation is not finished: run `key rotate`." : "");
}

int host_commands_key_rotate(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    host_key_rotate_result made;
    if (!host_key_rotate(h, request, &made, &err)) {
        return host_commands_fail(reply, &err);
    }
    json_t *body =
        json_pack("{s:i,s:b,s:I,s:I,s:i}", "generation", (int)made.generation, "resumed",
                  made.is_resumed ? 1 : 0, "passwords", (json_int_t)made.passwords, "plugin_rows",
                  (json_int_t)made.plugin_rows, "retired", (int)made.retired);
    if (made.kept_because[0] != '\0') {
        (void)host_error_set(&err, DPH_E_UNAVAILABLE, 0,
                             "The rotation is not finished and old generations stay: %s",
                             made.kept_because);
        reply->body = body;
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, body,
                              "Make a new `key backup`: the older ones do not hold this "
                              "generation.");
}

/* Who took a copy of the root, or changed what opens it, is worth an entry; it comes first. */
static bool log_key_file(host *h, const host_request *request, uint32_t action, const char *kind,
                         host_error *err)
{
    host_call call;
    host_call_for_request(&call, h, request, "");
    host_activity entry = {
        .action = action, .subject = host_str("key file"), .detail = host_str(kind)};
    return host_activity_add_alone(h, &call.abi, &entry, err);
}

static bool split_key(host *h, const host_request *request, const char *out, host_error *err)
{
    int64_t shares = host_commands_int(request, "shares", 0);
    int64_t threshold = host_commands_int(request, "threshold", 0);
    if (threshold < 2 || shares < threshold || shares > 255) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "--threshold is 2 to --shares, which is at most 255.");
    }
    const host_key_backup_shares wanted = {out, (uint8_t)shares, (uint8_t)threshold};
    return log_key_file(h, request, DPH_ACTIVITY_EXPORTED, "backup as shares", err) &&
           host_key_backup_split(h, &wanted, err);
}

int host_commands_key_backup(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    const char *out = host_commands_text(request, "out");
    bool by_shares = host_commands_int(request, "shares", 0) != 0;
    bool ok = by_shares ? split_key(h, request, out, &err)
                        : log_key_file(h, request, DPH_ACTIVITY_EXPORTED,
                                       "backup under a passphrase", &err) &&
                              host_key_backup_write(h, out, request->secret, &err);
    if (!ok) {
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, json_pack("{s:s}", by_shares ? "folder" : "file", out), "");
}

bool host_commands_protection(const host_request *request, host_keyring_protection *out,
                              host_error *err)
{
    bool by_passphrase = host_commands_flag(request, "passphrase");
    out->credential = host_commands_text(request, "credential");
    if (by_passphrase && out->credential != NULL) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "Give --passphrase or --credential, not both.");
    }
    if (by_passphrase) {
        out->kind = SUP_KEYRING_BY_PASSPHRASE;
        out->passphrase = request->secret;
    } else if (out->credential != NULL) {
        out->kind = SUP_KEYRING_BY_CREDENTIAL;
    }
    return true;
}

/* What lies readable in DIR would be in every copy of DIR. */
static bool check_place(host *h, const host_keyring_facts *facts, host_error *err)
{
    return host_file_lies_inside(facts->path, h->dir)
               ? host_error_set(err, DPH_E_DENIED, 0,
                                "The key file %s lies inside the data directory and may not be "
                                "readable there. Nothing was changed.",
                                facts->path)
               : true;
}

static const char *describe_protection(uint32_t kind)
{
    return kind == 0                           ? "protected by its mode alone"
           : kind == SUP_KEYRING_BY_PASSPHRASE ? "sealed under a passphrase"
                                               : "sealed under a credential";
}

static bool protect(host *h, const host_request *request, host_keyring_facts *facts,
                    host_error *err)
{
    host_keyring_protection wanted = {.kind = 0};
    host_keyring_seal *seal = NULL;
    const bool by_file = host_commands_flag(request, "file");
    if (!host_commands_protection(request, &wanted, err)) {
        return false;
    }
    if (by_file == (wanted.kind != 0)) {
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "Give one of --passphrase, --credential and --file.");
    }
    host_keyring_describe(h->keyring, facts);
    bool ok =
        (by_file ? check_place(h, facts, err) : host_keyring_seal_make(&wanted, &seal, err)) &&
        log_key_file(h, request, DPH_ACTIVITY_UPDATED, describe_protection(wanted.kind), err) &&
        host_keyring_protect(h->keyring, &seal, err);
    sodium_free(seal);
    return ok;
}

int host_commands_key_protect(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    host_keyring_facts facts = {.source = ""};
    if (!protect(h, request, &facts, &err)) {
        return host_commands_fail(reply, &err);
    }
    const bool was_plain = strcmp(facts.source, "key file") == 0;
    host_keyring_describe(h->keyring, &facts);
    json_t *body = json_pack("{s:s,s:s,s:I}", "file", facts.path, "source", facts.source, "changes",
                             (json_int_t)facts.counter);
    return host_commands_done(reply, body,
                              was_plain ? "What was readable may still lie on the disk or in "
                                          "copies of it: run `key rotate` now."
                                        : "");
}

#define SHARES_MAX 255

int host_commands_key_restore(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    const char *shares[SHARES_MAX];
    const json_t *given = json_object_get(request->args, "share");
    const char *out = host_commands_text(request, "out");
    host_key_restore_from from = {.file = host_commands_text(request, "from"),
                                  .passphrase = request->secret,
                                  .shares = shares};
    (void)h;
    for (; from.share_count < json_array_size(given) && from.share_count < SHARES_MAX;
         from.share_count++) {
        shares[from.share_count] = json_string_value(json_array_get(given, from.share_count));
    }
    if (!host_key_restore(&from, out, &err)) {
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, json_pack("{s:s}", "key_file", out), "");
}

int host_commands_key_check(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    json_t *body = NULL;
    json_t *warnings = json_array();
    if (!host_key_backup_warn(h, warnings, &err) || !host_key_check(h, request, &body, &err)) {
        json_decref(warnings);
        return host_commands_fail(reply, &err);
    }
    (void)json_object_set_new(body, "warnings", warnings);
    return host_commands_done(reply, body, "");
}
