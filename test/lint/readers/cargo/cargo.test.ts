import { describe, expect, it } from 'vitest'
import { cargoReader } from '../../../../src/lib/lint/readers/cargo/reader.ts'
import { conformancePath } from '../../../support/conformance.ts'
import {
  blocksOf,
  cleanProject,
  component,
  edgesOf,
  onlyProject,
  purlsOf,
  readAt,
  readTexts,
  textAt,
} from '../lock-text.ts'

const data = conformancePath('lint', 'lockfiles')
const INDEX = 'registry+https://github.com/rust-lang/crates.io-index'

/** Package URLs as the lines of the lock give them; `+` is the only character of a version that is encoded. */
function registryPurls(text: string): string[] {
  return blocksOf(text)
    .filter(({ values }) => values.get('source') === INDEX)
    .map(({ values }) => `pkg:cargo/${values.get('name')}@${values.get('version')?.replaceAll('+', '%2B')}`)
    .sort()
}

describe.runIf(data !== undefined)('the lockfiles of ripgrep', () => {
  const path = `${data}/real/ripgrep/Cargo.lock`
  const fuzzPath = `${data}/real/ripgrep/fuzz/Cargo.lock`

  it('have the 52 crates of the registry and the 11 of the project', () => {
    const project = cleanProject(readAt(cargoReader, path))
    expect(purlsOf(project)).toEqual(registryPurls(textAt(path)))
    expect(purlsOf(project)).toHaveLength(52)
    expect([project.root, ...project.components]).toHaveLength(63)
    expect(project.root).toMatchObject({ ref: 'path:.', name: 'ripgrep', version: '15.2.0' })
    expect(component(project, 'grep-printer').ref).toBe('path:crates/printer')
  })

  it('have all 145 edges and every checksum', () => {
    const project = cleanProject(readAt(cargoReader, path))
    expect(edgesOf(project)).toHaveLength(145)
    const hashes = project.components.flatMap(({ hashes }) => hashes?.map(({ value }) => value) ?? []).sort()
    const written = blocksOf(textAt(path)).flatMap(({ values }) => values.get('checksum') ?? [])
    expect(hashes).toEqual(written.sort())
  })

  it('lead from the root to everything', () => {
    for (const lock of [path, fuzzPath]) {
      const { root, components, edges } = cleanProject(readAt(cargoReader, lock))
      const reached = new Set([root.ref])
      for (let before = 0; before < reached.size; ) {
        before = reached.size
        for (const [from, to] of edges) if (reached.has(from)) reached.add(to)
      }
      expect(reached.size).toBe(components.length + 1)
    }
  })

  it('tell what only tests need and what a feature switches on', () => {
    const project = cleanProject(readAt(cargoReader, path))
    // Cargo.toml of ripgrep and of its crates: walkdir is needed by ignore as well, crossbeam-channel only by tests.
    expect(component(project, 'walkdir').scope).toBe('required')
    expect(component(project, 'crossbeam-channel').scope).toBe('dev')
    expect(component(project, 'pcre2').scope).toBe('optional')
    expect(component(project, 'pcre2-sys').scope).toBe('optional')
  })

  it('are followed to crates outside the folder of the lock', () => {
    const project = cleanProject(readAt(cargoReader, fuzzPath, `${data}/real/ripgrep`))
    expect([project.root, ...project.components]).toHaveLength(21)
    expect(project.root.ref).toBe('path:fuzz')
    expect(component(project, 'globset').ref).toBe('path:crates/globset')
  })
})

describe.runIf(data !== undefined)('the lockfile that Trivy tests with', () => {
  it('gives the packages, edges and lines of its golden file', () => {
    const golden = JSON.parse(textAt(`${data}/trivy/cargo/EXPECTED.cargo.lock.json`)) as {
      Results: {
        Packages: {
          Name: string
          Version: string
          DependsOn?: string[]
          Locations: { StartLine: number }[]
        }[]
      }[]
    }
    const expected = golden.Results[0]?.Packages ?? []
    // Trivy leaves out what only tests need.
    const project = cleanProject(readAt(cargoReader, `${data}/trivy/cargo/Cargo.lock`))
    const shown = [project.root, ...project.components].filter(({ scope }) => scope !== 'dev')
    expect(shown.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(
      expected.map(({ Name, Version }) => `${Name}@${Version}`).sort(),
    )
    const edges = expected.flatMap(({ Name, Version, DependsOn = [] }) =>
      DependsOn.map((to) => `${Name} ${Version} -> ${to.replace('@', ' ')}`),
    )
    expect(edgesOf(project).filter((edge) => !edge.includes('winapi'))).toEqual(edges.sort())
    for (const { Name, Version, Locations } of expected.filter(({ Name }) => Name !== 'app'))
      expect(component(project, Name, Version).occurrences).toEqual([
        { path: 'Cargo.lock', line: Locations[0]?.StartLine },
      ])
    expect(component(project, 'winapi').scope).toBe('dev')
    expect(component(project, 'winapi-x86_64-pc-windows-gnu').scope).toBe('dev')
  })
})

describe.runIf(data !== undefined)('all other Cargo.lock files of the corpus', () => {
  it.each([
    'syft/rust/Cargo.lock',
    'syft/rust/path-deps/Cargo.lock',
    'scalibr/rust/cargolock/many-packages.lock',
    'scalibr/rust/cargolock/duplicate.lock',
    'scalibr/rust/cargolock/one-package.lock',
    'scalibr/rust/cargolock/package-with-build-string.lock',
    'scalibr/rust/cargolock/two-packages-with-local.lock',
    'scalibr/rust/cargolock/two-packages.lock',
    'real/pydantic/pydantic-core/Cargo.lock',
  ])('%s has the crates of its lines', (name) => {
    const text = textAt(`${data}/${name}`)
    const project = onlyProject(readAt(cargoReader, `${data}/${name}`))
    expect(purlsOf(project)).toEqual(registryPurls(text))
    expect(project.components.flatMap(({ hashes = [] }) => hashes)).toHaveLength(
      blocksOf(text).filter(({ values }) => values.has('checksum')).length,
    )
  })

  it('git crates carry repository and commit', () => {
    const project = cleanProject(readAt(cargoReader, `${data}/syft/rust/Cargo.lock-with-git-deps`))
    const git = project.components.filter(({ origin }) => origin === 'git')
    const written = blocksOf(textAt(`${data}/syft/rust/Cargo.lock-with-git-deps`)).flatMap(({ values }) =>
      values.get('source')?.startsWith('git+') === true ? [values.get('source')] : [],
    )
    expect(git).toHaveLength(written.length)
    for (const { purl, source } of git) {
      expect(written).toContain(`git+${source?.url}#${source?.revision}`)
      expect(decodeURIComponent(purl ?? '')).toContain(`?vcs_url=git+${source?.url}@${source?.revision}`)
    }
  })
})

describe('Cargo.lock', () => {
  it('of version 1 keeps its checksums apart', () => {
    const hex = 'ab'.repeat(32)
    const project = cleanProject(
      readTexts(cargoReader, 'Cargo.lock', {
        'Cargo.lock': `[[package]]
name = "app"
version = "0.1.0"
dependencies = ["libc 0.2.1 (${INDEX})"]

[[package]]
name = "libc"
version = "0.2.1"
source = "${INDEX}"

[metadata]
"checksum libc 0.2.1 (${INDEX})" = "${hex}"
`,
      }),
    )
    expect(component(project, 'libc').hashes).toEqual([{ algorithm: 'sha256', value: hex }])
    expect(edgesOf(project)).toEqual(['app 0.1.0 -> libc 0.2.1'])
    expect(project.root.name).toBe('app')
  })

  it('tells two crates of one name apart by version and by source', () => {
    const project = cleanProject(
      readTexts(cargoReader, 'Cargo.lock', {
        'Cargo.lock': `version = 4
[[package]]
name = "app"
version = "0.1.0"
dependencies = [
 "x 1.0.0 (${INDEX})",
 "x 1.0.0 (git+https://example.org/x.git?branch=main)",
 "x 2.0.0",
]
[[package]]
name = "x"
version = "1.0.0"
source = "git+https://user:secret@example.org/x.git?branch=main#0123abc"
[[package]]
name = "x"
version = "1.0.0"
source = "git+https://example.org/x.git?branch=main#0123abc"
[[package]]
name = "x"
version = "1.0.0"
source = "${INDEX}"
[[package]]
name = "x"
version = "2.0.0"
source = "sparse+https://crates.example.org/index/"
`,
      }),
    )
    expect(purlsOf(project)).toEqual([
      'pkg:cargo/x@1.0.0',
      'pkg:cargo/x@1.0.0?vcs_url=git%2Bhttps:%2F%2Fexample.org%2Fx.git%400123abc',
      'pkg:cargo/x@2.0.0?repository_url=https:%2F%2Fcrates.example.org%2Findex%2F',
    ])
    expect(JSON.stringify(project)).not.toContain('secret')
    expect(project.edges).toHaveLength(3)
  })

  it('reads renamed, inherited, target and build dependencies of a virtual workspace', () => {
    const files = {
      'Cargo.lock': `version = 4
[[package]]
name = "a"
version = "0.3.0"
dependencies = ["b", "cc", "log", "rand"]
[[package]]
name = "b"
version = "0.0.0"
dependencies = ["rand"]
[[package]]
name = "cc"
version = "1.0.0"
source = "${INDEX}"
[[package]]
name = "log"
version = "0.4.0"
source = "${INDEX}"
[[package]]
name = "rand"
version = "0.8.0"
source = "${INDEX}"
`,
      'Cargo.toml': `[workspace]
members = ["crates/*"]
[workspace.package]
version = "0.3.0"
license = "MIT"
[workspace.dependencies]
logging = { package = "log", version = "0.4" }
`,
      'crates/a/Cargo.toml': `[package]
name = "a"
version.workspace = true
license.workspace = true
[dependencies]
logging = { workspace = true, optional = true }
[target.'cfg(unix)'.dev-dependencies]
b = { path = "../b" }
[build-dependencies]
cc = "1"
[dev-dependencies]
rand = "0.8"
`,
      'crates/b/Cargo.toml': '[package]\nname = "b"\n[dependencies]\nrand = "0.8"\n',
    }
    const project = cleanProject(readTexts(cargoReader, 'Cargo.lock', files))
    const scopes = Object.fromEntries(project.components.map(({ name, scope }) => [name, scope]))
    expect(scopes).toEqual({ a: 'required', b: 'dev', cc: 'dev', log: 'optional', rand: 'dev' })
    expect(component(project, 'a')).toMatchObject({ ref: 'path:crates/a', licenses: { declared: 'MIT' } })
    expect(component(project, 'a').purl).toBeUndefined()
    expect(edgesOf(project)).toContain('project - -> a 0.3.0')
  })

  it('says where it is broken', () => {
    const { projects, problems } = readTexts(cargoReader, 'x/Cargo.lock', {
      'x/Cargo.lock': 'version = 4\n\n[[package]]\nname = \n',
    })
    expect(projects).toEqual([])
    expect(problems).toEqual([
      expect.objectContaining({
        severity: 'error',
        path: 'x/Cargo.lock',
        line: 4,
        message: expect.any(String),
      }),
    ])
  })

  it('of a version that is not known is not guessed at', () => {
    const { projects, problems } = readTexts(cargoReader, 'Cargo.lock', {
      'Cargo.lock': '# x\nversion = 9\n',
    })
    expect(projects).toEqual([])
    expect(problems[0]).toMatchObject({
      severity: 'error',
      line: 2,
      message: expect.stringContaining('1 to 4'),
    })
  })

  it('with a dangling reference is read with a warning', () => {
    const { problems, projects } = readTexts(cargoReader, 'Cargo.lock', {
      'Cargo.lock': 'version = 3\n[[package]]\nname = "a"\nversion = "1.0.0"\ndependencies = ["gone"]\n',
    })
    expect(problems).toMatchObject([{ severity: 'warning', line: 2 }])
    expect(projects[0]?.incomplete?.get('path:.')).toBe('incomplete')
  })

  it('is read in linear time when every reference is ambiguous', () => {
    const block = `[[package]]\nname = "x"\nversion = "1.0.0"\nsource = "${INDEX}"\ndependencies = ["x", "x 1.0.0"]\n`
    const { problems } = readTexts(cargoReader, 'Cargo.lock', { 'Cargo.lock': block.repeat(20_000) })
    expect(problems).toHaveLength(40_000)
  })

  it('is not followed out of the project', () => {
    const project = cleanProject(
      readTexts(cargoReader, 'Cargo.lock', {
        'Cargo.lock':
          'version = 4\n[[package]]\nname = "a"\nversion = "1.0.0"\ndependencies = ["b"]\n[[package]]\nname = "b"\nversion = "1.0.0"\n',
        'Cargo.toml': '[package]\nname = "a"\nversion = "1.0.0"\n[dependencies]\nb = { path = "../b" }\n',
        '../b/Cargo.toml': '[package]\nname = "b"\nversion = "6.6.6"\n',
      }),
    )
    expect(component(project, 'b')).toMatchObject({ ref: 'cargo:b@1.0.0', version: '1.0.0' })
  })
})
