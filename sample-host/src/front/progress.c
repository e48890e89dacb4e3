/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/progress.h"

#include "sample-host/src/front/os_clock.h"
#include "sample-host/src/front/os_terminal.h"
#include "support/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BAR_WIDTH 30

void front_progress_init(front_progress *progress)
{
    *progress = (front_progress){.terminal = front_terminal_err(), .told_ms = -1000};
    pthread_mutex_init(&progress->lock, NULL);
}

static void draw_bar(const char *unit, uint64_t done, uint64_t total)
{
    char bar[BAR_WIDTH + 1];
    uint64_t full = done >= total ? BAR_WIDTH : done / (total / BAR_WIDTH + 1);
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', full < BAR_WIDTH ? (size_t)full : BAR_WIDTH);
    bar[BAR_WIDTH] = '\0';
    (void)fprintf(stderr, "\r\033[K%s [%s] %" PRIu64 "/%" PRIu64, unit, bar, done, total);
}

/* At its beginning some work has nothing to count yet. */
static void draw_name(bool terminal, const char *unit)
{
    (void)fprintf(stderr, terminal ? "\r\033[K%s" : "%s\n", unit);
}

static void show(front_progress *progress, const char *unit, uint64_t done, uint64_t total)
{
    if (progress->terminal && total > 0)
        draw_bar(unit, done, total);
    else if (total == 0 && done == 0)
        draw_name(progress->terminal, unit);
    else if (progress->terminal)
        (void)fprintf(stderr, "\r\033[K%s %" PRIu64, unit, done);
    else if (total > 0)
        (void)fprintf(stderr, "%s: %" PRIu64 " of %" PRIu64 "\n", unit, done, total);
    else
        (void)fprintf(stderr, "%s: %" PRIu64 "\n", unit, done);
    progress->drawn = progress->terminal;
    (void)fflush(stderr);
}

void front_progress_tell(void *context, const char *unit, uint64_t done, uint64_t total)
{
    front_progress *progress = context;
    char clean[128];
    sup_utf8_clean(unit, strlen(unit), clean, sizeof clean);
    pthread_mutex_lock(&progress->lock);
    int64_t now = front_clock_ms();
    int64_t pause = progress->terminal ? 100 : 1000;
    if (now - progress->told_ms >= pause || (total > 0 && done >= total)) {
        progress->told_ms = now;
        show(progress, clean, done, total);
    }
    pthread_mutex_unlock(&progress->lock);
}

void front_progress_done(front_progress *progress)
{
    pthread_mutex_lock(&progress->lock);
    if (progress->drawn)
        (void)fputs("\r\033[K", stderr);
    progress->drawn = false;
    pthread_mutex_unlock(&progress->lock);
    pthread_mutex_destroy(&progress->lock);
}
