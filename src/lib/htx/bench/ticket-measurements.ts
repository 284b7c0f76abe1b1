/** Measurements of access tickets. */
import type { Measurement } from './measurement.ts'

function ticketMeasurement(name: string, method: 'ticketInserts' | 'ticketChecks'): Measurement {
  return {
    name,
    unit: '/s',
    link: 'memory',
    processes: 1,
    quote: 'p50',
    async start(workers) {
      const worker = workers.start()
      return async () => ({ values: [await worker.call(method, {})] })
    },
  }
}

export const ticketInserts: Measurement = ticketMeasurement('tickets.inserts', 'ticketInserts')
export const ticketChecks: Measurement = ticketMeasurement('tickets.checks', 'ticketChecks')
