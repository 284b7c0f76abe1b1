/**
 * What a format has no place for. A writer compares what a reader of the format would get back with what there is, and
 * writes the rest as named texts: CycloneDX properties, SPDX annotations. So nothing is lost on the way there and back.
 */
import type { Component, Origin } from '../../bom/index.ts'
import { isTable, type Table } from '../../readers/parse/shape.ts'

/** Names of extras begin with this; a component's own properties never do. */
export const EXTRA = 'aiv:bom:'

/** Written once in every document of ours; the number changes when extras of older documents would be misread. */
export const OUR_FORMAT: Readonly<Record<string, string>> = { [`${EXTRA}format`]: '1' }

export type NamedTexts = readonly (readonly [name: string, text: string])[]

/** Whether those are the extras of a document of ours. */
export function areOurs(extras: NamedTexts): boolean {
  return extras.some(([name, text]) => OUR_FORMAT[name] === text)
}

/** What a component has in no field of any format, where no extra says otherwise. */
export function unsaid(isOurs: boolean): { readonly origin: Origin } {
  return { origin: isOurs ? 'registry' : 'document' }
}

/** Fields by name, flat: licenses are three. */
export type Flat = Readonly<Record<string, unknown>>

/** @returns for each field of `real` that `native` has otherwise, a text that says both */
export function extrasOf(real: Flat, native: Flat): Record<string, string> {
  const extras: Record<string, string> = {}
  for (const key of Object.keys(real)) {
    if (real[key] === native[key]) continue
    const [is, instead] = [canonical(real[key]), canonical(native[key])]
    if (is === instead) continue
    // An edit of the native field by another tool makes the extra stale: it says what it stands in for.
    extras[`${EXTRA}${key}`] =
      instead === undefined ? `{"is":${is}}` : `{"is":${is ?? null},"not":${instead}}`
  }
  return extras
}

/**
 * Puts the extras back over the native fields, as far as the native ones still say what they said when the extras
 * were written. The values come from a file: nothing is promised about their shape.
 */
export function withExtras(native: Flat, extras: NamedTexts): Flat {
  const fields: Record<string, unknown> = { ...native }
  for (const [name, text] of extras) {
    if (!name.startsWith(EXTRA)) continue
    const key = name.slice(EXTRA.length)
    const value = parsed(text)
    if (!Object.hasOwn(native, key) || !isTable(value) || !Object.hasOwn(value, 'is')) continue
    if (canonical(value.not ?? undefined) === canonical(native[key])) fields[key] = value.is ?? undefined
  }
  return fields
}

/** The properties of a component without those whose names are those of extras. */
export function ownProperties({ properties = {} }: Component): Record<string, string> {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !name.startsWith(EXTRA)))
}

/** JSON text with sorted keys; undefined for undefined. Equal values have equal texts. */
function canonical(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return JSON.stringify(value, (_, inner: unknown) => (isTable(inner) ? sorted(inner) : inner))
}

function sorted(table: Table): Table {
  return Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
