/* SPDX-License-Identifier: Apache-2.0
 *
 * Both names are decomposed and freed from what does not show. The one that is asked about is then
 * spelled in prototypes of look-alikes; the kept one is walked through it letter by letter, each in
 * the prototypes of its two cases. So "Bltlocker" is caught, for it looks like "BItlocker", and
 * "Bitiocker" is not. Must not know what the names are for. */
#include "domain/alike.h"

#include <string.h>

#include "base/unicode.h"
#include "domain/alike_order.h"

#define POINTS_MAX ((size_t)BKEY_ALIKE_MAX_CHARACTERS * BKEY_UNICODE_EXPANSION)
#define BLANK 0x20u
#define MAYBE_BLANK 0u
#define DOT_ABOVE 0x307u

typedef struct points {
    uint32_t at[POINTS_MAX];
    size_t len;
} points;

static bool append(points *to, const uint32_t *from, size_t count)
{
    if (count > POINTS_MAX - to->len)
        return false;
    memcpy(to->at + to->len, from, count * sizeof *from);
    to->len += count;
    return true;
}

static size_t prototype(uint32_t c, uint32_t own[1], const uint32_t **out)
{
    size_t len = bkey_unicode_prototype(c, out);
    if (len > 0)
        return len;
    own[0] = c;
    *out = own;
    return 1;
}

/* An i with a dot put above it looks like an i. */
static bool is_lost_dot(const points *shown, uint32_t c)
{
    if (c != DOT_ABOVE || shown->len == 0)
        return false;
    uint32_t own[1];
    const uint32_t *letters = NULL;
    uint32_t before = bkey_unicode_lower(shown->at[shown->len - 1]);
    return prototype(before, own, &letters) == 1 && bkey_unicode_has_soft_dot(letters[0]);
}

static void add_blank(points *shown, bool sure)
{
    if (shown->len == 0)
        return;
    uint32_t *last = &shown->at[shown->len - 1];
    if (*last == MAYBE_BLANK || *last == BLANK)
        *last = sure ? BLANK : *last;
    else
        shown->at[shown->len++] = sure ? BLANK : MAYBE_BLANK;
}

static bool add_letter(points *shown, uint32_t c)
{
    uint32_t folded[BKEY_UNICODE_EXPANSION];
    size_t count = c < 0x80 ? 1 : bkey_unicode_fold(c, folded);
    /* Sharp s and its kind are written as two letters in capitals. */
    return is_lost_dot(shown, c) || append(shown, count > 1 ? folded : &c, count > 1 ? count : 1);
}

/* What can be seen of a name: no blanks at the ends, one at most between words. False as soon as
 * it is more than `most`. */
static bool keep_shown(const points *all, size_t most, points *shown)
{
    bool fits = true;
    shown->len = 0;
    for (size_t i = 0; fits && i < all->len; i++) {
        fits = shown->len <= most;
        switch (bkey_unicode_ink_of(all->at[i])) {
        case BKEY_UNICODE_BLANK:
        case BKEY_UNICODE_FILLER:
            fits = fits && shown->len < POINTS_MAX;
            if (fits)
                add_blank(shown, bkey_unicode_ink_of(all->at[i]) == BKEY_UNICODE_BLANK);
            break;
        case BKEY_UNICODE_SHOWN:
            fits = fits && add_letter(shown, all->at[i]);
            break;
        case BKEY_UNICODE_HIDDEN:
            break;
        }
    }
    if (shown->len > 0 && shown->at[shown->len - 1] <= BLANK)
        shown->len--;
    return fits;
}

static bool spell(const points *shown, points *spelled)
{
    bool fits = true;
    spelled->len = 0;
    for (size_t i = 0; fits && i < shown->len; i++) {
        uint32_t own[1];
        const uint32_t *letters = NULL;
        size_t count = prototype(shown->at[i], own, &letters);
        fits = append(spelled, letters, count);
    }
    return fits;
}

/* Places in the spelled name: true where the kept name, as far as it was walked, may end. */
typedef struct places {
    bool at[POINTS_MAX + 1];
    size_t first;
    size_t last; /* first > last: nowhere */
} places;

static void mark(places *to, size_t place)
{
    to->at[place] = true;
    to->first = place < to->first ? place : to->first;
    to->last = place > to->last ? place : to->last;
}

static void arrive(places *to, const points *spelled, size_t place)
{
    mark(to, place);
    if (place < spelled->len && spelled->at[place] == MAYBE_BLANK)
        mark(to, place + 1);
}

static bool is_blank_at(const points *spelled, size_t place)
{
    return place < spelled->len &&
           (spelled->at[place] == BLANK || spelled->at[place] == MAYBE_BLANK);
}

/* From every place where the walk stands, one letter on, in the spelling of `c`. */
static void walk(const points *spelled, const places *from, uint32_t c, places *to)
{
    uint32_t own[1];
    const uint32_t *letters = NULL;
    size_t count = prototype(c, own, &letters);
    for (size_t place = from->first; place <= from->last && place + count <= spelled->len;
         place++) {
        if (from->at[place] && memcmp(spelled->at + place, letters, count * sizeof *letters) == 0)
            arrive(to, spelled, place + count);
    }
}

static void walk_blank(const points *spelled, const places *from, places *to)
{
    for (size_t place = from->first; place <= from->last; place++) {
        if (from->at[place] && is_blank_at(spelled, place))
            arrive(to, spelled, place + 1);
    }
}

static void stay(const points *spelled, const places *from, places *to)
{
    for (size_t place = from->first; place <= from->last; place++) {
        if (from->at[place])
            arrive(to, spelled, place);
    }
}

static void start(places *on, size_t len)
{
    memset(on->at, 0, (len + 1) * sizeof on->at[0]);
    on->first = len + 1;
    on->last = 0;
}

static bool fits_spelling(const points *kept, const points *spelled)
{
    places on[2];
    places *from = &on[0];
    places *to = &on[1];
    start(from, spelled->len);
    arrive(from, spelled, 0);
    for (size_t i = 0; i < kept->len && from->first <= from->last; i++) {
        uint32_t c = kept->at[i];
        uint32_t lower = bkey_unicode_lower(c);
        uint32_t upper = bkey_unicode_upper(c);
        start(to, spelled->len);
        if (c == MAYBE_BLANK)
            stay(spelled, from, to);
        if (c <= BLANK)
            walk_blank(spelled, from, to);
        else
            walk(spelled, from, c, to);
        if (lower != c)
            walk(spelled, from, lower, to);
        if (upper != c)
            walk(spelled, from, upper, to);
        places *other = from;
        from = to;
        to = other;
    }
    return from->at[spelled->len];
}

/* What is kept, freed from what does not show, and how long it can get in prototypes. */
typedef struct kept_name {
    points shown;
    size_t most;
} kept_name;

static size_t spelled_length(uint32_t c)
{
    const uint32_t *letters = NULL;
    size_t len = bkey_unicode_prototype(c, &letters);
    return len > 0 ? len : 1;
}

static bool prepare(const char *text, size_t len, points *all, kept_name *kept)
{
    all->len = bkey_unicode_decompose(text, len, all->at, POINTS_MAX);
    kept->most = 0;
    if (!keep_shown(all, POINTS_MAX, &kept->shown))
        return false;
    for (size_t i = 0; i < kept->shown.len; i++) {
        uint32_t c = kept->shown.at[i];
        size_t lower = spelled_length(bkey_unicode_lower(c));
        size_t upper = spelled_length(bkey_unicode_upper(c));
        kept->most += lower > upper ? lower : upper;
    }
    /* Blanks that may be none come on top, one for each letter at most. */
    kept->most *= 2;
    return kept->shown.len > 0;
}

static bool looks_like(const points *all, const kept_name *kept)
{
    points shown;
    points spelled;
    return keep_shown(all, kept->most, &shown) && spell(&shown, &spelled) &&
           fits_spelling(&kept->shown, &spelled);
}

bool bkey_alike_names(const char *name, size_t len, const char *kept, size_t kept_len)
{
    points all;
    kept_name wanted;
    if (!prepare(kept, kept_len, &all, &wanted))
        return false;
    all.len = bkey_unicode_decompose(name, len, all.at, POINTS_MAX);
    if (looks_like(&all, &wanted))
        return true;
    if (!bkey_alike_order(all.at, all.len, true))
        return false;
    if (looks_like(&all, &wanted))
        return true;
    /* Not every screen mirrors the brackets. */
    all.len = bkey_unicode_decompose(name, len, all.at, POINTS_MAX);
    return bkey_alike_order(all.at, all.len, false) && looks_like(&all, &wanted);
}
