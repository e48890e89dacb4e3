/* SPDX-License-Identifier: Apache-2.0
 *
 * The local stream socket of a data directory: DIR/socket, mode 0600, open to its owner and root.
 * Knows bytes, not frames. */
#ifndef FRONT_OS_SOCKET_H
#define FRONT_OS_SOCKET_H

#include "sample-host/src/base/host_error.h"

#include <stddef.h>
#include <stdint.h>

/* Listens on DIR/socket; one left over from a process that died is replaced, so the caller must
 * hold the data directory's lock. Returns the descriptor, or -1. */
int front_socket_listen(const char *data_dir, host_error *err);
/* Removes DIR/socket and closes. */
void front_socket_unlisten(const char *data_dir, int fd);
/* Connects to DIR/socket. Returns the descriptor, or -1 when nobody answers. */
int front_socket_connect(const char *data_dir);
/* Waits for a connection on `listener`, or until `waker` is readable: then returns -1. */
int front_socket_accept(int listener, int waker);
/* True and the peer's uid when it is this process's own or root. */
bool front_socket_peer_ok(int fd, uint32_t *out_uid);
/* Gives up a read or write after that many seconds; 0 = never. */
void front_socket_timeout(int fd, unsigned seconds);
/* All of the bytes or false. The bytes go straight between the kernel and `bytes`. */
bool front_socket_send(int fd, const void *bytes, size_t len);
bool front_socket_receive(int fd, void *bytes, size_t len);
/* True when the other side has gone. Does not block and reads nothing. */
bool front_socket_gone(int fd);
/* Ends reading, so that a thread that waits for bytes returns. */
void front_socket_stop_reading(int fd);
void front_socket_close(int fd);
/* Ends writing, and reads and drops what still comes, for some seconds at most. Before a close, so
 * that the other side can read its answer even while it sends: bytes nobody read make a close a
 * reset. */
void front_socket_drain(int fd);
/* A pipe for waking an accept: [0] is read, [1] written. */
bool front_socket_waker(int out[2], host_error *err);
void front_socket_wake(int fd);

#endif
