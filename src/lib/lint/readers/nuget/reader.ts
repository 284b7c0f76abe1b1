/** The files of NuGet and of the .NET SDK, each by its own form. */
import { nameOf } from '../lock/index.ts'
import type { Reader } from '../reader.ts'
import { readNugetAssets } from './assets-reader.ts'
import { readPackagesConfig } from './config-reader.ts'
import { readNugetLock } from './lock-reader.ts'

export const nugetReader: Reader = {
  id: 'nuget',
  read: (path, files) => {
    const name = nameOf(path)
    if (name === 'packages.config') return readPackagesConfig(path, files)
    if (name === 'project.assets.json' || name.endsWith('.deps.json')) return readNugetAssets(path, files)
    return readNugetLock(path, files)
  },
}
