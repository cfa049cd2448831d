/** Sizes of files as people say them. Pure. */

const UNITS = ["B", "KB", "MB", "GB"] as const;

/** `1.5 MB`, a MB being 1,048,576 bytes. */
export function sizeInWords(bytes: number): string {
  let unit = 0;
  let amount = bytes;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  const tenths = Math.floor(amount * 10) / 10;
  const shown = amount < 10 && !Number.isInteger(tenths) ? tenths.toFixed(1) : String(Math.floor(amount));
  return `${shown} ${UNITS[unit]}`;
}

/** Sizes to choose from as the largest that a file may have, in bytes, with what is chosen among them. */
export function fileSizes(chosen: number, most: number): number[] {
  const usual = [0, 10, 50, 100, 250, 500, 1024].map((megabytes) => megabytes * 1024 ** 2);
  const sizes = new Set([...usual.filter((size) => size <= most), chosen, most]);
  return [...sizes].sort((a, b) => a - b);
}
