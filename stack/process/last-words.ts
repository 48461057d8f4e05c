import { complaintIn } from "./complaint.ts";

const MOST_LINES = 12;
// What Node prints of an error that nobody caught: its name first, the calls below it.
const UNCAUGHT = /^(\w*Error)( \[\w+\])?: ./;

/** The part of a program's output that says why it ended. */
export const lastWords = (output: string): string => {
  const lines = output.trim().split("\n");
  const complaints = lines.flatMap((line) => complaintIn(line) ?? []);
  if (complaints.length > 0) return complaints.slice(-MOST_LINES).join("\n  ");
  return lines.find((line) => UNCAUGHT.test(line)) ?? lines.slice(-MOST_LINES).join("\n  ");
};
