import { createRequire } from 'node:module';
import type decode from 'jsqr';

export interface Picture {
  readonly width: number;
  /** Row by row: is this pixel dark? */
  readonly dark: readonly boolean[];
}

// CommonJS, whose types speak of a default export that Node does not make.
const jsQR = createRequire(import.meta.url)('jsqr') as typeof decode.default;

/** A symbol stands apart from what is around it, which a picture may leave to the page it is shown on. */
const marginPx = 40;

/** The text of a QR code (ISO/IEC 18004); null when there is none that can be read. */
export function readQr({ width, dark }: Picture): string | null {
  const wide = width + 2 * marginPx;
  const high = dark.length / width + 2 * marginPx;
  const pixels = new Uint8ClampedArray(4 * wide * high).fill(255);
  for (const [i, isDark] of dark.entries()) {
    const at = 4 * ((Math.floor(i / width) + marginPx) * wide + (i % width) + marginPx);
    if (isDark) pixels.fill(0, at, at + 3);
  }
  return jsQR(pixels, wide, high, { inversionAttempts: 'dontInvert' })?.data || null;
}
