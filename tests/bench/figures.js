/** Sums and words for the figures. */

/**
 * @param {number[]} values
 * @param {number} share between 0 and 1
 */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return (
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ??
    NaN
  );
}

/** @param {number[]} values */
export const median = (values) => percentile(values, 0.5);

/**
 * The middle, the least and the most, in ms.
 *
 * @param {number[]} values
 */
export function spread(values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(0)} ms (${least.toFixed(0)} to ${most.toFixed(0)}, ${values.length} times)`;
}

/**
 * Prints a figure under its name.
 *
 * @param {string} name
 * @param {string} figure
 */
export function print(name, figure) {
  console.log(`  ${name.padEnd(52)} ${figure}`);
}
