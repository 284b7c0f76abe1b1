/** Parameters of `resume/1` (section 12.3). */
import { type CborMap, encodeCbor, isCborMap, toHex } from '../../../core/index.ts'
import { RESUME_ID_BYTES } from './constants.ts'

export interface ResumeParams {
  readonly id: Uint8Array
  readonly service: string
  readonly params: CborMap
  /** Null until the opener has seen status 0 for this id. */
  readonly received: number | null
}

const KEYS = 'id params received service'

export function resumeParams({ id, service, params, received }: ResumeParams): CborMap {
  return { id, service, params, received }
}

/** @returns undefined for anything but the four fields in their ranges */
export function parseResumeParams(map: CborMap): ResumeParams | undefined {
  const { id, service, params, received } = map
  if (Object.keys(map).sort().join(' ') !== KEYS) return undefined
  if (!(id instanceof Uint8Array) || id.length !== RESUME_ID_BYTES) return undefined
  if (typeof service !== 'string' || !isCborMap(params)) return undefined
  if (received === null) return { id, service, params, received }
  if (typeof received !== 'number' || !Number.isSafeInteger(received) || received < 0) return undefined
  return { id, service, params, received }
}

/** Equal for the same service with the same parameters: the encoding is deterministic. */
export function serviceText({ service, params }: Pick<ResumeParams, 'service' | 'params'>): string {
  return `${service} ${toHex(encodeCbor(params))}`
}
