/** `--format` and `--output FORMAT=FILE`: where the commands that make a bill of materials write it. */
import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import * as Flags from '@oclif/core/flags'
import { AivError } from '../../core/index.ts'
import { BOM_FORMATS, type BomFormat } from '../../lint/index.ts'
import { writeOut } from '../io/write-out.ts'
import { refuseLinkOut } from './output-links.ts'

/** One document to write. */
export interface OutputTarget {
  readonly format: BomFormat
  /** Undefined for stdout. */
  readonly file: string | undefined
}

export const DOCUMENT_OUTPUT_FLAGS = {
  format: Flags.option({ options: BOM_FORMATS, summary: 'what stdout gets', default: 'spdx-json' })(),
  output: Flags.string({
    char: 'o',
    summary: 'write to a file instead of stdout; may be repeated',
    multiple: true,
    helpValue: 'FORMAT=FILE',
  }),
}

/** @returns true when stdout carries a document, so that answers and errors go to stderr */
export function documentOnStdout(argv: readonly string[]): boolean {
  const outputs = argv.flatMap((word, at) => {
    if (word === '-o' || word === '--output') return [argv[at + 1] ?? '']
    const [, value] = /^(?:-o|--output)=?(.+)$/s.exec(word) ?? []
    return value === undefined ? [] : [value]
  })
  return outputs.length === 0 || outputs.some((value) => value.endsWith('=-'))
}

/**
 * @param output values of `--output`; undefined writes `format` to stdout
 * @throws AivError `E_USAGE` for a value that is none, and for two documents in one place
 */
export function outputTargets(
  format: BomFormat,
  output: readonly string[] | undefined,
): readonly OutputTarget[] {
  const targets = output?.map(parseOutput) ?? [{ format, file: undefined }]
  refuseSharedFiles(targets)
  if (targets.filter(({ file }) => file === undefined).length > 1)
    throw new AivError('E_USAGE', 'stdout takes one document only', { hint: 'Name files for the others' })
  return targets
}

/** @throws AivError `E_USAGE` when one file is to hold two outputs: the second would take the place of the first */
export function refuseSharedFiles(outputs: readonly { readonly file?: string | undefined }[]): void {
  const seen = new Set<string>()
  for (const { file } of outputs) {
    if (file === undefined) continue
    if (seen.has(resolve(file)))
      throw new AivError('E_USAGE', `two outputs name ${file}`, { hint: 'Give each its own file' })
    seen.add(resolve(file))
  }
}

/** @param file undefined for stdout; folders are made @throws AivError `E_IO`; `E_INPUT` for a link out of the folder */
export async function writeDocument(file: string | undefined, text: string): Promise<void> {
  if (file === undefined) process.stdout.write(text)
  else {
    await refuseLinkOut(file)
    await makeFolderOf(file)
    await writeOut(file, text)
  }
}

/** @throws AivError `E_IO` */
async function makeFolderOf(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
  } catch (cause) {
    throw new AivError('E_IO', `cannot write ${file}: ${(cause as Error).message}`, { cause })
  }
}

function parseOutput(text: string): OutputTarget {
  const at = text.indexOf('=')
  const format = BOM_FORMATS.find((name) => name === text.slice(0, at))
  const file = text.slice(at + 1)
  if (at !== -1 && format !== undefined && file !== '')
    return { format, file: file === '-' ? undefined : file }
  throw new AivError('E_USAGE', `--output ${text} is not FORMAT=FILE`, {
    hint: `The formats are ${BOM_FORMATS.join(', ')}, as in --output cdx-json=bom.json`,
  })
}
