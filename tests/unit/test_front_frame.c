/* SPDX-License-Identifier: Apache-2.0
 *
 * Proves the frames between command line and server: DESIGN.md section 3, one owner. */
/* LINK: sample-host/src/front/frame.c sample-host/src/front/exchange.c */
/* LINK: sample-host/src/front/os_socket.c sample-host/src/front/message.c */
/* LINK: sample-host/src/base/host_error.c sample-host/src/base/secret.c */
/* LINK: host-sdk/support/utf8.c */
/* LIBS: -ljansson -lsodium */
#define _GNU_SOURCE
#include "sample-host/src/front/exchange.h"
#include "sample-host/src/front/frame.h"
#include "sample-host/src/front/message.h"
#include "sample-host/src/front/os_socket.h"

#include <criterion/criterion.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void prepare(void)
{
    cr_assert_geq(sodium_init(), 0);
}

TestSuite(front_frame, .init = prepare);

static void encode(uint32_t kind, uint32_t json_len, uint32_t secret_len,
                   uint8_t out[FRONT_FRAME_HEAD_SIZE])
{
    front_frame_head head = {kind, json_len, secret_len};
    front_frame_encode(&head, out);
}

Test(front_frame, a_head_survives_both_ways)
{
    uint8_t bytes[FRONT_FRAME_HEAD_SIZE];
    front_frame_head head;
    encode(FRONT_FRAME_REQUEST, 0x00012345, 77, bytes);
    cr_assert_null(front_frame_decode(bytes, sizeof bytes, &head));
    cr_assert_eq(head.kind, FRONT_FRAME_REQUEST);
    cr_assert_eq(head.json_len, 0x00012345);
    cr_assert_eq(head.secret_len, 77);
}

Test(front_frame, every_truncation_is_refused)
{
    uint8_t bytes[FRONT_FRAME_HEAD_SIZE];
    front_frame_head head;
    encode(FRONT_FRAME_REPLY, 1, 1, bytes);
    for (size_t len = 0; len < sizeof bytes; len++)
        cr_assert_not_null(front_frame_decode(bytes, len, &head), "%zu", len);
}

Test(front_frame, limits_hold_to_the_byte)
{
    static const struct {
        front_frame_head head;
        bool fine;
    } rows[] = {
        {{FRONT_FRAME_REQUEST, FRONT_FRAME_REQUEST_MAX, FRONT_FRAME_SECRET_MAX}, true},
        {{FRONT_FRAME_REQUEST, FRONT_FRAME_REQUEST_MAX + 1, 0}, false},
        {{FRONT_FRAME_REQUEST, 0, FRONT_FRAME_SECRET_MAX + 1}, false},
        {{FRONT_FRAME_PROGRESS, FRONT_FRAME_REQUEST_MAX + 1, 0}, false},
        {{FRONT_FRAME_REPLY, FRONT_FRAME_REPLY_MAX, 0}, true},
        {{FRONT_FRAME_REPLY, FRONT_FRAME_REPLY_MAX + 1, 0}, false},
        {{FRONT_FRAME_REPLY, UINT32_MAX, UINT32_MAX}, false},
        {{0, 0, 0}, false},
        {{4, 0, 0}, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[FRONT_FRAME_HEAD_SIZE];
        front_frame_head head;
        front_frame_encode(&rows[i].head, bytes);
        bool fine = front_frame_decode(bytes, sizeof bytes, &head) == NULL;
        cr_assert_eq(fine, rows[i].fine, "row %zu", i);
    }
}

Test(front_frame, any_flipped_bit_of_magic_or_version_is_refused)
{
    front_frame_head head;
    for (size_t bit = 0; bit < 32; bit++) {
        uint8_t bytes[FRONT_FRAME_HEAD_SIZE];
        encode(FRONT_FRAME_REQUEST, 2, 0, bytes);
        bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        cr_assert_not_null(front_frame_decode(bytes, sizeof bytes, &head), "bit %zu", bit);
    }
}

Test(front_frame, an_exchange_brings_json_and_secret)
{
    int fds[2];
    front_exchange got;
    host_error err;
    host_secret secret;
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    cr_assert(host_secret_init(&secret, 8));
    memcpy(secret.ptr, "a\0b\nPIN!", 8);
    secret.len = 8;
    json_t *json = json_pack("{s:s}", "command", "sync");
    cr_assert(front_exchange_send(fds[0], FRONT_FRAME_REQUEST, json, &secret));
    cr_assert(front_exchange_receive(fds[1], &got, &err), "%s", err.message);
    cr_assert(json_equal(json, got.json));
    cr_assert_eq(got.secret.len, 8);
    cr_assert_arr_eq(got.secret.ptr, "a\0b\nPIN!", 8);
    front_exchange_done(&got);
    json_decref(json);
    host_secret_done(&secret);
    close(fds[0]);
    close(fds[1]);
}

/* What comes in and how it is told: whether the peer was wrong or only gone. */
static dph_status receive_status(const void *bytes, size_t len)
{
    int fds[2];
    front_exchange got;
    host_error err = {0};
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    cr_assert(front_socket_send(fds[0], bytes, len));
    close(fds[0]);
    bool ok = front_exchange_receive(fds[1], &got, &err);
    cr_assert(ok || (got.json == NULL && got.secret.ptr == NULL));
    front_exchange_done(&got);
    close(fds[1]);
    return ok ? DPH_OK : err.status;
}

Test(front_frame, broken_exchanges_are_told_apart_and_leave_nothing)
{
    uint8_t bytes[FRONT_FRAME_HEAD_SIZE + 8];
    encode(FRONT_FRAME_REQUEST, 2, 3, bytes);
    memcpy(bytes + FRONT_FRAME_HEAD_SIZE, "{}abc", 5);
    for (size_t len = 0; len < FRONT_FRAME_HEAD_SIZE + 5; len++)
        cr_assert_eq(receive_status(bytes, len), DPH_E_UNAVAILABLE, "%zu", len);
    cr_assert_eq(receive_status(bytes, FRONT_FRAME_HEAD_SIZE + 5), DPH_OK);
    memcpy(bytes + FRONT_FRAME_HEAD_SIZE, "[]abc", 5);
    cr_assert_eq(receive_status(bytes, FRONT_FRAME_HEAD_SIZE + 5), DPH_E_INVALID);
    cr_assert_eq(receive_status("GET / HTTP/1.1\r\n\r\n", 18), DPH_E_INVALID);
}

Test(front_frame, a_reply_survives_both_ways_without_control_characters)
{
    host_reply sent = {.exit_code = HOST_EXIT_REFUSED,
                       .status = DPH_E_DENIED,
                       .code = 9101,
                       .message = "no\x1b[2J",
                       .body = json_pack("{s:i}", "n", 1)};
    host_reply got = {0};
    json_t *message = front_message_from_reply(&sent);
    cr_assert(front_message_to_reply(message, &got));
    cr_assert_eq(got.exit_code, HOST_EXIT_REFUSED);
    cr_assert_eq(got.status, DPH_E_DENIED);
    cr_assert_eq(got.code, 9101);
    cr_assert_str_eq(got.message, "no?[2J");
    cr_assert(json_equal(got.body, sent.body));
    json_decref(got.body);
    json_decref(sent.body);
    json_decref(message);
}

Test(front_frame, messages_that_make_no_sense_are_refused)
{
    static const char *const requests[] = {"{}", "{\"command\":1,\"args\":{}}",
                                           "{\"command\":\"x\",\"args\":[]}",
                                           "{\"command\":\"x\\u0000y\",\"args\":{}}"};
    static const char *const replies[] = {"{}", "{\"exit_code\":3,\"message\":\"\"}",
                                          "{\"exit_code\":-1,\"message\":\"\"}",
                                          "{\"exit_code\":0,\"message\":7}"};
    for (size_t i = 0; i < 4; i++) {
        host_request request = {0};
        host_reply reply = {0};
        json_t *first = json_loads(requests[i], JSON_ALLOW_NUL, NULL);
        json_t *second = json_loads(replies[i], 0, NULL);
        cr_assert_not(front_message_to_request(first, &request), "%s", requests[i]);
        cr_assert_not(front_message_to_reply(second, &reply), "%s", replies[i]);
        json_decref(first);
        json_decref(second);
    }
}

/* A directory below a temporary one whose path has `len` characters or a little more. */
static void make_deep(char *path, size_t cap, size_t len)
{
    snprintf(path, cap, "%s/front.XXXXXX", getenv("TMPDIR") == NULL ? P_tmpdir : getenv("TMPDIR"));
    cr_assert_not_null(mkdtemp(path));
    while (strlen(path) < len) {
        size_t at = strlen(path);
        snprintf(path + at, cap - at, "/%s", "a-directory-with-quite-a-long-name-indeed");
        cr_assert_eq(mkdir(path, 0700), 0);
    }
}

static void remove_deep(char *path)
{
    while (strstr(path, "/front.") != NULL) {
        cr_assert_eq(rmdir(path), 0, "%s", path);
        *strrchr(path, '/') = '\0';
    }
}

Test(front_frame, the_socket_is_private_and_its_path_may_be_long)
{
    static const size_t lengths[] = {10, 300};
    for (size_t i = 0; i < 2; i++) {
        char dir[512];
        char path[600];
        host_error err;
        struct stat info;
        uint32_t uid = UINT32_MAX;
        make_deep(dir, sizeof dir, lengths[i]);
        snprintf(path, sizeof path, "%s/socket", dir);
        cr_assert_lt(front_socket_connect(dir), 0, "nobody listens");
        int listener = front_socket_listen(dir, &err);
        cr_assert_geq(listener, 0, "%s", err.message);
        cr_assert_eq(stat(path, &info), 0);
        cr_assert_eq(info.st_mode & 0777, 0600);
        int client = front_socket_connect(dir);
        cr_assert_geq(client, 0);
        int server = front_socket_accept(listener, listener);
        server = server >= 0 ? server : accept(listener, NULL, NULL);
        cr_assert(front_socket_peer_ok(server, &uid));
        cr_assert_eq(uid, (uint32_t)geteuid());
        cr_assert_not(front_socket_gone(server));
        front_socket_close(client);
        cr_assert(front_socket_gone(server));
        front_socket_close(server);
        front_socket_unlisten(dir, listener);
        cr_assert_neq(stat(path, &info), 0);
        remove_deep(dir);
    }
}
