import { msg } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { keyShortcuts } from '../../text/key-names.ts';

/** A message of the person while it is written anew, in its own place. */
export interface Editor {
  readonly text: string;
  readonly hint: string;
  readonly saveLabel: string;
  readonly change: (text: string) => void;
  readonly cancel: () => void;
  readonly save: () => void;
}

/** `Ctrl Enter` saves, `Esc` leaves it as it was; neither reaches the rest of the page. */
export function renderEditor(editor: Editor): TemplateResult {
  const isEmpty = editor.text.trim() === '';
  const save = () => !isEmpty && editor.save();
  return html`<div class="editor" @keydown=${(event: KeyboardEvent) => onKey(event, editor.cancel, save)}>
    <textarea dir="auto" rows="2" aria-label=${msg('Edit your message')} .value=${live(editor.text)} @input=${(event: InputEvent) => editor.change((event.target as HTMLTextAreaElement).value)}></textarea>
    <div class="tools">
      <span class="hint">${editor.hint}</span>
      <button type="button" class="button ghost small" @click=${editor.cancel}>${msg('Cancel')}</button>
      <button type="button" class="button primary small" aria-disabled=${isEmpty ? 'true' : nothing} aria-keyshortcuts=${keyShortcuts('Ctrl', 'Enter')} @click=${save}>${editor.saveLabel}</button>
    </div>
  </div>`;
}

function onKey(event: KeyboardEvent, cancel: () => void, save: () => void): void {
  if (event.isComposing) return;
  const isSave = event.key === 'Enter' && (event.ctrlKey || event.metaKey);
  if (!isSave && event.key !== 'Escape') return;
  event.preventDefault();
  event.stopPropagation();
  if (isSave) save();
  else cancel();
}
