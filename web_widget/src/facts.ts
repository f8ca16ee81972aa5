/** The checked crisis facts bundled with both scripts. */
import type { CrisisCard } from "./core/protocol";
import { crisisNow } from "./core/crisis";
import type { CrisisFacts } from "./core/crisis";
import facts from "./crisis.json";
import { crisis } from "./text/da";

export const staticCrisis = (): CrisisCard => crisisNow(facts as CrisisFacts, new Date(), crisis.hours);
