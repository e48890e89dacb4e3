/* SPDX-License-Identifier: Apache-2.0
 *
 * One style for what goes wrong, wherever its text comes from. Knows no message. */
#ifndef FRONT_SENTENCE_H
#define FRONT_SENTENCE_H

#include "sample-host/src/command.h"

/* Writes `text` without control characters, with a capital first letter, unless it begins with
 * the name of something, and a full stop. */
void front_sentence_make(const char *text, char out[HOST_MESSAGE_SIZE]);

#endif
