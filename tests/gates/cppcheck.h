/* SPDX-License-Identifier: Apache-2.0
 *
 * What cppcheck has to know of the libraries' macros: it reads no system header. Nothing includes
 * this file. */
#ifndef GATES_CPPCHECK_H
#define GATES_CPPCHECK_H

#define json_array_foreach(array, index, value)                                                    \
    for (index = 0; index < json_array_size(array) && (value = json_array_get(array, index));      \
         index++)
#define json_object_foreach(object, key, value)                                                    \
    for (key = next_key(object); key && (value = json_object_get(object, key));)
#define json_object_foreach_safe(object, next, key, value)                                         \
    for (key = next_key(object); key && (value = json_object_get(object, key));)

#endif
