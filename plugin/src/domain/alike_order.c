/* SPDX-License-Identifier: Apache-2.0
 *
 * The explicit levels of UAX #9 (X1 to X8) and the reversal of L2, for text whose letters are all
 * written left to right. Must not know names. */
#include "domain/alike_order.h"

#include <string.h>

#define DEPTH_MAX 125u /* of UAX #9 */

enum { LRE = 0x202A, RLE, PDF, LRO, RLO, LRI = 0x2066, RLI, FSI, PDI };

typedef struct embedding {
    uint8_t level;
    bool overrides;
    bool isolates;
} embedding;

typedef struct stack {
    embedding at[DEPTH_MAX + 2];
    size_t depth;
} stack;

static void push(stack *open, uint32_t c)
{
    bool right = c == RLE || c == RLO || c == RLI;
    uint8_t level = open->at[open->depth].level;
    uint8_t next = (uint8_t)(right ? (level + 1) | 1 : (level + 2) & ~1);
    if (next <= DEPTH_MAX && open->depth + 1 < DEPTH_MAX + 2)
        open->at[++open->depth] = (embedding){next, c == LRO || c == RLO, c >= LRI};
}

static void pop_isolate(stack *open)
{
    size_t depth = open->depth;
    while (depth > 0 && !open->at[depth].isolates)
        depth--;
    open->depth = depth > 0 ? depth - 1 : open->depth;
}

static uint8_t level_of(stack *open, uint32_t c)
{
    if (c == LRE || c == RLE || c == LRO || c == RLO || c == LRI || c == RLI || c == FSI)
        push(open, c);
    else if (c == PDF && open->depth > 0 && !open->at[open->depth].isolates)
        open->depth--;
    else if (c == PDI)
        pop_isolate(open);
    const embedding *inner = &open->at[open->depth];
    bool odd = inner->level % 2 == 1;
    return (uint8_t)(inner->level + (odd && !inner->overrides ? 1 : 0));
}

static uint32_t mirror(uint32_t c)
{
    static const char pairs[] = "()[]{}<>";
    const char *at = c > 0 && c < 0x80 ? strchr(pairs, (int)c) : NULL;
    return at == NULL ? c : (uint32_t)pairs[(size_t)(at - pairs) ^ 1U];
}

static void reverse(uint32_t *text, uint8_t *levels, size_t from, size_t to)
{
    while (from + 1 < to) {
        to--;
        uint32_t c = text[from];
        uint8_t level = levels[from];
        text[from] = text[to];
        levels[from] = levels[to];
        text[to] = c;
        levels[to] = level;
        from++;
    }
}

static void reverse_level(uint32_t *text, uint8_t *levels, size_t len, uint8_t level)
{
    for (size_t from = 0; from < len; from++) {
        size_t to = from;
        while (to < len && levels[to] >= level)
            to++;
        reverse(text, levels, from, to);
        from = to > from ? to - 1 : from;
    }
}

bool bkey_alike_order(uint32_t *text, size_t len, bool mirrors)
{
    uint8_t levels[BKEY_ALIKE_ORDER_MAX];
    stack open = {.depth = 0};
    uint8_t highest = 0;
    bool overridden = false;
    for (size_t i = 0; i < len; i++)
        overridden = overridden || text[i] == RLO;
    if (!overridden || len > BKEY_ALIKE_ORDER_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        levels[i] = level_of(&open, text[i]);
        highest = levels[i] > highest ? levels[i] : highest;
        if (mirrors && levels[i] % 2 == 1)
            text[i] = mirror(text[i]);
    }
    for (uint8_t level = highest; level > 0; level--)
        reverse_level(text, levels, len, level);
    return true;
}
