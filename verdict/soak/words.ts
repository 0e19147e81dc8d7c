/** "31 h", "26 min", "9 d": as long as a person would say it. */
export function span(hours: number): string {
  if (!Number.isFinite(hours)) return 'never';
  if (hours < 1) return `${Math.max(1, Math.round(hours * 60))} min`;
  if (hours < 10) return `${hours.toFixed(1)} h`;
  return hours < 24 * 14 ? `${hours.toFixed(0)} h` : `${(hours / 24).toFixed(0)} d`;
}

export const hourOf = (ms: number): string => `hour ${(ms / 3_600_000).toFixed(1)}`;

export const spanOf = (ms: number): string =>
  ms < 60_000 ? `${Math.max(1, Math.round(ms / 1000))} s` : span(ms / 3_600_000);

const bytes = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A value of a series with its unit. */
export function quantity(value: number, unit: string): string {
  if (!Number.isFinite(value)) return 'unknown';
  if (unit === 'By') {
    const power = Math.min(bytes.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(value))) / 10)));
    return `${short(value / 1024 ** power)} ${bytes[power]}`;
  }
  return unit === '1' ? short(value) : `${short(value)} ${unit}`;
}

/** Three digits are enough to be read. */
function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return String(Math.round(value));
  return String(Number(value.toPrecision(3)));
}
