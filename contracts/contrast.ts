/** How bright a colour such as #7a3b12 is, from 0 to 1 (relative luminance, WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Letters that can be read on this ground, and their contrast to it: white ones where that is 4.5 : 1 or better (WCAG 2.2, 1.4.3), else black ones. */
export function textOn(ground: string): { readonly text: '#ffffff' | '#000000'; readonly ratio: number } {
  const bright = luminance(ground);
  const white = 1.05 / (bright + 0.05);
  return white >= 4.5 ? { text: '#ffffff', ratio: white } : { text: '#000000', ratio: (bright + 0.05) / 0.05 };
}
