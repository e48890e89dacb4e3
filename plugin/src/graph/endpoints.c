/* SPDX-License-Identifier: Apache-2.0
 *
 * See endpoints.h. */
#include "graph/endpoints.h"

#include <string.h>

static const bkey_cloud clouds[] = {
    {"global", "https://login.microsoftonline.com", "https://graph.microsoft.com"},
    {"usgov", "https://login.microsoftonline.us", "https://graph.microsoft.us"},
    {"dod", "https://login.microsoftonline.us", "https://dod-graph.microsoft.us"},
    {"china", "https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"},
};

const bkey_cloud *bkey_endpoints_cloud(const char *name)
{
    for (size_t i = 0; i < sizeof clouds / sizeof clouds[0]; i++)
        if (strcmp(clouds[i].name, name) == 0)
            return &clouds[i];
    return NULL;
}

/* A base with a slash at its end is taken as if it had none. */
static bool add_base(const char *base, sup_buffer *out)
{
    size_t len = strlen(base);
    if (len > 0 && base[len - 1] == '/')
        len--;
    return sup_buffer_add(out, base, len);
}

bool bkey_endpoints_token(const char *login_url, const sup_guid *tenant, sup_buffer *out)
{
    char text[SUP_GUID_TEXT_LEN + 1];
    sup_guid_format(tenant, text);
    (void)add_base(login_url, out);
    return sup_buffer_printf(out, "/%s/oauth2/v2.0/token", text);
}

bool bkey_endpoints_device_code(const char *login_url, const sup_guid *tenant, sup_buffer *out)
{
    char text[SUP_GUID_TEXT_LEN + 1];
    sup_guid_format(tenant, text);
    (void)add_base(login_url, out);
    return sup_buffer_printf(out, "/%s/oauth2/v2.0/devicecode", text);
}

bool bkey_endpoints_encode(const char *text, sup_buffer *out)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (; *text != '\0'; text++) {
        if (strchr(plain, *text) != NULL)
            (void)sup_buffer_add(out, text, 1);
        else
            (void)sup_buffer_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
    }
    return !sup_buffer_failed(out);
}

static void add_parameter(const char *name, const char *text, sup_buffer *out)
{
    (void)sup_buffer_printf(out, "&%s=", name);
    (void)bkey_endpoints_encode(text, out);
}

bool bkey_endpoints_authorize(const bkey_endpoints_page *page, sup_buffer *out)
{
    char tenant[SUP_GUID_TEXT_LEN + 1];
    sup_buffer scope;
    sup_buffer_init(&scope, 1024);
    sup_guid_format(page->tenant, tenant);
    (void)add_base(page->login_url, out);
    (void)sup_buffer_printf(out, "/%s/oauth2/v2.0/authorize?response_type=code", tenant);
    add_parameter("client_id", page->client_id, out);
    add_parameter("redirect_uri", page->redirect, out);
    add_parameter("response_mode", "query", out);
    if (bkey_endpoints_scope(page->graph_url, true, &scope))
        add_parameter("scope", sup_buffer_text(&scope), out);
    add_parameter("state", page->state, out);
    add_parameter("code_challenge", page->challenge, out);
    add_parameter("code_challenge_method", "S256", out);
    add_parameter("prompt", "select_account", out);
    const bool ok = !sup_buffer_failed(&scope) && !sup_buffer_failed(out);
    sup_buffer_done(&scope);
    return ok;
}

bool bkey_endpoints_devices(const char *graph_url, sup_buffer *out)
{
    (void)add_base(graph_url, out);
    return sup_buffer_printf(out,
                             "/v1.0/deviceManagement/managedDevices"
                             "?$select=id,azureADDeviceId,deviceName,serialNumber,operatingSystem,"
                             "manufacturer,model,isEncrypted,userId,lastSyncDateTime&$top=%u",
                             BKEY_ENDPOINTS_PAGE);
}

bool bkey_endpoints_directory(const char *graph_url, sup_buffer *out)
{
    (void)add_base(graph_url, out);
    return sup_buffer_printf(out,
                             "/v1.0/devices?$select=id,deviceId,displayName,trustType,"
                             "operatingSystem,manufacturer,model,approximateLastSignInDateTime"
                             "&$top=%u",
                             BKEY_ENDPOINTS_PAGE);
}

bool bkey_endpoints_directory_now(const char *graph_url, sup_buffer *out)
{
    (void)add_base(graph_url, out);
    return sup_buffer_add_str(out, "/v1.0/devices/delta?$select=id&$deltatoken=latest");
}

bool bkey_endpoints_encryption(const char *graph_url, sup_buffer *out)
{
    (void)add_base(graph_url, out);
    return sup_buffer_printf(out, "/beta/deviceManagement/managedDeviceEncryptionStates?$top=%u",
                             BKEY_ENDPOINTS_PAGE);
}

bool bkey_endpoints_addresses(const char *graph_url, const sup_guid *managed_id, sup_buffer *out)
{
    char text[SUP_GUID_TEXT_LEN + 1];
    sup_guid_format(managed_id, text);
    (void)add_base(graph_url, out);
    return sup_buffer_printf(out,
                             "/v1.0/deviceManagement/managedDevices/%s"
                             "?$select=id,ethernetMacAddress,wiFiMacAddress",
                             text);
}

bool bkey_endpoints_keys(const char *graph_url, sup_buffer *out)
{
    (void)add_base(graph_url, out);
    return sup_buffer_add_str(out, "/v1.0/informationProtection/bitlocker/recoveryKeys");
}

bool bkey_endpoints_key(const char *graph_url, const sup_guid *id, sup_buffer *out)
{
    char text[SUP_GUID_TEXT_LEN + 1];
    sup_guid_format(id, text);
    (void)bkey_endpoints_keys(graph_url, out);
    /* Exactly this $select: with any other property beside it the key is left out. */
    return sup_buffer_printf(out, "/%s?$select=key", text);
}

bool bkey_endpoints_device_probe(const char *graph_url, sup_buffer *out)
{
    (void)add_base(graph_url, out);
    return sup_buffer_add_str(out, "/v1.0/deviceManagement/managedDevices?$select=id&$top=1");
}

bool bkey_endpoints_licences(const char *graph_url, sup_buffer *out)
{
    (void)add_base(graph_url, out);
    return sup_buffer_add_str(out, "/v1.0/subscribedSkus");
}

bool bkey_endpoints_users(const char *graph_url, sup_buffer *out)
{
    (void)add_base(graph_url, out);
    return sup_buffer_printf(out,
                             "/v1.0/users?$select=id,displayName,givenName,surname,"
                             "userPrincipalName,mail,otherMails,proxyAddresses,accountEnabled,"
                             "userType,assignedLicenses&$top=%u",
                             BKEY_ENDPOINTS_PAGE);
}

bool bkey_endpoints_customers(const char *graph_url, sup_buffer *out)
{
    (void)add_base(graph_url, out);
    return sup_buffer_add_str(out, "/v1.0/tenantRelationships/delegatedAdminCustomers");
}

bool bkey_endpoints_contracts(const char *graph_url, sup_buffer *out)
{
    (void)add_base(graph_url, out);
    return sup_buffer_add_str(out, "/v1.0/contracts");
}

bool bkey_endpoints_policy(const char *graph_url, sup_buffer *out)
{
    (void)add_base(graph_url, out);
    return sup_buffer_add_str(out, "/v1.0/policies/authorizationPolicy");
}

bool bkey_endpoints_key_in_batch(const sup_guid *id, sup_buffer *out)
{
    char text[SUP_GUID_TEXT_LEN + 1];
    sup_guid_format(id, text);
    return sup_buffer_printf(out, "/informationProtection/bitlocker/recoveryKeys/%s?$select=key",
                             text);
}

bool bkey_endpoints_batch(const char *graph_url, sup_buffer *out)
{
    (void)add_base(graph_url, out);
    return sup_buffer_add_str(out, "/v1.0/$batch");
}

bool bkey_endpoints_scope(const char *graph_url, bool delegated, sup_buffer *out)
{
    (void)add_base(graph_url, out);
    (void)sup_buffer_add_str(out, "/.default");
    return delegated ? sup_buffer_add_str(out, " offline_access") : !sup_buffer_failed(out);
}
