/** Whether a page of this origin may show a chat that is open to these patterns: an origin as it is, or `https://*.example.com` for every name below that one. */
export function allowsOrigin(patterns: readonly string[], origin: string): boolean {
  if (!URL.canParse(origin) || new URL(origin).origin !== origin) return false;
  return patterns.some((pattern) => {
    if (!pattern.includes('://*.')) return URL.canParse(pattern) && new URL(pattern).origin === origin;
    const [scheme, rest = ''] = pattern.split('://*');
    const below = URL.canParse(`${scheme}://x${rest}`) ? new URL(`${scheme}://x${rest}`) : undefined;
    const { protocol, hostname, port } = new URL(origin);
    return below !== undefined && protocol === below.protocol && port === below.port && hostname.length >= below.hostname.length && hostname.endsWith(below.hostname.slice(1));
  });
}
