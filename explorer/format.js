// Numbers, hashes and times as text.
export const short = (hex) => (hex.length > 16 ? `${hex.slice(0, 8)}…${hex.slice(-4)}` : hex);

export const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, '\u202f');

export const clock = (milliseconds) => new Date(Number(milliseconds)).toLocaleTimeString('en-GB', { hour12: false });

export function span(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** A number of blocks, and how long they take at the present pace. */
export function blocksAndTime(count, period) {
  if (count <= 0n) return 'now';
  return `${grouped(count)} block${count === 1n ? '' : 's'}${period ? `, about ${span(Number(count) * period)}` : ''}`;
}
