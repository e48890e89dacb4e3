/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L
#include "sample-host/src/front/os_terminal.h"

#include "sample-host/src/front/os_signal.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LOOK_MS 200

bool front_terminal_err(void)
{
    return isatty(STDERR_FILENO) == 1;
}

bool front_terminal_out(void)
{
    return isatty(STDOUT_FILENO) == 1;
}

uint32_t front_terminal_uid(void)
{
    return (uint32_t)getuid();
}

static bool write_all(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t done = write(fd, at, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        at += done;
        len -= (size_t)done;
    }
    return true;
}

static bool hide_echo(struct termios *before)
{
    if (isatty(STDIN_FILENO) != 1 || tcgetattr(STDIN_FILENO, before) != 0)
        return false;
    struct termios quiet = *before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    return tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
}

/* Looks up now and then, so that no signal falls between a look and a wait without end. */
static bool wait_for_input(void)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    int ready = 0;
    while (ready == 0 && !front_signal_seen(NULL))
        ready = poll(&input, 1, LOOK_MS);
    return ready > 0 && !front_signal_seen(NULL);
}

/* A certificate with its key has many lines; nothing else does. */
static bool is_pem(const host_secret *text, size_t at)
{
    static const char start[] = "-----BEGIN ";
    const size_t len = sizeof start - 1;
    return text->len >= at + len && memcmp(text->ptr + at, start, len) == 0;
}

/* Where the last of `lines` begins; behind the end when there is nothing of it yet. */
static size_t find_last(const host_secret *text, unsigned lines)
{
    const uint8_t *end = lines < 2 ? NULL : memchr(text->ptr, '\n', text->len);
    if (lines < 2)
        return 0;
    return end != NULL ? (size_t)(end - text->ptr) + 1 : text->len;
}

static bool is_whole(const host_secret *text, unsigned lines)
{
    const size_t at = find_last(text, lines);
    return at < text->len && text->ptr[text->len - 1] == '\n' && !is_pem(text, at);
}

/* Up to `cap` bytes: to the end of the last line or of the input, so that a writer who keeps his
 * end open is not waited for. A PEM goes to the end of the input. */
static bool fill(host_secret *out, unsigned lines)
{
    while (out->len < out->cap) {
        if (!wait_for_input())
            return false;
        ssize_t got = read(STDIN_FILENO, out->ptr + out->len, out->cap - out->len);
        if (got < 0)
            return false;
        if (got == 0)
            return true;
        out->len += (size_t)got;
        if (is_whole(out, lines))
            return true;
    }
    return true;
}

static void trim(host_secret *out)
{
    while (out->len > 0 && (out->ptr[out->len - 1] == '\n' || out->ptr[out->len - 1] == '\r'))
        out->len--;
}

static bool check(const host_secret *out, unsigned lines, host_error *err)
{
    const size_t at = find_last(out, lines);
    if (out->len > FRONT_TERMINAL_SECRET_MAX)
        return host_error_set(err, DPH_E_TOO_LARGE, HOST_CODE_USAGE,
                              "standard input is longer than 64 KiB");
    if (memchr(out->ptr + at, '\n', out->len - at) != NULL && !is_pem(out, at))
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              lines < 2 ? "standard input has more than one line"
                                        : "standard input has more than two lines");
    if (memchr(out->ptr, '\0', out->len) != NULL)
        return host_error_set(err, DPH_E_INVALID, HOST_CODE_USAGE,
                              "standard input has a zero byte");
    return true;
}

static bool read_lines(const char *prompt, unsigned lines, host_secret *out, host_error *err)
{
    struct termios before;
    host_secret read_in;
    /* One byte more than allowed shows a line that is too long, two leave room for its end. */
    if (!host_secret_init(&read_in, FRONT_TERMINAL_SECRET_MAX + 2))
        return host_error_set(err, DPH_E_NOMEM, 0, "out of memory");
    bool hidden = hide_echo(&before);
    if (hidden)
        write_all(STDERR_FILENO, prompt, strlen(prompt));
    bool ok = fill(&read_in, lines);
    if (hidden) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        write_all(STDERR_FILENO, "\n", 1);
    }
    if (!ok)
        host_error_set(err, DPH_E_CANCELLED, 0,
                       "Nothing was done: standard input was interrupted or cannot be read.");
    if (ok) {
        trim(&read_in);
        ok = check(&read_in, lines, err);
    }
    if (!ok || read_in.len == 0)
        host_secret_done(&read_in);
    if (ok)
        *out = read_in;
    return ok;
}

bool front_terminal_secret(const char *prompt, host_secret *out, host_error *err)
{
    return read_lines(prompt, 1, out, err);
}

bool front_terminal_two_secrets(const char *prompt, host_secret *out, host_error *err)
{
    return read_lines(prompt, 2, out, err);
}

bool front_terminal_show(const host_secret *secret)
{
    return write_all(STDOUT_FILENO, secret->ptr, secret->len) && write_all(STDOUT_FILENO, "\n", 1);
}
