/** How hours and quantities of a soak are written. */
export function hours(value: number): string {
  if (value < 1) return `${Math.round(value * 60)} min`;
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} h`;
}

export function clock(value: number): string {
  const minutes = Math.round(value * 60);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

const sizes = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function measured(value: number, unit: string): string {
  if (unit === 'By') {
    const power = Math.min(sizes.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, Math.abs(value))) / 10)));
    return `${three(value / 1024 ** power)} ${sizes[power]}`;
  }
  return unit === '1' ? three(value) : `${three(value)} ${unit}`;
}

const three = (value: number): string =>
  Math.abs(value) >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
