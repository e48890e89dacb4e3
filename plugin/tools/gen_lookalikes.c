/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints the table of look-alike letters for base/unicode.c: Unicode's confusables, as ICU carries
 * them, and the small capitals, told by their names. Runs while building; nothing of ICU goes into
 * the plugin. Must not know which names are reserved.
 *
 *   gen_lookalikes > lookalikes_gen.h */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>
#include <unicode/uversion.h>

#define LAST_POINT 0x10FFFF
#define POINTS_MAX 32
#define SMALL_MAX 64
#define POOL_MAX 65536

typedef struct points {
    UChar32 at[POINTS_MAX];
    int32_t len;
} points;

/* The prototype of small capitals and what it stands for. */
typedef struct small_capital {
    UChar32 prototype;
    UChar32 capital;
} small_capital;

static USpoofChecker *checker;
static const UNormalizer2 *compatible;
static small_capital small[SMALL_MAX];
static size_t small_count;
static UChar32 pool[POOL_MAX];
static size_t pool_len;

static bool find_skeleton(UChar32 c, points *out)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar text[U16_MAX_LENGTH];
    UChar skeleton[POINTS_MAX * 2];
    int32_t len = 0;
    U16_APPEND_UNSAFE(text, len, c);
    len = uspoof_getSkeleton(checker, 0, text, len, skeleton, POINTS_MAX * 2, &status);
    u_strToUTF32(out->at, POINTS_MAX, &out->len, skeleton, len, &status);
    return U_SUCCESS(status);
}

/* Text is decomposed before it is looked up, so only what stays as it is needs an entry. */
static bool is_atom(UChar32 c)
{
    UChar decomposition[POINTS_MAX * 2];
    UErrorCode status = U_ZERO_ERROR;
    int32_t len = unorm2_getDecomposition(compatible, c, decomposition, POINTS_MAX * 2, &status);
    return u_isdefined(c) && u_charType(c) != U_SURROGATE && len < 0;
}

/* The letter of "LATIN LETTER SMALL CAPITAL K", else 0. */
static UChar32 small_capital_of(UChar32 c)
{
    static const char prefix[] = "LATIN LETTER SMALL CAPITAL ";
    char name[128];
    UErrorCode status = U_ZERO_ERROR;
    int32_t len = u_charName(c, U_UNICODE_CHAR_NAME, name, sizeof name, &status);
    bool fits = U_SUCCESS(status) && len == (int32_t)sizeof prefix &&
                strncmp(name, prefix, sizeof prefix - 1) == 0;
    return fits ? (UChar32)name[len - 1] : 0;
}

static void collect_small_capitals(void)
{
    for (UChar32 c = 0x80; c <= LAST_POINT && small_count < SMALL_MAX; c++) {
        points found;
        UChar32 capital = small_capital_of(c);
        if (capital != 0 && find_skeleton(c, &found) && found.len == 1 && found.at[0] >= 0x80)
            small[small_count++] = (small_capital){found.at[0], capital};
    }
}

static void replace_small_capitals(points *found)
{
    for (int32_t i = 0; i < found->len; i++) {
        points capital;
        for (size_t k = 0; k < small_count; k++) {
            if (found->at[i] == small[k].prototype && find_skeleton(small[k].capital, &capital) &&
                capital.len == 1)
                found->at[i] = capital.at[0];
        }
    }
}

static size_t place(const points *found)
{
    size_t len = (size_t)found->len;
    for (size_t at = 0; at + len <= pool_len; at++) {
        if (memcmp(pool + at, found->at, len * sizeof pool[0]) == 0)
            return at;
    }
    if (pool_len + len > POOL_MAX)
        return POOL_MAX;
    memcpy(pool + pool_len, found->at, len * sizeof pool[0]);
    pool_len += len;
    return pool_len - len;
}

static bool print_entries(void)
{
    puts("static const struct lookalike lookalikes[] = {");
    for (UChar32 c = 0; c <= LAST_POINT; c++) {
        points found;
        if (!is_atom(c))
            continue;
        if (!find_skeleton(c, &found))
            return false;
        replace_small_capitals(&found);
        if (found.len == 0 || (found.len == 1 && found.at[0] == c))
            continue;
        size_t at = place(&found);
        if (at == POOL_MAX)
            return false;
        printf("    {0x%04X, %zu, %d},\n", (unsigned)c, at, (int)found.len);
    }
    puts("};");
    return true;
}

static void print_pool(void)
{
    printf("static const uint32_t lookalike_pool[] = {");
    for (size_t i = 0; i < pool_len; i++)
        printf("%s0x%04X,", i % 8 == 0 ? "\n    " : " ", (unsigned)pool[i]);
    puts("\n};");
}

int main(void)
{
    UErrorCode status = U_ZERO_ERROR;
    checker = uspoof_open(&status);
    compatible = unorm2_getNFKDInstance(&status);
    if (U_FAILURE(status)) {
        fprintf(stderr, "gen_lookalikes: %s\n", u_errorName(status));
        return 1;
    }
    printf("/* Unicode %s, by ICU %s. Generated. */\n", U_UNICODE_VERSION, U_ICU_VERSION);
    collect_small_capitals();
    bool ok = print_entries();
    print_pool();
    uspoof_close(checker);
    return ok && fflush(stdout) == 0 ? 0 : 1;
}
