// Sizes and times in human-readable form, in the words of docker's go-units.

/** C's %.4g: "1.234", "12.34", "123.4". */
export function significant(value: number, digits: number): string {
  if (value === 0) return '0';
  const text = value.toPrecision(digits);
  const plain = text.includes('e') ? String(Number(text)) : text;
  return plain.includes('.') ? plain.replace(/\.?0+$/, '') : plain;
}

function scaled(value: number, base: number, units: readonly string[], digits: number): string {
  let size = value;
  let unit = 0;
  while (size >= base && unit < units.length - 1) {
    size /= base;
    unit += 1;
  }
  return `${significant(size, digits)}${units[unit]!}`;
}

const decimal = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** "1.23MB": powers of 1000. */
export const humanSize = (bytes: number, digits = 3): string => scaled(bytes, 1000, decimal, digits);

/** "1.234MiB": powers of 1024. */
export const binarySize = (bytes: number): string => scaled(bytes, 1024, binary, 4);

/** "Less than a second", "About a minute", "3 hours", … */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.floor(seconds / 3600 + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  const days = Math.floor(hours / 24);
  if (days < 14) return `${days} days`;
  if (days < 60) return `${Math.floor(days / 7)} weeks`;
  if (days < 730) return `${Math.floor(days / 30)} months`;
  return `${Math.floor(seconds / 3600 / 24 / 365)} years`;
}

/** "2 minutes ago"; "N/A" without a time. */
export function ago(iso: string, now: number): string {
  const time = Date.parse(iso);
  return Number.isNaN(time) || time <= 0 ? 'N/A' : `${humanDuration(now - time)} ago`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** "+0100" or, with a colon, "+01:00". */
function offsetOf(date: Date, colon: string): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${colon}${two(size % 60)}`;
}

const localDay = (date: Date): string => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
const localClock = (date: Date): string => `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;

/** As Go prints a time: "2006-01-02 15:04:05 -0700 MST". */
export function localTime(iso: string): string {
  const date = new Date(iso);
  const offset = offsetOf(date, '');
  return `${localDay(date)} ${localClock(date)} ${offset} ${offset === '+0000' ? 'UTC' : offset}`;
}

/** RFC 3339 with nanoseconds in local time, as `docker events` prints it. */
export function localTimestamp(seconds: number, nanoseconds: string): string {
  const date = new Date(seconds * 1000);
  return `${localDay(date)}T${localClock(date)}.${nanoseconds.padStart(9, '0')}${offsetOf(date, ':')}`;
}
