/** Shades of the accent for heat maps, each with an ink that can be read on it. */

export interface Shade {
  background: string
  ink: string
}

type Rgb = readonly [number, number, number]

const LIGHT = { low: [242, 246, 251], high: [28, 61, 106] } as const satisfies Record<string, Rgb>
const DARK = { low: [24, 32, 44], high: [139, 177, 221] } as const satisfies Record<string, Rgb>

function mix(low: Rgb, high: Rgb, part: number): Rgb {
  const at = (index: 0 | 1 | 2) => Math.round(low[index] + (high[index] - low[index]) * part)
  return [at(0), at(1), at(2)]
}

/** Relative luminance as WCAG 2 defines it. */
function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

export function contrast(a: Rgb, b: Rgb): number {
  const [light, dim] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dim + 0.05)
}

// Pure black and white: between them, one always has a contrast of 4.5.
const BLACK: Rgb = [0, 0, 0]
const WHITE: Rgb = [255, 255, 255]

/** The ink, of the two there are, that stands out more. */
export function inkOn(rgb: Rgb): Rgb {
  return contrast(rgb, BLACK) >= contrast(rgb, WHITE) ? BLACK : WHITE
}

export function rgbOf(part: number, dark: boolean): Rgb {
  const { low, high } = dark ? DARK : LIGHT
  // Bent a little: most cells of a real grid are small, and their differences should be seen.
  return mix(low, high, Math.min(1, Math.max(0, part)) ** 0.8)
}

/** The shade for a value that is `part` (0 to 1) of the largest. */
export function shade(part: number, dark: boolean): Shade {
  const rgb = rgbOf(part, dark)
  const say = (color: Rgb) => `rgb(${color.join(' ')})`
  return { background: say(rgb), ink: say(inkOn(rgb)) }
}
