/** Gives the person a file with this text. */
export function downloadText(name: string, mediaType: string, text: string): void {
  downloadFile(name, new Blob([text], { type: `${mediaType};charset=utf-8` }));
}

/** Gives the person a file; the page stays where it is. */
export function downloadFile(name: string, bytes: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(bytes);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
