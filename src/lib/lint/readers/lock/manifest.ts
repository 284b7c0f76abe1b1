/** What the manifest of a folder of the project says of it. */
import type { Component, Party } from '../../bom/index.ts'

export interface ManifestFacts {
  readonly name?: string | undefined
  readonly version?: string | undefined
  readonly description?: string | undefined
  readonly homepage?: string | undefined
  /** As written. */
  readonly license?: string | undefined
  readonly author?: Party | undefined
}

/** The fields of a component that a manifest gives. Those it does not give are absent, not undefined. */
export function manifestFields(facts: ManifestFacts): Partial<Component> {
  const { name, version, description, homepage, license, author } = facts
  return {
    ...(name === undefined ? {} : { name }),
    ...(version === undefined ? {} : { version }),
    ...(description === undefined ? {} : { description: description.replace(/\s+/g, ' ').trim() }),
    ...(homepage === undefined ? {} : { homepage }),
    ...(license === undefined ? {} : { licenses: { declared: license } }),
    ...(author === undefined ? {} : { author }),
  }
}

/** `Name <mail@host>`; undefined where there is no name. */
export function personOf(text: string): Party | undefined {
  const open = text.indexOf('<')
  const name = (open === -1 ? text : text.slice(0, open)).trim()
  const close = text.indexOf('>', open)
  const email = open === -1 ? '' : text.slice(open + 1, close === -1 ? undefined : close).trim()
  if (name === '') return undefined
  return { kind: 'person', name, email: email === '' ? undefined : email }
}
