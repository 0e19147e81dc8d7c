import type { Page } from 'playwright-core';
import type { Picture } from '../qr.ts';

/** What an empty page makes of a picture in a data URL; drawings have no size of their own. Null: it is no picture. */
export async function pictureOf(page: Page, dataUrl: string): Promise<Picture | null> {
  if (!/^data:image\//i.test(dataUrl)) return null;
  const drawn = (await page.evaluate(`(${draw})(${JSON.stringify(dataUrl)})`).catch(() => null)) as {
    readonly width: number;
    readonly bits: string;
  } | null;
  return drawn && { width: drawn.width, dark: [...drawn.bits].map((bit) => bit === '1') };
}

const draw = `async (url) => {
  const image = new Image();
  image.src = url;
  await image.decode();
  const most = 2000;
  const drawing = /^data:image\\/svg/i.test(url);
  const [width, height] = drawing ? [1200, 1200] : [image.naturalWidth, image.naturalHeight];
  if (width === 0 || width > most || height > most) return null;
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  let bits = '';
  for (let i = 0; i < data.length; i += 4) bits += data[i] + data[i + 1] + data[i + 2] < 384 ? '1' : '0';
  return { width, bits };
}`;
