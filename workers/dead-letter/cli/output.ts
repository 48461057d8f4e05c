export type Output = {
  /** The answer: for people, or as JSON. */
  answer: (json: unknown, text: string) => void;
  /** What goes on meanwhile. */
  say: (text: string) => void;
};
