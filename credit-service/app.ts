import type { Cache } from "../platform/cache/cache.ts";
import type { RedisConnection } from "../platform/cache/redis.ts";
import type { Sql } from "../platform/database/connect.ts";
import { type App, type AppDeps, createHttpApp } from "../platform/http/create-app.ts";
import { requireGateway } from "../platform/http/require-gateway.ts";
import { uuidv7 } from "uuidv7";
import { createAcceptOffer } from "./actions/accept-offer.ts";
import { createAnalyseCredit } from "./actions/analyse-credit.ts";
import { createAnalysisCache } from "./actions/analysis-cache.ts";
import { createGuessGuard } from "./actions/guard-guesses.ts";
import { createLogIn } from "./actions/log-in.ts";
import { createLogOut } from "./actions/log-out.ts";
import { createRegisterUser } from "./actions/register-user.ts";
import type { Config } from "./config.ts";
import type { RiskModel } from "./model/risk-model.ts";
import type { Passwords } from "./passwords/passwords.ts";
import { registerAcceptOffer } from "./routes/accept-offer.ts";
import { registerAnalyseCredit } from "./routes/analyse-credit.ts";
import { registerCreditDecisions } from "./routes/credit-decisions.ts";
import { registerListNotifications } from "./routes/list-notifications.ts";
import { registerListOffers } from "./routes/list-offers.ts";
import { registerLogOut } from "./routes/log-out.ts";
import { registerLogin } from "./routes/login.ts";
import { registerRegister } from "./routes/register.ts";
import { registerRevocationFeed, registerTokenRevocations } from "./routes/token-revocations.ts";

export type CreditDeps = AppDeps & {
  sql: Sql;
  cache: Cache;
  redis: RedisConnection;
  model: RiskModel;
  passwords: Passwords;
  wakeRelay: () => void;
  config: Pick<Config, "JWT_SECRET" | "GATEWAY_KEY" | "TOKEN_TTL_SECONDS" | "COOL_OFF_SECONDS">;
  clock?: () => Date;
};

/** Users, credit analysis, offers and what people are told. */
export const createApp = ({ config, clock = () => new Date(), ...deps }: CreditDeps): App => {
  const { sql, model, passwords, wakeRelay } = deps;
  const newId = uuidv7;
  const coolOffMs = config.COOL_OFF_SECONDS * 1_000;
  const cache = createAnalysisCache(deps.cache, coolOffMs);

  const app = createHttpApp(deps);
  for (const paths of ["/v1/*", "/internal/*"]) app.use(paths, requireGateway(config.GATEWAY_KEY));
  registerRegister(app, { registerUser: createRegisterUser({ sql, passwords, newId }) });
  const { JWT_SECRET: jwtSecret, TOKEN_TTL_SECONDS: tokenTtlSeconds } = config;
  const guesses = createGuessGuard(deps);
  const logIn = createLogIn({ sql, passwords, guesses, jwtSecret, tokenTtlSeconds, clock, newId });
  registerLogin(app, { logIn });
  registerLogOut(app, { logOut: createLogOut({ sql, newId }) });
  registerTokenRevocations(app, { sql, newId });
  registerRevocationFeed(app, { sql });
  registerAnalyseCredit(app, {
    analyseCredit: createAnalyseCredit({ sql, cache, model, coolOffMs, clock, newId }),
  });
  registerCreditDecisions(app, { sql });
  registerListOffers(app, { sql });
  registerAcceptOffer(app, { acceptOffer: createAcceptOffer({ sql, cache, wakeRelay }) });
  registerListNotifications(app, { sql });
  return app;
};
