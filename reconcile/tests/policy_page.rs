//! The page of the documentation that tells the policy is made from the policy.

use std::fmt::Write as _;
use std::path::Path;

use samenhang_reconcile::policy::{Criterion, Differs, Holds, Kind, Missing, Policy, Slot, Words};

const PAGE: &str = "/../docs/src/integrator/reconciliation-policy.md";

fn page(policy: &Policy) -> String {
    let mut page = format!(
        "# Reconciliation policy\n\n\
         Made from the files in `reconcile/policy` by `reconcile/tests/policy_page.rs`; do not edit it by hand. Version\n\
         {} of `{}`. How clusters and contradictions stand in an answer is told in [Lineage and clusters](lineage.md).\n\n\
         *In het kort: per soort gegeven staat hier wanneer twee vastleggingen hetzelfde feit zijn, wat ze uit elkaar houdt, wat een\n\
         tegenspraak is en welke vastlegging voor de andere staat. Er wordt nooit iets samengevoegd tot iets nieuws.*\n\n\
         Of every kind, also one that is not listed, records with equal content at two endpoints are one record, and so are\n\
         records with one business identifier, unless something below keeps them apart. Of a kind marked **same fact**, records\n\
         of different endpoints without a common identifier are joined too, when all that is listed agrees.\n\n\
         - **Nothing said**: *open* joins only when nothing else fits; *required* makes a possible duplicate at most; *apart*\n\
           keeps them apart.\n\
         - **Different**: *apart* makes two facts; *contradiction* makes two facts that are told to contradict each other when\n\
           nothing else differs; *told* makes one fact of which the difference can be seen.\n\
         - **May change**: a later version of one record may say something else.\n\
         - **Names one thing**: a number that few records share; it corroborates a declared origin.\n",
        policy.version, policy.name
    );
    for kind in &policy.kinds {
        describe(&mut page, kind);
    }
    page
}

fn describe(page: &mut String, kind: &Kind) {
    let types: Vec<String> = kind.types.iter().map(|name| format!("`{name}`")).collect();
    let _ = write!(
        page,
        "\n## {}\n\n*{}*. {}",
        first(&kind.label.en),
        first(&kind.label.nl),
        types.join(", ")
    );
    for condition in &kind.when {
        let codes: Vec<String> = condition.any.iter().map(|code| format!("`{code}`")).collect();
        let not = if condition.not { "without" } else { "with" };
        let _ = write!(page, ", {not} `{}`", condition.path);
        if !codes.is_empty() {
            let _ = write!(page, " {}", codes.join(" or "));
        }
    }
    let rule = if kind.same_fact {
        "**same fact**"
    } else {
        "by content or identifier only"
    };
    let _ = writeln!(page, ". Joined: {rule}. Name in rules: `{}`.\n", kind.name);
    if let Some(Words { nl, en }) = &kind.never {
        let _ = writeln!(page, "{en} *{nl}*\n");
    }
    page.push_str(
        "| What | Where | Compared as | Nothing said | Different | May change |\n|---|---|---|---|---|---|\n",
    );
    for slot in &kind.slots {
        row(page, slot);
    }
    let criteria: Vec<String> = kind.represent.iter().map(criterion).collect();
    let _ = writeln!(page, "\nStands for the others: {}.", criteria.join("; then "));
    if !kind.contradicts.is_empty() {
        let _ = writeln!(
            page,
            "\nCannot be true together with: `{}`.",
            kind.contradicts.join("`, `")
        );
    }
}

fn row(page: &mut String, slot: &Slot) {
    let paths: Vec<String> = slot.paths.iter().map(|path| format!("`{path}`")).collect();
    let holds = match slot.holds {
        Holds::Concept => "concept",
        Holds::Code => "as it stands",
        Holds::Flag => "yes or no",
        Holds::Time => "time",
        Holds::Start => "start",
        Holds::Value => "value",
        Holds::Components => "parts",
        Holds::Members => "results of the panel",
        Holds::Party => "number of a party",
        Holds::Identifier => "identifier",
        Holds::Content => "content",
    };
    let missing = match slot.missing {
        Missing::Open => "open",
        Missing::Required => "required",
        Missing::Apart => "apart",
    };
    let differs = match slot.differs {
        Differs::Apart => "apart",
        Differs::Conflict => "contradiction",
        Differs::Tell => "told",
    };
    let mut classes: Vec<String> = Vec::new();
    for (code, class) in &slot.classes {
        classes.push(format!("`{code}` is {class}"));
    }
    let classes = if classes.is_empty() {
        String::new()
    } else {
        format!(" ({})", classes.join(", "))
    };
    let one = if slot.names_one { "; names one thing" } else { "" };
    let may = if slot.may_change { "yes" } else { "" };
    let _ = writeln!(
        page,
        "| {} / *{}* | {} | {holds}{classes}{one} | {missing} | {differs} | {may} |",
        slot.label.en,
        slot.label.nl,
        paths.join(", else ")
    );
}

fn criterion(criterion: &Criterion) -> String {
    match criterion {
        Criterion::Readable => "what is shown in the version of the answer".to_owned(),
        Criterion::Own => "the holder's own over a copy".to_owned(),
        Criterion::First { path, codes } => format!("`{path}`: {}", codes.join(", ")),
        Criterion::Newest => "what was recorded last".to_owned(),
        Criterion::Richest => "what says most".to_owned(),
        Criterion::Native => "what was sent like this".to_owned(),
    }
}

fn first(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|letter| letter.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[test]
fn the_page_tells_the_policy() {
    let file = format!("{}{PAGE}", env!("CARGO_MANIFEST_DIR"));
    let page = page(Policy::shipped());
    if std::env::var("SAMENHANG_BLESS").is_ok_and(|value| value == "1") {
        std::fs::write(&file, &page).unwrap_or_else(|e| panic!("{e}"));
    }
    let there = std::fs::read_to_string(Path::new(&file)).unwrap_or_default();
    assert!(
        there == page,
        "the page differs from the policy: run this test with SAMENHANG_BLESS=1 and look at what changed"
    );
}
