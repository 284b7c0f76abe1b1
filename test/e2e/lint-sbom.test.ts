/** Bills of materials through the real program: the same everywhere, without a network, whatever the files hold. */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { aiv, REPOSITORY, temporaryFolder } from '../support/aiv.ts'
import { conformancePath } from '../support/conformance.ts'
import { judge } from '../support/judge.ts'

const REAL = conformancePath('lint', 'lockfiles', 'real')
const PROGRAM = join(REPOSITORY, 'bin/run.js')
const FORMATS = ['spdx-json', 'spdx-tv', 'spdx3-json', 'cdx-json', 'cdx-json@1.7']

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
})

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}

interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function run(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
  before: readonly string[] = [],
): Ran {
  const [program = process.execPath, ...rest] = [...before, process.execPath, PROGRAM, 'lint', ...args]
  const { status, stdout, stderr } = spawnSync(program, rest, {
    cwd,
    env: { ...process.env, SOURCE_DATE_EPOCH: '1700000000', ...env },
    encoding: 'utf8',
    timeout: 50_000,
    maxBuffer: 2 ** 28,
  })
  return { code: status, stdout, stderr }
}

describe.runIf(REAL !== undefined)('the same project', () => {
  it('gives the same bytes everywhere, in every format', () => {
    const project = join(REAL as string, 'phoenix')
    const copy = join(folder, 'another name', 'and deeper')
    // Files come into being in another order, so that the disk lists them in another one.
    for (const name of readdirSync(project).reverse())
      cpSync(join(project, name), join(copy, name), { recursive: true })
    const runs: readonly (readonly [string[], string, NodeJS.ProcessEnv])[] = [
      [[project], folder, {}],
      [[project], '/', {}],
      [[], project, {}],
      [['.'], copy, {}],
      [[project], folder, { TZ: 'Pacific/Kiritimati' }],
      [[project], folder, { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }],
      [[project, '--jobs', '8'], folder, {}],
    ]
    const documents = runs.map(([words, cwd, env], i) => {
      const outputs = FORMATS.map((format) => `--output=${format}=${join(folder, `${i}.${format}`)}`)
      const { code, stderr } = run(['sbom', ...words, ...outputs], cwd, env)
      expect(code, stderr).toBe(0)
      return FORMATS.map((format) => readFileSync(join(folder, `${i}.${format}`), 'utf8'))
    })
    for (const [i, texts] of documents.entries())
      for (const [at, text] of texts.entries()) {
        expect(text.length).toBeGreaterThan(100_000)
        expect(text === documents[0]?.[at], `${FORMATS[at]} of run ${i}`).toBe(true)
      }
  })

  it('gives another document at another time', () => {
    const args = ['sbom', join(REAL as string, 'demo')]
    const { stdout } = run(args, folder)
    const later = run(args, folder, { SOURCE_DATE_EPOCH: '1700000001' }).stdout
    const namespace = (text: string): unknown =>
      (JSON.parse(text) as { documentNamespace: unknown }).documentNamespace
    expect(namespace(later)).not.toBe(namespace(stdout))
  })

  it('gives the same document in one run of several outputs and in runs of its own', () => {
    const args = FORMATS.map((format) => `--output=${format}=${join(folder, format)}`)
    expect(run(['sbom', join(REAL as string, 'ripgrep'), ...args], folder).code).toBe(0)
    for (const format of FORMATS)
      expect(readFileSync(join(folder, format), 'utf8')).toBe(
        run(['sbom', join(REAL as string, 'ripgrep'), '--format', format], folder).stdout,
      )
  })
})

const unshare = judge('unshare')
const alone = unshare === undefined ? [] : [unshare, '--net']
const canBeAlone = unshare !== undefined && spawnSync(unshare, ['--net', 'true']).status === 0
if (!canBeAlone) process.stdout.write('skipped: no network namespace can be made here\n')

it.runIf(canBeAlone && REAL !== undefined)('nothing asks the network, whose absence changes no byte', () => {
  for (const name of readdirSync(REAL as string)) {
    const args = ['sbom', join(REAL as string, name), '--format', 'cdx-json']
    const cut = run(args, folder, {}, alone)
    expect(cut.code, cut.stderr).toBe(0)
    expect(cut.stdout === run(args, folder).stdout, name).toBe(true)
  }
})

describe('commands in a pipe', () => {
  it('take the document of the one before them', () => {
    put(
      'package-lock.json',
      JSON.stringify({
        lockfileVersion: 3,
        packages: {
          '': { name: 'shop', dependencies: { ms: '*' } },
          'node_modules/ms': { version: '2.1.3' },
        },
      }),
    )
    const script = `set -o pipefail
      aiv() { "$NODE" "$PROGRAM" "$@"; }
      aiv lint sbom . | aiv lint score - | head -1
      aiv lint sbom . | aiv lint convert - --format spdx-tv | aiv lint convert - --format cdx-json | aiv lint diff - .
      aiv lint sbom . | aiv lint why ms -
      aiv lint sbom . | aiv lint licenses
      aiv lint sbom . | aiv lint - --stdin-filename sbom.spdx.json --quiet`
    const { status, stdout, stderr } = spawnSync('bash', ['-ec', script], {
      cwd: folder,
      env: { ...process.env, NODE: process.execPath, PROGRAM, SOURCE_DATE_EPOCH: '1700000000' },
      encoding: 'utf8',
      timeout: 50_000,
    })
    expect({ status, stderr }).toMatchObject({ status: 0 })
    expect(stdout).toMatch(/of 10, grade/)
    expect(stdout).toContain('shop > ms@2.1.3')
  })
})

/** What must neither crash nor hang nor fill the memory, with the exit code and what is said. */
const HOSTILE: readonly (readonly [what: string, path: string, text: string, says: RegExp])[] = [
  [
    'a YAML bomb',
    'pnpm-lock.yaml',
    `lockfileVersion: '9.0'\na: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghij'].map((name, i) => `${name}: &${name} [${`*${'abcdefghi'[i]},`.repeat(9)}]`).join('\n')}\n`,
    /pnpm-lock\.yaml/,
  ],
  ['brackets without end', 'package-lock.json', '['.repeat(1_000_000), /package-lock\.json:1:\d+: .*nested/],
  ['YAML without end', 'pnpm-lock.yaml', `a: ${'['.repeat(500_000)}`, /pnpm-lock\.yaml:1/],
  ['TOML without end', 'poetry.lock', `a = ${'['.repeat(500_000)}`, /poetry\.lock:1/],
  ['bytes that are no text', 'Cargo.lock', '\ufffd\0\0', /Cargo\.lock/],
  ['nothing at all', 'package-lock.json', '', /package-lock\.json:1/],
  ['a lockfile of tomorrow', 'package-lock.json', '{"lockfileVersion":99}', /package-lock\.json.*99/],
]

describe('hostile files', () => {
  it.each(HOSTILE)('%s ends the run with its place and nothing written', (_, path, text, says) => {
    put(`sub/${path}`, text)
    const { code, stdout, stderr } = run(['sbom', '.'], folder, { NODE_OPTIONS: '--max-old-space-size=256' })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(says)
    expect(stderr).not.toMatch(/ {4}at /)
  })

  it('entities of XML stay what they are', () => {
    const lines = [...'bcdefghij'].map((name, i) => `<!ENTITY ${name} "${`&${'abcdefghi'[i]};`.repeat(10)}">`)
    put(
      'pom.xml',
      `<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa">${lines.join('')}]><project><artifactId>x</artifactId><name>&j;</name></project>`,
    )
    const { stdout, stderr } = run(['sbom', '.'], folder, { NODE_OPTIONS: '--max-old-space-size=256' })
    expect(stdout + stderr).not.toContain('aaaaaaaaaa')
  })

  it('links in a circle and out of the project are not followed', () => {
    put('package-lock.json', '{"lockfileVersion":3,"packages":{"":{"name":"shop"}}}')
    symlinkSync('.', join(folder, 'loop'))
    expect(run(['sbom', '.'], folder).code).toBe(0)
    symlinkSync('yarn.lock', join(folder, 'yarn.lock'))
    symlinkSync('/etc/passwd', join(folder, 'Cargo.lock'))
    const { code, stdout, stderr } = run(['sbom', '.'], folder)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/yarn\.lock[\s\S]*Cargo\.lock|Cargo\.lock[\s\S]*yarn\.lock/)
    expect(stderr).not.toContain('root:')
  })

  it('a workspace member outside the project is named and not read', () => {
    put('secret/package.json', '{"name":"secret-name","version":"6.6.6"}')
    put(
      'project/package-lock.json',
      JSON.stringify({
        lockfileVersion: 3,
        packages: {
          '': { name: 'shop' },
          '../secret': { link: false },
          'node_modules/x': { resolved: '../secret', link: true },
        },
      }),
    )
    const { stdout } = run(['sbom', 'project'], folder)
    expect(stdout).not.toContain('6.6.6')
  })

  it('with --keep-going the rest is written, and the exit code says that it is not all', () => {
    put('a/package-lock.json', '{')
    put(
      'b/package-lock.json',
      '{"lockfileVersion":3,"packages":{"":{"name":"b"},"node_modules/ms":{"version":"2.1.3"}}}',
    )
    const { code, stdout, stderr } = run(['sbom', '.', '--keep-going'], folder)
    expect(code).toBe(3)
    expect(stdout).toContain('pkg:npm/ms@2.1.3')
    expect(stderr).toMatch(/^error: a\/package-lock\.json:1:\d+: /m)
  })
})

describe('signing', () => {
  it('leaves no half of a document, no key in an error, and a signature that openssl accepts', async () => {
    put('requirements.txt', 'flask==3.1.2\n')
    const env = { AIV_HOME: join(folder, 'home') }
    expect((await aiv(['key', 'new', '--out', 'key.json'], { cwd: folder, env })).code).toBe(0)
    expect(run(['sbom', '.', '--sign', 'key.json'], folder)).toMatchObject({ code: 2, stdout: '' })
    const seed = 'ab'.repeat(32)
    const refused = run(['sbom', '.', '--format', 'cdx-json', '--sign', seed], folder)
    expect(refused.code).toBe(2)
    expect(refused.stderr).not.toContain(seed)
    const args = [
      '--sign',
      'key.json',
      '--output',
      'spdx-json=a.spdx.json',
      '--output',
      'cdx-json=a.cdx.json',
    ]
    expect(run(['sbom', '.', ...args], folder).code).toBe(0)
    for (const file of ['a.spdx.json', 'a.cdx.json']) {
      expect(run(['sbom', 'verify', file, '--key', 'key.json'], folder).code, file).toBe(0)
      put(file, readFileSync(join(folder, file), 'utf8').replace('3.1.2', '3.1.3'))
      expect(run(['sbom', 'verify', file, '--key', 'key.json'], folder).code, file).toBe(1)
    }
  })
})

/** The project whose dependencies are installed here: that of this very program. */
const INSTALLED = dirname(realpathSync(join(REPOSITORY, 'node_modules')))

describe('a project whose dependencies are installed', () => {
  const scope = [
    '--exclude',
    'test',
    '--exclude',
    'bench',
    '--omit',
    'dev',
    '--supplier',
    'Organization: Example Ltd',
  ]
  const score = (args: readonly string[]): number => {
    const { code, stderr } = run(
      ['sbom', INSTALLED, ...scope, ...args, '--output', 'cdx-json=x.cdx.json'],
      folder,
    )
    expect(code, stderr).toBe(0)
    const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.spdx.json'))
    const answer = run(['score', file === '' ? 'x.cdx.json' : file, '--json'], folder)
    return (JSON.parse(answer.stdout) as { score: number }).score
  }

  it('scores at least 9.0 as SPDX', () => {
    expect(score(['--output', 'spdx-json=x.spdx.json'])).toBeGreaterThanOrEqual(9)
  })

  it('scores at least 9.5 as signed CycloneDX', async () => {
    const env = { AIV_HOME: join(folder, 'home') }
    expect((await aiv(['key', 'new', '--out', 'key.json'], { cwd: folder, env })).code).toBe(0)
    expect(score(['--sign', 'key.json'])).toBeGreaterThanOrEqual(9.5)
  })

  it('concludes no license without a text that was found, and none at all from lockfiles alone', () => {
    const read = (...args: readonly string[]): readonly Licensed[] => {
      const { stdout } = run(['sbom', INSTALLED, ...scope, '--format', 'cdx-json', ...args], folder)
      return (JSON.parse(stdout) as { components: readonly Licensed[] }).components
    }
    const concluded = read().filter(isConcluded)
    expect(concluded.length).toBeGreaterThan(100)
    for (const { evidence } of concluded) expect(evidence?.licenses?.length).toBeGreaterThan(0)
    expect(read('--no-installed').filter(isConcluded)).toEqual([])
  })
})

interface Licensed {
  readonly licenses?: readonly {
    readonly acknowledgement?: string
    readonly license?: { readonly acknowledgement?: string }
  }[]
  readonly evidence?: { readonly licenses?: readonly unknown[] }
}

function isConcluded({ licenses = [] }: Licensed): boolean {
  return licenses.some(
    ({ acknowledgement, license }) =>
      acknowledgement === 'concluded' || license?.acknowledgement === 'concluded',
  )
}
