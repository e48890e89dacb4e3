/* SPDX-License-Identifier: Apache-2.0
 *
 * posix_spawn with a deadline. Must not know what the program is for. */
#define _GNU_SOURCE
#include "loader/os_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAIT_STEP_MS 2 /* between two looks at a program that closed its output but did not end */

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int set_actions(posix_spawn_file_actions_t *actions, const dphl_os_spawn_request *request,
                       int output)
{
    /* The output first: a host without standard streams may have got 0 or 2 for it. */
    int number = posix_spawn_file_actions_adddup2(actions, output, 1);
    if (number == 0)
        number = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
    if (number == 0)
        number = posix_spawn_file_actions_addopen(actions, 2, "/dev/null", O_WRONLY, 0);
    /* A dup2 onto itself also takes the close-on-exec mark away. */
    if (number == 0)
        number = posix_spawn_file_actions_adddup2(actions, request->give_fd, request->as_fd);
    if (number == 0)
        number = posix_spawn_file_actions_addclosefrom_np(actions, request->as_fd + 1);
    return number;
}

static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int number = posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (number == 0)
        number = posix_spawnattr_setsigmask(attributes, &none);
    if (number == 0)
        number = posix_spawnattr_setsigdefault(attributes, &all);
    return number;
}

static int start(const dphl_os_spawn_request *request, int output, pid_t *out_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char *environment[] = {NULL};
    char *argv[8] = {NULL};
    for (size_t i = 0; request->argv[i] != NULL && i + 1 < sizeof argv / sizeof argv[0]; i++)
        memcpy(&argv[i], &request->argv[i], sizeof argv[i]); /* exec takes them without const */
    int number = posix_spawn_file_actions_init(&actions);
    if (number != 0)
        return number;
    number = posix_spawnattr_init(&attributes);
    if (number == 0) {
        number = set_actions(&actions, request, output);
        if (number == 0)
            number = set_attributes(&attributes);
        if (number == 0)
            number =
                posix_spawn(out_pid, request->program, &actions, &attributes, argv, environment);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return number;
}

/* Reads until the program's output ends or the time is over. */
static void read_output(int input, int64_t deadline, dphl_os_spawn_result *out)
{
    char dropped[512];
    for (;;) {
        int64_t left = deadline - now_ms();
        struct pollfd wait = {input, POLLIN, 0};
        int ready = left <= 0 ? 0 : poll(&wait, 1, (int)left);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return;
        size_t room = sizeof out->text - out->len;
        ssize_t got = room > 0 ? read(input, out->text + out->len, room)
                               : read(input, dropped, sizeof dropped);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        out->len += room > 0 ? (size_t)got : 0;
    }
}

/* 1 when the program has ended; it stays collectable, so that its number is not given away. */
static int has_ended(pid_t pid)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid;
}

static void collect(pid_t pid, int64_t deadline, dphl_os_spawn_result *out)
{
    int state = 0;
    while (!has_ended(pid) && now_ms() < deadline)
        (void)poll(NULL, 0, WAIT_STEP_MS);
    out->timed_out = !has_ended(pid);
    /* The group too, so that nothing the library started lives on. */
    (void)kill(-pid, SIGKILL);
    pid_t ended;
    do {
        ended = waitpid(pid, &state, 0);
    } while (ended < 0 && errno == EINTR);
    out->signal = ended == pid && WIFSIGNALED(state) ? WTERMSIG(state) : 0;
    out->exit_code = ended == pid && WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

int dphl_os_spawn_run(const dphl_os_spawn_request *request, dphl_os_spawn_result *out)
{
    int ends[2];
    pid_t pid = -1;
    memset(out, 0, sizeof *out);
    out->exit_code = -1;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return errno;
    int64_t deadline = now_ms() + request->timeout_ms;
    int number = start(request, ends[1], &pid);
    (void)close(ends[1]);
    if (number == 0) {
        read_output(ends[0], deadline, out);
        collect(pid, deadline, out);
    }
    (void)close(ends[0]);
    return number;
}

const char *dphl_os_spawn_error_text(int number)
{
    return strerrordesc_np(number);
}
