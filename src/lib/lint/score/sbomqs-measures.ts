/** Formulae of sbomqs that are neither a share of the components nor yes or no. */
import type { Component } from '../bom/index.ts'
import { type Measure, ratio, type ScoreInput, share, whole } from './feature.ts'
import { hasConcluded, hasHash, hasStrongHash, primaryOf } from './questions.ts'

/** A name without a version is half of it. */
export function toolMeasure({ document }: ScoreInput): Measure {
  const { tools } = document.bom.document
  if (tools.some(({ name, version = '' }) => name !== '' && version !== '')) return whole(true)
  return { ...whole(false), score: tools.some(({ name }) => name !== '') ? 5 : 0 }
}

export function weakHashMeasure({ document }: ScoreInput): Measure {
  const { components } = document.bom
  if (components.length === 0) return { score: 0, have: 0, total: 0, ignored: true }
  const hashed = components.filter(hasHash)
  return ratio(hashed.filter(hasStrongHash).length, hashed.length)
}

export function signatureMeasure({ document: { facts } }: ScoreInput): Measure {
  if (facts.family === 'spdx') return { ...whole(false), ignored: true, note: 'SPDX has no signatures' }
  const { algorithm, value, key } = facts.signature ?? { algorithm: false, value: false, key: false }
  if (!algorithm || !value) return whole(false)
  return key ? whole(true) : { ...whole(false), score: 5 }
}

/** Components that need nothing are not asked. */
export function topDependenciesMeasure({ document: { bom, facts } }: ScoreInput): Measure {
  if (facts.family === 'spdx') return { ...whole(false), ignored: true, note: 'SPDX cannot say it' }
  const top = primaryOf(bom)
  if (bom.components.length === 0) return { score: 0, have: 0, total: 0, ignored: true }
  if (top === undefined) return ratio(0, 0)
  const direct = bom.dependencies.get(top.ref)?.on ?? []
  const asked = [top.ref, ...direct].filter((ref) => (bom.dependencies.get(ref)?.on.length ?? 0) > 0)
  const complete = asked.filter((ref) => bom.dependencies.get(ref)?.completeness === 'complete')
  return ratio(complete.length, asked.length)
}

/** Where nothing is concluded there is nothing to be without. */
export function withoutMeasure(input: ScoreInput, has: (component: Component) => boolean): Measure {
  const { components } = input.document.bom
  if (components.length > 0 && !components.some(hasConcluded))
    return { ...ratio(0, components.length), fix: 'conclude licenses first' }
  return share(input, (component) => !has(component))
}
