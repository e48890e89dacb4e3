/* SPDX-License-Identifier: Apache-2.0
 *
 * Which network addresses name one machine. Must not know devices or configurations. */
#include "domain/match.h"

#define DIGITS 12u

/* Adapters that go from machine to machine, or that every machine of a kind has: the first three
 * bytes as their makers registered them. */
static const uint32_t shared_makers[] = {
    0x000569, 0x000C29, 0x001C14, 0x005056, /* VMware */
    0x00155D, 0x0003FF,                     /* Hyper-V, Virtual PC */
    0x080027,                               /* VirtualBox */
    0x001C42,                               /* Parallels */
    0x00163E,                               /* Xen */
    0x00059A,                               /* Cisco AnyConnect */
    0x00090F,                               /* Fortinet's adapter */
    0x00FF00,                               /* TAP adapters */
    0x000EC6, 0xF8E43B,                     /* ASIX: USB adapters */
    0x00E04C,                               /* Realtek: USB adapters with one address for all */
    0x00051B, 0x00249B, 0x0050B6, 0x00133B, /* USB docks and adapters */
    0x8CAE4C, 0x9CEBE8, 0xA0CEC8,           /* docks */
};

#define GROUP_BIT (UINT64_C(1) << 40) /* many receive it */
#define LOCAL_BIT (UINT64_C(2) << 40) /* made up by software: private Wi-Fi, VPN, container */

static bool is_shared(uint64_t mac)
{
    for (size_t i = 0; i < sizeof shared_makers / sizeof shared_makers[0]; i++) {
        if (mac >> 24 == shared_makers[i])
            return true;
    }
    return (mac & (GROUP_BIT | LOCAL_BIT)) != 0 || (mac & 0xFFFFFFU) == 0 ||
           (mac & 0xFFFFFFU) == 0xFFFFFFU || mac >> 24 == 0;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool is_inner(char c)
{
    return c == ':' || c == '-' || c == '.';
}

/* Reads one word of the text; its end is returned. */
static const char *read_word(const char *at, uint64_t *out_mac, bool *out_whole)
{
    uint64_t mac = 0;
    unsigned digits = 0;
    bool clean = true;
    for (; *at != '\0' && *at != ' ' && *at != ',' && *at != ';' && *at != '\n' && *at != '\t' &&
           *at != '/' && *at != '|';
         at++) {
        int digit = digit_of(*at);
        if (digit >= 0 && digits < DIGITS)
            mac = mac << 4 | (uint64_t)digit;
        digits += digit >= 0;
        clean = clean && (digit >= 0 || is_inner(*at));
    }
    *out_mac = mac;
    *out_whole = clean && digits == DIGITS;
    return at;
}

size_t bkey_match_mac(const char *text, uint64_t *out, size_t max)
{
    size_t count = 0;
    while (text != NULL && *text != '\0' && count < max) {
        uint64_t mac = 0;
        bool whole = false;
        text = read_word(text, &mac, &whole);
        bool again = false;
        for (size_t i = 0; i < count; i++)
            again = again || out[i] == mac;
        if (whole && !again && !is_shared(mac))
            out[count++] = mac;
        if (*text != '\0')
            text++;
    }
    return count;
}
