/** What the examples of `aiv lint` need around them: a project with a lockfile, and documents about it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Workplace } from './shell.ts'

/** A package of npm with one dependency. */
export const PACKAGE_LOCK = {
  name: 'demo',
  version: '1.0.0',
  lockfileVersion: 3,
  packages: {
    '': { name: 'demo', version: '1.0.0', dependencies: { 'left-pad': '1.3.0' } },
    'node_modules/left-pad': {
      version: '1.3.0',
      integrity:
        'sha512-XI5MPzVNApjAyhQzphX8BkmKsKUxD4LdyK24iZeQGinBN9yTQT3bFlCBy/aVx2HrNcqQGsdot8ghrjyrvMCoEA==',
      license: 'WTFPL',
    },
  },
}

/** About {@link PACKAGE_LOCK}, and in order. */
export const CYCLONEDX_DOCUMENT = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
  version: 1,
  metadata: {
    timestamp: '2026-01-31T12:00:00Z',
    lifecycles: [{ phase: 'pre-build' }],
    authors: [{ name: 'Ada Example' }],
    tools: { components: [{ type: 'application', name: 'hand', version: '1' }] },
    component: {
      type: 'application',
      'bom-ref': 'pkg:npm/demo@1.0.0',
      name: 'demo',
      version: '1.0.0',
      purl: 'pkg:npm/demo@1.0.0',
      supplier: { name: 'Example' },
      licenses: [{ license: { id: 'MIT' } }],
    },
  },
  components: [
    {
      type: 'library',
      'bom-ref': 'pkg:npm/left-pad@1.3.0',
      name: 'left-pad',
      version: '1.3.0',
      purl: 'pkg:npm/left-pad@1.3.0',
      supplier: { name: 'Example' },
      licenses: [{ license: { id: 'WTFPL' } }],
      hashes: [{ alg: 'SHA-256', content: '0123456789abcdef'.repeat(4) }],
    },
  ],
  dependencies: [
    { ref: 'pkg:npm/demo@1.0.0', dependsOn: ['pkg:npm/left-pad@1.3.0'] },
    { ref: 'pkg:npm/left-pad@1.3.0', dependsOn: [] },
  ],
}

export const SPDX_DOCUMENT = {
  spdxVersion: 'SPDX-2.3',
  dataLicense: 'CC0-1.0',
  SPDXID: 'SPDXRef-DOCUMENT',
  name: 'demo',
  documentNamespace: 'https://example.com/spdx/demo-1.0.0',
  creationInfo: {
    created: '2026-01-31T12:00:00Z',
    creators: ['Person: Ada Example (ada@example.com)', 'Tool: hand-1'],
  },
  packages: [
    {
      SPDXID: 'SPDXRef-demo',
      name: 'demo',
      versionInfo: '1.0.0',
      downloadLocation: 'NOASSERTION',
      supplier: 'Organization: Example',
      licenseDeclared: 'MIT',
      licenseConcluded: 'NOASSERTION',
      externalRefs: [
        {
          referenceCategory: 'PACKAGE-MANAGER',
          referenceType: 'purl',
          referenceLocator: 'pkg:npm/demo@1.0.0',
        },
      ],
    },
    {
      SPDXID: 'SPDXRef-left-pad',
      name: 'left-pad',
      versionInfo: '1.3.0',
      downloadLocation: 'NOASSERTION',
      supplier: 'Organization: Example',
      licenseDeclared: 'WTFPL',
      licenseConcluded: 'WTFPL',
      checksums: [{ algorithm: 'SHA256', checksumValue: '0123456789abcdef'.repeat(4) }],
      externalRefs: [
        {
          referenceCategory: 'PACKAGE-MANAGER',
          referenceType: 'purl',
          referenceLocator: 'pkg:npm/left-pad@1.3.0',
        },
      ],
    },
  ],
  relationships: [
    {
      spdxElementId: 'SPDXRef-DOCUMENT',
      relationshipType: 'DESCRIBES',
      relatedSpdxElement: 'SPDXRef-demo',
    },
    {
      spdxElementId: 'SPDXRef-demo',
      relationshipType: 'DEPENDS_ON',
      relatedSpdxElement: 'SPDXRef-left-pad',
    },
  ],
}

export function prepareLint({ folder }: Pick<Workplace, 'folder'>): undefined {
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(PACKAGE_LOCK, undefined, 2))
  writeFileSync(join(folder, 'sbom.cdx.json'), JSON.stringify(CYCLONEDX_DOCUMENT, undefined, 2))
  writeFileSync(join(folder, 'sbom.spdx.json'), JSON.stringify(SPDX_DOCUMENT, undefined, 2))
  return undefined
}
