/* SPDX-License-Identifier: Apache-2.0
 *
 * Generated data: the same for the same seed, ids that lead back to their row, valid passwords. */
/* LINK: sample-host/graphsim/gen.c sample-host/graphsim/ids.c sample-host/graphsim/number.c
 * host-sdk/support/buffer.c host-sdk/support/guid.c host-sdk/support/hex.c
 * host-sdk/support/iso8601.c */
/* LIBS: -lsodium -ljansson */
#include "sample-host/graphsim/gen.h"
#include "sample-host/graphsim/number.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <string.h>

static sim_gen make(uint64_t seed, uint32_t tenant, uint32_t devices, uint32_t keys)
{
    sim_gen gen;
    cr_assert(sodium_init() >= 0);
    sim_gen_init(seed, tenant, devices, keys, &gen);
    return gen;
}

Test(sim_gen, same_seed_gives_same_rows)
{
    sim_gen one = make(42, 1, 100, 250);
    sim_gen two = make(42, 1, 100, 250);
    for (uint32_t i = 0; i < 250; i++) {
        sim_key a;
        sim_key b;
        sim_gen_key(&one, i, &a);
        sim_gen_key(&two, i, &b);
        cr_assert(memcmp(&a, &b, sizeof a) == 0, "row %u", i);
    }
}

Test(sim_gen, other_seed_or_tenant_gives_other_rows)
{
    sim_gen gens[3] = {make(42, 1, 10, 10), make(43, 1, 10, 10), make(42, 2, 10, 10)};
    sim_key keys[3];
    for (size_t i = 0; i < 3; i++)
        sim_gen_key(&gens[i], 5, &keys[i]);
    for (size_t i = 1; i < 3; i++) {
        cr_assert_str_neq(keys[0].id, keys[i].id);
        cr_assert_str_neq(keys[0].password, keys[i].password);
    }
}

/* S1.73: eight groups of six digits, each a multiple of 11 below 720,896. */
Test(sim_gen, every_password_is_valid)
{
    sim_gen gen = make(7, 0, 20000, 20000);
    for (uint32_t i = 0; i < 20000; i++) {
        char text[56];
        sim_gen_password(&gen, i, text);
        cr_assert_eq(strlen(text), 55);
        for (size_t group = 0; group < 8; group++) {
            uint64_t value = 1;
            cr_assert(sim_number_read(text + group * 7, 6, 720895, &value), "%s", text);
            cr_assert(value % 11 == 0, "%s", text);
            cr_assert(group == 7 || text[group * 7 + 6] == '-', "%s", text);
        }
    }
}

Test(sim_gen, ids_lead_back_to_their_row)
{
    sim_gen gen = make(9, 3, 5000, 5000);
    for (uint32_t i = 0; i < 5000; i++) {
        char id[SUP_GUID_TEXT_LEN + 1];
        uint32_t index = UINT32_MAX;
        sim_ids_make(gen.key_ids, i, id);
        cr_assert(sim_ids_find(gen.key_ids, id, &index) && index == i, "row %u", i);
        cr_assert_not(sim_ids_find(gen.device_ids, id, &index), "row %u", i);
        cr_assert_eq(id[14], '4');
    }
}

Test(sim_gen, foreign_text_is_no_id)
{
    sim_gen gen = make(9, 3, 10, 10);
    uint32_t index = 77;
    cr_assert_not(sim_ids_find(gen.key_ids, "", &index));
    cr_assert_not(sim_ids_find(gen.key_ids, "b5a1464d-cb60-415d-b51f-8a385d7798ec", &index));
    cr_assert_eq(index, 77);
}

Test(sim_gen, generations_follow_the_device_count)
{
    sim_gen gen = make(1, 0, 10, 35);
    sim_key newest;
    sim_key data;
    sim_key older;
    sim_gen_key(&gen, 3, &newest);
    sim_gen_key(&gen, 13, &data);
    sim_gen_key(&gen, 23, &older);
    cr_assert_str_eq(newest.device, data.device);
    cr_assert_str_eq(newest.device, older.device);
    cr_assert(newest.volume == 1 && data.volume == 2 && older.volume == 1);
    cr_assert(strcmp(older.created, newest.created) < 0);
}

Test(sim_gen, device_serial_names_tenant_and_row)
{
    sim_gen gen = make(1, 4, 10, 10);
    sup_buffer out;
    sup_buffer_init(&out, 1024);
    cr_assert(sim_gen_device_value(&gen, 123, "serialNumber", &out));
    cr_assert_str_eq(sup_buffer_text(&out), "\"S0400000123\"");
    cr_assert_not(sim_gen_device_value(&gen, 123, "operatingSystem", &out));
    sup_buffer_done(&out);
}

Test(sim_gen, numbers_are_read_strictly)
{
    static const char *const bad[] = {"",   "-1",  "+1",  " 1",
                                      "1 ", "0x1", "256", "99999999999999999999"};
    uint64_t value = 77;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_not(sim_number_read(bad[i], strlen(bad[i]), 255, &value), "%s", bad[i]);
    cr_assert_eq(value, 77);
    cr_assert(sim_number_read("255", 3, 255, &value) && value == 255);
    cr_assert(sim_number_read("18446744073709551615", 20, UINT64_MAX, &value));
    cr_assert_eq(value, UINT64_MAX);
    cr_assert_not(sim_number_read("18446744073709551616", 20, UINT64_MAX, &value));
    cr_assert_not(sim_number_read("7", 1, 3, &value));
}
