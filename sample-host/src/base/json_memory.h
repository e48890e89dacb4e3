/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory for jansson, whose lexer (2.14) does not look whether its buffer grew: a text whose
 * closing quote found no room is then read, and written, past its end. Knows nothing of JSON. */
#ifndef HOST_JSON_MEMORY_H
#define HOST_JSON_MEMORY_H

/* A token of up to half of this many bytes is lexed without the system's memory. */
#define HOST_JSON_RESERVE 65536u

/* From now on what may be that buffer's growth (powers of two from 32 bytes) comes from a reserve
 * when malloc refuses it; all else is refused, which jansson tells its caller. A larger growth that
 * is refused ends the process, before it would write where it must not. Call once, before jansson
 * is used and before threads; it counts for the whole process, plugins included. */
void host_json_memory_use(void);

#endif
