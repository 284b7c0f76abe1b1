import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isAivError, SeededRandom } from '../../../../src/lib/core/index.ts'
import {
  type ClientHello,
  deriveTemplate,
  HelloBuilder,
  matchHello,
  parseClientHello,
  parseTemplate,
  templateDocument,
} from '../../../../src/lib/tls/index.ts'
import { conformancePath } from '../../../support/conformance.ts'

const folder = conformancePath('utls')
const ORIGIN = { browser: 'chrome', major: 156, source: 'mutated captures' } as const
const SEEDS = 3_000

function captured(name: string): ClientHello {
  return parseClientHello(new Uint8Array(readFileSync(`${folder}/${name}`)).subarray(9))
}

/** The same change to each of them, so that much stays alike: to bytes, lengths, types, order and number of extensions. */
function mutated(hellos: readonly ClientHello[], random: SeededRandom): readonly ClientHello[] {
  const changes = 1 + random.below(3)
  const drawn = Array.from(
    { length: changes },
    () => [random.below(6), random.below(64), random.below(256)] as const,
  )
  return hellos.map((hello) => {
    const extensions = [...(hello.extensions ?? [])]
    for (const [kind, place, value] of drawn) {
      const at = place % extensions.length
      const { type, body } = extensions[at] ?? { type: 0, body: new Uint8Array(0) }
      if (kind < 2 && body.length > 0) {
        const bytes = body.slice()
        bytes[place % bytes.length] = value
        extensions[at] = { type, body: bytes }
      } else if (kind === 2) extensions[at] = { type, body: body.subarray(0, value % (body.length + 1)) }
      else if (kind === 3) extensions[at] = { type: value < 128 ? value : type ^ value, body }
      else if (kind === 4 && extensions.length > 1) extensions.splice(at, 1)
      else extensions.push({ type, body })
    }
    return { ...hello, extensions }
  })
}

describe.runIf(folder !== undefined)('hellos that were changed', () => {
  it('give a template that can be written, read and kept to, or a typed error', () => {
    const hellos = [1, 2, 3].map((n) => captured(`chromium-156.0.8078.79-clienthello-${n}.bin`))
    const codes = new Map<string, number>()
    for (let seed = 0; seed < SEEDS; seed++) {
      let code = 'template'
      try {
        const template = deriveTemplate(mutated(hellos, new SeededRandom(seed)), ORIGIN)
        const document = templateDocument(template)
        expect(templateDocument(parseTemplate(JSON.parse(JSON.stringify(document)))), `seed ${seed}`).toEqual(
          document,
        )
        const { hello } = new HelloBuilder(template, new SeededRandom(seed)).build({ host: 'example.test' })
        matchHello(hello, 'tcp')
      } catch (error) {
        if (!isAivError(error)) throw new Error(`seed ${seed}`, { cause: error })
        code = error.code
      }
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    // Unknown extensions and groups make templates; lengths and rules that are broken make none.
    expect([...codes.keys()].toSorted()).toEqual(['E_UNSUPPORTED', 'template'])
    expect(Math.min(...codes.values())).toBeGreaterThan(SEEDS / 20)
  })
})
