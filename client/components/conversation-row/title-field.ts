import { msg } from '@lit/localize';
import { html, type TemplateResult } from 'lit';

/** The contract's limit for titles, in characters. */
const TITLE_CHARACTERS = 200;

/** A field in the place of a title: `Enter` and leaving it keep the new name, `Esc` the old one. `done` hears of either, once. */
export function titleField(title: string, done: (title: string | undefined) => void): TemplateResult {
  let isDone = false;
  const finish = (input: HTMLInputElement, isKept: boolean) => {
    if (isDone) return;
    isDone = true;
    const typed = input.value.trim();
    done(isKept && typed !== '' && typed !== title ? typed : undefined);
  };
  const onKey = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key !== 'Enter' && event.key !== 'Escape') return;
    // The focus is about to go to a button, which would take the rest of this key press for a click.
    event.preventDefault();
    finish(event.target as HTMLInputElement, event.key === 'Enter');
  };
  return html`<input class="input rename" maxlength=${TITLE_CHARACTERS} aria-label=${msg('Name of the conversation')} value=${title} dir="auto" @keydown=${onKey} @blur=${(event: Event) => finish(event.target as HTMLInputElement, true)} />`;
}
