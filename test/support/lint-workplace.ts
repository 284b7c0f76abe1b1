/** What the examples of the lint commands need around them. */
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from './aiv.ts'
import type { Workplace } from './shell.ts'

/** Two bills of materials of one project, `old.spdx.json` and `new.cdx.json`, and the project itself. */
export function prepareInventories({ folder }: Pick<Workplace, 'folder'>): undefined {
  for (const name of ['old.spdx.json', 'new.cdx.json'])
    copyFileSync(join(REPOSITORY, 'fixtures', 'sbom', name), join(folder, name))
  const root = { name: 'shop', version: '1.1.0', dependencies: { ms: '^2.1.3' } }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(root))
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({
      name: 'shop',
      version: '1.1.0',
      lockfileVersion: 3,
      packages: { '': root, 'node_modules/ms': { version: '2.1.3', license: 'MIT' } },
    }),
  )
}
