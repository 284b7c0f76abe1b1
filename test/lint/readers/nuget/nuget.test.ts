import { describe, expect, it } from 'vitest'
import { nugetReader } from '../../../../src/lib/lint/readers/nuget/reader.ts'
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

describe.runIf(data !== undefined)('packages.lock.json', () => {
  it('gives what Trivy finds, with its edges', () => {
    const project = cleanProject(readAt(nugetReader, `${data}/trivy/nuget/packages.lock.json`))
    const golden = 'nuget/EXPECTED.nuget.json'
    expect(purlsOf(project)).toEqual(trivyPurls(golden))
    const wanted = trivyPackages(golden).flatMap(({ ID, Relationship, DependsOn = [] }) => [
      ...(Relationship === 'direct' ? [`project - -> ${ID.replace('@', ' ')}`] : []),
      ...DependsOn.map((other) => `${ID.replace('@', ' ')} -> ${other.replace('@', ' ')}`),
    ])
    expect(edgesOf(project)).toEqual(wanted.sort())
  })

  it.each([
    ['syft/dotnet/packages.lock.json', 9],
    ['scalibr/dotnet/packageslockjson/valid/packages.lock.json', 8],
  ])('of %s has %i packages, each with its content hash as written', (file, count) => {
    const path = `${data}/${file}`
    const text = textAt(path)
    const project = cleanProject(readAt(nugetReader, path))
    // The plain way: a name, and the next version and hash after it.
    const wanted = [
      ...text.matchAll(
        /"([\w.]+)": \{\s*"type": "\w+",[^{}]*?"resolved": "([^"]+)",\s*"contentHash": "([^"]+)"/g,
      ),
    ].map(([, name, version, hash]) => `${name} ${version} ${hash}`)
    const found = project.components.map(
      ({ name, version, properties }) => `${name} ${version} ${properties?.['aiv:nuget:content-hash']}`,
    )
    expect(found.sort()).toEqual([...new Set(wanted)].sort())
    expect(found).toHaveLength(count)
    // It is of the package without its signature, so no downloaded file has it.
    expect(project.components.every(({ hashes }) => hashes === undefined)).toBe(true)
  })

  it('draws the edges of each framework with the versions of that framework', () => {
    const project = cleanProject(readAt(nugetReader, `${data}/syft/dotnet/packages.lock.json`))
    expect(edgesOf(project)).toEqual([
      'AutoMapper 13.0.1 -> Microsoft.Extensions.Options 9.0.0',
      'Microsoft.Extensions.Logging 9.0.0 -> Microsoft.Extensions.Options 9.0.0',
      'Microsoft.Extensions.Options 9.0.0 -> Microsoft.Extensions.DependencyInjection.Abstractions 9.0.0',
      'Microsoft.Extensions.Options 9.0.0 -> Microsoft.Extensions.Primitives 9.0.0',
      'Microsoft.Extensions.Primitives 9.0.0 -> System.Runtime.CompilerServices.Unsafe 9.0.0',
      'project - -> AutoMapper 13.0.1',
      'project - -> Microsoft.Extensions.Logging 9.0.0',
      'project - -> bootstrap 5.0.0',
      'project - -> log4net 1.2.15',
      'project - -> log4net 2.0.5',
    ])
  })
})

describe('a packages.lock.json', () => {
  const read = (lock: object, files: Record<string, string> = {}, path = 'src/App/packages.lock.json') =>
    readTexts(nugetReader, path, { [path]: JSON.stringify(lock), ...files })

  it('finds the projects of the solution in the folders beside', () => {
    const lock = {
      version: 2,
      dependencies: {
        'net8.0': {
          Newtonsoft: { type: 'CentralTransitive', resolved: '13.0.1' },
          'shared.kit': { type: 'Project', dependencies: { newtonsoft: '[13.0.1, )' } },
          elsewhere: { type: 'Project' },
        },
      },
    }
    const project = cleanProject(
      read(lock, {
        'src/App/App.csproj': '',
        'src/Shared.Kit/Shared.Kit.fsproj': '',
        'src/Other/Other.csproj': '',
      }),
    )
    expect(project.root).toMatchObject({ ref: 'path:src/App', name: 'App' })
    expect(component(project, 'Shared.Kit').ref).toBe('path:src/Shared.Kit')
    expect(component(project, 'elsewhere')).toMatchObject({
      ref: 'nuget-project:elsewhere',
      origin: 'workspace',
    })
    expect(edgesOf(project)).toEqual([
      'App - -> Shared.Kit -',
      'App - -> elsewhere -',
      'Shared.Kit - -> Newtonsoft 13.0.1',
    ])
  })

  it('is named for the folder where several projects share it', () => {
    const named = cleanProject(
      read({ version: 1, dependencies: {} }, { 'src/App/A.csproj': '', 'src/App/B.csproj': '' }),
    )
    expect(named.root).toMatchObject({ ref: 'path:src/App', name: 'App' })
  })

  it('makes one package of two spellings, and follows a runtime into its framework', () => {
    const project = cleanProject(
      read({
        version: 1,
        dependencies: {
          'net8.0': { 'A.B': { type: 'Direct', resolved: '1' }, C: { type: 'Transitive', resolved: '2' } },
          'net8.0/win-x64': { 'a.b': { type: 'Direct', resolved: '1', dependencies: { c: '2' } } },
        },
      }),
    )
    expect(purlsOf(project)).toEqual(['pkg:nuget/A.B@1', 'pkg:nuget/C@2'])
    expect(edgesOf(project)).toContain('A.B 1 -> C 2')
  })

  it.each([
    ['of a version to come', { version: 3, dependencies: {} }],
    ['without a version', { dependencies: {} }],
    ['that is no table', []],
  ])('%s is an error', (_, lock) => {
    expect(read(lock)).toMatchObject({ projects: [], problems: [{ severity: 'error', line: 1 }] })
  })
})

describe('a packages.config', () => {
  const read = (text: string) => readTexts(nugetReader, 'packages.config', { 'packages.config': text })

  it('is a list, in which some packages are for development', () => {
    const project = cleanProject(
      read(`\ufeff<?xml version="1.0" encoding="utf-8"?>
<packages>
  <package id="jQuery" version="3.1.1" targetFramework="net46" />
  <package id="Tool" version="1.0" developmentDependency="true" />
</packages>`),
    )
    expect(
      project.components.map(({ purl, scope, occurrences }) => [purl, scope, occurrences?.[0]?.line]),
    ).toEqual([
      ['pkg:nuget/jQuery@3.1.1', 'required', 3],
      ['pkg:nuget/Tool@1.0', 'dev', 4],
    ])
    expect(edgesOf(project)).toEqual(['project - -> Tool 1.0', 'project - -> jQuery 3.1.1'])
  })

  it.each([
    ['of another kind', '<configuration/>', 1],
    ['that is cut off', '<packages>\n<package id="a"', 2],
  ])('%s is an error with its line', (_, text, line) => {
    expect(read(text)).toMatchObject({ projects: [], problems: [{ severity: 'error', line }] })
  })

  it('leaves a package without a name out', () => {
    const result = read('<packages>\n<package version="1"/></packages>')
    expect(onlyProject(result).components).toEqual([])
    expect(result.problems).toMatchObject([{ severity: 'warning', line: 2 }])
  })
})

const LIBRARIES = {
  'App/1.0.0': { type: 'project', path: '../App/App.csproj' },
  'Kit/2.0.0': { type: 'project', path: '../../lib/Kit/Kit.csproj' },
  'Serilog/3.1.1': { type: 'package', sha512: 'sha512-AAAA', path: 'serilog/3.1.1' },
  'Analyzer/1.0.0': { type: 'package' },
  'Deep/1.0.0': { type: 'package' },
  'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1': { type: 'runtimepack' },
  'Legacy/1.0.0.0': { type: 'reference' },
}

describe('a project.assets.json', () => {
  const assets = {
    version: 3,
    targets: {
      'net8.0': {
        'Kit/2.0.0': { type: 'project', dependencies: { Serilog: '3.0.0' } },
        'Serilog/3.1.1': { type: 'package' },
        'Analyzer/1.0.0': { type: 'package', dependencies: { deep: '1.0.0' } },
        'Deep/1.0.0': { type: 'package' },
      },
    },
    libraries: Object.fromEntries(
      Object.entries(LIBRARIES).filter(([key]) => /^(?:Kit|Serilog|Analyzer|Deep)/.test(key)),
    ),
    projectFileDependencyGroups: { 'net8.0': ['Analyzer >= 1.0.0', 'Kit >= 2.0.0', 'Serilog >= 3.1.1'] },
    project: {
      version: '1.4.0',
      restore: { projectName: 'App', packagesPath: 'D:\\someone\\packages' },
      frameworks: {
        'net8.0': { dependencies: { Analyzer: { suppressParent: 'All' }, Serilog: { target: 'Package' } } },
      },
    },
  }
  const read = (content: unknown) => {
    const path = 'src/App/obj/project.assets.json'
    return readTexts(nugetReader, path, { [path]: JSON.stringify(content) })
  }

  it('has the graph, the folders of projects, and what serves the build only', () => {
    const project = cleanProject(read(assets))
    expect(project.root).toMatchObject({ ref: 'path:src/App', name: 'App', version: '1.4.0' })
    expect(edgesOf(project)).toEqual([
      'Analyzer 1.0.0 -> Deep 1.0.0',
      'App 1.4.0 -> Analyzer 1.0.0',
      'App 1.4.0 -> Kit 2.0.0',
      'App 1.4.0 -> Serilog 3.1.1',
      'Kit 2.0.0 -> Serilog 3.1.1',
    ])
    expect(Object.fromEntries(project.components.map(({ name, scope }) => [name, scope]))).toEqual({
      Kit: 'required',
      Serilog: 'required',
      Analyzer: 'dev',
      Deep: 'dev',
    })
    expect(component(project, 'Kit').ref).toBe('path:lib/Kit')
    expect(component(project, 'Serilog').properties).toEqual({ 'aiv:nuget:content-hash': 'AAAA' })
    expect(JSON.stringify(project)).not.toContain('someone')
  })

  it('of another kind is an error', () => {
    expect(read({ version: 3 })).toMatchObject({ projects: [], problems: [{ severity: 'error' }] })
  })
})

describe('a deps.json', () => {
  const read = (libraries: object) => {
    const content = {
      runtimeTarget: { name: '.NETCoreApp,Version=v8.0/linux-x64' },
      targets: {
        '.NETCoreApp,Version=v8.0': {},
        '.NETCoreApp,Version=v8.0/linux-x64': {
          'App/1.0.0': {
            dependencies: {
              Serilog: '3.1.1',
              'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64': '8.0.1',
              Legacy: '1.0.0.0',
            },
          },
          'Serilog/3.1.1': {},
          'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1': {},
          'Legacy/1.0.0.0': {},
        },
      },
      libraries,
    }
    return readTexts(nugetReader, 'out/App.deps.json', { 'out/App.deps.json': JSON.stringify(content) })
  }

  it('has the packages of a built program, its runtime among them', () => {
    const { 'Kit/2.0.0': _kit, 'Analyzer/1.0.0': _analyzer, 'Deep/1.0.0': _deep, ...libraries } = LIBRARIES
    const project = cleanProject(read(libraries))
    expect(project.root).toMatchObject({ ref: 'path:out', name: 'App', version: '1.0.0' })
    expect(purlsOf(project)).toEqual([
      'pkg:nuget/Microsoft.NETCore.App.Runtime.linux-x64@8.0.1',
      'pkg:nuget/Serilog@3.1.1',
    ])
    expect(component(project, 'Legacy')).toMatchObject({
      ref: 'nuget-reference:Legacy/1.0.0.0',
      origin: 'bundled',
    })
    expect(edgesOf(project)).toHaveLength(3)
  })

  it('without the program itself connects what nobody else needs', () => {
    const { 'App/1.0.0': _app, ...others } = LIBRARIES
    const project = cleanProject(read(others))
    expect(project.incomplete?.get('path:out')).toBe('incomplete')
    expect(edgesOf(project)).toContain('App - -> Serilog 3.1.1')
  })
})
