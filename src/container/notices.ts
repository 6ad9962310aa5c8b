// What a command says besides failing.
export type Say = (text: string, fields?: Readonly<Record<string, unknown>>) => void;

export interface Notices {
  readonly warn: Say;
  /** Something that the config asks for was not done: a warning; with --strict it throws. */
  readonly notApplied: Say;
}
