# Around every page.
skip = Skip to content
logged-in = Logged in as
login = Log in
logged-out = Logged out
logged-out-text = The session has ended. Everything that was to be seen in it is gone.
login-failed = Logging in failed
directive-permit = permitted
directive-deny = not permitted
logout = Log out
demo = Demonstration with invented patients. You are logged in automatically.
disclaimer = Shown as the sources gave it. Samenhang orders and links, and changes or judges nothing.
session-over = The session has ended. What stood here is gone.
broken = The connection broke before all sources had answered. The overview is incomplete.
again = New question
print = Print

# The form.
ask = What is known about this patient?
lead = One question. Samenhang finds the holders, follows the patient's choice, and asks all sources at once.
number = Citizen service number (BSN)
number-hint = Nine digits.
birth-date = Date of birth (optional)
birth-date-hint = To check the patient of each source against.
purpose = Purpose
treatment = Treatment
coordination = Coordination of care
submit = Ask
refresh-choice = Ask the holders again, even if the answer was shown here a moment ago

# What is wrong.
trouble = There is no answer

# The context of the patient.
patient = Patient
patient-unknown = Name not received yet
patient-not-received = Name not received
born = Born
sex = Sex
sex-male = male
sex-female = female
sex-other = other
sex-unknown = unknown
deceased = Deceased
number-masked = BSN
number-show = Show the number
demographics-differ = sources differ about the demographics
first = To know first
first-more = { $count } more in the sections
first-none = No alerts or treatment directives received.

# Completeness.
completeness = Completeness
busy = Sources are being asked…
locating = Holders are being found…
ready = The overview is fully built.
arrived = { $value } holders have answered.
show-final = All answers are in: show the merged overview
complete = Complete
incomplete = Incomplete
offered = Everything that the holders offer was received
holders-done = { $done } of { $all } holders gave all that they offer
not-offered = { $count ->
    [one] once a holder does not offer a kind of data
   *[other] { $count } times a holder does not offer a kind of data
}
matrix = What was received from each holder?
category = Kind of data
retrieved-at = retrieved at { $value }
made-at = Asked at
shown-again = The holders were not asked again just now. This was retrieved in this session at { $value }. Consent was checked again just now.
refresh = Retrieve again

# The pages about a patient.
pages = Parts of the overview
medication = Medication
results = Laboratory
timeline = Timeline
overview = Overview
situations = Situation
sections = Sections

# Items.
date = Date
no-date = no date
holder = Holder
recorded-by = recorded by { $value }
role-patient = patient
role-related-person = related person
role-practitioner = professional
role-organization = organisation
as-received = as received
as-received-means = This source speaks an older version of FHIR; the data was not translated.
lifted = converted
lifted-means = This source speaks an older version of FHIR; the data was converted. The original was kept.
shared = reported by { $count } sources
conflict = differences
conflict-means = Sources contradict each other here. Look at both.
nothing = No data available.
nothing-yet = No data received yet.
unknown = Nothing received; not every source answered in full. This does not mean that there is nothing.
show-all = Show all { $count } in { $section }
left-out-status = { $count } not shown in this situation, for their status
left-out-older = { $count } not shown in this situation, older than { $days } days
left-out-sections = Not in this situation
left-out-nothing-lost = Nothing is lost: Everything shows the whole.
page-of = { $from } to { $to } of { $all }
previous = Previous
next = Next
back = Back to the overview

# Keyboard.
keys = Keys
keys-lead = Without a modifier key, except in a field.
keys-off = Turn keys off
keys-on = Turn keys on
keys-situation = situation
keys-pages = part
keys-matrix = open or close completeness

# One record with what belongs to it.
record = Record and origin
record-alone = No other source reports this same record.
record-together = { $count } reports were joined as one fact. The first stands for the others.
record-why = Why do these stand together?
record-rule = Rule
record-policy = Policy
record-evidence = Evidence
record-compared = Compared
record-field = Field
record-differs = differs
record-side = Side by side
record-conflicts = Contradicts
record-like = Looks like, and was not joined with
record-unlinked = Kept apart by a person
record-originals = The originals, as received
record-original-of = Original of { $value }
record-readable = Readable
record-fhir = FHIR
record-masked = The BSN is masked here.
record-short = This original is too large to be shown here in full.
record-address = Address at the source
record-received = Received
tier-record = the same record
tier-declared = the source says that it is a copy or version
tier-identifier = the same identifier
tier-fact = the same content in every field that was compared
tier-translated = the same content, by a translation of codes
outcome-same = same
outcome-equivalent = same by a translation of codes
outcome-open = one of them says less
outcome-near = looks alike
outcome-apart = differs

# A person who says that two are not the same.
apart = These are not the same
apart-lead = Say which record does not belong with the first, and why. It holds for every later answer about this patient on this server, and you can take it back.
apart-which = Which record does not belong?
apart-why = Why?
apart-submit = Keep them apart
apart-withdraw = The same after all: take this back
apart-done = The records are kept apart.
apart-withdrawn = The correction was taken back.

# Medication.
medication-lead = By treatment, in the groups of Medicatieproces 9. Computed at { $value }; the line is that moment.
medication-what = Building block
medication-period = Period
medication-phase = State
medication-from = from { $value }
medication-until = until { $value }
medication-open = no period
medication-beside = Medication outside the treatments
kind-medication-agreement = medication agreement
kind-administration-agreement = administration agreement
kind-variable-dosing-regimen = variable dosing regimen
kind-medication-use = use
kind-dispense-request = dispense request
kind-medication-dispense = dispense
kind-administration = administration
kind-medication-proposal = proposal

# Laboratory.
results-lead = One chart for each test and unit. Values, flags and reference ranges stand as the source gave them; nothing was converted.
results-chart = { $test }, { $count } results from { $from } to { $to }, in { $unit }; the table below says the same.
results-value = Result
results-flag = Flag
results-range = Reference
results-no-unit = no unit
results-single = Single results
results-others = { $count } results in text or code

# Timeline.
timeline-lead = Everything by date, the newest first.
timeline-period = Period
timeline-24h = 24 hours
timeline-7d = 7 days
timeline-3m = 3 months
timeline-1y = 1 year
timeline-all = all
timeline-apply = Show
timeline-any-holder = all holders
timeline-any-section = all sections
timeline-none = Nothing in this period with this choice.
timeline-undated = { $count } records without a date stand under all only.
timeline-count = { $count ->
    [one] one record
   *[other] { $count } records
}

# For the patient, in plain words.
own-title = Your data
own-welcome = Here you see what care professionals wrote down about you, and who looked at your data.
own-overview = My overview
own-overview-means = What hospitals, GPs and other care providers know about you.
own-log = Who looked at my data?
own-log-means = When somebody looked at your data, and why.
own-come-in = This page is for you as a patient. Log in to your personal health environment (PGO) or to the portal of your care provider. Choose this page there.
own-demo = Look as a patient (demonstration)
own-demo-means = In the demonstration only, with an invented patient. In real life the patient comes from a PGO or a portal.
own-demo-banner = Demonstration: you are looking as an invented patient. Log out to go back.
own-demo-enter = Demonstration with invented patients.
own-demo-link = Look as a patient
own-you = patient
own-enter = Look as this patient
own-lead = This overview was fetched from your care providers just now. Is something wrong, or not clear? Ask the care provider that stands with it.
own-who = Who this is about
own-holders = Where do these data come from?
own-no-holders = We found no care provider that may show data about you.
own-holder-all = { $value }: everything came.
own-holder-part = { $holder }: not everything came. { $why }
own-status-refused = The care provider did not give the data.
own-status-not-localised = This care provider was not found.
own-status-unsupported = The care provider cannot show these data yet.
own-status-timed-out = The answer came too late. Try again later.
own-status-failed = Something went wrong. Try again later.
own-status-stale = You see what the care provider gave a short while ago.
own-status-skipped = This care provider was not asked now. Try again later.
own-status-answered = Everything came.
own-status-empty = There are no data.
plain-patient = Your details and contact persons
plain-problems = Illnesses and complaints
plain-medication = Medicines
plain-allergies = Allergies
plain-results = Results of blood tests and other tests
plain-vital-signs = Measurements, such as blood pressure and weight
plain-vaccinations = Vaccinations
plain-procedures = Operations and treatments
plain-encounters = Appointments and admissions
plain-reports = Letters and reports
plain-imaging = X-rays and scans
plain-plan-of-care = Care that is planned
plain-treatment-directives = Agreements about treatment, such as resuscitation
plain-advance-directives = Your wishes on paper
plain-devices = Aids and implants
plain-alerts = What care professionals must watch for
plain-social-history = How you live
plain-functional-status = How you are doing
plain-nutrition = Food and drink
plain-care-team = Your care professionals
plain-payers = Your insurance
plain-other = Other data

# Who looked, for the patient.
log-lead = Each time somebody asks for your data here, we write it down. The newest is at the top. Your own visits are in the list too.
log-when = When
log-who = Who
log-why = Why
log-what = What was asked
log-ended = What happened
log-times = { $count } times
log-from-to = { $from } to { $to }
log-shown = data shown
log-shown-of = { $holder }: { $count ->
    [one] one record
   *[other] { $count } records
}
log-nothing = allowed, and nothing was shown
log-done = done
log-refused = not allowed, nothing was shown
log-failed = failed, nothing was shown
log-empty = Nobody looked at your data here.
log-earlier = Earlier
log-newest = Newest
log-is-earlier = This is an earlier part of the list.
log-questions = Is something wrong, or do you want to know the name of who looked? Ask the organisation in the list. It can look that up for you.
who-you = you
who-system = a computer system
who-general-practitioner = GP
who-physician = physician
who-dentist = dentist
who-midwife = midwife
who-physiotherapist = physiotherapist
who-pharmacist = pharmacist
who-nurse = nurse
who-professional = care professional
why-own = to see your own data
why-log = to see who looked at the data
why-treatment = to treat you
why-coordination = to coordinate your care with others
why-correction = to correct an error in the overview
why-unknown = not recorded
what-all = everything
what-log = this list
what-unlinked = two records kept apart
what-relinked = two records put together again

# For the operator.
op-title = Operations
op-lead = How the holders do. Numbers, times and codes only; nothing on this page is about a patient.
op-server = This server
op-made-at = Made at
op-version = Version
op-ready = Ready
op-is-ready = yes
op-waits = no, waits for
op-directory = Directory updated
op-never = never yet
op-organisations = { $count } organisations
op-endpoints = { $count } endpoints
op-holders = Holders
op-holders-means = Every holder that was asked since the start. Times are the median, the 95th and the 99th percentile of the last 256 calls.
op-no-holders = No holder was asked since the start.
op-breaker = Circuit breaker
op-since = Since
op-start = the start
op-calls = Calls
op-failures = Failed
op-latency = Time p50 / p95 / p99
op-last-success = Last success
op-last-failure = Last failure
breaker-closed = closed: is asked
breaker-open = open: is not asked for a moment
breaker-half-open = half open: is being tried
breaker-held = held: gave another patient's data
op-quality = Quality
op-quality-means = In what ways holders differ from the specification, since the start. The codes are in the catalogue.
op-no-quality = No difference was seen since the start.
op-code = Code
op-quirk = Difference
op-rule = What is done about it
op-count = Count
op-stations = Quarantine
op-stations-means = What data stations hold. A station is a process of its own; this comes from the file that was written last.
op-no-station = No station is connected (server.stations). This does not say that nothing is held.
op-station-unreadable = The file of this station is not there or cannot be read. This does not say that nothing is held.
op-told = Told at
op-nothing-held = Nothing is held.
op-stage = Stage
op-state = State
op-age = Oldest
op-refresh = Load the present figures

# Documents.
documents = Documents
documents-means = A document is fetched when you open it, and not before. A PDF is offered as a file; do not keep it longer than needed.
document-open = Open document
document-open-title = Open document: { $value }
document-text = text
