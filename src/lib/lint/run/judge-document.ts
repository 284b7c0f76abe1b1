/** What the rules say of one document by itself. */
import { AivError, toHex } from '../../core/index.ts'
import { sha256 } from '../../crypto/digest.ts'
import type { ReadDocument } from '../documents/document.ts'
import { type Judgement, SBOM_RULES, sbomSubject } from '../rules/index.ts'
import type { DocumentTarget } from './find-targets.ts'

/** Plain data, so that it can be kept in a file and sent between threads. */
export interface JudgedDocument {
  readonly path: string
  /** Hex SHA-256 of the text. */
  readonly digest: string
  readonly judgements: Readonly<Record<string, Judgement>>
  readonly namespace?: string | undefined
  /** Of the component that the document is about. */
  readonly primaryName?: string | undefined
  /** The time of creation has passed, so that the answer is the same tomorrow. */
  readonly stable: boolean
  readonly isReadable: boolean
}

export function digestOf(text: string): string {
  return toHex(sha256(new TextEncoder().encode(text)))
}

/** @param rules ids */
export async function judgeDocument(
  target: DocumentTarget,
  rules: ReadonlySet<string>,
  nowMs: number,
): Promise<JudgedDocument> {
  const read = await readTarget(target)
  const subject = sbomSubject(target.path, target.text, read, nowMs)
  const judgements: Record<string, Judgement> = {}
  for (const rule of SBOM_RULES) if (rules.has(rule.id)) judgements[rule.id] = await rule.judge(subject)
  const base = { path: target.path, digest: digestOf(target.text), judgements }
  if (read instanceof Error) return { ...base, stable: true, isReadable: false }
  const { document, primary, components } = read.bom
  const created = Date.parse(document.created ?? '')
  return {
    ...base,
    isReadable: true,
    namespace: document.namespace,
    primaryName: components.find(({ ref }) => ref === primary)?.name,
    stable: Number.isNaN(created) || created <= nowMs,
  }
}

/** The document, or the error that reading it threw; a defect of ours is thrown on. */
export async function readTarget({ text, unreadable }: DocumentTarget): Promise<ReadDocument | Error> {
  if (unreadable !== undefined) return new AivError('E_MALFORMED', unreadable)
  const { readBom } = await import('../documents/index.ts')
  try {
    return await readBom(text)
  } catch (error) {
    if (error instanceof AivError) return error
    throw error
  }
}
