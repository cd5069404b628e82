import { join, resolve } from 'node:path';
import { Bucket, Dataset, Prefix, Project, type CopyEntries } from './copy-entries.ts';
import type { Variables } from './environment.ts';
import type { Problems } from './problems.ts';

/** Copies of the log outside, besides the folder; one of a kind. How to sign in at Google stands in none of them. */
export interface CopySettings {
  /** `prefix` is empty or ends with a slash. */
  readonly cloudStorage: { readonly bucket: string; readonly prefix: string; readonly endpoint: string | undefined } | undefined;
  readonly duckdbFile: string | undefined;
  readonly bigquery: { readonly project: string; readonly dataset: string; readonly endpoint: string | undefined } | undefined;
}

/** A variable goes before the file and stands for a whole entry; another address of Google's stands only in the file. The file for questions is in the data folder of a single instance unless it is named elsewhere. */
export function readCopies(entries: CopyEntries, variables: Variables, where: Where, problems: Problems): CopySettings {
  const storage = entries.cloudStorage;
  const query = entries.bigquery;
  return {
    cloudStorage: bucketOf(variables, problems) ?? (storage === undefined ? undefined : { bucket: storage.bucket, prefix: folded(storage.prefix ?? ''), endpoint: storage.endpoint }),
    duckdbFile: pathOrOff(variables.text('GORUNCHAT_DUCKDB'), entries.duckdb, { ...where, otherwise: where.data && join(where.data, 'query.duckdb') }),
    bigquery: datasetOf(variables, problems) ?? (query === undefined ? undefined : { project: query.project, dataset: query.dataset, endpoint: query.endpoint }),
  };
}

/** What a path is relative to: that of a variable, and that of an entry in the file. */
interface Places {
  readonly workingFolder: string;
  readonly fileFolder: string;
}
interface Where extends Places {
  /** The data folder of a single instance. Several would each make a whole copy of their own, so theirs have to be asked for. */
  readonly data: string | undefined;
}

/** Where a variable says, or else the entry; nowhere where it says `off`. */
export function pathOrOff(variable: string | undefined, entry: string | undefined, { workingFolder, fileFolder, otherwise }: Places & { readonly otherwise: string | undefined }): string | undefined {
  const named = variable ?? entry;
  if (named === undefined) return otherwise;
  return named.toLowerCase() === 'off' ? undefined : resolve(variable === undefined ? fileFolder : workingFolder, named);
}

function bucketOf(variables: Variables, problems: Problems): CopySettings['cloudStorage'] {
  const given = variables.text('GORUNCHAT_CLOUD_STORAGE');
  if (given === undefined) return undefined;
  const [, bucket = '', prefix = ''] = /^gs:\/\/([^/]+)\/?(.*)$/u.exec(given) ?? [];
  if (!Bucket.safeParse(bucket).success || !Prefix.safeParse(prefix).success) problems.add('GORUNCHAT_CLOUD_STORAGE', 'must be such as gs://bucket or gs://bucket/prefix');
  return { bucket, prefix: folded(prefix), endpoint: undefined };
}

function datasetOf(variables: Variables, problems: Problems): CopySettings['bigquery'] {
  const given = variables.text('GORUNCHAT_BIGQUERY');
  if (given === undefined) return undefined;
  const dot = given.lastIndexOf('.');
  const [project, dataset] = [given.slice(0, Math.max(0, dot)), given.slice(dot + 1)];
  if (!Project.safeParse(project).success || !Dataset.safeParse(dataset).success) problems.add('GORUNCHAT_BIGQUERY', 'must be such as project.dataset');
  return { project, dataset, endpoint: undefined };
}

/** With a slash at its end, unless it is empty. */
const folded = (prefix: string): string => (prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`);
