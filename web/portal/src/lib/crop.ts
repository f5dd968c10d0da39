interface Point {
  x: number;
  y: number;
}

/**
 * Where a cover crop of the given aspect lies, as the CSS object-position that shows it: the largest window of
 * that aspect, centred on the focal point as far as the picture's edges allow. Percentages.
 */
export function cropPosition(width: number, height: number, aspect: number, focal: Point): Point {
  const w = Math.min(width, height * aspect);
  const h = Math.min(height, width / aspect);
  const place = (at: number, size: number, window: number) => (size - window < 0.5 ? 50 : (100 * Math.min(Math.max(at * size - window / 2, 0), size - window)) / (size - window));
  return { x: place(focal.x, width, w), y: place(focal.y, height, h) };
}

/** Where an arrow key moves the focal point; undefined for other keys. Shift takes larger steps. */
export function nudge(at: Point, key: string, shift: boolean): Point | undefined {
  const d = shift ? 0.1 : 0.02;
  const by = ({ ArrowLeft: [-d, 0], ArrowRight: [d, 0], ArrowUp: [0, -d], ArrowDown: [0, d] } as Record<string, [number, number]>)[key];
  if (!by) return undefined;
  const fit = (v: number) => Math.round(Math.min(1, Math.max(0, v)) * 1000) / 1000;
  return { x: fit(at.x + by[0]), y: fit(at.y + by[1]) };
}
