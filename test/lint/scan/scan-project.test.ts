import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scanProject } from '../../../src/lib/lint/scan/index.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aiv-scan-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function put(path: string, content: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
}

const LOCK = {
  name: 'app',
  version: '1.2.3',
  lockfileVersion: 3,
  packages: {
    '': { name: 'app', version: '1.2.3', dependencies: { a: '*' } },
    'node_modules/a': { version: '1.0.0', dependencies: { b: '*' } },
    'node_modules/b': { version: '2.0.0' },
  },
}

async function purls(path: string): Promise<readonly (string | undefined)[]> {
  const { bom } = await scanProject(path)
  return bom.components.filter(({ ref }) => ref !== bom.primary).map(({ purl }) => purl)
}

describe('a scan', () => {
  it('of a folder names the project and what it needs', async () => {
    put('package-lock.json', LOCK)
    const { bom, problems, inputs } = await scanProject(root)
    expect({ problems, inputs }).toEqual({ problems: [], inputs: ['package-lock.json'] })
    expect(bom.document.name).toBe('app@1.2.3')
    expect([...bom.dependencies].map(([ref, { on }]) => [ref, on])).toEqual([
      ['path:.', ['pkg:npm/a@1.0.0']],
      ['pkg:npm/a@1.0.0', ['pkg:npm/b@2.0.0']],
      ['pkg:npm/b@2.0.0', []],
    ])
  })

  it('of one file gives what a scan of its folder gives', async () => {
    put('package-lock.json', LOCK)
    expect(await purls(join(root, 'package-lock.json'))).toEqual(await purls(root))
  })

  it('of a workflow file alone knows it by the folders above it', async () => {
    put('.github/workflows/ci.yml', 'jobs:\n  a:\n    steps:\n      - uses: actions/checkout@v4\n')
    expect(await purls(join(root, '.github/workflows/ci.yml'))).toEqual(['pkg:github/actions/checkout@v4'])
  })

  it('goes on where a lockfile is broken, and says which and where', async () => {
    put('a/package-lock.json', '{\n  "lockfileVersion": 3,\n  nonsense\n}')
    put('b/package-lock.json', LOCK)
    const { bom, problems } = await scanProject(root)
    expect(problems).toMatchObject([{ severity: 'error', path: 'a/package-lock.json', line: 3 }])
    expect(bom.components.map(({ ref }) => ref)).toContain('pkg:npm/b@2.0.0')
  })

  it('does not read through a link that leads out of the project', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'aiv-outside-'))
    try {
      writeFileSync(join(outside, 'package-lock.json'), JSON.stringify(LOCK))
      symlinkSync(join(outside, 'package-lock.json'), join(root, 'package-lock.json'))
      symlinkSync(outside, join(root, 'linked'))
      const { bom } = await scanProject(root)
      expect(bom.components).toHaveLength(1)
    } finally {
      rmSync(outside, { recursive: true, force: true })
    }
  })

  it('does not wait for a named pipe that is called as a lockfile', async () => {
    const { spawnSync } = await import('node:child_process')
    expect(spawnSync('mkfifo', [join(root, 'package-lock.json')]).status).toBe(0)
    const { problems } = await scanProject(root)
    expect(problems).toMatchObject([{ severity: 'error', path: 'package-lock.json' }])
  })

  it('of a file that no reader knows says so', async () => {
    put('notes.txt', 'x')
    await expect(scanProject(join(root, 'notes.txt'))).rejects.toMatchObject({ code: 'E_UNSUPPORTED' })
  })

  it('of what is not there says so', async () => {
    await expect(scanProject(join(root, 'nothing'))).rejects.toMatchObject({ code: 'E_INPUT' })
  })

  it('refuses a kind of file that nothing reads, which would pass for a project without packages', async () => {
    await expect(scanProject(root, { ecosystems: ['npm', 'nmp'] })).rejects.toMatchObject({
      code: 'E_USAGE',
      message: 'there is no ecosystem nmp',
    })
  })
})

describe('the time of a document', () => {
  const clock = { now: () => 0, wallMs: () => Date.UTC(2030, 0, 2, 3, 4, 5, 678) }
  const created = async (sourceDateEpoch?: string) =>
    (await scanProject(root, { clock, sourceDateEpoch })).bom.document.created

  it('is SOURCE_DATE_EPOCH', async () => {
    put('package-lock.json', LOCK)
    expect(await created('1700000000')).toBe('2023-11-14T22:13:20Z')
    expect(await created('0')).toBe('1970-01-01T00:00:00Z')
  })

  it.each(['-1', '1.5', '99999999999999', 'now', '1e3'])(
    'is not taken from SOURCE_DATE_EPOCH=%s',
    async (text) => {
      await expect(created(text)).rejects.toMatchObject({ code: 'E_USAGE' })
    },
  )

  it('is that of the newest file read, where there is no commit', async () => {
    put('a/package-lock.json', LOCK)
    put('b/package-lock.json', LOCK)
    put('newer.txt', '')
    utimesSync(join(root, 'a/package-lock.json'), 1_600_000_000, 1_600_000_000)
    utimesSync(join(root, 'b/package-lock.json'), 1_500_000_000, 1_500_000_000)
    expect(await created()).toBe('2020-09-13T12:26:40Z')
  })

  it('is now where nothing was read', async () => {
    expect(await created()).toBe('2030-01-02T03:04:05Z')
  })
})

describe('threads', () => {
  it('give what one thread gives', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      put('seed', '')
      put(`${name}/package-lock.json`, { ...LOCK, name })
    }
    put('f/package-lock.json', '{')
    const copy = mkdtempSync(join(tmpdir(), 'aiv-scan-copy-'))
    try {
      cpSync(root, copy, { recursive: true })
      const options = { sourceDateEpoch: '1700000000' }
      const one = await scanProject(root, { ...options, jobs: 1 })
      expect(await scanProject(copy, { ...options, jobs: 4 })).toEqual(one)
      expect(await scanProject(root, { ...options, jobs: 64 })).toEqual(one)
    } finally {
      rmSync(copy, { recursive: true, force: true })
    }
  })
})
