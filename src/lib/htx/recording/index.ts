/** Writing down what sessions do. */
export { TraceFiles, type TraceFilesOptions } from './trace-files.ts'
export { TracedLink, type Tracer } from './traced-link.ts'
