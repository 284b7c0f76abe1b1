/** Each rule on a document that is in order, on one that is not, and on one that cannot tell. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../../src/lib/lint/findings/index.ts'
import { RULES } from '../../../src/lib/lint/rules/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'
import { CYCLONEDX_DOCUMENT, PACKAGE_LOCK, SPDX_DOCUMENT } from '../../support/lint-documents.ts'
import { lintTexts } from '../../support/lint-texts.ts'

type Json = Record<string, unknown>
/** Copies of the documents, so that a case can change what it is about. */
interface Documents {
  readonly cdx: Json & {
    metadata: Json & { component: Json }
    components: [Json, ...Json[]]
    dependencies: Json[]
  }
  readonly spdx: Json & { packages: [Json, Json, ...Json[]]; relationships: Json[]; creationInfo: Json }
}

interface Expected {
  /** What the finding says. */
  readonly says: RegExp
  /** The line that it points at holds this; absent where the whole document is meant. */
  readonly at?: RegExp
  readonly entity?: string
  readonly count?: number
}

type Make = (documents: Documents) => unknown

interface Case {
  readonly fails: readonly (readonly [Make, Expected])[]
  /** Documents that are no reason to object, besides the two that are in order. */
  readonly passes?: readonly Make[]
  readonly inconclusive?: Make
  readonly notApplicable?: Make
}

const UNREADABLE: Make = () => '{ "bomFormat": "CycloneDX", '
const LEFT_PAD = 'pkg:npm/left-pad@1.3.0'
const WEAK = [{ alg: 'SHA-1', content: 'a'.repeat(40) }]

function withComponent({ cdx }: Documents, changes: Json): Json {
  return { ...cdx, components: [{ ...cdx.components[0], ...changes }] }
}

function without(value: Json, ...keys: readonly string[]): Json {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)))
}

function withMetadata({ cdx }: Documents, changes: Json): Json {
  return { ...cdx, metadata: { ...cdx.metadata, ...changes } }
}

function withPackage({ spdx }: Documents, changes: Json): Json {
  return { ...spdx, packages: [spdx.packages[0], { ...spdx.packages[1], ...changes }] }
}

function noComponents({ cdx }: Documents): Json {
  return { ...cdx, metadata: without(cdx.metadata, 'component'), components: [], dependencies: [] }
}

const CASES: Readonly<Record<string, Case>> = {
  SB0001: {
    fails: [
      [UNREADABLE, { says: /not JSON/ }],
      [() => '', { says: /no bill of materials/ }],
      [() => '{"bomFormat": "Other"}', { says: /no bill of materials/ }],
      [() => '[]', { says: /no bill of materials/ }],
    ],
    notApplicable: () => '<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>',
  },
  SB0002: {
    fails: [
      [() => '<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>', { says: /XML/ }],
      [() => 'spdxVersion: "SPDX-2.3"\nSPDXID: "SPDXRef-DOCUMENT"\n', { says: /YAML/ }],
    ],
    inconclusive: UNREADABLE,
  },
  SB0003: {
    fails: [
      [(d) => withComponent(d, { type: 'libary' }), { says: /components\/0\/type/, at: /"libary"/ }],
      [(d) => withPackage(d, { name: 1 }), { says: /packages\/1\/name has to be a text/, at: /"name": 1/ }],
    ],
    inconclusive: UNREADABLE,
    notApplicable: () =>
      'SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentName: n\n',
  },
  SB0004: {
    fails: [
      [
        ({ cdx }) => ({
          ...cdx,
          dependencies: [...cdx.dependencies, { ref: LEFT_PAD, dependsOn: ['gone'] }],
        }),
        { says: /gone/ },
      ],
      [
        ({ spdx }) => ({
          ...spdx,
          relationships: [
            ...spdx.relationships,
            {
              spdxElementId: 'SPDXRef-demo',
              relationshipType: 'DEPENDS_ON',
              relatedSpdxElement: 'SPDXRef-gone',
            },
          ],
        }),
        { says: /SPDXRef-gone/, at: /SPDXRef-gone|"spdxElementId"|\{/ },
      ],
    ],
    inconclusive: UNREADABLE,
  },
  SB0005: {
    fails: [
      [
        ({ cdx }) => ({
          ...cdx,
          components: [cdx.components[0], { ...cdx.components[0], name: 'other', purl: undefined }],
        }),
        { says: /pkg:npm\/left-pad@1.3.0/ },
      ],
      [
        ({ spdx }) => ({
          ...spdx,
          packages: [...spdx.packages, { ...spdx.packages[1], name: 'other', externalRefs: [] }],
        }),
        { says: /SPDXRef-left-pad/ },
      ],
    ],
    inconclusive: UNREADABLE,
  },
  SB0006: {
    fails: [
      [
        ({ cdx }) => ({
          ...cdx,
          components: [cdx.components[0], { ...cdx.components[0], 'bom-ref': 'again' }],
        }),
        { says: /left-pad/ },
      ],
    ],
    inconclusive: UNREADABLE,
  },
  SB0007: {
    fails: [
      [(d) => withComponent(d, { purl: 'npm:left-pad' }), { says: /npm:left-pad is no package URL/ }],
      [(d) => withComponent(d, { purl: 'pkg:npm' }), { says: /pkg:npm/ }],
    ],
    inconclusive: UNREADABLE,
  },
  SB0008: {
    fails: [
      [(d) => withComponent(d, { hashes: [{ alg: 'SHA-256', content: 'abc' }] }), { says: /SHA-?256/i }],
      [
        (d) => withPackage(d, { checksums: [{ algorithm: 'SHA1', checksumValue: 'zz'.repeat(20) }] }),
        { says: /SHA-?1/i },
      ],
    ],
    inconclusive: UNREADABLE,
  },
  SB0009: {
    fails: [
      [
        (d) => withComponent(d, { hashes: WEAK }),
        { says: /can be forged/, at: /"bom-ref": "pkg:npm\/left-pad@1.3.0"/, entity: LEFT_PAD },
      ],
    ],
    passes: [(d) => withComponent(d, { hashes: [...WEAK, { alg: 'SHA-512', content: 'a'.repeat(128) }] })],
    inconclusive: UNREADABLE,
  },
  SB0010: {
    fails: [
      [(d) => withMetadata(d, { timestamp: 'yesterday' }), { says: /yesterday is no time/, at: /yesterday/ }],
      [(d) => withComponent(d, { type: 'gadget' }), { says: /gadget is no type of component/ }],
      [
        () => 'SPDXVersion: SPDX-2.3\nSPDXID: SPDXRef-DOCUMENT\nwhat is this\n',
        { says: /neither a tag/, at: /what is this/ },
      ],
    ],
    inconclusive: UNREADABLE,
  },
  SB0011: {
    fails: [
      [
        () => 'SPDXVersion: SPDX-2.3\nDataLicense: CC0-1.0\nSPDXID: SPDXRef-DOCUMENT\nDocumentNmae: n\n',
        { says: /DocumentNmae/, at: /DocumentNmae/ },
      ],
    ],
    inconclusive: UNREADABLE,
  },
  SB0012: {
    fails: [
      [
        (d) => withComponent(d, { licenses: [{ expression: 'MIT OR' }] }),
        { says: /"MIT OR" is no SPDX license expression/, at: /"expression": "MIT OR"/, entity: LEFT_PAD },
      ],
      [
        (d) => withPackage(d, { licenseDeclared: 'The MIT License' }),
        { says: /The MIT License/, at: /licenseDeclared/ },
      ],
      [(d) => withPackage(d, { licenseConcluded: '('.repeat(30_000) }), { says: /\(…"/ }],
    ],
    passes: [
      (d) =>
        withPackage(d, {
          licenseDeclared: '(MIT AND LicenseRef-own) OR GPL-2.0-only WITH Classpath-exception-2.0',
        }),
      (d) => withPackage(d, { licenseDeclared: 'NOASSERTION', licenseConcluded: 'NONE' }),
    ],
    inconclusive: UNREADABLE,
    notApplicable: ({ cdx }) => cdx,
  },
  SB0013: {
    fails: [
      [
        (d) => withPackage(d, { licenseDeclared: 'GPL-2.0 OR MIT' }),
        { says: /withdrawn GPL-2\.0\./, at: /GPL-2\.0 OR MIT/ },
      ],
      [(d) => withPackage(d, { licenseDeclared: 'LGPL-2.1+' }), { says: /withdrawn LGPL-2\.1\+/ }],
      [
        ({ cdx }) => ({
          ...cdx,
          components: [{ ...cdx.components[0], licenses: [{ license: { id: 'GPL-2.0' } }] }],
        }),
        { says: /withdrawn GPL-2\.0\./, at: /GPL-2\.0/, entity: LEFT_PAD },
      ],
    ],
    passes: [(d) => withPackage(d, { licenseDeclared: 'GPL-2.0-or-later' })],
    inconclusive: UNREADABLE,
    notApplicable: ({ cdx }) => ({
      ...cdx,
      metadata: without(cdx.metadata, 'component'),
      components: cdx.components.map((each) => without(each, 'licenses')),
    }),
  },
  SB0014: {
    fails: [
      [
        ({ cdx }) => ({ ...cdx, components: [without(cdx.components[0], 'licenses')] }),
        { says: /has no license/, entity: LEFT_PAD },
      ],
      [
        (d) => withPackage(d, { licenseDeclared: 'NOASSERTION', licenseConcluded: 'NOASSERTION' }),
        { says: /has no license/, entity: LEFT_PAD },
      ],
    ],
    inconclusive: noComponents,
  },
  SB0015: {
    fails: [
      [({ cdx }) => ({ ...cdx, metadata: without(cdx.metadata, 'timestamp') }), { says: /when it was made/ }],
    ],
    inconclusive: UNREADABLE,
  },
  SB0016: {
    fails: [
      [
        (d) => withMetadata(d, { timestamp: '2030-01-01T00:00:00Z' }),
        { says: /in the future/, at: /2030-01-01/ },
      ],
      [
        ({ spdx }) => ({
          ...spdx,
          creationInfo: { ...spdx.creationInfo, created: '2026-01-31T12:00:00.5Z' },
        }),
        { says: /whole seconds/, at: /2026-01-31T12:00:00\.5Z/ },
      ],
      [
        ({ spdx }) => ({
          ...spdx,
          creationInfo: { ...spdx.creationInfo, created: '2026-01-31T12:00:00+01:00' },
        }),
        { says: /UTC/ },
      ],
    ],
    passes: [(d) => withMetadata(d, { timestamp: '2026-01-31T12:00:00.123+01:00' })],
    inconclusive: UNREADABLE,
    notApplicable: ({ cdx }) => ({ ...cdx, metadata: without(cdx.metadata, 'timestamp') }),
  },
  SB0017: {
    fails: [
      [
        ({ cdx }) => ({ ...cdx, metadata: without(cdx.metadata, 'authors') }),
        { says: /no person and no organization/ },
      ],
      [
        ({ spdx }) => ({ ...spdx, creationInfo: { ...spdx.creationInfo, creators: ['Tool: hand-1'] } }),
        { says: /no person and no organization/ },
      ],
    ],
    inconclusive: UNREADABLE,
  },
  SB0018: {
    fails: [
      [({ cdx }) => ({ ...cdx, metadata: without(cdx.metadata, 'tools') }), { says: /names no tool/ }],
      [
        (d) => withMetadata(d, { tools: { components: [{ type: 'application', name: 'hand' }] } }),
        { says: /hand has no version/, entity: 'hand' },
      ],
    ],
    inconclusive: UNREADABLE,
  },
  SB0019: {
    fails: [
      [({ cdx }) => ({ ...cdx, serialNumber: 'urn:uuid:1' }), { says: /urn:uuid:1/, at: /serialNumber/ }],
      [
        ({ spdx }) => ({ ...spdx, documentNamespace: 'https://example.com/a#b' }),
        { says: /a#b/, at: /documentNamespace/ },
      ],
      [({ spdx }) => ({ ...spdx, documentNamespace: 'demo' }), { says: /"demo"/ }],
    ],
    inconclusive: UNREADABLE,
    notApplicable: ({ cdx }) => without(cdx, 'serialNumber'),
  },
  SB0021: {
    fails: [
      [({ cdx }) => ({ ...cdx, metadata: without(cdx.metadata, 'lifecycles') }), { says: /at which point/ }],
    ],
    inconclusive: UNREADABLE,
    notApplicable: ({ spdx }) => spdx,
  },
  SB0022: {
    fails: [
      [({ cdx }) => ({ ...cdx, metadata: without(cdx.metadata, 'component') }), { says: /what it is about/ }],
      [({ spdx }) => ({ ...spdx, relationships: spdx.relationships.slice(1) }), { says: /what it is about/ }],
    ],
    inconclusive: UNREADABLE,
  },
  SB0023: {
    fails: [
      [
        ({ cdx }) => ({ ...cdx, dependencies: [] }),
        { says: /what the component that it is about depends on/, entity: 'pkg:npm/demo@1.0.0' },
      ],
      [({ spdx }) => ({ ...spdx, relationships: spdx.relationships.slice(0, 1) }), { says: /depends on/ }],
    ],
    inconclusive: ({ cdx }) => ({
      ...cdx,
      metadata: without(cdx.metadata, 'component'),
      components: [cdx.components[0], { type: 'library', name: 'b', 'bom-ref': 'b' }],
    }),
    notApplicable: ({ cdx }) => ({ ...cdx, components: [], dependencies: [] }),
  },
  SB0024: {
    fails: [
      [
        ({ cdx }) => ({
          ...cdx,
          components: [
            ...cdx.components,
            { type: 'library', name: 'island', 'bom-ref': 'island', version: '1' },
          ],
        }),
        { says: /island@1 cannot be reached/, at: /"island"/, entity: 'island@1', count: 1 },
      ],
    ],
    // Packages that need each other exist.
    passes: [
      ({ cdx }) => ({
        ...cdx,
        dependencies: [
          { ref: 'pkg:npm/demo@1.0.0', dependsOn: [LEFT_PAD] },
          { ref: LEFT_PAD, dependsOn: ['pkg:npm/demo@1.0.0'] },
        ],
      }),
    ],
    inconclusive: ({ cdx }) => ({ ...cdx, dependencies: [] }),
  },
  SB0025: {
    fails: [[(d) => withComponent(d, { name: ' ' }), { says: /has no name/ }]],
    inconclusive: noComponents,
  },
  SB0026: {
    fails: [
      [
        ({ cdx }) => ({ ...cdx, components: [without(cdx.components[0], 'version', 'purl')] }),
        { says: /left-pad has no version/, at: /left-pad/ },
      ],
    ],
    inconclusive: noComponents,
  },
  SB0027: {
    fails: [
      [
        ({ cdx }) => ({ ...cdx, components: [without(cdx.components[0], 'supplier')] }),
        { says: /has no supplier/, entity: LEFT_PAD },
      ],
    ],
    inconclusive: noComponents,
  },
  SB0028: {
    fails: [
      [
        ({ cdx }) => ({ ...cdx, components: [without(cdx.components[0], 'purl')] }),
        { says: /no package URL and no CPE/ },
      ],
      [
        (d) => withPackage(d, { externalRefs: [] }),
        { says: /no package URL and no CPE/, entity: 'left-pad@1.3.0' },
      ],
    ],
    passes: [
      (d) => withComponent(d, { purl: undefined, cpe: 'cpe:2.3:a:left-pad:left-pad:1.3.0:*:*:*:*:*:*:*' }),
    ],
    inconclusive: noComponents,
  },
  SB0029: {
    fails: [
      [
        ({ cdx }) => ({ ...cdx, components: [without(cdx.components[0], 'hashes')] }),
        { says: /has no hash/, entity: LEFT_PAD },
      ],
    ],
    inconclusive: noComponents,
  },
}

function documents(): Documents {
  return structuredClone({ cdx: CYCLONEDX_DOCUMENT, spdx: SPDX_DOCUMENT }) as unknown as Documents
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)
}

async function judge(rule: string, value: unknown) {
  const text = textOf(value)
  const { report } = await lintTexts({ 'sbom.json': text }, { rules: [rule] })
  const verdicts: readonly Verdict[] = report.verdicts.map(({ verdict }) => verdict)
  return { text, findings: report.findings, verdict: verdicts.length === 1 ? verdicts[0] : verdicts }
}

describe.each(Object.entries(CASES))(
  'rule %s',
  (rule, { fails, passes = [], inconclusive, notApplicable }) => {
    it('has nothing against documents that are in order', async () => {
      const { cdx, spdx } = documents()
      for (const good of [cdx, spdx, ...passes.map((make) => make(documents()))]) {
        const { verdict, findings } = await judge(rule, good)
        expect(findings).toEqual([])
        expect(['pass', 'not-applicable']).toContain(verdict)
      }
      const verdicts = await Promise.all([cdx, spdx].map(async (good) => (await judge(rule, good)).verdict))
      expect(
        verdicts.concat(
          await Promise.all(passes.map(async (make) => (await judge(rule, make(documents()))).verdict)),
        ),
      ).toContain('pass')
    })

    it.each(fails)('objects and says where (%#)', async (make, { says, at, entity, count }) => {
      const { text, findings, verdict } = await judge(rule, make(documents()))
      expect(verdict).toBe('fail')
      const found = findings.filter(({ message }) => says.test(message))
      expect(found.length, JSON.stringify(findings)).toBeGreaterThan(0)
      if (count !== undefined) expect(findings).toHaveLength(count)
      const [finding] = found
      expect(finding?.rule).toBe(rule)
      if (entity !== undefined) expect(finding?.entity).toBe(entity)
      if (at !== undefined) expect(text.split('\n')[(finding?.line ?? 0) - 1]).toMatch(at)
      if (finding?.endColumn !== undefined) {
        const line = text.split('\n')[(finding.line ?? 0) - 1] ?? ''
        expect(finding.endColumn).toBeLessThanOrEqual(line.length + 1)
        // One value, from its first character to its last.
        expect(line.slice((finding.column ?? 0) - 1, finding.endColumn - 1)).toMatch(
          /^(?:"(?:[^"\\]|\\.)*"|[{[]|[^\s"]\S*)$/,
        )
      }
    })

    if (inconclusive !== undefined)
      it('passes nothing that it could not judge', async () => {
        const { verdict, findings } = await judge(rule, inconclusive(documents()))
        expect({ verdict, findings }).toEqual({ verdict: 'inconclusive', findings: [] })
      })

    if (notApplicable !== undefined)
      it('is not applicable where there is nothing to judge', async () => {
        const { verdict } = await judge(rule, notApplicable(documents()))
        expect(verdict).toBe('not-applicable')
      })
  },
)

describe('rule SB0020', () => {
  const rules = ['SB0020']

  it('objects to two contents of one namespace, at both', async () => {
    const { cdx } = documents()
    const { report } = await lintTexts({ 'a.cdx.json': cdx, 'b.cdx.json': { ...cdx, version: 2 } }, { rules })
    expect(report.findings.map(({ path, entity, line }) => [path, entity, line])).toEqual([
      ['a.cdx.json', 'b.cdx.json', 4],
      ['b.cdx.json', 'a.cdx.json', 4],
    ])
  })

  it('has nothing against two copies, nor against different namespaces', async () => {
    const { cdx, spdx } = documents()
    const { report } = await lintTexts(
      { 'a.cdx.json': cdx, 'b.cdx.json': cdx, 'c.spdx.json': spdx },
      { rules },
    )
    expect(report.verdicts.map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'pass'])
  })

  it('is inconclusive without a namespace', async () => {
    const { report } = await lintTexts({ 'a.cdx.json': without(documents().cdx, 'serialNumber') }, { rules })
    expect(report.verdicts.map(({ verdict }) => verdict)).toEqual(['inconclusive'])
  })
})

describe('rules that compare a document with the lockfiles', () => {
  const rules = ['SB0030', 'SB0031']

  async function against(document: unknown, lock: unknown, others: Readonly<Record<string, string>> = {}) {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'package-lock.json'), textOf(lock))
    for (const [name, text] of Object.entries(others)) writeFileSync(join(folder, name), text)
    const { report } = await lintTexts({ 'sbom.cdx.json': document }, { rules, folder, project: '.' })
    return {
      verdicts: Object.fromEntries(report.verdicts.map(({ rule, verdict }) => [rule, verdict])),
      findings: report.findings.map(({ rule, entity }) => [rule, entity]),
    }
  }

  it('have nothing against a document that lists what is locked', async () => {
    expect(await against(CYCLONEDX_DOCUMENT, PACKAGE_LOCK)).toEqual({
      verdicts: { SB0030: 'pass', SB0031: 'pass' },
      findings: [],
    })
  })

  it('object to what is missing and to what is too much', async () => {
    const changed = textOf(PACKAGE_LOCK).replaceAll('1.3.0', '1.2.0')
    expect(await against(CYCLONEDX_DOCUMENT, changed)).toEqual({
      verdicts: { SB0030: 'fail', SB0031: 'fail' },
      findings: [
        ['SB0030', 'pkg:npm/left-pad@1.2.0'],
        ['SB0031', LEFT_PAD],
      ],
    })
  })

  it('have nothing against development dependencies that were left out as a whole', async () => {
    const lock = structuredClone(PACKAGE_LOCK) as unknown as { packages: Json }
    lock.packages['node_modules/once'] = { version: '1.0.0', dev: true }
    lock.packages[''] = { ...(lock.packages[''] as Json), devDependencies: { once: '1.0.0' } }
    expect((await against(CYCLONEDX_DOCUMENT, lock)).findings).toEqual([])
  })

  it('are inconclusive when a lockfile is broken', async () => {
    const { verdicts } = await against(CYCLONEDX_DOCUMENT, PACKAGE_LOCK, { 'Cargo.lock': '[[package' })
    expect(verdicts).toEqual({ SB0030: 'inconclusive', SB0031: 'inconclusive' })
  })

  it('are not applicable without a project, and inconclusive for what cannot be read', async () => {
    const { report } = await lintTexts({ 'a.cdx.json': CYCLONEDX_DOCUMENT, 'b.cdx.json': '{' }, { rules })
    expect(report.verdicts.map(({ verdict }) => verdict)).toEqual([
      'not-applicable',
      'not-applicable',
      'inconclusive',
      'inconclusive',
    ])
  })
})

describe('rules over lockfiles', () => {
  async function judgeLock(name: string, text: string) {
    const { report } = await lintTexts({ [name]: text })
    return {
      verdicts: Object.fromEntries(report.verdicts.map(({ rule, verdict }) => [rule, verdict])),
      findings: report.findings.map(({ rule, path, line }) => [rule, path, line]),
    }
  }

  it('have nothing against one that is whole', async () => {
    expect(await judgeLock('package-lock.json', textOf(PACKAGE_LOCK))).toEqual({
      verdicts: { SB0032: 'pass', SB0033: 'pass', SB0034: 'pass' },
      findings: [],
    })
  })

  it('object to one that does not parse, at its line, and pass nothing else', async () => {
    const broken = textOf(PACKAGE_LOCK).replace('"lockfileVersion": 3,', '"lockfileVersion": 3')
    expect(await judgeLock('package-lock.json', broken)).toEqual({
      verdicts: { SB0032: 'fail', SB0033: 'inconclusive', SB0034: 'inconclusive' },
      findings: [['SB0032', 'package-lock.json', 5]],
    })
  })

  it('object to what is pinned to no version', async () => {
    const { findings, verdicts } = await judgeLock('requirements.txt', 'idna==3.7\nrequests>=2\n')
    expect(verdicts.SB0034).toBe('fail')
    expect(findings).toContainEqual(['SB0034', 'requirements.txt', 2])
  })
})

it('every rule stands in one of these tests', () => {
  const source = readFileSync(new URL(import.meta.url), 'utf8')
  for (const { id } of RULES) expect(source.match(new RegExp(id, 'g'))?.length ?? 0).toBeGreaterThan(0)
})
