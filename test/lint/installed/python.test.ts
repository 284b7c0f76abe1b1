import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { findInstalled } from '../../../src/lib/lint/installed/index.ts'
import { FolderFiles } from '../../../src/lib/lint/readers/folder-files.ts'
import { judge } from '../../support/judge.ts'
import { processorMs } from '../../support/processor-time.ts'
import { component, describeIn, licenseText } from './described.ts'

const SITE = '.venv/lib/python3.12/site-packages'
const VENV = { '.venv/pyvenv.cfg': 'home = /usr/bin\n' }
const DEMO = component('pypi', 'demo-package', '1.0.0')

function metadata(lines: string): string {
  return `Metadata-Version: 2.4\nName: Demo.Package\nVersion: 1.0.0\n${lines}\n\nLicense: of the description\n`
}

function described(lines: string, files: Record<string, string> = {}) {
  return describeIn(
    { ...VENV, [`${SITE}/demo_package-1.0.0.dist-info/METADATA`]: metadata(lines), ...files },
    DEMO,
  )
}

/** What Python's own reader of core metadata says of each distribution of the machine that it can find. */
const READ_METADATA = `
import email.utils, importlib.metadata as m, json
def field(d, k):
    v = d.metadata.get_all(k)
    return v[0] if v else None
def person(d, k):
    if field(d, k): return field(d, k)
    v = email.utils.getaddresses([field(d, k + "-email") or ""])
    return v[0][0] if v else None
print(json.dumps([{"path": str(d._path), "name": d.metadata["Name"], "version": d.version,
  "license": field(d, "License-Expression"), "summary": field(d, "Summary"), "author": person(d, "Author"),
  "maintainer": person(d, "Maintainer")}
  for d in m.distributions() if hasattr(d, "_path") and str(d._path).endswith(".dist-info")]))
`

describe('a Python distribution in a virtual environment', () => {
  it('gives a component what its metadata and its license files say', () => {
    const folder = `${SITE}/demo_package-1.0.0.dist-info`
    const found = described(
      [
        'Summary: Shows things',
        'Author-email: "Lovelace, Ada" <ada@example.org>, Grace <grace@example.org>',
        'License-Expression: MIT OR Apache-2.0',
        'License-File: LICENSE.MIT',
        'License-File: LICENSE.APACHE',
        'Project-URL: Homepage, https://example.org/demo',
        'Project-URL: Source Code, https://github.com/ada/demo',
        'Classifier: License :: OSI Approved :: BSD License',
      ].join('\n'),
      {
        [`${folder}/licenses/LICENSE.MIT`]: licenseText('MIT'),
        [`${folder}/licenses/LICENSE.APACHE`]: licenseText('Apache-2.0'),
      },
    )
    expect(found).toEqual({
      ...DEMO,
      description: 'Shows things',
      homepage: 'https://example.org/demo',
      source: { url: 'https://github.com/ada/demo' },
      supplier: { kind: 'person', name: 'Lovelace, Ada', email: 'ada@example.org' },
      copyright: 'Copyright (c) 2020 Ada Lovelace',
      licenses: {
        declared: 'MIT OR Apache-2.0',
        concluded: 'MIT OR Apache-2.0',
        evidence: [
          { path: `${folder}/licenses/LICENSE.APACHE`, license: 'Apache-2.0', similarity: 1 },
          { path: `${folder}/licenses/LICENSE.MIT`, license: 'MIT', similarity: 1 },
        ],
      },
    })
  })

  it.each([
    ['the expression first', 'License-Expression: MIT\nLicense: BSD', 'MIT'],
    ['the name', 'License: BSD 3-Clause\nClassifier: License :: OSI Approved :: BSD License', 'BSD 3-Clause'],
    [
      'the classifier where the name is unknown',
      'License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License',
      'MIT License',
    ],
    [
      'the classifier where the text stands in place of a name',
      'License: Permission is\n        granted\nClassifier: License :: OSI Approved :: MIT License',
      'MIT License',
    ],
    [
      'several classifiers as a list',
      'Classifier: License :: OSI Approved :: MIT License\nClassifier: License :: OSI Approved :: Apache Software License',
      'MIT License, Apache Software License',
    ],
    ['nothing where there is nothing', 'Classifier: License :: OSI Approved', undefined],
  ])('declares %s', (_, lines, license) => {
    expect(described(lines).licenses?.declared).toBe(license)
  })

  it.each([
    ['.venv/Lib/site-packages', { '.venv/pyvenv.cfg': '' }],
    ['environment/lib/python3.9/site-packages', { 'environment/pyvenv.cfg': '' }],
    ['__pypackages__/3.11/lib', {}],
  ])('is found in %s', (site, files) => {
    const all = {
      ...files,
      [`${site}/demo_package-1.0.0.dist-info/METADATA`]: metadata('License-Expression: MIT'),
    }
    expect(describeIn(all, DEMO).licenses?.declared).toBe('MIT')
  })

  it('is not found in a folder that is no environment, at another version, or without metadata', () => {
    const path = 'lib/python3.9/site-packages/demo_package-1.0.0.dist-info'
    expect(describeIn({ [`other/${path}/METADATA`]: metadata('') }, DEMO)).toBe(DEMO)
    const other = component('pypi', 'demo-package', '2.0.0')
    expect(describeIn({ '.venv/pyvenv.cfg': '', [`.venv/${path}/METADATA`]: metadata('') }, other)).toBe(
      other,
    )
    expect(describeIn({ '.venv/pyvenv.cfg': '', [`.venv/${path}/RECORD`]: '' }, DEMO)).toBe(DEMO)
  })

  it('reads no license file outside of its own folder', () => {
    const root = mkdtempSync(join(tmpdir(), 'aiv-python-'))
    onTestFinished(() => rmSync(root, { recursive: true }))
    const folder = join(root, SITE, 'demo_package-1.0.0.dist-info')
    mkdirSync(join(folder, 'licenses/inner'), { recursive: true })
    writeFileSync(join(root, '.venv/pyvenv.cfg'), '')
    writeFileSync(
      join(folder, 'METADATA'),
      metadata('License-File: inner/LICENSE\nLicense-File: ../../LICENSE'),
    )
    writeFileSync(join(folder, 'licenses/inner/LICENSE'), licenseText('ISC'))
    writeFileSync(join(root, SITE, 'LICENSE'), licenseText('MIT'))
    const { licenses } = findInstalled(new FolderFiles(root), ['.']).describe(DEMO)
    expect(licenses?.evidence).toEqual([
      { path: `${SITE}/demo_package-1.0.0.dist-info/licenses/inner/LICENSE`, license: 'ISC', similarity: 1 },
    ])
  })

  it('with metadata that goes on without end takes a bounded time', () => {
    const work = () => described(`Author-email: ${','.repeat(500_000)}\nLicense: ${'x\n '.repeat(300_000)}`)
    expect(processorMs(work)).toBeLessThan(3000)
  })

  it('is read as Python reads it', () => {
    const python = judge('python3')
    if (python === undefined) return
    const { stdout } = spawnSync(python, ['-c', READ_METADATA], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
    const expected = JSON.parse(stdout) as readonly {
      readonly path: string
      readonly name: string
      readonly version: string
      readonly license: string | null
      readonly summary: string | null
      readonly author: string | null
      readonly maintainer: string | null
    }[]
    if (expected.length === 0) process.stdout.write('skipped: this Python has no distributions\n')
    const root = mkdtempSync(join(tmpdir(), 'aiv-python-'))
    onTestFinished(() => rmSync(root, { recursive: true }))
    const site = join(root, '.venv/lib/python3/site-packages')
    mkdirSync(site, { recursive: true })
    writeFileSync(join(root, '.venv/pyvenv.cfg'), '')
    for (const { path } of expected) {
      if (!existsSync(join(path, 'METADATA'))) continue
      mkdirSync(join(site, basename(path)), { recursive: true })
      cpSync(join(path, 'METADATA'), join(site, basename(path), 'METADATA'))
    }
    const installed = findInstalled(new FolderFiles(root), ['.'])
    for (const { name, version, license, summary, author, maintainer } of expected) {
      const given = component('pypi', name, version)
      const found = installed.describe(given)
      expect(found, name).not.toBe(given)
      if (license !== null) expect(found.licenses?.declared, name).toBe(license)
      if (summary !== null && summary !== 'UNKNOWN')
        expect(found.description, name).toBe(summary.replace(/\s+/g, ' ').trim())
      const person = author || maintainer
      if (person && /^[\w .-]+$/.test(person) && person !== 'UNKNOWN')
        expect(found.supplier?.name, name).toBe(person)
    }
  })
})
