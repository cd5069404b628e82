import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../../contracts/failures.ts';
import './admin-records.ts';
import type { ChangeLogKeyEvent, GorunAdminRecords } from './admin-records.ts';

afterEach(() => document.body.replaceChildren());

const CHECKPOINT = { size: 12, at: Date.UTC(2026, 10, 30), note: 'gorunchat/0\n12\n', keys: ['gorunchat/0+00000000+key'], cosigned: [] };

async function shown(properties: Partial<GorunAdminRecords> = {}) {
  const element: GorunAdminRecords = document.body.appendChild(document.createElement('gorun-admin-records'));
  Object.assign(element, { admin: true, checkpoint: CHECKPOINT, ...properties });
  await element.updateComplete;
  const root = element.shadowRoot!;
  return { element, root, text: () => root.querySelector('main')!.textContent.replaceAll(/\s+/gu, ' ') };
}

describe('<gorun-admin-records>', () => {
  it('says how far the audit log was sent on, and nothing where it is not', async () => {
    const { element, text } = await shown({ feeds: [] });
    expect(text()).not.toContain('sent on');
    const place = 'https://siem.example.com/gorunchat';
    for (const [feed, words] of [
      [{ place, sent: 1_200, of: 1_200, isFailing: false }, ['All entries were sent', '1,200 of 1,200 entries', place]],
      [{ place, sent: 1, of: 1_200, isFailing: false }, ['The last ones follow in a moment']],
      [{ place, sent: 1, of: 1_200, isFailing: true }, ['It is not taken at the moment']],
    ] as const) {
      element.feeds = [feed];
      await element.updateComplete;
      for (const one of words) expect(text()).toContain(one);
    }
  });

  it('says how far each witness has cosigned the log, that one refuses it, and what is cosigned here for others', async () => {
    const { element, root, text } = await shown({ witnesses: { witnesses: [], own: null } });
    expect(text()).not.toContain('itness');
    const witness = { name: 'w1', place: 'https://w.example.org', size: 1_200, of: 1_200, at: 1, note: 'note' };
    for (const [one, words] of [
      [{ ...witness, state: 'whole' }, ['All records are cosigned', '1,200 of 1,200 records', 'https://w.example.org']],
      [{ ...witness, state: 'behind', of: 1_300 }, ['The last ones follow within a minute', '1,200 of 1,300 records']],
      [{ ...witness, state: 'failing', at: null, note: null }, ['It cannot be asked at the moment', 'Not yet']],
      [{ ...witness, state: 'refused' }, ['It refuses the log', 'before anything else is done']],
    ] as const) {
      element.witnesses = { witnesses: [one], own: null };
      await element.updateComplete;
      for (const word of words) expect(text()).toContain(word);
    }
    expect(root.querySelector('.badge.danger')).not.toBeNull();
    element.witnesses = { witnesses: [], own: { key: 'w1+0+key', logs: [{ origin: 'gorunchat/1', size: 7, at: null, isRefused: true }] } };
    await element.updateComplete;
    for (const word of ['Witness for others', 'gorunchat/1', '7 records', 'two different logs', 'w1+0+key']) expect(text()).toContain(word);
  });

  it('says how far another master key is, and when the one before is needed no longer', async () => {
    const { element, text } = await shown({ masterKey: { state: 'none', moved: 0, of: 0, hasBefore: false } });
    expect(text()).not.toContain('Master key');
    for (const [masterKey, words] of [
      [{ state: 'waits', moved: 0, of: 0, hasBefore: true }, ['other instances still run with the one before']],
      [{ state: 'moves', moved: 1_200, of: 4_800, hasBefore: true }, ['1,200 of 4,800 keys', 'Both master keys are needed']],
      [{ state: 'done', moved: 1, of: 1, hasBefore: true }, ['1 of 1 key', 'The one before is needed no longer', 'backups from before']],
    ] as const) {
      element.masterKey = masterKey;
      await element.updateComplete;
      for (const one of words) expect(text()).toContain(one);
    }
    element.masterKey = { state: 'done', moved: 1, of: 1, hasBefore: false };
    await element.updateComplete;
    expect(text()).not.toContain('Master key');
  });

  it('changes the signing key once, says that it did, and why it did not', async () => {
    const { element, root } = await shown();
    const answers = [Promise.reject(new Failure('record-unavailable')), Promise.resolve()];
    let asked = 0;
    element.addEventListener('gorun-change-log-key', (event: ChangeLogKeyEvent) => {
      asked += 1;
      event.outcome = answers.shift()!;
    });
    const button = [...root.querySelectorAll('button')].find(({ textContent }) => textContent.includes('Change the signing key'))!;
    button.click();
    button.click();
    await expect.poll(() => root.querySelector('[role=alert]')?.textContent.trim()).toBe('The record could not be written, so nothing was done.');
    expect(asked).toBe(1);
    button.click();
    await expect.poll(() => root.querySelector('p.sr[role=status]')?.textContent).toBe('The signing key was changed');
    expect(root.querySelector('[role=alert]')).toBeNull();
  });
});
