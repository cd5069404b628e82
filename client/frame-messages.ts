import type { FailureCode } from '../contracts/failures.ts';
import type { HandoffEvent, MessageSaidEvent } from './components/chat-panel/events.ts';
import type { Asked, Connection } from './widget-parts.ts';

/** What the element says to the frame. Where there is an `ask` it waits for the answer of that number. */
export type ToFrame =
  | { readonly gorun: 'shown' | 'modal'; readonly said: boolean }
  | { readonly gorun: 'language' | 'theme' | 'write'; readonly said: string }
  | { readonly gorun: 'accepted'; readonly said: readonly string[] }
  | { readonly gorun: 'focus' }
  | { readonly gorun: Asked; readonly said?: unknown; readonly ask?: number | undefined };

/** What the frame says to the element. `heard`: the answer may take its time. */
export type FromFrame =
  | { readonly gorun: 'close' | 'heard' }
  | { readonly gorun: 'change'; readonly title: string; readonly unread: number; readonly connection: Connection; readonly conversation: string | undefined }
  | { readonly gorun: 'failure'; readonly code: FailureCode }
  | ({ readonly gorun: 'handoff' } & Pick<HandoffEvent, 'state'>)
  | ({ readonly gorun: 'message' } & Pick<MessageSaidEvent, 'author' | 'messageId' | 'text'>)
  | { readonly gorun: 'answer'; readonly ask: number; readonly code?: FailureCode };

const anything = (): boolean => true;
const isFlag = (said: unknown): boolean => typeof said === 'boolean';
const isText = (said: unknown): boolean => typeof said === 'string';
const areTexts = (said: unknown): boolean => Array.isArray(said) && said.every(isText);

/** By what may be said with it. What a page asks is whatever it likes, and is looked at where it is done. */
const TO_FRAME: Readonly<Record<ToFrame['gorun'], (said: unknown) => boolean>> = {
  shown: isFlag, modal: isFlag, language: isText, theme: isText, write: isText, accepted: areTexts, focus: anything,
  send: anything, identify: anything, setContext: anything, forget: anything, startConversation: anything, downloadTranscript: anything,
};
const FROM_FRAME: Readonly<Record<FromFrame['gorun'], true>> = { close: true, heard: true, change: true, failure: true, handoff: true, message: true, answer: true };

/** Of what was posted to the frame, what the element says; nothing where it is the page's own, which may post to it what it likes. */
export function toFrame(data: unknown): ToFrame | undefined {
  const { gorun, said, ask } = Object(data) as Record<string, unknown>;
  const isOurs = Object.hasOwn(TO_FRAME, String(gorun)) && TO_FRAME[gorun as ToFrame['gorun']](said) && (ask === undefined || typeof ask === 'number');
  return isOurs ? (data as ToFrame) : undefined;
}

/** Of what the frame has posted, what this element understands: what it says comes from the deployment itself, maybe from a newer one. */
export function fromFrame(data: unknown): FromFrame | undefined {
  const { gorun } = Object(data) as Record<string, unknown>;
  return Object.hasOwn(FROM_FRAME, String(gorun)) ? (data as FromFrame) : undefined;
}
