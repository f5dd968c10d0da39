/** The cells to draw for a scroll position: pure, so that it is tested without a browser. */
export interface Layout {
  columns: number;
  cell: number;
  rowHeight: number;
  /** Height of all rows. */
  height: number;
  /** Height of the scrolled element: browsers stop at about 33 million pixels, so longer tracks are compressed. */
  track: number;
}

export const GAP = 16;
export const CAPTION = 46;
const TALLEST = 30_000_000;

export function layout(width: number, total: number, min: number): Layout {
  const columns = Math.max(width < 480 ? 2 : 1, Math.floor((width + GAP) / (min + GAP)));
  const cell = Math.max(1, (width - GAP * (columns - 1)) / columns);
  const rowHeight = Math.round(cell * 0.75) + CAPTION + GAP;
  const height = Math.ceil(total / columns) * rowHeight;
  return { columns, cell, rowHeight, height, track: Math.min(height, TALLEST) };
}

/** The logical position of a scroll position, and back: the same number until the track is compressed. */
export function logical(l: Layout, view: number, scroll: number): number {
  return l.track === l.height ? scroll : (scroll * Math.max(0, l.height - view)) / Math.max(1, l.track - view);
}
export function physical(l: Layout, view: number, top: number): number {
  return l.track === l.height ? top : (top * Math.max(1, l.track - view)) / Math.max(1, l.height - view);
}

export function visible(
  l: Layout,
  total: number,
  top: number,
  view: number,
  over = 1,
): { first: number; last: number } {
  const first = Math.max(0, Math.floor(top / l.rowHeight) - over) * l.columns;
  const last = Math.min(total, (Math.ceil((top + view) / l.rowHeight) + over) * l.columns);
  return { first: Math.min(first, last), last };
}

/** The fixed pages of `size` items that cover [first, last). */
export function pages(first: number, last: number, size: number): number[] {
  const out: number[] = [];
  for (let p = Math.floor(first / size); p * size < last; p++) out.push(p);
  return out;
}

/** Where a key moves the grid's focus; undefined for a key the grid leaves alone. */
export function move(key: string, at: number, total: number, columns: number, rows: number): number | undefined {
  const step: Record<string, number> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    PageDown: columns * rows,
    PageUp: -columns * rows,
    Home: -at,
    End: total - 1 - at,
  };
  const d = step[key];
  if (d === undefined || total === 0) return undefined;
  // Up and down keep to their column: no move is better than a jump to another one.
  if (
    (key === 'ArrowUp' && at + d < 0) ||
    (key === 'ArrowDown' && at + d >= total && Math.floor(at / columns) === Math.floor((total - 1) / columns))
  )
    return at;
  return Math.min(total - 1, Math.max(0, at + d));
}

/** The scroll position that shows a row with the least movement. */
export function reveal(l: Layout, index: number, top: number, view: number): number {
  const y = Math.floor(index / l.columns) * l.rowHeight;
  if (y < top) return y;
  if (y + l.rowHeight > top + view) return y + l.rowHeight - view;
  return top;
}
