# Around every page.
skip = Naar de inhoud
logged-in = Aangemeld als
logout = Afmelden
login = Aanmelden
logged-out = Afgemeld
logged-out-text = De sessie is afgelopen. Alles wat erin te zien was, is weg.
login-failed = Aanmelden is niet gelukt
directive-permit = toegestaan
directive-deny = niet toegestaan
demo = Demonstratie met verzonnen patiënten. U bent vanzelf aangemeld.
disclaimer = Getoond zoals de bronnen het gaven. Samenhang ordent en koppelt, en verandert of beoordeelt niets.
session-over = De sessie is afgelopen. Wat hier stond is weg.
broken = De verbinding is verbroken voordat alle bronnen hadden geantwoord. Het overzicht is onvolledig.
again = Nieuwe vraag
print = Afdrukken

# The form.
ask = Wat is er over deze patiënt bekend?
lead = Eén vraag. Samenhang zoekt de bronhouders, volgt de keuze van de patiënt en bevraagt alle bronnen tegelijk.
number = Burgerservicenummer (BSN)
number-hint = Negen cijfers.
birth-date = Geboortedatum (niet verplicht)
birth-date-hint = Om de patiënt van elke bron mee te controleren.
purpose = Doel
treatment = Behandeling
coordination = Coördinatie van zorg
submit = Vraag op
refresh-choice = Bronhouders opnieuw bevragen, ook als het antwoord hier net is getoond

# What is wrong.
trouble = Er is geen antwoord

# The context of the patient.
patient = Patiënt
patient-unknown = Naam nog niet ontvangen
patient-not-received = Naam niet ontvangen
born = Geboren
sex = Geslacht
sex-male = man
sex-female = vrouw
sex-other = anders
sex-unknown = onbekend
deceased = Overleden
number-masked = BSN
number-show = BSN tonen
demographics-differ = bronnen verschillen over de persoonsgegevens
first = Eerst weten
first-more = nog { $count } in de rubrieken
first-none = Geen waarschuwingen of behandelaanwijzingen ontvangen.

# Completeness.
completeness = Volledigheid
busy = Bronnen worden bevraagd…
locating = Bronhouders worden gezocht…
ready = Het overzicht is volledig opgebouwd.
arrived = { $value } bronhouders hebben geantwoord.
show-final = Alle antwoorden zijn binnen: toon het samengevoegde overzicht
complete = Compleet
incomplete = Onvolledig
offered = Alles ontvangen wat de bronhouders aanbieden
holders-done = { $done } van { $all } bronhouders gaven alles wat zij aanbieden
not-offered = { $count ->
    [one] één keer biedt een bronhouder een soort gegevens niet aan
   *[other] { $count } keer biedt een bronhouder een soort gegevens niet aan
}
matrix = Wat is er van elke bronhouder ontvangen?
category = Soort gegevens
retrieved-at = opgehaald om { $value }
made-at = Opgevraagd op
shown-again = De bronhouders zijn nu niet opnieuw bevraagd. Dit is in deze sessie opgehaald om { $value }. Toestemming is nu wel opnieuw getoetst.
refresh = Opnieuw ophalen

# The pages about a patient.
pages = Onderdelen van het overzicht
medication = Medicatie
results = Laboratorium
timeline = Tijdlijn
overview = Overzicht
situations = Situatie
sections = Rubrieken

# Items.
date = Datum
no-date = geen datum
holder = Bronhouder
recorded-by = vastgelegd door { $value }
role-patient = patiënt
role-related-person = naaste
role-practitioner = zorgverlener
role-organization = organisatie
as-received = zoals ontvangen
as-received-means = Deze bron gebruikt een oudere FHIR-versie; het gegeven is niet vertaald.
lifted = omgezet
lifted-means = Deze bron gebruikt een oudere FHIR-versie; het gegeven is omgezet. Het origineel is bewaard.
shared = gemeld door { $count } bronnen
conflict = verschillen
conflict-means = Bronnen spreken elkaar hier tegen. Kijk naar beide.
nothing = Geen gegevens beschikbaar.
nothing-yet = Nog geen gegevens ontvangen.
unknown = Niets ontvangen; niet alle bronnen hebben volledig geantwoord. Dit betekent niet dat er niets is.
show-all = Toon alle { $count } in { $section }
left-out-status = { $count } niet getoond in deze situatie, om hun status
left-out-older = { $count } niet getoond in deze situatie, ouder dan { $days } dagen
left-out-sections = Niet in deze situatie
left-out-nothing-lost = Niets is weg: onder Alles staat het geheel.
page-of = { $from } tot en met { $to } van { $all }
previous = Vorige
next = Volgende
back = Terug naar het overzicht

# Keyboard.
keys = Toetsen
keys-lead = Zonder hulptoets, behalve in een invulveld.
keys-off = Toetsen uitzetten
keys-on = Toetsen aanzetten
keys-situation = situatie
keys-pages = onderdeel
keys-matrix = volledigheid openen of sluiten

# One record with what belongs to it.
record = Gegeven en herkomst
record-alone = Geen andere bron meldt ditzelfde gegeven.
record-together = { $count } meldingen zijn samengevoegd als één gegeven. De eerste staat voor de andere.
record-why = Waarom staan deze bij elkaar?
record-rule = Regel
record-policy = Beleid
record-evidence = Bewijs
record-compared = Vergeleken
record-field = Veld
record-differs = verschilt
record-side = Naast elkaar
record-conflicts = Spreekt tegen
record-like = Lijkt op, en is niet samengevoegd
record-unlinked = Door een mens uit elkaar gehouden
record-originals = De originelen, zoals ontvangen
record-original-of = Origineel van { $value }
record-readable = Leesbaar
record-fhir = FHIR
record-masked = Het BSN is hier afgedekt.
record-short = Dit origineel is te groot om hier geheel te tonen.
record-address = Adres bij de bron
record-received = Ontvangen
tier-record = hetzelfde gegeven
tier-declared = de bron zegt dat het een kopie of versie is
tier-identifier = hetzelfde kenmerk
tier-fact = dezelfde inhoud op elk vergeleken veld
tier-translated = dezelfde inhoud, via een codevertaling
outcome-same = gelijk
outcome-equivalent = gelijk via een codevertaling
outcome-open = een van beide zegt minder
outcome-near = lijkt erop
outcome-apart = verschilt

# A person who says that two are not the same.
apart = Dit is niet hetzelfde
apart-lead = Zeg welk gegeven niet bij het eerste hoort en waarom. Het geldt voor elk later antwoord over deze patiënt op deze server, en u kunt het terugnemen.
apart-which = Welk gegeven hoort er niet bij?
apart-why = Waarom?
apart-submit = Houd ze uit elkaar
apart-withdraw = Toch hetzelfde: neem dit terug
apart-done = De gegevens worden uit elkaar gehouden.
apart-withdrawn = De correctie is teruggenomen.

# Medication.
medication-lead = Per behandeling, in de groepen van Medicatieproces 9. Berekend op { $value }; de lijn is dat moment.
medication-what = Bouwsteen
medication-period = Periode
medication-phase = Stand
medication-from = vanaf { $value }
medication-until = tot { $value }
medication-open = geen periode
medication-beside = Medicatie buiten de behandelingen
kind-medication-agreement = medicatieafspraak
kind-administration-agreement = toedieningsafspraak
kind-variable-dosing-regimen = wisselend doseerschema
kind-medication-use = gebruik
kind-dispense-request = verstrekkingsverzoek
kind-medication-dispense = verstrekking
kind-administration = toediening
kind-medication-proposal = voorstel

# Laboratory.
results-lead = Eén grafiek per bepaling en eenheid. Waarden, vlaggen en referentiewaarden staan er zoals de bron ze gaf; er is niets omgerekend.
results-chart = { $test }, { $count } uitslagen van { $from } tot { $to }, in { $unit }; de tabel eronder zegt hetzelfde.
results-value = Uitslag
results-flag = Vlag
results-range = Referentie
results-no-unit = geen eenheid
results-single = Losse uitslagen
results-others = { $count } uitslagen in tekst of code

# Timeline.
timeline-lead = Alles op volgorde van datum, het nieuwste eerst.
timeline-period = Periode
timeline-24h = 24 uur
timeline-7d = 7 dagen
timeline-3m = 3 maanden
timeline-1y = 1 jaar
timeline-all = alles
timeline-apply = Toon
timeline-any-holder = alle bronhouders
timeline-any-section = alle rubrieken
timeline-none = Niets in deze periode met deze keuze.
timeline-undated = { $count } gegevens zonder datum staan alleen onder alles.
timeline-count = { $count ->
    [one] één gegeven
   *[other] { $count } gegevens
}

# For the patient, in plain words.
own-title = Uw gegevens
own-welcome = Hier ziet u wat zorgverleners over u hebben opgeschreven, en wie er naar uw gegevens keek.
own-overview = Mijn overzicht
own-overview-means = Wat ziekenhuizen, huisartsen en andere zorgverleners over u weten.
own-log = Wie keek in mijn gegevens?
own-log-means = Wanneer iemand naar uw gegevens keek, en waarom.
own-come-in = Deze pagina is voor u als patiënt. Log in bij uw persoonlijke gezondheidsomgeving (PGO) of bij het portaal van uw zorgverlener. Kies daar voor deze pagina.
own-demo = Kijken als patiënt (demonstratie)
own-demo-means = Alleen in de demonstratie, met een verzonnen patiënt. In het echt komt de patiënt van een PGO of portaal.
own-demo-banner = Demonstratie: u kijkt nu als een verzonnen patiënt. Meld u af om terug te gaan.
own-demo-enter = Demonstratie met verzonnen patiënten.
own-demo-link = Kijk als patiënt
own-you = patiënt
own-enter = Kijk als deze patiënt
own-lead = Dit overzicht is nu opgehaald bij uw zorgverleners. Klopt er iets niet, of begrijpt u iets niet? Vraag het aan de zorgverlener die erbij staat.
own-who = Over wie dit gaat
own-holders = Van wie komen deze gegevens?
own-no-holders = Wij vonden geen zorgverlener die gegevens over u mag laten zien.
own-holder-all = { $value }: alles is gekomen.
own-holder-part = { $holder }: niet alles is gekomen. { $why }
own-status-refused = De zorgverlener gaf de gegevens niet.
own-status-not-localised = Deze zorgverlener is niet gevonden.
own-status-unsupported = De zorgverlener kan deze gegevens nog niet laten zien.
own-status-timed-out = Het antwoord kwam te laat. Probeer het later nog eens.
own-status-failed = Er ging iets mis. Probeer het later nog eens.
own-status-stale = U ziet wat de zorgverlener kort geleden gaf.
own-status-skipped = Deze zorgverlener is nu niet gevraagd. Probeer het later nog eens.
own-status-answered = Alles is gekomen.
own-status-empty = Er zijn geen gegevens.
plain-patient = Uw gegevens en contactpersonen
plain-problems = Ziektes en klachten
plain-medication = Medicijnen
plain-allergies = Allergieën
plain-results = Uitslagen van bloed en ander onderzoek
plain-vital-signs = Metingen, zoals bloeddruk en gewicht
plain-vaccinations = Inentingen
plain-procedures = Operaties en behandelingen
plain-encounters = Afspraken en opnames
plain-reports = Brieven en verslagen
plain-imaging = Foto's en scans
plain-plan-of-care = Zorg die gepland is
plain-treatment-directives = Afspraken over behandelen, zoals reanimeren
plain-advance-directives = Uw wensen op papier
plain-devices = Hulpmiddelen en implantaten
plain-alerts = Waar zorgverleners op moeten letten
plain-social-history = Hoe u leeft
plain-functional-status = Hoe het met u gaat
plain-nutrition = Eten en drinken
plain-care-team = Uw zorgverleners
plain-payers = Uw verzekering
plain-other = Andere gegevens

# Who looked, for the patient.
log-lead = Elke keer dat iemand hier naar uw gegevens vraagt, schrijven wij dat op. U ziet het nieuwste bovenaan. U ziet ook uw eigen bezoek.
log-when = Wanneer
log-who = Wie
log-why = Waarom
log-what = Wat is gevraagd
log-ended = Wat gebeurde er
log-times = { $count } keer
log-from-to = { $from } tot { $to }
log-shown = gegevens laten zien
log-shown-of = { $holder }: { $count ->
    [one] één gegeven
   *[other] { $count } gegevens
}
log-nothing = mocht, en er is niets getoond
log-done = gedaan
log-refused = mocht niet, er is niets getoond
log-failed = lukte niet, er is niets getoond
log-empty = Niemand heeft hier naar uw gegevens gekeken.
log-earlier = Eerder
log-newest = Nieuwste
log-is-earlier = Dit is een eerder deel van de lijst.
log-questions = Klopt er iets niet, of wilt u de naam weten van wie keek? Vraag het aan de organisatie die in de lijst staat. Zij kan dat voor u nakijken.
who-you = u
who-system = een computersysteem
who-general-practitioner = huisarts
who-physician = arts
who-dentist = tandarts
who-midwife = verloskundige
who-physiotherapist = fysiotherapeut
who-pharmacist = apotheker
who-nurse = verpleegkundige
who-professional = zorgverlener
why-own = om uw eigen gegevens te bekijken
why-log = om te zien wie naar de gegevens keek
why-treatment = om u te behandelen
why-coordination = om uw zorg af te stemmen met anderen
why-correction = om een fout in het overzicht te verbeteren
why-unknown = niet opgeschreven
what-all = alles
what-log = deze lijst
what-unlinked = twee gegevens uit elkaar gehaald
what-relinked = twee gegevens weer bij elkaar gezet

# For the operator.
op-title = Beheer
op-lead = Hoe de bronhouders het doen. Alleen aantallen, tijden en codes; er staat niets over een patiënt op deze pagina.
op-server = Deze server
op-made-at = Gemaakt op
op-version = Versie
op-ready = Gereed
op-is-ready = ja
op-waits = nee, wacht op
op-directory = Adresboek bijgewerkt
op-never = nog nooit
op-organisations = { $count } organisaties
op-endpoints = { $count } adressen
op-holders = Bronhouders
op-holders-means = Elke bronhouder die sinds de start is bevraagd. Tijden zijn de mediaan, het 95e en het 99e percentiel van de laatste 256 aanroepen.
op-no-holders = Sinds de start is geen bronhouder bevraagd.
op-breaker = Stroomonderbreker
op-since = Sinds
op-start = de start
op-calls = Aanroepen
op-failures = Mislukt
op-latency = Tijd p50 / p95 / p99
op-last-success = Laatst gelukt
op-last-failure = Laatste fout
breaker-closed = gesloten: wordt bevraagd
breaker-open = open: wordt even niet bevraagd
breaker-half-open = halfopen: wordt geprobeerd
breaker-held = vastgezet: gaf gegevens van een andere patiënt
op-quality = Kwaliteit
op-quality-means = Waarin bronhouders afwijken van de specificatie, sinds de start. De codes staan in de catalogus.
op-no-quality = Sinds de start is geen afwijking gezien.
op-code = Code
op-quirk = Afwijking
op-rule = Wat ermee gebeurt
op-count = Aantal
op-stations = Quarantaine
op-stations-means = Wat datastations vasthouden. Een station is een eigen proces; dit komt uit het bestand dat het laatst is geschreven.
op-no-station = Er is geen station aangesloten (server.stations). Dat zegt niet dat er niets wordt vastgehouden.
op-station-unreadable = Het bestand van dit station is er niet of kan niet worden gelezen. Dat zegt niet dat er niets wordt vastgehouden.
op-told = Gemeld op
op-nothing-held = Er wordt niets vastgehouden.
op-stage = Stap
op-state = Stand
op-age = Oudste
op-refresh = Laad de cijfers van nu

# Documents.
documents = Documenten
documents-means = Een document wordt pas opgehaald als u het opent. Een PDF wordt als bestand aangeboden; bewaar het niet langer dan nodig.
document-open = Open document
document-open-title = Open document: { $value }
document-text = tekst
