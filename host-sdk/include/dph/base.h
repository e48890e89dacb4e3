/* SPDX-License-Identifier: Apache-2.0
 *
 * Base types of the documentation-platform host (DPH) plugin ABI, version 0.x.
 *
 * Rules that hold for every header of this folder (source: DESIGN.md section 4):
 * - Only fixed-width integers, size_t, pointers and pointer + length strings cross the boundary.
 *   No bool, enum, bit-field, varargs, struct by value, or array of structs that may grow.
 *   64-bit targets only.
 * - Every struct that may grow starts with struct_size, set by whoever makes the struct to its own
 *   sizeof. Fields are only appended; zero in an appended field means "as before". A reader looks
 *   at a field only when DPH_HAS says that it is there.
 * - Nothing is freed across the boundary. Inputs live until the call returns; outputs go to memory
 *   of the caller or to a sink. A sink's arguments live until the sink returns.
 * - Unknown status = error, unknown operation = deny, unknown item = skip, unknown flag = INVALID.
 * - Every function names its lane:
 *     [control]  create, start, stop, destroy: alone, no other call runs.
 *     [sync]     ticks: at most one at a time per unit, different units in parallel. May block.
 *     [hook]     everything else a host calls: thread-safe, parallel, never touches the network and
 *                never waits for a tick.
 *     [any]      may be called in every lane and from every thread. */
#ifndef DPH_BASE_H
#define DPH_BASE_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define DPH_CALL __cdecl
#define DPH_EXPORT __declspec(dllexport)
#else
#define DPH_CALL
#define DPH_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
#define DPH_BEGIN_DECLS extern "C" {
#define DPH_END_DECLS }
#else
#define DPH_BEGIN_DECLS
#define DPH_END_DECLS
#endif

/* The ABI's number. Major is in the entry symbol; minor grows when something is appended. */
#define DPH_ABI_MAJOR 0
#define DPH_ABI_MINOR 1

/* True when the struct behind `ptr` is long enough to hold `field`. */
#define DPH_HAS(ptr, field)                                                                        \
    ((ptr)->struct_size >= (size_t)((const char *)(&(ptr)->field + 1) - (const char *)(ptr)))

/* UTF-8 text, not terminated. ptr may be NULL only when len is 0. */
typedef struct dph_str {
    const char *ptr;
    size_t len; /* bytes */
} dph_str;

/* Raw bytes. ptr may be NULL only when len is 0. */
typedef struct dph_bytes {
    const uint8_t *ptr;
    size_t len; /* bytes */
} dph_bytes;

/* One named value of a structured log line. Never a secret. */
typedef struct dph_kv {
    dph_str key;
    dph_str value;
} dph_kv;

#endif
