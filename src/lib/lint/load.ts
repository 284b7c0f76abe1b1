/** The parts of linting that take time to load, each when a command needs it. */

export async function loadRules(): Promise<typeof import('./rules/index.ts')> {
  return await import('./rules/index.ts')
}

export async function loadLintConfig(): Promise<typeof import('./config/index.ts')> {
  return await import('./config/index.ts')
}

export async function loadReporters(): Promise<typeof import('./reporters/index.ts')> {
  return await import('./reporters/index.ts')
}

export async function loadLintRun(): Promise<typeof import('./run/index.ts')> {
  return await import('./run/index.ts')
}
