/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands about the key file. */
#include "sample-host/src/activity.h"
#include "sample-host/src/commands.h"
#include "sample-host/src/key_backup.h"
#include "sample-host/src/key_check.h"
#include "sample-host/src/key_reseal.h"
#include "sample-host/src/key_restore.h"
#include "sample-host/src/key_rotate.h"

#include "support/iso8601.h"

#include <stdio.h>

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

/* Who took a copy of the root is worth an entry; it comes first. */
static bool log_key_backup(host *h, const host_request *request, const char *kind, host_error *err)
{
    host_call call;
    host_call_for_request(&call, h, request, "");
    host_activity entry = {
        .action = DPH_ACTIVITY_EXPORTED, .subject = host_str("key file"), .detail = host_str(kind)};
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
    return log_key_backup(h, request, "backup as shares", err) &&
           host_key_backup_split(h, &wanted, err);
}

int host_commands_key_backup(host *h, const host_request *request, host_reply *reply)
{
    host_error err = {0};
    const char *out = host_commands_text(request, "out");
    bool by_shares = host_commands_int(request, "shares", 0) != 0;
    bool ok = by_shares ? split_key(h, request, out, &err)
                        : log_key_backup(h, request, "backup under a passphrase", &err) &&
                              host_key_backup_write(h, out, request->secret, &err);
    if (!ok) {
        return host_commands_fail(reply, &err);
    }
    return host_commands_done(reply, json_pack("{s:s}", by_shares ? "folder" : "file", out), "");
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
