/** What a builder draws for each hello is drawn as BoringSSL draws it, and the judges of that see when it is not. */
import { describe, expect, it } from 'vitest'
import { SeededRandom, uniformInt } from '../../../../src/lib/core/index.ts'
import { HelloBuilder, templateById } from '../../../../src/lib/tls/index.ts'
import { uniformP } from '../../../support/chi-square.ts'
import { greaseFaults, orderFaults } from './drawn-judges.ts'
import { generated, WRITTEN } from './generated.ts'
import {
  bodyOf,
  Cursor,
  echOf,
  isGreaseValue,
  numberList,
  type ReferenceHello,
  readRecord,
  sharesOf,
} from './reference-reader.ts'

/** A hundred for each slot of an extension. */
const MANY = 1_700
const many = generated(templateById('chrome-154'), { count: MANY, seed: 154 })

/** All but GREASE and padding. */
function movedTypes({ extensions }: ReferenceHello): readonly number[] {
  return extensions.map(({ type }) => type).filter((type) => !isGreaseValue(type) && type !== 0x0015)
}

function greaseOf(hello: ReferenceHello): Record<string, number> {
  const first = (list: readonly number[]): number => list.find(isGreaseValue) as number
  return {
    cipher: first(hello.cipherSuites),
    group: first(numberList(hello, 0x000a, 2)),
    version: first(numberList(hello, 0x002b, 1)),
    signature: first(numberList(hello, 0x000d, 2)),
    'first extension': hello.extensions[0]?.type as number,
    'last extension': hello.extensions.at(-1)?.type as number,
  }
}

/** Fisher and Yates, with what it takes as the partner of each slot. */
function shuffle(
  items: readonly number[],
  random: SeededRandom,
  partner: (slot: number, length: number) => readonly [number, number],
): readonly number[] {
  const order = [...items]
  for (let slot = order.length - 1; slot > 0; slot--) {
    const other = uniformInt(random, ...partner(slot, order.length))
    ;[order[slot], order[other]] = [order[other] as number, order[slot] as number]
  }
  return order
}

describe('the order of extensions', () => {
  const items = movedTypes(many[0] as ReferenceHello)
  const orders = (next: (random: SeededRandom, index: number) => readonly number[]): readonly number[][] => {
    const random = new SeededRandom(17)
    return Array.from({ length: MANY }, (_, index) => [...next(random, index)])
  }

  it('has each of the seventeen in every slot as often, and before each other one as often', () => {
    expect(items).toHaveLength(17)
    expect(orderFaults(many.map(movedTypes))).toEqual([])
    for (const { extensions } of many)
      expect([extensions[0]?.body.toString('hex'), extensions.at(-1)?.body.toString('hex')]).toEqual([
        '',
        '00',
      ])
  })

  it('is judged by one who accepts a right shuffle and no wrong one', () => {
    expect(orderFaults(orders((random) => shuffle(items, random, (slot) => [0, slot])))).toEqual([])
    const wrong = {
      'no shuffle': () => items,
      'a partner from all slots': (random: SeededRandom) =>
        shuffle(items, random, (_, length) => [0, length - 1]),
      'never in its own slot': (random: SeededRandom) => shuffle(items, random, (slot) => [0, slot - 1]),
      'only turned around': (random: SeededRandom) => {
        const by = uniformInt(random, 0, items.length - 1)
        return [...items.slice(by), ...items.slice(0, by)]
      },
      'one that stays': (random: SeededRandom) => [
        items[0] as number,
        ...shuffle(items.slice(1), random, (slot) => [0, slot]),
      ],
      'the same order every second time': (random: SeededRandom, index: number) =>
        index % 2 === 0 ? items : shuffle(items, random, (slot) => [0, slot]),
    }
    for (const [name, next] of Object.entries(wrong))
      expect(orderFaults(orders(next)).length, name).toBeGreaterThan(0)
  })

  it('is another one in each hello of every template that shuffles, and the same in all others', () => {
    for (const template of WRITTEN) {
      const seen = generated(template, { count: 20 }).map((hello) => movedTypes(hello).join())
      expect(new Set(seen).size, template.id).toBe(template.extensionOrder === 'shuffled' ? 20 : 1)
    }
  })
})

describe('GREASE', () => {
  it('is one of the sixteen in each place, as often as the others and whatever stands elsewhere', () => {
    const draws = many.map(greaseOf)
    for (const draw of draws) expect(Object.values(draw).every(isGreaseValue)).toBe(true)
    expect(greaseFaults(draws)).toEqual([])
  })

  it('is the same in a group and in its share, and never in the types of both extensions', () => {
    for (const hello of many) {
      const [share] = sharesOf(hello)
      const { group, ...grease } = greaseOf(hello)
      expect([share?.group, share?.key.toString('hex')]).toEqual([group, '00'])
      expect(grease['first extension']).not.toBe(grease['last extension'])
    }
  })

  it('is judged by one who sees values that stay, that favour some, or that follow each other', () => {
    const random = new SeededRandom(8701)
    const value = (): number => (uniformInt(random, 0, 15) << 12) | (0x0a0a % 0x1000)
    const draw = (change: Record<string, number>): Record<string, number> => ({
      cipher: value(),
      group: value(),
      ...change,
    })
    const faultsOf = (change: () => Record<string, number>): number =>
      greaseFaults(Array.from({ length: MANY }, () => draw(change()))).length
    expect(faultsOf(() => ({}))).toBe(0)
    expect(faultsOf(() => ({ cipher: 0x0a0a }))).toBeGreaterThan(0)
    expect(faultsOf(() => ({ cipher: uniformInt(random, 0, 14) << 12 }))).toBeGreaterThan(0)
    expect(
      faultsOf(() => {
        const one = value()
        return { cipher: one, group: one }
      }),
    ).toBeGreaterThan(0)
    // Two types that now and then are the same, as in an imitation that forgets the rule.
    expect(faultsOf(() => ({ 'first extension': value(), 'last extension': value() }))).toBeGreaterThan(0)
  })
})

describe('the ECH of a browser', () => {
  it('has each of its four sizes as often, and one algorithm', () => {
    const counts = [144, 176, 208, 240].map(
      (size) => many.filter((hello) => echOf(hello).payload.length === size).length,
    )
    expect(counts.reduce((sum, count) => sum + count)).toBe(MANY)
    expect(uniformP(counts)).toBeGreaterThan(0.001)
    // Which one follows from the order of the cipher suites: AES comes first in both, or in neither.
    expect(new Set(many.map((hello) => `${echOf(hello).kdf} ${echOf(hello).aead}`))).toEqual(new Set(['1 1']))
  })

  it('has another configuration, key and payload in each hello', () => {
    const unlike = (of: (hello: ReferenceHello) => Buffer): number =>
      new Set(many.map((hello) => of(hello).toString('hex'))).size
    expect(unlike((hello) => echOf(hello).enc)).toBe(MANY)
    expect(unlike((hello) => echOf(hello).payload)).toBe(MANY)
    const counts = new Array<number>(256).fill(0)
    for (const hello of many) counts[echOf(hello).configId]!++
    expect(uniformP(counts)).toBeGreaterThan(0.001)
  })
})

describe('random, session id and keys', () => {
  it('are never those of another hello', () => {
    for (const template of WRITTEN) {
      const hellos = generated(template, { count: 50 })
      const seen = new Set<string>()
      const values = hellos.flatMap((hello) => [
        hello.random,
        hello.sessionId,
        ...sharesOf(hello)
          .filter(({ group }) => !isGreaseValue(group))
          .map(({ key }) => key),
      ])
      for (const value of values) seen.add(value.toString('hex'))
      expect(seen.size, template.id).toBe(values.length)
    }
  })
})

describe('trust anchors', () => {
  const idsOf = (hello: ReferenceHello): readonly string[] => {
    const cursor = new Cursor(bodyOf(hello, 0xca34))
    const list = new Cursor(cursor.vector(2))
    cursor.end()
    const ids: string[] = []
    while (!list.isAtEnd) ids.push(list.vector(1).toString('hex'))
    return ids
  }
  const order = (id: string, seed: number): ReadonlySet<string> =>
    new Set(generated(templateById(id), { count: 10, seed }).map((hello) => idsOf(hello).join()))

  it('stand in an order that each run of Chrome 152 and 153 has for itself, and sorted since 154', () => {
    const runs = Array.from({ length: 20 }, (_, seed) => order('chrome-152', seed))
    for (const run of runs) expect(run.size).toBe(1)
    expect(new Set(runs.flatMap((run) => [...run])).size).toBe(20)
    const sorted = Array.from({ length: 20 }, (_, seed) => [...order('chrome-154', seed)]).flat()
    expect(new Set(sorted).size).toBe(1)
    const ids = sorted[0]?.split(',') ?? []
    expect(ids).toHaveLength(28)
    expect(ids.toSorted()).toEqual(ids)
    expect(runs[0]?.values().next().value?.split(',').toSorted()).toEqual(ids)
  })

  it('of a run stand in every slot as often as in any other', () => {
    const runs = Array.from({ length: 1_400 }, (_, seed) => {
      const { record } = new HelloBuilder(templateById('chrome-152'), new SeededRandom(seed)).build({
        host: 'a.b',
      })
      return idsOf(readRecord(record)).map((id) => Number.parseInt(id.slice(-10), 16))
    })
    expect(orderFaults(runs)).toEqual([])
  })
})
