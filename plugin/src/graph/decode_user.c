/* SPDX-License-Identifier: Apache-2.0
 *
 * See decode_user.h. */
#include "graph/decode_user.h"

#include <string.h>

#include "graph/decode_page.h"
#include "graph/decode_tenant.h"

/* ---- licences ---- */

typedef struct licence_walk {
    const char *plans;
    bkey_licence_sink sink;
    void *context;
} licence_walk;

static bkey_err read_sku(const bkey_json *row, void *walk, bool *out_used)
{
    const licence_walk *walking = walk;
    bkey_licence licence;
    bkey_err err = bkey_ok();
    const bkey_json *list = bkey_json_array(row, "servicePlans");
    if (!bkey_decode_page_guid(row, "skuId", &licence.sku))
        return bkey_ok();
    *out_used = true;
    if (!bkey_decode_tenant_in_force(row))
        return bkey_ok();
    for (size_t i = 0; i < bkey_json_count(list) && bkey_is_ok(err); i++) {
        const bkey_json *plan = bkey_json_at(list, i);
        if (bkey_decode_tenant_is_plan(plan, walking->plans) &&
            bkey_decode_page_guid(plan, "servicePlanId", &licence.plan))
            err = walking->sink(walking->context, &licence);
    }
    return err;
}

bkey_err bkey_decode_user_licences(bkey_bytes body, const char *graph_url, const char *plans,
                                   bkey_licence_sink sink, void *context, bkey_page *out_page)
{
    licence_walk walk = {plans, sink, context};
    const bkey_decode_page source = {body, graph_url, read_sku, &walk};
    return bkey_decode_page_read(&source, out_page);
}

static bool is_switched_off(const bkey_json *assigned, const sup_guid *plan)
{
    const bkey_json *list = bkey_json_array(assigned, "disabledPlans");
    for (size_t i = 0; i < bkey_json_count(list); i++) {
        sup_guid id;
        const char *text = bkey_json_as_text(bkey_json_at(list, i));
        if (text != NULL && sup_guid_parse(text, strlen(text), &id) && sup_guid_equal(&id, plan))
            return true;
    }
    return false;
}

static bool has_licence(const bkey_json *row, const bkey_user_listing *listing)
{
    const bkey_json *list = bkey_json_array(row, "assignedLicenses");
    for (size_t i = 0; i < bkey_json_count(list); i++) {
        sup_guid sku;
        const bkey_json *assigned = bkey_json_at(list, i);
        if (!bkey_decode_page_guid(assigned, "skuId", &sku))
            continue;
        for (size_t k = 0; k < listing->licence_count; k++)
            if (sup_guid_equal(&listing->licences[k].sku, &sku) &&
                !is_switched_off(assigned, &listing->licences[k].plan))
                return true;
    }
    return false;
}

/* ---- addresses ---- */

typedef struct addresses {
    char text[BKEY_CONTACT_EMAILS_SIZE];
    size_t len;
} addresses;

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_same_word(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

static bool is_known(const addresses *list, const char *word, size_t len)
{
    for (const char *at = list->text; *at != '\0';) {
        const size_t here = strcspn(at, " ");
        if (here == len && is_same_word(at, word, len))
            return true;
        at += here + (at[here] == ' ' ? 1 : 0);
    }
    return false;
}

static bool is_address(const char *word, size_t len)
{
    const char *at = memchr(word, '@', len);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)word[i] <= 0x20 || word[i] == 0x7F || word[i] == ',' || word[i] == ';')
            return false;
    return at != NULL && at != word && at + 1 != word + len &&
           memchr(at + 1, '@', len - (size_t)(at + 1 - word)) == NULL;
}

static void add_address(addresses *list, const char *word)
{
    const size_t len = word != NULL ? strlen(word) : 0;
    const size_t gap = list->len > 0 ? 1 : 0;
    if (len == 0 || !is_address(word, len) || list->len + gap + len >= sizeof list->text ||
        is_known(list, word, len))
        return;
    if (gap > 0)
        list->text[list->len] = ' ';
    memcpy(list->text + list->len + gap, word, len);
    list->len += gap + len;
    list->text[list->len] = '\0';
}

/* Exchange writes "SMTP:" before the main address and "smtp:" before the others; what has another
 * word there is no mail address. */
static void add_proxies(addresses *list, const bkey_json *row, const char *prefix)
{
    const bkey_json *proxies = bkey_json_array(row, "proxyAddresses");
    for (size_t i = 0; i < bkey_json_count(proxies); i++) {
        const char *text = bkey_json_as_text(bkey_json_at(proxies, i));
        if (text != NULL && strncmp(text, prefix, 5) == 0)
            add_address(list, text + 5);
    }
}

static void read_addresses(const bkey_json *row, addresses *out)
{
    const bkey_json *others = bkey_json_array(row, "otherMails");
    out->len = 0;
    out->text[0] = '\0';
    add_address(out, bkey_json_text(row, "mail"));
    add_proxies(out, row, "SMTP:");
    add_proxies(out, row, "smtp:");
    for (size_t i = 0; i < bkey_json_count(others); i++)
        add_address(out, bkey_json_as_text(bkey_json_at(others, i)));
}

/* ---- users ---- */

static bkey_err read_user(const bkey_json *row, void *walk, bool *out_used)
{
    const bkey_user_listing *listing = walk;
    bkey_user user = {.name = bkey_decode_page_text(row, "displayName"),
                      .first = bkey_decode_page_text(row, "givenName"),
                      .last = bkey_decode_page_text(row, "surname"),
                      .sign_in = bkey_decode_page_text(row, "userPrincipalName")};
    bool enabled = true;
    addresses list;
    if (!bkey_decode_page_guid(row, "id", &user.id) || sup_guid_is_zero(&user.id))
        return bkey_ok();
    (void)bkey_json_bool(row, "accountEnabled", &enabled);
    read_addresses(row, &list);
    user.emails = list.text;
    user.wanted = enabled && strcmp(bkey_decode_page_text(row, "userType"), "Guest") != 0 &&
                  has_licence(row, listing);
    *out_used = true;
    return listing->sink(listing->context, &user);
}

bkey_err bkey_decode_users(bkey_bytes body, const bkey_user_listing *listing, bkey_page *out_page)
{
    const bkey_decode_page source = {body, listing->graph_url, read_user,
                                     (void *)(uintptr_t)listing};
    return bkey_decode_page_read(&source, out_page);
}
