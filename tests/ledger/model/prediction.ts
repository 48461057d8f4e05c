import type { Expected } from "./model.ts";

export type Prediction = {
  readonly expected: readonly Expected[];
  /** Whether anything is kept, the answers too. */
  readonly written: boolean;
  /** Makes what was predicted part of the model. */
  readonly commit: () => void;
};
