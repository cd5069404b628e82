import type { z } from '../../contracts/zod.ts';
import { sentenceOf, type Problems } from './problems.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables; an empty one counts as not set, as in most files of variables. */
export interface Variables {
  text(name: string): string | undefined;
  list(name: string): string[] | undefined;
  flag(name: string): boolean | undefined;
  /** A text that a schema wants; digits alone are given to it as a number. */
  as<T>(name: string, schema: z.ZodType<T>): T | undefined;
  /** Puts variables in for `${NAME}`. One that is not set is a problem at that place, and the answer is then `undefined`. */
  fill(text: string, place: string): string | undefined;
}

/** The variables that are known, read and checked; every mistake goes to `problems`, and all of them are told together. */
export function variablesOf(environment: Environment, problems: Problems): Variables {
  const text = (name: string): string | undefined => {
    const value = environment[name]?.trim();
    return value === '' ? undefined : value;
  };
  return {
    text,
    list: (name) => text(name)?.split(',').map((one) => one.trim()).filter((one) => one !== ''),
    flag(name) {
      const value = text(name)?.toLowerCase();
      if (value === undefined) return undefined;
      if (['true', '1', 'yes', 'on'].includes(value)) return true;
      if (!['false', '0', 'no', 'off'].includes(value)) problems.add(name, 'must be true or false');
      return false;
    },
    as(name, schema) {
      const value = text(name);
      if (value === undefined) return undefined;
      const given = /^\d+$/u.test(value) ? Number(value) : value === 'true' || value === 'false' ? value === 'true' : value;
      const first = schema.safeParse(given);
      const result = first.success ? first : schema.safeParse(value);
      if (result.success) return result.data;
      const issue = first.error?.issues[0];
      problems.add(name, issue === undefined ? 'is not right' : sentenceOf(issue));
      return undefined;
    },
    fill(whole, place) {
      const missing = new Set<string>();
      const filled = whole.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/gu, (_, name: string) => {
        const value = text(name);
        if (value === undefined) missing.add(name);
        return value ?? '';
      });
      for (const name of missing) problems.add(place, `names the environment variable ${name}, which is not set`);
      return missing.size > 0 ? undefined : filled;
    },
  };
}
