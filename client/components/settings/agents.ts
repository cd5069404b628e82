import { msg, str } from '@lit/localize';

/** "Firefox on Linux" for what a browser says of itself; unknown ones as they are. */
export function agentOf(agent: string): string {
  const browser = /Edg\//.test(agent) ? 'Edge' : /OPR\//.test(agent) ? 'Opera' : /Firefox\//.test(agent) ? 'Firefox' : /Chrome\//.test(agent) ? 'Chrome' : /Safari\//.test(agent) ? 'Safari' : undefined;
  const system = /Android/.test(agent) ? 'Android' : /iPhone|iPad/.test(agent) ? 'iOS' : /Mac OS X/.test(agent) ? 'macOS' : /Windows/.test(agent) ? 'Windows' : /Linux/.test(agent) ? 'Linux' : undefined;
  if (browser === undefined) return agent === '' ? msg('Unknown browser') : agent.slice(0, 80);
  return system === undefined ? browser : msg(str`${browser} on ${system}`);
}
