/** A library's colour in both schemes, as dark or light as text on the portal's grounds has to be (WCAG 2.2, 1.4.3). */
const ENOUGH = 4.6;
const GROUNDS = { light: [241, 239, 235], dark: [42, 45, 51] } as const; // --mat and --hover: the hardest ones

type RGB = readonly [number, number, number];

function luminance(c: RGB): number {
  const [r, g, b] = c.map((v) => (v <= 10 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}
export function contrast(a: RGB, b: RGB): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}
const mix = (c: RGB, to: number, part: number): RGB => [
  Math.round(c[0] + (to - c[0]) * part),
  Math.round(c[1] + (to - c[1]) * part),
  Math.round(c[2] + (to - c[2]) * part),
];

/** The colour, moved towards black or white until it can be read on the ground. */
export function readable(hex: string, scheme: keyof typeof GROUNDS): RGB {
  const n = parseInt(hex.slice(1), 16);
  const colour: RGB = [n >> 16, (n >> 8) & 255, n & 255];
  for (let part = 0; part < 1; part += 0.04) {
    const c = mix(colour, scheme === 'light' ? 0 : 255, part);
    if (contrast(c, GROUNDS[scheme]) >= ENOUGH) return c;
  }
  return scheme === 'light' ? [0, 0, 0] : [255, 255, 255];
}

/** Gives the portal a library's colour; '' gives it back its own. */
export function paint(hex: string): void {
  const style = document.documentElement.style;
  const names = ['--accent', '--accent-soft', '--on-accent'];
  if (!hex) {
    for (const n of names) style.removeProperty(n);
    return;
  }
  const [light, dark] = [`rgb(${readable(hex, 'light')})`, `rgb(${readable(hex, 'dark')})`];
  style.setProperty('--accent', `light-dark(${light}, ${dark})`);
  style.setProperty(
    '--accent-soft',
    `light-dark(color-mix(in srgb, ${light} 9%, #fff), color-mix(in srgb, ${dark} 14%, #16171a))`,
  );
  style.setProperty('--on-accent', 'light-dark(#fff, #14152e)');
}
