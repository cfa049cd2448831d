/** One file on its way to the server. `XMLHttpRequest`, because `fetch` does not tell how far an upload is. */
import { Interrupted, Refused } from "./signaling";

/**
 * Sends a file to the place that the server gave for it, telling how much of it has gone, from 0 to 1. Throws
 * {@link Refused} with the server's word, or {@link Interrupted}.
 */
export function send(file: File, url: string, stop: AbortSignal, onshare: (share: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.onprogress = ({ loaded }) => onshare(file.size > 0 ? Math.min(loaded / file.size, 1) : 1);
    request.onload = () => {
      if (request.status === 200) resolve();
      else reject(new Refused(wordOf(request.responseText)));
    };
    request.onerror = request.onabort = () => reject(new Interrupted(url));
    stop.addEventListener("abort", () => request.abort());
    stop.throwIfAborted();
    request.open("PUT", url);
    // What the file holds was told before; here it is bytes.
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.send(file);
  });
}

function wordOf(answer: string): string {
  try {
    const { error } = JSON.parse(answer) as { error?: unknown };
    if (typeof error === "string") return error;
  } catch {
    // A proxy's page, perhaps.
  }
  return "The file was not taken, and the server did not say why; try again";
}
