/** Executables made by the test: readelf and objdump confirm that they are such, other people's data is inside. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync, gzipSync, inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { binaryReader } from '../../../../src/lib/lint/readers/binary/reader.ts'
import { MemoryFiles, type ReadResult } from '../../../../src/lib/lint/readers/index.ts'
import { REPOSITORY, temporaryFolder } from '../../../support/aiv.ts'
import { type MadeSection, makeElf, makeMachO, makePe, makeUniversal } from '../../../support/executables.ts'
import { judge } from '../../../support/judge.ts'

const AUDIT = Buffer.from(
  readFileSync(join(REPOSITORY, 'fixtures/cargo-auditable/uses_serde_json.hex'), 'utf8').replace(/\s/g, ''),
  'hex',
)
const READELF = judge('readelf')
const OBJDUMP = judge('objdump')

type Make = (sections: readonly MadeSection[]) => Uint8Array
const FORMATS: readonly (readonly [string, Make])[] = [
  ['ELF, 64 bits', (sections) => makeElf(sections)],
  ['ELF, 32 bits', (sections) => makeElf(sections, { width: 32 })],
  ['ELF, 64 bits, big-endian', (sections) => makeElf(sections, { big: true })],
  ['ELF, 32 bits, big-endian', (sections) => makeElf(sections, { width: 32, big: true })],
  ['PE', makePe],
  ['Mach-O, 64 bits', (sections) => makeMachO(sections)],
  ['Mach-O, 32 bits, big-endian', (sections) => makeMachO(sections, { width: 32, big: true })],
  [
    'universal Mach-O',
    (sections) => makeUniversal([makeMachO(sections), makeMachO(sections, { width: 32 })]),
  ],
]

const TEXT: MadeSection = { name: '.text', data: new Uint8Array(100).fill(0x90) }

function read(program: Uint8Array, beside: Record<string, string> = {}): ReadResult {
  return binaryReader.read('bin/app', new MemoryFiles({ 'bin/app': program, ...beside }))
}

function audited(packages: unknown): ReadResult {
  return read(makeElf([TEXT, { name: '.dep-v0', data: deflateSync(JSON.stringify({ packages })) }]))
}

/** Inline build information (Go 1.18 and later), as `debug/buildinfo` describes it. */
function goBlob(version: string, modules: string): Uint8Array {
  const count = (length: number): number[] =>
    length < 128 ? [length] : [128 + (length % 128), ...count(length >> 7)]
  const framed = modules === '' ? '' : `${'A'.repeat(16)}${modules}${'B'.repeat(16)}`
  return Buffer.concat([
    Buffer.from('\xff Go buildinf:\x08\x02', 'latin1'),
    Buffer.alloc(16),
    Buffer.from([...count(version.length)]),
    Buffer.from(version),
    Buffer.from([...count(framed.length)]),
    Buffer.from(framed),
  ])
}

function names({ projects }: ReadResult): readonly string[] {
  return (projects[0]?.components ?? []).map(({ name, version }) => `${name} ${version}`).toSorted()
}

/** From the test of the repository that the program is from. */
const SERDE = [
  'itoa 1.0.14',
  'memchr 2.7.4',
  'proc-macro2 1.0.92',
  'quote 1.0.38',
  'ryu 1.0.18',
  'serde 1.0.217',
  'serde_derive 1.0.217',
  'serde_json 1.0.135',
  'syn 2.0.95',
  'unicode-ident 1.0.14',
]

describe.each(FORMATS)('a program in %s', (_, make) => {
  it('shows the crates that cargo auditable wrote into it', () => {
    const result = read(make([TEXT, { name: '.dep-v0', data: AUDIT }]))
    expect(result.problems).toEqual([])
    expect(names(result)).toEqual(SERDE)
    expect(result.projects[0]?.root).toMatchObject({ name: 'uses_json', version: '0.1.0', origin: 'binary' })
  })

  it('shows its Go modules', () => {
    const name = '.go.buildinfo'
    const modules =
      'path\texample.com/app\nmod\texample.com/app\tv1.2.3\t\ndep\texample.com/lib\tv0.1.0\th1:abc=\n'
    const result = read(make([TEXT, { name: name.slice(0, 14), data: goBlob('go1.22.1', modules) }]))
    expect(names(result)).toEqual(['example.com/lib v0.1.0', 'stdlib 1.22.1'])
    expect(result.projects[0]?.root.purl).toBe('pkg:golang/example.com/app@v1.2.3')
  })

  it('gives an answer and no exception wherever it is cut off or one byte is another', () => {
    const whole = make([TEXT, { name: '.dep-v0', data: AUDIT }])
    const answers = new Set<string>()
    for (let at = 0; at < whole.length; at += 1) {
      const changed = whole.slice()
      changed[at] = (changed[at] as number) ^ 0xff
      for (const program of [whole.subarray(0, at), changed]) {
        const { projects, problems } = read(program)
        expect(projects.length + problems.length).toBeGreaterThan(0)
        if ((projects[0]?.components.length ?? 0) === 0 && projects.length > 0)
          expect(projects[0]?.incomplete?.get('path:bin/app')).toBe('unknown')
        for (const { message } of problems) answers.add(message)
      }
    }
    expect([...answers].join('\n')).toMatch(/no executable|cut off/)
  })
})

describe('the executables of this test', () => {
  it.skipIf(READELF === undefined)('are ELF to readelf', () => {
    const path = join(temporaryFolder(), 'app')
    writeFileSync(path, makeElf([TEXT, { name: '.dep-v0', data: AUDIT }]))
    const listed = execFileSync(READELF as string, ['--sections', '--wide', path], { encoding: 'utf8' })
    expect(listed).toMatch(new RegExp(`\\.dep-v0 +PROGBITS +0+ [0-9a-f]+ 0*${AUDIT.length.toString(16)} `))
  })

  it.skipIf(OBJDUMP === undefined)('are PE to objdump', () => {
    const path = join(temporaryFolder(), 'app.exe')
    writeFileSync(path, makePe([TEXT, { name: '.dep-v0', data: AUDIT }]))
    const listed = execFileSync(OBJDUMP as string, ['--section-headers', path], { encoding: 'utf8' })
    expect(listed).toMatch(new RegExp(`\\.dep-v0 +0*${AUDIT.length.toString(16)} `))
  })
})

describe('the audit section of a Rust program', () => {
  const crate = (name: string, more: object = {}): object => ({
    name,
    version: '1.0.0',
    source: 'crates.io',
    ...more,
  })

  it('gives the edges that it lists', () => {
    const told = JSON.parse(inflateSync(AUDIT).toString()) as {
      packages: { name: string; version: string; root?: boolean; dependencies?: number[] }[]
    }
    const ref = (index: number): string => {
      const { name, version, root } = told.packages[index] as (typeof told.packages)[number]
      return root === true ? 'path:bin/app' : `pkg:cargo/${name}@${version}`
    }
    const edges = told.packages.flatMap(({ dependencies = [] }, index) =>
      dependencies.map((to) => `${ref(index)} ${ref(to)}`),
    )
    const [project] = read(makeElf([{ name: '.dep-v0', data: AUDIT }])).projects
    expect(project?.edges.map((edge) => edge.join(' ')).toSorted()).toEqual(edges.toSorted())
    expect(project?.incomplete?.size).toBe(0)
  })

  it('gives crates for building the scope dev, and those of unknown places no package URL', () => {
    const [project] = audited([
      crate('app', { source: 'local', root: true, dependencies: [1, 2, 3, 4] }),
      crate('builder', { kind: 'build' }),
      crate('sibling', { source: 'local' }),
      crate('forked', { source: 'git' }),
      crate('private', { source: 'registry' }),
    ]).projects
    expect(project?.components.map(({ name, scope, purl, origin }) => [name, scope, purl, origin])).toEqual([
      ['builder', 'dev', 'pkg:cargo/builder@1.0.0', 'binary'],
      ['sibling', 'required', undefined, 'path'],
      ['forked', 'required', undefined, 'git'],
      ['private', 'required', undefined, 'binary'],
    ])
  })

  it.each<[what: string, packages: unknown, words: RegExp]>([
    ['no root', [crate('a')], /no root/],
    ['two roots', [crate('a', { root: true }), crate('b', { root: true })], /several roots/],
    [
      'a circle',
      [
        crate('a', { root: true, dependencies: [1] }),
        crate('b', { dependencies: [2] }),
        crate('c', { dependencies: [1] }),
      ],
      /circle/,
    ],
    ['itself', [crate('a', { root: true, dependencies: [0] })], /circle/],
    ['a crate beyond the list', [crate('a', { root: true, dependencies: [7] })], /not there/],
    ['a negative place', [crate('a', { root: true, dependencies: [-1] })], /not there/],
    ['a word for a place', [crate('a', { root: true, dependencies: ['b'] })], /no number/],
    ['a crate without a name', [{ root: true }], /no name/],
    ['no list', 'none', /no root/],
  ])('with %s is an error, and the answer unknown', (_, packages, words) => {
    const { projects, problems } = audited(packages)
    expect(problems[0]).toMatchObject({ severity: 'error', path: 'bin/app' })
    expect(problems[0]?.message).toMatch(words)
    expect(projects[0]?.incomplete?.get('path:bin/app')).toBe('unknown')
  })

  it('that is no zlib, no JSON or a bomb is an error', () => {
    const bomb = deflateSync(Buffer.alloc(9 * 2 ** 20, 0x20))
    expect(bomb.length).toBeLessThan(20_000)
    for (const [data, words] of [
      [Buffer.from('no zlib'), /no zlib stream/],
      [AUDIT.subarray(0, 100), /no zlib stream/],
      [deflateSync('{"packages":['), /not JSON/],
      [deflateSync(Buffer.from([0xff, 0xfe])), /not UTF-8/],
      [bomb, /longer than/],
    ] as const)
      expect(read(makeElf([{ name: '.dep-v0', data }])).problems[0]?.message).toMatch(words)
  })
})

describe('the build information of a Go program', () => {
  const section = (blob: Uint8Array): Uint8Array => makeElf([TEXT, { name: '.go.buildinfo', data: blob }])

  it('names what was linked in place of a module, and no folder of who built it', () => {
    const modules = [
      'path\texample.com/app',
      'mod\texample.com/app\t(devel)\t',
      'dep\texample.com/old\tv1.0.0',
      '=>\texample.com/new\tv1.0.1\th1:abc=',
      'dep\texample.com/local\tv1.0.0',
      '=>\t/home/alice/local\t(devel)\t',
      'build\t-ldflags="-X main.token=secret"',
      'build\tGOOS=linux',
      '',
    ].join('\n')
    const [project] = read(section(goBlob('go1.22.1', modules))).projects
    expect(project?.root).toMatchObject({ name: 'example.com/app', properties: { 'aiv:go:GOOS': 'linux' } })
    expect(project?.root.purl).toBeUndefined()
    const [replaced, local] = project?.components ?? []
    expect(replaced).toMatchObject({
      purl: 'pkg:golang/example.com/new@v1.0.1',
      properties: { 'aiv:go:replaces': 'example.com/old@v1.0.0', 'aiv:go:h1': 'h1:abc=' },
    })
    expect(local).toMatchObject({ name: 'example.com/local', origin: 'path' })
    expect(local?.purl).toBeUndefined()
    expect(JSON.stringify(project)).not.toMatch(/alice|secret/)
  })

  it('of Go before 1.18 is found by its addresses', () => {
    for (const [width, big] of [
      [64, false],
      [32, false],
      [32, true],
    ] as const) {
      const pointerBytes = width / 8
      const base = 0x40_0000
      const version = Buffer.from('go1.17.5')
      const modules = Buffer.from(
        `${'A'.repeat(16)}path\tp\ndep\texample.com/lib\tv0.1.0\th1:abc=\n${'B'.repeat(16)}`,
      )
      const data = Buffer.alloc(96 + version.length + modules.length)
      data.write('\xff Go buildinf:', 'latin1')
      data[14] = pointerBytes
      data[15] = big ? 1 : 0
      const word = (at: number, value: number): void => {
        const view = new DataView(data.buffer, data.byteOffset)
        if (pointerBytes === 8) view.setBigUint64(at, BigInt(value), !big)
        else view.setUint32(at, value, !big)
      }
      word(16, base + 32)
      word(16 + pointerBytes, base + 64)
      word(32, base + 96)
      word(32 + pointerBytes, version.length)
      word(64, base + 96 + version.length)
      word(64 + pointerBytes, modules.length)
      data.set(version, 96)
      data.set(modules, 96 + version.length)
      const program = makeElf([{ name: '.go.buildinfo', data, address: base }], { width, big })
      expect(names(read(program))).toEqual(['example.com/lib v0.1.0', 'stdlib 1.17.5'])
    }
  })

  it('without modules is inconclusive', () => {
    const { projects, problems } = read(section(goBlob('go1.20', '')))
    expect(names({ projects, problems })).toEqual(['stdlib 1.20.0'])
    expect(projects[0]?.incomplete?.get('path:bin/app')).toBe('unknown')
    expect(problems[0]?.message).toMatch(/inconclusive/)
  })

  it('is not what a program merely carries as text', () => {
    const decoy = Buffer.concat([
      Buffer.from('x'),
      goBlob('go1.22.1', 'path\tp\ndep\texample.com/lib\tv0.1.0\t\n'),
    ])
    const { projects, problems } = read(makeElf([{ name: '.rodata', data: decoy }]))
    expect(projects[0]?.components).toEqual([])
    expect(problems[0]?.message).toMatch(/inconclusive/)
  })

  it('with lengths beyond the file, or endless, is none', () => {
    const blob = Buffer.from(goBlob('go1.22.1', 'path\tp\n'))
    for (const lengths of [[0xff, 0xff, 0xff, 0xff, 0x0f], new Array(40).fill(0xff), [0x7f]]) {
      const hostile = Buffer.concat([blob.subarray(0, 32), Buffer.from(lengths)])
      expect(read(section(hostile)).projects[0]?.components).toEqual([])
    }
  })

  it('with more modules than any program is an error, in time, also when it is there many times', () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `dep\texample.com/m${i}\tv1.0.0\t\n`).join('')
    const many = makeMachO([{ name: '__go_buildinfo', data: goBlob('go1.22.1', `path\tp\n${lines}`) }])
    const { projects, problems } = read(makeUniversal(new Array<Uint8Array>(16).fill(many)))
    expect(projects).toEqual([])
    expect(problems).toMatchObject([{ severity: 'error', path: 'bin/app' }])
    expect(
      read(makeUniversal(new Array<Uint8Array>(17).fill(makeMachO([TEXT])))).problems[0]?.message,
    ).toMatch(/more than 16 architectures/)
  })

  it('with names that no package URL can have leaves those out', () => {
    const modules = `path\tp\nmod\t%%\tv1.0.0\t\ndep\t//\tv1.0.0\t\ndep\texample.com/a\tv1.0.0\t\nwhat\tis this\n`
    const { projects, problems } = read(section(goBlob('go1.22.1', modules)))
    expect(names({ projects, problems })).toContain('example.com/a v1.0.0')
    expect(problems.map(({ severity }) => severity)).toEqual(expect.arrayContaining(['warning']))
  })
})

const BOM = JSON.stringify({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  metadata: { component: { type: 'application', name: 'tool', version: '2.0', 'bom-ref': 'root' } },
  components: [
    { type: 'library', name: 'a', version: '1', purl: 'pkg:npm/a@1', 'bom-ref': 'x' },
    { type: 'library', name: 'b', version: '2', 'bom-ref': 'y' },
    { type: 'library', name: 'c', version: '3', purl: 'pkg:npm/c@3', 'bom-ref': 'z' },
  ],
  dependencies: [
    { ref: 'root', dependsOn: ['x'] },
    { ref: 'x', dependsOn: ['y'] },
  ],
})

describe('a bill of materials', () => {
  it.each<[string, Uint8Array]>([
    ['as it is', Buffer.from(BOM)],
    ['filled up with zeros', Buffer.from(`${BOM}\0\0\0\0`)],
    ['compressed', gzipSync(BOM)],
  ])('inside a program is taken over, %s', (_, data) => {
    const result = read(makeElf([TEXT, { name: '.sbom', data }]))
    expect(result.problems).toEqual([])
    expect(result.projects[0]?.root).toMatchObject({ ref: 'path:bin/app', name: 'tool', version: '2.0' })
    expect(names(result)).toEqual(['a 1', 'b 2', 'c 3'])
    // Nothing needs c: it is there because of the program.
    expect(result.projects[0]?.edges.map(([from, to]) => `${from} ${to}`).toSorted()).toEqual([
      'path:bin/app pkg:npm/a@1',
      'path:bin/app pkg:npm/c@3',
      'pkg:npm/a@1 path:bin/app#y',
    ])
  })

  it.each(['bin/app.cdx.json', 'bin/sbom-app-postbuild.cdx.json', 'bin/bom.json'])(
    'beside a program that says nothing is taken over: %s',
    (path) => {
      const result = read(makeElf([TEXT]), { [path]: BOM })
      expect(result.problems).toEqual([])
      expect(names(result)).toEqual(['a 1', 'b 2', 'c 3'])
      expect(result.projects[0]?.components[0]?.occurrences).toEqual([{ path }])
    },
  )

  it('beside a program does not replace what the program itself says', () => {
    const result = read(makeElf([{ name: '.dep-v0', data: AUDIT }]), { 'bin/app.cdx.json': BOM })
    expect(names(result)).toEqual(SERDE)
  })

  it('is not taken where several may be meant', () => {
    const result = read(makeElf([TEXT]), { 'bin/bom.json': BOM, 'bin/sbom-x-postbuild.cdx.json': BOM })
    expect(result.projects[0]?.components).toEqual([])
    expect(result.problems[0]?.message).toMatch(/inconclusive/)
  })

  it('in each part of a universal file is read up to a bound for all of them', () => {
    const part = (data: Uint8Array): Uint8Array => makeMachO([TEXT, { name: '__sbom', data }])
    const large = part(gzipSync(BOM + ' '.repeat(40 * 2 ** 20)))
    expect(read(makeUniversal([part(gzipSync(BOM)), large])).problems).toEqual([])
    const { problems } = read(makeUniversal([large, large, large]))
    expect(problems).toHaveLength(2)
    expect(problems[0]).toMatchObject({
      severity: 'error',
      message: expect.stringMatching(/damaged or too large/),
    })
  })

  it('that is broken, of an unknown format or a bomb is an error of the file that holds it', () => {
    const bomb = gzipSync(Buffer.alloc(65 * 2 ** 20))
    for (const data of [Buffer.from('{'), Buffer.from('{}'), gzipSync(BOM).subarray(0, 50), bomb])
      expect(read(makeElf([{ name: '.sbom', data }])).problems[0]).toMatchObject({
        severity: 'error',
        path: 'bin/app',
      })
    expect(read(makeElf([TEXT]), { 'bin/bom.json': '{' }).problems[0]).toMatchObject({
      severity: 'error',
      path: 'bin/bom.json',
    })
  })
})

describe('what is no program, or a packed one', () => {
  it('is an error, or inconclusive', () => {
    for (const bytes of [
      Buffer.from('#!/bin/sh\n'),
      Buffer.from('MZ'),
      Buffer.alloc(0),
      Buffer.from('MZ'.padEnd(80, '\0')),
    ])
      expect(read(bytes).problems[0]).toMatchObject({ severity: 'error', path: 'bin/app' })
    const packed = read(makeElf([{ name: '.text', data: Buffer.from('....UPX!....') }]))
    expect(packed.problems[0]?.message).toMatch(/packed with UPX; inconclusive/)
    expect(packed.projects[0]?.incomplete?.get('path:bin/app')).toBe('unknown')
  })
})
