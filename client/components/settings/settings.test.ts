import { afterEach, describe, expect, it } from 'vitest';
import { page } from 'vitest/browser';
import type { UserId } from '../../../contracts/ids.ts';
import type { ProviderKey } from '../../../contracts/models.ts';
import '../../styles/tokens.css';
import type { GorunSettings, SettingsSection } from './settings.ts';
import './settings.ts';

afterEach(() => document.body.replaceChildren());

const PERSON = { id: 'mara' as UserId, email: 'mara@example.org', name: 'Mara', role: 'member' } as const;
const SETTINGS = { theme: 'light', language: 'en', enterSends: true, announce: 'as-it-grows', singleKeys: true, wrapCode: false, showReasoning: false, model: null, parameters: {} } as const;
const KEYS: readonly ProviderKey[] = ['Anthropic', 'A provider with a long name'].map((providerName) => ({ provider: providerName, providerName, isSet: true, hint: '…abcd', expiresAt: null }));
const NOTE = 'These settings follow you to every device.';

async function shown(section: SettingsSection, width = 1200) {
  await page.viewport(width, 844);
  const element: GorunSettings = document.body.appendChild(document.createElement('gorun-settings'));
  Object.assign(element, { settings: SETTINGS, person: PERSON, keys: KEYS, sessions: [] });
  element.show(section);
  await element.updateComplete;
  return { element, root: element.shadowRoot! };
}

/** Whether all of it lies between the two sides of the window. */
function isWithin(element: Element): boolean {
  const { left, right } = element.getBoundingClientRect();
  return left >= 0 && right <= innerWidth;
}

describe('<gorun-settings>', () => {
  it.each(['appearance', 'writing', 'reading', 'models', 'account', 'security', 'keyboard'] as const)('shows on a narrow window all of the name of the section %s when it is opened there, and when it is chosen', async (section) => {
    const { element, root } = await shown(section, 390);
    const current = () => root.querySelector('nav [aria-current]')!;
    await expect.poll(() => isWithin(current())).toBe(true);
    element.show('appearance');
    element.show(section);
    await expect.poll(() => isWithin(current())).toBe(true);
  });

  it('keeps the chosen section in sight when the window becomes narrow', async () => {
    const { root } = await shown('keyboard');
    await page.viewport(390, 844);
    await expect.poll(() => isWithin(root.querySelector('nav [aria-current]')!)).toBe(true);
  });

  it('puts what can be done with a key in one line at the end of its row, however long the name is', async () => {
    const { root } = await shown('models', 390);
    const keys = root.querySelector('gorun-settings-keys')!;
    await keys.updateComplete;
    const rows = [...keys.shadowRoot!.querySelectorAll('.setting')].slice(0, KEYS.length);
    for (const row of rows) {
      const [remove, replace] = [...row.querySelectorAll('button')].map((button) => button.getBoundingClientRect());
      expect(replace!.right).toBeCloseTo(row.getBoundingClientRect().right, 0);
      expect([remove!.top, remove!.right < replace!.left]).toEqual([replace!.top, true]);
    }
    expect(rows).toHaveLength(2);
  });

  it('says what follows the person only of what does: keys are the server’s, a sign-in is of one device', async () => {
    const { element, root } = await shown('appearance');
    const says = async (section: SettingsSection) => {
      element.show(section);
      await element.updateComplete;
      return root.querySelector('.rows')!.textContent.includes(NOTE);
    };
    expect([await says('appearance'), await says('writing'), await says('models'), await says('account'), await says('security')]).toEqual([true, true, false, false, false]);
  });
});
