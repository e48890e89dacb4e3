/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "sample-host/src/front/os_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 32
#define DRAIN_READS 64

/* A path too long for sun_path is reached through the directory's descriptor. Returns that
 * descriptor, -1 when it is not needed, -2 on failure. */
static int make_address(const char *data_dir, struct sockaddr_un *out)
{
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    int need = snprintf(out->sun_path, sizeof out->sun_path, "%s/socket", data_dir);
    if (need > 0 && (size_t)need < sizeof out->sun_path)
        return -1;
    int dir = open(data_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return -2;
    (void)snprintf(out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d/socket", dir);
    return dir;
}

static void drop(int fd)
{
    int kept = errno;
    if (fd >= 0)
        close(fd);
    errno = kept;
}

static int open_at(const char *data_dir, bool server)
{
    struct sockaddr_un address;
    int dir = make_address(data_dir, &address);
    if (dir == -2)
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr *where = (const struct sockaddr *)&address;
    bool ok = fd >= 0;
    if (ok && !server)
        ok = connect(fd, where, sizeof address) == 0;
    if (ok && server) {
        ok = unlink(address.sun_path) == 0 || errno == ENOENT;
        /* The mode of the socket file itself, set before the file exists. */
        ok = ok && fchmod(fd, 0600) == 0 && bind(fd, where, sizeof address) == 0;
        ok = ok && chmod(address.sun_path, 0600) == 0 && listen(fd, BACKLOG) == 0;
    }
    drop(dir);
    if (ok)
        return fd;
    drop(fd);
    return -1;
}

int front_socket_listen(const char *data_dir, host_error *err)
{
    int fd = open_at(data_dir, true);
    if (fd < 0)
        host_error_set(err, DPH_E_UNAVAILABLE, 0, "the socket in %s cannot be opened: %s", data_dir,
                       strerrordesc_np(errno));
    return fd;
}

void front_socket_unlisten(const char *data_dir, int fd)
{
    int dir = open(data_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir >= 0)
        unlinkat(dir, "socket", 0);
    drop(dir);
    drop(fd);
}

int front_socket_connect(const char *data_dir)
{
    return open_at(data_dir, false);
}

int front_socket_accept(int listener, int waker)
{
    struct pollfd fds[2] = {{.fd = listener, .events = POLLIN}, {.fd = waker, .events = POLLIN}};
    for (;;) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return -1;
        if (fds[1].revents != 0)
            return -1;
        if (fds[0].revents == 0)
            continue;
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            return fd;
        /* Out of descriptors: the wait keeps this loop from spinning until one is free. */
        if (errno == EMFILE || errno == ENFILE)
            poll(&fds[1], 1, 50);
    }
}

bool front_socket_peer_ok(int fd, uint32_t *out_uid)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 || len != sizeof peer)
        return false;
    if (peer.uid != geteuid() && peer.uid != 0)
        return false;
    *out_uid = peer.uid;
    return true;
}

void front_socket_timeout(int fd, unsigned seconds)
{
    struct timeval limit = {.tv_sec = (time_t)seconds};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

bool front_socket_send(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t done = send(fd, at, len, MSG_NOSIGNAL);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        at += done;
        len -= (size_t)done;
    }
    return true;
}

bool front_socket_receive(int fd, void *bytes, size_t len)
{
    char *at = bytes;
    while (len > 0) {
        ssize_t done = recv(fd, at, len, 0);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        at += done;
        len -= (size_t)done;
    }
    return true;
}

bool front_socket_gone(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLRDHUP};
    return poll(&one, 1, 0) > 0 && (one.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

void front_socket_stop_reading(int fd)
{
    shutdown(fd, SHUT_RD);
}

void front_socket_close(int fd)
{
    drop(fd);
}

void front_socket_drain(int fd)
{
    char ignored[4096];
    front_socket_timeout(fd, 1);
    ssize_t got = shutdown(fd, SHUT_WR) == 0 ? 1 : 0;
    for (int i = 0; i < DRAIN_READS && got > 0; i++)
        got = recv(fd, ignored, sizeof ignored, 0);
}

bool front_socket_waker(int out[2], host_error *err)
{
    if (pipe2(out, O_CLOEXEC) == 0)
        return true;
    return host_error_set(err, DPH_E_UNAVAILABLE, 0, "no pipe: %s", strerrordesc_np(errno));
}

void front_socket_wake(int fd)
{
    while (write(fd, "", 1) < 0 && errno == EINTR) {
    }
}
