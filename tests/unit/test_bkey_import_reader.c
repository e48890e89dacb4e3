/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading exports of recovery passwords: dialects, refusals with their lines, and whatever bytes.
 */
/* LINK: plugin/src/domain/import_reader.c plugin/src/domain/import_fields.c
   plugin/src/domain/recovery_key.c plugin/src/base/secret.c plugin/src/base/error.c
   host-sdk/support/guid.c host-sdk/support/hex.c host-sdk/support/iso8601.c
   host-sdk/support/utf8.c */
/* LIBS: -lsodium */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin/src/domain/import_fields.h"

#define ID "6be30336-0065-4001-8006-000006052470"
#define GOOD "000011-000022-000033-000044-000055-000066-000077-000088"
#define WRONG "000011-000022-000033-000044-000055-000066-000077-000089"
#define HEAD "Computer Name,Key ID,Recovery Password,Created,Serial Number\n"

static bkey_slab *slab;
static bkey_import_reader reader;
static char detail[BKEY_IMPORT_DETAIL_SIZE];

static void open_slab(void)
{
    cr_assert(bkey_is_ok(bkey_slab_new(&slab)));
}

static void close_slab(void)
{
    bkey_import_reader_close(&reader);
    cr_expect_eq(bkey_slab_used(slab), 0, "a slot was not freed");
    bkey_slab_free(&slab);
}

TestSuite(import_reader, .init = open_slab, .fini = close_slab);

static bkey_err open_bytes(const void *bytes, size_t len)
{
    detail[0] = '\0';
    bkey_import_reader_close(&reader);
    memset(&reader, 0, sizeof reader);
    return bkey_import_reader_open(slab, (bkey_bytes){bytes, len}, &reader, detail);
}

static void open_text(const char *text)
{
    bkey_err err = open_bytes(text, strlen(text));
    cr_assert(bkey_is_ok(err), "%s: %s", text, detail);
}

static bkey_import_row next(void)
{
    bkey_import_row row;
    cr_assert(bkey_import_reader_next(&reader, &row));
    return row;
}

static void expect_good(const bkey_import_row *row, const char *name)
{
    static const uint8_t bytes[] = {1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0};
    char id[SUP_GUID_TEXT_LEN + 1];
    sup_guid_format(&row->key_id, id);
    cr_expect_null(row->why, "%s", row->why);
    cr_expect_str_eq(id, ID);
    cr_expect_str_eq(row->name, name);
    cr_expect_arr_eq(row->password, bytes, sizeof bytes);
}

static void expect_end(void)
{
    bkey_import_row row;
    cr_expect_not(bkey_import_reader_next(&reader, &row));
    cr_expect_not(bkey_import_reader_next(&reader, &row), "and again");
}

/* S3.6 */
Test(import_reader, documented_columns_are_read)
{
    open_text(HEAD "PC-1," ID "," GOOD ",2026-03-11T07:42:19Z,SER1\n"
                   "\"PC, \"\"2\"\"\",{" ID "}," GOOD ",2026-03-11 07:42:19,\n");
    bkey_import_row row = next();
    expect_good(&row, "PC-1");
    cr_expect_eq(row.line, 2);
    cr_expect_eq(row.created_ms, INT64_C(1773214939000));
    cr_expect_str_eq(row.serial, "SER1");
    row = next();
    expect_good(&row, "PC, \"2\"");
    cr_expect_eq(row.line, 3);
    cr_expect_eq(row.created_ms, INT64_C(1773214939000));
    expect_end();
}

/* What Get-ADObject | Export-Csv writes, with and without what Excel makes of it. */
Test(import_reader, an_export_of_powershell_and_excel_is_read)
{
    static const char *const files[] = {
        "\xEF\xBB\xBF#TYPE Microsoft.ActiveDirectory.Management.ADObject\r\n"
        "\"DistinguishedName\",\"msFVE-RecoveryPassword\",\"Name\",\"ObjectClass\"\r\n"
        "\"CN=2026-03-11T07:42:19-00:00{" ID "},CN=PC-1,OU=A\\, B,DC=x\",\"" GOOD
        "\",\"2026-03-11T07:42:19-00:00{" ID "}\",\"msFVE-RecoveryInformation\"\r\n",
        "sep=;\nmsFVE-RecoveryPassword;name;computer\n" GOOD ";2026-03-11T07:42:19-00:00{" ID
        "};PC-1",
        "name\tcomputer_name\tRECOVERYPASSWORD\n2026-03-11T08:42:19+01:00{" ID "}\tPC-1\t" GOOD
        "\n\n\r\n"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        open_text(files[i]);
        bkey_import_row row = next();
        expect_good(&row, "PC-1");
        cr_expect_eq(row.created_ms, INT64_C(1773214939000), "file %zu", i);
        expect_end();
    }
}

static size_t widen(const char *text, bool big, uint8_t *out)
{
    size_t len = 0;
    out[len++] = big ? 0xFE : 0xFF;
    out[len++] = big ? 0xFF : 0xFE;
    for (; *text != '\0'; text++) {
        out[len++] = big ? 0 : (uint8_t)*text;
        out[len++] = big ? (uint8_t)*text : 0;
    }
    return len;
}

Test(import_reader, wide_text_of_both_orders_is_read)
{
    uint8_t bytes[1024];
    for (int big = 0; big < 2; big++) {
        size_t len = widen("Key ID;Computer;Password\r\n" ID ";X?;" GOOD "\r\n", big != 0, bytes);
        /* The question mark becomes a letter beyond 16 bits. */
        uint8_t *mark = NULL;
        for (size_t i = 2; i + 1 < len; i += 2)
            if (bytes[i] == '?' || bytes[i + 1] == '?')
                mark = bytes + i;
        memmove(mark + 4, mark + 2, (size_t)(bytes + len - (mark + 2)));
        const uint8_t pair[2][4] = {{0x3D, 0xD8, 0x00, 0xDE}, {0xD8, 0x3D, 0xDE, 0x00}};
        memcpy(mark, pair[big], 4);
        cr_assert(bkey_is_ok(open_bytes(bytes, len + 2)), "%s", detail);
        bkey_import_row row = next();
        expect_good(&row, "X\xF0\x9F\x98\x80");
        expect_end();
        cr_assert(bkey_is_ok(open_bytes(bytes, len + 1)), "half a character at the end");
        row = next();
        cr_expect_not_null(row.why);
    }
}

/* S2.3 S2.4: refused with its line, and never with what it says. */
Test(import_reader, what_does_not_parse_is_refused_with_its_line)
{
    static const struct {
        const char *line;
        const char *why;
    } rows[] = {{"PC," ID "," WRONG ",,", "multiple of 11"},
                {"PC," ID ",720896-000022-000033-000044-000055-000066-000077-000088,,", "720885"},
                {"PC," ID ",000011-000022,,", "eight groups"},
                {"PC," ID ",00001x-000022-000033-000044-000055-000066-000077-000088,,", "digits"},
                {"PC,not an id," GOOD ",,", "Key ID"},
                {"PC,00000000-0000-0000-0000-000000000000," GOOD ",,", "Key ID"},
                {"PC,," GOOD ",,", "Key ID"},
                {"PC," ID "," GOOD ",", "columns"},
                {"PC," ID "," GOOD ",,,", "columns"},
                {"P\"C," ID "," GOOD ",,", "quotation mark"},
                {"\"PC\"x," ID "," GOOD ",,", "quotation mark"},
                {"P\xFF"
                 "C," ID "," GOOD ",,",
                 "no text"},
                {"\"PC," ID "," GOOD ",,", "not closed"}};
    char file[2048];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)snprintf(file, sizeof file, HEAD "\n%s\nPC-1," ID "," GOOD ",,\n", rows[i].line);
        open_text(file);
        bkey_import_row row = next();
        cr_assert_not_null(row.why, "%s", rows[i].line);
        cr_expect_not_null(strstr(row.why, rows[i].why), "%s: %s", rows[i].line, row.why);
        cr_expect_null(strstr(row.why, "000011"));
        cr_expect_eq(row.line, 3);
        if (strcmp(rows[i].why, "not closed") != 0) {
            row = next();
            expect_good(&row, "PC-1");
            cr_expect_eq(row.line, 4);
        }
        expect_end();
    }
}

Test(import_reader, a_line_too_long_or_too_wide_is_refused_and_the_next_is_read)
{
    char *file = malloc(3 * BKEY_IMPORT_ROW_MAX);
    size_t len = (size_t)snprintf(file, 200, HEAD);
    memset(file + len, 'x', BKEY_IMPORT_ROW_MAX);
    len += BKEY_IMPORT_ROW_MAX;
    len += (size_t)snprintf(file + len, 200, "," ID "," GOOD ",,\n");
    memset(file + len, ',', 3 * BKEY_IMPORT_COLUMNS);
    len += 3 * BKEY_IMPORT_COLUMNS;
    len += (size_t)snprintf(file + len, 200, "x\nPC-1," ID "," GOOD ",,\n");
    cr_assert(bkey_is_ok(open_bytes(file, len)));
    bkey_import_row row = next();
    cr_expect_not_null(strstr(row.why, "8,192"));
    row = next();
    cr_expect_not_null(strstr(row.why, "64 columns"), "%s", row.why);
    row = next();
    expect_good(&row, "PC-1");
    expect_end();
    free(file);
}

Test(import_reader, a_table_without_the_two_columns_is_no_export)
{
    static const char *const files[] = {"",
                                        "\n",
                                        "Computer,Key ID\nPC," ID "\n",
                                        "Password\n" GOOD "\n",
                                        ID "," GOOD "\n",
                                        "Key ID,Name,Password\n",
                                        "\"Key ID,Password"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        bkey_err err = open_bytes(files[i], strlen(files[i]));
        cr_expect(bkey_is(err, BKEY_E_PARAMETER), "file %zu", i);
        cr_expect_str_not_empty(detail);
        cr_expect_null(strstr(detail, "000011"));
    }
}

/* A date in a form of some country means another day in the next. */
Test(import_reader, only_unmistakable_dates_count)
{
    cr_expect_eq(bkey_import_fields_created(ID, "11.03.2026 07:42:19"), BKEY_DATE_UNKNOWN);
    cr_expect_eq(bkey_import_fields_created(ID, "3/11/2026 7:42:19 AM"), BKEY_DATE_UNKNOWN);
    cr_expect_eq(bkey_import_fields_created(ID, ""), BKEY_DATE_UNKNOWN);
    cr_expect_eq(bkey_import_fields_created(ID, " 2026-03-11 07:42:19 "), INT64_C(1773214939000));
}

/* Every row that is not refused has a Key ID and a password that reads as one; nothing is read
 * beyond the end (the sanitizers see it), and each file ends. */
Test(import_reader, whatever_bytes_come_it_ends_and_gives_only_what_is_right)
{
    static const char *const parts[] = {
        "Key ID",   "Password",     "Computer", ",",     ";",        "\t",  "\"",
        "\n",       "\r\n",         ID,         GOOD,    WRONG,      "{",   "}",
        "\xFF\xFE", "\xEF\xBB\xBF", "sep=",     "#TYPE", "\xF0\x9F", "PC-1"};
    uint64_t state = 1;
    for (int turn = 0; turn < 4000; turn++) {
        char file[2048] = HEAD;
        size_t len = turn % 3 == 0 ? 0 : strlen(file);
        for (int i = 0; i < 40 && len + 80 < sizeof file; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            uint32_t drawn = (uint32_t)(state >> 33);
            const char *part = parts[drawn % (sizeof parts / sizeof parts[0])];
            if (drawn % 97 == 0)
                file[len++] = (char)(drawn >> 7);
            memcpy(file + len, part, strlen(part));
            len += strlen(part);
        }
        char *exact = malloc(len > 0 ? len : 1); /* no byte behind the end is ours */
        memcpy(exact, file, len);
        if (bkey_is_ok(open_bytes(exact, len))) {
            bkey_import_row row;
            size_t rows = 0;
            while (bkey_import_reader_next(&reader, &row)) {
                cr_assert_leq(++rows, len + 1);
                cr_assert(row.why != NULL || !sup_guid_is_zero(&row.key_id));
                char text[BKEY_RECOVERY_KEY_TEXT_SIZE];
                if (row.why != NULL)
                    continue;
                bkey_recovery_key_format(row.password, text);
                cr_assert_str_eq(text, GOOD);
            }
        }
        bkey_import_reader_close(&reader);
        free(exact);
    }
}
