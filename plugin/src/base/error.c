/* SPDX-License-Identifier: Apache-2.0
 *
 * The one table of reasons: name for logs, sentence for people. Knows no answer of any server, so
 * that no text can carry what a server sent. */
#include "base/error.h"

#include <stddef.h>

typedef struct reason_text {
    uint32_t reason;
    const char *name;
    const char *text; /* at most 255 bytes: it has to fit the host's message */
} reason_text;

static const reason_text reasons[] = {
    {0, "ok", ""},
    {BKEY_E_NETWORK, "network",
     "Microsoft could not be reached; known keys stay as they are and the next sync tries again. "
     "If it lasts, the host's administrator must check network, proxy and firewall."},
    {BKEY_E_THROTTLED, "throttled",
     "Microsoft asked to slow down for longer than this sync may wait; what is missing follows "
     "with the next syncs. Nobody has to do anything."},
    {BKEY_E_REMOTE_FAULT, "remote-fault",
     "Microsoft's service failed repeatedly; known keys stay as they are and the next sync tries "
     "again. If it lasts, a Microsoft administrator should look at the service health page."},
    {BKEY_E_STORE_BUSY, "store-busy",
     "The host's store is not available right now, so nothing was written; the next sync tries "
     "again. If it lasts, the host's administrator must look at the host."},
    {BKEY_E_CONFLICT, "conflict",
     "Something else changed the same data meanwhile, so nothing was written; it is planned anew. "
     "Nobody has to do anything."},
    {BKEY_E_UNKNOWN_OUTCOME, "unknown-outcome",
     "The host could not tell whether a write took place; the next sync finds out and completes "
     "it. If it lasts, the host's administrator must look at the store."},
    {BKEY_E_UNIT_BUSY, "unit-busy",
     "This connection is being synced or changed right now, so nothing was done. Try again when "
     "that has ended."},
    {BKEY_E_PROXY, "proxy",
     "The proxy that the host's settings name cannot be reached or does not let this through; "
     "known "
     "keys stay as they are and the next sync tries again. The host's administrator must check "
     "the proxy and the setting."},
    {BKEY_E_TLS, "tls",
     "The encrypted connection was refused because the certificate or protocol is not acceptable; "
     "nothing was sent. The host's administrator must check proxy, trusted authorities and clock."},
    {BKEY_E_HTTP_POLICY, "http-policy",
     "The host cannot say how Microsoft is to be reached (proxy, authorities, TLS), so nothing was "
     "sent. The host's administrator must correct its network settings; the host's log says "
     "which."},
    {BKEY_E_CA_FILE, "ca-file",
     "The file of authorities that the host's settings name cannot be read or holds no "
     "certificate, "
     "so nothing was sent. The host's administrator must correct file or setting."},
    {BKEY_E_CERT_UNTRUSTED, "certificate-untrusted",
     "The certificate comes from no authority that this host trusts, so nothing was sent. If a "
     "proxy inspects traffic, the host's administrator must add its authority; else somebody else "
     "answers."},
    {BKEY_E_CERT_EXPIRED, "certificate-expired",
     "The certificate is not valid at this time, so nothing was sent. The host's administrator "
     "must "
     "check this host's clock; if it is right, the server's owner must renew."},
    {BKEY_E_CERT_NAME, "certificate-name",
     "The certificate is made out to another name, so nothing was sent. The host's administrator "
     "must find out what answers in Microsoft's place, or correct the connection's address."},
    {BKEY_E_TLS_FLOOR, "tls-version",
     "No TLS version that the host's settings accept is offered, so nothing was sent. The host's "
     "administrator must lower that setting or update what answers there."},
    {BKEY_E_PROXY_LOGIN, "proxy-login",
     "The proxy refuses the host's user name and password, so nothing was sent. The host's "
     "administrator must correct the file that holds them."},
    {BKEY_E_URL, "url",
     "An address of this connection is malformed or not allowed, so nothing was sent. The person "
     "who made the connection must connect again with an https address."},
    {BKEY_E_SETTING, "setting",
     "A setting of the BitLocker key sync has a value that cannot be used, so no sync runs. "
     "An administrator of this host must correct it."},
    {BKEY_E_NOT_CONNECTED, "not-connected",
     "There is no active Microsoft integration for this, so no key can be synced. An administrator "
     "of this host must connect the tenant."},
    {BKEY_E_TENANT, "tenant",
     "Microsoft does not know this tenant or this app, so no key can be read. The person who made "
     "the connection must check tenant ID and client ID."},
    {BKEY_E_SWITCHED_OFF, "switched-off",
     "The sync is switched off in the settings, so keys are not being updated. An administrator or "
     "manager of this host can switch it on."},
    {BKEY_E_PARAMETER, "parameter",
     "A value that was given cannot be used, so nothing was done. Correct it and try again."},
    {BKEY_E_NO_INTUNE, "no-intune",
     "This tenant has no Intune licence, so its devices cannot be listed and their keys cannot be "
     "placed. A Microsoft administrator must assign one."},
    {BKEY_E_SIGN_IN, "sign-in",
     "The sign-in of this connection expired or was revoked, so keys are not being updated. "
     "An administrator of this host must connect the tenant again."},
    {BKEY_E_APP_CREDENTIAL, "app-credential",
     "The app's secret is wrong or has expired, so keys are not being updated. A Microsoft "
     "administrator must make a new one, and it must be given to this connection."},
    {BKEY_E_CONSENT, "consent",
     "The app has no consent in this tenant, so no key can be read. A Microsoft administrator of "
     "the tenant must grant consent to the app."},
    {BKEY_E_POLICY, "policy",
     "A conditional access policy of the tenant blocks this sign-in, so keys are not being "
     "updated. A Microsoft administrator of the tenant must allow it."},
    {BKEY_E_TOKEN_REFUSED, "token-refused",
     "Microsoft refused an access token that it had just issued, so keys are not being updated. "
     "A Microsoft administrator must check the tenant's access policies; connecting again may "
     "help."},
    {BKEY_E_WRONG_TENANT, "wrong-tenant",
     "The sign-in belongs to another tenant than this connection, so it was not used. An "
     "administrator of this host must connect with an account of the right tenant."},
    {BKEY_E_PERM_DEVICES, "permission-devices",
     "Permission DeviceManagementManagedDevices.Read.All is missing, so devices cannot be listed "
     "and keys cannot be placed. A Microsoft administrator must grant it to the app."},
    {BKEY_E_PERM_KEY_LIST, "permission-key-list",
     "Permission BitlockerKey.ReadBasic.All is missing, so recovery keys cannot be listed. "
     "A Microsoft administrator must grant it to the app."},
    {BKEY_E_PERM_KEY_READ, "permission-key-read",
     "Permission BitlockerKey.Read.All or the directory role for it is missing, so new keys "
     "cannot be read. A Microsoft administrator must grant it to the app and give the signed-in "
     "account a role such as Security Reader."},
    {BKEY_E_PERM_TYPE, "permission-type",
     "The permission is granted as a type (delegated or application) that the settings do not "
     "accept, so no key is read. A Microsoft administrator must grant the other type, or an "
     "administrator of this host must accept this one."},
    {BKEY_E_ENTITLEMENT, "entitlement",
     "The add-on for BitLocker keys is not active, so keys are hidden and not updated; nothing is "
     "lost. An account owner must buy or renew it."},
    {BKEY_E_REASON_MISSING, "reason-missing",
     "A recovery key is shown only with a reason, so it was not shown. Give the reason and try "
     "again."},
    {BKEY_E_ROLE, "role",
     "This needs a role that allows it, so it was refused. An administrator of this host can do it "
     "or give the role."},
    {BKEY_E_BODY, "body",
     "Microsoft's answer could not be understood, so it was not used; known keys stay as they are. "
     "If it lasts, a proxy may be altering answers: the host's administrator must look."},
    {BKEY_E_BODY_SIZE, "body-size",
     "An answer was larger than is accepted, so it was not used; known keys stay as they are. If "
     "it lasts, report it to the plugin's makers."},
    {BKEY_E_NEXT_LINK, "next-link",
     "A list continued at another server, so it was not followed and nothing was changed. The "
     "host's administrator must find out what answers in Microsoft's place."},
    {BKEY_E_PAGES, "pages",
     "A list did not come to an end, so it was not used and nothing was changed. If it lasts, "
     "report it to Microsoft's support."},
    {BKEY_E_DEPTH, "depth",
     "An answer from Microsoft was nested deeper than any that its contract has, so it was not "
     "used; known keys stay as they are. If it lasts, report it to the plugin's makers."},
    {BKEY_E_ROWS, "rows",
     "A list from Microsoft had more rows than this plugin promises to serve, so it was not used "
     "and nothing was changed. If the tenant is that large, tell the plugin's makers."},
    {BKEY_E_STATUS, "status",
     "Microsoft answered in a way that is not part of its contract, so the answer was not used; "
     "known keys stay as they are. If it lasts, report it to the plugin's makers."},
    {BKEY_E_NOT_FOUND, "not-found",
     "What was asked for does not exist there, or not any more; nothing known was changed. "
     "Nobody has to do anything."},
    {BKEY_E_EMPTY_KEY, "empty-key",
     "Microsoft answered without the recovery key itself, so that key is missing here; the next "
     "sync asks again. If it lasts, a Microsoft administrator must check the app's permissions."},
    {BKEY_E_NOMEM, "no-memory",
     "There is not enough memory, so the work was stopped; nothing known was changed. The host's "
     "administrator must give the host more memory."},
    {BKEY_E_SLAB_FULL, "slab-full",
     "Too many secrets are in use at the same time, so this one was not opened. Try again in a "
     "moment."},
    {BKEY_E_LIMIT, "limit",
     "A limit of this plugin was exceeded, so the work was stopped; nothing known was changed. "
     "Report it to the plugin's makers if the amount of data is ordinary."},
    {BKEY_E_KEYRING, "keyring",
     "The host's keyring cannot give a key that is needed, so stored keys stay closed. The host's "
     "administrator must restore the right key file."},
    {BKEY_E_STORE, "store",
     "The host's store refused a write, so nothing was changed. The host's administrator must "
     "check free disk space and the host's log."},
    {BKEY_E_NO_STATE, "no-state", "Nothing is stored under this name here. Check what was asked."},
    {BKEY_E_HEADS, "heads",
     "The published heads of the audit cannot be read, so nobody can tell whether entries were cut "
     "off or put back. The host's log says why; the host's administrator must mend that file."},
    {BKEY_E_SEAL, "seal",
     "A stored value does not verify: it was altered, or the key file is another one, so it is not "
     "shown. The host's administrator must restore data and key file that belong together."},
    {BKEY_E_FORMAT, "format",
     "A stored value opened but makes no sense, so it is not used. Report it to the plugin's "
     "makers, and keep the data as it is."},
    {BKEY_E_NEWER_FORMAT, "newer-format",
     "A stored value was written by a newer version of the plugin, so it is left untouched. The "
     "host's administrator must install that version again."},
    {BKEY_E_CANARY, "canary",
     "A data key does not open its own check value: the key file is another one or the store was "
     "damaged, so nothing of it is used or changed. The host's administrator must restore data and "
     "key file that belong together."},
    {BKEY_E_BUG, "bug",
     "The plugin broke one of its own rules, so the work was stopped; nothing known was changed. "
     "Report it to the plugin's makers."},
    {BKEY_E_CANCELLED, "cancelled",
     "The work was cancelled; what was done so far is kept and the next sync continues there."},
    {BKEY_E_DEADLINE, "deadline",
     "The time for this work is over; what was done so far is kept and the next sync continues "
     "there."},
};

static const reason_text *find_reason(uint32_t reason)
{
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].reason == reason)
            return &reasons[i];
    }
    return NULL;
}

bool bkey_err_is_tls(bkey_err err)
{
    return bkey_is(err, BKEY_E_TLS) || bkey_is(err, BKEY_E_CERT_UNTRUSTED) ||
           bkey_is(err, BKEY_E_CERT_EXPIRED) || bkey_is(err, BKEY_E_CERT_NAME) ||
           bkey_is(err, BKEY_E_TLS_FLOOR);
}

bool bkey_err_is_silence(bkey_err err)
{
    return bkey_err_is_tls(err) || bkey_is(err, BKEY_E_NETWORK) || bkey_is(err, BKEY_E_PROXY) ||
           bkey_is(err, BKEY_E_PROXY_LOGIN) || bkey_is(err, BKEY_E_CA_FILE) ||
           bkey_is(err, BKEY_E_HTTP_POLICY);
}

const char *bkey_err_text(bkey_err err)
{
    const reason_text *found = find_reason(err.reason);
    return found == NULL ? "Something failed for a reason that this version has no words for. "
                           "Report it to the plugin's makers."
                         : found->text;
}

const char *bkey_err_name(bkey_err err)
{
    const reason_text *found = find_reason(err.reason);
    return found == NULL ? "unknown" : found->name;
}
