/* SPDX-License-Identifier: Apache-2.0
 *
 * A library, but no plugin: it exports nothing. */
#include "dph/base.h"

DPH_EXPORT int32_t some_other_function(void);

int32_t some_other_function(void)
{
    return 0;
}
