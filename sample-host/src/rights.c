/* SPDX-License-Identifier: Apache-2.0
 *
 * Rights of the six roles (S1.109): a command belongs to one class, a role to a set of classes. */
#include "sample-host/src/rights.h"

#include <string.h>

typedef enum rights_class {
    ADMINISTER, /* zero: what the table leaves out */
    MANAGE,
    REMOVE,
    WRITE,
    VIEW,
    CLASS_COUNT
} rights_class;

typedef struct rights_rule {
    const char *command;
    rights_class class;
    bool is_password; /* there is no such thing for who is denied passwords */
} rights_rule;

static const rights_rule rules[] = {
    {"activity list", MANAGE, false},
    {"activity export", MANAGE, false},
    {"activity at-risk", ADMINISTER, true},
    {"category add", MANAGE, false},
    {"category delete", MANAGE, false},
    {"category edit", MANAGE, false},
    {"category list", VIEW, false},
    {"config add", WRITE, false},
    {"config delete", REMOVE, false},
    {"config edit", WRITE, false},
    {"config list", VIEW, false},
    {"config show", VIEW, false},
    {"connect", MANAGE, false},
    {"connection list", MANAGE, false},
    {"contact add", WRITE, false},
    {"contact archive", WRITE, false},
    {"contact delete", REMOVE, false},
    {"contact edit", WRITE, false},
    {"contact list", VIEW, false},
    {"contact unarchive", WRITE, false},
    {"device safe-to-delete", VIEW, true},
    {"export", REMOVE, true},
    {"find", VIEW, true},
    {"folder add", WRITE, false},
    {"folder clean", REMOVE, false},
    {"folder delete", REMOVE, false},
    {"folder list", VIEW, true},
    {"folder move", WRITE, false},
    {"folder rename", WRITE, false},
    {"folder secure", REMOVE, false},
    {"folder tree", VIEW, true},
    {"import", WRITE, true},
    {"match create", MANAGE, false},
    {"match ignore", MANAGE, false},
    {"match list", MANAGE, false},
    {"match set", MANAGE, false},
    {"match undo", MANAGE, false},
    {"name check", VIEW, false},
    {"org add", MANAGE, false},
    {"org delete", MANAGE, false},
    {"org edit", MANAGE, false},
    {"org list", VIEW, false},
    {"org merge", MANAGE, false},
    {"partner customers", MANAGE, false},
    {"password add", WRITE, true},
    {"password archive", WRITE, true},
    {"password bulk-delete", REMOVE, true},
    {"password bulk-edit", WRITE, true},
    {"password bulk-move", WRITE, true},
    {"password bulk-rotate", ADMINISTER, true},
    {"password copy", WRITE, true},
    {"password delete", REMOVE, true},
    {"password edit", WRITE, true},
    {"password link", WRITE, true},
    {"password list", VIEW, true},
    {"password merge", REMOVE, true},
    {"password move", WRITE, true},
    {"password rotate", WRITE, true},
    {"password rotation-list", VIEW, true},
    {"password schedule", ADMINISTER, true},
    {"password show", VIEW, true},
    {"password unarchive", WRITE, true},
    {"plugin info", MANAGE, false},
    {"plugin list", MANAGE, false},
    {"reveal", VIEW, true},
    {"rotate", MANAGE, true},
    {"settings get", VIEW, false},
    {"settings set", MANAGE, false},
    {"status", VIEW, true},
    {"signin cancel", MANAGE, false},
    {"signin status", MANAGE, false},
    {"sync", MANAGE, false},
    {"sync log", MANAGE, false},
    {"sync queue", MANAGE, false},
    {"sync status", MANAGE, false},
    {"trash list", REMOVE, true},
    {"trash purge", MANAGE, true},
    {"trash restore", REMOVE, true},
    {"whoami", VIEW, false},
};

#define ADMINISTRATOR (1u << DPH_ROLE_ADMINISTRATOR)
#define MANAGERS (ADMINISTRATOR | 1u << DPH_ROLE_MANAGER)
#define EDITORS (MANAGERS | 1u << DPH_ROLE_EDITOR)
#define CREATORS (EDITORS | 1u << DPH_ROLE_CREATOR)
#define ALL_ROLES (CREATORS | 1u << DPH_ROLE_READ_ONLY | 1u << DPH_ROLE_LITE)

static const struct {
    uint32_t roles; /* one bit per role */
    const char *need;
} classes[CLASS_COUNT] = {
    [ADMINISTER] = {ADMINISTRATOR, "Administrator"},
    [MANAGE] = {MANAGERS, "Administrator or Manager"},
    [REMOVE] = {EDITORS, "Administrator, Manager or Editor"},
    [WRITE] = {CREATORS, "Administrator, Manager, Editor or Creator"},
    [VIEW] = {ALL_ROLES, "any role"},
};

static const char *const role_names[] = {"Nobody",  "Administrator", "Manager", "Editor",
                                         "Creator", "Read-only",     "Lite"};

#define ROLE_COUNT (sizeof role_names / sizeof role_names[0])

const char *host_rights_role_name(uint32_t role)
{
    return role < ROLE_COUNT ? role_names[role] : role_names[0];
}

static char plain(char c)
{
    if (c == ' ' || c == '_') {
        return '-';
    }
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

uint32_t host_rights_role_parse(const char *name)
{
    for (uint32_t role = 1; role < ROLE_COUNT; role++) {
        size_t i = 0;
        while (name[i] != '\0' && plain(name[i]) == plain(role_names[role][i])) {
            i++;
        }
        if (name[i] == '\0' && role_names[role][i] == '\0') {
            return role;
        }
    }
    return 0;
}

bool host_rights_check(const host_viewer *viewer, const char *command, host_error *err)
{
    rights_rule rule = {command, ADMINISTER, false};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (strcmp(rules[i].command, command) == 0) {
            rule = rules[i];
        }
    }
    if (rule.is_password && viewer->is_denied_passwords) {
        return host_error_set(err, DPH_E_NOT_FOUND, 0, "There are no passwords here.");
    }
    bool is_role = viewer->role > 0 && viewer->role < ROLE_COUNT;
    if (is_role && (classes[rule.class].roles & 1u << viewer->role) != 0) {
        return true;
    }
    return host_error_set(err, DPH_E_DENIED, HOST_CODE_ROLE,
                          "The role %s may not do this (%s); it needs the role %s.",
                          host_rights_role_name(viewer->role), command, classes[rule.class].need);
}
