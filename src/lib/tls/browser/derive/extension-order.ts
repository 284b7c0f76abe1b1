/** In which order a browser sends its extensions. */
import type { ClientHello } from '../../hello/client-hello.ts'
import { EXTENSION } from '../../hello/extensions.ts'
import { masked } from '../match/code-lists.ts'
import type { Code, HelloTemplate } from '../template/template.ts'
import { codeText } from '../template/template-json.ts'
import { undescribed } from './undescribed.ts'

/** In so many hellos no extension of a shuffled dozen keeps its place by chance. */
const TELLING_HELLOS = 8

export interface ExtensionOrder {
  readonly order: HelloTemplate['extensionOrder']
  /** All that were seen, in the order of a template. */
  readonly types: readonly Code[]
}

/** @throws AivError `E_UNSUPPORTED` when only some of them change their places */
export function orderOf(hellos: readonly ClientHello[]): ExtensionOrder {
  const sequences = hellos.map(({ extensions = [] }) => masked(extensions.map(({ type }) => type)))
  const longest = sequences.reduce((most, each) => (each.length > most.length ? each : most))
  if (sequences.every((sequence) => isPartInOrder(sequence, longest)))
    return { order: 'fixed', types: longest }
  refuseHalfShuffled(sequences.filter(({ length }) => length === longest.length))
  const seen = [...new Set(sequences.flat())].filter((type) => type !== 'GREASE')
  const moved = seen.filter((type) => type !== EXTENSION.padding).toSorted((a, b) => a - b)
  const grease = longest.filter((type) => type === 'GREASE')
  // Where GREASE stands is a matter of the comparison that ends every derivation.
  const types = [...grease.slice(0, 1), ...moved, ...grease.slice(1)]
  return {
    order: 'shuffled',
    types: seen.includes(EXTENSION.padding) ? [...types, EXTENSION.padding] : types,
  }
}

function isPartInOrder(sequence: readonly Code[], whole: readonly Code[]): boolean {
  let at = 0
  return sequence.every((type) => {
    at = whole.indexOf(type, at) + 1
    return at > 0
  })
}

/** @param sequences of equal lengths */
function refuseHalfShuffled(sequences: readonly (readonly Code[])[]): void {
  const [first = []] = sequences
  if (sequences.length < TELLING_HELLOS) return
  for (const [place, type] of first.entries()) {
    if (type === 'GREASE' || type === EXTENSION.padding) continue
    if (sequences.every((sequence) => sequence[place] === type))
      throw undescribed(`extension ${codeText(type)} keeps its place, others are shuffled`)
  }
}
