/** How tiles fill a space: the number of columns that makes them largest, without ever making slivers. Pure. */

/** A grid of equal tiles; sizes in pixels. */
export interface Grid {
  columns: number;
  rows: number;
  tileWidth: number;
  tileHeight: number;
  /** The tiles need more height than there is: let the grid scroll. */
  scrolls: boolean;
}

/**
 * The shapes that a tile may take, as width by height, and the smallest useful width in pixels. Cameras give wide
 * pictures: only a narrow space is worth cutting off their sides.
 */
const WIDEST = 16 / 9;
const NARROWEST = { wideSpace: 1.2, narrowSpace: 0.7 };
const SMALLEST = 132;

/** The grid that shows `count` tiles largest in `width` by `height` pixels with `gap` between them. */
export function fitGrid(count: number, width: number, height: number, gap: number): Grid {
  let best: Grid = { columns: 1, rows: Math.max(1, count), tileWidth: 0, tileHeight: 0, scrolls: false };
  if (count < 1 || width <= 0 || height <= 0) return best;
  const narrowest = width >= height ? NARROWEST.wideSpace : NARROWEST.narrowSpace;
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const cellWidth = (width - gap * (columns - 1)) / columns;
    const cellHeight = (height - gap * (rows - 1)) / rows;
    if (cellWidth <= 0 || cellHeight <= 0) continue;
    const [tileWidth, tileHeight] = within(cellWidth, cellHeight, narrowest);
    // Of two equal sizes the one with fewer empty places looks better.
    const better = tileWidth * tileHeight > best.tileWidth * best.tileHeight * 1.001;
    if (better) best = { columns, rows, tileWidth, tileHeight, scrolls: false };
  }
  return best.tileWidth < Math.min(SMALLEST, width) ? scrolling(count, width, gap) : best;
}

/** Where too many tiles would be too small: as many columns as fit, and as many rows as it takes. */
function scrolling(count: number, width: number, gap: number): Grid {
  const columns = Math.max(1, Math.floor((width + gap) / (SMALLEST + gap)));
  const tileWidth = Math.floor((width - gap * (columns - 1)) / columns);
  const tileHeight = Math.floor((tileWidth * 3) / 4);
  return { columns, rows: Math.ceil(count / columns), tileWidth, tileHeight, scrolls: true };
}

/** The largest tile of an allowed shape in a cell. */
function within(cellWidth: number, cellHeight: number, narrowest: number): [number, number] {
  const shape = Math.min(WIDEST, Math.max(narrowest, cellWidth / cellHeight));
  const width = Math.min(cellWidth, cellHeight * shape);
  return [Math.floor(width), Math.floor(Math.min(cellHeight, width / shape))];
}

/** A shared screen and the faces beside or below it; sizes in pixels. */
export interface Split {
  facesBeside: boolean;
  share: { width: number; height: number };
  faces: { width: number; height: number };
}

/** Gives a shared screen most of the space: faces stand beside it where there is width, else below. */
export function splitStage(width: number, height: number, gap: number): Split {
  const facesBeside = width >= 640 && width > height;
  if (facesBeside) {
    const faces = Math.round(Math.min(280, Math.max(150, width * 0.2)));
    return {
      facesBeside,
      share: { width: Math.max(0, width - faces - gap), height },
      faces: { width: faces, height },
    };
  }
  // A shared screen is wide: on a narrow page it needs no more height than its shape, and a half at most.
  const share = Math.round(Math.min(height * 0.55, (width * 10) / 16));
  return { facesBeside, share: { width, height: share }, faces: { width, height: Math.max(0, height - share - gap) } };
}
