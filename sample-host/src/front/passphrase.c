/* SPDX-License-Identifier: Apache-2.0 */
#include "sample-host/src/front/passphrase.h"

#include "sample-host/src/base/os_file.h"
#include "sample-host/src/front/os_terminal.h"

#include <string.h>

bool front_passphrase_read(const char *file, host_secret *out, host_error *err)
{
    host_secret read_in = {0};
    if (file == NULL)
        return true;
    if (strcmp(file, "-") == 0)
        return front_terminal_secret("Passphrase of the key file: ", out, err);
    if (!host_file_read(file, FRONT_TERMINAL_SECRET_MAX, true, &read_in, err))
        return false;
    const unsigned char *end = memchr(read_in.ptr, '\n', read_in.len);
    read_in.len = end == NULL ? read_in.len : (size_t)(end - read_in.ptr);
    while (read_in.len > 0 && read_in.ptr[read_in.len - 1] == '\r')
        read_in.len--;
    *out = read_in;
    return true;
}
