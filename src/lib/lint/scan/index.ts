export * from './scan-project.ts'
