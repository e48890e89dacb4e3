/* SPDX-License-Identifier: Apache-2.0
 *
 * Graph's answers: pages as they were seen, keys in either shape, and refusals in every dialect. */
/* LINK: plugin/src/graph/decode.c plugin/src/graph/decode_key.c plugin/src/graph/decode_failure.c
 * plugin/src/graph/origin.c plugin/src/base/jsonscan*.c plugin/src/base/json.c
 * plugin/src/base/json_repair.c plugin/src/base/secret.c plugin/src/base/error.c
 * plugin/src/domain/volume.c plugin/src/domain/recovery_key.c host-sdk/support/buffer.c
 * plugin/src/graph/decode_device.c plugin/src/domain/plan_hash.c
 * host-sdk/support/guid.c host-sdk/support/hex.c host-sdk/support/utf8.c
 * host-sdk/support/iso8601.c */
/* LIBS: -lsodium -ljansson */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "plugin/src/graph/decode.h"

#define GRAPH "https://graph.microsoft.com"
#define KEY_1 "183634-203555-385792-331386-712844-512622-064064-493504"

static bkey_bytes bytes_of(const char *text)
{
    return (bkey_bytes){(const uint8_t *)text, strlen(text)};
}

static sup_guid guid_of(const char *text)
{
    sup_guid guid;
    cr_assert(sup_guid_parse(text, strlen(text), &guid));
    return guid;
}

typedef struct seen {
    bkey_listed_key keys[8];
    char devices[8][128];
    unsigned count;
} seen;

static bkey_err take_key(void *context, const bkey_listed_key *key)
{
    seen *all = context;
    all->keys[all->count++] = *key;
    return bkey_ok();
}

static bkey_err take_device(void *context, const bkey_device *device)
{
    seen *all = context;
    (void)snprintf(all->devices[all->count++], 128, "%02x|%s|%s", device->id.bytes[0], device->name,
                   device->serial);
    return bkey_ok();
}

static uint32_t page_reason(const char *body)
{
    seen all = {.count = 0};
    bkey_page page = {.rows = 0};
    bkey_err err = bkey_decode_keys(bytes_of(body), GRAPH, take_key, &all, &page);
    if (bkey_is_ok(err))
        bkey_page_done(&page);
    return err.reason;
}

Test(decode, keys_are_read_in_every_form_that_was_seen)
{
    static const char body[] =
        "{\"@odata.context\":\"x\",\"@odata.nextLink\":\"" GRAPH "/v1.0/x?$skiptoken=c2lt\","
        "\"value\":[{\"id\":\"B5A1464D-cb60-415d-b51f-8a385d7798ec\","
        "\"createdDateTime\":\"2026-03-11T07:42:19.1204417Z\","
        "\"volumeType\":\"operatingSystemVolume\","
        "\"deviceId\":\"be1a9ffc-ba30-4086-bd76-c20d3af47e13\",\"x@odata.type\":1},"
        "{\"id\":\"{62996711-6de7-4813-a6e8-cefc16a14a34}\",\"volumeType\":\"2\","
        "\"createdDateTime\":\"2026-03-11T09:42:19+02:00\",\"deviceId\":null},"
        "{\"id\":\"2004c716-a37b-4894-9a1e-fc5cdd37f184\",\"volumeType\":3,\"deviceId\":7},"
        "{\"id\":\"89c4d020-9e65-42fe-a222-3257d6e1b1c1\",\"volumeType\":null,"
        "\"createdDateTime\":\"0001-01-01T00:00:00Z\"},"
        "{\"id\":\"99c4d020-9e65-42fe-a222-3257d6e1b1c1\",\"volumeType\":\"unknownFutureValue\","
        "\"createdDateTime\":\"yesterday\"},"
        "{\"id\":\"not a guid\"},{\"id\":null},17,null,"
        "{\"id\":\"00000000-0000-0000-0000-000000000000\"}]}";
    static const uint8_t volumes[] = {BKEY_VOLUME_OS, BKEY_VOLUME_FIXED, BKEY_VOLUME_REMOVABLE,
                                      BKEY_VOLUME_UNKNOWN, BKEY_VOLUME_UNKNOWN};
    seen all = {.count = 0};
    bkey_page page;
    cr_assert(bkey_is_ok(bkey_decode_keys(bytes_of(body), GRAPH, take_key, &all, &page)));
    cr_expect_eq(page.rows, 5);
    cr_expect_eq(page.skipped, 5);
    cr_expect_str_eq(sup_buffer_text(&page.next), GRAPH "/v1.0/x?$skiptoken=c2lt");
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(all.keys[i].volume, volumes[i], "%zu", i);
    cr_expect_eq(all.keys[0].created_ms, 1773214939120);
    cr_expect_eq(all.keys[1].created_ms, 1773214939000);
    cr_expect_eq(all.keys[3].created_ms, -62135596800000);
    cr_expect_eq(all.keys[4].created_ms, -62135596800000);
    cr_expect_eq(all.keys[0].id.bytes[0], 0xb5);
    cr_expect(sup_guid_is_zero(&all.keys[1].device_id));
    cr_expect(sup_guid_is_zero(&all.keys[2].device_id));
    bkey_page_done(&page);
}

/* S1.28: one odd name holds nobody back, and never becomes another's. */
Test(decode, a_name_that_is_no_text_does_not_hide_the_other_devices)
{
    static const char body[] =
        "{\"value\":["
        "{\"azureADDeviceId\":\"be1a9ffc-ba30-4086-bd76-c20d3af47e13\","
        "\"deviceName\":\"A\\ud800Z\",\"serialNumber\":\"S\\\\ud800\\\"\"},"
        "{\"azureADDeviceId\":\"9091a2bd-9809-4bd5-b057-47574f36805c\","
        "\"deviceName\":\"\\udc00\\ud83d\\ude00\\ud83d\",\"serialNumber\":\"\xff\xc3(\"}]}";
    seen all = {.count = 0};
    bkey_page page;
    cr_assert(bkey_is_ok(bkey_decode_devices(bytes_of(body), GRAPH, take_device, &all, &page)));
    cr_assert_eq(all.count, 2);
    cr_expect_str_eq(all.devices[0], "be|A\xef\xbf\xbdZ|S\\ud800\"");
    cr_expect_str_eq(all.devices[1], "90|\xef\xbf\xbd\xf0\x9f\x98\x80\xef\xbf\xbd|"
                                     "\xef\xbf\xbd\xef\xbf\xbd(");
    bkey_page_done(&page);
    cr_expect_eq(page_reason("{\"value\":[\"\\ud8\"]}"), BKEY_E_BODY);
    cr_expect_eq(page_reason("{\"value\":[\"\\ud800]}"), BKEY_E_BODY);
    cr_expect_eq(page_reason("{\"value\":[\"\\"), BKEY_E_BODY);
}

Test(decode, devices_tolerate_nulls_and_wrong_types)
{
    static const char body[] =
        "{\"@odata.count\":2,\"value\":["
        "{\"azureADDeviceId\":\"be1a9ffc-ba30-4086-bd76-c20d3af47e13\","
        "\"deviceName\":\"FERN-LT-014\",\"serialNumber\":\"5CG4\\u0000021\"},"
        "{\"azureADDeviceId\":\"9091a2bd-9809-4bd5-b057-47574f36805c\",\"deviceName\":null,"
        "\"serialNumber\":12},"
        "{\"azureADDeviceId\":null,\"deviceName\":\"x\"},"
        "{\"azureADDeviceId\":\"00000000-0000-0000-0000-000000000000\"},{}]}";
    seen all = {.count = 0};
    bkey_page page;
    cr_assert(bkey_is_ok(bkey_decode_devices(bytes_of(body), GRAPH, take_device, &all, &page)));
    cr_expect_eq(page.rows, 2);
    cr_expect_eq(page.skipped, 3);
    cr_expect_str_eq(all.devices[0], "be|FERN-LT-014|");
    cr_expect_str_eq(all.devices[1], "90||");
    cr_expect_str_eq(sup_buffer_text(&page.next), "");
    bkey_page_done(&page);
}

/* S1.73: only a listing that is one, complete and from the same origin, counts. */
Test(decode, what_is_no_page_is_refused)
{
    cr_expect_eq(page_reason("{\"value\":[]}"), 0);
    cr_expect_eq(page_reason("{\"value\":[],\"@odata.nextLink\":null}"), 0);
    cr_expect_eq(page_reason("{\"value\":[],\"@odata.nextLink\":\"" GRAPH "/a\"}"), 0);
    cr_expect_eq(page_reason("{\"value\":null}"), BKEY_E_BODY);
    cr_expect_eq(page_reason("{}"), BKEY_E_BODY);
    cr_expect_eq(page_reason("[]"), BKEY_E_BODY);
    cr_expect_eq(page_reason(""), BKEY_E_BODY);
    cr_expect_eq(page_reason("<html>"), BKEY_E_BODY);
    cr_expect_eq(page_reason("{\"value\":[{\"id\":"), BKEY_E_BODY);
    cr_expect_eq(page_reason("{\"value\":[],\"@odata.nextLink\":5}"), BKEY_E_BODY);
    cr_expect_eq(page_reason("{\"value\":[],\"@odata.nextLink\":\"\"}"), BKEY_E_NEXT_LINK);
    cr_expect_eq(page_reason("{\"value\":[],\"@odata.nextLink\":\"/v1.0/a\"}"), BKEY_E_NEXT_LINK);
    cr_expect_eq(page_reason("{\"value\":[],\"@odata.nextLink\":\"https://evil.example/a\"}"),
                 BKEY_E_NEXT_LINK);
    cr_expect_eq(page_reason("{\"value\":[],\"@odata.nextLink\":\"http://graph.microsoft.com/\"}"),
                 BKEY_E_NEXT_LINK);
}

/* What is received is bounded in depth and rows, each with a reason of its own. */
Test(decode, pages_that_no_service_makes_are_refused)
{
    static char text[BKEY_PAGE_ROWS * 2 + 64];
    char *at = text + snprintf(text, sizeof text, "{\"value\":[0");
    for (uint32_t i = 1; i < BKEY_PAGE_ROWS; i++, at += 2)
        memcpy(at, ",0", 2);
    memcpy(at, "]}", 3);
    cr_expect_eq(page_reason(text), 0);
    memcpy(at, ",0]}", 5);
    cr_expect_eq(page_reason(text), BKEY_E_ROWS);
    at = text + snprintf(text, sizeof text, "{\"value\":");
    memset(at, '[', 40);
    memset(at + 40, ']', 40);
    memcpy(at + 80, "}", 2);
    cr_expect_eq(page_reason(text), BKEY_E_DEPTH);
}

static bkey_err refuse_key(void *context, const bkey_listed_key *key)
{
    (void)context;
    (void)key;
    return bkey_fail(BKEY_E_LIMIT);
}

Test(decode, sink_ends_the_page)
{
    bkey_page page;
    bkey_err err = bkey_decode_keys(
        bytes_of("{\"value\":[{\"id\":\"2004c716-a37b-4894-9a1e-fc5cdd37f184\"}]}"), GRAPH,
        refuse_key, NULL, &page);
    cr_expect(bkey_is(err, BKEY_E_LIMIT));
}

typedef struct key_case {
    const char *body;
    uint32_t reason;
    size_t len; /* of the secret */
    bool malformed;
} key_case;

#define ID_1 "\"id\":\"b5a1464d-cb60-415d-b51f-8a385d7798ec\""

Test(decode, key_is_read_flat_and_wrapped_and_never_under_another_name)
{
    static const key_case cases[] = {
        {"{" ID_1 ",\"key\":\"" KEY_1 "\"}", 0, 16, false},
        {"{\"value\":{" ID_1 ",\"key\":\"" KEY_1 "\"}}", 0, 16, false},
        {"{\"key\":\"" KEY_1 "\"}", 0, 16, false},
        {"{\"id\":\"B5A1464D-CB60-415D-B51F-8A385D7798EC\",\"key\":\"" KEY_1 "\\n\"}", 0, 16,
         false},
        {"{" ID_1 ",\"key\":\"\\u0031"
         "83634-203555-385792-331386-712844-512622-064064-493504\"}",
         0, 16, false},
        {"{" ID_1 ",\"key\":\"123456-231453\"}", 0, 13, true},
        {"{" ID_1 ",\"key\":\"\"}", BKEY_E_EMPTY_KEY, 0, false},
        {"{" ID_1 ",\"key\":\" \\t\"}", BKEY_E_EMPTY_KEY, 0, false},
        {"{" ID_1 ",\"key\":null}", BKEY_E_EMPTY_KEY, 0, false},
        {"{" ID_1 "}", BKEY_E_EMPTY_KEY, 0, false},
        {"{" ID_1 ",\"key\":5}", BKEY_E_BODY, 0, false},
        {"{\"id\":\"62996711-6de7-4813-a6e8-cefc16a14a34\",\"key\":\"" KEY_1 "\"}", BKEY_E_BODY, 0,
         false},
        {"{\"id\":\"62996711-6de7-4813-a6e8-cefc16a14a34\",\"value\":{\"key\":\"" KEY_1 "\"}}",
         BKEY_E_BODY, 0, false},
        {"{\"id\":9,\"key\":\"" KEY_1 "\"}", BKEY_E_BODY, 0, false},
        {"[]", BKEY_E_BODY, 0, false},
        {"", BKEY_E_BODY, 0, false},
        {"{" ID_1 ",\"key\":\"" KEY_1, BKEY_E_BODY, 0, false},
    };
    bkey_slab *slab = NULL;
    sup_guid id = guid_of("b5a1464d-cb60-415d-b51f-8a385d7798ec");
    cr_assert(bkey_is_ok(bkey_slab_new(&slab)));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bkey_secret *secret = NULL;
        bool malformed = false;
        bkey_err err = bkey_decode_key(slab, bytes_of(cases[i].body), &id, &secret, &malformed);
        cr_expect_eq(err.reason, cases[i].reason, "%zu: %x", i, err.reason);
        cr_expect_eq(secret != NULL, cases[i].reason == 0, "%zu", i);
        if (secret != NULL) {
            cr_expect_eq(bkey_secret_len(secret), cases[i].len, "%zu", i);
            cr_expect_eq(malformed, cases[i].malformed, "%zu", i);
        }
        bkey_secret_free(&secret);
    }
    cr_expect_eq(bkey_slab_used(slab), 0);
    bkey_slab_free(&slab);
}

/* S2.3: a malformed value is kept as received, within a bound. */
Test(decode, malformed_key_is_kept_verbatim_up_to_the_bound)
{
    bkey_slab *slab = NULL;
    sup_guid id = guid_of("b5a1464d-cb60-415d-b51f-8a385d7798ec");
    cr_assert(bkey_is_ok(bkey_slab_new(&slab)));
    for (size_t len = 511; len <= 513; len++) {
        char body[1024];
        char text[600];
        bkey_secret *secret = NULL;
        bool malformed = false;
        memset(text, 'q', len);
        text[len] = '\0';
        (void)snprintf(body, sizeof body, "{\"key\":\"%s\"}", text);
        bkey_err err = bkey_decode_key(slab, bytes_of(body), &id, &secret, &malformed);
        cr_expect_eq(err.reason, len <= 512 ? 0u : BKEY_E_BODY, "%zu", len);
        if (secret != NULL)
            cr_expect(malformed && bkey_secret_len(secret) == len &&
                      memcmp(bkey_secret_borrow(secret), text, len) == 0);
        if (secret != NULL)
            bkey_secret_return(secret);
        bkey_secret_free(&secret);
    }
    bkey_slab_free(&slab);
}

typedef struct failure_case {
    bkey_call_kind kind;
    int32_t status;
    const char *body;
    uint32_t reason;
} failure_case;

Test(decode, refusals_of_every_dialect_name_the_cause)
{
    static const char nested[] =
        "{\"error\":{\"code\":\"UnknownError\",\"message\":\"{\\\"ErrorCode\\\":\\\"Forbidden\\\","
        "\\\"Message\\\":\\\"{\\\\\\\"_version\\\\\\\": 3, \\\\\\\"Message\\\\\\\": "
        "\\\\\\\"An error has occurred - Operation ID: 0\\\\\\\"}\\\",\\\"Target\\\":null}\"}}";
    static const char no_intune[] =
        "{\"error\":{\"code\":\"BadRequest\",\"message\":\"Request not applicable to target "
        "tenant.\",\"innerError\":{}}}";
    static const char wrapped_licence[] =
        "{\"error\":{\"code\":\"UnknownError\",\"message\":\"{\\\"Message\\\":"
        "\\\"AppLifecycle_2210: x\\\"}\"}}";
    static const char quoted_only[] =
        "{\"error\":{\"code\":\"BadRequest\",\"message\":\"Oops - Operation ID: 0 - Request not "
        "applicable to target tenant\"}}";
    static const char expired[] =
        "{\"error\":{\"code\":\"InvalidAuthenticationToken\",\"message\":\"expired\"}}";
    static const char identity[] = "{\"error\":{\"code\":\"Authorization_IdentityNotFound\"}}";
    static const failure_case cases[] = {
        {BKEY_CALL_DEVICES, 400, no_intune, BKEY_E_NO_INTUNE},
        {BKEY_CALL_DEVICES, 403, wrapped_licence, BKEY_E_NO_INTUNE},
        {BKEY_CALL_DEVICES, 400, quoted_only, BKEY_E_STATUS},
        {BKEY_CALL_KEYS, 400, no_intune, BKEY_E_STATUS},
        {BKEY_CALL_DEVICES, 401, nested, BKEY_E_PERM_DEVICES},
        {BKEY_CALL_DEVICES, 401, expired, BKEY_E_TOKEN_REFUSED},
        {BKEY_CALL_DEVICES, 403, "{\"error\":{\"code\":\"Forbidden\"}}", BKEY_E_PERM_DEVICES},
        {BKEY_CALL_DEVICES, 401, "{\"error\":{\"code\":\"Forbidden\"}}", BKEY_E_PERM_DEVICES},
        {BKEY_CALL_KEYS, 403, "{\"error\":{\"code\":\"authorization_error\"}}",
         BKEY_E_PERM_KEY_LIST},
        {BKEY_CALL_KEY, 403, "{\"error\":{\"code\":\"authorization_error\"}}",
         BKEY_E_PERM_KEY_READ},
        {BKEY_CALL_KEY, 403, "no json", BKEY_E_PERM_KEY_READ},
        {BKEY_CALL_KEY, 401, expired, BKEY_E_TOKEN_REFUSED},
        {BKEY_CALL_KEY, 401, identity, BKEY_E_CONSENT},
        {BKEY_CALL_KEYS, 400, identity, BKEY_E_CONSENT},
        {BKEY_CALL_KEY, 404, "", BKEY_E_NOT_FOUND},
        {BKEY_CALL_KEY, 429, "", BKEY_E_THROTTLED},
        {BKEY_CALL_KEY, 500, "", BKEY_E_REMOTE_FAULT},
        {BKEY_CALL_KEY, 503, "<html>", BKEY_E_REMOTE_FAULT},
        {BKEY_CALL_KEY, 509, "", BKEY_E_REMOTE_FAULT},
        {BKEY_CALL_KEY, 302, "", BKEY_E_STATUS},
        {BKEY_CALL_KEY, 206, identity, BKEY_E_STATUS}, /* not read at all: it may hold a key */
        {BKEY_CALL_KEY, 410, "{\"error\":7}", BKEY_E_STATUS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bkey_err err = bkey_decode_failure(cases[i].kind, cases[i].status, bytes_of(cases[i].body));
        cr_expect_eq(err.reason, cases[i].reason, "%zu: %x", i, err.reason);
    }
}

/* S1.104 */
Test(decode, addresses_of_one_device_are_read_as_far_as_they_are_told)
{
    char wired[BKEY_DECODE_ADDRESS_SIZE];
    char wifi[BKEY_DECODE_ADDRESS_SIZE];
    cr_assert(bkey_is_ok(
        bkey_decode_addresses(bytes_of("{\"id\":\"x\",\"ethernetMacAddress\":\"3C5282112233\","
                                       "\"wiFiMacAddress\":null}"),
                              wired, wifi)));
    cr_expect_str_eq(wired, "3C5282112233");
    cr_expect_str_eq(wifi, "");
    cr_assert(bkey_is_ok(bkey_decode_addresses(bytes_of("{\"wiFiMacAddress\":7}"), wired, wifi)));
    cr_expect_str_eq(wired, "");
    cr_expect_str_eq(wifi, "");
    cr_expect(bkey_is(bkey_decode_addresses(bytes_of("<html>"), wired, wifi), BKEY_E_BODY));
}

Test(decode, error_code_is_fit_for_a_log)
{
    char code[16];
    bkey_decode_error_code(bytes_of("{\"error\":{\"code\":\"TooMany\\nRequests-and more\"}}"), code,
                           sizeof code);
    cr_expect_str_eq(code, "TooMany?Request");
    bkey_decode_error_code(bytes_of("x"), code, sizeof code);
    cr_expect_str_eq(code, "");
}

typedef struct seen_device {
    unsigned count;
    bkey_device last;
} seen_device;

static bkey_err keep_device(void *context, const bkey_device *device)
{
    seen_device *seen = context;
    seen->last = *device;
    seen->count++;
    return bkey_ok();
}

/* S3.9 S3.10 S3.43 */
Test(decode, how_a_device_joined_is_told_by_the_directory)
{
    static const struct {
        const char *word;
        bkey_join join;
    } words[] = {{"\"AzureAd\"", BKEY_JOIN_ENTRA},
                 {"\"ServerAd\"", BKEY_JOIN_HYBRID},
                 {"\"Workplace\"", BKEY_JOIN_WORKPLACE},
                 {"null", BKEY_JOIN_PENDING},
                 {"\"\"", BKEY_JOIN_PENDING},
                 {"\"Later\"", BKEY_JOIN_UNKNOWN},
                 {"7", BKEY_JOIN_PENDING}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char body[512];
        seen_device seen = {.count = 0};
        bkey_page page;
        (void)snprintf(body, sizeof body,
                       "{\"value\":[{\"id\":\"0b000000-0000-4000-8000-000000000001\",\"deviceId\":"
                       "\"de000000-0000-4000-8000-000000000002\",\"operatingSystem\":\"%s\","
                       "\"trustType\":%s},{\"id\":\"x\"}]}",
                       i == 0 ? "iOS" : "Windows", words[i].word);
        cr_assert(bkey_is_ok(
            bkey_decode_directory((bkey_bytes){(const uint8_t *)body, strlen(body)},
                                  "https://graph.microsoft.com", keep_device, &seen, &page)));
        cr_expect_eq(seen.count, 1);
        cr_expect_eq(page.skipped, 1);
        cr_expect_eq(seen.last.join, words[i].join, "%s", words[i].word);
        cr_expect_eq(seen.last.is_other_system, i == 0);
        cr_expect_eq(seen.last.sources, BKEY_SOURCE_ENTRA);
        bkey_page_done(&page);
    }
}

static bkey_err keep_encryption(void *context, const bkey_encryption_row *row)
{
    *(bkey_encryption_row *)context = *row;
    return bkey_ok();
}

/* S3.47: several words in one text; a word inside of another is none. */
Test(decode, the_encryption_report_joins_words)
{
    static const struct {
        const char *flags;
        uint8_t backup;
    } rows[] = {
        {"success", 0},
        {"recoveryKeyBackupFailed", BKEY_BACKUP_FAILED},
        {"tpmNotReady, networkError", BKEY_BACKUP_NO_NETWORK},
        {"networkError,recoveryKeyBackupFailed", BKEY_BACKUP_FAILED | BKEY_BACKUP_NO_NETWORK},
        {"noRecoveryKeyBackupFailed,networkErrors", 0},
        {"", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char body[512];
        bkey_encryption_row seen = {.encryption = BKEY_ENCRYPTION_UNKNOWN};
        bkey_page page;
        (void)snprintf(body, sizeof body,
                       "{\"value\":[{\"id\":\"3a000000-0000-4000-8000-000000000001\","
                       "\"encryptionState\":\"%s\",\"advancedBitLockerStates\":\"%s\"}]}",
                       i == 0 ? "encrypted" : "notEncrypted", rows[i].flags);
        cr_assert(bkey_is_ok(
            bkey_decode_encryption((bkey_bytes){(const uint8_t *)body, strlen(body)},
                                   "https://graph.microsoft.com", keep_encryption, &seen, &page)));
        cr_expect_eq(seen.backup, rows[i].backup, "%s", rows[i].flags);
        cr_expect_eq(seen.encryption, i == 0 ? BKEY_ENCRYPTION_ON : BKEY_ENCRYPTION_OFF);
        bkey_page_done(&page);
    }
}

static bkey_err count_removal(void *context, const bkey_removal *removal)
{
    unsigned *count = context;
    count[removal->is_final ? 1 : 0]++;
    return bkey_ok();
}

/* S3.49 */
Test(decode, removals_tell_what_can_be_restored)
{
    static const char body[] =
        "{\"value\":[{\"id\":\"0b000000-0000-4000-8000-000000000001\"},"
        "{\"id\":\"0b000000-0000-4000-8000-000000000002\",\"@removed\":{\"reason\":\"changed\"}},"
        "{\"id\":\"0b000000-0000-4000-8000-000000000003\",\"@removed\":{\"reason\":\"deleted\"}}],"
        "\"@odata.deltaLink\":\"https://graph.microsoft.com/v1.0/devices/delta?a=1\"}";
    static const char foreign[] =
        "{\"value\":[],\"@odata.deltaLink\":\"https://evil.example/v1.0/devices/delta?a=1\"}";
    unsigned count[2] = {0, 0};
    bkey_page page;
    cr_assert(bkey_is_ok(bkey_decode_removals((bkey_bytes){(const uint8_t *)body, sizeof body - 1},
                                              "https://graph.microsoft.com", count_removal, count,
                                              &page)));
    cr_expect_eq(count[0], 1);
    cr_expect_eq(count[1], 1);
    cr_expect_str_eq(sup_buffer_text(&page.delta),
                     "https://graph.microsoft.com/v1.0/devices/delta?a=1");
    bkey_page_done(&page);
    cr_expect(
        bkey_is(bkey_decode_removals((bkey_bytes){(const uint8_t *)foreign, sizeof foreign - 1},
                                     "https://graph.microsoft.com", count_removal, count, &page),
                BKEY_E_NEXT_LINK));
}
