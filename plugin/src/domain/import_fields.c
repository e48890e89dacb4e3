/* SPDX-License-Identifier: Apache-2.0
 *
 * See import_fields.h. */
#include "domain/import_fields.h"

#include <string.h>

#include "support/iso8601.h"

#define TIME_SIZE 40u

static char fold(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '\0';
}

bkey_import_column bkey_import_fields_column(const char *name)
{
    static const struct {
        const char *word;
        bkey_import_column column;
    } words[] = {{"keyid", BKEY_IMPORT_KEY},
                 {"recoverykeyid", BKEY_IMPORT_KEY},
                 {"name", BKEY_IMPORT_KEY},
                 {"recoverypassword", BKEY_IMPORT_PASSWORD},
                 {"password", BKEY_IMPORT_PASSWORD},
                 {"msfverecoverypassword", BKEY_IMPORT_PASSWORD},
                 {"computer", BKEY_IMPORT_COMPUTER},
                 {"computername", BKEY_IMPORT_COMPUTER},
                 {"distinguishedname", BKEY_IMPORT_PATH},
                 {"created", BKEY_IMPORT_CREATED},
                 {"whencreated", BKEY_IMPORT_CREATED},
                 {"serial", BKEY_IMPORT_SERIAL},
                 {"serialnumber", BKEY_IMPORT_SERIAL}};
    char word[BKEY_IMPORT_WORD_SIZE];
    size_t len = 0;
    for (; *name != '\0' && len + 1 < sizeof word; name++) {
        char c = fold(*name);
        if (c != '\0')
            word[len++] = c;
    }
    word[len] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].word, word) == 0)
            return words[i].column;
    }
    return BKEY_IMPORT_COLUMN_COUNT;
}

static size_t trim(const char **text)
{
    size_t len = strlen(*text);
    for (; len > 0 && (**text == ' ' || **text == '\t'); len--)
        (*text)++;
    while (len > 0 && ((*text)[len - 1] == ' ' || (*text)[len - 1] == '\t'))
        len--;
    return len;
}

bool bkey_import_fields_key(const char *text, sup_guid *out)
{
    sup_guid found;
    size_t len = trim(&text);
    const char *brace = len > 0 ? memchr(text, '{', len) : NULL;
    if (brace != NULL) {
        len -= (size_t)(brace - text);
        text = brace;
    }
    if (!sup_guid_parse(text, len, &found) || sup_guid_is_zero(&found))
        return false;
    *out = found;
    return true;
}

/* "2026-03-11 07:42:19Z" is ISO 8601 but for the blank. */
static bool read_time(const char *text, size_t len, int64_t *out_ms)
{
    char time[TIME_SIZE];
    if (len == 0 || len + 2 > sizeof time)
        return false;
    memcpy(time, text, len);
    time[len] = '\0';
    if (len > 10 && time[10] == ' ')
        time[10] = 'T';
    if (sup_iso8601_parse(time, len, out_ms))
        return true;
    time[len] = 'Z'; /* without a zone it is UTC */
    return len == 19 && sup_iso8601_parse(time, len + 1, out_ms);
}

int64_t bkey_import_fields_created(const char *key, const char *created)
{
    int64_t ms = BKEY_DATE_UNKNOWN;
    (void)trim(&key);
    const char *brace = strchr(key, '{');
    if (brace != NULL && read_time(key, (size_t)(brace - key), &ms))
        return ms;
    size_t len = trim(&created);
    return read_time(created, len, &ms) ? ms : BKEY_DATE_UNKNOWN;
}

const char *bkey_import_fields_password(const char *text, uint8_t out[BKEY_RECOVERY_KEY_BYTES])
{
    switch (bkey_recovery_key_parse(text, strlen(text), out)) {
    case BKEY_RECOVERY_KEY_OK:
        return NULL;
    case BKEY_RECOVERY_KEY_LENGTH:
        return "Its recovery password does not have eight groups of six digits.";
    case BKEY_RECOVERY_KEY_MULTIPLE:
        return "A group of its recovery password is no multiple of 11, so a digit is wrong.";
    case BKEY_RECOVERY_KEY_RANGE:
        return "A group of its recovery password is larger than 720885.";
    case BKEY_RECOVERY_KEY_CHARACTER:
    case BKEY_RECOVERY_KEY_COUNT:
        break;
    }
    return "Its recovery password has characters that are no digits, or mixed separators.";
}

const char *bkey_import_fields_computer(char *path)
{
    char *from = strstr(path, "},CN=");
    char *to = path;
    if (from == NULL)
        return "";
    for (from += 5; *from != '\0' && *from != ','; from++) {
        if (*from == '\\' && from[1] != '\0')
            from++;
        *to++ = *from;
    }
    *to = '\0';
    return path;
}
