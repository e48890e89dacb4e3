/* SPDX-License-Identifier: Apache-2.0
 *
 * A driver that ends well but tells no result: the runner has to turn red. */
int main(void)
{
    return 0;
}
