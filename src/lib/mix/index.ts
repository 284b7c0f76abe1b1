/** The mixnet: what nodes, clients and those who measure them are made of. */
export * from './delay/index.ts'
export * from './directory/index.ts'
export * from './files/index.ts'
export * from './keys/index.ts'
export * from './message/index.ts'
export * from './path/index.ts'
export * from './replay/index.ts'
export * from './topology/index.ts'
