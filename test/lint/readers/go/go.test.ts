import { describe, expect, it } from 'vitest'
import { goReader } from '../../../../src/lib/lint/readers/go/reader.ts'
import { conformancePath } from '../../../support/conformance.ts'
import {
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

/** The modules of `require` lines, by hand: a path with a dot in its first part, and a version. */
function requiredPurls(text: string): string[] {
  return text
    .split('\n')
    .flatMap((row) => /^\s*(?:require )?([a-z0-9-]+\.[^\s]+) (v[^\s]+)/.exec(row.split('//')[0] ?? '') ?? [])
    .filter((_, index) => index % 3 !== 0)
    .reduce<string[]>((pairs, part, index) => {
      if (index % 2 === 0) pairs.push(`pkg:golang/${part}`)
      else pairs[pairs.length - 1] += `@${part.replaceAll('+', '%2B')}`
      return pairs
    }, [])
    .sort()
}

describe.runIf(data !== undefined)('the go.mod files of the corpus', () => {
  it.each([
    'trivy/gomod/go.mod',
    'scalibr/golang/gomod/indirect-1.23.mod',
    'scalibr/golang/gomod/indirect-packages.mod',
    'scalibr/golang/gomod/one-package.mod',
    'scalibr/golang/gomod/two-packages.mod',
    'syft/golang/archs/src/go.mod',
  ])('%s: all that it requires, and nothing that only go.sum names', (name) => {
    const project = onlyProject(readAt(goReader, `${data}/${name}`))
    expect(purlsOf(project)).toEqual(requiredPurls(textAt(`${data}/${name}`)))
  })

  it('has the modules in which Trivy finds vulnerabilities', () => {
    const golden = JSON.parse(textAt(`${data}/trivy/gomod/EXPECTED.gomod.json`)) as {
      Results: { Target: string; Vulnerabilities: { PkgIdentifier: { PURL: string } }[] }[]
    }
    expect(golden.Results.length).toBeGreaterThan(0)
    for (const { Target, Vulnerabilities } of golden.Results) {
      const purls = purlsOf(onlyProject(readAt(goReader, `${data}/trivy/gomod/${Target}`)))
      for (const { PkgIdentifier } of Vulnerabilities) expect(purls).toContain(PkgIdentifier.PURL)
    }
  })

  it('have the hashes of go.sum as what they are: those of trees', () => {
    const project = cleanProject(readAt(goReader, `${data}/trivy/gomod/go.mod`))
    const sums = new Set(textAt(`${data}/trivy/gomod/go.sum`).split('\n'))
    const hashed = project.components.filter(({ properties }) => properties?.['aiv:go:h1'] !== undefined)
    for (const { name, version, properties, hashes } of hashed) {
      expect(sums).toContain(`${name} ${version} ${properties?.['aiv:go:h1']}`)
      expect(hashes).toBeUndefined()
    }
    expect(hashed.map(({ name }) => name)).toEqual(
      project.components
        .filter(({ name, version }) => [...sums].some((sum) => sum.startsWith(`${name} ${version} h1:`)))
        .map(({ name }) => name),
    )
    expect(hashed.length).toBeGreaterThan(10)
  })

  it('lead from the root to all that they require, and mark what it does not import itself', () => {
    const project = cleanProject(readAt(goReader, `${data}/trivy/gomod/go.mod`))
    expect(new Set(project.edges.map(String))).toEqual(
      new Set(project.components.map(({ ref }) => `path:.,${ref}`)),
    )
    const indirect = project.components.filter(({ properties }) => properties?.['aiv:go:indirect'] === 'true')
    const rows = textAt(`${data}/trivy/gomod/go.mod`).split('\n')
    expect(indirect.map(({ name, version }) => `\t${name} ${version} // indirect`)).toEqual(
      rows.filter((row) => row.includes('// indirect')),
    )
    expect(project.incomplete?.get('path:.')).toBeUndefined()
    for (const { ref } of project.components) expect(project.incomplete?.get(ref)).toBe('unknown')
  })

  it('before 1.17 say that they are not all, and what was downloaded fills them up', () => {
    const mod = textAt(`${data}/scalibr/golang/gomod/indirect-1.16.mod`)
    const sum = textAt(`${data}/scalibr/golang/gomod/indirect-1.16.sum`)
    const result = readTexts(goReader, 'go.mod', { 'go.mod': mod, 'go.sum': sum })
    expect(result.projects[0]?.incomplete?.get('path:.')).toBe('incomplete')
    expect(result.problems).toMatchObject([{ severity: 'warning', message: expect.stringContaining('1.17') }])
    // Lines of the go.sum whose version does not end in /go.mod.
    const downloaded = [...sum.matchAll(/^(\S+) (v[^\s/]+) h1:/gm)].map(
      ([, path, version]) => `${path}@${version}`,
    )
    expect(purlsOf(onlyProject(result))).toEqual(downloaded.map((one) => `pkg:golang/${one}`).sort())
  })

  it('replace modules, and leave out what is excluded', () => {
    const project = onlyProject(readAt(goReader, `${data}/syft/golang/go-mod-fixtures/many-packages/go.mod`))
    expect(purlsOf(project)).toEqual([
      'pkg:golang/github.com/anchore/archiver/v3@v3.5.2',
      'pkg:golang/github.com/anchore/go-testutils@v0.0.0-20200624184116-66aa578126db',
      'pkg:golang/github.com/anchore/go-version@v1.2.2-0.20200701162849-18adb9c92b9b',
      'pkg:golang/github.com/anchore/stereoscope@v0.0.0-20200706164556-7cf39d7f4639',
      'pkg:golang/github.com/bmatcuk/doublestar@v8.8.8',
      'pkg:golang/github.com/go-test/deep@v1.0.6',
    ])
    expect(project.root.name).toBe('github.com/anchore/syft')
    expect(component(project, 'github.com/anchore/archiver/v3').properties).toEqual({
      'aiv:go:replaces': 'github.com/anchore/archiver/v3@v3.5.1',
    })
    expect(component(project, 'github.com/anchore/go-version').source).toEqual({
      url: 'https://github.com/anchore/go-version',
      revision: '18adb9c92b9b',
    })
  })

  it('with two versions of one module have the higher one, as Go selects', () => {
    // 1.2.3 is higher than 0.5.6, and its replacement is what is built.
    for (const [name, purl] of [
      ['replace-different.mod', 'pkg:golang/example.com/fork/foe@v1.4.5'],
      ['replace-mixed.mod', 'pkg:golang/example.com/fork/net@v1.4.5'],
      ['replace-one.mod', 'pkg:golang/example.com/fork/net@v1.4.5'],
    ])
      expect(purlsOf(onlyProject(readAt(goReader, `${data}/scalibr/golang/gomod/${name}`)))).toEqual([purl])
  })

  it('replace by a folder outside: a component without package URL, and a warning', () => {
    const result = readAt(goReader, `${data}/syft/golang/go-mod-fixtures/relative-replace/go.mod`)
    expect(result.projects[0]?.components).toMatchObject([
      { ref: 'path:../../..', name: 'github.com/aws/aws-sdk-go-v2', origin: 'path' },
    ])
    expect(purlsOf(onlyProject(result))).toEqual([])
    expect(result.problems).toMatchObject([{ severity: 'warning', line: 5 }])
  })

  it('name the standard library where the version is exact', () => {
    const project = onlyProject(readAt(goReader, `${data}/scalibr/golang/gomod/toolchain-with-suffix.mod`))
    expect(purlsOf(project)).toEqual([
      'pkg:golang/github.com/BurntSushi/toml@v1.0.0',
      'pkg:golang/stdlib@1.23.6',
    ])
  })

  it('that are broken say where', () => {
    const { projects, problems } = readAt(goReader, `${data}/syft/golang/corrupt/go.mod`)
    expect(projects).toEqual([])
    expect(problems).toMatchObject([{ severity: 'error', path: 'go.mod', line: 5 }])
  })
})

describe('go.mod', () => {
  it('marks tools that nothing else needs', () => {
    const project = cleanProject(
      readTexts(goReader, 'go.mod', {
        'go.mod': `module example.org/m
go 1.24
tool (
	golang.org/x/tools/cmd/stringer
	example.org/both/cmd/gen
)
require (
	example.org/both v1.0.0
	golang.org/x/mod v0.22.0 // indirect
	golang.org/x/tools v0.28.0 // indirect; for the tool
)
`,
      }),
    )
    expect(component(project, 'golang.org/x/tools').scope).toBe('dev')
    expect(component(project, 'example.org/both').scope).toBe('required')
    expect(component(project, 'golang.org/x/mod').scope).toBe('required')
    expect(edgesOf(project)).toHaveLength(3)
  })

  it('reads quotations, comments and one-line blocks', () => {
    const project = cleanProject(
      readTexts(goReader, 'go.mod', {
        'go.mod': `\ufeffmodule "example.org/m" // Deprecated: use another
go 1.21 // x
require ()
require \`example.org/raw\` v1.0.0
require ( // why
	"example.org/a" v1.0.0+incompatible// glued
)
retract [v1.0.0, v1.1.0]
godebug default=go1.21
`,
      }),
    )
    expect(purlsOf(project)).toEqual([
      'pkg:golang/example.org/a@v1.0.0%2Bincompatible',
      'pkg:golang/example.org/raw@v1.0.0',
    ])
  })

  it('takes what an old one leaves out from the vendor folder', () => {
    const { projects, problems } = readTexts(goReader, 'go.mod', {
      'go.mod': 'module m\ngo 1.13\nrequire example.org/a v1.0.0\n',
      'vendor/modules.txt': `# example.org/a v1.0.0
## explicit
example.org/a/pkg
# example.org/b v2.0.0+incompatible
example.org/b
example.org/b/c
# example.org/unused v3.0.0
## explicit; go 1.17
# example.org/a => ../a
`.replaceAll('\n', '\r\n'),
    })
    expect(problems).toEqual([])
    expect(purlsOf(projects[0] as never)).toEqual([
      'pkg:golang/example.org/a@v1.0.0',
      'pkg:golang/example.org/b@v2.0.0%2Bincompatible',
    ])
  })

  it('follows the replacements of a go.work above it', () => {
    const files = {
      'go.work': 'go 1.23.1\nuse (\n\t./app\n\t./tools/gen\n)\nreplace example.org/x => ./libs/x\n',
      'app/go.mod': 'module example.org/app\ngo 1.21\nrequire example.org/x v1.0.0\n',
      'tools/gen/go.mod': 'module example.org/gen\ngo 1.21\nrequire example.org/x v1.0.0\n',
      'other/go.mod': 'module example.org/other\ngo 1.21\nrequire example.org/x v1.0.0\n',
    }
    const app = cleanProject(readTexts(goReader, 'app/go.mod', files))
    expect(app.components).toMatchObject([{ ref: 'path:libs/x', name: 'example.org/x' }])
    const gen = cleanProject(readTexts(goReader, 'tools/gen/go.mod', files))
    expect(gen.components.map(({ ref }) => ref)).toEqual(['path:libs/x'])
    const other = cleanProject(readTexts(goReader, 'other/go.mod', files))
    expect(purlsOf(other)).toEqual(['pkg:golang/example.org/x@v1.0.0'])
    const work = cleanProject(readTexts(goReader, 'go.work', files))
    expect(work.components.map(({ ref, name }) => `${ref} ${name}`).sort()).toEqual([
      'path:app example.org/app',
      'path:tools/gen example.org/gen',
      'pkg:golang/stdlib@1.23.1 stdlib',
    ])
  })

  it('does not trust a go.sum with odd lines, and reads on', () => {
    const sum = `h1:${'A'.repeat(43)}=`
    const { projects, problems } = readTexts(goReader, 'go.mod', {
      'go.mod': 'module m\ngo 1.21\nrequire (\n\texample.org/a v1.0.0\n\texample.org/b v1.0.0\n)\n',
      'go.sum': `garbage\nexample.org/a v1.0.0 ${sum}\nexample.org/b v1.0.0 h1:short\n`,
    })
    expect(problems).toMatchObject([{ severity: 'warning', path: 'go.sum', line: 1 }])
    expect(component(projects[0] as never, 'example.org/a').properties).toEqual({ 'aiv:go:h1': sum })
    expect(component(projects[0] as never, 'example.org/b').properties).toBeUndefined()
  })

  it.each([
    ['require (\n\ta v1\n', 3],
    ['require a\n', 1],
    ['module m\nreplace a b\n', 2],
    ['module "m\n', 1],
    ['\u0000\u0001', 1],
  ])('%j is refused, with its line', (text, line) => {
    const { projects, problems } = readTexts(goReader, 'go.mod', { 'go.mod': text })
    expect(projects).toEqual([])
    expect(problems).toMatchObject([{ severity: 'error', path: 'go.mod', line }])
  })
})

/** In rising order, from Semantic Versioning 2.0 §11 and the reference of Go modules. */
const RISING = [
  'v0.5.6',
  'v1.0.0-alpha',
  'v1.0.0-alpha.1',
  'v1.0.0-alpha.beta',
  'v1.0.0-beta.2',
  'v1.0.0-beta.11',
  'v1.0.0-rc.1',
  'v1.0.0',
  'v1.0.1-0.20200701162849-18adb9c92b9b',
  'v1.9.0',
  'v1.10.0',
  'v2.0.0+incompatible',
]

it('a module path that no URI can hold has no source, and its neighbours stay', () => {
  const mod = 'module m\ngo 1.21\nrequire github.com/a\ud800/b v1.0.0\nrequire github.com/a/b v1.0.0\n'
  const { projects } = readTexts(goReader, 'go.mod', { 'go.mod': mod })
  expect(projects[0]?.components.map(({ source }) => source?.url)).toEqual([
    undefined,
    'https://github.com/a/b',
  ])
})

describe('the version that is selected', () => {
  it('is the highest, in whatever order they are written', () => {
    for (const [index, low] of RISING.entries())
      for (const high of RISING.slice(index + 1))
        for (const [one, other] of [
          [low, high],
          [high, low],
        ]) {
          const project = cleanProject(
            readTexts(goReader, 'go.mod', {
              'go.mod': `module m\ngo 1.17\nrequire a.b/c ${one}\nrequire a.b/c ${other}\n`,
            }),
          )
          expect(project.components.map(({ version }) => version)).toEqual([high])
        }
  })
})
