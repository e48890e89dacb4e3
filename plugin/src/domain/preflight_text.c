/* SPDX-License-Identifier: Apache-2.0
 *
 * What problems are called and what people are told of them. See preflight.h. */
#include <inttypes.h>
#include <stdio.h>

#include "domain/preflight.h"

#define NO_NEW_KEY "No new key is seen; what is documented stays as it is."
#define NOTHING_READ "No key is read; what is documented stays as it is."
#define MICROSOFT_GRANTS                                                                           \
    "A Microsoft administrator must add it to the app registration and consent to it."

/* `name` NULL: it is the name of the reason. `what` NULL: it is made from the number. */
typedef struct row {
    bkey_preflight_code code;
    bkey_preflight_severity severity;
    const char *name;
    const char *brief;
    const char *what;
    const char *hides;
    const char *who;
} row;

static const row rows[] = {
    {BKEY_PREFLIGHT_ADD_ON, BKEY_PREFLIGHT_ERROR, "add-on",
     "the add-on is not active for this account", "The add-on is not active for this account.",
     "Keys are hidden and not updated, and Microsoft is not asked; nothing is lost.",
     "An account owner must buy or renew it."},
    {BKEY_PREFLIGHT_KEYS_OFF, BKEY_PREFLIGHT_ERROR, "keys-off",
     "the setting sync_bitlocker_keys is off", "The setting sync_bitlocker_keys is off.",
     NOTHING_READ, "An administrator or manager of this host can switch it on."},
    {BKEY_PREFLIGHT_INTUNE_OFF, BKEY_PREFLIGHT_ERROR, "intune-off",
     "the setting sync_intune_devices is off",
     "The setting sync_intune_devices is off, and keys need devices.", NOTHING_READ,
     "An administrator or manager of this host can switch it on."},
    {BKEY_PREFLIGHT_CONTACTS_OFF, BKEY_PREFLIGHT_ERROR, "contacts-off",
     "the setting sync_contacts is off", "Contacts are not selected: sync_contacts is off.",
     NOTHING_READ, "An administrator or manager of this host can switch it on."},
    {BKEY_PREFLIGHT_LICENCES_OFF, BKEY_PREFLIGHT_ERROR, "licences-off",
     "the setting licence_types names none",
     "No licence type is selected: the setting licence_types names none.", NOTHING_READ,
     "An administrator or manager of this host must name at least one."},
    {BKEY_PREFLIGHT_ACCESS, BKEY_PREFLIGHT_ERROR, NULL, "Microsoft gives no access", NULL, "", ""},
    {BKEY_PREFLIGHT_PERM_TYPE, BKEY_PREFLIGHT_ERROR, "permission-type",
     "permissions are of a type that accepted_grants refuses", NULL, NOTHING_READ, NULL},
    {BKEY_PREFLIGHT_PERM_DEVICES, BKEY_PREFLIGHT_ERROR, "permission-devices",
     "permission DeviceManagementManagedDevices.Read.All is missing",
     "Microsoft has not granted the permission DeviceManagementManagedDevices.Read.All.",
     "Devices cannot be listed, so no key can be placed; what is documented stays as it is.",
     MICROSOFT_GRANTS},
    {BKEY_PREFLIGHT_PERM_KEY_LIST, BKEY_PREFLIGHT_ERROR, "permission-key-list",
     "permission BitlockerKey.ReadBasic.All is missing",
     "Microsoft has not granted the permission BitlockerKey.ReadBasic.All.", NO_NEW_KEY,
     MICROSOFT_GRANTS},
    {BKEY_PREFLIGHT_PERM_KEY_READ, BKEY_PREFLIGHT_ERROR, "permission-key-read",
     "permission BitlockerKey.Read.All is missing",
     "Microsoft has not granted the permission BitlockerKey.Read.All.", NO_NEW_KEY,
     MICROSOFT_GRANTS},
    {BKEY_PREFLIGHT_NO_DEVICES, BKEY_PREFLIGHT_ERROR, "no-devices",
     "there is neither Intune nor a readable directory",
     "The tenant has no Intune licence, and the permission Device.Read.All is missing.",
     "Devices cannot be listed anywhere, so no key can be placed.",
     "A Microsoft administrator must grant Device.Read.All, or buy and assign an Intune licence."},
    {BKEY_PREFLIGHT_DEVICES_REFUSED, BKEY_PREFLIGHT_ERROR, "intune-role",
     "Intune refuses the list of devices",
     "Intune refuses the list of devices although DeviceManagementManagedDevices.Read.All is "
     "granted: the permission was withdrawn, or the account has no role in Intune.",
     "Devices cannot be listed, so no key can be placed; what is documented stays as it is.",
     "A Microsoft administrator must look at the permission and at the account's Intune role."},
    {BKEY_PREFLIGHT_KEYS_REFUSED, BKEY_PREFLIGHT_ERROR, "directory-role",
     "the account has no directory role that may read keys",
     "Microsoft refuses recovery keys although BitlockerKey.Read.All is granted: the permission "
     "was withdrawn, or the signed-in account has no directory role for it.",
     NO_NEW_KEY,
     "A Microsoft administrator must look at the permission and give the account a role such as "
     "Security Reader; for a partner's account, in the customer's GDAP relationship."},
    {BKEY_PREFLIGHT_USER_AGENT, BKEY_PREFLIGHT_ERROR, "user-agent",
     "the list of keys is refused as a bad request",
     "Microsoft calls the request for the list of keys a bad one: on its way it lost a header, "
     "such as User-Agent.",
     NO_NEW_KEY, "The host's administrator must look at the proxy."},
    {BKEY_PREFLIGHT_DEVICES_FAILED, BKEY_PREFLIGHT_ERROR, NULL, "devices could not be listed", NULL,
     "", ""},
    {BKEY_PREFLIGHT_KEYS_FAILED, BKEY_PREFLIGHT_ERROR, NULL, "keys could not be listed", NULL, "",
     ""},
    {BKEY_PREFLIGHT_CLOCK, BKEY_PREFLIGHT_WARNING, "clock-skew", "the clock is wrong", NULL,
     "Times in the audit are wrong, and sign-ins may be refused.",
     "The host's administrator must set the clock."},
    {BKEY_PREFLIGHT_ORGANIZATION_GONE, BKEY_PREFLIGHT_WARNING, "organization-gone",
     "an organization that the connection names is gone", NULL,
     "What was documented there finds no place: keys of its devices wait in nobody's folder.",
     "An administrator of this host must connect the tenant again and name the organizations that "
     "exist."},
    {BKEY_PREFLIGHT_SIGN_IN_ENDING, BKEY_PREFLIGHT_WARNING, "sign-in-ending",
     "the sign-in ends soon", NULL, "After that no key is updated.",
     "An administrator of this host must connect the tenant again, or let it sync."},
    {BKEY_PREFLIGHT_CERT_ENDING, BKEY_PREFLIGHT_WARNING, "certificate-ending",
     "the app's certificate ends soon", NULL, "With an ended certificate no key is updated.",
     "A Microsoft administrator must add a new one to the app registration; then an administrator "
     "of this host must connect the tenant again with it."},
    {BKEY_PREFLIGHT_TOKEN_SHORT, BKEY_PREFLIGHT_WARNING, "token-short",
     "access tokens end too soon", NULL, "A long sync has to sign in again and again.",
     "A Microsoft administrator must look at the tenant's token lifetime policy."},
    {BKEY_PREFLIGHT_NO_INTUNE, BKEY_PREFLIGHT_WARNING, "no-intune",
     "the tenant has no Intune licence", "The tenant has no Intune licence.",
     "Devices come from the directory alone, without serial numbers: their keys wait for a person "
     "to match them.",
     "A Microsoft administrator can buy and assign one."},
    {BKEY_PREFLIGHT_NO_LICENCE, BKEY_PREFLIGHT_WARNING, "no-licence",
     "no subscription has a selected licence type",
     "No subscription of the tenant has a service plan that licence_types names.",
     "Nobody there is licensed for Intune, so devices and their keys may be missing.",
     "A Microsoft administrator must buy one, or an administrator of this host names another."},
    {BKEY_PREFLIGHT_NO_CONTACTS, BKEY_PREFLIGHT_NOTE, "no-contacts", "users do not become contacts",
     "The permission User.Read.All or LicenseAssignment.Read.All is missing.",
     "Users do not become contacts; keys are synced all the same.",
     "A Microsoft administrator must grant both."},
    {BKEY_PREFLIGHT_CONTACTS_UNPLACED, BKEY_PREFLIGHT_NOTE, "contacts-unplaced",
     "nobody knows whose contacts the users are", NULL,
     "Users do not become contacts; keys are synced all the same.",
     "An administrator of this host can connect the tenant with one organization."},
    {BKEY_PREFLIGHT_SELF_SERVICE, BKEY_PREFLIGHT_NOTE, "self-service",
     "whether users may read their own keys", NULL, "", ""},
};

static const row *find_row(bkey_preflight_code code)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code == code)
            return &rows[i];
    }
    return NULL;
}

static void describe_type(const bkey_preflight_problem *problem, bkey_preflight_text *out)
{
    const bool application = problem->number == (int64_t)BKEY_GRANT_APPLICATION;
    (void)snprintf(out->buffer, sizeof out->buffer,
                   "The permissions are of the type %s, and the setting accepted_grants allows %s "
                   "ones only.",
                   application ? "application" : "delegated",
                   application ? "delegated" : "application");
    out->who = application
                   ? "Connect with a user's sign-in, or an administrator of this host changes "
                     "accepted_grants."
                   : "Connect with the app's own secret or certificate, or an administrator of "
                     "this host changes accepted_grants.";
}

static void describe_certificate(int64_t days, char *to, size_t cap)
{
    if (days <= 0)
        (void)snprintf(to, cap, "The certificate that the app proves itself with has ended.");
    else
        (void)snprintf(to, cap,
                       "The certificate that the app proves itself with ends in %" PRId64 " day%s.",
                       days, days == 1 ? "" : "s");
}

static void describe_policy(int64_t allowed, char *to, size_t cap)
{
    (void)snprintf(to, cap,
                   "The tenant's policy %s: "
                   "allowedToReadBitlockerKeysForOwnedDevice is %s.",
                   allowed != 0 ? "lets users read the keys of their own devices"
                                : "keeps users from reading the keys of their own devices",
                   allowed != 0 ? "true" : "false");
}

static void write_number(const bkey_preflight_problem *problem, bkey_preflight_text *out)
{
    const int64_t number = problem->number;
    char *to = out->buffer;
    const size_t cap = sizeof out->buffer;
    if (problem->code == BKEY_PREFLIGHT_PERM_TYPE)
        describe_type(problem, out);
    else if (problem->code == BKEY_PREFLIGHT_CLOCK)
        (void)snprintf(to, cap, "This host's clock is %" PRId64 " seconds %s Microsoft's.",
                       number < 0 ? -number : number, number < 0 ? "behind" : "ahead of");
    else if (problem->code == BKEY_PREFLIGHT_SIGN_IN_ENDING)
        (void)snprintf(
            to, cap, "The sign-in was not renewed for long and ends in %" PRId64 " days.", number);
    else if (problem->code == BKEY_PREFLIGHT_ORGANIZATION_GONE)
        (void)snprintf(to, cap,
                       "The connection names %" PRId64
                       " organization%s of this host that no longer "
                       "exist%s.",
                       number, number == 1 ? "" : "s", number == 1 ? "s" : "");
    else if (problem->code == BKEY_PREFLIGHT_CERT_ENDING)
        describe_certificate(number, to, cap);
    else if (problem->code == BKEY_PREFLIGHT_TOKEN_SHORT)
        (void)snprintf(to, cap, "A new access token ends after %" PRId64 " seconds.", number);
    else if (problem->code == BKEY_PREFLIGHT_CONTACTS_UNPLACED)
        (void)snprintf(to, cap, "The connection names %" PRId64 " organizations.", number);
    else if (problem->code == BKEY_PREFLIGHT_SELF_SERVICE)
        describe_policy(number, to, cap);
    else /* why Microsoft's answer cannot be used */
        (void)snprintf(to, cap, "%s", bkey_err_text(bkey_fail(problem->reason)));
}

void bkey_preflight_describe(const bkey_preflight_problem *problem, bkey_preflight_text *out)
{
    const row *found = find_row(problem->code);
    *out = (bkey_preflight_text){.name = "unknown",
                                 .severity = BKEY_PREFLIGHT_WARNING,
                                 .brief = "something that this version does not know",
                                 .what = "A newer version of the plugin found something that this "
                                         "one does not know.",
                                 .hides = "",
                                 .who = ""};
    if (found == NULL)
        return;
    out->severity = found->severity;
    out->name = found->name != NULL ? found->name : bkey_err_name(bkey_fail(problem->reason));
    out->brief = found->brief;
    out->hides = found->hides;
    out->who = found->who;
    out->what = found->what;
    if (found->what == NULL) {
        out->what = out->buffer;
        write_number(problem, out);
    }
}

const char *bkey_preflight_severity_name(bkey_preflight_severity severity)
{
    return severity == BKEY_PREFLIGHT_ERROR     ? "error"
           : severity == BKEY_PREFLIGHT_WARNING ? "warning"
                                                : "note";
}
