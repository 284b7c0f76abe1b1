/** Keeps what documents were found to be, so that a second run reads only those that changed. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { AivError } from '../../core/index.ts'
import type { JudgedDocument } from './judge-document.ts'

interface CacheFile {
  readonly version: 1
  /** Of the tool and its rules: another one forgets everything. */
  readonly tool: string
  readonly documents: readonly JudgedDocument[]
}

export class LintCache {
  readonly #path: string
  readonly #tool: string
  readonly #known: ReadonlyMap<string, JudgedDocument>
  readonly #kept: JudgedDocument[] = []

  /** A file that is not there, or is none of ours, is an empty cache: nothing depends on it. */
  constructor(path: string, tool: string) {
    this.#path = path
    this.#tool = tool
    this.#known = new Map(readCache(path, tool).map((document) => [document.path, document]))
  }

  find(path: string, digest: string): JudgedDocument | undefined {
    const known = this.#known.get(path)
    return known?.digest === digest ? known : undefined
  }

  keep(document: JudgedDocument): void {
    if (document.stable) this.#kept.push(document)
  }

  /**
   * Whole or not at all, so that a run that is killed leaves a good file; not at all, too, when nothing is new.
   * @throws AivError `E_IO`
   */
  save(): void {
    if (
      this.#kept.length === this.#known.size &&
      this.#kept.every((kept) => this.#known.get(kept.path) === kept)
    )
      return
    const documents = this.#kept.toSorted((a, b) => (a.path < b.path ? -1 : 1))
    const file: CacheFile = { version: 1, tool: this.#tool, documents }
    try {
      mkdirSync(dirname(this.#path), { recursive: true })
      // A link that waits under this name would be written through.
      rmSync(`${this.#path}.new`, { force: true })
      writeFileSync(`${this.#path}.new`, `${JSON.stringify(file)}\n`, { flag: 'wx' })
      renameSync(`${this.#path}.new`, this.#path)
    } catch (cause) {
      throw new AivError('E_IO', `cannot write ${this.#path}: ${(cause as Error).message}`, { cause })
    }
  }
}

function readCache(path: string, tool: string): readonly JudgedDocument[] {
  try {
    const file = JSON.parse(readFileSync(path, 'utf8')) as Partial<CacheFile>
    if (file.version !== 1 || file.tool !== tool || !Array.isArray(file.documents)) return []
    return file.documents.filter(isJudged)
  } catch {
    return []
  }
}

function isJudged(value: unknown): value is JudgedDocument {
  if (typeof value !== 'object' || value === null) return false
  const { path, digest, judgements } = value as Partial<JudgedDocument>
  return (
    typeof path === 'string' &&
    typeof digest === 'string' &&
    typeof judgements === 'object' &&
    judgements !== null &&
    Object.values(judgements).every(
      (judgement) =>
        Array.isArray(judgement?.hits) && judgement.hits.every((hit) => typeof hit?.message === 'string'),
    )
  )
}
