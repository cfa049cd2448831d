/** What somebody drops on the page or pastes into it, as far as it is files. Pure. */

/** Whether files hang on the pointer. */
export function holdsFiles(transfer: DataTransfer | null): transfer is DataTransfer {
  return transfer?.types.includes("Files") ?? false;
}

/** The files, and whether there were folders among them, which browsers do not read like files. */
export function filesOf(transfer: DataTransfer): { files: File[]; folders: boolean } {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  const isFolder = (item: DataTransferItem) => item.webkitGetAsEntry()?.isDirectory ?? false;
  const files = items.filter((item) => !isFolder(item)).flatMap((item) => item.getAsFile() ?? []);
  return { files, folders: items.some(isFolder) };
}

/** The files on the clipboard; none where it also has text, which is what office programs mean. */
export function pastedFiles(clipboard: DataTransfer | null): File[] {
  return clipboard && !clipboard.types.includes("text/plain") ? [...clipboard.files] : [];
}
