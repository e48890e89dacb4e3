/* SPDX-License-Identifier: Apache-2.0
 *
 * The file that only grows: what a crash left at its end, what others made of it, and that reading
 * it takes no memory. */
/* LINK: tests/support/scratch.c sample-host/src/base/os_append.c sample-host/src/base/os_file.c
 * sample-host/src/base/host_error.c sample-host/src/base/secret.c */

/* LINK: host-sdk/support/utf8.c */
/* LIBS: -lsodium */
#define _GNU_SOURCE
#include "sample-host/src/base/os_append.h"
#include "sample-host/src/base/os_file.h"
#include "tests/support/scratch.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

TestSuite(host_append, .init = scratch_make, .fini = scratch_drop);

static void write_file(const char *bytes, size_t len)
{
    host_error err = {0};
    cr_assert(host_file_write(scratch_path, bytes, len, &err), "%s", err.message);
}

static void append(const char *line)
{
    host_error err = {0};
    cr_assert(host_append_line(scratch_path, line, strlen(line), &err), "%s", err.message);
}

/* What came, one line after the other with '|' behind each; NUL as '0'. */
typedef struct seen {
    char text[512];
    size_t count;
    size_t longest;
    size_t end_at; /* ends the reading with that line; 0 = never */
} seen;

static dph_status take(void *context, const char *line, size_t len)
{
    seen *to = context;
    const size_t used = strlen(to->text);
    to->count++;
    to->longest = len > to->longest ? len : to->longest;
    for (size_t i = 0; i < len && used + i + 2 < sizeof to->text; i++) {
        to->text[used + i] = line[i] != '\0' ? line[i] : '0';
        to->text[used + i + 1] = '|';
    }
    return to->count == to->end_at ? DPH_E_CANCELLED : DPH_OK;
}

static dph_status read_all(seen *out)
{
    host_error err = {0};
    return host_append_each(scratch_path, take, out, &err);
}

static off_t size_of(void)
{
    struct stat info;
    cr_assert(stat(scratch_path, &info) == 0);
    return info.st_size;
}

Test(host_append, lines_come_back_in_order)
{
    seen all = {.count = 0};
    append("one");
    append("two");
    append("three");
    cr_assert(read_all(&all) == DPH_OK);
    cr_assert_str_eq(all.text, "one|two|three|");
    seen some = {.end_at = 2};
    cr_assert(read_all(&some) == DPH_E_CANCELLED);
    cr_assert_str_eq(some.text, "one|two|");
}

Test(host_append, no_file_is_no_line)
{
    seen all = {.count = 0};
    cr_assert(read_all(&all) == DPH_OK);
    cr_assert(all.count == 0);
}

Test(host_append, a_torn_end_is_not_read_and_is_cut_by_the_next_line)
{
    seen all = {.count = 0};
    write_file("one\ntw", 6);
    cr_assert(read_all(&all) == DPH_OK);
    cr_assert_str_eq(all.text, "one|");
    append("three");
    seen after = {.count = 0};
    cr_assert(read_all(&after) == DPH_OK);
    cr_assert_str_eq(after.text, "one|three|");
    write_file("tor", 3);
    append("one");
    cr_assert(size_of() == 4);
}

Test(host_append, zeros_are_part_of_a_line)
{
    seen all = {.count = 0};
    write_file("o\0e\n\0\0\n\0", 8);
    cr_assert(read_all(&all) == DPH_OK);
    cr_assert_str_eq(all.text, "o0e|00|");
}

/* A gigabyte without a line feed, of which the disk holds nothing: it is neither held in memory nor
 * looked through byte by byte, and what it hid stays. */
Test(host_append, a_line_without_end_costs_no_memory_and_hides_nothing, .timeout = 120)
{
    const off_t hole = (off_t)1 << 30;
    struct rusage before;
    struct rusage after;
    append("one");
    int fd = open(scratch_path, O_WRONLY | O_CLOEXEC);
    cr_assert(fd >= 0 && ftruncate(fd, hole) == 0);
    (void)close(fd);
    cr_assert(getrusage(RUSAGE_SELF, &before) == 0);
    append("two");
    cr_assert(size_of() == hole + 5, "%lld", (long long)size_of());
    seen all = {.count = 0};
    cr_assert(read_all(&all) == DPH_OK);
    cr_assert(all.count == 3);
    cr_assert(all.longest == HOST_APPEND_MAX + 1);
    cr_assert(getrusage(RUSAGE_SELF, &after) == 0);
    cr_assert(after.ru_maxrss - before.ru_maxrss < 16 * 1024);
}

Test(host_append, the_longest_line_is_read_whole_wherever_a_block_ends)
{
    static char longest[HOST_APPEND_MAX + 1];
    memset(longest, 'x', sizeof longest - 1);
    for (size_t i = 0; i < 40; i++) {
        longest[i] = 'y';
        append(longest);
    }
    seen all = {.count = 0};
    cr_assert(read_all(&all) == DPH_OK);
    cr_assert(all.count == 40);
    cr_assert(all.longest == HOST_APPEND_MAX);
}

Test(host_append, a_file_that_others_may_touch_is_refused)
{
    host_error err = {0};
    seen all = {.count = 0};
    append("one");
    cr_assert(chmod(scratch_path, 0640) == 0);
    cr_assert(host_append_each(scratch_path, take, &all, &err) == DPH_E_DENIED);
    cr_assert(all.count == 0);
    cr_assert_not_null(strstr(err.message, "only its owner"));
    cr_assert(unlink(scratch_path) == 0 && symlink("/etc/hostname", scratch_path) == 0);
    cr_assert(host_append_each(scratch_path, take, &all, &err) == DPH_E_DENIED);
    cr_assert(!host_append_line(scratch_path, "two", 3, &err));
    cr_assert(unlink(scratch_path) == 0 && mkfifo(scratch_path, 0600) == 0);
    cr_assert(host_append_each(scratch_path, take, &all, &err) == DPH_E_DENIED);
}
