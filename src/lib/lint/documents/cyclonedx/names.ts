/** CycloneDX writes a name in two parts; a bill of materials has it in full, as its ecosystem writes it. */

export interface GroupedName {
  readonly group?: string | undefined
  readonly name: string
}

/** @param purl tells the ecosystem */
export function splitName(name: string, purl: string | undefined): GroupedName {
  const at = separatorAt(name, purl)
  return at < 1 || at === name.length - 1 ? { name } : { group: name.slice(0, at), name: name.slice(at + 1) }
}

export function joinName({ group, name }: GroupedName, purl: string | undefined): string {
  if (group === undefined || group === '') return name
  return `${group}${isMaven(purl) ? ':' : '/'}${name}`
}

function separatorAt(name: string, purl: string | undefined): number {
  if (isMaven(purl)) return name.indexOf(':')
  if (/^@[^/]+\/[^/]+$/.test(name) || /^pkg:composer\//.test(purl ?? '')) return name.indexOf('/')
  return -1
}

function isMaven(purl: string | undefined): boolean {
  return /^pkg:maven\//.test(purl ?? '')
}
