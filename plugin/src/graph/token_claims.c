/* SPDX-License-Identifier: Apache-2.0
 *
 * A soft look into an access token: Microsoft calls it opaque, so nothing may depend on its being
 * readable. See token.h. */
#include <sodium.h>
#include <string.h>

#include "base/jsonscan.h"
#include "graph/token.h"

typedef struct permission_name {
    const char *name;
    uint32_t bits;
} permission_name;

static const permission_name known_names[] = {
    {"devicemanagementmanageddevices.read.all", BKEY_PERM_DEVICES},
    {"devicemanagementmanageddevices.readwrite.all", BKEY_PERM_DEVICES},
    {"devicemanagementconfiguration.read.all", BKEY_PERM_DEVICES},
    {"devicemanagementconfiguration.readwrite.all", BKEY_PERM_DEVICES},
    {"policy.read.all", BKEY_PERM_POLICY},
    {"policy.readwrite.authorization", BKEY_PERM_POLICY},
    {"licenseassignment.read.all", BKEY_PERM_LICENCES},
    {"organization.read.all", BKEY_PERM_LICENCES},
    {"directory.read.all", BKEY_PERM_LICENCES | BKEY_PERM_DIRECTORY | BKEY_PERM_USERS},
    {"user.read.all", BKEY_PERM_USERS},
    {"user.readwrite.all", BKEY_PERM_USERS},
    {"device.read.all", BKEY_PERM_DIRECTORY},
    {"bitlockerkey.readbasic.all", BKEY_PERM_KEY_LIST},
    {"bitlockerkey.read.all", BKEY_PERM_KEY_LIST | BKEY_PERM_KEY_READ},
};

static bool same_name(const char *text, size_t len, const char *lower_name)
{
    if (strlen(lower_name) != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];
        if (c != lower_name[i])
            return false;
    }
    return true;
}

static uint32_t bits_of(const char *text, size_t len)
{
    for (size_t i = 0; i < sizeof known_names / sizeof known_names[0]; i++)
        if (same_name(text, len, known_names[i].name))
            return known_names[i].bits;
    return 0;
}

/* Names separated by spaces, short or as addresses. */
static uint32_t bits_of_list(const char *text, size_t len)
{
    uint32_t bits = 0;
    size_t start = 0;
    for (size_t at = 0; at <= len; at++) {
        if (at < len && text[at] == '/')
            start = at + 1;
        if (at < len && text[at] != ' ')
            continue;
        bits |= bits_of(text + start, at - start);
        start = at + 1;
    }
    return bits;
}

/* Names hold no character that JSON must escape; an escaped one counts as unknown. */
static void read_permissions(const bkey_jsonscan_value *top, bkey_token_claims *claims)
{
    bkey_jsonscan_value value;
    bkey_jsonscan_value element;
    size_t position = 0;
    bool has_scp = bkey_jsonscan_member(top, "scp", &value) && value.kind == BKEY_JSONSCAN_STRING;
    if (has_scp) {
        claims->permissions = bits_of_list(value.ptr, value.len);
        claims->has_permissions = true;
    }
    if (bkey_jsonscan_member(top, "idtyp", &value))
        claims->application = bkey_jsonscan_equals(&value, "app");
    else
        claims->application = !has_scp;
    if (!claims->application)
        return;
    /* An application without any role is a token too: Graph says 403 then, and so do we. */
    claims->has_permissions = true;
    claims->permissions = 0;
    if (!bkey_jsonscan_member(top, "roles", &value))
        return;
    while (bkey_jsonscan_next(&value, &position, &element))
        if (element.kind == BKEY_JSONSCAN_STRING)
            claims->permissions |= bits_of(element.ptr, element.len);
}

static void read_payload(const uint8_t *payload, size_t len, bkey_token_claims *claims)
{
    bkey_jsonscan_value top;
    bkey_jsonscan_value value;
    char text[64];
    size_t text_len = 0;
    if (!bkey_jsonscan_parse(payload, len, &top) || top.kind != BKEY_JSONSCAN_OBJECT)
        return;
    claims->readable = true;
    if (bkey_jsonscan_member(&top, "tid", &value) &&
        bkey_jsonscan_text(&value, text, sizeof text, &text_len))
        claims->has_tenant = sup_guid_parse(text, text_len, &claims->tenant);
    read_permissions(&top, claims);
}

/* The middle one of three parts; false when it is no JWT. */
static bool find_payload(const char *token, size_t len, const char **out, size_t *out_len)
{
    const char *first = memchr(token, '.', len);
    if (first == NULL)
        return false;
    first++;
    size_t left = len - (size_t)(first - token);
    const char *second = memchr(first, '.', left);
    if (second == NULL)
        return false;
    *out = first;
    *out_len = (size_t)(second - first);
    return *out_len > 0;
}

bkey_err bkey_token_claims_read(bkey_slab *slab, bkey_secret *access, bkey_token_claims *out_claims)
{
    bkey_token_claims claims = {.readable = false};
    bkey_secret *decoded = NULL;
    const char *payload = NULL;
    size_t payload_len = 0;
    size_t len = 0;
    bkey_err err = bkey_secret_new(slab, BKEY_SECRET_MAX, &decoded);
    if (!bkey_is_ok(err))
        return err;
    const char *token = (const char *)bkey_secret_borrow(access);
    uint8_t *to = bkey_secret_borrow(decoded);
    if (find_payload(token, bkey_secret_len(access), &payload, &payload_len) &&
        sodium_base642bin(to, BKEY_SECRET_MAX, payload, payload_len, NULL, &len, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0)
        read_payload(to, len, &claims);
    bkey_secret_return(decoded);
    bkey_secret_return(access);
    bkey_secret_free(&decoded);
    *out_claims = claims;
    return bkey_ok();
}
