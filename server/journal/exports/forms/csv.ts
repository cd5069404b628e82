import { csvRow } from '../../csv.ts';
import { fileName, type Said, type Told } from '../told.ts';

const COLUMNS = ['conversation', 'title', 'site', 'owner', 'record', 'kind', 'id', 'follows', 'time', 'author', 'author id', 'author address', 'model', 'outcome', 'text', 'reasoning', 'files'] as const;

/** The first line of the table. With the mark by which spreadsheets know that it is UTF-8. */
export const CSV_HEAD = `\uFEFF${csvRow(COLUMNS)}`;

/** A line for everything that was said in a conversation. */
export async function* csvLines(told: Told): AsyncGenerator<string> {
  for await (const said of told.said()) yield csvRow(cellsOf(told, said));
}

function cellsOf({ id, title, site, owner }: Told, said: Said): string[] {
  const files = said.files.map((file) => `conversations/${id}/files/${fileName(file)} (${file.name})`).join('\n');
  return [id, title, site ?? '', owner.id, String(said.number), said.kind, said.id, said.parent ?? '', new Date(said.at).toISOString(), said.by.name, said.by.id, said.by.address, said.model, said.outcome, said.text, said.reasoning, files];
}
