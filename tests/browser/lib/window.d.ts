/** What scripts of the tests put into pages. */
interface Window {
  /** By received.js. */
  receivedMedia(): Promise<import("./received.js").Received[]>;
  /** By received.js: all that the page's connections count. */
  mediaStats(): Promise<any[]>;
  /** By tracks.js: how many the page ever opened. */
  openedTracks(): number;
  /** By tracks.js. */
  liveTracks(): import("./tracks.js").OpenTrack[];
  /** By tracks.js. */
  loseTracks(kind: "audio" | "video"): void;
  /** By tracks.js. */
  muteTracks(kind: "audio" | "video", muted: boolean): void;
  /** By the test of shared screens: what the page asked for, each time. */
  askedForScreens: any[];
  /** By the benchmark of the first picture, in ms since the page began to load. */
  firstPicture: { picture: number; joining: number };
  /** By timing.js: when the picture turned bright, in ms since 1970. */
  flashes: number[];
  /** By sending.js: what the camera shows now. */
  painting: import("./sending.js").Painting;
  /** By the test of recordings. */
  signalling?: WebSocket;
}
