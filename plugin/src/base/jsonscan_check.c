/* SPDX-License-Identifier: Apache-2.0
 *
 * The validator of jsonscan: a state machine over the bytes, without recursion, allocation or the
 * C library's locale. Must accept exactly what jansson accepts with the limits of json.c. */
#include "base/jsonscan_check.h"

#include <string.h>

#include "base/jsonscan.h"
#include "support/hex.h"
#include "support/utf8.h"

typedef bkey_jsonscan_cursor cursor;

typedef enum wanted {
    WANT_VALUE,
    WANT_VALUE_OR_END,
    WANT_NAME,
    WANT_NAME_OR_END,
    WANT_COMMA_OR_END
} wanted;

typedef struct checker {
    cursor in;
    wanted next;
    size_t depth;
    bool is_object[BKEY_JSONSCAN_MAX_DEPTH];
} checker;

static char peek(const cursor *in)
{
    return in->at < in->len ? in->ptr[in->at] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

void bkey_jsonscan_skip_space(cursor *in)
{
    while (in->at < in->len && memchr(" \t\n\r", in->ptr[in->at], 4) != NULL)
        in->at++;
}

void bkey_jsonscan_skip_string(cursor *in)
{
    for (in->at++; in->at < in->len && in->ptr[in->at] != '"'; in->at++) {
        if (in->ptr[in->at] == '\\')
            in->at++;
    }
    in->at = in->at < in->len ? in->at + 1 : in->len;
}

void bkey_jsonscan_skip_nested(cursor *in)
{
    size_t depth = 0;
    while (in->at < in->len) {
        char c = in->ptr[in->at];
        if (c == '"') {
            bkey_jsonscan_skip_string(in);
            continue;
        }
        in->at++;
        if (c == '{' || c == '[')
            depth++;
        else if ((c == '}' || c == ']') && --depth == 0)
            return;
    }
}

void bkey_jsonscan_skip_scalar(cursor *in)
{
    while (in->at < in->len && memchr(" \t\n\r,]}", in->ptr[in->at], 7) == NULL)
        in->at++;
}

static bool take_hex4(cursor *in, uint32_t *out)
{
    uint32_t value = 0;
    if (in->len - in->at < 4)
        return false;
    for (size_t i = 0; i < 4; i++) {
        int digit = sup_hex_digit(in->ptr[in->at++]);
        if (digit < 0)
            return false;
        value = value << 4 | (uint32_t)digit;
    }
    *out = value;
    return true;
}

static bool take_unicode_escape(cursor *in, uint32_t *out)
{
    uint32_t high = 0;
    uint32_t low = 0;
    if (!take_hex4(in, &high) || (high >= 0xDC00 && high <= 0xDFFF))
        return false;
    if (high < 0xD800 || high > 0xDBFF) {
        *out = high;
        return true;
    }
    if (in->len - in->at < 2 || in->ptr[in->at] != '\\' || in->ptr[in->at + 1] != 'u')
        return false;
    in->at += 2;
    if (!take_hex4(in, &low) || low < 0xDC00 || low > 0xDFFF)
        return false;
    *out = 0x10000U + ((high - 0xD800U) << 10) + (low - 0xDC00U);
    return true;
}

bool bkey_jsonscan_take_character(cursor *in, uint32_t *out)
{
    static const char escapes[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    if (peek(in) != '\\') {
        size_t step = sup_utf8_decode(in->ptr + in->at, in->len - in->at, out);
        in->at += step;
        return step > 0 && *out >= 0x20;
    }
    in->at++;
    char c = peek(in);
    if (c == '\0')
        return false;
    in->at++;
    if (c == 'u')
        return take_unicode_escape(in, out);
    const char *found = strchr(escapes, c);
    if (found == NULL)
        return false;
    *out = (uint32_t)(unsigned char)meanings[found - escapes];
    return true;
}

/* At the opening quote. A name with a NUL in it is what jansson cannot store. */
static bool check_string(cursor *in, bool is_name)
{
    in->at++;
    while (in->at < in->len && in->ptr[in->at] != '"') {
        uint32_t c = 0;
        if (!bkey_jsonscan_take_character(in, &c) || (is_name && c == 0))
            return false;
    }
    if (in->at >= in->len)
        return false;
    in->at++;
    return true;
}

static bool take_digits(cursor *in)
{
    size_t start = in->at;
    while (is_digit(peek(in)))
        in->at++;
    return in->at > start;
}

bool bkey_jsonscan_read_int(const char *text, size_t len, int64_t *out)
{
    bool negative = len > 0 && text[0] == '-';
    uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1U : 0U);
    uint64_t value = 0;
    size_t at = negative ? 1 : 0;
    if (at == len)
        return false;
    for (; at < len; at++) {
        if (!is_digit(text[at]))
            return false;
        uint64_t digit = (uint64_t)(text[at] - '0');
        if (value > (limit - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = negative && value > 0 ? -(int64_t)(value - 1) - 1 : (int64_t)value;
    return true;
}

/* The smallest magnitude that rounds to infinity, 2^1024 - 2^970, has these 309 digits. */
static const char overflow_digits[] =
    "1797693134862315807937289714053034150799341327100378269361737789804449682927647509466490179775"
    "8720709633028641669288791094655554785194040263065748867150582068190890200070838367627385484581"
    "7711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699"
    "508093042880177904174497792";

/* With the dot and leading zeros left out: are the digits at least overflow_digits? */
static bool digits_reach_limit(const char *text, size_t len)
{
    size_t at = 0;
    while (at < len && (text[at] == '0' || text[at] == '.' || text[at] == '-'))
        at++;
    for (size_t i = 0; i < sizeof overflow_digits - 1; i++, at++) {
        if (at < len && text[at] == '.')
            at++;
        char digit = at < len && is_digit(text[at]) ? text[at] : '0';
        if (digit != overflow_digits[i])
            return digit > overflow_digits[i];
        if (at >= len || !is_digit(text[at]))
            at = len;
    }
    return true;
}

/* jansson refuses a real that strtod cannot represent; so do we, without strtod's locale. */
static bool is_representable(const char *text, size_t len, int64_t exponent)
{
    int64_t magnitude = 0; /* the value is 0.d1d2... times ten to that, d1 not zero */
    bool past_dot = false;
    bool significant = false;
    for (size_t i = 0; i < len && text[i] != 'e' && text[i] != 'E'; i++) {
        if (text[i] == '.')
            past_dot = true;
        else if (is_digit(text[i])) {
            significant = significant || text[i] != '0';
            if (significant && !past_dot)
                magnitude++;
            if (!significant && past_dot)
                magnitude--;
        }
    }
    magnitude += exponent;
    if (!significant || magnitude < 309)
        return true;
    return magnitude == 309 && !digits_reach_limit(text, len);
}

static int64_t read_exponent(const char *text, size_t len)
{
    static const int64_t huge = INT64_C(1000000000000);
    bool negative = len > 0 && text[0] == '-';
    int64_t value = 0;
    for (size_t i = 0; i < len && value < huge; i++) {
        if (is_digit(text[i]))
            value = value * 10 + (text[i] - '0');
    }
    return negative ? -value : value;
}

static bool check_number(cursor *in)
{
    size_t start = in->at;
    if (peek(in) == '-')
        in->at++;
    if (peek(in) == '0')
        in->at++;
    else if (!take_digits(in))
        return false;
    if (memchr(".eE", peek(in), 3) == NULL) {
        int64_t value = 0;
        return bkey_jsonscan_read_int(in->ptr + start, in->at - start, &value);
    }
    if (peek(in) == '.') {
        in->at++;
        if (!take_digits(in))
            return false;
    }
    int64_t exponent = 0;
    if (peek(in) == 'e' || peek(in) == 'E') {
        size_t from = ++in->at;
        if (peek(in) == '+' || peek(in) == '-')
            in->at++;
        if (!take_digits(in))
            return false;
        exponent = read_exponent(in->ptr + from, in->at - from);
    }
    return is_representable(in->ptr + start, in->at - start, exponent);
}

static bool check_literal(cursor *in, const char *literal)
{
    size_t len = strlen(literal);
    if (in->len - in->at < len || memcmp(in->ptr + in->at, literal, len) != 0)
        return false;
    in->at += len;
    return true;
}

static bool open_nested(checker *check, bool is_object)
{
    if (check->depth == BKEY_JSONSCAN_MAX_DEPTH)
        return false;
    check->is_object[check->depth++] = is_object;
    check->next = is_object ? WANT_NAME_OR_END : WANT_VALUE_OR_END;
    check->in.at++;
    return true;
}

static bool close_nested(checker *check, char bracket)
{
    if (bracket != (check->is_object[check->depth - 1] ? '}' : ']'))
        return false;
    check->depth--;
    check->in.at++;
    check->next = WANT_COMMA_OR_END;
    return true;
}

static bool check_value(checker *check)
{
    char c = peek(&check->in);
    check->next = WANT_COMMA_OR_END;
    switch (c) {
    case '{':
        return open_nested(check, true);
    case '[':
        return open_nested(check, false);
    case '"':
        return check_string(&check->in, false);
    case 't':
        return check_literal(&check->in, "true");
    case 'f':
        return check_literal(&check->in, "false");
    case 'n':
        return check_literal(&check->in, "null");
    default:
        return check_number(&check->in);
    }
}

static bool check_name(checker *check)
{
    if (peek(&check->in) != '"' || !check_string(&check->in, true))
        return false;
    bkey_jsonscan_skip_space(&check->in);
    if (peek(&check->in) != ':')
        return false;
    check->in.at++;
    check->next = WANT_VALUE;
    return true;
}

static bool check_next(checker *check)
{
    char c = peek(&check->in);
    bool closes = c == '}' || c == ']';
    switch (check->next) {
    case WANT_VALUE:
        return check_value(check);
    case WANT_VALUE_OR_END:
        return closes ? close_nested(check, c) : check_value(check);
    case WANT_NAME:
        return check_name(check);
    case WANT_NAME_OR_END:
        return closes ? close_nested(check, c) : check_name(check);
    case WANT_COMMA_OR_END:
        break;
    }
    if (c != ',')
        return close_nested(check, c);
    check->in.at++;
    check->next = check->is_object[check->depth - 1] ? WANT_NAME : WANT_VALUE;
    return true;
}

bool bkey_jsonscan_check(const char *bytes, size_t len)
{
    checker check = {{bytes, len, 0}, WANT_VALUE, 0, {false}};
    bkey_jsonscan_skip_space(&check.in);
    char first = peek(&check.in);
    if (first != '{' && first != '[')
        return false;
    do {
        if (!check_next(&check))
            return false;
        bkey_jsonscan_skip_space(&check.in);
    } while (check.depth > 0);
    return check.in.at == len;
}
