/** A square of modules, as the core draws it. */
export interface Picture {
  size: number
  /** The dark modules, as the `d` of a path in module units. */
  path: string
}
