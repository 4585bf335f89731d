/** A square of modules. */
export interface Picture {
  size: number
  /** The dark modules, as the `d` of a path in module units. */
  path: string
}
