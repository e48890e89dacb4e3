/* SPDX-License-Identifier: Apache-2.0
 *
 * The guarded slab: the only heap in which the plugin holds secrets. 64 fixed slots from
 * sodium_malloc (guard pages, locked, not in core dumps); asking for more is an error, not growth.
 * Bytes are visible only between borrow and return. Thread-safe. */
#ifndef BKEY_SECRET_H
#define BKEY_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define BKEY_SLAB_SLOTS 64u
#define BKEY_SLAB_GUESTS 6u
#define BKEY_SLAB_GUEST_SLOTS 6u
#define BKEY_SECRET_MAX 16384u /* bytes of a slot: the longest token that is accepted */

typedef struct bkey_slab bkey_slab;
typedef struct bkey_secret bkey_secret;

BKEY_MUST_CHECK bkey_err bkey_slab_new(bkey_slab **out_slab);
/* Wipes and frees; every secret of it must be freed before. NULL-safe, sets NULL. */
void bkey_slab_free(bkey_slab **slab);
/* True when the pages could not be locked into memory; logged once at start. */
bool bkey_slab_is_unlocked(const bkey_slab *slab);
/* Slots in use; for tests and leak checks. */
size_t bkey_slab_used(bkey_slab *slab);

/* Waits for its turn among at most BKEY_SLAB_GUESTS short uses, and ends it. Between the two a use
 * takes at most BKEY_SLAB_GUEST_SLOTS slots, so that however many people reveal at once, each finds
 * slots, and so do the ticks. Must not be nested. */
void bkey_slab_enter(bkey_slab *slab);
void bkey_slab_leave(bkey_slab *slab);

/* Takes a slot of `len` zero bytes. SLAB_FULL when all 64 are taken, LIMIT when len is too large.
 */
BKEY_MUST_CHECK bkey_err bkey_secret_new(bkey_slab *slab, size_t len, bkey_secret **out_secret);
/* Takes a slot and copies `len` bytes into it; the caller wipes the source. */
BKEY_MUST_CHECK bkey_err bkey_secret_dup(bkey_slab *slab, const void *bytes, size_t len,
                                         bkey_secret **out_secret);
/* Wipes the slot. NULL-safe, sets NULL. Borrowed bytes must have been returned. */
void bkey_secret_free(bkey_secret **secret);
/* The bytes, writable, followed by one zero byte; counted. Valid until the matching return. */
uint8_t *bkey_secret_borrow(bkey_secret *secret);
void bkey_secret_return(bkey_secret *secret);
size_t bkey_secret_len(const bkey_secret *secret);
/* True when both are there with the same bytes; in constant time but for the length. NULL-safe. */
bool bkey_secret_same(bkey_secret *a, bkey_secret *b);
/* Cuts the length; the bytes behind are wiped. */
void bkey_secret_shrink(bkey_secret *secret, size_t len);

#endif
