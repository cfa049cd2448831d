import { describe, expect, it } from "vitest";
import { fitGrid, splitStage } from "./grid";

const GAP = 8;

describe("the grid of faces", () => {
  it("gives one person the space in a shape that suits a face", () => {
    const { columns, tileWidth, tileHeight } = fitGrid(1, 1200, 700, GAP);
    expect(columns).toBe(1);
    expect(tileHeight).toBe(700);
    expect(tileWidth / tileHeight).toBeLessThanOrEqual(16 / 9 + 0.01);
  });
  it("puts two beside each other on a laptop and above each other on a phone", () => {
    expect(fitGrid(2, 1200, 700, GAP).columns).toBe(2);
    expect(fitGrid(2, 390, 700, GAP).columns).toBe(1);
  });
  it("makes two by two of four", () => {
    expect(fitGrid(4, 1200, 700, GAP)).toMatchObject({ columns: 2, rows: 2 });
    expect(fitGrid(4, 390, 700, GAP)).toMatchObject({ columns: 2, rows: 2 });
  });
  it("always fits the space and never makes slivers, until it scrolls", () => {
    for (const [width, height] of [
      [390, 640],
      [1280, 640],
      [844, 300],
      [300, 900],
    ] as const) {
      for (let count = 1; count <= 40; count += 1) {
        const grid = fitGrid(count, width, height, GAP);
        expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(count);
        expect(grid.columns * grid.tileWidth + (grid.columns - 1) * GAP).toBeLessThanOrEqual(width);
        const tall = grid.rows * grid.tileHeight + (grid.rows - 1) * GAP;
        if (!grid.scrolls) expect(tall).toBeLessThanOrEqual(height);
        const shape = grid.tileWidth / grid.tileHeight;
        expect(shape).toBeGreaterThan(0.65);
        expect(shape).toBeLessThan(1.85);
      }
    }
  });
  it("scrolls rather than making faces too small to know", () => {
    const grid = fitGrid(60, 390, 640, GAP);
    expect(grid.scrolls).toBe(true);
    expect(grid.tileWidth).toBeGreaterThanOrEqual(120);
  });
  it("copes with no people and no space", () => {
    expect(fitGrid(0, 100, 100, GAP).tileWidth).toBe(0);
    expect(fitGrid(3, 0, 0, GAP).tileWidth).toBe(0);
  });
});

describe("a shared screen", () => {
  it("stands beside the faces on a laptop and above them on a phone", () => {
    expect(splitStage(1280, 640, GAP).facesBeside).toBe(true);
    expect(splitStage(390, 640, GAP).facesBeside).toBe(false);
  });
  it("has most of the space", () => {
    for (const [width, height] of [
      [1280, 640],
      [390, 640],
      [844, 300],
    ] as const) {
      const { share, faces } = splitStage(width, height, GAP);
      expect(share.width * share.height).toBeGreaterThan(faces.width * faces.height * 0.6);
      expect(share.width).toBeLessThanOrEqual(width);
      expect(share.height).toBeLessThanOrEqual(height);
    }
  });
});
