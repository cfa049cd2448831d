/** The kinds of file that a recording can become, in the words of the window. */
import type { ExportFormat } from "../wire/ExportFormat";
import type { PictureSize } from "../wire/PictureSize";

export const formats: readonly { value: ExportFormat; label: string }[] = [
  { value: "mp4", label: "Film, MP4 (plays everywhere)" },
  { value: "webm", label: "Film, WebM" },
  { value: "mp3", label: "Sound alone, MP3" },
  { value: "opus", label: "Sound alone, Opus" },
];

export const sizes: readonly { value: PictureSize; label: string }[] = [
  { value: "1080p", label: "1080p (1920 × 1080)" },
  { value: "720p", label: "720p (1280 × 720)" },
  { value: "480p", label: "480p (854 × 480)" },
];

/** Whether files of this kind have a picture. */
export function hasPicture(format: ExportFormat): boolean {
  return format === "mp4" || format === "webm";
}
