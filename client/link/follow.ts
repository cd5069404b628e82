import type { ROUTES } from '../../contracts/routes.ts';

const PATH: (typeof ROUTES)['auditFollow']['path'] = '/api/audit/follow';

/** `refused`: the server does not let this go on, or something before it answered in its place; the browser does not come back by itself then. */
export type LineState = 'live' | 'waiting' | 'refused';

/** Listens to what comes into the audit log. After a lost connection the browser comes back by itself and names the last event that it heard. @returns what ends it. */
export function follow(query: Readonly<Record<string, string | undefined>>, told: { heard(data: string): void; state(now: LineState): void }): () => void {
  const asked = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const source = new EventSource(`${PATH}?${new URLSearchParams(asked)}`);
  source.addEventListener('open', () => told.state('live'));
  source.addEventListener('message', (event: MessageEvent<string>) => told.heard(event.data));
  source.addEventListener('error', () => told.state(source.readyState === EventSource.CLOSED ? 'refused' : 'waiting'));
  return () => source.close();
}
