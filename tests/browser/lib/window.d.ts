/** What scripts of the tests put into pages. */
interface Window {
  /** By received.js. */
  receivedMedia(): Promise<import("./received.js").Received[]>;
  /** By the benchmark of the first picture, in ms since the page began to load. */
  firstPicture: { picture: number; joining: number };
  /** By the test of recordings. */
  signalling?: WebSocket;
}
