import type { RouteConfig } from "@hono/zod-openapi";
import { login, register } from "../../contracts/http/auth.ts";
import {
  authorizeSibling,
  createAuthorization,
  findAuthorizations,
  listAuthorizations,
  showAuthorization,
} from "../../contracts/http/authorizations.ts";
import {
  captureAuthorization,
  listCaptures,
  voidAuthorization,
} from "../../contracts/http/settle-authorizations.ts";
import { captureGroup, showGroup, voidGroup } from "../../contracts/http/authorization-groups.ts";
import { acceptOffer, analyseCredit, listNotifications, listOffers } from "../../contracts/http/credit.ts";
import { listCreditDecisions, showCreditDecision } from "../../contracts/http/credit-decisions.ts";
import {
  cancelBulkReplay,
  listBulkReplays,
  showBulkReplay,
  startBulkReplay,
} from "../../contracts/http/dead-letter-replays.ts";
import {
  discardDeadLetter,
  dryRunDeadLetter,
  editDeadLetter,
  groupDeadLetters,
  listDeadLetters,
  replayDeadLetter,
  showDeadLetter,
} from "../../contracts/http/dead-letters.ts";
import {
  changePartner,
  createPartner,
  linkPartnerUser,
  listPartnerUsers,
  listPartners,
  unlinkPartnerUser,
} from "../../contracts/http/partners.ts";
import {
  createPartnerKey,
  listPartnerKeys,
  revokePartnerKey,
  rotatePartnerKey,
} from "../../contracts/http/partner-keys.ts";
import { compensateSaga, listSagas, resolveSaga, retrySaga, showSaga } from "../../contracts/http/sagas.ts";
import { listTokenRevocations, logOut, revokeTokens } from "../../contracts/http/tokens.ts";
import { emotionSocket } from "../../contracts/http/emotion-socket.ts";
import { sendEmotionBatch, sendTransactionBatch } from "../../contracts/http/telemetry-batches.ts";
import {
  changeAccount,
  createAccount,
  listAccounts,
  showAccount,
} from "../../contracts/http/ledger-accounts.ts";
import { showBalance, showStatement } from "../../contracts/http/ledger-balances.ts";
import { listAccountChanges } from "../../contracts/http/ledger-account-changes.ts";
import {
  listReconciliationItems,
  listReconciliations,
  reconcileAccount,
  showReconciliation,
} from "../../contracts/http/ledger-reconciliations.ts";
import {
  createSiblingAccount,
  createSiblingTransaction,
  showSiblingAccount,
} from "../../contracts/http/ledger-siblings.ts";
import {
  cancelTransfer,
  createTransfer,
  createTransfers,
  dryRunTransfer,
  listTransfers,
  revertTransfer,
  showTransfer,
} from "../../contracts/http/ledger-transfers.ts";
import { sendEmotion, sendTransaction } from "../../contracts/http/telemetry.ts";
import { endsToken, repeatable, streamed, to } from "./gateway-route.ts";
import type { GatewayRoute } from "./gateway-route.ts";

/** Every public route and the service that answers it. A new route in `contracts/` needs one line here. */
export const buildRouteTable = (): GatewayRoute[] => [
  to("credit-service", register, "auth"),
  to("credit-service", login, "auth"),
  endsToken(to("credit-service", logOut)),
  to("credit-service", revokeTokens),
  to("credit-service", listTokenRevocations),
  repeatable(to("emotion-ingestion", sendEmotion)),
  repeatable(to("transaction-ingestion", sendTransaction)),
  streamed(to("emotion-ingestion", sendEmotionBatch)),
  streamed(to("transaction-ingestion", sendTransactionBatch)),
  repeatable(to("credit-service", analyseCredit)),
  to("credit-service", listCreditDecisions),
  to("credit-service", showCreditDecision),
  to("credit-service", listOffers),
  to("credit-service", acceptOffer),
  to("credit-service", listNotifications),
  to("ledger-service", createAccount),
  to("ledger-service", listAccounts),
  to("ledger-service", showAccount),
  to("ledger-service", changeAccount),
  to("ledger-service", showBalance),
  to("ledger-service", showStatement),
  to("ledger-service", listAccountChanges),
  to("ledger-service", reconcileAccount),
  to("ledger-service", listReconciliations),
  to("ledger-service", showReconciliation),
  to("ledger-service", listReconciliationItems),
  to("ledger-service", createTransfer),
  to("ledger-service", listTransfers),
  to("ledger-service", dryRunTransfer),
  to("ledger-service", createTransfers),
  to("ledger-service", showTransfer),
  to("ledger-service", revertTransfer),
  to("ledger-service", cancelTransfer),
  to("ledger-service", createSiblingAccount),
  to("ledger-service", showSiblingAccount),
  to("ledger-service", createSiblingTransaction),
  to("ledger-service", createAuthorization),
  to("ledger-service", findAuthorizations),
  to("ledger-service", listAuthorizations),
  to("ledger-service", showAuthorization),
  to("ledger-service", listCaptures),
  to("ledger-service", captureAuthorization),
  to("ledger-service", voidAuthorization),
  to("ledger-service", captureGroup),
  to("ledger-service", showGroup),
  to("ledger-service", voidGroup),
  to("ledger-service", authorizeSibling),
  to("ledger-service", createPartner),
  to("ledger-service", listPartners),
  to("ledger-service", changePartner),
  to("ledger-service", createPartnerKey),
  to("ledger-service", listPartnerKeys),
  to("ledger-service", rotatePartnerKey),
  to("ledger-service", revokePartnerKey),
  to("ledger-service", listPartnerUsers),
  to("ledger-service", linkPartnerUser),
  to("ledger-service", unlinkPartnerUser),
  to("ledger-service", listSagas),
  to("ledger-service", showSaga),
  to("ledger-service", retrySaga),
  to("ledger-service", compensateSaga),
  to("ledger-service", resolveSaga),
  to("dead-letter", listDeadLetters),
  to("dead-letter", groupDeadLetters),
  to("dead-letter", showDeadLetter),
  to("dead-letter", editDeadLetter),
  to("dead-letter", dryRunDeadLetter),
  to("dead-letter", replayDeadLetter),
  to("dead-letter", discardDeadLetter),
  to("dead-letter", startBulkReplay),
  to("dead-letter", listBulkReplays),
  to("dead-letter", showBulkReplay),
  to("dead-letter", cancelBulkReplay),
];

/** What the public API consists of: these routes, and the WebSocket, which is no route to pass on. */
export const definitionsOf = (routes: readonly GatewayRoute[]): RouteConfig[] => [
  ...routes.map(({ definition }) => definition),
  emotionSocket,
];
