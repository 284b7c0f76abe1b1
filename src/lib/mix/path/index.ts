export { choosePath, nodesOfLayer, type PathOptions } from './choose-path.ts'
export { DEFAULT_CONSTRAINTS, PATH_CONSTRAINTS, type PathConstraint } from './constraints.ts'
export { type PathProof, type ProvenPath, pathProblem, provePath } from './prove-path.ts'
