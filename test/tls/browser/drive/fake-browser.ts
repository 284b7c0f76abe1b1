/** Programs that pretend to be a browser, for what a real one cannot be brought to do. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../../support/aiv.ts'

/**
 * @param script lines of a shell, which run when it is not asked for its version
 * @returns the folder with a program `chromium`
 */
export function fakeBrowser(script: string, says = 'Chromium 156.0.1.2 fake'): string {
  const folder = temporaryFolder()
  const path = join(folder, 'chromium')
  writeFileSync(path, `#!/bin/sh\nif [ "$1" = --version ]; then echo '${says}'; exit; fi\n${script}\n`)
  chmodSync(path, 0o755)
  return folder
}

/** A process that has ended and that nobody has asked for is not running. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
