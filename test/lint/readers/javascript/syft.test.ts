/** The package URLs that another generator's tests (anchore/syft@bf82010f, Apache-2.0) expect of its own lockfiles. */
import { expect, it } from 'vitest'
import { corpusProject, purlsOf } from './corpus.ts'

const EXAMPLE = ['code-frame@7.10.4', 'minimatch@3.0.3', 'qs@6.9.4']
const COMMON = [
  `pkg:npm/%40babel/${EXAMPLE[0]}`,
  `pkg:npm/%40types/${EXAMPLE[1]}`,
  `pkg:npm/%40types/${EXAMPLE[2]}`,
  ...['ajv@6.12.3', 'asn1.js@4.10.1', 'atob@2.1.2', 'aws-sdk@2.706.0', 'jhipster-core@7.3.4'].map(npm),
]

const CASES: readonly (readonly [string, string, readonly string[]])[] = [
  // That test also lists the project itself.
  ['yarn', 'yarn-berry/yarn.lock', COMMON],
  ['yarn', 'yarn-berry-dups/yarn.lock', ['async@3.2.6', 'async@0.9.2'].map(npm)],
  ['yarn', 'yarn/yarn.lock', [...COMMON, npm('something-i-made-up@7.7.7')]],
  ['yarn', 'yarn-v1-deps/yarn.lock', [...COMMON, npm('something-i-made-up@7.7.7')]],
  [
    'yarn',
    'yarn-dups/yarn.lock',
    [
      ...['async@0.9.2', 'async@3.2.3', 'merge-objects@1.0.5'].map(npm),
      // Its pattern says otherwise, but this is what the archive holds.
      'pkg:npm/%404lolo/resize-observer-polyfill@1.5.2',
      npm('should-type@1.3.0'),
    ],
  ],
  ['yarn', 'yarn-remote/yarn.lock', ['pkg:npm/%40babel/code-frame@7.10.4']],
  [
    'pnpm',
    'pnpm-v9/pnpm-lock.yaml',
    [
      'pkg:npm/%40babel/core@7.24.7',
      'pkg:npm/%40babel/helper-plugin-utils@7.24.7',
      ...['is-positive@3.1.0', 'rollup@4.18.0'].map(npm),
    ],
  ],
  [
    'pnpm',
    'pnpm-v9-snapshots/pnpm-lock.yaml',
    [
      'cross-spawn@7.0.6',
      'isexe@2.0.0',
      'path-key@3.1.1',
      'shebang-command@2.0.0',
      'shebang-regex@3.0.0',
      'which@2.0.2',
    ].map(npm),
  ],
  [
    'pnpm',
    'pnpm-multi-doc/pnpm-lock.yaml',
    ['pkg:npm/%40pnpm/exe.linux-x64@12.0.0-rc.3', ...['minimist@1.2.0', 'pnpm@12.0.0-rc.3'].map(npm)],
  ],
  [
    'npm',
    'pkg-lock/package-lock.json',
    [
      'pkg:npm/%40actions/core@1.6.0',
      ...[
        'ansi-regex@3.0.0',
        // Marked dev in the lockfile; that test leaves such packages out.
        'async@3.2.4',
        'cowsay@1.4.0',
        'get-stdin@5.0.1',
        'is-fullwidth-code-point@2.0.0',
        'minimist@0.0.10',
        'optimist@0.6.1',
        'string-width@2.1.1',
        'strip-ansi@4.0.0',
        'strip-eof@1.0.0',
        'wordwrap@0.0.3',
      ].map(npm),
    ],
  ],
  [
    'bun',
    'bun/bun.lock',
    [
      'pkg:npm/%40img/sharp-darwin-arm64@0.33.5',
      'pkg:npm/%40img/sharp-linux-x64@0.33.5',
      ...[
        'axios@1.6.0',
        'color@4.2.3',
        'eslint@9.0.0',
        'eslint-visitor-keys@4.0.0',
        'follow-redirects@1.15.3',
        'lodash@4.17.21',
        'sharp@0.33.5',
        'typescript@5.0.0',
      ].map(npm),
    ],
  ],
  [
    'bun',
    'bun-trailing-comma/bun.lock',
    ['axios@1.6.0', 'follow-redirects@1.15.3', 'lodash@4.17.21'].map(npm),
  ],
]

it.each(CASES)('%s: %s holds the packages that syft finds', async (id, path, expected) => {
  const project = await corpusProject(id, `syft/javascript/${path}`)
  if (project === undefined) return
  // What syft names by version alone comes from a repository here, and the package URL says so.
  const found = purlsOf(project).map((purl) => purl.replace(/\?vcs_url=.*$/, ''))
  expect(found).toEqual([...expected].sort())
})

/** That test lists what is no development dependency, marked or found so. */
const PRODUCTION: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'npm',
    'pkg-lock/nested-package-lock-1.json',
    ['duplicate@1.0.0', 'middle@1.0.0', 'parent@1.0.0', 'shared@0.5.0', 'shared@1.0.0', 'shared@2.0.0'].map(
      npm,
    ),
  ],
  [
    'bun',
    'bun/bun.lock',
    [
      'pkg:npm/%40img/sharp-darwin-arm64@0.33.5',
      'pkg:npm/%40img/sharp-linux-x64@0.33.5',
      ...['axios@1.6.0', 'color@4.2.3', 'follow-redirects@1.15.3', 'lodash@4.17.21', 'sharp@0.33.5'].map(npm),
    ],
  ],
  [
    'npm',
    'pkg-lock/package-lock-3.json',
    [
      'pkg:npm/%40types/prop-types@15.7.5',
      'pkg:npm/%40types/react@18.0.20',
      'pkg:npm/%40types/scheduler@0.16.2',
      npm('csstype@3.1.1'),
    ],
  ],
]

it.each(PRODUCTION)('%s: %s needs in production what syft says', async (id, path, expected) => {
  const project = await corpusProject(id, `syft/javascript/${path}`)
  if (project === undefined) return
  const production = project.components.filter(({ scope }) => scope !== 'dev')
  expect(production.map(({ purl }) => purl).sort()).toEqual([...expected].sort())
})

function npm(name: string): string {
  return `pkg:npm/${name}`
}
