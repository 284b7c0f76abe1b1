/** `aiv lint merge`: read, merge, say what differs, write. */
import type { Tool } from '../../lint/index.ts'
import type { Output } from '../output.ts'
import { type OutputTarget, writeDocument } from './document-outputs.ts'
import { notePartial, readInventory, refuseSharedStdin } from './inventory-argument.ts'
import { shortText } from './short-text.ts'

export interface MergeDocumentsOptions {
  readonly targets: readonly OutputTarget[]
  readonly name: string | undefined
  readonly version: string | undefined
  readonly tool: Tool
}

/** Conflicts that are told on stderr; the JSON answer has all. */
const MAX_NOTES = 20

/**
 * @returns true when a part of a project could not be read and the rest was merged all the same
 * @throws AivError as reading, merging and writing do
 */
export async function mergeDocuments(
  paths: readonly string[],
  { targets, name, version, tool }: MergeDocumentsOptions,
  out: Output,
): Promise<boolean> {
  refuseSharedStdin(paths)
  const inventories = []
  for (const path of paths) inventories.push(await readInventory(path))
  const partial = inventories.map((inventory) => notePartial(inventory, out)).includes(true)
  const { mergeBoms } = await import('../../lint/merge/index.ts')
  const { writeBom } = await import('../../lint/documents/index.ts')
  const boms = inventories.map(({ bom }) => bom)
  const { bom, conflicts } = mergeBoms(boms, { name, version, tools: [tool] })
  for (const { ref, field, values } of conflicts.slice(0, MAX_NOTES))
    out.note(`${shortText(ref)}: the documents differ in the ${field}: ${values.map(shortText).join(', ')}`)
  if (conflicts.length > MAX_NOTES) out.note(`${conflicts.length - MAX_NOTES} more differences like these`)
  for (const { format, file } of targets) {
    const text = await writeBom(bom, format)
    await writeDocument(file, text)
  }
  const components = bom.components.length
  const outputs = targets.map(({ format, file }) => ({ format, file: file ?? '-' }))
  if (out.isJson) out.json({ documents: paths, components, conflicts, outputs })
  else if (targets.every(({ file }) => file !== undefined))
    out.text(`${components} components of ${paths.length} documents`)
  return partial
}
