/** Which template a version means, and what two templates do differently. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  diffTemplates,
  type HelloTemplate,
  parseTemplate,
  templateById,
  templateDocument,
  templateOfVersion,
  templates,
} from '../../../../src/lib/tls/index.ts'
import { randomDocument } from './random-template.ts'

/** Those from 99 on are of the published table, older ones of the names that uTLS gives its imitations. */
const RANGES = [
  [72, 82, 'chrome-72'],
  [83, 95, 'chrome-83'],
  [96, 97, 'chrome-96'],
  [98, 109, 'chrome-98'],
  [110, 117, 'chrome-110'],
  [118, 123, 'chrome-118'],
  [124, 130, 'chrome-124'],
  [131, 132, 'chrome-131'],
  [133, 149, 'chrome-133'],
  [150, 151, 'chrome-150'],
  [152, 153, 'chrome-152'],
  [154, 156, 'chrome-154'],
] as const

interface Changeable {
  readonly extensions: { type: string; payload_bytes?: number[] }[]
}

describe('a version of Chrome', () => {
  it.each(RANGES)('from %i to %i means %s', (first, last, id) => {
    for (let major = first; major <= last; major++)
      expect(templateOfVersion('chrome', String(major)).id).toBe(id)
  })

  it('may be the latest, and the one two before it', () => {
    expect(templateOfVersion('chrome', 'latest').versions.last).toBe(156)
    expect(templateOfVersion('chrome', 'n-2')).toBe(templateOfVersion('chrome', '154'))
    expect(templateOfVersion('firefox', 'latest').id).toBe('firefox-153')
    expect(templateOfVersion('firefox', '153').id).toBe('firefox-153')
  })

  it.each(['71', '157', '1', '9999'])('%s has no template, and an error says which have', (major) => {
    expect(() => templateOfVersion('chrome', major)).toThrow(
      expect.objectContaining({
        code: 'E_USAGE',
        message: `there is no template of chrome ${major}`,
        hint: expect.stringContaining('154 to 156'),
      }),
    )
  })

  it('two before the newest of Firefox has no template', () => {
    expect(() => templateOfVersion('firefox', 'n-2')).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })

  it.each([
    '',
    '0',
    '-1',
    '154.0',
    '154.0.1',
    'n-1',
    'n',
    'LATEST',
    ' 154',
    '154 ',
    '1e2',
    '99999',
    '__proto__',
    '١٥٤',
  ])('is not %j', (version) => {
    expect(() => templateOfVersion('chrome', version)).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })

  it('never means a field trial, or a hello in QUIC', () => {
    const trials = templates().filter(({ trial, transport }) => trial !== undefined || transport === 'quic')
    expect(trials.map(({ id }) => id)).toEqual([
      'chrome-115-kyber',
      'chrome-133-anchors',
      'chrome-quic-110',
      'chrome-quic-156',
    ])
    const meant = Array.from({ length: 85 }, (_, index) => templateOfVersion('chrome', String(72 + index)))
    for (const trial of trials) expect(meant).not.toContain(trial)
  })
})

describe('a template', () => {
  it('is found by its name, and by no other', () => {
    for (const template of templates()) expect(templateById(template.id)).toBe(template)
    expect(new Set(templates().map(({ id }) => id)).size).toBe(templates().length)
    for (const name of ['', 'chrome', 'chrome-156', 'Chrome-154', 'constructor', '__proto__'])
      expect(() => templateById(name)).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })
})

describe('the differences of two templates', () => {
  const changed = (template: HelloTemplate, change: (document: Changeable) => void): HelloTemplate => {
    const copy = JSON.parse(JSON.stringify(templateDocument(template))) as Changeable
    change(copy)
    return parseTemplate(copy)
  }
  const fields = (left: HelloTemplate, right: HelloTemplate): readonly string[] =>
    diffTemplates(left, right).map(({ field }) => field)

  it('are the same from both sides', () => {
    for (const left of templates())
      for (const right of templates()) {
        const mirrored = diffTemplates(right, left).map((each) => ({
          ...each,
          left: each.right,
          right: each.left,
        }))
        expect(diffTemplates(left, right).toSorted(byField)).toEqual(mirrored.toSorted(byField))
      }
  })

  it('are none only for a template and itself', () => {
    for (const left of templates())
      for (const right of templates())
        expect(diffTemplates(left, right).length === 0, `${left.id} and ${right.id}`).toBe(left === right)
  })

  it('are none for what only the name, the versions, the source or the trial say otherwise', () => {
    const other = changed(templateById('chrome-154'), (document) =>
      Object.assign(document, {
        id: 'mine',
        browser: 'firefox',
        versions: { first: 1, last: 2 },
        source: 'x',
        trial: 'y',
      }),
    )
    expect(fields(other, templateById('chrome-154'))).toEqual([])
  })

  it('of documents at random are none exactly when everything that makes a hello is the same', () => {
    const made = (document: object): string => {
      const { cipher_suites, extension_order, extensions } = document as Record<string, never>
      return JSON.stringify([cipher_suites, extension_order, extensions])
    }
    fc.assert(
      fc.property(randomDocument, randomDocument, (a, b) => {
        const [left, right] = [parseTemplate(a), parseTemplate(b)]
        expect(diffTemplates(left, parseTemplate({ ...a, id: 'other' }))).toEqual([])
        if (made(a) !== made(b)) expect(diffTemplates(left, right).length).toBeGreaterThan(0)
        expect(fields(left, right).toSorted()).toEqual(fields(right, left).toSorted())
      }),
      { numRuns: 300, seed: 22 },
    )
  })

  it('name each single change of a hello', () => {
    const template = templateById('chrome-154')
    const document = JSON.parse(JSON.stringify(templateDocument(template))) as {
      extensions: { type: string }[]
    }
    for (const [index, { type }] of document.extensions.entries()) {
      // Shares without their groups are no template.
      if (type === '000a') continue
      const without = changed(template, ({ extensions }) => void extensions.splice(index, 1))
      const name = type === 'GREASE' ? (index === 0 ? 'GREASE (empty)' : 'GREASE (not empty)') : type
      expect(fields(template, without)).toEqual([`extension ${name}`])
      expect(diffTemplates(template, without)[0]?.right).toBeUndefined()
      expect(diffTemplates(without, template)[0]?.left).toBeUndefined()
    }
  })

  it('see GREASE in another place although all else is shuffled', () => {
    const moved = changed(templateById('chrome-154'), ({ extensions }) => {
      extensions.splice(5, 0, extensions.shift() as Changeable['extensions'][number])
    })
    expect(fields(moved, templateById('chrome-154'))).toEqual(['extension_order'])
  })

  it('do not see the order of what is shuffled, sorted or drawn from', () => {
    const other = changed(templateById('chrome-154'), ({ extensions }) => {
      ;[extensions[1], extensions[4]] = [extensions[4] as never, extensions[1] as never]
      for (const { payload_bytes } of extensions) payload_bytes?.reverse()
    })
    expect(fields(other, templateById('chrome-154'))).toEqual([])
  })
})

function byField(a: { readonly field: string }, b: { readonly field: string }): number {
  return a.field < b.field ? -1 : 1
}
