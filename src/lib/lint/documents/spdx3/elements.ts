/** The elements of an SPDX 3 document by name, wherever in the JSON they stand. */
import { AivError } from '../../../core/index.ts'
import { field, isTable, string, type Table } from '../../readers/parse/shape.ts'
import type { Assembler, Locate } from '../parts/assembler.ts'

/** More than any real document has; one that has more is an attack on memory. */
const MAX_ELEMENTS = 5_000_000

export interface Elements {
  readonly all: readonly { readonly element: Table; readonly pointer: string }[]
  readonly byId: ReadonlyMap<string, Table>
}

/** Elements may stand inside others in the place of their names; of two with one name the first counts. The nesting is bounded by the parser. */
export function elementsIn(root: unknown, bom: Assembler, locate: Locate): Elements {
  const all: { element: Table; pointer: string }[] = []
  const byId = new Map<string, Table>()
  const open: [value: unknown, pointer: string][] = Array.isArray(field(root, '@graph'))
    ? [[field(root, '@graph'), '/@graph']]
    : [[root, '']]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, pointer] = next
    if (isTable(value) && typeof value.type === 'string') {
      if (all.length >= MAX_ELEMENTS)
        throw new AivError('E_TOO_LARGE', `the document has more than ${MAX_ELEMENTS} elements`)
      const id = string(value.spdxId) ?? string(value['@id'])
      if (id !== undefined && byId.has(id))
        bom.defect('duplicate-identifier', `there are several elements called ${id}`, locate(pointer))
      else all.push({ element: value, pointer })
      if (id !== undefined && !byId.has(id)) byId.set(id, value)
    }
    if (typeof value !== 'object' || value === null) continue
    const inner = Array.isArray(value) ? value.entries() : Object.entries(value)
    // From the end, so that they are taken in the order of the document.
    for (const [key, item] of [...inner].reverse())
      if (typeof item === 'object' && item !== null) open.push([item, `${pointer}/${escaped(String(key))}`])
  }
  return { all, byId }
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
