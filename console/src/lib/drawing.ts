/** Pictures of drawings that are no chart: boxes with texts, as SVG. */

/** A rectangle of a picture, with a text in it. */
export interface Box {
  x: number
  y: number
  width: number
  height: number
  fill: string
  ink: string
  text: string
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')

/** Boxes as SVG, for drawings of the page that are no chart. */
export function boxes(width: number, height: number, all: readonly Box[]): string {
  const drawn = all.map(
    ({ x, y, width: w, height: h, fill, ink, text }) =>
      `<rect x="${String(x)}" y="${String(y)}" width="${String(w)}" height="${String(h)}" fill="${fill}"/>` +
      `<text x="${String(x + 6)}" y="${String(y + Math.max(15, Math.min(h, 24) / 2 + 5))}" fill="${ink}" font-size="13" font-family="Inter Variable, Noto Sans JP Variable, sans-serif">${escaped(text)}</text>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="${String(height)}">${drawn.join('')}</svg>`
}
