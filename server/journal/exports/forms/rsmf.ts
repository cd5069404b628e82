import { fileName, type Said, type Speaker, type Told } from '../told.ts';
import { transcriptOf } from './eml.ts';
import { zipOf, type Entry } from '../zip.ts';
import { mailOf } from './mail.ts';

/** What was said on one day (UTC): between which records, by whom, and how much. */
export interface Day {
  readonly day: string;
  from: number;
  to: number;
  begin: number;
  end: number;
  events: number;
  attachments: number;
  readonly speakers: Map<string, Speaker>;
}

/** The days on which something was said in a conversation, in their order. */
export async function daysOf(told: Told): Promise<Day[]> {
  const days = new Map<string, Day>();
  for await (const { number, at, by, files } of told.said()) {
    const name = dayOf(at);
    const day = days.get(name) ?? { day: name, from: number, to: number, begin: at, end: at, events: 0, attachments: 0, speakers: new Map([[told.owner.id, told.owner]]) };
    days.set(name, day);
    day.to = number;
    day.begin = Math.min(day.begin, at);
    day.end = Math.max(day.end, at);
    day.events += 1;
    day.attachments += files.length;
    day.speakers.set(by.id, by);
  }
  return [...days.values()].toSorted((a, b) => (a.day < b.day ? -1 : 1));
}

/**
 * A day of a conversation in the Relativity Short Message Format 2.0.0: a message (RFC 5322) whose text is what was said and whose one attachment, `rsmf.zip`, holds `rsmf_manifest.json` and the
 * files of that day. Source: help.relativity.com, Relativity's short message format.
 */
export async function* rsmfOf(told: Told, day: Day): AsyncGenerator<Uint8Array> {
  const participants = [...day.speakers.values()];
  const zip = innerZip(told, day, participants);
  yield* mailOf({
    id: `${told.id}.${day.day}`, from: told.owner, to: participants.filter(({ id }) => id !== told.owner.id), at: day.begin, subject: `${told.title || 'Conversation without a title'} (${day.day})`,
    headers: {
      'X-RSMF-Version': '2.0.0', 'X-RSMF-Generator': 'GoRunChat', 'X-RSMF-Application': 'GoRunChat', 'X-RSMF-BeginDate': new Date(day.begin).toISOString(), 'X-RSMF-EndDate': new Date(day.end).toISOString(),
      'X-RSMF-EventCount': String(day.events), 'X-RSMF-AttachmentCount': String(day.attachments), 'X-RSMF-Custodian': told.owner.name, 'X-RSMF-Participants': participants.map(({ name }) => name).join('; '), 'X-RSMF-EventCollectionID': told.id,
    },
    text: transcriptOf(ofDay(told, day)), attachments: [{ name: 'rsmf.zip', mediaType: 'application/zip', bytes: zip }],
  });
}

async function* innerZip(told: Told, day: Day, participants: readonly Speaker[]): AsyncGenerator<Uint8Array> {
  const entries = new Map<string, Entry>();
  entries.set('rsmf_manifest.json', { path: 'rsmf_manifest.json', compress: true, source: () => manifestOf(told, day, participants) });
  for await (const { files } of ofDay(told, day)) {
    for (const part of files) entries.set(fileName(part), { path: fileName(part), compress: false, source: () => bytesOf(told, part.fileId) });
  }
  for await (const bytes of zipOf([...entries.values()], day.end)) yield bytes as Uint8Array;
}

async function* bytesOf(told: Told, file: string): AsyncGenerator<Uint8Array> {
  yield* (await told.bytesOf(file)) ?? [];
}

async function* manifestOf(told: Told, day: Day, participants: readonly Speaker[]): AsyncGenerator<string> {
  const conversation = { id: told.id, display: told.title || 'Conversation without a title', platform: 'GoRunChat', type: participants.length > 2 ? 'channel' : 'direct', custodian: told.owner.id, participants: participants.map(({ id }) => id) };
  yield `{"version":"2.0.0","eventcollectionid":${JSON.stringify(told.id)},"participants":${JSON.stringify(participants.map(({ id, name, address }) => ({ id, display: name, email: address })))},"conversations":${JSON.stringify([conversation])},"events":[`;
  const ids = new Set<string>();
  for await (const said of ofDay(told, day)) {
    yield `${ids.size === 0 ? '' : ','}${JSON.stringify(eventOf(told, said, ids))}`;
    ids.add(said.id);
  }
  yield ']}';
}

/** A parent is named where it is in the same file. */
function eventOf({ id: conversation, owner }: Told, { id, at, by, text, files, parent, model, outcome, reasoning, kind, number }: Said, there: ReadonlySet<string>): object {
  const custom = Object.entries({ record: String(number), kind, model, outcome, reasoning }).flatMap(([name, value]) => (value === '' ? [] : [{ name, value }]));
  return {
    type: 'message', id, conversation, participant: by.id, timestamp: new Date(at).toISOString(), body: text, direction: by.id === owner.id ? 'outgoing' : 'incoming', custom,
    ...(parent !== null && there.has(parent) && { parent }), ...(files.length > 0 && { attachments: files.map((file) => ({ id: fileName(file), display: file.name, size: file.size })) }),
  };
}

async function* ofDay(told: Told, { day, from, to }: Day): AsyncGenerator<Said> {
  for await (const said of told.said(from, to)) if (dayOf(said.at) === day) yield said;
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
