/** Python's own TOML parser, as the other opinion on what a lockfile holds. */
import { spawnSync } from 'node:child_process'

/**
 * Runs a Python program over a TOML file; the program sees it as `d` and prints JSON.
 * @returns undefined, with a printed reason, where there is no Python 3.11
 */
export function judgedByPython(path: string, program: string): unknown {
  const source = `import json, re, sys, tomllib
d = tomllib.load(open(sys.argv[1], 'rb'))
norm = lambda name: re.sub(r'[-_.]+', '-', name).lower()
print(json.dumps(${program}))`
  const { status, stdout, stderr } = spawnSync('python3', ['-c', source, path], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (status === 0) return JSON.parse(stdout)
  process.stdout.write(`skipped: python3 with tomllib does not run: ${stderr}\n`)
  return undefined
}
