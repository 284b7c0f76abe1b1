/** `name@range`, `@scope/name@npm:1.2.3`, `name@https://…`: how yarn names what is needed and what was found. */

export interface Descriptor {
  readonly name: string
  /** What follows the `@`; empty when nothing does. */
  readonly range: string
}

export function parseDescriptor(text: string): Descriptor {
  const at = text.indexOf('@', 1)
  return at === -1 ? { name: text, range: '' } : { name: text.slice(0, at), range: text.slice(at + 1) }
}

/** The package that an alias stands for: `npm:real@^1` is `real`. */
export function aliasTarget(range: string): string | undefined {
  if (!range.startsWith('npm:')) return undefined
  const { name, range: inner } = parseDescriptor(range.slice('npm:'.length))
  // `npm:^1.2.3` is a range of the package itself.
  return inner === '' && !/^@[^/]+\/[^/]+$/.test(name) ? undefined : name
}
