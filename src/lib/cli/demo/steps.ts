/** The steps of `aiv demo` in their order; each is loaded when it runs. To add one, add a line. */
import type { DemoStep } from '../../core/index.ts'

export const DEMO_STEPS: Readonly<Record<string, () => Promise<DemoStep>>> = {
  cryptography: async () => (await import('./cryptography.ts')).cryptographyStep,
  utls: async () => (await import('./utls/step.ts')).utlsStep,
  lint: async () => (await import('./lint/step.ts')).lintStep,
  mix: async () => (await import('./mix/step.ts')).mixStep,
  htx: async () => (await import('./htx/step.ts')).htxStep,
}
