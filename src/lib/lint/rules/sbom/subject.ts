/** What the rules over bills of materials are given. */
import { isAivError } from '../../../core/index.ts'
import type { Bom, Component } from '../../bom/index.ts'
import type { DefectKind, ReadDocument } from '../../documents/document.ts'
import type { Hit, Judgement, Rule } from '../rule.ts'
import { inconclusive, judged } from '../rule.ts'
import { DocumentPlaces } from './places.ts'

/** Why a file could not be read as a bill of materials. */
export interface ReadFailure {
  /** The format or its version is known and not supported, in contrast to: it is broken. */
  readonly unsupported: boolean
  readonly message: string
  readonly line?: number | undefined
  readonly column?: number | undefined
}

/** The lockfiles' truth for the project that a document is about. */
export interface ProjectTruth {
  /** For people: the folder, or `.`. */
  readonly folder: string
  readonly bom: Bom
  /** False when a lockfile could not be read: then there may be more. */
  readonly isComplete: boolean
}

export interface SbomSubject {
  readonly path: string
  readonly text: string
  /** Absent when {@link failure} says why. */
  readonly document?: ReadDocument | undefined
  readonly failure?: ReadFailure | undefined
  readonly places: DocumentPlaces
  /** Wall time of the run, in milliseconds. */
  readonly nowMs: number
}

/** What only the run as a whole knows about a document. */
export interface SbomAmongOthers {
  readonly path: string
  /** False when the file is no bill of materials that can be read. */
  readonly isReadable: boolean
  readonly namespace?: string | undefined
  /** Other documents of the run with the same namespace. */
  readonly sameNamespace: readonly string[]
  readonly project?: ProjectTruth | undefined
  /** Reads the document, which most runs need not do twice. */
  load(): Promise<SbomSubject>
}

export type SbomRule = Rule<SbomSubject>

/** @param read what reading gave, or the error that it threw */
export function sbomSubject(
  path: string,
  text: string,
  read: ReadDocument | Error,
  nowMs: number,
): SbomSubject {
  const isJson = /^\ufeff?\s*[{[]/.test(text)
  const places = new DocumentPlaces(text, isJson)
  if (!(read instanceof Error)) return { path, text, document: read, places, nowMs }
  // The parser below knows the place; the message repeats it for those who see nothing else.
  const { line, column } = (read.cause ?? {}) as { readonly line?: unknown; readonly column?: unknown }
  return {
    path,
    text,
    places,
    nowMs,
    failure: {
      unsupported: isAivError(read, 'E_UNSUPPORTED'),
      message: read.message.replace(/^line \d+, column \d+: /, ''),
      line: typeof line === 'number' ? line : undefined,
      column: typeof column === 'number' ? column : undefined,
    },
  }
}

/** Judges what was read; a document that could not be read is inconclusive. */
export function ofDocument(
  judge: (document: ReadDocument, subject: SbomSubject) => Judgement | Promise<Judgement>,
): (subject: SbomSubject) => Judgement | Promise<Judgement> {
  return (subject) =>
    subject.document === undefined
      ? inconclusive('the document could not be read')
      : judge(subject.document, subject)
}

/** Judges each component on its own; the ones that are not in order become hits. */
export function eachComponent(
  objection: (component: Component, bom: Bom) => string | undefined,
): (subject: SbomSubject) => Judgement | Promise<Judgement> {
  return ofDocument(({ bom }, subject) => {
    if (bom.components.length === 0) return inconclusive('the document has no components')
    const hits: Hit[] = []
    for (const component of bom.components) {
      const message = objection(component, bom)
      if (message !== undefined) hits.push({ message, ...placeOf(component, subject) })
    }
    return judged(hits)
  })
}

/** Passes on what reading found to be wrong in one way. */
export function defectsOf(kind: DefectKind): (subject: SbomSubject) => Judgement | Promise<Judgement> {
  return ofDocument(({ defects }, { places }) =>
    judged(
      defects
        .filter((defect) => defect.kind === kind)
        .map(({ message, pointer, line }) => ({
          message: sentence(message),
          ...(line === undefined
            ? places.ofPointer(pointer)
            : { line, ...onLine(places.ofPointer(pointer), line) }),
        })),
    ),
  )
}

/** Where a component stands, and by what it is known. */
export function placeOf(component: Component, { places }: SbomSubject): Omit<Hit, 'message'> {
  const { purl, ref, name } = component
  return { entity: labelOf(component), ...places.ofName(ref, purl, name) }
}

/** What people call a component. */
export function labelOf({ purl, name, version, ref }: Component): string {
  if (purl !== undefined) return purl
  if (name === '') return ref
  return version === undefined ? name : `${name}@${version}`
}

/** With a full stop and a capital, unless the first word is a name or value of the document. */
export function sentence(text: string): string {
  const first = /^(?:an?|the|this|it|there|created|documents) /.test(text)
    ? text.charAt(0).toUpperCase() + text.slice(1)
    : text
  return /[.!?]$/.test(first) ? first : `${first}.`
}

function onLine(
  place: { readonly line?: number | undefined; readonly column?: number | undefined },
  line: number,
) {
  return place.line === line ? place : {}
}
