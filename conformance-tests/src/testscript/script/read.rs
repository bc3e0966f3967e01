//! Reading a script from its tree.

use samenhang_profiles::document::{Document, Node};

use super::{Action, Assertion, Check, Operation, Script, Test, Variable};
use crate::testscript::error::TestScriptError;

/// Rules of Touchstone as assertions name them.
const ASSERT_RULE: &str =
    "http://touchstone.aegis.net/touchstone/fhir/testing/StructureDefinition/testscript-assert-rule";

/// Makes a check of the text that it looks at.
type Make = fn(String) -> Check;

pub(super) fn script(document: &Document<'_>) -> Result<Script, TestScriptError> {
    let root = document.root();
    if root.resource_type() != "TestScript" {
        return Err(TestScriptError::OtherResource);
    }
    let id = text(root, "id").or_else(|| text(root, "name"));
    let mut script = Script {
        id: id.unwrap_or_default(),
        title: text(root, "title").unwrap_or_default(),
        variables: root.children_named("variable").map(variable).collect(),
        ..Script::default()
    };
    for profile in root.children_named("profile") {
        // A canonical that stands where STU3 and R4 have a Reference, as Touchstone takes it, or the Reference.
        let canonical = text(profile, "reference").or_else(|| text(profile, "value"));
        let canonical = canonical.or_else(|| profile.primitive().map(str::to_owned));
        if let (Some(id), Some(canonical)) = (text(profile, "id"), canonical) {
            script.profiles.insert(id, canonical);
        }
    }
    for fixture in root.children_named("fixture") {
        let place = fixture
            .child("resource")
            .and_then(|resource| text(resource, "reference"));
        if let (Some(id), Some(place)) = (text(fixture, "id"), place) {
            script.fixtures.insert(id, place);
        }
    }
    script.setup = root.child("setup").map(actions).unwrap_or_default();
    script.teardown = root.child("teardown").map(actions).unwrap_or_default();
    script.tests = root
        .children_named("test")
        .map(|test| Test {
            name: text(test, "name").unwrap_or_default(),
            actions: actions(test),
        })
        .collect();
    Ok(script)
}

fn text(node: Node<'_>, name: &str) -> Option<String> {
    node.text(name).map(str::to_owned)
}

fn flag(node: Node<'_>, name: &str) -> bool {
    node.text(name) == Some("true")
}

fn variable(node: Node<'_>) -> Variable {
    Variable {
        name: text(node, "name").unwrap_or_default(),
        default: text(node, "defaultValue"),
        source: text(node, "sourceId"),
        expression: text(node, "expression"),
        path: text(node, "path"),
        header: text(node, "headerField"),
    }
}

fn actions(of: Node<'_>) -> Vec<Action> {
    let action = |node: Node<'_>| match (node.child("operation"), node.child("assert")) {
        (Some(node), _) => Action::Operation(Box::new(operation(node))),
        (None, Some(node)) => Action::Assert(Box::new(assertion(node))),
        (None, None) => Action::Unknown,
    };
    of.children_named("action").map(action).collect()
}

fn operation(node: Node<'_>) -> Operation {
    let kind = node.child("type").and_then(|coding| text(coding, "code"));
    let headers = node.children_named("requestHeader");
    Operation {
        kind: kind.unwrap_or_default(),
        resource: text(node, "resource"),
        description: text(node, "description").unwrap_or_default(),
        accept: text(node, "accept"),
        content_type: text(node, "contentType"),
        params: text(node, "params"),
        url: text(node, "url"),
        method: text(node, "method"),
        source: text(node, "sourceId"),
        target: text(node, "targetId"),
        response_id: text(node, "responseId"),
        request_id: text(node, "requestId"),
        headers: headers
            .filter_map(|header| Some((text(header, "field")?, text(header, "value")?)))
            .collect(),
    }
}

fn assertion(node: Node<'_>) -> Assertion {
    Assertion {
        label: text(node, "label"),
        description: text(node, "description").unwrap_or_default(),
        of_request: node.text("direction") == Some("request"),
        source: text(node, "sourceId"),
        operator: text(node, "operator"),
        value: text(node, "value"),
        check: check(node),
        stop_on_fail: flag(node, "stopTestOnFail"),
        warning_only: flag(node, "warningOnly"),
    }
}

/// What an assertion looks at: it names one thing (tst-5 and the like).
fn check(node: Node<'_>) -> Check {
    if let Some(rule) = rule(node) {
        return Check::Rule(rule);
    }
    let own = text(node, "expression").or_else(|| text(node, "path"));
    if let Some(source) = text(node, "compareToSourceId") {
        let other = text(node, "compareToSourceExpression").or_else(|| text(node, "compareToSourcePath"));
        return match (own, other) {
            (Some(own), Some(other)) => Check::CompareTo { own, source, other },
            _ => Check::Other("compareToSourceId"),
        };
    }
    let kinds: [(&str, Make); 9] = [
        ("expression", Check::Expression),
        ("headerField", Check::Header),
        ("path", Check::Path),
        ("responseCode", Check::ResponseCode),
        ("response", Check::Response),
        ("resource", Check::Resource),
        ("contentType", Check::ContentType),
        ("requestURL", Check::RequestUrl),
        ("requestMethod", Check::RequestMethod),
    ];
    for (name, make) in kinds {
        if let Some(found) = text(node, name) {
            return make(found);
        }
    }
    if let Some(profile) = text(node, "validateProfileId") {
        return Check::ValidateProfile(profile);
    }
    if flag(node, "navigationLinks") {
        return Check::NavigationLinks;
    }
    for name in ["minimumId", "rule", "ruleset"] {
        if node.child(name).is_some() {
            return Check::Other(name);
        }
    }
    Check::Other("an assertion of an unknown kind")
}

/// The id of the rule of Touchstone that an assertion names.
fn rule(node: Node<'_>) -> Option<String> {
    let extension = node
        .children_named("extension")
        .find(|extension| extension.text("url") == Some(ASSERT_RULE))?;
    let id = extension
        .children_named("extension")
        .find(|part| part.text("url") == Some("ruleId"))?;
    ["valueId", "valueString"]
        .into_iter()
        .find_map(|name| text(id, name))
}
