/** Days as people write them. */

/** `YYYY-MM-DD`, a day that exists. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const at = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

/** The day, in UTC, so that a run gives the same everywhere. */
export function dayOf(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 10)
}
