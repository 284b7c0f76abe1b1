import { describe, expect, it } from 'vitest'
import { mixReader } from '../../../../src/lib/lint/readers/hex/mix-reader.ts'
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
import { trivyPackages, trivyPurls } from '../trivy-golden.ts'

const data = conformancePath('lint', 'lockfiles')

/** The plain way: each entry of a mix.lock stands on a line of its own. */
const HEX_LINE =
  /^ {2}"(\w+)": \{:hex, :"?(\w+)"?, "([^"]+)", "[^"]*", \[.*?\], (\[.*\]), "hexpm", "([^"]*)"\}/

interface Entry {
  readonly app: string
  readonly version: string
  readonly needs: readonly string[]
  readonly hash: string
  readonly line: number
}

function hexEntries(text: string): readonly Entry[] {
  return text.split('\n').flatMap((row, index) => {
    const [, app, , version, needs = '', hash] = HEX_LINE.exec(row) ?? []
    if (app === undefined || version === undefined || hash === undefined) return []
    return [
      {
        app,
        version,
        hash,
        line: index + 1,
        needs: [...needs.matchAll(/\{:(\w+), /g)].map(([, name]) => name ?? ''),
      },
    ]
  })
}

const LOCKS: readonly (readonly [string, number])[] = [
  ['real/phoenix/mix.lock', 40],
  ['real/phoenix/installer/mix.lock', 6],
  ['real/phoenix/integration_test/mix.lock', 49],
  ['trivy/mixlock/mix.lock', 10],
  ['scalibr/erlang/mixlock/many.lock', 21],
  ['scalibr/erlang/mixlock/one-package.lock', 1],
  ['scalibr/erlang/mixlock/two-packages.lock', 2],
]

describe.runIf(data !== undefined)('mix.lock', () => {
  it.each(LOCKS)('of %s has %i packages of Hex, with lines and hashes', (file, count) => {
    const path = `${data}/${file}`
    const entries = hexEntries(textAt(path))
    const project = cleanProject(readAt(mixReader, path))
    const hex = project.components.filter(({ origin }) => origin === 'registry')
    expect(hex.map(({ purl }) => purl).sort()).toEqual(
      entries.map(({ app, version }) => `pkg:hex/${app}@${version}`).sort(),
    )
    expect(hex).toHaveLength(count)
    for (const { app, hash, line } of entries) {
      expect(component(project, app).hashes).toEqual([{ algorithm: 'sha256', value: hash }])
      expect(component(project, app).occurrences).toMatchObject([{ line }])
    }
  })

  it.each(LOCKS)('of %s has an edge for every requirement that is locked', (file) => {
    const path = `${data}/${file}`
    const entries = hexEntries(textAt(path))
    const project = cleanProject(readAt(mixReader, path))
    const locked = new Map(project.components.map(({ name, version }) => [name, version]))
    const wanted = entries.flatMap(({ app, version, needs }) =>
      needs
        .filter((need) => locked.has(need))
        .map((need) => `${app} ${version} -> ${need} ${locked.get(need)}`),
    )
    const found = edgesOf(project).filter((edge) => !edge.startsWith(`${project.root.name} `))
    expect(found).toEqual([...new Set(wanted)].sort())
  })

  it('gives what Trivy finds, at the same lines', () => {
    const project = cleanProject(readAt(mixReader, `${data}/trivy/mixlock/mix.lock`))
    const golden = 'mixlock/EXPECTED.mix.lock.json'
    expect(purlsOf(project)).toEqual(trivyPurls(golden))
    for (const { ID, Locations = [] } of trivyPackages(golden))
      expect(component(project, ID.split('@')[0] ?? '').occurrences?.[0]?.line).toBe(Locations[0]?.StartLine)
  })

  it('names the commits of packages from Git', () => {
    const project = cleanProject(readAt(mixReader, `${data}/scalibr/erlang/mixlock/git.lock`))
    expect(component(project, 'foo')).toMatchObject({
      origin: 'git',
      version: 'fc94cce7830fa4dc455024bc2a83720afe244531',
      source: {
        url: 'https://github.com/my-org/foo.git',
        revision: 'fc94cce7830fa4dc455024bc2a83720afe244531',
      },
      purl: 'pkg:hex/foo@fc94cce7830fa4dc455024bc2a83720afe244531?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fmy-org%2Ffoo.git%40fc94cce7830fa4dc455024bc2a83720afe244531',
    })
    expect(project.components).toHaveLength(3)
    expect(project.incomplete?.get(component(project, 'foo').ref)).toBe('unknown')
  })

  it('of syft has a graph of three, a folder outside, and an empty map', () => {
    const small = cleanProject(readAt(mixReader, `${data}/syft/elixir/relationships/mix.lock`))
    expect(edgesOf(small)).toEqual([
      'cowboy 2.9.0 -> cowlib 2.11.0',
      'cowboy 2.9.0 -> ranch 1.8.0',
      'project - -> cowboy 2.9.0',
    ])
    const large = readAt(mixReader, `${data}/syft/elixir/mix.lock`)
    expect(component(onlyProject(large), 'local_dep')).toMatchObject({
      ref: 'path:../local_dep',
      origin: 'path',
    })
    expect(large.problems).toMatchObject([{ severity: 'warning', line: 18 }])
    expect(cleanProject(readAt(mixReader, `${data}/scalibr/erlang/mixlock/empty.lock`)).components).toEqual(
      [],
    )
  })
})

describe('a mix.lock', () => {
  const read = (text: string) => readTexts(mixReader, 'mix.lock', { 'mix.lock': text })

  it('may name a package otherwise than the application', () => {
    const project = cleanProject(
      read(
        '%{"app": {:hex, :package_name, "1.0", "", [:mix], [{:"other-app", "~> 1", []}], "hexpm"}, "other-app": {:hex, :other, "2.0"}}',
      ),
    )
    expect(purlsOf(project)).toEqual(['pkg:hex/other@2.0', 'pkg:hex/package_name@1.0'])
    expect(edgesOf(project)).toContain('package_name 1.0 -> other 2.0')
  })

  it('keeps packages of an organization apart from public ones', () => {
    const project = cleanProject(
      read(
        '%{\n"a": {:hex, :a, "1.0", "", [], [], "hexpm:acme", ""},\n"b": {:hex, :b, "1.0", "", [], [], "local", ""},\n}',
      ),
    )
    expect(purlsOf(project)).toEqual(['pkg:hex/acme/a@1.0', 'pkg:hex/b@1.0'])
    expect(component(project, 'b').properties).toEqual({ 'aiv:hex:repository': 'local' })
  })

  it('takes old forms: a keyword list, packages without a checksum, arrows, comments', () => {
    expect(
      purlsOf(cleanProject(read('["cowboy": {:package, "1.0.0"}, jose: {:hex, :jose, "1.1"}]'))),
    ).toEqual(['pkg:hex/cowboy@1.0.0', 'pkg:hex/jose@1.1'])
    expect(purlsOf(cleanProject(read('# made by hand\n%{\'a\' => {:hex, :a, "1.0"}}')))).toEqual([
      'pkg:hex/a@1.0',
    ])
  })

  it('has the folder of a package that is part of a repository', () => {
    const project = cleanProject(
      read('%{"a": {:git, "git@git.example.org:o/r.git", "c0ffee", [sparse: "apps/a", ref: "x"]}}'),
    )
    expect(purlsOf(project)).toEqual([
      'pkg:hex/a@c0ffee?vcs_url=git%2Bssh:%2F%2Fgit%40git.example.org%2Fo%2Fr.git%40c0ffee#apps/a',
    ])
    expect(component(project, 'a').source?.url).toBe('ssh://git.example.org/o/r.git')
  })

  describe('with a mix.exs beside it', () => {
    const lock = [
      '%{',
      '"web": {:hex, :web, "1.0", "", [:mix], [{:json, "~> 1", [optional: true]}, {:plug, "~> 1", []}], "hexpm", ""},',
      '"plug": {:hex, :plug, "1.0"}, "json": {:hex, :json, "1.0"}, "live": {:hex, :live, "1.0"},',
      '"mox": {:hex, :mox, "1.0", "", [:mix], [{:own, "~> 1", []}], "hexpm", ""}, "own": {:hex, :own, "1.0"},',
      '"doc": {:hex, :doc, "1.0"}, "rare": {:hex, :rare, "1.0"}, "git_diff": {:git, "https://git.example.org/d", "c0ffee", []},',
      '}',
    ].join('\n')
    const manifest = `defmodule Shop.MixProject do
  use Mix.Project
  @version "1.2.3-dev"
  def project do
    [
      app: :shop,
      version: @version, # see CHANGELOG
      deps: deps()
    ]
  end

  # Run "mix help deps" for {:not, "this"}
  defp deps() do
    [
      {:web, "~> 1.0"},
      # {:gone, "~> 1.0"}] and {[(
      {:escaped, "\\"]"},
      {:live, "~> 1.0", runtime: Mix.env() == :dev, only: [:dev, :prod]},
      {:mox, "~> 1.0", only: :test},
      {:doc, ">= 0.0.0 and != 1.1.0", only: ~w(dev test)a},
      {:rare, "~> 1.0", optional: true},
      {:git_diff,
       github: "someone/git_diff", ref: "c0ffee #x}"},
      {:computed, version(:a), opts()}
    ]
  end

  defp other do
    [{:plug, "~> 1.0"}]
  end
end
`
    const project = (exs: string) =>
      cleanProject(readTexts(mixReader, 'mix.lock', { 'mix.lock': lock, 'mix.exs': exs }))

    it('has of the project what the list there names, and what each is for', () => {
      const found = project(manifest)
      expect(found.root).toMatchObject({ name: 'shop', version: '1.2.3-dev' })
      expect(edgesOf(found).filter((edge) => edge.startsWith('shop '))).toEqual([
        'shop 1.2.3-dev -> doc 1.0',
        'shop 1.2.3-dev -> git_diff c0ffee',
        'shop 1.2.3-dev -> live 1.0',
        'shop 1.2.3-dev -> mox 1.0',
        'shop 1.2.3-dev -> rare 1.0',
        'shop 1.2.3-dev -> web 1.0',
      ])
      expect(Object.fromEntries(found.components.map(({ name, scope }) => [name, scope]))).toEqual({
        web: 'required',
        plug: 'required',
        json: 'optional',
        live: 'required',
        mox: 'dev',
        own: 'dev',
        doc: 'dev',
        rare: 'optional',
        git_diff: 'required',
      })
      expect(found.incomplete?.get('path:.')).toBeUndefined()
    })

    it('is incomplete when the list does not explain the lock', () => {
      const found = project(manifest.replace('{:mox, "~> 1.0", only: :test},', ''))
      expect(found.incomplete?.get('path:.')).toBe('incomplete')
      expect(component(found, 'own').scope).toBe('required')
      expect(edgesOf(found)).toContain('shop 1.2.3-dev -> mox 1.0')
    })

    it('does without a list that only running the program would give', () => {
      const found = project('defmodule X do\n  defp deps, do: Code.eval_file("deps.exs")\nend')
      expect(found.incomplete?.get('path:.')).toBe('incomplete')
      expect(edgesOf(found)).toContain('project - -> web 1.0')
    })

    it.each([
      ['brackets', `defp deps do\n[${'['.repeat(500_000)}`],
      ['blanks', `defp deps do${' '.repeat(500_000)}`],
      ['a text without an end', `defp deps do\n[{:a, "${'x'.repeat(500_000)}`],
      ['tuples without a name', `defp deps do\n[${'{:a'.repeat(100_000)}`],
    ])('that holds nothing but %s is read in linear time', (_, exs) => {
      const { user } = process.cpuUsage()
      expect(project(exs).components).toHaveLength(9)
      expect(process.cpuUsage().user - user).toBeLessThan(1_500_000)
    })
  })

  it('leaves an entry of an unknown form out, and says where', () => {
    const result = read('%{\n  "a": {:hex, :a, "1.0"},\n  "b": {:svn, "x"},\n  "c": 7,\n}')
    expect(purlsOf(onlyProject(result))).toEqual(['pkg:hex/a@1.0'])
    expect(result.problems.map(({ severity, line }) => [severity, line])).toEqual([
      ['warning', 3],
      ['warning', 4],
    ])
  })

  it.each([
    ['is cut off', '%{\n  "a": {:hex, :a,', 2],
    ['holds a call', '%{\n  "a": System.halt(1)\n}', 2],
    ['holds a merge conflict', '%{\n<<<<<<< HEAD\n  "a": {:hex, :a, "1"},', 2],
    ['has a text without an end', '%{"a', 1],
    ['goes on after its end', '%{}\n%{}', 2],
    ['is no map', ':a', 1],
    ['is nested too deep', `%{"a": ${'['.repeat(5000)}`, 1],
  ])('that %s is an error with its line', (_, text, line) => {
    expect(read(text)).toMatchObject({
      projects: [],
      problems: [{ severity: 'error', path: 'mix.lock', line }],
    })
  })

  it('of a megabyte is read in linear time', () => {
    const entry = (i: number) =>
      `  "p${i}": {:hex, :p${i}, "1.0", "", [:mix], [{:p${i + 1}, "~> 1", []}], "hexpm", ""},\n`
    const text = `%{\n${Array.from({ length: 15_000 }, (_, i) => entry(i)).join('')}}`
    const { user } = process.cpuUsage()
    expect(cleanProject(read(text)).components).toHaveLength(15_000)
    expect(process.cpuUsage().user - user).toBeLessThan(3_000_000)
  })
})
