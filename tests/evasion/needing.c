/* SPDX-License-Identifier: Apache-2.0 */
/* A program that does nothing itself: what the linker loads for it does. */
int main(void)
{
	return 0;
}
