/* SPDX-License-Identifier: Apache-2.0
 *
 * Names and hashes. Must not run anything of a plugin. */
#include "loader/verify.h"

#include "loader/fail.h"
#include "loader/os_file.h"

#include <sodium.h>
#include <string.h>

#if defined(_WIN32)
#define LIBRARY_ENDING ".dll"
#else
#define LIBRARY_ENDING ".so"
#endif

int dphl_verify_id(const char *text, size_t len)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
    if (len < 3 || len > DPHL_ID_MAX)
        return 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\0' || strchr(allowed, text[i]) == NULL)
            return 0;
    }
    return 1;
}

dph_status dphl_verify_path(const char *path, char out_id[DPHL_ID_MAX + 1], dph_error *err)
{
    if (path == NULL || path[0] != '/')
        return dphl_fail(err, DPH_E_INVALID, DPHL_CODE_PATH,
                         "A plugin is named by an absolute path; \"%s\" is none.",
                         path == NULL ? "" : path);
    const char *name = strrchr(path, '/') + 1;
    size_t len = strlen(name);
    size_t ending = strlen(LIBRARY_ENDING);
    if (len <= ending || strcmp(name + len - ending, LIBRARY_ENDING) != 0 ||
        !dphl_verify_id(name, len - ending))
        return dphl_fail(
            err, DPH_E_INVALID, DPHL_CODE_PATH,
            "\"%s\" is no plugin file name: it must be the id (3 to 48 of a-z, 0-9 and "
            "_) followed by %s.",
            name, LIBRARY_ENDING);
    memcpy(out_id, name, len - ending);
    out_id[len - ending] = '\0';
    return DPH_OK;
}

dph_status dphl_verify_hash(int fd, const char *path, const uint8_t pinned[DPHL_HASH_SIZE],
                            dph_error *err)
{
    uint8_t found[DPHL_HASH_SIZE];
    dph_status status = dphl_os_file_hash(fd, path, found, err);
    if (status != DPH_OK)
        return status;
    if (sodium_memcmp(found, pinned, sizeof found) != 0)
        return dphl_fail(err, DPH_E_CORRUPT, DPHL_CODE_HASH,
                         "%s is not the file that was pinned: it was altered, cut off or replaced.",
                         path);
    return DPH_OK;
}
