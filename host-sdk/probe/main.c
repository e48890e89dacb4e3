/* SPDX-License-Identifier: Apache-2.0
 *
 * dph-probe: loads one plugin in a process that may die of it, and says in one line of JSON how it
 * went. Exit 0 = loadable, 1 = refused, 2 = wrong usage. Creates no instance.
 *
 *   dph-probe PATH SHA256          a plugin file, with the loader's checks of name and permissions
 *   dph-probe --image ID SHA256    an image that the loader gives as open file 3 */
#include "loader/fail.h"
#include "loader/negotiate.h"
#include "loader/os_file.h"
#include "loader/os_library.h"
#include "loader/probe.h"
#include "loader/verify.h"
#include "probe/os_confine.h"
#include "support/hex.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the command line asks for. */
typedef struct probe_task {
    const char *path; /* NULL = the image is open already */
    char id[DPHL_ID_MAX + 1];
    uint8_t hash[DPHL_HASH_SIZE];
    int image;
} probe_task;

static int read_arguments(int argc, char **argv, probe_task *task)
{
    memset(task, 0, sizeof *task);
    task->image = -1;
    if (argc < 3 ||
        !sup_hex_parse(argv[argc - 1], strlen(argv[argc - 1]), task->hash, sizeof task->hash))
        return 0;
    if (argc == 3) {
        task->path = argv[1];
        return 1;
    }
    if (argc != 4 || strcmp(argv[1], "--image") != 0 || !dphl_verify_id(argv[2], strlen(argv[2])))
        return 0;
    memcpy(task->id, argv[2], strlen(argv[2]) + 1);
    task->image = DPHL_PROBE_IMAGE_FD;
    return 1;
}

static dph_status load(probe_task *task, dphl_code *out, dph_error *err)
{
    const dph_host numbers = {sizeof numbers,  DPH_ABI_MAJOR, DPH_ABI_MINOR, "dph-probe",
                              PRODUCT_VERSION, NULL,          NULL};
    dph_status status = DPH_OK;
    /* Before the limits: the copy in memory counts as a file. */
    if (task->path != NULL) {
        status = dphl_verify_path(task->path, task->id, err);
        if (status == DPH_OK)
            status = dphl_os_library_copy(task->path, &task->image, err);
    }
    if (status == DPH_OK && (sodium_init() < 0 || dph_os_confine(task->image) != 0))
        status =
            dphl_fail(err, DPH_E_INTERNAL, DPHL_CODE_PROBE, "dph-probe cannot confine itself.");
    if (status == DPH_OK)
        status = dphl_verify_hash(task->image, task->path == NULL ? task->id : task->path,
                                  task->hash, err);
    if (status == DPH_OK)
        status = dphl_negotiate_load(&task->image, task->id, &numbers, out, err);
    return status;
}

static json_t *make_answer(dph_status status, const dphl_code *code, const dph_error *err)
{
    if (status != DPH_OK)
        return json_pack("{s:b, s:i, s:I, s:s}", "ok", 0, "status", (int)status, "code",
                         (json_int_t)err->code, "message", err->message);
    return json_pack("{s:b, s:s, s:i, s:i}", "ok", 1, "id", code->entry.manifest->id, "abi_major",
                     (int)code->entry.abi_major, "abi_minor", (int)code->entry.abi_minor);
}

static int print_answer(const json_t *answer)
{
    char *line = json_dumps(answer, JSON_COMPACT);
    int printed = line != NULL && puts(line) >= 0 && fflush(stdout) == 0;
    free(line);
    return printed;
}

int main(int argc, char **argv)
{
    probe_task task;
    dphl_code code;
    dph_error err;
    if (!read_arguments(argc, argv, &task)) {
        (void)fputs("usage: dph-probe PATH SHA256 | dph-probe --image ID SHA256\n", stderr);
        return 2;
    }
    memset(&code, 0, sizeof code);
    dphl_fail_init(&err);
    dph_status status = load(&task, &code, &err);
    json_t *answer = make_answer(status, &code, &err);
    int printed = print_answer(answer);
    json_decref(answer);
    return status == DPH_OK && printed ? 0 : 1;
}
