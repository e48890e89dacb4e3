/* SPDX-License-Identifier: Apache-2.0
 *
 * Which names a person cannot tell from the kept one: a table written by hand from the
 * specification (tests/expect/names.tsv), and seeded changes that do or do not show. */
/* LINK: plugin/src/domain/naming.c plugin/src/domain/alike?*.c plugin/src/domain/alike.c
   plugin/src/base/unicode.c host-sdk/support/guid.c host-sdk/support/hex.c
   host-sdk/support/utf8.c */
/* LIBS: -lutf8proc */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "plugin/src/base/unicode.h"
#include "plugin/src/domain/alike.h"
#include "plugin/src/domain/alike_order.h"
#include "plugin/src/domain/naming.h"
#include "support/hex.h"

#define KEPT "BitLocker Keys (via Network Glue)"
#define TABLE "tests/expect/names.tsv"

static bool alike(const char *name, const char *kept)
{
    return bkey_alike_names(name, strlen(name), kept, strlen(kept));
}

static size_t put_point(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t tails = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned lead[] = {0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(lead[tails] | (c >> (6 * tails)));
    for (size_t i = 1; i <= tails; i++)
        out[i] = (char)(0x80 | ((c >> (6 * (tails - i))) & 0x3F));
    return tails + 1;
}

/* Resolves the escapes of the table; returns the length. */
static size_t unescape(const char *from, size_t len, char *out)
{
    size_t done = 0;
    for (size_t i = 0; i < len;) {
        if (from[i] != '\\') {
            out[done++] = from[i++];
            continue;
        }
        char kind = from[i + 1];
        size_t digits = kind == 'u' ? 4 : kind == 'U' ? 8 : kind == 'x' ? 2 : 0;
        uint8_t bytes[4] = {0};
        cr_assert(sup_hex_parse(from + i + 2, digits, bytes, digits / 2));
        uint32_t value = 0;
        for (size_t k = 0; k < digits / 2; k++)
            value = value << 8 | bytes[k];
        if (kind == 'x')
            out[done++] = (char)value;
        else
            done += put_point(out + done, digits > 0    ? value
                                          : kind == 't' ? '\t'
                                          : kind == 'n' ? '\n'
                                                        : '\r');
        i += 2 + digits;
    }
    return done;
}

static bkey_naming_verdict wanted(const char *line)
{
    return strncmp(line, "refused\t", 8) == 0   ? BKEY_NAMING_RESERVED
           : strncmp(line, "allowed\t", 8) == 0 ? BKEY_NAMING_FREE
                                                : BKEY_NAMING_MALFORMED;
}

/* S1.31 S1.32 S1.33 S1.34 */
Test(alike, every_row_of_the_table_is_judged_as_it_says)
{
    char line[1024];
    char name[1024];
    size_t rows = 0;
    FILE *table = fopen(TABLE, "r");
    cr_assert_not_null(table);
    while (fgets(line, sizeof line, table) != NULL) {
        if (line[0] == '#')
            continue;
        const char *from = strchr(line, '\t') + 1;
        size_t len = unescape(from, strcspn(from, "\t"), name);
        rows++;
        for (uint32_t kind = BKEY_NAMING_CATEGORY; kind <= BKEY_NAMING_FOLDER; kind++)
            cr_expect_eq(bkey_naming_check(kind, name, len, KEPT), wanted(line), "kind %u: %s",
                         kind, line);
    }
    fclose(table);
    cr_expect_geq(rows, 120);
}

/* S1.32: what is kept is a setting; the rules hold for any name. */
Test(alike, any_name_can_be_kept)
{
    static const struct {
        const char *kept;
        const char *name;
        bool same;
    } rows[] = {
        {"Cl\u00e9s", "Cle\u0301s", true},
        {"Cle\u0301s", "CL\u00c9S", true},
        {"Cl\u00e9s", "Cles", false},
        {"\u041a\u043b\u044e\u0447\u0438", "\u043a\u043b\u044e\u0447\u0438", true},
        {"\u041a\u043b\u044e\u0447\u0438", "K\u043b\u044e\u0447\u0438", true},
        {"\u041a\u043b\u044e\u0447\u0438", "\u041a\u043b\u044e\u0447", false},
        {"Stra\u00dfe", "STRASSE", true},
        {"STRASSE", "stra\u00dfe", true},
        {"modem", "rnodem", true},
        {"rnodem", "modem", true},
        {"modem", "nodem", false},
        {"\u30ad\u30fc", "\uff77\uff70", true},
        {"Keys 10", "Keys lO", true},
        {"Keys 10", "Keys 20", false},
        {"  Keys  ", "Keys", true},
        {"a\u3164b", "a b", true},
        {"\u200b", "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_eq(alike(rows[i].name, rows[i].kept), rows[i].same, "row %zu", i);
}

static uint32_t step(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

typedef struct likes {
    uint32_t at[200];
    size_t count;
} likes;

/* Every letter whose prototype is that of the given one. */
static void collect(uint32_t letter, likes *out)
{
    const uint32_t *mine = &letter;
    size_t len = bkey_unicode_prototype(letter, &mine);
    mine = len == 0 ? &letter : mine;
    out->count = 0;
    for (uint32_t c = 0x80; c < 0x20000 && out->count < 200; c++) {
        const uint32_t *theirs = NULL;
        size_t count = bkey_unicode_prototype(c, &theirs);
        if (count == (len == 0 ? 1 : len) && memcmp(theirs, mine, count * sizeof *mine) == 0)
            out->at[out->count++] = c;
    }
}

/* Seeded. S1.32: letters replaced by look-alikes, hidden characters in between: refused. Then one
 * further letter that shows: allowed. */
Test(alike, replaced_by_look_alikes_is_refused_and_a_visible_letter_more_is_allowed)
{
    static const uint32_t hidden[] = {0x200B, 0x200D, 0xAD, 0x2060, 0xFE0F, 0xE0061};
    static likes table[sizeof KEPT];
    for (size_t i = 0; i + 1 < sizeof KEPT; i++)
        collect((unsigned char)KEPT[i], &table[i]);
    for (uint32_t seed = 1; seed <= 2000; seed++) {
        char name[1024];
        size_t len = 0;
        uint32_t random = seed;
        for (size_t i = 0; i + 1 < sizeof KEPT; i++) {
            bool swap = step(&random) % 3 == 0 && table[i].count > 0;
            len += put_point(name + len, swap ? table[i].at[step(&random) % table[i].count]
                                              : (uint32_t)KEPT[i]);
            if (step(&random) % 8 == 0)
                len += put_point(name + len, hidden[step(&random) % 6]);
        }
        cr_assert(bkey_alike_names(name, len, KEPT, sizeof KEPT - 1), "seed %u: %.*s", seed,
                  (int)len, name);
        len += put_point(name + len, (uint32_t) "xz7?-"[step(&random) % 5]);
        cr_assert_not(bkey_alike_names(name, len, KEPT, sizeof KEPT - 1), "seed %u: %.*s", seed,
                      (int)len, name);
    }
}

/* Seeded. S1.34: any one letter changed into one that looks otherwise is allowed. */
Test(alike, a_changed_letter_that_shows_is_allowed)
{
    static const char others[] = "dfhjqxzDFHJQXZ234679?#%";
    for (uint32_t seed = 1; seed <= 2000; seed++) {
        char name[] = KEPT;
        uint32_t random = seed;
        name[step(&random) % (sizeof KEPT - 1)] = others[step(&random) % (sizeof others - 1)];
        cr_assert_not(alike(name, KEPT), "seed %u: %s", seed, name);
    }
}

Test(alike, the_longest_names_are_judged_whatever_they_expand_to)
{
    char name[4 * 255];
    size_t len = 0;
    for (size_t i = 0; i < 255; i++)
        len += put_point(name + len, 0xFDFA);
    cr_expect_not(bkey_alike_names(name, len, KEPT, sizeof KEPT - 1));
    cr_expect(bkey_alike_names(name, len, name, len));
    cr_expect_not(bkey_alike_names(name, len, name, len - 3));
    cr_expect_not(alike(KEPT, ""));
}

static void expect_order(const char *name, const char *shown, bool changed)
{
    uint32_t points[64];
    size_t len = bkey_unicode_decompose(name, strlen(name), points, 64);
    cr_expect_eq(bkey_alike_order(points, len, true), changed);
    char text[256];
    size_t done = 0;
    for (size_t i = 0; i < len; i++) {
        if (bkey_unicode_ink_of(points[i]) != BKEY_UNICODE_HIDDEN)
            done += put_point(text + done, points[i]);
    }
    text[done] = '\0';
    cr_expect_str_eq(text, shown);
}

Test(alike, overrides_turn_letters_round_as_on_a_screen)
{
    expect_order("abc", "abc", false);
    expect_order("\u202aabc\u202c", "abc", false);
    expect_order("a\u202ebcd\u202ce", "adcbe", true);
    expect_order("a\u202ebcd", "adcb", true);
    expect_order("\u202ea(b", "b)a", true);
    expect_order("\u202eab\u202dcd\u202cef\u202c", "fecdba", true);
    expect_order("\u202eab\u202ccd\u202cef", "bacdef", true);
    expect_order("\u202eab\u2066cd\u2069ef\u202cg", "fecdbag", true);
    expect_order("x\u2069\u202eab", "xba", true);
}
