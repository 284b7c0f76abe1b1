/** The expectations are calculated by hand from the weights of sbomqs 2; each number can be redone on paper. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Bom, Component } from '../../../src/lib/lint/bom/index.ts'
import { type ReadDocument, readBom } from '../../../src/lib/lint/documents/index.ts'
import { type Score, scoreDocument } from '../../../src/lib/lint/score/index.ts'
import { REPOSITORY } from '../../support/aiv.ts'

async function fixture(name: string): Promise<ReadDocument> {
  return await readBom(readFileSync(join(REPOSITORY, 'fixtures', 'sbom', name), 'utf8'))
}

function categoryScores(score: Score): Readonly<Record<string, number>> {
  return Object.fromEntries(score.categories.map((category) => [category.key, category.score]))
}

function featureScores(score: Score): Readonly<Record<string, number>> {
  return Object.fromEntries(
    score.categories.flatMap(({ features }) => features.map((feature) => [feature.key, feature.score])),
  )
}

function component(ref: string, rest: Partial<Component> = {}): Component {
  return {
    ref,
    type: 'library',
    name: ref,
    version: '1',
    purl: `pkg:generic/${ref}@1`,
    origin: 'registry',
    scope: 'required',
    hashes: [{ algorithm: 'sha256', value: '00'.repeat(32) }],
    source: { url: `https://example.com/${ref}.git` },
    supplier: { kind: 'organization', name: 'Example' },
    licenses: { declared: 'MIT', concluded: 'MIT' },
    occurrences: [{ path: 'lock.json' }],
    ...rest,
  }
}

/** Nothing is missing that the family can say. */
function perfect(
  family: 'spdx' | 'cyclonedx',
  components = [component('app'), component('part')],
): ReadDocument {
  const bom: Bom = {
    document: {
      name: 'app',
      created: '2026-01-02T03:04:05Z',
      authors: [{ kind: 'person', name: 'A. Typist' }],
      tools: [{ name: 'typist', version: '1' }],
      supplier: { kind: 'organization', name: 'Example' },
      lifecycles: ['build'],
      namespace: 'https://example.com/app-1',
      dataLicense: 'CC0-1.0',
    },
    primary: 'app',
    components,
    dependencies: new Map([
      ['app', { on: ['part'], completeness: 'complete' }],
      ['part', { on: [], completeness: 'complete' }],
    ]),
    extractedLicenses: [],
  }
  return {
    bom,
    facts: {
      family,
      version: family === 'spdx' ? '2.3' : '1.6',
      encoding: 'json',
      typed: new Set(components.map(({ ref }) => ref)),
      complete: family === 'cyclonedx',
      specVersionGiven: true,
      ...(family === 'cyclonedx' ? { signature: { algorithm: true, value: true, key: true } } : {}),
    },
    defects: [],
  }
}

function sbomqs(document: ReadDocument, isValid = true): Score {
  return scoreDocument({ document, isValid }, 'sbomqs')
}

describe('the score of sbomqs', () => {
  it('is 503.29 of 820 for an SPDX document with gaps', async () => {
    const score = sbomqs(await fixture('old.spdx.json'))
    const categories = categoryScores(score)
    // 10 * .40 + 7.5 * .35 + 10 * .25: one of four has no version.
    expect(categories.identification).toBeCloseTo(9.125, 9)
    // Time and namespace, half of the tool; supplier and phase count though SPDX has no place for them.
    expect(categories.provenance).toBeCloseTo(10 * 0.2 + 5 * 0.2 + 10 * 0.15, 9)
    // One of four has a strong hash, one of the two that have any; the signature is left out of the weights.
    expect(categories.integrity).toBeCloseTo((2.5 * 0.5 + 5 * 0.4) / 0.9, 9)
    // The primary component, one source, one supplier, two purposes; dependencies are left out.
    expect(categories.completeness).toBeCloseTo((10 * 0.2 + 2.5 * 0.15 + 2.5 * 0.15 + 5 * 0.1) / 0.75, 9)
    // Two of four concluded, one of them deprecated and copyleft; three declared; the document's own license.
    const licensing = 5 * 0.2 + 5 * 0.2 + 5 * 0.2 + 7.5 * 0.15 + 7.5 * 0.2 + 7.5 * 0.15 + 10 * 0.1
    expect(categories.licensing).toBeCloseTo(licensing / 1.2, 9)
    expect(categories.vulnerability).toBeCloseTo(7.5, 9)
    expect(categories.structural).toBeCloseTo(10, 9)
    const total = 9.125 * 10 + 4.5 * 12 + (3.25 / 0.9) * 15 + (3.25 / 0.75) * 12 + (7.75 / 1.2) * 15 + 75 + 80
    expect(score.score).toBeCloseTo(total / 82, 9)
    expect(score.score).toBeCloseTo(6.1377, 4)
    expect(score.grade).toBe('D')
  })

  it('is 563.44 of 820 for a CycloneDX document with gaps', async () => {
    const score = sbomqs(await fixture('new.cdx.json'))
    const categories = categoryScores(score)
    expect(categories.identification).toBeCloseTo(10, 9)
    expect(categories.provenance).toBeCloseTo(10, 9)
    // Not signed, and that counts.
    expect(categories.integrity).toBeCloseTo(2.5 * 0.5 + 5 * 0.4, 9)
    // Of the two at the top that need something one is complete.
    expect(categories.completeness).toBeCloseTo(5 * 0.25 + 10 * 0.2 + 2.5 * 0.15 + 2.5 * 0.15 + 10 * 0.1, 9)
    const licensing = 2.5 * 0.2 * 3 + 10 * 0.15 + 10 * 0.2 + 2.5 * 0.15 + 10 * 0.1
    expect(categories.licensing).toBeCloseTo(licensing / 1.2, 9)
    // Package URLs of two and a CPE of one of four: together three.
    expect(categories.vulnerability).toBeCloseTo(7.5, 9)
    expect(score.score).toBeCloseTo((100 + 120 + 3.25 * 15 + 5 * 12 + (6.375 / 1.2) * 15 + 75 + 80) / 82, 9)
    expect(score.score).toBeCloseTo(6.8712, 4)
  })

  it('is 766 of 820 at most for SPDX 2.3, and says so', () => {
    const score = sbomqs(perfect('spdx'))
    // Provenance loses .25 of 12, completeness .15 / .75 of 12.
    expect(score.score).toBeCloseTo((820 - 0.25 * 120 - 0.2 * 120) / 82, 9)
    expect(score.score).toBeCloseTo(9.34, 2)
    expect(score.grade).toBe('A')
    expect(score.notes.join()).toContain('9.34')
    expect(score.isComplete).toBe(true)
  })

  it('is 10 for a signed CycloneDX document that lacks nothing', () => {
    expect(sbomqs(perfect('cyclonedx')).score).toBeCloseTo(10, 9)
  })

  it('is not 10 when one of many components lacks something', () => {
    const many = Array.from({ length: 2000 }, (_, i) => component(`part${i}`))
    const lacking = component('last', { version: undefined })
    const scores = featureScores(sbomqs(perfect('cyclonedx', [component('app'), ...many, lacking])))
    expect(scores.comp_with_version).toBe(9.9)
  })

  it('takes MD5 and SHA-1 for weak, and every other hash for strong', () => {
    const weak = [
      component('app'),
      component('part', { hashes: [{ algorithm: 'sha1', value: '00'.repeat(20) }] }),
    ]
    const scores = featureScores(sbomqs(perfect('cyclonedx', weak)))
    expect([scores.comp_with_strong_checksums, scores.comp_with_weak_checksums]).toEqual([5, 5])
    const none = [component('app', { hashes: undefined }), component('part', { hashes: [] })]
    const without = featureScores(sbomqs(perfect('cyclonedx', none)))
    expect([without.comp_with_strong_checksums, without.comp_with_weak_checksums]).toEqual([0, 0])
  })

  it('counts half a signature that nobody can check, and a tool without a version', () => {
    const document = perfect('cyclonedx')
    const half = {
      ...document,
      bom: { ...document.bom, document: { ...document.bom.document, tools: [{ name: 'typist' }] } },
      facts: { ...document.facts, signature: { algorithm: true, value: true, key: false } },
    }
    const scores = featureScores(sbomqs(half))
    expect([scores.sbom_signature, scores.sbom_tool_version]).toEqual([5, 5])
  })

  it('gives nothing for licenses that are absent from a document that concludes none, and says why', () => {
    const silent = [
      component('app', { licenses: undefined }),
      component('part', { licenses: { declared: 'MIT' } }),
    ]
    const score = sbomqs(perfect('spdx', silent))
    const scores = featureScores(score)
    expect([scores.comp_no_deprecated_licenses, scores.comp_no_restrictive_licenses]).toEqual([0, 0])
    expect(scores.comp_with_declared_licenses).toBe(5)
    expect(score.notes.join()).toContain('no license is concluded')
  })

  it('does not take an own license for a listed one, nor NOASSERTION for any', () => {
    const own = [
      component('app', { licenses: { concluded: 'LicenseRef-app', declared: 'NOASSERTION' } }),
      component('part', { licenses: { concluded: 'NOASSERTION', declared: 'NONE' } }),
    ]
    const scores = featureScores(sbomqs(perfect('cyclonedx', own)))
    expect(scores.comp_with_licenses).toBe(5)
    expect(scores.comp_with_valid_licenses).toBe(5)
    expect(scores.comp_spdx_listed_license).toBe(0)
    expect(scores.comp_with_declared_licenses).toBe(0)
  })

  it('falls by the fifth of the last category when the document is invalid', () => {
    expect(sbomqs(perfect('cyclonedx'), false).score).toBeCloseTo((820 - 0.2 * 80) / 82, 9)
  })

  it('judges a document without components by the rest', () => {
    const empty = perfect('cyclonedx', [])
    const score = sbomqs({ ...empty, bom: { ...empty.bom, primary: undefined, dependencies: new Map() } })
    expect(categoryScores(score).identification).toBe(0)
    expect(Number.isFinite(score.score)).toBe(true)
  })

  it('names a fix for everything that lacks something, and for nothing else', async () => {
    for (const name of ['old.spdx.json', 'new.cdx.json']) {
      const score = sbomqs(await fixture(name))
      for (const category of score.categories)
        for (const feature of category.features) {
          const lacks = feature.score < 10 && feature.ignored !== true && feature.note === undefined
          if (category.key !== 'vulnerability') expect(feature.fix !== undefined).toBe(lacks)
        }
    }
  })
})

describe('the minimum elements', () => {
  it('of NTIA are all there in a document that lacks nothing', () => {
    for (const family of ['spdx', 'cyclonedx'] as const) {
      const score = scoreDocument({ document: perfect(family), isValid: true }, 'ntia')
      expect(score.score).toBe(10)
      expect(score.isComplete).toBe(true)
    }
  })

  it('of NTIA are missed one by one', async () => {
    const score = scoreDocument({ document: await fixture('old.spdx.json'), isValid: true }, 'ntia')
    expect(featureScores(score)).toEqual({
      supplier: 2.5,
      component_name: 10,
      component_version: 7.5,
      software_identifier: 7.5,
      dependency_relationships: 10,
      author: 0,
      timestamp: 10,
      valid: 10,
    })
    expect(score.score).toBeCloseTo(57.5 / 8, 9)
    expect(score.isComplete).toBe(false)
  })

  it('of the CISA draft are missed one by one', async () => {
    const score = scoreDocument({ document: await fixture('new.cdx.json'), isValid: true }, 'cisa-2025')
    expect(featureScores(score)).toEqual({
      author: 10,
      software_producer: 2.5,
      component_name: 10,
      component_version: 10,
      software_identifier: 7.5,
      component_hash: 5,
      license: 5,
      dependency_relationships: 10,
      tool_name: 10,
      timestamp: 10,
      generation_context: 10,
    })
    expect(score.profileVersion).toContain('draft')
  })
})
