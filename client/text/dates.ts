/** The first moment of a day as a date field says it; `null` for none. */
export function dayBegins(field: string): number | null {
  return field === '' ? null : new Date(`${field}T00:00`).getTime();
}

/** The last moment of it. */
export function dayEnds(field: string): number | null {
  return field === '' ? null : new Date(`${field}T23:59:59.999`).getTime();
}

/** The last moment of the second that a field with date and time says; `null` for none. */
export function secondEnds(field: string): number | null {
  return field === '' ? null : new Date(field).getTime() + 999;
}

/** A moment as such a field says it. */
export function fieldOf(at: number): string {
  const local = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
