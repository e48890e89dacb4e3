/* SPDX-License-Identifier: Apache-2.0
 *
 * See selftest.h. */
#include "usecase/selftest.h"

#include <stdio.h>

#include "state/canary.h"

#define NAME_SIZE 256u

void bkey_selftest_describe(const bkey_ports *ports, const bkey_place *place, bkey_err reason,
                            char out[BKEY_SELFTEST_TEXT_SIZE])
{
    char tenant[SUP_GUID_TEXT_LEN + 1];
    char id[NAME_SIZE];
    char name[NAME_SIZE];
    const char *shown = place->organization_id;
    sup_guid_format(&place->tenant, tenant);
    if (shown[0] != '\0' &&
        bkey_is_ok(ports->organization(ports->self, place->call, shown, id, name, NAME_SIZE)))
        shown = name;
    (void)snprintf(
        out, BKEY_SELFTEST_TEXT_SIZE, "Stored keys of %s%.160s%s, %s%s: %s",
        shown[0] != '\0' ? "organization \"" : "no organization", shown,
        shown[0] != '\0' ? "\"" : "", sup_guid_is_zero(&place->tenant) ? "no tenant" : "tenant ",
        sup_guid_is_zero(&place->tenant) ? "" : tenant,
        bkey_is(reason, BKEY_E_NO_STATE) ? "the check value is missing." : bkey_err_text(reason));
}

bkey_err bkey_selftest_run(const bkey_ports *ports, const bkey_call *call, bkey_vault *vault,
                           bkey_selftest_sink sink, void *context)
{
    char text[BKEY_SELFTEST_TEXT_SIZE];
    bkey_place_list list;
    bkey_err loaded = bkey_place_list_load(&list, vault, call);
    bool told = false;
    for (size_t i = 0; i < list.items.count; i++) {
        const bkey_place place = bkey_place_list_at(&list, i);
        bkey_err err = bkey_canary_check(&place);
        if (bkey_is_ok(err))
            continue;
        bkey_selftest_describe(ports, &place, err, text);
        sink(context, &place, err, text);
        told = true;
    }
    if (!bkey_is_ok(loaded) && !told && list.items.count > 0) {
        const bkey_place place = bkey_place_list_at(&list, 0);
        bkey_selftest_describe(ports, &place, loaded, text);
        sink(context, &place, loaded, text);
    }
    bkey_place_list_done(&list);
    return loaded;
}
