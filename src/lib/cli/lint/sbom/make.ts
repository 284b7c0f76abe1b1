/** `aiv lint sbom`: scan, complain, write. */
import { AivError } from '../../../core/index.ts'
import type { Bom, BomFormat } from '../../../lint/index.ts'
import type { ReadProblem } from '../../../lint/readers/index.ts'
import type { Output } from '../../output.ts'
import { type OutputTarget, outputTargets, writeDocument } from '../document-outputs.ts'
import { parseParty } from './parties.ts'

export interface SbomFlags {
  readonly format: BomFormat
  readonly output?: readonly string[] | undefined
  readonly name?: string | undefined
  readonly 'component-version'?: string | undefined
  readonly author?: readonly string[] | undefined
  readonly supplier?: string | undefined
  readonly omit?: readonly ('dev' | 'optional')[] | undefined
  readonly exclude?: readonly string[] | undefined
  readonly ecosystem?: readonly string[] | undefined
  readonly binaries: boolean
  readonly 'no-installed': boolean
  readonly 'keep-going': boolean
  readonly jobs: number
  readonly sign?: string | undefined
  readonly 'passphrase-file'?: string | undefined
}

export interface MakeContext {
  readonly out: Output
  readonly toolVersion: string
  readonly signal: AbortSignal
}

/**
 * Writes the documents that the flags ask for.
 * @returns true when a file could not be read and the rest was written all the same
 * @throws AivError `E_INPUT` when a file could not be read, and all that scanning and writing throw
 */
export async function makeBillOfMaterials(
  path: string,
  flags: SbomFlags,
  { out, toolVersion, signal }: MakeContext,
): Promise<boolean> {
  const targets = await targetsOf(flags)
  const { scanProject } = await import('../../../lint/scan/index.ts')
  const { bom, problems, inputs } = await scanProject(path, {
    name: flags.name,
    version: flags['component-version'],
    authors: flags.author?.map((text) => parseParty(text, 'author', 'person')),
    supplier:
      flags.supplier === undefined ? undefined : parseParty(flags.supplier, 'supplier', 'organization'),
    omit: flags.omit,
    exclude: flags.exclude,
    ecosystems: flags.ecosystem,
    binaries: flags.binaries,
    installed: !flags['no-installed'],
    jobs: flags.jobs,
    tools: [{ name: 'aiv', version: toolVersion, vendor: 'aivillage' }],
    sourceDateEpoch: process.env.SOURCE_DATE_EPOCH,
  })
  for (const problem of problems) out.note(problemLine(problem))
  const broken = problems.filter(({ severity }) => severity === 'error')
  if (broken.length > 0 && !flags['keep-going'])
    throw new AivError('E_INPUT', unreadable(broken), {
      hint: 'Nothing was written. --keep-going writes what could be read',
    })
  if (inputs.length === 0)
    out.note(`warning: ${path} holds no file that a bill of materials can be made from`)
  const files = await write(bom, targets, flags, signal)
  if (flags.output !== undefined)
    out.answer(
      { components: bom.components.length, inputs, outputs: files, problems },
      `${counted(bom.components.length, 'component')} from ${counted(inputs.length, 'file')}`,
    )
  return broken.length > 0
}

async function targetsOf(flags: SbomFlags): Promise<readonly OutputTarget[]> {
  const targets = outputTargets(flags.format, flags.output)
  if (flags.sign !== undefined) {
    const { signsInside } = await import('../../../lint/sign/index.ts')
    for (const { format, file } of targets)
      if (file === undefined && !signsInside(format))
        throw new AivError('E_USAGE', `the signature of ${format} is a file beside the document`, {
          hint: `Give --output ${format}=FILE; or --format cdx-json, which holds its signature`,
        })
  }
  return targets
}

interface WrittenFile {
  readonly format: BomFormat
  /** `-` is stdout. */
  readonly file: string
  /** The envelope that signs it, where that is a file of its own. */
  readonly signature?: string
}

async function write(
  bom: Bom,
  targets: readonly OutputTarget[],
  flags: SbomFlags,
  signal: AbortSignal,
): Promise<readonly WrittenFile[]> {
  const { writeBom } = await import('../../../lint/documents/index.ts')
  const documents = await Promise.all(
    targets.map(async (target) => ({ ...target, text: await writeBom(bom, target.format) })),
  )
  const { sign } = flags
  if (sign === undefined) {
    for (const { file, text } of documents) await writeDocument(file, text)
    return documents.map(({ format, file }) => ({ format, file: file ?? '-' }))
  }
  const { ENVELOPE_SUFFIX, signBom, signsInside } = await import('../../../lint/sign/index.ts')
  const { withSigner } = await import('./signer.ts')
  return withSigner(sign, { passphraseFile: flags['passphrase-file'], signal }, async (signer) => {
    const written: WrittenFile[] = []
    for (const { format, file, text } of documents) {
      const signed = signBom(text, format, signer)
      if (signsInside(format)) await writeDocument(file, signed)
      else {
        await writeDocument(file, text)
        await writeDocument(`${file}${ENVELOPE_SUFFIX}`, signed)
      }
      const beside = signsInside(format) ? {} : { signature: `${file}${ENVELOPE_SUFFIX}` }
      written.push({ format, file: file ?? '-', ...beside })
    }
    return written
  })
}

function problemLine(problem: ReadProblem): string {
  return `${problem.severity}: ${placeOf(problem)}: ${problem.message}`
}

function placeOf({ path, line, column }: ReadProblem): string {
  return [path, line, column].filter((part) => part !== undefined).join(':')
}

/** The first one in full, because with `--json` nothing else says where it is. */
function unreadable(broken: readonly ReadProblem[]): string {
  const [first, ...others] = broken
  if (first === undefined) return 'a file could not be read'
  const more = others.length === 0 ? '' : `; there are ${others.length} more such problems`
  return `${placeOf(first)}: ${first.message}${more}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
