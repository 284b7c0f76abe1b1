/** Vector files that are text: JSON, or YAML. What is missing or of the wrong kind is said by name. */
import { AivError, SkippedVector, type VectorCheck } from '../../core/index.ts'

export type Fields = { readonly [field: string]: unknown }

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** @throws AivError `E_MALFORMED` for bytes that are no text, or no document */
export async function parseDocumentText(bytes: Uint8Array): Promise<unknown> {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new AivError('E_MALFORMED', 'the file is not text', { cause })
  }
  try {
    return /^\s*[[{]/.test(text) ? (JSON.parse(text) as unknown) : await parseYaml(text)
  } catch (cause) {
    throw new AivError('E_MALFORMED', 'the file is neither JSON nor YAML', { cause })
  }
}

async function parseYaml(text: string): Promise<unknown> {
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text, { logLevel: 'silent' })
  if (document.errors.length > 0) throw document.errors[0]
  return document.toJS() as unknown
}

export function failing(id: string, error: unknown): VectorCheck {
  return {
    id,
    run() {
      throw error instanceof Error ? error : new Error(String(error))
    },
  }
}

export function skipped(id: string, reason: string): VectorCheck {
  return failing(id, new SkippedVector(reason))
}

/** @throws Error naming both */
export function expectSame(ours: string | undefined, published: unknown): void {
  if (ours !== published) throw new Error(`published is ${published}, computed is ${ours ?? 'nothing'}`)
}
