/** A bill of materials that uses every field of the model. */
import type { Bom, Component, Dependencies } from '../../../src/lib/lint/bom/index.ts'
import { formatPurl } from '../../../src/lib/lint/purl/index.ts'

export const LODASH = formatPurl({ type: 'npm', name: 'lodash', version: '4.17.21' })
export const CLI = formatPurl({ type: 'npm', namespace: '@acme', name: 'cli', version: '1.0.0-rc.1+b' })
export const GUAVA = formatPurl({
  type: 'maven',
  namespace: 'com.google.guava',
  name: 'guava',
  version: '33.0',
})

const SHA512 = 'ab'.repeat(64)

/** Every field of the model somewhere. */
export const SAMPLE: Bom = {
  document: {
    name: 'shop',
    created: '2026-11-20T10:00:00Z',
    authors: [
      { kind: 'person', name: 'Jane Doe', email: 'jane@example.com' },
      { kind: 'organization', name: 'Acme (Europe)', url: 'https://acme.example' },
    ],
    tools: [{ name: 'aiv', version: '0.1.0', vendor: 'aivillage' }],
    supplier: {
      kind: 'organization',
      name: 'Acme',
      email: 'sales@acme.example',
      url: 'https://acme.example',
    },
    lifecycles: ['pre-build'],
    dataLicense: 'CC0-1.0',
    comment: 'Made for a test.',
  },
  primary: 'path:.',
  components: [
    {
      ref: 'path:.',
      type: 'application',
      name: 'shop',
      version: '2.0.0',
      origin: 'workspace',
      scope: 'required',
      licenses: { declared: 'MIT OR Apache-2.0' },
    },
    {
      ref: GUAVA,
      type: 'library',
      name: 'com.google.guava:guava',
      version: '33.0',
      purl: GUAVA,
      origin: 'registry',
      scope: 'optional',
      hashes: [{ algorithm: 'sha224', value: 'cd'.repeat(28) }],
      licenses: { declared: 'Apache License, Version 2.0' },
    },
    {
      ref: CLI,
      type: 'application',
      name: '@acme/cli',
      version: '1.0.0-rc.1+b',
      purl: CLI,
      cpes: ['cpe:2.3:a:acme:cli:1.0.0:*:*:*:*:*:*:*', 'cpe:/a:acme:cli:1.0.0'],
      origin: 'git',
      scope: 'dev',
      hashes: [{ algorithm: 'sha512', value: SHA512 }],
      downloadUrl: 'https://packages.example/acme/cli-1.0.0.tgz',
      source: { url: 'https://git.example/acme/cli.git', revision: '0123abcd' },
      homepage: 'https://acme.example/cli',
      description: 'A <b>command</b>\nof two lines',
      supplier: { kind: 'person', name: 'Jane Doe', email: 'jane@example.com', url: 'https://jane.example' },
      author: { kind: 'organization', name: 'Acme' },
      copyright: 'Copyright 2026 Acme',
      licenses: {
        declared: 'LicenseRef-acme',
        concluded: 'MIT',
        evidence: [{ path: 'node_modules/@acme/cli/LICENSE', license: 'MIT', similarity: 0.987 }],
      },
      occurrences: [{ path: 'package-lock.json', line: 17 }, { path: 'apps/web: 1/yarn.lock' }],
      properties: { 'aiv:npm:alias': 'acme-cli', note: 'two\nlines' },
    },
    {
      ref: LODASH,
      type: 'library',
      name: 'lodash',
      version: '4.17.21',
      purl: LODASH,
      origin: 'registry',
      scope: 'required',
      hashes: [
        { algorithm: 'sha1', value: '01'.repeat(20) },
        { algorithm: 'sha512', value: SHA512 },
      ],
      licenses: { declared: 'MIT' },
      occurrences: [{ path: 'package-lock.json' }],
    },
  ].sort((a, b) => (a.ref < b.ref ? -1 : 1)) as readonly Component[],
  dependencies: new Map<string, Dependencies>([
    ['path:.', { on: [GUAVA, CLI, LODASH].sort(), completeness: 'complete' }],
    [CLI, { on: [LODASH], completeness: 'incomplete' }],
    [LODASH, { on: [], completeness: 'complete' }],
  ]),
  extractedLicenses: [
    { id: 'LicenseRef-acme', name: 'Acme license', text: 'Do as you like.\n</text>\nReally.' },
  ],
}

/** What the model says, in a form that compares: a component without an entry has unknown dependencies. */
export function comparable({ document, dependencies, ...bom }: Bom): unknown {
  const { namespace: _, ...said } = document
  const known = [...dependencies].filter(
    ([, { on, completeness }]) => on.length > 0 || completeness !== 'unknown',
  )
  return { ...bom, document: said, dependencies: Object.fromEntries(known) }
}
