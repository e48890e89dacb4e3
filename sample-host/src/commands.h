/* SPDX-License-Identifier: Apache-2.0
 *
 * For command.c and commands_*.c: reading arguments, filling replies, and every run function. */
#ifndef HOST_COMMANDS_H
#define HOST_COMMANDS_H

#include "sample-host/src/call.h"
#include "sample-host/src/mutate.h"

/* Text of an argument, or NULL. */
const char *host_commands_text(const host_request *request, const char *name);
/* The same, "" for NULL. */
const char *host_commands_text_or_empty(const host_request *request, const char *name);
bool host_commands_flag(const host_request *request, const char *name);
int64_t host_commands_int(const host_request *request, const char *name, int64_t fallback);
/* Ends a run function. */
int host_commands_done(host_reply *reply, json_t *body, const char *message);
int host_commands_fail(host_reply *reply, const host_error *err);
/* Body {"rows": rows, ...}; takes `rows`. */
json_t *host_commands_rows(json_t *rows);
/* Orders rows by a text column, equal ones as they stood. Without memory they stay as they are. */
void host_commands_sort(json_t *rows, const char *column);
/* Appends the statement's rows as objects; `names` are its columns, those that start with '#' are
 * numbers and with '?' booleans. Ends the statement. */
bool host_commands_list(host_conn *conn, sqlite3_stmt *stmt, const char *const *names, size_t count,
                        json_t *rows, host_error *err);
/* Clean text for output. */
json_t *host_commands_json(dph_str text);
/* Looks up an organization that the viewer sees, by id or name. out has HOST_OBJECT_ID_SIZE. */
bool host_commands_organization(host *h, const host_request *request, const char *wanted, char *out,
                                host_error *err);
/* The organization's name, or the id where it has none. */
json_t *host_commands_organization_name(host *h, const char *id);
/* Every refusal leaves its entry (S1.65); host_mutate writes its own. One that cannot be written
 * leaves a line in the log. */
/* For what concerns all organizations. Without access to every one of them: DENIED, logged. */
bool host_commands_needs_all(host *h, const host_request *request, const char *subject,
                             host_error *err);
void host_commands_log_refusal(host *h, const host_request *request, const char *subject,
                               const host_error *why);
/* Runs a mutation and answers with {"id": ...}. */
int host_commands_mutate(host *h, const host_request *request, const host_mutation *mutation,
                         host_reply *reply);
/* How --passphrase or --credential want a key file protected; neither = by its mode alone. */
bool host_commands_protection(const host_request *request, host_keyring_protection *out,
                              host_error *err);
/* Text arguments of those names that were given, as a fresh object; `names` ends with NULL. */
json_t *host_commands_fields(const host_request *request, const char *const *names);

typedef int host_commands_run(host *h, const host_request *request, host_reply *reply);
host_commands_run host_commands_activity_at_risk, host_commands_activity_export,
    host_commands_activity_list, host_commands_audit, host_commands_backup,
    host_commands_category_add, host_commands_category_delete, host_commands_category_edit,
    host_commands_category_list, host_commands_config_add, host_commands_config_delete,
    host_commands_config_edit, host_commands_config_list, host_commands_config_show,
    host_commands_connect, host_commands_contact_add, host_commands_contact_archive,
    host_commands_contact_delete, host_commands_contact_edit, host_commands_contact_list,
    host_commands_contact_unarchive, host_commands_device_safe_to_delete, host_commands_doctor,
    host_commands_export, host_commands_find, host_commands_folder_add, host_commands_folder_clean,
    host_commands_folder_delete, host_commands_folder_list, host_commands_folder_move,
    host_commands_folder_rename, host_commands_folder_secure, host_commands_folder_tree,
    host_commands_group_add, host_commands_group_delete, host_commands_group_list,
    host_commands_import, host_commands_import_keys, host_commands_init, host_commands_key_backup,
    host_commands_key_check, host_commands_key_protect, host_commands_key_restore,
    host_commands_key_rotate, host_commands_key_status, host_commands_match_create,
    host_commands_match_ignore, host_commands_match_list, host_commands_match_set,
    host_commands_match_undo, host_commands_name_check, host_commands_org_add,
    host_commands_org_delete, host_commands_org_edit, host_commands_org_list,
    host_commands_org_merge, host_commands_password_add, host_commands_password_archive,
    host_commands_password_bulk_delete, host_commands_password_bulk_edit,
    host_commands_password_bulk_move, host_commands_password_bulk_rotate,
    host_commands_password_copy, host_commands_password_delete, host_commands_password_edit,
    host_commands_password_link, host_commands_password_list, host_commands_password_merge,
    host_commands_password_move, host_commands_password_rotate,
    host_commands_password_rotation_list, host_commands_password_schedule,
    host_commands_password_show, host_commands_password_unarchive, host_commands_plugin_add,
    host_commands_plugin_info, host_commands_plugin_list, host_commands_plugin_release,
    host_commands_plugin_retry, host_commands_restore, host_commands_reveal,
    host_commands_settings_get, host_commands_settings_set, host_commands_signin_cancel,
    host_commands_signin_status, host_commands_partner_customers, host_commands_status,
    host_commands_sync, host_commands_sync_log, host_commands_sync_queue, host_commands_sync_status,
    host_commands_token_add, host_commands_token_delete, host_commands_token_list,
    host_commands_trash_list, host_commands_trash_purge, host_commands_trash_restore,
    host_commands_user_add, host_commands_user_delete, host_commands_user_edit,
    host_commands_user_list, host_commands_whoami;

#endif
