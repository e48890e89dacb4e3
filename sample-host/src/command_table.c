/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of commands: names, options, columns. Sorted by name. */
#include "sample-host/src/commands.h"

#define REQUIRED_POSITIONAL (HOST_OPTION_REQUIRED | HOST_OPTION_POSITIONAL)
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define OPTIONS(list) (list), COUNT(list)
#define NO_OPTIONS NULL, 0

static const host_option org_required = {"org", HOST_OPTION_REQUIRED, "ORG",
                                         "organization, by id or name"};

#define ACTIVITY_FILTERS                                                                           \
    {"org", 0, "ORG", "only entries of that organization"},                                        \
        {"action", 0, "ACTION", "only that action: created, viewed, refused ..."},                 \
        {"user", 0, "USER", "only what that user did"},                                            \
        {"category", 0, "NAME", "only about passwords of that category"},                          \
        {"days", HOST_OPTION_INT, "N", "how far back (default 30)"},                               \
        {"since", 0, "TIME", "from that day or time on"},                                          \
        {"until", 0, "TIME", "before that day or time"},                                           \
    {                                                                                              \
        "all", HOST_OPTION_FLAG, NULL, "back to the beginning"                                     \
    }
static const host_option activity_list[] = {
    ACTIVITY_FILTERS,
    {"limit", HOST_OPTION_INT, "N", "at most N entries, newest first (default 1000)"},
};
static const host_option activity_export[] = {
    {"file", REQUIRED_POSITIONAL | HOST_OPTION_PATH, "FILE", "where to"},
    {"format", 0, "FORMAT", "csv (default) or json"},
    ACTIVITY_FILTERS,
};
static const host_option activity_at_risk[] = {{"user", 0, "USER", "only that user"}};
static const host_option backup[] = {
    {"out", HOST_OPTION_REQUIRED | HOST_OPTION_PATH, "FILE", "the copy; made, never overwritten"}};
static const host_option audit[] = {
    {"verify", HOST_OPTION_FLAG, NULL, "tell whether the chains are whole, and what is wrong"},
    {"acknowledge", HOST_OPTION_FLAG, NULL, "answer for entries that a restore left behind"},
    {"reason", 0, "TEXT", "why, for --acknowledge"},
    {"ticket", 0, "TEXT", "the ticket that it belongs to"},
    {"org", 0, "ORG", "only that organization"},
    {"since", 0, "TIME", "only from then on"},
    {"until", 0, "TIME", "only before then"},
    {"action", 0, "WORD", "only show, copy, print, shown, refused, failed, acknowledged, imported"},
    {"export", 0, "FORMAT", "write csv or json to a new file"},
    {"out", HOST_OPTION_PATH, "FILE", "the file of the export"},
};
static const host_option device[] = {
    {"device", REQUIRED_POSITIONAL, "NAME|ID", "its name, device id or object id"}};
static const host_option status[] = {
    {"org", 0, "ORG", "organization, by id or name"},
    {"unmatched", HOST_OPTION_FLAG, NULL, "devices that belong to no organization instead"}};
static const host_option doctor[] = {
    {"state", HOST_OPTION_FLAG, NULL, "open and compare everything that is stored"}};
static const host_option one_name[] = {{"name", REQUIRED_POSITIONAL, "NAME", "its name"}};
static const host_option category_edit[] = {
    {"category", REQUIRED_POSITIONAL, "CATEGORY", "category, by id or name"},
    {"name", HOST_OPTION_REQUIRED, "NAME", "new name"},
};
static const host_option category_delete[] = {
    {"category", REQUIRED_POSITIONAL, "CATEGORY", "category, by id or name"}};
static const host_option config_add[] = {
    {"org", HOST_OPTION_REQUIRED, "ORG", "organization, by id or name"},
    {"name", HOST_OPTION_REQUIRED, "NAME", "its name"},
    {"hostname", 0, "TEXT", "host name"},
    {"serial", 0, "TEXT", "serial number"},
    {"mac", 0, "TEXT", "MAC address"},
    {"manufacturer", 0, "TEXT", "manufacturer"},
    {"model", 0, "TEXT", "model"},
};
static const host_option config_edit[] = {
    {"config", REQUIRED_POSITIONAL, "CONFIG", "configuration, by id or name"},
    {"org", 0, "ORG", "organization, where names are not unique"},
    {"name", 0, "NAME", "new name"},
    {"hostname", 0, "TEXT", "host name"},
    {"serial", 0, "TEXT", "serial number"},
    {"mac", 0, "TEXT", "MAC address"},
    {"manufacturer", 0, "TEXT", "manufacturer"},
    {"model", 0, "TEXT", "model"},
};
static const host_option one_tenant[] = {{"tenant", REQUIRED_POSITIONAL, "TENANT", "tenant id"}};
static const host_option config_delete[] = {
    {"config", REQUIRED_POSITIONAL, "CONFIG", "configuration, by id or name"},
    {"org", 0, "ORG", "organization, where names are not unique"},
};
static const host_option contact_add[] = {
    {"org", HOST_OPTION_REQUIRED, "ORG", "organization, by id or name"},
    {"name", HOST_OPTION_REQUIRED, "NAME", "its name"},
    {"first", 0, "NAME", "first name"},
    {"last", 0, "NAME", "last name"},
    {"emails", 0, "LIST", "mail addresses, with spaces or commas between"},
};
static const host_option contact_edit[] = {
    {"contact", REQUIRED_POSITIONAL, "CONTACT", "contact, by id or name"},
    {"org", 0, "ORG", "organization, where names are not unique"},
    {"name", 0, "NAME", "new name"},
    {"first", 0, "NAME", "first name"},
    {"last", 0, "NAME", "last name"},
    {"emails", 0, "LIST", "mail addresses, with spaces or commas between"},
};
static const host_option one_contact[] = {
    {"contact", REQUIRED_POSITIONAL, "CONTACT", "contact, by id or name"},
    {"org", 0, "ORG", "organization, where names are not unique"},
};
static const host_option contact_list[] = {
    {"org", 0, "ORG", "organization, by id or name"},
    {"archived", HOST_OPTION_FLAG, NULL, "archived ones too"},
};
static const host_option org_optional[] = {{"org", 0, "ORG", "organization, by id or name"}};
static const host_option connect[] = {
    {"tenant", HOST_OPTION_POSITIONAL, "TENANT", "tenant id"},
    {"org", HOST_OPTION_REPEAT, "ORG", "organization it may write to, by id or name"},
    {"client-id", 0, "ID", "application (client) id"},
    {"login", 0, "URL", "sign-in origin (default: by cloud)"},
    {"graph", 0, "URL", "Graph origin (default: by cloud)"},
    {"cloud", 0, "NAME", "which Microsoft cloud"},
    {"grant", 0, "GRANT", "device, code, refresh, secret or cert"},
    {"app-secret", HOST_OPTION_FLAG, NULL,
     "the app's own secret or PEM comes on standard input (refresh: on a second line)"},
    {"redirect", 0, "URL", "code: the address that leads back (default: this server)"},
    {"partner", 0, "TENANT", "reach it by that partner's sign-in; itself: it is a partner"},
    {"customers", HOST_OPTION_PATH, "FILE", "connect all of a CSV of tenant and organization"},
};
static const host_option export_options[] = {
    {"org", HOST_OPTION_REQUIRED, "ORG", "organization, by id or name"},
    {"format", 0, "FORMAT", "csv (default) or json"},
};
static const host_option import_options[] = {
    {"file", HOST_OPTION_POSITIONAL, "FILE", "CSV or JSON, at most 1 MiB"},
    {"org", HOST_OPTION_REQUIRED, "ORG", "organization, by id or name"},
    {"dry-run", HOST_OPTION_FLAG, NULL, "check everything, write nothing"},
};
static const host_option import_keys[] = {
    {"file", HOST_OPTION_POSITIONAL, "FILE", "CSV as docs/import-keys.md says, at most 1 MiB"},
    {"org", HOST_OPTION_REQUIRED, "ORG", "organization of the computers, by id or name"},
    {"connection", 0, "C", "by tenant id, where several name the organization"},
    {"dry-run", HOST_OPTION_FLAG, NULL, "show what would be done, write nothing"},
    {"from-passwords", HOST_OPTION_FLAG | HOST_OPTION_SPARES_SECRET, NULL,
     "no file: the keys that the organization's own passwords hold"},
};
static const host_option find[] = {
    {"key", REQUIRED_POSITIONAL, "KEYID-PART", "at least 4 characters of a Key ID"}};
static const host_option folder_add[] = {
    {"name", REQUIRED_POSITIONAL, "NAME", "its name"},
    {"org", HOST_OPTION_REQUIRED, "ORG", "organization, by id or name"},
    {"parent", 0, "FOLDER", "folder that will contain it"},
};
static const host_option one_folder[] = {
    {"folder", REQUIRED_POSITIONAL, "FOLDER", "folder, by id or name"},
    {"org", 0, "ORG", "organization, where names are not unique"},
};
static const host_option folder_list[] = {
    {"org", HOST_OPTION_REQUIRED, "ORG", "organization, by id or name"},
    {"folder", 0, "FOLDER", "another folder than the synced one"},
    {"archived", HOST_OPTION_FLAG, NULL, "archived rows too"},
    {"search", 0, "TEXT", "rows whose name or Key ID contains it (3 characters or more)"},
    {"category", 0, "NAME", "only that category"},
    {"sort", 0, "BY", "name (default), key_id, created or updated"},
    {"limit", HOST_OPTION_INT, "N", "at most N rows (default: all)"},
    {"after", 0, "CURSOR", "go on where the last page ended"},
};
static const host_option folder_move[] = {
    {"folder", REQUIRED_POSITIONAL, "FOLDER", "folder, by id or name"},
    {"org", 0, "ORG", "organization, where names are not unique"},
    {"parent", 0, "FOLDER", "new parent (default: top level)"},
    {"to-org", 0, "ORG", "into another organization"},
};
static const host_option folder_rename[] = {
    {"folder", REQUIRED_POSITIONAL, "FOLDER", "folder, by id or name"},
    {"name", REQUIRED_POSITIONAL, "NAME", "new name"},
    {"org", 0, "ORG", "organization, where names are not unique"},
};
static const host_option folder_secure[] = {
    {"folder", REQUIRED_POSITIONAL, "FOLDER", "folder, by id or name"},
    {"org", 0, "ORG", "organization, where names are not unique"},
    {"user", HOST_OPTION_REPEAT, "USER", "who alone sees it, by id or name"},
    {"group", HOST_OPTION_REPEAT, "GROUP", "group whose users see it"},
    {"everyone", HOST_OPTION_FLAG, NULL, "all who may open the organization see it again"},
};
static const host_option init[] = {
    {"data", HOST_OPTION_REQUIRED, "DIR", "data directory to make"},
    {"key-file", 0, "FILE", "root key file (default DIR.key)"},
    {"plugin", 0, "FILE", "plugin library to pin"},
    {"passphrase", HOST_OPTION_FLAG | HOST_OPTION_ASKS_SECRET, NULL,
     "seal the key file under a passphrase, one line on standard input"},
    {"credential", 0, "NAME", "seal the key file under a credential of the service manager"},
};
static const host_option key_backup[] = {
    {"out", HOST_OPTION_REQUIRED | HOST_OPTION_PATH, "FILE",
     "the backup; with --shares a folder; made, never overwritten"},
    {"shares", HOST_OPTION_INT | HOST_OPTION_SPARES_SECRET, "N",
     "seal it under a key of which N people get a share, instead of a passphrase"},
    {"threshold", HOST_OPTION_INT, "K", "how many of the shares open it"},
};
static const host_option key_protect[] = {
    {"passphrase", HOST_OPTION_FLAG | HOST_OPTION_ASKS_SECRET, NULL,
     "seal it under a new passphrase, one line on standard input"},
    {"credential", 0, "NAME", "seal it under a credential of the service manager"},
    {"file", HOST_OPTION_FLAG, NULL, "readable by its owner, without a seal"},
};
static const host_option key_restore[] = {
    {"from", HOST_OPTION_REQUIRED | HOST_OPTION_PATH, "FILE",
     "a backup, or keyring.sealed of a set of shares"},
    {"share", HOST_OPTION_REPEAT | HOST_OPTION_PATH | HOST_OPTION_SPARES_SECRET, "FILE",
     "text of a share"},
    {"out", HOST_OPTION_REQUIRED | HOST_OPTION_PATH, "FILE", "the key file to make"},
};
#define MATCH_DEVICE                                                                               \
    {"device", REQUIRED_POSITIONAL, "DEVICE", "device id, or a name that one device has"},         \
    {                                                                                              \
        "connection", 0, "C", "only devices of that connection, by tenant id"                      \
    }
static const host_option match_list[] = {
    {"org", 0, "ORG", "only what is or could be there"},
    {"connection", 0, "C", "only that connection, by tenant id"},
    {"state", 0, "STATE", "matched, suggested, unmatched, quarantined or ignored"},
};
static const host_option match_set[] = {
    MATCH_DEVICE,
    {"config", HOST_OPTION_REQUIRED, "CONFIG", "configuration, by id or name"},
};
static const host_option match_create[] = {
    MATCH_DEVICE,
    {"org", HOST_OPTION_REQUIRED, "ORG", "organization, by id or name"},
};
static const host_option match_device[] = {MATCH_DEVICE};
static const host_option name_check[] = {
    {"name", REQUIRED_POSITIONAL, "NAME", "the name, or - for standard input"},
    {"kind", HOST_OPTION_REQUIRED, "KIND", "category or folder"},
};
static const host_option org_edit[] = {
    {"org", REQUIRED_POSITIONAL, "ORG", "organization, by id or name"},
    {"name", HOST_OPTION_REQUIRED, "NAME", "new name"},
};
static const host_option org_delete[] = {
    {"org", REQUIRED_POSITIONAL, "ORG", "organization, by id or name"}};
static const host_option org_merge[] = {
    {"org", REQUIRED_POSITIONAL, "FROM", "organization that goes, by id or name"},
    {"into", REQUIRED_POSITIONAL, "INTO", "organization that stays, by id or name"},
};
static const host_option one_deleted[] = {
    {"record", REQUIRED_POSITIONAL, "RECORD", "id of the deleted password"}};
static const host_option password_add[] = {
    {"name", REQUIRED_POSITIONAL, "NAME", "its name"},
    {"org", HOST_OPTION_REQUIRED, "ORG", "organization, by id or name"},
    {"folder", 0, "FOLDER", "folder, by id or name"},
    {"category", 0, "NAME", "category"},
    {"username", 0, "TEXT", "user name"},
    {"url", 0, "URL", "address"},
    {"notes", 0, "TEXT", "notes"},
    {"configuration", 0, "CONFIG", "linked configuration"},
};
static const host_option one_password[] = {
    {"record", REQUIRED_POSITIONAL, "RECORD", "record id or full Key ID"}};
static const host_option password_edit[] = {
    {"record", REQUIRED_POSITIONAL, "RECORD", "record id or full Key ID"},
    {"name", 0, "NAME", "new name"},
    {"category", 0, "NAME", "category"},
    {"username", 0, "TEXT", "user name"},
    {"url", 0, "URL", "address"},
    {"notes", 0, "TEXT", "notes"},
    {"configuration", 0, "CONFIG", "linked configuration"},
};
static const host_option password_list[] = {
    {"org", HOST_OPTION_REQUIRED, "ORG", "organization, by id or name"},
    {"folder", 0, "FOLDER", "only that folder"},
    {"category", 0, "NAME", "only that category"},
    {"archived", HOST_OPTION_FLAG, NULL, "archived ones too"},
};
static const host_option password_move[] = {
    {"record", REQUIRED_POSITIONAL, "RECORD", "record id or full Key ID"},
    {"folder", 0, "FOLDER", "new folder (default: top level)"},
    {"to-org", 0, "ORG", "into another organization"},
};
static const host_option plugin_add[] = {
    {"file", REQUIRED_POSITIONAL, "FILE", "plugin library; its manifest lies beside it"}};
#define RECORDS                                                                                    \
    "record", REQUIRED_POSITIONAL | HOST_OPTION_REPEAT, "RECORD", "record ids or Key IDs"
static const host_option records[] = {{RECORDS}};
static const host_option bulk_edit[] = {
    {RECORDS},
    {"name", 0, "NAME", "new name"},
    {"category", 0, "NAME", "category"},
    {"username", 0, "TEXT", "user name"},
    {"url", 0, "URL", "address"},
    {"notes", 0, "TEXT", "notes"},
};
static const host_option bulk_move[] = {
    {RECORDS},
    {"folder", 0, "FOLDER", "new folder (default: top level)"},
    {"to-org", 0, "ORG", "into another organization"},
};
static const host_option password_link[] = {
    {"record", REQUIRED_POSITIONAL, "RECORD", "record id or full Key ID"},
    {"to", HOST_OPTION_REQUIRED, "RECORD", "the other record"},
    {"remove", HOST_OPTION_FLAG, NULL, "take the link away"},
};
static const host_option password_merge[] = {
    {"record", REQUIRED_POSITIONAL, "RECORD", "record that goes"},
    {"into", HOST_OPTION_REQUIRED, "RECORD", "record that stays"},
};
static const host_option password_schedule[] = {
    {"record", REQUIRED_POSITIONAL, "RECORD", "record id or full Key ID"},
    {"days", HOST_OPTION_REQUIRED | HOST_OPTION_INT, "N", "every 1 to 365 days; 0 for never"},
};
static const host_option plugin_release[] = {
    {"plugin", REQUIRED_POSITIONAL, "ID", "plugin that is gone"},
    {"reason", HOST_OPTION_REQUIRED, "TEXT", "why; it stands in the activity log"},
};
static const host_option plugin_info[] = {
    {"plugin", HOST_OPTION_POSITIONAL, "ID", "plugin (default: the first)"}};
static const host_option restore[] = {
    {"file", REQUIRED_POSITIONAL | HOST_OPTION_PATH, "FILE", "a copy that `backup` made"}};
static const host_option plugin_retry[] = {
    {"plugin", REQUIRED_POSITIONAL, "ID", "plugin that is quarantined"}};
static const host_option reveal[] = {
    {"key", REQUIRED_POSITIONAL, "KEY", "full Key ID, or record id"},
    {"reason", HOST_OPTION_REQUIRED, "TEXT", "why; kept sealed in the audit"},
    {"ticket", 0, "TEXT", "ticket number"},
};
static const host_option settings_get[] = {
    {"key", HOST_OPTION_POSITIONAL, "KEY", "one setting (default: all)"}};
static const host_option settings_set[] = {
    {"key", REQUIRED_POSITIONAL, "KEY", "setting, or entitlement.FEATURE"},
    {"value", REQUIRED_POSITIONAL, "VALUE", "new value"},
};
static const host_option sync_options[] = {
    {"connection", 0, "C", "only that connection, by tenant id or name"},
    {"dry-run", HOST_OPTION_FLAG, NULL, "plan and count, write nothing, read no secret"},
};
static const host_option sync_log[] = {
    {"connection", 0, "C", "only that connection, by tenant id or name"},
    {"limit", HOST_OPTION_INT, "N", "at most N entries, newest first (default 100)"},
};
static const host_option sync_queue[] = {
    {"connection", REQUIRED_POSITIONAL, "C", "connection, by tenant id or name"}};

static const host_option one_partner[] = {
    {"partner", REQUIRED_POSITIONAL, "PARTNER", "the partner's own tenant, by id"}};
static const host_option config_show[] = {
    {"config", REQUIRED_POSITIONAL, "CONFIG", "configuration, by id or name"}};
static const host_option group_add[] = {
    {"name", REQUIRED_POSITIONAL, "NAME", "its name"},
    {"denies", 0, "TYPE", "passwords: its users have none"},
};
static const host_option token_delete[] = {
    {"token", REQUIRED_POSITIONAL, "TOKEN", "id of the token"}};
static const host_option user_add[] = {
    {"name", REQUIRED_POSITIONAL, "NAME", "its name"},
    {"role", HOST_OPTION_REQUIRED, "ROLE",
     "administrator, manager, editor, creator, read-only or lite"},
    {"org", HOST_OPTION_REPEAT, "ORG", "organization that it may open, by id or name"},
    {"all-orgs", HOST_OPTION_FLAG, NULL, "every organization, also later ones"},
    {"group", HOST_OPTION_REPEAT, "GROUP", "group that it is in"},
};
static const host_option user_edit[] = {
    {"user", REQUIRED_POSITIONAL, "USER", "user, by id or name"},
    {"name", 0, "NAME", "new name"},
    {"role", 0, "ROLE", "new role"},
    {"org", HOST_OPTION_REPEAT, "ORG", "the organizations from now on; \"\" for none"},
    {"all-orgs", HOST_OPTION_FLAG, NULL, "every organization, also later ones"},
    {"group", HOST_OPTION_REPEAT, "GROUP", "the groups from now on; \"\" for none"},
};
static const host_option one_user[] = {
    {"user", REQUIRED_POSITIONAL, "USER", "user, by id or name"}};

#define WRITES HOST_COMMAND_WRITES
#define LIST HOST_COMMAND_LIST

static const host_command table[] = {
    {"activity at-risk", "Report who was shown secrets that are still in use",
     OPTIONS(activity_at_risk), LIST,
     "user organization name category shown copied created updated imported exported at_risk",
     host_commands_activity_at_risk},
    {"activity export", "Write the activity log to a file", OPTIONS(activity_export), WRITES, "",
     host_commands_activity_export},
    {"activity list", "Show the activity log", OPTIONS(activity_list), LIST,
     "at actor action organization subject detail", host_commands_activity_list},
    {"audit", "Show or verify the audit", OPTIONS(audit), LIST,
     "at organization actor source device key_id result reason verdict entries text",
     host_commands_audit},
    {"backup", "Copy the store while it is in use", OPTIONS(backup), 0, "", host_commands_backup},
    {"category add", "Add a category", OPTIONS(one_name), WRITES, "", host_commands_category_add},
    {"category delete", "Delete a category", OPTIONS(category_delete), WRITES, "",
     host_commands_category_delete},
    {"category edit", "Rename a category", OPTIONS(category_edit), WRITES, "",
     host_commands_category_edit},
    {"category list", "List categories", NO_OPTIONS, LIST, "id name guarded_by",
     host_commands_category_list},
    {"config add", "Add a configuration", OPTIONS(config_add), WRITES, "",
     host_commands_config_add},
    {"config delete", "Delete a configuration", OPTIONS(config_delete), WRITES, "",
     host_commands_config_delete},
    {"config edit", "Change a configuration", OPTIONS(config_edit), WRITES, "",
     host_commands_config_edit},
    {"config list", "List configurations", OPTIONS(org_optional), LIST,
     "id organization name hostname serial", host_commands_config_list},
    {"config show", "Show a configuration and its passwords", OPTIONS(config_show), 0, "",
     host_commands_config_show},
    {"connect", "Connect a Microsoft tenant; the token or secret comes on standard input",
     OPTIONS(connect), WRITES | HOST_COMMAND_SECRET_BY_GRANT, "", host_commands_connect},
    {"contact add", "Add a contact", OPTIONS(contact_add), WRITES, "", host_commands_contact_add},
    {"contact archive", "Archive a contact", OPTIONS(one_contact), WRITES, "",
     host_commands_contact_archive},
    {"contact delete", "Delete a contact", OPTIONS(one_contact), WRITES, "",
     host_commands_contact_delete},
    {"contact edit", "Change a contact", OPTIONS(contact_edit), WRITES, "",
     host_commands_contact_edit},
    {"contact list", "List contacts", OPTIONS(contact_list), LIST,
     "id organization name emails linked_by archived", host_commands_contact_list},
    {"contact unarchive", "Take a contact out of the archive", OPTIONS(one_contact), WRITES, "",
     host_commands_contact_unarchive},
    {"device safe-to-delete", "Is every key of a device held, so that it may be deleted?",
     OPTIONS(device), LIST, "device device_id organization safe reasons",
     host_commands_device_safe_to_delete},
    {"doctor", "Look for problems of this host and its connections, at Microsoft too",
     OPTIONS(doctor), LIST, "", host_commands_doctor},
    {"export", "Export an organization's records, without secrets", OPTIONS(export_options),
     HOST_COMMAND_PRINTS_TEXT, "", host_commands_export},
    {"find", "Find a recovery key by a part of its Key ID", OPTIONS(find), LIST,
     "key_id device organization state", host_commands_find},
    {"folder add", "Add a folder", OPTIONS(folder_add), WRITES, "", host_commands_folder_add},
    {"folder clean", "Delete the empty folders of an organization", &org_required, 1, WRITES | LIST,
     "record outcome code message", host_commands_folder_clean},
    {"folder delete", "Delete an empty folder", OPTIONS(one_folder), WRITES, "",
     host_commands_folder_delete},
    {"folder list", "List the synced keys of an organization", OPTIONS(folder_list), LIST,
     "organization device key_id volume state configuration archived", host_commands_folder_list},
    {"folder move", "Move a folder", OPTIONS(folder_move), WRITES, "", host_commands_folder_move},
    {"folder rename", "Rename a folder", OPTIONS(folder_rename), WRITES, "",
     host_commands_folder_rename},
    {"folder secure", "Say who alone sees a folder and what is below it", OPTIONS(folder_secure),
     WRITES, "", host_commands_folder_secure},
    {"folder tree", "List the folders of an organization", &org_required, 1, LIST,
     "id parent_id name guarded_by seen_by", host_commands_folder_tree},
    {"group add", "Add a group of users", OPTIONS(group_add), WRITES, "", host_commands_group_add},
    {"group delete", "Delete a group without users", OPTIONS(one_name), WRITES, "",
     host_commands_group_delete},
    {"group list", "List groups", NO_OPTIONS, LIST, "name denies users", host_commands_group_list},
    {"import", "Import passwords and configurations, all or nothing", OPTIONS(import_options),
     WRITES | HOST_COMMAND_READS_SECRET | HOST_COMMAND_READS_FILE, "", host_commands_import},
    {"import-keys", "Take over recovery passwords of a file, or of an organization's own passwords",
     OPTIONS(import_keys), WRITES | HOST_COMMAND_READS_SECRET | HOST_COMMAND_READS_FILE, "",
     host_commands_import_keys},
    {"init", "Make a data directory", OPTIONS(init),
     HOST_COMMAND_NO_DATA | HOST_COMMAND_OFFLINE_ONLY, "", host_commands_init},
    {"key backup", "Copy the key file, sealed under a passphrase or as shares", OPTIONS(key_backup),
     HOST_COMMAND_READS_SECRET, "", host_commands_key_backup},
    {"key check", "Check that the key file opens what is stored", NO_OPTIONS, 0, "",
     host_commands_key_check},
    {"key protect", "Seal the key file under something else", OPTIONS(key_protect), WRITES, "",
     host_commands_key_protect},
    {"key restore", "Make a key file from a backup", OPTIONS(key_restore),
     HOST_COMMAND_NO_DATA | HOST_COMMAND_OFFLINE_ONLY | HOST_COMMAND_READS_SECRET, "",
     host_commands_key_restore},
    {"key rotate", "Make a new generation of the root and move everything to it", NO_OPTIONS,
     WRITES | HOST_COMMAND_WAITS, "", host_commands_key_rotate},
    {"key status", "Show the key file's generations, slots and backups", NO_OPTIONS, 0, "",
     host_commands_key_status},
    {"match create", "Create the configuration of a device and match it", OPTIONS(match_create),
     WRITES, "", host_commands_match_create},
    {"match ignore", "Keep the keys of a device in nobody's folder", OPTIONS(match_device), WRITES,
     "", host_commands_match_ignore},
    {"match list", "List devices with their matches, and why", OPTIONS(match_list), LIST,
     "device device_id state organization configuration keys why", host_commands_match_list},
    {"match set", "Match a device to a configuration", OPTIONS(match_set), WRITES, "",
     host_commands_match_set},
    {"match undo", "Take back a match; a second time, let evidence decide again",
     OPTIONS(match_device), WRITES, "", host_commands_match_undo},
    {"name check", "Tell whether a category or folder may have a name", OPTIONS(name_check),
     HOST_COMMAND_NO_DATA, "", host_commands_name_check},
    {"org add", "Add an organization", OPTIONS(one_name), WRITES, "", host_commands_org_add},
    {"org delete", "Delete an empty organization", OPTIONS(org_delete), WRITES, "",
     host_commands_org_delete},
    {"org edit", "Rename an organization", OPTIONS(org_edit), WRITES, "", host_commands_org_edit},
    {"org list", "List organizations", NO_OPTIONS, LIST, "id name", host_commands_org_list},
    {"org merge", "Merge an organization into another one", OPTIONS(org_merge), WRITES, "",
     host_commands_org_merge},
    {"partner customers", "List whom a partner's sign-in could reach, as Microsoft tells it",
     OPTIONS(one_partner), LIST, "tenant name organization connected",
     host_commands_partner_customers},
    {"password add", "Add a password; its secret may come on standard input", OPTIONS(password_add),
     WRITES | HOST_COMMAND_MAY_READ_SECRET, "", host_commands_password_add},
    {"password archive", "Archive a password", OPTIONS(one_password), WRITES, "",
     host_commands_password_archive},
    {"password bulk-delete", "Move passwords to the trash", OPTIONS(records), WRITES | LIST,
     "record outcome code message", host_commands_password_bulk_delete},
    {"password bulk-edit", "Change passwords", OPTIONS(bulk_edit), WRITES | LIST,
     "record outcome code message", host_commands_password_bulk_edit},
    {"password bulk-move", "Move passwords", OPTIONS(bulk_move), WRITES | LIST,
     "record outcome code message", host_commands_password_bulk_move},
    {"password bulk-rotate", "Give passwords new secrets", OPTIONS(records), WRITES | LIST,
     "record outcome code message", host_commands_password_bulk_rotate},
    {"password copy", "Copy a password", OPTIONS(password_move), WRITES, "",
     host_commands_password_copy},
    {"password delete", "Move a password to the trash", OPTIONS(one_password), WRITES, "",
     host_commands_password_delete},
    {"password edit", "Change a password; a new secret may come on standard input",
     OPTIONS(password_edit), WRITES | HOST_COMMAND_MAY_READ_SECRET, "",
     host_commands_password_edit},
    {"password link", "Link a password to another one", OPTIONS(password_link), WRITES, "",
     host_commands_password_link},
    {"password list", "List passwords", OPTIONS(password_list), LIST,
     "id name username category folder_id archived", host_commands_password_list},
    {"password merge", "Merge a password into another one", OPTIONS(password_merge), WRITES, "",
     host_commands_password_merge},
    {"password move", "Move a password", OPTIONS(password_move), WRITES, "",
     host_commands_password_move},
    {"password rotate", "Give a password a new secret, from standard input or made up",
     OPTIONS(one_password), WRITES | HOST_COMMAND_MAY_READ_SECRET, "",
     host_commands_password_rotate},
    {"password rotation-list", "List what may be rotated", OPTIONS(org_optional), LIST,
     "id name organization days", host_commands_password_rotation_list},
    {"password schedule", "Rotate a password every so many days", OPTIONS(password_schedule),
     WRITES, "", host_commands_password_schedule},
    {"password show", "Open a password without its secret", OPTIONS(one_password), WRITES, "",
     host_commands_password_show},
    {"password unarchive", "Take a password out of the archive", OPTIONS(one_password), WRITES, "",
     host_commands_password_unarchive},
    {"plugin add", "Pin a plugin; it is loaded at the next start", OPTIONS(plugin_add),
     WRITES | HOST_COMMAND_OFFLINE_ONLY, "", host_commands_plugin_add},
    {"plugin info", "Show what a plugin is and needs", OPTIONS(plugin_info), 0, "",
     host_commands_plugin_info},
    {"plugin list", "List plugins", NO_OPTIONS, LIST, "id version name loaded problem",
     host_commands_plugin_list},
    {"plugin release", "Lift the protection that a missing plugin left behind",
     OPTIONS(plugin_release), WRITES, "", host_commands_plugin_release},
    {"plugin retry", "Lift a plugin's quarantine; it is loaded at the next start",
     OPTIONS(plugin_retry), WRITES, "", host_commands_plugin_retry},
    {"restore", "Put a copy in place of the store", OPTIONS(restore),
     WRITES | HOST_COMMAND_OFFLINE_ONLY | HOST_COMMAND_BARE, "", host_commands_restore},
    {"reveal", "Print a recovery key or password", OPTIONS(reveal), HOST_COMMAND_PRINTS_SECRET, "",
     host_commands_reveal},
    {"settings get", "Show settings", OPTIONS(settings_get), LIST, "key value default",
     host_commands_settings_get},
    {"settings set", "Change a setting", OPTIONS(settings_set), WRITES, "",
     host_commands_settings_set},
    {"signin cancel", "Take back a sign-in that was begun", OPTIONS(one_tenant), WRITES, "",
     host_commands_signin_cancel},
    {"signin status", "Go on with a sign-in that was begun, and show how far it is",
     OPTIONS(one_tenant), WRITES, "", host_commands_signin_status},
    {"status", "Show each device's escrow status", OPTIONS(status), LIST,
     "device status reason keys origin join state since", host_commands_status},
    {"sync", "Sync connections now", OPTIONS(sync_options), WRITES | LIST,
     "name outcome created updated archived unmatched failed key_reads problem",
     host_commands_sync},
    {"sync log", "List what syncs did, newest first", OPTIONS(sync_log), LIST,
     "start end name reason result created updated archived unmatched failed next_due summary",
     host_commands_sync_log},
    {"sync queue", "Leave a sync to the running server", OPTIONS(sync_queue), 0, "",
     host_commands_sync_queue},
    {"sync status", "List connections and when they are synced next", NO_OPTIONS, LIST,
     "name connection state phase last_result failures_in_a_row next_due",
     host_commands_sync_status},
    {"token add", "Print a new API token of a user, once", OPTIONS(one_user),
     WRITES | HOST_COMMAND_PRINTS_SECRET, "", host_commands_token_add},
    {"token delete", "Make an API token worthless", OPTIONS(token_delete), WRITES, "",
     host_commands_token_delete},
    {"token list", "List API tokens", NO_OPTIONS, LIST, "id user created_ms",
     host_commands_token_list},
    {"trash list", "List deleted passwords", OPTIONS(org_optional), LIST,
     "id organization name username deleted_by", host_commands_trash_list},
    {"trash purge", "Delete a password in the trash for good", OPTIONS(one_deleted), WRITES, "",
     host_commands_trash_purge},
    {"trash restore", "Take a password out of the trash", OPTIONS(one_deleted), WRITES, "",
     host_commands_trash_restore},
    {"user add", "Add a user", OPTIONS(user_add), WRITES, "", host_commands_user_add},
    {"user delete", "Delete a user and its tokens", OPTIONS(one_user), WRITES, "",
     host_commands_user_delete},
    {"user edit", "Change a user", OPTIONS(user_edit), WRITES, "", host_commands_user_edit},
    {"user list", "List users", NO_OPTIONS, LIST, "id name role organizations groups",
     host_commands_user_list},
    {"whoami", "Show who asks and what that user may do", NO_OPTIONS, 0, "", host_commands_whoami},
};

const host_command *host_commands(size_t *count)
{
    *count = COUNT(table);
    return table;
}
