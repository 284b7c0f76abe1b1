/** What a command is to look at: a document, a lockfile, a folder, or a document on stdin. */
import { statSync } from 'node:fs'
import { AivError, fromUtf8, isAivError } from '../../core/index.ts'
import type { Bom, ReadDocument } from '../../lint/index.ts'
import type { ReadProblem } from '../../lint/readers/index.ts'
import { readInput } from '../io/input.ts'
import type { Output } from '../output.ts'

export interface Inventory {
  readonly bom: Bom
  /** Absent where a project was read. */
  readonly document?: ReadDocument | undefined
  /** Of reading a project. */
  readonly problems: readonly ReadProblem[]
  /** For people: the path, or `stdin`. */
  readonly name: string
}

const MAX_BYTES = 256 * 2 ** 20

/**
 * @param path of a document, a lockfile or a folder; `-` is stdin; undefined is stdin, or the current folder where
 *   stdin is a terminal
 * @throws AivError as reading documents and projects does; `E_INPUT` when it cannot be read
 */
export async function readInventory(path: string | undefined): Promise<Inventory> {
  if (path === undefined) return await readInventory(process.stdin.isTTY ? '.' : '-')
  if (path !== '-' && isFolder(path)) return await readProject(path)
  const text = await readText(path)
  const { readBom } = await import('../../lint/documents/index.ts')
  try {
    const document = await readBom(text)
    return { bom: document.bom, document, problems: [], name: path === '-' ? 'stdin' : path }
  } catch (error) {
    if (path === '-' || !isAivError(error, 'E_MALFORMED')) throw error
    const project = await readProject(path)
    // Nothing reads the file: then what is wrong with it as a document says more.
    if (project.problems.length === 0 && project.bom.components.length <= 1) throw error
    return project
  }
}

/** @throws AivError `E_USAGE` when stdin, which can be read once, is to be two documents */
export function refuseSharedStdin(paths: readonly string[]): void {
  if (paths.filter((path) => path === '-').length > 1)
    throw new AivError('E_USAGE', 'stdin is one document only', { hint: 'Name files for the others' })
}

/** As {@link readInventory}; a project becomes the document that would be written of it. */
export async function readDocument(
  path: string | undefined,
): Promise<Inventory & { readonly document: ReadDocument }> {
  const inventory = await readInventory(path)
  if (inventory.document !== undefined) return { ...inventory, document: inventory.document }
  const { readBom, writeBom } = await import('../../lint/documents/index.ts')
  return { ...inventory, document: await readBom(await writeBom(inventory.bom, 'spdx-json')) }
}

/** Says on stderr what of a project could not be read. @returns true when something is missing from the inventory */
export function notePartial({ problems }: Inventory, out: Output): boolean {
  for (const { severity, message, path, line } of problems)
    out.note(`${severity}: ${path}${line === undefined ? '' : `:${line}`}: ${message}`)
  return problems.some(({ severity }) => severity === 'error')
}

async function readProject(path: string): Promise<Inventory> {
  const { scanProject } = await import('../../lint/scan/index.ts')
  const { bom, problems } = await scanProject(path)
  return { bom, problems, name: path }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

async function readText(path: string): Promise<string> {
  const bytes = await readInput(path, { maxBytes: MAX_BYTES })
  const name = path === '-' ? 'stdin' : path
  if (bytes.length === 0)
    throw new AivError('E_INPUT', `${name} is empty`, {
      hint: 'Name a document or a folder, or pipe a document in',
    })
  return fromUtf8(bytes)
}
