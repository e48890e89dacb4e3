/* SPDX-License-Identifier: Apache-2.0
 *
 * The yardsticks of `make bench`: a bare download of the same answers (the floor), and the ordinary
 * client that commits what it gets to SQLite as such scripts do. Knows nothing of the product.
 *
 *   client [--ca FILE] BASE TENANT CLIENT_ID MODE STREAMS [SQLITE_FILE]
 *
 * The refresh token comes on standard input. MODE: keys = all listings and every key; batch = the
 * same, twenty keys in a request; listing = all listings: devices of Intune and the directory,
 * encryption report, users, keys. With an authority it speaks TLS, and HTTP/2.
 */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 20u /* Graph takes no more */

typedef struct body {
    char *ptr;
    size_t len;
    size_t cap;
} body;

typedef struct client {
    const char *base;
    const char *ca; /* NULL = plain HTTP/1.1 */
    char auth[16384];
    struct curl_slist *headers;
    char (*ids)[40];
    size_t id_count;
    size_t requests;
    size_t answers;
    size_t each; /* keys in a request */
    sqlite3 *db;
    sqlite3_stmt *insert;
} client;

static void die(const char *what)
{
    fprintf(stderr, "client: %s\n", what);
    exit(1);
}

static size_t collect(char *bytes, size_t size, size_t count, void *context)
{
    body *b = context;
    size_t more = size * count;
    if (b->len + more + 1 > b->cap) {
        b->cap = (b->len + more + 1) * 2;
        b->ptr = realloc(b->ptr, b->cap);
        if (b->ptr == NULL)
            die("out of memory");
    }
    memcpy(b->ptr + b->len, bytes, more);
    b->len += more;
    b->ptr[b->len] = '\0';
    return more;
}

static CURL *make_handle(client *c, const char *url, body *into)
{
    CURL *easy = curl_easy_init();
    if (easy == NULL)
        die("no curl handle");
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, into);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "bench/1");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, c->headers);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     c->ca != NULL ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_CAINFO, c->ca);
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    return easy;
}

static void expect_200(CURL *easy, const body *b)
{
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) {
        fprintf(stderr, "client: status %ld, %zu bytes\n", status, b->len);
        exit(1);
    }
}

static void sign_in(client *c, CURL *easy, const char *tenant, const char *client_id)
{
    char refresh[8192];
    if (fgets(refresh, sizeof refresh, stdin) == NULL)
        die("no refresh token on standard input");
    refresh[strcspn(refresh, "\n")] = '\0';
    char *escaped = curl_easy_escape(easy, refresh, 0);
    char url[512];
    char *form = NULL;
    snprintf(url, sizeof url, "%s/%s/oauth2/v2.0/token", c->base, tenant);
    if (asprintf(&form,
                 "grant_type=refresh_token&client_id=%s&refresh_token=%s"
                 "&scope=https%%3A%%2F%%2Fgraph.microsoft.com%%2F.default%%20offline_access",
                 client_id, escaped) < 0)
        die("out of memory");
    body answer = {0};
    CURL *post = make_handle(c, url, &answer);
    curl_easy_setopt(post, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(post, CURLOPT_COPYPOSTFIELDS, form);
    if (curl_easy_perform(post) != CURLE_OK)
        die("token endpoint does not answer");
    expect_200(post, &answer);
    c->requests++;
    const char *token = strstr(answer.ptr, "\"access_token\"");
    token = token == NULL ? NULL : strchr(token + 14, '"');
    const char *end = token == NULL ? NULL : strchr(token + 1, '"');
    if (end == NULL)
        die("no access token");
    snprintf(c->auth, sizeof c->auth, "Authorization: Bearer %.*s", (int)(end - token - 1),
             token + 1);
    c->headers = curl_slist_append(NULL, c->auth);
    curl_easy_cleanup(post);
    curl_free(escaped);
    free(form);
    free(answer.ptr);
}

static void take_ids(client *c, const char *page)
{
    for (const char *at = page; (at = strstr(at, "\"id\":")) != NULL; at += 5) {
        const char *open = strchr(at + 5, '"');
        if (open == NULL || strlen(open) < 38)
            die("unexpected page");
        if (c->id_count % 1024 == 0) {
            c->ids = realloc(c->ids, (c->id_count + 1024) * sizeof *c->ids);
            if (c->ids == NULL)
                die("out of memory");
        }
        memcpy(c->ids[c->id_count], open + 1, 36);
        c->ids[c->id_count++][36] = '\0';
    }
}

static void list_pages(client *c, CURL *easy, const char *path, bool keep_ids)
{
    char *url = NULL;
    if (asprintf(&url, "%s%s", c->base, path) < 0)
        die("out of memory");
    while (url != NULL) {
        body page = {0};
        curl_easy_setopt(easy, CURLOPT_URL, url);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &page);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, c->headers);
        if (curl_easy_perform(easy) != CURLE_OK)
            die("listing does not answer");
        expect_200(easy, &page);
        c->requests++;
        if (keep_ids)
            take_ids(c, page.ptr);
        free(url);
        url = NULL;
        const char *next = strstr(page.ptr, "\"@odata.nextLink\"");
        next = next == NULL ? NULL : strchr(next + 17, '"');
        if (next != NULL)
            url = strndup(next + 1, strcspn(next + 1, "\""));
        free(page.ptr);
    }
}

static void store(client *c, const body *answer)
{
    if (c->insert == NULL)
        return;
    sqlite3_reset(c->insert);
    sqlite3_bind_text(c->insert, 1, answer->ptr, (int)answer->len, SQLITE_STATIC);
    if (sqlite3_step(c->insert) != SQLITE_DONE)
        die("cannot store");
}

static void write_batch(client *c, CURL *easy, size_t index, size_t count)
{
    char text[BATCH * 160 + 64];
    char url[512];
    size_t len = (size_t)snprintf(text, sizeof text, "{\"requests\":[");
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "%s{\"id\":\"%zu\",\"method\":\"GET\",\"url\":"
                                "\"/informationProtection/bitlocker/recoveryKeys/%s?$select=key\"}",
                                i > 0 ? "," : "", i, c->ids[index + i]);
    snprintf(text + len, sizeof text - len, "]}");
    snprintf(url, sizeof url, "%s/v1.0/$batch", c->base);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, text);
}

/* Asks for what is next; the index behind it. */
static size_t start_next(client *c, CURLM *multi, CURL *easy, size_t index)
{
    char url[512];
    if (c->each > 1) {
        size_t left = c->id_count - index;
        size_t count = left < c->each ? left : c->each;
        write_batch(c, easy, index, count);
        curl_multi_add_handle(multi, easy);
        return index + count;
    }
    snprintf(url, sizeof url, "%s/v1.0/informationProtection/bitlocker/recoveryKeys/%s?$select=key",
             c->base, c->ids[index]);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_multi_add_handle(multi, easy);
    return index + 1;
}

/* An answer to a batch must hold a key for each question. */
static size_t count_keys(const client *c, const body *b)
{
    size_t count = 0;
    if (c->each == 1)
        return 1;
    for (const char *at = b->ptr; (at = strstr(at, "\"key\":\"")) != NULL; at += 7)
        count++;
    return count;
}

static void finish(client *c, CURLM *multi, const CURLMsg *message)
{
    body *b = NULL;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&b);
    if (message->data.result != CURLE_OK)
        die(curl_easy_strerror(message->data.result));
    expect_200(message->easy_handle, b);
    store(c, b);
    c->answers += count_keys(c, b);
    b->len = 0;
    c->requests++;
    curl_multi_remove_handle(multi, message->easy_handle);
}

static void fetch_all(client *c, size_t streams)
{
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)streams);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)streams);
    body *bodies = calloc(streams, sizeof *bodies);
    if (multi == NULL || bodies == NULL)
        die("out of memory");
    size_t next = 0;
    for (size_t i = 0; i < streams && next < c->id_count; i++) {
        CURL *easy = make_handle(c, c->base, &bodies[i]);
        curl_easy_setopt(easy, CURLOPT_PRIVATE, (char *)&bodies[i]);
        next = start_next(c, multi, easy, next);
    }
    for (int running = 1; running > 0 || c->answers < c->id_count;) {
        int left = 0;
        size_t before = next;
        curl_multi_perform(multi, &running);
        for (CURLMsg *m; (m = curl_multi_info_read(multi, &left)) != NULL;) {
            CURL *easy = m->easy_handle;
            finish(c, multi, m);
            if (next < c->id_count)
                next = start_next(c, multi, easy, next);
        }
        if (running == 0 && next == before && next >= c->id_count && c->answers < c->id_count)
            die("keys are missing");
        if (c->answers < c->id_count)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
}

static void open_store(client *c, const char *path)
{
    if (sqlite3_open(path, &c->db) != SQLITE_OK ||
        sqlite3_exec(c->db, "create table answers(body text)", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(c->db, "insert into answers values(?)", -1, &c->insert, NULL) !=
            SQLITE_OK)
        die("cannot make the SQLite file");
}

static double now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    static client c;
    if (argc > 2 && strcmp(argv[1], "--ca") == 0) {
        c.ca = argv[2];
        argv += 2;
        argc -= 2;
    }
    if (argc < 6)
        die("usage: client [--ca FILE] BASE TENANT CLIENT_ID keys|batch|listing STREAMS "
            "[SQLITE_FILE]");
    c.base = argv[1];
    c.each = strcmp(argv[4], "batch") == 0 ? BATCH : 1;
    size_t streams = (size_t)strtoull(argv[5], NULL, 10);
    if (streams == 0)
        die("STREAMS must be at least 1");
    if (argc > 6)
        open_store(&c, argv[6]);
    curl_global_init(CURL_GLOBAL_ALL);
    double start = now();
    CURL *easy = make_handle(&c, c.base, NULL);
    sign_in(&c, easy, argv[2], argv[3]);
    if (c.each > 1)
        c.headers = curl_slist_append(c.headers, "Content-Type: application/json");
    list_pages(&c, easy,
               "/v1.0/deviceManagement/managedDevices?$top=999&$select=id,azureADDeviceId,"
               "deviceName,serialNumber,operatingSystem,manufacturer,model,isEncrypted,userId,"
               "lastSyncDateTime",
               false);
    list_pages(&c, easy,
               "/v1.0/devices?$top=999&$select=id,deviceId,displayName,trustType,operatingSystem,"
               "manufacturer,model,approximateLastSignInDateTime",
               false);
    list_pages(&c, easy, "/beta/deviceManagement/managedDeviceEncryptionStates?$top=999", false);
    list_pages(&c, easy, "/v1.0/subscribedSkus", false);
    list_pages(&c, easy,
               "/v1.0/users?$top=999&$select=id,displayName,givenName,surname,userPrincipalName,"
               "mail,otherMails,proxyAddresses,accountEnabled,userType,assignedLicenses",
               false);
    list_pages(&c, easy, "/v1.0/informationProtection/bitlocker/recoveryKeys", true);
    if (strcmp(argv[4], "listing") != 0)
        fetch_all(&c, streams);
    printf("{\"seconds\": %.6f, \"requests\": %zu, \"keys\": %zu}\n", now() - start, c.requests,
           c.answers);
    return 0;
}
