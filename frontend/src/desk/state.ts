/** What the operator's screen shows: the shape of /desk/state.json (kindline/desk/state.py). */

export interface Step {
  id: string;
  branch: string;
  title: string;
  phrases: string[];
  ask: string[];
  hint: string;
  required: boolean;
  waits: boolean; // for a circumstance that is not there
  firm: boolean; // may not be left out
  done_at: string | null;
  skipped: string;
  clauses: string[];
  timer: string;
  done_by: string; // the deed that completes it, e.g. "identified"
  offers: string; // what the step has at hand: "conference"
  hold: string; // with it the client knows that he will wait (announced), or agrees to it (consent)
  spent: boolean; // it was done, but for a hold that is over: before the next one it is done anew
  after: string[];
  refused: string; // why it cannot be done now
}

export interface Ground {
  id: string;
  title: string;
  clause: string;
}

export interface Branch {
  id: string;
  title: string;
  key: string;
  taken: boolean;
  offered: boolean;
  ends_call: boolean;
  locks: string[];
  grounds: Ground[];
  steps: Step[];
}

export interface Timer {
  id: string;
  title: string;
  from_at: string;
  to_at: string | null;
  target_s: number | null;
  max_s: number | null;
  unlocks: boolean; // once it has run out, the talk may be ended
  clause: string;
}

export interface Requirement {
  kind: string; // step | field | fact
  id: string;
  title: string;
  clauses: string[];
}

export interface Outcome {
  id: string;
  title: string;
  missing: Requirement[];
}

export interface Guide {
  script: string;
  title: string;
  language: string;
  steps: Step[];
  branches: Branch[];
  branch: string;
  timers: Timer[];
  fields: Record<string, string>;
  outcomes: Outcome[];
  hung_up: boolean; // the client or the line ended the call, not an employee
}

export interface Colleague {
  id: number;
  name: string;
  number: number | null;
  state: string;
  about: string;
  mobile: string;
}

export interface Department {
  number: string;
  name: string;
  free: number;
}

export interface Away {
  id: number;
  name: string;
  about: string;
  deputies: Colleague[];
}

export interface Ways {
  blind: boolean;
  clause: string; // against a blind transfer
  reading: string;
  outside: boolean;
}

/** To whom a call may be passed on, and how: the shape of /desk/passing.json (kindline/desk/passing.py). */
export interface Whom {
  colleagues: Colleague[];
  departments: Department[];
  away: Away[];
  ways: Ways;
}

export interface Transfer {
  state: string; // ringing | talking | introduced | accepted
  target: string;
  from: string;
  employee: number | null;
  since: string | null;
  blind: boolean;
  aside: boolean; // the operator talks with the client, the colleague waits with music
  lacks: string; // what the standard asks for before the two are connected: answered | introduced | accepted | told
  screen: boolean; // who was called can say himself that he takes it
}

/** The holds of a talk, and what the standard says of them. */
export interface Holds {
  times: number;
  over_s: number; // how long those were that are over, seconds
  reminded_s: number | null; // how long this one had lasted when the operator was last reminded
  step: string; // of the guide, with which one comes back to the client
  max_s: number | null;
  clause: string; // of max_s
}

export interface Call {
  contact: string;
  channel: string;
  state: string;
  role: string; // operator | specialist | supervisor: who am I in it
  direction: string;
  caller: string;
  line: string;
  queue: string;
  queue_title: string;
  from_menu: string;
  started_at: string;
  enqueued_at: string | null;
  offered_at: string | null;
  answered_at: string | null;
  ended_at: string | null;
  closed: boolean;
  muted: boolean;
  held_since: string | null;
  hold: Holds | null; // null: nobody was put on hold in this talk
  conference_since: string | null; // the client, the operator and the colleague talk together
  secret_since: string | null; // a secret is being said: nothing is recorded
  transfer: Transfer | null;
  silence_since: string | null; // nobody has been heard on either side when this was noticed
  attempts: number; // to be heard by the client on a bad line
  handed_to: string; // the colleague who has taken the call from me
  outside: string; // the number outside that the client was passed on to
  media_lost: boolean;
  supervised: { name: string; mode: string; mine: boolean } | null; // a supervisor who is in the call
}

export interface AccountBrief {
  id: number;
  number: string;
  service: string;
  address: string;
  balance: string;
  balance_on: string;
  shown: boolean;
  meters: MeterRow[];
}

export interface MeterRow {
  field: string;
  title: string;
  unit: string;
  last: string;
  last_on: string;
  pending: { id: number; value: string; question: string } | null;
}

export interface ContactBrief {
  id: string;
  channel: string;
  direction: string;
  at: string;
  topic: string;
  outcome: string;
  summary: string;
  employee: string;
}

export interface AppealBrief {
  id: number;
  number: string;
  kind: string;
  topic: string;
  state: string;
  registered: string;
  limit: string;
  overdue: boolean;
  derivation: string[];
  clauses: string[];
}

export interface ClientBrief {
  id: number;
  name: string;
  about: string;
}

export interface Lock {
  action: string;
  open: boolean;
  why: string;
  clauses: string[];
  needs: string[];
}

export interface ClientCard extends ClientBrief {
  kind: string;
  address_as: string;
  language: string;
  residence: string;
  do_not_call: boolean;
  survey_consent: boolean;
  ways: string[];
  ways_known: [string, string][];
  phones: string[];
  emails: string[];
  accounts: AccountBrief[];
  contacts: ContactBrief[];
  appeals: AppealBrief[];
}

export interface VerdictRow {
  clause: string;
  text: string;
  verdict: string;
  observed: string;
  limit: string;
}

export interface Verdicts {
  contact: string;
  judged: boolean;
  met: number;
  not_measurable: number;
  rows: VerdictRow[]; // what was missed, then what was met
}

export interface CallbackBrief {
  id: number;
  phone: string;
  name: string;
  matter: string;
  due: string;
}

export interface Result {
  topic: number | null;
  outcome: string;
  summary: string;
  appeals: AppealBrief[];
  callbacks: CallbackBrief[];
}

export interface State {
  operator: {
    id: number;
    state: string;
    reason: string;
    since: string | null; // null: never at work yet
    forced_by: string; // who put him into this state, or the wanted one; empty: he himself
    wanted: string; // a pause or leaving that was asked for in the talk
    until: string | null;
    registered: boolean;
    page_registered: boolean; // the browser's phone, not the one on the table
    page: string; // the page that has the browser's phone
    contact: string | null;
  };
  phone: { up: boolean; reason: string };
  queue: { waiting: number; longest_since: string | null };
  emergencies?: string[]; // what callers hear before the menu, as it is told to operators
  call: Call | null;
  guide: Guide | null;
  client: ClientCard | null;
  presumed: boolean; // known by the number alone, not yet taken for this contact
  candidates: ClientBrief[];
  lock: Lock | null;
  result: Result | null;
  verdicts: Verdicts | null;
  promise: string; // the time proposed for a callback, as its input takes it
  todo: { callbacks: number; voicemail: number };
  documents?: DocumentSet[]; // of a visit
}

/** The documents of a service as they were checked at the counter. */
export interface DocumentSet {
  service: string;
  marks: Record<string, string>;
  due_on: string;
  number: string;
}

/** What a visitor is told of a service, and what he must bring. */
export interface Passport {
  id: string;
  title: string;
  documents: { id: string; title: string }[];
  stages: string[];
  terms: { title: string; text: string }[];
  result: string;
}

export interface FieldSpec {
  id: string;
  label: string;
  type: string; // text | tel | email | textarea | datetime-local | select
  autocomplete?: string;
  options?: { id: string; title: string }[];
}

export interface AppealField {
  id: string;
  required: boolean;
  none_allowed: boolean;
  clauses: string[];
}

/** A call to be made: where that is asked for, and what is posted there. */
export interface ToDial {
  url: string;
  body: Record<string, unknown>;
}

/** What does not change while the page stands (the page's own JSON). */
export interface Config {
  language: string;
  profile: { id: string; title: string; language: string; zone: string };
  employee: { id: number; name: string; number: number | null };
  urls: { state: string; passing: string; operator: string; page: string; phone: string; calls: string; clients: string; address: string; callbacks: string; live: string; call_out: string; login: string; clause: string; contact: string; visits?: string; visit_new?: string; memo?: string; blank?: string; money?: string; bill?: string };
  csrf: string;
  mobile: boolean; // the employee's mobile is known
  dial: ToDial | null; // the call that was asked for on another page
  phone: { uri: string; socket: string; others: string[]; user: string } | null;
  words: Record<string, string>;
  fields: FieldSpec[];
  topics: { id: number; title: string; competence: string }[];
  reasons: { id: string; title: string }[];
  told: Record<string, string>; // reasons that the switchboard writes
  callback: { fields: AppealField[] };
  appeal: { kinds: { id: string; title: string }[]; subjects: { id: string; title: string }[]; fields: AppealField[]; ways: { id: string; title: string; needs: string }[] };
  bodies: { id: number; name: string; competence: string; phone: string }[];
  services: Passport[];
}

/** The key of a step among all: branches may use the same ids. */
export function keyOf(step: Pick<Step, "branch" | "id">): string {
  return `${step.branch}/${step.id}`;
}
