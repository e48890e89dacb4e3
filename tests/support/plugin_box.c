/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin in a folder of its own, and the host that the loader's tests use. */
#define _GNU_SOURCE
#include "tests/support/plugin_box.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int log_lines;

static void need(int good, const char *what)
{
    if (good)
        return;
    perror(what);
    abort();
}

static void *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    struct stat info;
    need(fstat(fileno(file), &info) == 0, path);
    *len = (size_t)info.st_size;
    void *bytes = malloc(*len + 1);
    need(bytes != NULL && fread(bytes, 1, *len, file) == *len, path);
    (void)fclose(file);
    return bytes;
}

void plugin_box_write(const char *path, const void *bytes, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    need(fd >= 0 && write(fd, bytes, len) == (ssize_t)len && close(fd) == 0, path);
}

static void copy_library(const char *id, const char *to)
{
    static const char *const folders[] = {"build/san/bad-plugins", "build/san/example-plugin"};
    char from[256];
    size_t len = 0;
    void *bytes = NULL;
    for (size_t i = 0; i < 2 && bytes == NULL; i++) {
        (void)snprintf(from, sizeof from, "%s/%s.so", folders[i], id);
        bytes = read_file(from, &len);
    }
    need(bytes != NULL, from);
    plugin_box_write(to, bytes, len);
    free(bytes);
}

void plugin_box_set_manifest(plugin_box *box, const char *hooks, const char *required, int major,
                             int minor)
{
    char text[1024];
    int len = snprintf(text, sizeof text,
                       "{\"id\": \"%s\", \"version\": \"1.2.3\", \"name\": \"Bad plugin\",\n"
                       " \"abi\": {\"major\": %d, \"minor\": %d}, \"hooks\": [%s],\n"
                       " \"services\": {\"required\": [%s], \"optional\": []},\n"
                       " \"max_parallel_units\": 1}\n",
                       box->id, major, minor, hooks, required);
    plugin_box_write(box->manifest, text, (size_t)len);
    plugin_box_pin(box);
}

void plugin_box_pin(plugin_box *box)
{
    need(dphl_hash_file(box->library, box->library_hash, NULL) == DPH_OK, box->library);
    need(dphl_hash_file(box->manifest, box->manifest_hash, NULL) == DPH_OK, box->manifest);
}

void plugin_box_truncate(plugin_box *box, size_t len)
{
    need(truncate(box->library, (off_t)len) == 0, box->library);
}

void plugin_box_flip(plugin_box *box, size_t at)
{
    size_t len = 0;
    unsigned char *bytes = read_file(box->library, &len);
    need(bytes != NULL && at < len, box->library);
    bytes[at] ^= 1U;
    plugin_box_write(box->library, bytes, len);
    free(bytes);
}

int plugin_box_count_files(const plugin_box *box)
{
    DIR *folder = opendir(box->folder);
    int count = 0;
    need(folder != NULL, box->folder);
    while (readdir(folder) != NULL)
        count++;
    (void)closedir(folder);
    return count - 2;
}

int plugin_box_count_open(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;
    need(folder != NULL, "/proc/self/fd");
    while (readdir(folder) != NULL)
        count++;
    (void)closedir(folder);
    return count - 3;
}

void plugin_box_init(plugin_box *box, const char *id)
{
    memset(box, 0, sizeof *box);
    (void)snprintf(box->id, sizeof box->id, "%s", id);
    (void)snprintf(box->folder, sizeof box->folder, "%s/plugin-box-XXXXXX", P_tmpdir);
    need(mkdtemp(box->folder) != NULL, box->folder);
    (void)snprintf(box->library, sizeof box->library, "%s/%s.so", box->folder, id);
    (void)snprintf(box->manifest, sizeof box->manifest, "%s/%s.json", box->folder, id);
    (void)snprintf(box->marker, sizeof box->marker, "%s/loading", box->folder);
    need(realpath("build/san/bin/dph-probe", box->probe) != NULL, "build/san/bin/dph-probe");
    copy_library(id, box->library);
    plugin_box_set_manifest(box, "", "", DPH_ABI_MAJOR, DPH_ABI_MINOR);
    box->options.path = box->library;
    box->options.manifest_path = box->manifest;
    box->options.library_hash = box->library_hash;
    box->options.manifest_hash = box->manifest_hash;
    box->options.probe_path = box->probe;
    box->options.marker_path = box->marker;
    box->err.struct_size = sizeof box->err;
    box->open_files = plugin_box_count_open();
}

void plugin_box_done(plugin_box *box)
{
    DIR *folder = opendir(box->folder);
    const struct dirent *entry;
    need(folder != NULL, box->folder);
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.')
            need(unlinkat(dirfd(folder), entry->d_name, 0) == 0, entry->d_name);
    }
    (void)closedir(folder);
    need(rmdir(box->folder) == 0, box->folder);
}

static void count_line(const dph_host *host, const dph_call *call, uint32_t level, uint32_t event,
                       const dph_str *text, const dph_kv *kv, size_t kv_count)
{
    (void)host;
    (void)call;
    (void)level;
    (void)event;
    (void)text;
    (void)kv;
    (void)kv_count;
    log_lines++;
}

static const void *get_service(const dph_host *host, const char *id)
{
    static const dph_log_v1 log_service = {sizeof log_service, DPH_LOG_DEBUG, count_line};
    (void)host;
    return strcmp(id, DPH_LOG_ID) == 0 ? &log_service : NULL;
}

const dph_host *plugin_box_host(void)
{
    static const dph_host host = {sizeof host, DPH_ABI_MAJOR, DPH_ABI_MINOR, "test",
                                  "0.1.0",     NULL,          get_service};
    return &host;
}

int plugin_box_log_lines(void)
{
    return log_lines;
}

dph_call plugin_box_call(void)
{
    dph_call call;
    memset(&call, 0, sizeof call);
    call.struct_size = sizeof call;
    call.lane = DPH_LANE_CONTROL;
    return call;
}
