// SPDX-License-Identifier: Apache-2.0
/** The room of rows that are not in the document. */
export const Gap = ({ pixels, columns }: { pixels: number; columns: number }) =>
  pixels > 0 ? <tr class="gap" aria-hidden="true"><td colSpan={columns} ref={(cell) => { if (cell) cell.style.height = `${pixels}px`; }} /></tr> : null;
