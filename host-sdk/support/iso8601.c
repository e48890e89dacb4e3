/* SPDX-License-Identifier: Apache-2.0 */
#include "support/iso8601.h"

#include <inttypes.h>
#include <stdio.h>

#define DAY_MS INT64_C(86400000)
#define MIN_MS INT64_C(-62135596800000) /* 0001-01-01T00:00:00.000Z */
#define MAX_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

/* Days since 1970-01-01 of a proleptic Gregorian date, by counting in eras of 400 years. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

typedef struct cursor {
    const char *text;
    size_t len;
    size_t at;
    bool ok;
} cursor;

static int64_t digits(cursor *c, size_t count)
{
    int64_t value = 0;
    for (size_t i = 0; i < count; i++, c->at++) {
        if (c->at >= c->len || c->text[c->at] < '0' || c->text[c->at] > '9') {
            c->ok = false;
            return 0;
        }
        value = value * 10 + (c->text[c->at] - '0');
    }
    return value;
}

static bool take(cursor *c, char wanted)
{
    if (c->at >= c->len || c->text[c->at] != wanted)
        return false;
    c->at++;
    return true;
}

static void expect(cursor *c, char wanted)
{
    if (!take(c, wanted))
        c->ok = false;
}

static int64_t fraction_ms(cursor *c)
{
    if (!take(c, '.'))
        return 0;
    int64_t ms = 0;
    int64_t scale = 100;
    size_t start = c->at;
    while (c->at < c->len && c->text[c->at] >= '0' && c->text[c->at] <= '9') {
        ms += scale * (c->text[c->at] - '0');
        scale /= 10;
        c->at++;
    }
    if (c->at == start)
        c->ok = false;
    return ms;
}

static int64_t offset_ms(cursor *c)
{
    if (take(c, 'Z'))
        return 0;
    int64_t sign = take(c, '-') ? -1 : 1;
    if (sign == 1)
        expect(c, '+');
    int64_t hours = digits(c, 2);
    expect(c, ':');
    int64_t minutes = digits(c, 2);
    if (hours > 23 || minutes > 59)
        c->ok = false;
    return sign * (hours * 60 + minutes) * 60000;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t month_length(int64_t year, int64_t month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return lengths[month - 1] + (month == 2 && is_leap(year));
}

bool sup_iso8601_parse(const char *text, size_t len, int64_t *out_ms)
{
    cursor c = {text, len, 0, true};
    int64_t year = digits(&c, 4);
    expect(&c, '-');
    int64_t month = digits(&c, 2);
    expect(&c, '-');
    int64_t day = digits(&c, 2);
    expect(&c, 'T');
    int64_t hour = digits(&c, 2);
    expect(&c, ':');
    int64_t minute = digits(&c, 2);
    expect(&c, ':');
    int64_t second = digits(&c, 2);
    int64_t ms = fraction_ms(&c);
    int64_t offset = offset_ms(&c);
    if (!c.ok || c.at != len || year < 1 || month < 1 || month > 12)
        return false;
    if (day < 1 || day > month_length(year, month) || hour > 23 || minute > 59 || second > 59)
        return false;
    int64_t of_day = ((hour * 60 + minute) * 60 + second) * 1000 + ms;
    *out_ms = days_of(year, month, day) * DAY_MS + of_day - offset;
    return true;
}

void sup_iso8601_format(int64_t ms, char out[SUP_ISO8601_TEXT_SIZE])
{
    ms = ms < MIN_MS ? MIN_MS : ms > MAX_MS ? MAX_MS : ms;
    int64_t days = (ms - MIN_MS) / DAY_MS + days_of(1, 1, 1);
    int64_t of_day = (ms - MIN_MS) % DAY_MS;
    int64_t shifted = days + 719468;
    int64_t era = shifted / 146097;
    int64_t day_of_era = shifted % 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    int64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    int64_t year = year_of_era + era * 400 + (month <= 2);
    char text[64];
    snprintf(text, sizeof text,
             "%04" PRId64 "-%02" PRId64 "-%02" PRId64 "T%02" PRId64 ":%02" PRId64 ":%02" PRId64
             ".%03" PRId64 "Z",
             year, month, day, of_day / 3600000, of_day / 60000 % 60, of_day / 1000 % 60,
             of_day % 1000);
    for (size_t i = 0; i < SUP_ISO8601_TEXT_SIZE; i++)
        out[i] = text[i];
}
