/**
 * A picture that can be known again after a codec: sixteen upright bars, black or white. A black or grey picture, which a
 * meeting server may send in place of somebody's camera, is not it.
 */
export const width = 320;
export const height = 180;
const bars = [1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0] as const;
const [dark, light] = [32, 224];

/** I420: one byte of brightness a pixel, then a quarter as many of each colour. A moving line keeps the encoder at work. */
export function picture(number: number): Uint8Array {
  const data = still.slice();
  const row = number % height;
  return data.fill(128, row * width, (row + 1) * width);
}

const rowOfBars = Uint8Array.from({ length: width }, (_, x) =>
  bars[Math.floor((x * bars.length) / width)] ? light : dark,
);
const still = new Uint8Array((width * height * 3) / 2).fill(128);
for (let y = 0; y < height; y++) still.set(rowOfBars, y * width);

/** Is this our picture? `luma`: brightness by rows, of any size, as scaling and simulcast leave it. */
export function isOurs(luma: Uint8Array, wide: number, high: number): boolean {
  return bars.every((bar, i) => {
    const x = Math.floor(((i + 0.5) * wide) / bars.length);
    const bright = [0.2, 0.4, 0.6, 0.8].filter((part) => luma[Math.floor(part * high) * wide + x]! > 128).length;
    return bar ? bright >= 3 : bright <= 1;
  });
}
