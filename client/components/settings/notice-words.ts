import { msg, str } from '@lit/localize';
import type { SecurityNotice } from '../../../contracts/security.ts';
import { agentOf } from './agents.ts';

/** What happened, in a sentence. */
export function happened({ what, from }: SecurityNotice): string {
  switch (what.type) {
    case 'signed-in':
      return from === null ? msg('New sign-in') : msg(str`New sign-in: ${agentOf(from.agent)}`);
    case 'password-changed':
      return msg('Your password was changed, and every other sign-in was ended');
    case 'key-set':
      return msg(str`A key for ${what.provider} was added or replaced`);
    case 'keys-removed':
      return msg(str`Keys removed: ${what.providers.join(', ')}`);
    case 'role-changed':
      return { admin: msg('You are an administrator now'), member: msg('You are a member now'), reviewer: msg('You are a reviewer now') }[what.role] ?? msg(str`Your role is ${what.role} now`);
    case 'signed-out':
      return what.count === 1 ? msg('An administrator ended a sign-in of yours') : msg(str`An administrator ended ${what.count} sign-ins of yours`);
    case 'export-made':
      return msg('A package that you ordered was made');
  }
}

/** The same with from where, for a word in passing. */
export function happenedWhere(notice: SecurityNotice): string {
  const { from } = notice;
  return from === null || from.address === '' ? happened(notice) : msg(str`${happened(notice)}, from ${from.address}`);
}
