# Around every page.
skip = Naar de inhoud
logged-in = Aangemeld als
logout = Afmelden
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
born = Geboren
sex = Geslacht
sex-male = man
sex-female = vrouw
sex-other = anders
sex-unknown = onbekend
deceased = Overleden
number-masked = BSN
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

