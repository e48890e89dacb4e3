/* SPDX-License-Identifier: Apache-2.0
 *
 * What a power loss takes of files that are written without SQLite: bytes that no fsync covered are
 * cut or garbled, and renames, links and removals since their folder's last fsync may not have
 * happened, the newest first. Needs kill_steps.c; a test that links it names write, writev,
 * ftruncate and unlink with -Wl,--wrap. Must not know what the files are. */
#ifndef TEST_POWER_FILES_H
#define TEST_POWER_FILES_H

#include <stdint.h>

/* Keeps account of all below that folder from now on; NULL ends it. */
void power_files_watch(const char *dir);
/* Power is lost: the files are then as the disk has them. */
void power_files_lose(uint64_t seed);

#endif
