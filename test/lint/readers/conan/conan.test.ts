import { describe, expect, it } from 'vitest'
import { conanReader } from '../../../../src/lib/lint/readers/conan/reader.ts'
import { conformancePath } from '../../../support/conformance.ts'
import { cleanProject, component, edgesOf, onlyProject, purlsOf, readAt, readTexts } from '../lock-text.ts'

const data = conformancePath('lint', 'lockfiles')
const scalibr = `${data}/scalibr/cpp/conanlock`

describe.runIf(data !== undefined)('conan.lock', () => {
  it('of Conan 1 has the graph', () => {
    const project = cleanProject(readAt(conanReader, `${scalibr}/nested-dependencies.v1.json`))
    expect(purlsOf(project)).toEqual([
      'pkg:conan/brotli@1.0.9',
      'pkg:conan/bzip2@1.0.8',
      'pkg:conan/freetype@2.12.1',
      'pkg:conan/libpng@1.6.39',
      'pkg:conan/zlib@1.2.13',
    ])
    expect(edgesOf(project)).toEqual([
      'freetype 2.12.1 -> brotli 1.0.9',
      'freetype 2.12.1 -> bzip2 1.0.8',
      'freetype 2.12.1 -> libpng 1.6.39',
      'freetype 2.12.1 -> zlib 1.2.13',
      'libpng 1.6.39 -> zlib 1.2.13',
      'test 1.0 -> freetype 2.12.1',
    ])
    expect(component(project, 'zlib').properties).toEqual({
      'aiv:conan:package-id': '19729b9559f3ae196cad45cb2b97468ccb75dcd1',
    })
  })

  it('of Conan 1 has revisions of recipes where they are on', () => {
    const project = cleanProject(readAt(conanReader, `${scalibr}/two-packages.v1.revisions.json`))
    expect(purlsOf(project)).toEqual([
      'pkg:conan/bzip2@1.0.8?rrev=464be69744fa6d48ed01928cfe470008',
      'pkg:conan/zlib@1.2.11?rrev=ffa77daf83a57094149707928bdce823',
    ])
  })

  it.each([
    [
      '0.0',
      'zlib@1.2.11?channel=testing&rrev=5f4917ce0a630b102f472afd00102d40&user=bincrafters',
      'project -',
    ],
    ['0.1', 'zlib@1.2.11?rrev=5f4917ce0a630b102f472afd00102d40', 'test 1.0'],
  ])('of version %s names the requirements by their references', (version, purl, root) => {
    const project = cleanProject(readAt(conanReader, `${scalibr}/old-format-${version}.json`))
    expect(purlsOf(project)).toEqual([`pkg:conan/${purl}`])
    expect(edgesOf(project)).toEqual([`${root} -> zlib 1.2.11`])
  })

  it.each([
    ['scalibr/cpp/conanlock/one-package.v2.json', ['zlib@1.2.11?rrev=ffa77daf83a57094149707928bdce823']],
    [
      'scalibr/cpp/conanlock/two-packages.v2.json',
      [
        'bzip2@1.0.8?rrev=464be69744fa6d48ed01928cfe470008',
        'zlib@1.2.11?rrev=ffa77daf83a57094149707928bdce823',
      ],
    ],
    [
      'syft/cpp/conanlock-v2/conan.lock',
      [
        'matrix@1.1?rrev=905c3f0babc520684c84127378fefdd0',
        'sound32@1.0?rrev=83d4b7bf607b3b60a6546f8b58b5cdd7',
      ],
    ],
    ['scalibr/cpp/conanlock/empty.v1.json', []],
    ['scalibr/cpp/conanlock/one-package.v1.json', ['zlib@1.2.11']],
    [
      'scalibr/cpp/conanlock/one-package.v1.revisions.json',
      ['zlib@1.2.11?rrev=ffa77daf83a57094149707928bdce823'],
    ],
  ])('of %s has these packages', (file, purls) => {
    const project = cleanProject(readAt(conanReader, `${data}/${file}`))
    expect(purlsOf(project)).toEqual(purls.map((purl) => `pkg:conan/${purl}`))
  })

  it.each(['no-name.v2.json', 'no-name.v1.revisions.json'])(
    'of %s leaves the nameless package out',
    (name) => {
      const result = readAt(conanReader, `${scalibr}/${name}`)
      expect(purlsOf(onlyProject(result))).toEqual([
        'pkg:conan/zlib@1.2.11?rrev=ffa77daf83a57094149707928bdce823',
      ])
      expect(result.problems).toMatchObject([{ severity: 'warning', path: name }])
    },
  )

  it('that is corrupt is an error with its line', () => {
    expect(readAt(conanReader, `${data}/syft/cpp/corrupt/conan.lock`)).toMatchObject({
      projects: [],
      problems: [{ severity: 'error', path: 'conan.lock', line: 2 }],
    })
  })
})

describe('a conan.lock', () => {
  const read = (lock: object | string) =>
    readTexts(conanReader, 'conan.lock', {
      'conan.lock': typeof lock === 'string' ? lock : JSON.stringify(lock),
    })

  it('tells what is for building from what is for running', () => {
    const lists = cleanProject(
      read({
        version: '0.5',
        requires: ['a/1'],
        build_requires: ['cmake/3.1#r%1'],
        python_requires: ['py/1@u/c'],
      }),
    )
    expect(lists.components.map(({ name, scope }) => [name, scope])).toEqual([
      ['a', 'required'],
      ['cmake', 'dev'],
      ['py', 'dev'],
    ])
    const graph = cleanProject(
      read({
        version: '0.4',
        graph_lock: {
          nodes: {
            0: { ref: 'app/1', path: 'conanfile.py', requires: ['1'], build_requires: ['2'] },
            1: { ref: 'a/1', requires: ['4'], build_requires: ['2'] },
            2: { ref: 'cmake/3', requires: ['3', '4'] },
            3: { ref: 'openssl/1' },
            4: { ref: 'zlib/1' },
          },
        },
      }),
    )
    expect(graph.components.map(({ name, scope }) => [name, scope])).toEqual([
      ['a', 'required'],
      ['cmake', 'dev'],
      ['openssl', 'dev'],
      ['zlib', 'required'],
    ])
    expect(edgesOf(graph)).toContain('a 1 -> cmake 3')
  })

  it('has user and channel, where they are given', () => {
    expect(purlsOf(cleanProject(read({ version: '0.5', requires: ['a/1@me/stable#r', 'b/1@_/_'] })))).toEqual(
      ['pkg:conan/a@1?channel=stable&rrev=r&user=me', 'pkg:conan/b@1'],
    )
  })

  it.each([
    ['of a version to come', '{\n"requires": [],\n"version": "0.6"}'],
    ['without lists', '{"version": "0.5"}'],
    ['that is no table', '[]'],
  ])('%s is an error', (_, text) => {
    expect(read(text)).toMatchObject({ projects: [], problems: [{ severity: 'error', path: 'conan.lock' }] })
  })
})
