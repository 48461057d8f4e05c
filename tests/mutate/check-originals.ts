import { passSqlTests, passTestsBeside } from "./judge-by-tests.ts";
import { type Bench, judgeSql } from "./judge-sql.ts";
import { isModelled, testsOf } from "./sql-functions.ts";

export type Originals = {
  /** Functions of the database, with their definitions. */
  readonly functions: ReadonlyMap<string, string>;
  /** Files that have a test beside them. */
  readonly files: Iterable<string>;
};

/**
 * Puts what is as it should be to the judges. One that finds fault with it would call every mutant killed.
 * @returns which of them do
 */
export const checkOriginals = async (bench: Bench, { functions, files }: Originals): Promise<string[]> => {
  const complaints: string[] = [];
  const modelled = [...functions].find(([name]) => isModelled(name));
  if (modelled && (await judgeSql(bench, modelled[1], modelled[1])) !== "survived")
    complaints.push("the model finds fault with the code as it is: npm run ledger:model");
  const tests = [...new Set([...functions.keys()].flatMap(testsOf))];
  if (tests.length > 0 && !(await passSqlTests(tests)))
    complaints.push(`tests fail with the code as it is: npm test -- ${tests.join(" ")}`);
  const beside = [...files];
  if (beside.length > 0 && !(await passTestsBeside(beside)))
    complaints.push("tests beside pure code fail with the code as it is: npm test -- ledger-service");
  return complaints;
};
