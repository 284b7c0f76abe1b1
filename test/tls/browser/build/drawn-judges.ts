/** Judges of what is drawn for each hello: orders of extensions, and values of RFC 8701. */
import { chiSquareP, uniformP } from '../../../support/chi-square.ts'

/** For all comparisons of one judge together (Bonferroni). */
const ALPHA = 0.001

/**
 * Why `orders` are not all as likely as each other; none when they can be. Slots alone do not tell: an order that is
 * only turned around has every item in every slot, so how often one item comes before another is looked at as well.
 */
export function orderFaults(orders: readonly (readonly number[])[]): readonly string[] {
  const items = (orders[0] ?? []).toSorted((a, b) => a - b)
  const slots = items.map((item) => ({
    name: `slots of ${item.toString(16)}`,
    p: uniformP(items.map((_, slot) => orders.filter((order) => order[slot] === item).length)),
  }))
  const pairs = items.flatMap((first, index) =>
    items.slice(index + 1).map((second) => {
      const before = orders.filter((order) => order.indexOf(first) < order.indexOf(second)).length
      return {
        name: `${first.toString(16)} before ${second.toString(16)}`,
        p: uniformP([before, orders.length - before]),
      }
    }),
  )
  return faults([...slots, ...pairs])
}

/** Why the values of places are not drawn uniformly from the sixteen, each on its own; none when they can be. */
export function greaseFaults(draws: readonly Readonly<Record<string, number>>[]): readonly string[] {
  const places = Object.keys(draws[0] ?? {})
  const nibble = (value: number): number => value >>> 12
  const uniform = places.map((place) => {
    const counts = new Array<number>(16).fill(0)
    for (const draw of draws) counts[nibble(draw[place] as number)]!++
    return { name: place, p: uniformP(counts) }
  })
  const together = places.flatMap((first, index) =>
    places.slice(index + 1).map((second) => {
      const counts = new Array<number>(256).fill(0)
      for (const draw of draws) counts[nibble(draw[first] as number) * 16 + nibble(draw[second] as number)]!++
      return { name: `${first} with ${second}`, p: pairP(counts, isPairOfTypes(first, second)) }
    }),
  )
  return faults([...uniform, ...together])
}

/** The types of the two extensions never are the same: where they would be, the last is the one beside it. */
function isPairOfTypes(first: string, second: string): boolean {
  return first === 'first extension' && second === 'last extension'
}

function pairP(counts: readonly number[], neverEqual: boolean): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (!neverEqual) return uniformP(counts)
  const cells = counts.map((count, cell) => ({ count, first: cell >>> 4, last: cell & 15 }))
  if (cells.some(({ count, first, last }) => first === last && count > 0)) return 0
  const apart = cells.filter(({ first, last }) => first !== last)
  return chiSquareP(
    apart.map(({ count }) => count),
    apart.map(({ first, last }) => (total / 256) * ((first ^ 1) === last ? 2 : 1)),
  )
}

function faults(tests: readonly { readonly name: string; readonly p: number }[]): readonly string[] {
  return tests.filter(({ p }) => p < ALPHA / tests.length).map(({ name, p }) => `${name}: p = ${p}`)
}
