/** What the script of received.js puts into each page. */
interface Window {
  receivedMedia(): Promise<import("./received.js").Received[]>;
}
