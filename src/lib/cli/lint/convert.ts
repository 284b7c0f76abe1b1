/** `aiv lint convert`: read, complain, write. */
import { statSync } from 'node:fs'
import { AivError, fromUtf8 } from '../../core/index.ts'
import type { DocumentDefect, Tool } from '../../lint/index.ts'
import { readInput } from '../io/input.ts'
import type { Output } from '../output.ts'
import { type OutputTarget, writeDocument } from './document-outputs.ts'

/** As large as the largest document that is read. */
const MAX_DOCUMENT_BYTES = 256 * 2 ** 20
/** Notes for people; a document that is wrong everywhere is known to be after a few. */
const MAX_NOTES = 20

export interface ConvertOptions {
  readonly targets: readonly OutputTarget[]
  /** Nothing is written where the document has defects. */
  readonly strict: boolean
  readonly tool: Tool
}

/**
 * @param path of the document; `-` or undefined is stdin
 * @returns false when nothing was written because of defects
 * @throws AivError as `readInput`, `readBom` and `writeDocument`
 */
export async function convertDocument(
  path: string | undefined,
  { targets, strict, tool }: ConvertOptions,
  out: Output,
): Promise<boolean> {
  if (path !== undefined && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new AivError('E_INPUT', `${path} is a folder`, {
      hint: 'aiv lint sbom makes a bill of materials of a folder',
    })
  const { convertBom, readBom, writeBom } = await import('../../lint/documents/index.ts')
  const { bom, facts, defects } = await readBom(
    fromUtf8(await readInput(path, { maxBytes: MAX_DOCUMENT_BYTES })),
  )
  for (const defect of defects.slice(0, MAX_NOTES)) out.note(defectLine(defect))
  if (defects.length > MAX_NOTES) out.note(`warning: ${defects.length - MAX_NOTES} more like these`)
  const written = strict && defects.length > 0 ? [] : targets
  if (written.length === 0) out.note('Nothing was written, for the document has defects.')
  else if (facts.signature !== undefined)
    out.note('The signature is not carried over: it signs the first document.')
  const converted = convertBom(bom, tool)
  const documents = await Promise.all(
    written.map(async (target) => ({ ...target, text: await writeBom(converted, target.format) })),
  )
  for (const { file, text } of documents) await writeDocument(file, text)
  const { family, version, encoding } = facts
  if (targets.some(({ file }) => file !== undefined))
    out.answer(
      {
        from: { family, version, encoding },
        components: bom.components.length,
        outputs: documents.map(({ format, file }) => ({ format, file: file ?? '-' })),
        defects,
      },
      `${bom.components.length} components of ${family} ${version}`,
    )
  return written.length > 0
}

function defectLine({ message, pointer, line }: DocumentDefect): string {
  const place = line === undefined ? pointer : `line ${line}`
  return place === undefined ? `warning: ${message}` : `warning: ${place}: ${message}`
}
